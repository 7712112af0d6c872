/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "base/lock-private.h"
#include "device/sim/sim-checker-private.h"

#define MAX_STREAMS 64
/* How often a stream's clock may change while one of its fences is still asked for: more than the
 * work that can be queued */
#define MAX_CHANGES 512
/* The oldest are forgotten: of memory that does not come from a pool there is no end. */
#define MAX_RECORDS 4096

/* What is known to come before: work items of each stream up to this number */
typedef struct
{
  guint64 done[MAX_STREAMS];
} Clock;

typedef struct
{
  guint64 from; /* the first work item for which it holds */
  Clock clock;
} Change;

/* Numbers go on where the last stream in the same place ended, so that what was known of that one
 * stays true. */
typedef struct
{
  char *name; /* (nullable): the place is free */
  guint64 base, last;
  Clock *clock;    /* of what is enqueued next; its own place is not used */
  Change *changes; /* a ring */
  guint64 n_changes;
} Stream;

typedef struct
{
  PinwheelSimAccess access;
  int stream;
  guint64 number;
  const char *what;
} Record;

static PinwheelLock lock; /* leaf lock; for all of these */
static Stream streams[MAX_STREAMS];
static GArray *records;     /* (element-type Record) the oldest first */
static GHashTable *threads; /* pthread_t -> Clock of what the thread has seen; NULL before use */
static GHashTable *given;   /* address -> Clock of who gave it back */

static void ensure_locked (void) PINWHEEL_REQUIRES (lock);
static void
ensure_locked (void)
{
  if (threads != NULL)
    return;
  threads = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  given = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  records = g_array_new (FALSE, FALSE, sizeof (Record));
}

static Clock *find_clock_locked (GHashTable *table, gconstpointer key) PINWHEEL_REQUIRES (lock);
static Clock *
find_clock_locked (GHashTable *table, gconstpointer key)
{
  Clock *clock = g_hash_table_lookup (table, key);

  if (clock == NULL)
    {
      clock = g_new0 (Clock, 1);
      g_hash_table_insert (table, (gpointer) key, clock);
    }
  return clock;
}

static Clock *this_thread_locked (void) PINWHEEL_REQUIRES (lock);
static Clock *
this_thread_locked (void)
{
  ensure_locked ();
  /* A thread that began at the place of one that ended knows what that one knew. It is true. */
  return find_clock_locked (threads, (gconstpointer) pthread_self ());
}

/* Returns: whether @clock has changed */
static gboolean
join (Clock *clock, const Clock *other)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < MAX_STREAMS; i++)
    if (other->done[i] > clock->done[i])
      {
        clock->done[i] = other->done[i];
        changed = TRUE;
      }
  return changed;
}

static void note_change_locked (Stream *stream) PINWHEEL_REQUIRES (lock);
static void
note_change_locked (Stream *stream)
{
  Change *last = &stream->changes[(stream->n_changes + MAX_CHANGES - 1) % MAX_CHANGES];

  if (stream->n_changes == 0 || last->from != stream->last + 1)
    last = &stream->changes[stream->n_changes++ % MAX_CHANGES];
  last->from = stream->last + 1;
  last->clock = *stream->clock;
}

/* All that comes before the end of item @number of stream @i. */
static gboolean join_item_locked (Clock *clock, int i, guint64 number) PINWHEEL_REQUIRES (lock);
static gboolean
join_item_locked (Clock *clock, int i, guint64 number)
{
  const Stream *stream = &streams[i];
  guint64 kept = MIN (stream->n_changes, MAX_CHANGES);
  gboolean changed = number > clock->done[i];

  clock->done[i] = MAX (clock->done[i], number);
  for (guint64 k = 1; k <= kept; k++)
    {
      const Change *change = &stream->changes[(stream->n_changes - k) % MAX_CHANGES];

      /* of what is older than all that is kept, the oldest is taken: it misses, but never cries
       * wolf
       */
      if (change->from <= number || k == MAX_CHANGES)
        return join (clock, &change->clock) || changed;
    }
  return changed;
}

/* --- streams --- */

int
pinwheel_sim_checker_add_stream (const char *name)
{
  int found = -1;

  pinwheel_lock (&lock);
  ensure_locked ();
  for (int i = 0; i < MAX_STREAMS && found < 0; i++)
    if (streams[i].name == NULL)
      found = i;
  if (found >= 0)
    {
      Stream *stream = &streams[found];

      stream->name = g_strdup (name);
      stream->base = stream->last;
      stream->clock = g_new0 (Clock, 1);
      stream->changes = g_new (Change, MAX_CHANGES);
      stream->n_changes = 0;
    }
  pinwheel_unlock (&lock);
  return found;
}

