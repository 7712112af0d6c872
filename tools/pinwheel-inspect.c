/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <locale.h>
#include <stdlib.h>

#include <pinwheel/kernel.h>
#include <pinwheel/property.h>
#include <pinwheel/version.h>

#include "console-private.h"
#include "inspect-private.h"

typedef struct
{
  gboolean names, man, cache, devices, measure, version, help;
  char *properties; /* (nullable): name of an element */
} Options;

static void
append_list (GString *out)
{
  guint n = 0;

  for (const InspectGroup *group = inspect_groups;; group++)
    {
      g_autoptr (GPtrArray) list = inspect_list (group);

      if (list->len > 0)
        g_string_append_printf (out, "%s:\n", group->title);
      for (guint i = 0; i < list->len; i++)
        {
          const PinwheelRegistryEntry *entry = list->pdata[i];

          g_string_append_printf (out, "  %-14s %s\n", entry->name, entry->summary);
        }
      n += list->len;
      if (group->name == NULL)
        break;
    }
  g_string_append_printf (out, "%s%u element%s\n", n > 0 ? "\n" : "", n, n == 1 ? "" : "s");
}

static void
append_names (GString *out)
{
  g_autofree const char **names = pinwheel_registry_list ();

  for (guint i = 0; names[i] != NULL; i++)
    g_string_append_printf (out, "%s\n", names[i]);
}

static gboolean
append_property_names (GString *out, const char *name, GError **error)
{
  g_autoptr (GPtrArray) table = NULL;
  InspectElement element;

  if (!inspect_find (name, &element, error))
    return FALSE;
  g_string_append (out, "name\n");
  table = pinwheel_class_list_properties (G_OBJECT_CLASS (element.klass));
  for (guint i = 0; i < table->len; i++)
    {
      const PinwheelProperty *property = g_ptr_array_index (table, i);

      if ((property->flags & PINWHEEL_PROPERTY_READ_ONLY) == 0)
        g_string_append_printf (out, "%s\n", property->name);
    }
  return TRUE;
}

static gboolean
append_elements (GString *out, char **names, GError **error)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      InspectElement element;

      if (!inspect_find (names[i], &element, error))
        return FALSE;
      g_string_append (out, i > 0 ? "\n" : "");
      inspect_append_text (out, &element);
    }
  return TRUE;
}

/* "2026-01-31 12:00:00", local time */
static char *
describe_time (gint64 microseconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (microseconds / G_USEC_PER_SEC);

  return g_date_time_format (time, "%F %T");
}

static void
append_cache (GString *out)
{
  PinwheelCacheInfo info;
  g_autofree char *folder = NULL;
  g_autofree char *size = NULL;
  g_autofree char *limit = NULL;

  pinwheel_cache_get_info (&info);
  folder = info.folder;
  size = pinwheel_format_size (info.bytes);
  limit = pinwheel_format_size (info.limit);
  g_string_append_printf (out,
                          "folder   %s\n"
                          "entries  %" G_GUINT64_FORMAT "\n"
                          "size     %s of %s\n",
                          folder != NULL ? folder : "none can be made", info.n_entries, size,
                          limit);
  if (info.n_entries > 0)
    {
      g_autofree char *oldest = describe_time (info.oldest);
      g_autofree char *newest = describe_time (info.newest);

      g_string_append_printf (out, "used     from %s to %s\n", oldest, newest);
    }
}

static gboolean
append_answer (GString *out, const Options *options, char **names, GError **error)
{
  if (options->properties != NULL)
    return append_property_names (out, options->properties, error);
  if (options->names)
    append_names (out);
  else if (options->man)
    return inspect_append_man (out, error);
  else if (options->cache)
    append_cache (out);
  else if (options->devices || options->measure)
    return inspect_append_devices (out, names, options->measure, error);
  else if (names[0] != NULL)
    return append_elements (out, names, error);
  else
    append_list (out);
  return TRUE;
}

static GOptionContext *
make_context (Options *options)
{
  const GOptionEntry entries[] = {
    { "names", 0, 0, G_OPTION_ARG_NONE, &options->names, "print the names of all elements", NULL },
    { "properties", 0, 0, G_OPTION_ARG_STRING, &options->properties,
      "print the names of an element's properties", "ELEMENT" },
    { "man", 0, 0, G_OPTION_ARG_NONE, &options->man, "print the manual page pinwheel-elements(7)",
      NULL },
    { "cache", 0, 0, G_OPTION_ARG_NONE, &options->cache,
      "print where compiled kernels are kept, how many, their size and when they were used", NULL },
    { "devices", 0, 0, G_OPTION_ARG_NONE, &options->devices,
      "tell about the devices of this machine, or about those that are named", NULL },
    { "measure", 0, 0, G_OPTION_ARG_NONE, &options->measure,
      "the same, and measure how many bytes per second they copy", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "print the version", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &options->help, "print this help", NULL },
    G_OPTION_ENTRY_NULL,
  };
  GOptionContext *context = g_option_context_new ("[ELEMENT...|DEVICE...]");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context,
                                "Lists the elements of Pinwheel, or tells all about some: pads, "
                                "properties, an example.");
  g_option_context_set_description (context, "Examples:\n"
                                             "  pinwheel-inspect\n\n"
                                             "  pinwheel-inspect map\n\n"
                                             "  pinwheel-inspect --devices --measure\n\n"
                                             "  pinwheel-inspect --measure sim:h2d=12GB/s");
  return context;
}

static int
answer (int argc, char **argv, Options *options)
{
  g_autoptr (GOptionContext) context = make_context (options);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *help = NULL;

  if (!g_option_context_parse (context, &argc, &argv, &error)
      || (!options->version && !options->help && !append_answer (out, options, argv + 1, &error)))
    {
      console_say ("error: %s", error->message);
      return EXIT_USAGE;
    }
  if (options->version)
    return console_print_all ("pinwheel-inspect (Pinwheel) " PINWHEEL_VERSION "\n");
  if (options->help)
    help = console_help (context);
  return console_print_all (help != NULL ? help : out->str);
}

int
main (int argc, char **argv)
{
  Options options = { .properties = NULL };
  int code;

  console_hold_standard_streams ();
  setlocale (LC_CTYPE, "");
  g_set_prgname ("pinwheel-inspect");
  code = answer (argc, argv, &options);
  g_free (options.properties);
  return code;
}
