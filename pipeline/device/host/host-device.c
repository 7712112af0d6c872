/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The CPU as a device. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <pinwheel/property.h>

#include "device/host/host-device-private.h"
#include "device/host/host-function-private.h"
#include "device/host/host-stream-private.h"
#include "device/workers-private.h"
#include "device/system-memory-private.h"

/* Chunks that stay in the caches between one element and the next are streamed fastest: measured in
 * tests/bench. Each CPU works on its part of a chunk. */
#define PREFERRED_PER_CPU ((guint64) 512 * 1024)
#define LEAST_PREFERRED   ((guint64) 1024 * 1024)
#define MOST_PREFERRED    ((guint64) 16 * 1024 * 1024)

struct _PinwheelHostDevice
{
  PinwheelDevice parent_instance;
};

G_DEFINE_FINAL_TYPE (PinwheelHostDevice, pinwheel_host_device, PINWHEEL_TYPE_DEVICE)

static void
set_memory_error (PinwheelDevice *device, PinwheelMemoryKind kind, gsize size, int failure,
                  GError **error)
{
  g_autofree char *wanted = pinwheel_format_size (size);
  g_autofree char *free_text = NULL;
  g_autofree char *total_text = NULL;
  guint64 total, available;

  pinwheel_system_memory (&total, &available);
  free_text = pinwheel_format_size (available);
  total_text = pinwheel_format_size (total);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY,
               "cannot allocate %" G_GSIZE_FORMAT
               " bytes (%s) of %s memory on device %s: %s; %s of %s are free",
               size, wanted, kind == PINWHEEL_MEMORY_PINNED ? "pinned" : "device",
               pinwheel_device_get_name (device), g_strerror (failure), free_text, total_text);
}

/* Both kinds are pages of their own: aligned more than any array asks for, zero, and resident only
 * once they are touched. */
static gboolean
pinwheel_host_device_alloc (PinwheelDevice *device, PinwheelMemoryKind kind, gsize size,
                            gpointer *memory, GError **error)
{
  void *pages = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (pages == MAP_FAILED)
    {
      set_memory_error (device, kind, size, errno, error);
      return FALSE;
    }
  *memory = pages;
  return TRUE;
}

static void
pinwheel_host_device_free (PinwheelDevice *device, PinwheelMemoryKind kind, gsize size,
                           gpointer memory)
{
  if (munmap (memory, size) != 0)
    g_critical ("cannot give %" G_GSIZE_FORMAT " bytes back: %s", size, g_strerror (errno));
}

static guint64
pinwheel_host_device_get_preferred_size (PinwheelDevice *device)
{
  return CLAMP (pinwheel_workers_get_n_cpus () * PREFERRED_PER_CPU, LEAST_PREFERRED,
                MOST_PREFERRED);
}

static void
pinwheel_host_device_get_memory (PinwheelDevice *device, guint64 *total, guint64 *available)
{
  pinwheel_system_memory (total, available);
}

static PinwheelFunction *
pinwheel_host_device_load (PinwheelDevice *device, const PinwheelImage *image, GError **error)
{
  return pinwheel_host_function_new (image, error);
}

static void
pinwheel_host_device_class_init (PinwheelHostDeviceClass *klass)
{
  PinwheelDeviceClass *device_class = PINWHEEL_DEVICE_CLASS (klass);

  device_class->alloc = pinwheel_host_device_alloc;
  device_class->free = pinwheel_host_device_free;
  device_class->get_memory = pinwheel_host_device_get_memory;
  device_class->get_preferred_size = pinwheel_host_device_get_preferred_size;
  device_class->new_stream = pinwheel_host_stream_new;
  device_class->load = pinwheel_host_device_load;
}

static void
pinwheel_host_device_init (PinwheelHostDevice *self)
{
}

/* Returns: (transfer full): what /proc/cpuinfo calls the processor; not every architecture does */
static char *
find_processor (void)
{
  static const char key[] = "model name";
  g_autofree char *text = NULL;
  const char *name, *end;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_strdup ("CPU");
  name = strstr (text, key);
  if (name == NULL)
    return g_strdup ("CPU");
  name += strlen (key);
  name += strspn (name, " \t:");
  end = name + strcspn (name, "\n");
  return g_strndup (name, end - name);
}

PinwheelDevice *
pinwheel_host_device_open (const char *spec, GError **error)
{
  g_autofree char *processor = NULL;
  g_autofree char *memory = NULL;
  g_autofree char *description = NULL;
  guint64 total, available;
  guint n_cpus;

  if (strcmp (spec, "host") != 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                   "device '%s': the host device takes no options; write 'host'", spec);
      return NULL;
    }
  n_cpus = pinwheel_workers_get_n_cpus ();
  processor = find_processor ();
  pinwheel_system_memory (&total, &available);
  memory = pinwheel_format_size (total);
  description = g_strdup_printf ("%s, %u CPU%s, %s", processor, n_cpus, n_cpus == 1 ? "" : "s",
                                 memory);
  return g_object_new (PINWHEEL_TYPE_HOST_DEVICE, "name", spec, "description", description,
                       "integrated", TRUE, NULL);
}
