/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <pinwheel/sink.h>

#include "common/rows.h"
#include "common/summary.h"

#include <string.h>

/* statsink: minimum, maximum, mean, standard deviation and count of each array. */
struct _PinwheelStatSink
{
  PinwheelSink parent_instance;

  /* From start() to stop(): the streaming thread's, then commit()'s. */
  GPtrArray *summaries; /* (element-type PinwheelSummary) owned, one per array */
  gpointer scratch;
};

G_DECLARE_FINAL_TYPE (PinwheelStatSink, pinwheel_stat_sink, PINWHEEL, STAT_SINK, PinwheelSink)
G_DEFINE_FINAL_TYPE (PinwheelStatSink, pinwheel_stat_sink, PINWHEEL_TYPE_SINK)

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "statsink",
  .group = "sink",
  .summary = "Computes statistics of each array",
  .description
  = "Tells count, number of NaN, minimum, maximum, mean and standard deviation (of the population, "
    "as numpy.std) of the elements of each array, when the run has succeeded. NaN are counted and "
    "left out of the rest, as by numpy.nanmean and its like. The result is the same to the last "
    "bit "
    "whatever the chunk length.",
  .example = "testsrc format=\"x:f32[3,*]\" items=1000 pattern=random ! statsink",
};

static gboolean
pinwheel_stat_sink_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));

  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    {
      const PinwheelArray *array = pinwheel_format_array (format, i);

      if (pinwheel_dtype_class (array->dtype) != PINWHEEL_DTYPE_CLASS_COMPLEX)
        continue;
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "array '%s' is %s: complex numbers have no order, so there is no minimum and no "
                   "maximum; statsink takes arrays of bool, integers and floats",
                   array->name, pinwheel_dtype_to_string (array->dtype));
      return FALSE;
    }
  return TRUE;
}

static gboolean
pinwheel_stat_sink_start (PinwheelElement *element, GError **error)
{
  PinwheelStatSink *self = PINWHEEL_STAT_SINK (element);
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));

  self->scratch = g_malloc (PINWHEEL_ITEMS_SCRATCH);
  self->summaries = g_ptr_array_new_with_free_func ((GDestroyNotify) pinwheel_summary_free);
  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    g_ptr_array_add (self->summaries,
                     pinwheel_summary_new (pinwheel_format_array (format, i)->dtype));
  return TRUE;
}

static gboolean
pinwheel_stat_sink_consume (PinwheelSink *sink, PinwheelChunk *chunk, GError **error)
{
  PinwheelStatSink *self = PINWHEEL_STAT_SINK (sink);
  PinwheelFormat *format = pinwheel_chunk_get_format (chunk);

  for (guint i = 0; i < self->summaries->len; i++)
    {
      const PinwheelArray *array = pinwheel_format_array (format, i);

      if (!pinwheel_array_is_broadcast (array) || pinwheel_chunk_get_index (chunk) == 0)
        pinwheel_items_each (array, pinwheel_chunk_get_data (chunk, i),
                             pinwheel_chunk_get_count (chunk), self->scratch, pinwheel_summary_add,
                             self->summaries->pdata[i]);
    }
  return TRUE;
}

static gboolean
pinwheel_stat_sink_finish (PinwheelSink *sink, GError **error)
{
  PinwheelStatSink *self = PINWHEEL_STAT_SINK (sink);

  for (guint i = 0; i < self->summaries->len; i++)
    pinwheel_summary_finish (self->summaries->pdata[i]);
  return TRUE;
}

/* The columns of the table. */
enum
{
  ARRAY,
  DTYPE,
  COUNT,
  NAN_COUNT,
  MINIMUM,
  MAXIMUM,
  MEAN,
  DEVIATION,
  N_COLUMNS
};

static const char *const heads[N_COLUMNS] = { "array", "dtype", "count", "NaN",
                                              "min",   "max",   "mean",  "std" };

static char *
pinwheel_stat_sink_print_double (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  /* the sign of a NaN means nothing */
  if (isnan (value))
    return g_strdup ("nan");
  return g_strdup (g_ascii_formatd (text, sizeof text, "%.9g", value));
}

/* @cells: (out) (array length=N_COLUMNS) (transfer full) */
static void
pinwheel_stat_sink_print_row (const PinwheelArray *array, const PinwheelSummary *summary,
                              char **cells)
{
  PinwheelDTypeClass kind = pinwheel_dtype_class (array->dtype);

  cells[ARRAY] = g_strdup (array->name);
  cells[DTYPE] = g_strdup (pinwheel_dtype_to_string (array->dtype));
  cells[COUNT] = g_strdup_printf ("%" G_GUINT64_FORMAT, summary->count);
  cells[NAN_COUNT] = g_strdup_printf ("%" G_GUINT64_FORMAT, summary->n_nan);
  for (guint i = MINIMUM; i < N_COLUMNS && summary->count == summary->n_nan; i++)
    cells[i] = g_strdup ("-");
  if (summary->count == summary->n_nan)
    return;
  if (kind == PINWHEEL_DTYPE_CLASS_INT)
    {
      cells[MINIMUM] = g_strdup_printf ("%" G_GINT64_FORMAT, summary->int_min);
      cells[MAXIMUM] = g_strdup_printf ("%" G_GINT64_FORMAT, summary->int_max);
    }
  else if (kind == PINWHEEL_DTYPE_CLASS_UINT)
    {
      cells[MINIMUM] = g_strdup_printf ("%" G_GUINT64_FORMAT, summary->uint_min);
      cells[MAXIMUM] = g_strdup_printf ("%" G_GUINT64_FORMAT, summary->uint_max);
    }
  else
    {
      cells[MINIMUM] = pinwheel_stat_sink_print_double (summary->min);
      cells[MAXIMUM] = pinwheel_stat_sink_print_double (summary->max);
    }
  cells[MEAN] = pinwheel_stat_sink_print_double (summary->mean);
  cells[DEVIATION] = pinwheel_stat_sink_print_double (summary->deviation);
}

