/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pinwheel/property.h>

#include "base/clock-private.h"
#include "base/lock-private.h"
#include "device/sim/sim-machine-private.h"

#define POISON 0xdb

/* One allocation of device memory. Its addresses are pages that nobody may touch; the bytes lie
 * elsewhere. */
typedef struct
{
  guint8 *address, *shadow;
  gsize size;
  guint n_users;  /* pieces of work that run on it */
  gboolean freed; /* the last user drops it */
} Block;

struct _PinwheelSimMachine
{
  gint ref_count;             /* atomic */
  char *name;                 /* immutable */
  PinwheelSimOptions options; /* immutable */

  PinwheelLock lock;                           /* leaf lock */
  GPtrArray *blocks;                           /* (lock) (element-type Block) */
  guint64 used[2];                             /* (lock) bytes, by PinwheelMemoryKind */
  guint64 uses[PINWHEEL_SIM_N_USES], all_uses; /* (lock) */
  gboolean lost;                               /* (lock) */
  guint64 free_at[PINWHEEL_SIM_N_ENGINES];     /* (lock) when the engine's last work ends */
};

/* --- what the CPU must not touch --- */

/* Read by a signal handler: atomic, 0 where a place is free. More blocks than places crash without
 * the message. */
static struct
{
  gsize begin, end;
} guarded[1024];
static struct sigaction previous;

static void
on_fault (int number, siginfo_t *info, void *context)
{
  static const char text[] = "pinwheel: the CPU touched memory of a simulated device (device sim): "
                             "copy it to host memory first (download)\n";
  gsize address = (gsize) info->si_addr;

  for (guint i = 0; i < G_N_ELEMENTS (guarded); i++)
    if (address >= __atomic_load_n (&guarded[i].begin, __ATOMIC_RELAXED)
        && address < __atomic_load_n (&guarded[i].end, __ATOMIC_RELAXED))
      {
        gssize written = write (STDERR_FILENO, text, sizeof text - 1);

        (void) written;
        break;
      }
  /* the access is tried again, and then it is somebody else's */
  sigaction (SIGSEGV, &previous, NULL);
}

static void
install_handler (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

      sigaction (SIGSEGV, &action, &previous);
      g_once_init_leave (&once, 1);
    }
}

static void
guard (gpointer address, gsize size)
{
  for (guint i = 0; i < G_N_ELEMENTS (guarded); i++)
    {
      gsize nobody = 0;

      if (!__atomic_compare_exchange_n (&guarded[i].begin, &nobody, (gsize) address, FALSE,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
      __atomic_store_n (&guarded[i].end, (gsize) address + size, __ATOMIC_RELAXED);
      return;
    }
}

static void
unguard (gpointer address)
{
  for (guint i = 0; i < G_N_ELEMENTS (guarded); i++)
    if (__atomic_load_n (&guarded[i].begin, __ATOMIC_RELAXED) == (gsize) address)
      {
        __atomic_store_n (&guarded[i].end, 0, __ATOMIC_RELAXED);
        __atomic_store_n (&guarded[i].begin, 0, __ATOMIC_RELAXED);
        return;
      }
}

/* --- the machine --- */

static void
block_free (gpointer data)
{
  Block *block = data;

  unguard (block->address);
  munmap (block->address, block->size);
  munmap (block->shadow, block->size);
  g_free (block);
}

PinwheelSimMachine *
pinwheel_sim_machine_new (const char *name, const PinwheelSimOptions *options)
{
  PinwheelSimMachine *self = g_new0 (PinwheelSimMachine, 1);

  install_handler ();
  self->ref_count = 1;
  self->name = g_strdup (name);
  self->options = *options;
  self->blocks = g_ptr_array_new_with_free_func (block_free);
  pinwheel_lock_init (&self->lock);
  return self;
}

PinwheelSimMachine *
pinwheel_sim_machine_ref (PinwheelSimMachine *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
pinwheel_sim_machine_unref (PinwheelSimMachine *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_ptr_array_unref (self->blocks);
  pinwheel_lock_clear (&self->lock);
  g_free (self->name);
  g_free (self);
}

const PinwheelSimOptions *
pinwheel_sim_machine_get_options (PinwheelSimMachine *self)
{
  return &self->options;
}

/* Returns: whether this use is to fail */
static gboolean count_locked (PinwheelSimMachine *self, PinwheelSimUse use)
    PINWHEEL_REQUIRES (self->lock);
static gboolean
count_locked (PinwheelSimMachine *self, PinwheelSimUse use)
{
  return ++self->uses[use] == self->options.fail[use];
}

gboolean
pinwheel_sim_machine_use (PinwheelSimMachine *self, PinwheelSimUse use, GError **error)
{
  gboolean memory = use == PINWHEEL_SIM_ALLOC || use == PINWHEEL_SIM_PINNED;
  gboolean fails, lost;
  guint64 number;

  pinwheel_lock (&self->lock);
  fails = count_locked (self, use);
  if ((use == PINWHEEL_SIM_H2D || use == PINWHEEL_SIM_D2H)
      && count_locked (self, PINWHEEL_SIM_COPY))
    {
      use = PINWHEEL_SIM_COPY;
      fails = TRUE;
    }
  number = self->uses[use];
  if (++self->all_uses == self->options.lose)
    self->lost = TRUE;
  lost = self->lost;
  pinwheel_unlock (&self->lock);

  if (lost)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                   "device %s was lost, as lose= asks", self->name);
      return FALSE;
    }
  if (!fails)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, memory ? PINWHEEL_ERROR_MEMORY : PINWHEEL_ERROR_DEVICE,
               "device %s: %s %" G_GUINT64_FORMAT " failed, as fail= asks", self->name,
               pinwheel_sim_uses[use], number);
  return FALSE;
}

