/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs one kernel of a PTX file in the interpreter.
 *
 *     ptx-launch FILE ENTRY GRID BLOCK SHARED ARGUMENT...
 *
 * GRID and BLOCK: x or x,y,z. ARGUMENT: i32:N, i64:N, f32:X, f64:X, bytes:HEX, or buffer:PATH, a
 * file whose bytes are device memory; they are written back. set:NAME=PATH in front of FILE: the
 * initial value of a variable of the module; get:NAME=PATH: where its last value is written. Prints
 * how many instructions ran, and in what time. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "ptx.h"

/* Far apart, so that whatever runs over an end finds nothing. */
#define SPACING ((guint64) 1 << 40)

typedef struct
{
  guint64 address;
  gchar *bytes;
  gsize size;
  gboolean is_constant;
  const char *path; /* where the bytes are written in the end, or NULL */
} Buffer;

static GArray *buffers; /* of Buffer: number k is at (k + 1) * SPACING */

static guint8 *
check (const PtxMemory *memory, guint64 address, gsize size, gboolean is_write, PtxRange *range)
{
  guint64 number = address / SPACING - 1, offset = address % SPACING;
  const Buffer *buffer;

  if (number >= buffers->len)
    return NULL;
  buffer = &g_array_index (buffers, Buffer, number);
  if (offset > buffer->size || buffer->size - offset < size || (is_write && buffer->is_constant))
    return NULL;
  *range = (PtxRange){ buffer->address, buffer->size, (guint8 *) buffer->bytes };
  return range->bytes + offset;
}

static void
print (const PtxMemory *memory, const char *text)
{
  fputs (text, stdout);
}

static G_NORETURN void
die (const char *what)
{
  fprintf (stderr, "ptx-launch: %s\n", what);
  exit (1);
}

static Buffer *
add_buffer (gsize size)
{
  Buffer buffer = { .address = (buffers->len + 1) * SPACING, .size = size };

  buffer.bytes = g_malloc0 (size + 1);
  g_array_append_val (buffers, buffer);
  return &g_array_index (buffers, Buffer, buffers->len - 1);
}

static void
read_shape (const char *text, guint shape[3])
{
  shape[0] = shape[1] = shape[2] = 1;
  if (sscanf (text, "%u,%u,%u", &shape[0], &shape[1], &shape[2]) < 1)
    die ("a shape is x or x,y,z");
}

static void
read_hex (const char *text, guint8 *value, gsize size)
{
  for (gsize k = 0; k < size && text[2 * k] && text[2 * k + 1]; k++)
    value[k] = (guint8) (g_ascii_xdigit_value (text[2 * k]) << 4
                         | g_ascii_xdigit_value (text[2 * k + 1]));
}

static void
read_argument (const char *text, void *value, gsize size)
{
  const char *rest = strchr (text, ':');
  gint64 integer = rest != NULL ? g_ascii_strtoll (rest + 1, NULL, 0) : 0;
  double real = rest != NULL ? g_ascii_strtod (rest + 1, NULL) : 0;
  float single = (float) real;

  if (g_str_has_prefix (text, "buffer:"))
    {
      Buffer *buffer = add_buffer (0);

      buffer->path = rest + 1;
      g_free (buffer->bytes);
      if (!g_file_get_contents (rest + 1, &buffer->bytes, &buffer->size, NULL))
        die ("a buffer's file cannot be read");
      memcpy (value, &buffer->address, MIN (size, sizeof buffer->address));
    }
  else if (g_str_has_prefix (text, "bytes:"))
    read_hex (rest + 1, value, size);
  else if (g_str_has_prefix (text, "f64:"))
    memcpy (value, &real, MIN (size, sizeof real));
  else if (g_str_has_prefix (text, "f32:"))
    memcpy (value, &single, MIN (size, sizeof single));
  else
    memcpy (value, &integer, MIN (size, sizeof integer));
}

/* Words in front of the file's name that say what goes into and out of variables. */
static void
place_variables (PtxModule *module, char **words, int n_words)
{
  guint n = ptx_module_get_n_variables (module);
  g_autofree guint64 *addresses = g_new0 (guint64, n + 1);

  for (guint k = 0; k < n; k++)
    addresses[k] = add_buffer (ptx_module_get_variable (module, k).size)->address;
  ptx_module_place (module, addresses);
  for (guint k = 0; k < n; k++)
    {
      PtxVariable variable = ptx_module_get_variable (module, k);
      Buffer *buffer = &g_array_index (buffers, Buffer, k);

      buffer->is_constant = variable.is_constant;
      ptx_module_get_initial (module, k, (guint8 *) buffer->bytes);
      for (int w = 0; w < n_words; w++)
        {
          const char *path = strchr (words[w], '=');

          if (path == NULL || strlen (variable.name) != (gsize) (path - words[w] - 4)
              || strncmp (words[w] + 4, variable.name, strlen (variable.name)) != 0)
            continue;
          if (words[w][0] == 'g')
            buffer->path = path + 1;
          else
            {
              g_free (buffer->bytes);
              if (!g_file_get_contents (path + 1, &buffer->bytes, &buffer->size, NULL))
                die ("a variable's file cannot be read");
            }
        }
    }
}

int
main (int argc, char **argv)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtxModule) module = NULL;
  const PtxEntry *entry;
  PtxMemory memory = { .check = check, .print = print };
  void **arguments;
  guint grid[3], block[3];
  guint64 n_instructions = 0;
  gint64 begin;
  int first = 1, n_words;

  while (first < argc && strchr (argv[first], '=') != NULL)
    first++;
  n_words = first - 1;
  argv += first;
  argc -= first;
  if (argc < 5)
    die ("FILE ENTRY GRID BLOCK SHARED ARGUMENT...");
  buffers = g_array_new (FALSE, FALSE, sizeof (Buffer));
  if (!g_file_get_contents (argv[0], &text, NULL, &error)
      || (module = ptx_module_new (text, &error)) == NULL)
    die (error->message);
  place_variables (module, argv - n_words, n_words);
  entry = ptx_module_find_entry (module, argv[1]);
  if (entry == NULL || ptx_entry_get_n_parameters (entry) != (guint) argc - 5)
    die ("there is no such kernel, or it has other parameters");
  read_shape (argv[2], grid);
  read_shape (argv[3], block);
  arguments = g_new0 (void *, argc);
  for (int k = 5; k < argc; k++)
    {
      gsize size = ptx_entry_get_parameter (entry, (guint) k - 5).size;

      arguments[k - 5] = g_malloc0 (size + 1);
      read_argument (argv[k], arguments[k - 5], size);
    }
  begin = g_get_monotonic_time ();
  if (!ptx_launch_counted (entry, grid, block, (gsize) atol (argv[4]), arguments, &memory,
                           &n_instructions, &error))
    die (error->message);
  fprintf (stderr, "%" G_GUINT64_FORMAT " instructions, %.6f s\n", n_instructions,
           (double) (g_get_monotonic_time () - begin) * 1e-6);
  for (guint k = 0; k < buffers->len; k++)
    {
      const Buffer *buffer = &g_array_index (buffers, Buffer, k);

      if (buffer->path != NULL
          && !g_file_set_contents (buffer->path, buffer->bytes, (gssize) buffer->size, NULL))
        die ("a buffer's file cannot be written");
      g_free (buffer->bytes);
    }
  g_array_unref (buffers);
  for (int k = 5; k < argc; k++)
    g_free (arguments[k - 5]);
  g_free (arguments);
  return 0;
}
