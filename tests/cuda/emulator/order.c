/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which work comes before which: vector clocks over streams, events and the host.
 * Written for itself, so that it does not share a mistake with what it is to find mistakes in. */
#include "config.h"

#include "emulator.h"

#include <string.h>

#define MAX_RECORDS 65536

void
emu_clock_join (EmuClock *self, const EmuClock *other)
{
  for (guint i = 0; i < EMU_MAX_STREAMS; i++)
    self->done[i] = MAX (self->done[i], other->done[i]);
}

static const char *
name_of (EmuWorkKind kind)
{
  return kind == EMU_COPY ? "copy" : "kernel";
}

void
emu_check_order (CUstream stream, const EmuWork *work, EmuBlock *block, gsize offset, gsize size,
                 gboolean write)
{
  EmuRecord mine = { stream->slot, work->number, write, offset, offset + size };
  guint kept = 0;

  for (guint i = 0; i < block->records->len; i++)
    {
      EmuRecord *record = &g_array_index (block->records, EmuRecord, i);
      gboolean meets = record->begin < mine.end && mine.begin < record->end;
      gboolean before = record->slot == mine.slot
                        || record->number <= work->before.done[record->slot];
      gboolean within = record->begin >= mine.begin && record->end <= mine.end;

      if (meets && !before && (write || record->write))
        emu_report_hazard (g_strdup_printf (
            "%s %" G_GUINT64_FORMAT " of stream %d %s %" G_GSIZE_FORMAT " bytes that item "
            "%" G_GUINT64_FORMAT " of stream %d %s, and nothing says which is first",
            name_of (work->kind), work->number, stream->slot, write ? "writes" : "reads", size,
            record->number, record->slot, record->write ? "writes" : "reads"));
      /* what comes before this need not be remembered by those who come after it */
      if (!(within && before && (write || (record->slot == mine.slot && !record->write))))
        g_array_index (block->records, EmuRecord, kept++) = *record;
    }
  g_array_set_size (block->records, kept);
  g_array_append_val (block->records, mine);
  if (block->records->len > MAX_RECORDS)
    g_array_remove_range (block->records, 0, block->records->len - MAX_RECORDS);
}