guint64
pinwheel_sim_machine_occupy (PinwheelSimMachine *self, PinwheelSimEngine engine, guint64 ready,
                             guint64 duration)
{
  guint64 end;

  pinwheel_lock (&self->lock);
  end = MAX (self->free_at[engine], ready) + duration;
  self->free_at[engine] = end;
  pinwheel_unlock (&self->lock);
  return end;
}

/* --- memory --- */

static guint64
limit_of (PinwheelSimMachine *self, PinwheelMemoryKind kind)
{
  return kind == PINWHEEL_MEMORY_DEVICE ? self->options.memory : self->options.pinned;
}

static gboolean
take_memory (PinwheelSimMachine *self, PinwheelMemoryKind kind, gsize size, GError **error)
{
  guint64 limit = limit_of (self, kind), left;
  g_autofree char *limit_text = NULL, *left_text = NULL;
  gboolean fits;

  pinwheel_lock (&self->lock);
  left = limit - self->used[kind];
  fits = size <= left;
  if (fits)
    self->used[kind] += size;
  pinwheel_unlock (&self->lock);
  if (fits)
    return TRUE;
  limit_text = pinwheel_format_size (limit);
  left_text = pinwheel_format_size (left);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY,
               "cannot allocate %" G_GSIZE_FORMAT " bytes of %s memory on device %s: %s of %s are "
               "free",
               size, kind == PINWHEEL_MEMORY_PINNED ? "pinned" : "device", self->name, left_text,
               limit_text);
  return FALSE;
}

static void
give_memory (PinwheelSimMachine *self, PinwheelMemoryKind kind, gsize size)
{
  pinwheel_lock (&self->lock);
  self->used[kind] -= size;
  pinwheel_unlock (&self->lock);
}