void
pinwheel_sim_checker_remove_stream (int stream)
{
  guint kept = 0;

  if (stream < 0)
    return;
  pinwheel_lock (&lock);
  for (guint i = 0; i < records->len; i++)
    if (g_array_index (records, Record, i).stream != stream)
      g_array_index (records, Record, kept++) = g_array_index (records, Record, i);
  g_array_set_size (records, kept);
  g_clear_pointer (&streams[stream].name, g_free);
  g_clear_pointer (&streams[stream].clock, g_free);
  g_clear_pointer (&streams[stream].changes, g_free);
  pinwheel_unlock (&lock);
}

void
pinwheel_sim_checker_add_wait (int stream, int other, guint64 number)
{
  gboolean changed;

  if (stream < 0 || other < 0)
    return;
  pinwheel_lock (&lock);
  changed = join (streams[stream].clock, this_thread_locked ());
  if (join_item_locked (streams[stream].clock, other, streams[other].base + number) || changed)
    note_change_locked (&streams[stream]);
  streams[stream].last++; /* a wait is an item too */
  pinwheel_unlock (&lock);
}

void
pinwheel_sim_checker_saw (int stream, guint64 number)
{
  if (stream < 0 || number == 0)
    return;
  pinwheel_lock (&lock);
  join_item_locked (this_thread_locked (), stream, streams[stream].base + number);
  pinwheel_unlock (&lock);
}

void
pinwheel_sim_checker_saw_all (int stream)
{
  if (stream < 0)
    return;
  pinwheel_lock (&lock);
  join_item_locked (this_thread_locked (), stream, streams[stream].last);
  pinwheel_unlock (&lock);
}

/* --- memory --- */

static gsize
span (const PinwheelSimAccess *access)
{
  return (access->depth - 1) * access->slice + (access->height - 1) * access->pitch + access->width;
}

/* Returns: the first of @n pieces, @distance apart, that may reach bytes from @begin on */
static gsize
find_first (gsize first, gsize begin, gsize n, gsize distance)
{
  return begin > first && n > 1 ? MIN ((begin - first) / distance, n - 1) : 0;
}

/* Bytes [@begin, @end) against the rows of @access that they may meet */
static gboolean
touches (const PinwheelSimAccess *access, gsize begin, gsize end)
{
  gsize address = (gsize) access->address;

  for (gsize z = find_first (address, begin, access->depth, access->slice);
       z < access->depth && address + z * access->slice < end; z++)
    {
      gsize slice = address + z * access->slice;

      for (gsize y = find_first (slice, begin, access->height, access->pitch);
           y < access->height && slice + y * access->pitch < end; y++)
        if (slice + y * access->pitch + access->width > begin)
          return TRUE;
    }
  return FALSE;
}

static gboolean
rows_overlap (const PinwheelSimAccess *a, const PinwheelSimAccess *b)
{
  for (gsize z = 0; z < a->depth; z++)
    for (gsize y = 0; y < a->height; y++)
      {
        gsize begin = (gsize) a->address + z * a->slice + y * a->pitch;

        if (touches (b, begin, begin + a->width))
          return TRUE;
      }
  return FALSE;
}

static gboolean
overlap (const PinwheelSimAccess *a, const PinwheelSimAccess *b)
{
  gsize a_begin = (gsize) a->address, b_begin = (gsize) b->address;

  if (a_begin >= b_begin + span (b) || b_begin >= a_begin + span (a))
    return FALSE;
  return rows_overlap (a, b);
}

static gboolean
covers (const PinwheelSimAccess *whole, const PinwheelSimAccess *part)
{
  gsize begin = (gsize) whole->address, part_begin = (gsize) part->address;

  if (whole->address == part->address && whole->width == part->width
      && whole->height == part->height && whole->pitch == part->pitch && whole->depth == part->depth
      && whole->slice == part->slice)
    return TRUE;
  return span (whole) == whole->width * whole->height * whole->depth && part_begin >= begin
         && part_begin + span (part) <= begin + span (whole);
}

/* Returns: (nullable): work on the same bytes, one of the two writing, of which @clock knows
 * nothing
 */
static const Record *find_hazard_locked (const PinwheelSimAccess *access, const Clock *clock,
                                         int own) PINWHEEL_REQUIRES (lock);
static const Record *
find_hazard_locked (const PinwheelSimAccess *access, const Clock *clock, int own)
{
  for (guint i = 0; i < records->len; i++)
    {
      const Record *record = &g_array_index (records, Record, i);

      if (record->stream != own && (access->write || record->access.write)
          && record->number > clock->done[record->stream] && overlap (access, &record->access))
        return record;
    }
  return NULL;
}

