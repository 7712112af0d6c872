/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include <pinwheel/parse.h>

#include "console-private.h"
#include "options-private.h"

/* a description is written by people: what is longer is another file given by mistake */
#define LONGEST_FILE (16 << 20)

static const char summary[] = "Streams arrays through the elements of a pipeline, chunk by chunk, "
                              "with a small, fixed amount\n"
                              "of memory. DESCRIPTION names the elements and links them with '!'; "
                              "pinwheel-inspect lists the\n"
                              "elements there are.";

static const char examples[]
    = "Examples:\n"
      "  pinwheel-launch npysrc location=in.npy ! upload ! map expr=\"y = exp(-x) * sin(x)\" ! "
      "download ! npysink location=out.npy\n\n"
      "  pinwheel-launch --plan --pinned-memory=64MiB npysrc location=in.npy ! npysink "
      "location=out.npy\n\n"
      "  pinwheel-launch --file=smooth.pw --set in.location=other.npy";

static gboolean
keep_setting (const char *option, const char *value, gpointer data, GError **error)
{
  Options *self = data;

  g_ptr_array_add (self->settings, g_strdup_printf ("%s=%s", option + strlen ("--"), value));
  return TRUE;
}

static const char *
argument_name (const PinwheelProperty *property)
{
  switch (property->kind)
    {
    case PINWHEEL_PROPERTY_BYTES:
      return "BYTES";
    case PINWHEEL_PROPERTY_INT:
    case PINWHEEL_PROPERTY_UINT:
    case PINWHEEL_PROPERTY_DOUBLE:
      return "N";
    case PINWHEEL_PROPERTY_BOOLEAN:
    case PINWHEEL_PROPERTY_STRING:
    case PINWHEEL_PROPERTY_ENUM:
    default:
      return "NAME";
    }
}

/* Every property of a pipeline is an option. The names and texts are those of its table. */
static void
add_pipeline_entries (GOptionGroup *group)
{
  GTypeClass *klass = g_type_class_ref (PINWHEEL_TYPE_PIPELINE);
  g_autoptr (GPtrArray) table = pinwheel_class_list_properties (G_OBJECT_CLASS (klass));

  for (guint i = 0; i < table->len; i++)
    {
      const PinwheelProperty *property = g_ptr_array_index (table, i);
      const GOptionEntry entries[] = {
        { property->name, 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) keep_setting, property->blurb,
          argument_name (property) },
        G_OPTION_ENTRY_NULL,
      };

      if ((property->flags & PINWHEEL_PROPERTY_READ_ONLY) == 0)
        g_option_group_add_entries (group, entries);
    }
  g_type_class_unref (klass);
}

static gboolean
check_words (const Options *self, GError **error)
{
  if (self->version || self->help != NULL)
    return TRUE;
  if (self->arch != NULL && !self->compile_only)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--arch=%s is for --compile-only; which device runs is said by --device",
                   self->arch);
      return FALSE;
    }
  if (self->plan && self->compile_only)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "--plan and --compile-only each run nothing: choose one");
      return FALSE;
    }
  if (self->file != NULL && self->words[0] != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--file=%s holds the description, and '%s' begins a second one", self->file,
                   self->words[0]);
      return FALSE;
    }
  if (self->file == NULL && self->words[0] == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "there is no description; 'pinwheel-launch --help' shows examples");
      return FALSE;
    }
  for (guint i = 1; self->words[0] != NULL && self->words[i] != NULL; i++)
    if (self->words[i][0] == '-')
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                     "the option '%s' stands within the description; options come before it",
                     self->words[i]);
        return FALSE;
      }
  return TRUE;
}