static gpointer
map (gsize size, int protection)
{
  void *pages = mmap (NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return pages == MAP_FAILED ? NULL : pages;
}

static gpointer
add_block (PinwheelSimMachine *self, guint8 *shadow, gsize size)
{
  guint8 *address = map (size, PROT_NONE);
  Block *block;

  if (address == NULL)
    return NULL;
  block = g_new0 (Block, 1);
  block->address = address;
  block->shadow = shadow;
  block->size = size;
  guard (address, size);
  pinwheel_lock (&self->lock);
  g_ptr_array_add (self->blocks, block);
  pinwheel_unlock (&self->lock);
  return address;
}

gboolean
pinwheel_sim_machine_alloc (PinwheelSimMachine *self, PinwheelMemoryKind kind, gsize size,
                            gpointer *memory, GError **error)
{
  gpointer bytes;

  if (!pinwheel_sim_machine_use (
          self, kind == PINWHEEL_MEMORY_DEVICE ? PINWHEEL_SIM_ALLOC : PINWHEEL_SIM_PINNED, error)
      || !take_memory (self, kind, size, error))
    return FALSE;
  *memory = bytes = map (size, PROT_READ | PROT_WRITE);
  if (bytes != NULL && kind == PINWHEEL_MEMORY_DEVICE)
    *memory = add_block (self, bytes, size);
  if (*memory == NULL)
    {
      if (bytes != NULL)
        munmap (bytes, size);
      give_memory (self, kind, size);
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY,
                   "cannot allocate %" G_GSIZE_FORMAT " bytes for device %s: %s", size, self->name,
                   g_strerror (ENOMEM));
      return FALSE;
    }
  memset (bytes, POISON, size);
  return TRUE;
}

/* @address: anywhere in it. Returns: (nullable): also one that is freed but still used */
static Block *find_locked (PinwheelSimMachine *self, const guint8 *address)
    PINWHEEL_REQUIRES (self->lock);
static Block *
find_locked (PinwheelSimMachine *self, const guint8 *address)
{
  for (guint i = 0; i < self->blocks->len; i++)
    {
      Block *block = g_ptr_array_index (self->blocks, i);

      if (address >= block->address && address < block->address + block->size)
        return block;
    }
  return NULL;
}

void
pinwheel_sim_machine_free (PinwheelSimMachine *self, PinwheelMemoryKind kind, gsize size,
                           gpointer memory)
{
  if (kind == PINWHEEL_MEMORY_PINNED)
    munmap (memory, size);
  else
    {
      Block *block;

      pinwheel_lock (&self->lock);
      block = find_locked (self, memory);
      if (block != NULL)
        block->freed = TRUE;
      if (block != NULL && block->n_users == 0)
        g_ptr_array_remove_fast (self->blocks, block);
      pinwheel_unlock (&self->lock);
    }
  give_memory (self, kind, size);
}

gboolean
pinwheel_sim_machine_register (PinwheelSimMachine *self, gsize size, GError **error)
{
  return pinwheel_sim_machine_use (self, PINWHEEL_SIM_PINNED, error)
         && take_memory (self, PINWHEEL_MEMORY_PINNED, size, error);
}

void
pinwheel_sim_machine_unregister (PinwheelSimMachine *self, gsize size)
{
  give_memory (self, PINWHEEL_MEMORY_PINNED, size);
}

guint64
pinwheel_sim_machine_get_available (PinwheelSimMachine *self)
{
  guint64 available;

  pinwheel_lock (&self->lock);
  available = self->options.memory - self->used[PINWHEEL_MEMORY_DEVICE];
  pinwheel_unlock (&self->lock);
  return available;
}

gboolean
pinwheel_sim_machine_pin (PinwheelSimMachine *self, gpointer *address, gsize size, const char *what,
                          GError **error)
{
  guint8 *wanted = *address;
  gsize left = 0;
  Block *block;

  pinwheel_lock (&self->lock);
  block = find_locked (self, wanted);
  if (block != NULL && !block->freed)
    left = block->size - (gsize) (wanted - block->address);
  if (left > 0 && left >= size)
    {
      block->n_users++;
      *address = block->shadow + (wanted - block->address);
    }
  pinwheel_unlock (&self->lock);

  if (left == 0)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                 "device %s: %s: address %p is no memory of the device, or freed", self->name, what,
                 (void *) wanted);
  else if (left < size)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                 "device %s: %s: out of bounds: %" G_GSIZE_FORMAT " bytes at %p, where the "
                 "allocation ends after %" G_GSIZE_FORMAT,
                 self->name, what, size, (void *) wanted, left);
  return left > 0 && left >= size;
}

void
pinwheel_sim_machine_unpin (PinwheelSimMachine *self, gpointer address)
{
  Block *block;

  pinwheel_lock (&self->lock);
  block = find_locked (self, address);
  if (--block->n_users == 0 && block->freed)
    g_ptr_array_remove_fast (self->blocks, block);
  pinwheel_unlock (&self->lock);
}