/* What comes before something comes before all that has to wait for that: a write makes the records
 * that it covers needless, a read those of its own stream. */
static void supersede_locked (const PinwheelSimAccess *access, int own) PINWHEEL_REQUIRES (lock);
static void
supersede_locked (const PinwheelSimAccess *access, int own)
{
  guint kept = 0;

  for (guint i = 0; i < records->len; i++)
    {
      const Record *record = &g_array_index (records, Record, i);

      if (!(access->write || (record->stream == own && !record->access.write))
          || !covers (access, &record->access))
        g_array_index (records, Record, kept++) = *record;
    }
  g_array_set_size (records, kept);
}

static void
set_hazard (GError **error, const char *who, const PinwheelSimAccess *access, const Record *record)
{
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
               "hazard: %s %s %" G_GSIZE_FORMAT " bytes at %p which %s %" G_GUINT64_FORMAT
               " of stream '%s' may still be %s, and waits for no fence of it",
               who, access->write ? "writes" : "reads",
               access->width * access->height * access->depth, access->address, record->what,
               record->number - streams[record->stream].base, streams[record->stream].name,
               record->access.write ? "writing" : "reading");
}

gboolean
pinwheel_sim_checker_add_work (int stream, guint64 number, const char *what,
                               const PinwheelSimAccess *accesses, guint n, GError **error)
{
  g_autofree char *who = NULL;
  const Record *hazard = NULL;
  Stream *self;

  if (stream < 0)
    return TRUE;
  pinwheel_lock (&lock);
  self = &streams[stream];
  self->last = self->base + number - 1;
  if (join (self->clock, this_thread_locked ()))
    note_change_locked (self);
  self->last++;
  for (guint i = 0; i < n && hazard == NULL; i++)
    {
      hazard = find_hazard_locked (&accesses[i], self->clock, stream);
      if (hazard == NULL)
        continue;
      who = g_strdup_printf ("%s %" G_GUINT64_FORMAT " of stream '%s'", what, number, self->name);
      set_hazard (error, who, &accesses[i], hazard);
    }
  for (guint i = 0; i < n && hazard == NULL; i++)
    {
      Record record = { accesses[i], stream, self->last, what };

      supersede_locked (&accesses[i], stream);
      g_array_append_val (records, record);
    }
  if (records->len > MAX_RECORDS)
    g_array_remove_range (records, 0, records->len - MAX_RECORDS);
  pinwheel_unlock (&lock);
  return hazard == NULL;
}

gboolean
pinwheel_sim_checker_check_host (gconstpointer memory, gsize size, gboolean write, GError **error)
{
  PinwheelSimAccess access = { memory, size, 1, size, 1, size, write };
  const Record *hazard;

  pinwheel_lock (&lock);
  hazard = find_hazard_locked (&access, this_thread_locked (), -1);
  if (hazard != NULL)
    set_hazard (error, "the CPU", &access, hazard);
  else if (write)
    supersede_locked (&access, -1);
  pinwheel_unlock (&lock);
  return hazard == NULL;
}

void
pinwheel_sim_checker_give (gconstpointer memory)
{
  pinwheel_lock (&lock);
  join (find_clock_locked (given, memory), this_thread_locked ());
  pinwheel_unlock (&lock);
}

void
pinwheel_sim_checker_take (gconstpointer memory)
{
  const Clock *clock;

  pinwheel_lock (&lock);
  ensure_locked ();
  clock = g_hash_table_lookup (given, memory);
  if (clock != NULL)
    join (this_thread_locked (), clock);
  pinwheel_unlock (&lock);
}

static gboolean
is_within (gconstpointer address, gconstpointer memory, gsize size)
{
  return (gsize) address >= (gsize) memory && (gsize) address - (gsize) memory < size;
}

void
pinwheel_sim_checker_forget (gconstpointer memory, gsize size)
{
  GHashTableIter iter;
  gpointer address;
  guint kept = 0;

  pinwheel_lock (&lock);
  ensure_locked ();
  for (guint i = 0; i < records->len; i++)
    if (!is_within (g_array_index (records, Record, i).access.address, memory, size))
      g_array_index (records, Record, kept++) = g_array_index (records, Record, i);
  g_array_set_size (records, kept);
  g_hash_table_iter_init (&iter, given);
  while (g_hash_table_iter_next (&iter, &address, NULL))
    if (is_within (address, memory, size))
      g_hash_table_iter_remove (&iter);
  pinwheel_unlock (&lock);
}