gboolean
options_parse (Options *self, int argc, char **argv, GError **error)
{
  gboolean help = FALSE;
  const GOptionEntry entries[] = {
    { "file", 'f', 0, G_OPTION_ARG_FILENAME, &self->file,
      "read the description from FILE, or from standard input for -", "FILE" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->sets,
      "set a property of an element, whatever the description says", "ELEMENT.PROPERTY=VALUE" },
    { "plan", 0, 0, G_OPTION_ARG_NONE, &self->plan,
      "print the format of every link and the memory plan, and run nothing", NULL },
    { "compile-only", 0, 0, G_OPTION_ARG_NONE, &self->compile_only,
      "compile every kernel, print where it is kept, and run nothing", NULL },
    { "arch", 0, 0, G_OPTION_ARG_STRING, &self->arch,
      "with --compile-only: for CUDA devices of this architecture, which need not be there: sm_90",
      "ARCH" },
    { "stats", 0, 0, G_OPTION_ARG_NONE, &self->stats,
      "print on standard error, in the end, what each element did and what it waited for", NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &self->verbose,
      "print the same on standard error, and run", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet, "print results and errors only", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, "print the version", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "print this help", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("DESCRIPTION...");
  GOptionGroup *group = g_option_group_new ("main", NULL, NULL, self, NULL);
  int first;

  *self = (Options){ .settings = g_ptr_array_new_with_free_func (g_free) };
  g_option_group_add_entries (group, entries);
  add_pipeline_entries (group);
  g_option_context_set_main_group (context, group);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, examples);
  /* words of the description are not options, whatever they look like */
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_set_help_enabled (context, FALSE);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (help)
    self->help = console_help (context);
  first = argc > 1 && g_str_equal (argv[1], "--") ? 2 : 1;
  self->words = g_strdupv (argv + first);
  return check_words (self, error);
}

void
options_clear (Options *self)
{
  g_free (self->file);
  g_free (self->help);
  g_free (self->arch);
  g_strfreev (self->words);
  g_strfreev (self->sets);
  g_ptr_array_unref (self->settings);
}

static gboolean
read_all (int fd, const char *name, GString *text, GError **error)
{
  char block[16384];
  gssize n;

  while ((n = read (fd, block, sizeof block)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", name,
                       g_strerror (errno));
          return FALSE;
        }
      g_string_append_len (text, block, n);
      if (text->len > LONGEST_FILE || memchr (block, '\0', n) != NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "%s: is not a description: it %s", name,
                       text->len > LONGEST_FILE ? "has more than 16 MiB" : "has a zero byte in it");
          return FALSE;
        }
    }
  return TRUE;
}

static char *
read_file (const char *path, const char *name, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean is_stdin = g_str_equal (path, "-");
  int fd = is_stdin ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  gboolean ok;

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", name,
                   g_strerror (errno));
      return NULL;
    }
  ok = read_all (fd, name, text, error);
  if (!is_stdin)
    close (fd);
  if (!ok)
    return NULL;
  /* what some editors put in front of UTF-8 */
  if (g_str_has_prefix (text->str, "\xef\xbb\xbf"))
    g_string_erase (text, 0, strlen ("\xef\xbb\xbf"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
options_read_text (const Options *self, const char **name, GError **error)
{
  *name = NULL;
  if (self->file == NULL)
    return pinwheel_parse_words ((const char *const *) self->words);
  *name = g_str_equal (self->file, "-") ? "<stdin>" : self->file;
  return read_file (self->file, *name, error);
}

static gboolean
set_unknown_error (PinwheelPipeline *pipeline, const char *setting, const char *element,
                   GError **error)
{
  GPtrArray *elements = pinwheel_pipeline_get_elements (pipeline);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *all = NULL;
  const char *near;

  for (guint i = 0; i < elements->len; i++)
    g_ptr_array_add (names, (gpointer) pinwheel_element_get_name (g_ptr_array_index (elements, i)));
  g_ptr_array_add (names, NULL);
  near = pinwheel_suggest (element, (const char *const *) names->pdata);
  all = g_strjoinv (", ", (char **) names->pdata);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
               "--set %s: no element is named '%s'; %s%s%s", setting, element,
               near != NULL ? "did you mean '" : "the names are ", near != NULL ? near : all,
               near != NULL ? "'?" : "");
  return FALSE;
}

/* @setting: PROPERTY=VALUE of the pipeline, or ELEMENT.PROPERTY=VALUE */
static gboolean
apply_set (PinwheelPipeline *pipeline, const char *setting, GError **error)
{
  const char *equals = strchr (setting, '=');
  const char *dot = strchr (setting, '.');
  GObject *object = G_OBJECT (pipeline);
  g_autofree char *property = NULL;

  if (equals == NULL)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
                   "--set %s: expected ELEMENT.PROPERTY=VALUE", setting);
      return FALSE;
    }
  if (dot != NULL && dot < equals)
    {
      g_autofree char *name = g_strndup (setting, dot - setting);

      object = (GObject *) pinwheel_pipeline_get_element (pipeline, name);
      if (object == NULL)
        return set_unknown_error (pipeline, setting, name, error);
      setting = dot + 1;
    }
  property = g_strndup (setting, equals - setting);
  if (pinwheel_object_set_from_string (object, property, equals + 1, error))
    return TRUE;
  g_prefix_error (error, "--set: ");
  return FALSE;
}

gboolean
options_apply (const Options *self, PinwheelPipeline *pipeline, GError **error)
{
  for (guint i = 0; i < self->settings->len; i++)
    {
      g_autofree char *name = g_strdup (g_ptr_array_index (self->settings, i));
      char *equals = strchr (name, '=');

      *equals = '\0';
      if (!pinwheel_object_set_from_string (G_OBJECT (pipeline), name, equals + 1, error))
        {
          g_prefix_error (error, "--%s: ", name);
          return FALSE;
        }
    }
  for (guint i = 0; self->sets != NULL && self->sets[i] != NULL; i++)
    if (!apply_set (pipeline, self->sets[i], error))
      return FALSE;
  return TRUE;
}