/* What the row says, with every digit. Returns: (transfer floating) */
static GVariant *
pinwheel_stat_sink_describe (const PinwheelArray *array, const PinwheelSummary *summary)
{
  PinwheelDTypeClass kind = pinwheel_dtype_class (array->dtype);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "array", "s", array->name);
  g_variant_dict_insert (&dict, "dtype", "s", pinwheel_dtype_to_string (array->dtype));
  g_variant_dict_insert (&dict, "count", "t", summary->count);
  g_variant_dict_insert (&dict, "nan", "t", summary->n_nan);
  if (summary->count == summary->n_nan)
    return g_variant_dict_end (&dict);
  if (kind == PINWHEEL_DTYPE_CLASS_INT)
    {
      g_variant_dict_insert (&dict, "min", "x", summary->int_min);
      g_variant_dict_insert (&dict, "max", "x", summary->int_max);
    }
  else if (kind == PINWHEEL_DTYPE_CLASS_UINT)
    {
      g_variant_dict_insert (&dict, "min", "t", summary->uint_min);
      g_variant_dict_insert (&dict, "max", "t", summary->uint_max);
    }
  else
    {
      g_variant_dict_insert (&dict, "min", "d", summary->min);
      g_variant_dict_insert (&dict, "max", "d", summary->max);
    }
  g_variant_dict_insert (&dict, "mean", "d", summary->mean);
  g_variant_dict_insert (&dict, "std", "d", summary->deviation);
  return g_variant_dict_end (&dict);
}

/* Returns: (transfer full): @n_rows rows of N_COLUMNS cells in columns, names to the left and
 * numbers to the right */
static char *
pinwheel_stat_sink_align (char **cells, guint n_rows)
{
  GString *text = g_string_new (NULL);
  gsize widths[N_COLUMNS] = { 0 };

  for (guint i = 0; i < n_rows * N_COLUMNS; i++)
    widths[i % N_COLUMNS] = MAX (widths[i % N_COLUMNS], strlen (cells[i]));
  for (guint i = 0; i < n_rows * N_COLUMNS; i++)
    {
      guint column = i % N_COLUMNS;
      int width = (int) widths[column] * (column <= DTYPE ? -1 : 1);

      if (i > 0)
        g_string_append (text, column == 0 ? "\n" : "  ");
      g_string_append_printf (text, "%*s", width, cells[i]);
    }
  return g_string_free (text, FALSE);
}

static gboolean
pinwheel_stat_sink_commit (PinwheelElement *element, GError **error)
{
  PinwheelStatSink *self = PINWHEEL_STAT_SINK (element);
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  guint n = self->summaries->len;
  g_auto (GStrv) cells = g_new0 (char *, (n + 1) * N_COLUMNS + 1);
  g_autofree char *text = NULL;
  GVariantBuilder details;

  g_variant_builder_init (&details, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < N_COLUMNS; i++)
    cells[i] = g_strdup (heads[i]);
  for (guint i = 0; i < n; i++)
    {
      const PinwheelArray *array = pinwheel_format_array (format, i);

      pinwheel_stat_sink_print_row (array, self->summaries->pdata[i], cells + (i + 1) * N_COLUMNS);
      g_variant_builder_add_value (&details,
                                   pinwheel_stat_sink_describe (array, self->summaries->pdata[i]));
    }
  text = pinwheel_stat_sink_align (cells, n + 1);
  pinwheel_element_post_result (element, text, g_variant_builder_end (&details));
  return TRUE;
}

static void
pinwheel_stat_sink_stop (PinwheelElement *element)
{
  PinwheelStatSink *self = PINWHEEL_STAT_SINK (element);

  g_clear_pointer (&self->summaries, g_ptr_array_unref);
  g_clear_pointer (&self->scratch, g_free);
}

static void
pinwheel_stat_sink_class_init (PinwheelStatSinkClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);
  PinwheelSinkClass *sink_class = PINWHEEL_SINK_CLASS (klass);

  element_class->info = &info;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_stat_sink_negotiate;
  element_class->start = pinwheel_stat_sink_start;
  element_class->commit = pinwheel_stat_sink_commit;
  element_class->stop = pinwheel_stat_sink_stop;
  sink_class->consume = pinwheel_stat_sink_consume;
  sink_class->finish = pinwheel_stat_sink_finish;
}

static void
pinwheel_stat_sink_init (PinwheelStatSink *self)
{
}
