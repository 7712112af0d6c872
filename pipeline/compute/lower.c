/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "compute/host-compiler-private.h"
#include "compute/lower-private.h"

/* Lanes of a group where lanes keep nothing: then what several regions share is the user's own
 * arrays, of which neighbours are best read together. */
#define WIDE_LANES 256
#define WARP       32

static void
clear (PinwheelLower *self)
{
  g_hash_table_unref (self->typedefs);
  g_hash_table_unref (self->constants);
  g_hash_table_unref (self->references);
  g_hash_table_unref (self->atomics);
  g_hash_table_unref (self->serials);
  g_hash_table_unref (self->defined);
  g_hash_table_unref (self->indexers);
  g_hash_table_unref (self->structures);
  g_ptr_array_unref (self->owned);
  g_ptr_array_unref (self->lists);
  g_ptr_array_unref (self->variables);
  g_ptr_array_unref (self->visible);
  g_string_free (self->text, TRUE);
  g_free (self->reason);
}

static void
init (PinwheelLower *self, const PinwheelSignature *signature, const guint block[3])
{
  *self = (PinwheelLower){ .signature = signature };
  for (guint i = 0; i < 3; i++)
    self->block[i] = block[i];
  self->thread_index_outside = signature->thread_index_outside;
  self->has_whole_warps = block[0] % WARP == 0;
  self->typedefs = pinwheel_typedefs_new ();
  self->constants = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->references = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->atomics = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->indexers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->serials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->defined = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->structures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify) g_ptr_array_unref);
  self->owned = g_ptr_array_new_with_free_func (g_free);
  self->lists = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  self->variables = g_ptr_array_new ();
  self->visible = g_ptr_array_new ();
  self->text = g_string_new (NULL);
}

/* Lanes of a group, so that all groups along x are equal where that is possible */
static guint
choose_width (const PinwheelLower *self, guint most)
{
  guint x = self->block[0];

  if (self->n_slots > 0 && self->has_whole_warps)
    return x % most == 0 && !self->has_warp_branches ? most : WARP;
  if (x <= most)
    return x;
  for (guint width = most; width >= most / 2; width--)
    if (x % width == 0)
      return width;
  return most;
}

/* Parameters that the kernel changes become variables of each lane. */
static void
write_parameters (PinwheelLower *self)
{
  for (guint i = 0; i < self->signature->parameters->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      if (!variable->is_assigned)
        continue;
      variable->is_kept = TRUE;
      pinwheel_lower_begin_groups (self);
      pinwheel_lower_say (self,
                          "for (int pinwheel_lane = 0; pinwheel_lane < pinwheel_lanes; "
                          "pinwheel_lane++)\npinwheel_state.v%u[%s] = %s;\n",
                          variable->id, pinwheel_lower_place (self), variable->name);
      pinwheel_lower_end_groups (self);
    }
}

static void
write_kernel (PinwheelLower *self)
{
  gboolean has_phases = self->has_barrier;

  g_string_truncate (self->text, 0);
  self->file = NULL;
  self->n_regions = self->n_masks = self->n_codes = 0;
  self->n_labels = 0;
  self->may_park = self->is_masked = FALSE;
  self->loop = NULL;
  pinwheel_lower_write_hoisted (self);
  if (self->is_final)
    pinwheel_lower_write_state (self);
  self->between_groups = TRUE;
  if (!has_phases)
    pinwheel_lower_begin_groups (self);
  self->between_groups = has_phases;
  if (self->is_final && self->uses_parked)
    {
      pinwheel_lower_begin_groups (self);
      pinwheel_lower_say (self,
                          "for (int pinwheel_lane = 0; pinwheel_lane < pinwheel_lanes; "
                          "pinwheel_lane++)\npinwheel_state.parked[%s] = 0;\n",
                          pinwheel_lower_place (self));
      pinwheel_lower_end_groups (self);
    }
  write_parameters (self);
  pinwheel_lower_write_list (self, self->body);
  if (!has_phases)
    pinwheel_lower_say (self, "}\n");
}

/* Whether lanes have places, for the sake of which groups are small */
static gboolean
keeps_anything (const PinwheelLower *self)
{
  gboolean keeps = self->uses_parked || self->n_slots > 0;

  for (guint i = 0; i < self->variables->len; i++)
    {
      const PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      keeps |= variable->is_kept || variable->is_in_place || variable->is_spread;
    }
  return keeps;
}

static void
lower (PinwheelLower *self)
{
  if (!pinwheel_lower_read_source (self))
    return;
  pinwheel_lower_parse (self);
  if (self->reason != NULL)
    return;
  pinwheel_lower_find_writes (self);
  pinwheel_lower_classify (self);
  pinwheel_lower_choose_places (self);
  self->width = choose_width (self, PINWHEEL_LOWER_LANES);
  write_kernel (self);
  pinwheel_lower_fix_places (self);
  /* one region by itself needs no groups */
  if (!keeps_anything (self))
    self->width = self->n_regions == 1 ? self->block[0] : choose_width (self, WIDE_LANES);
  self->is_final = TRUE;
  write_kernel (self);
}

char *
pinwheel_lower (const PinwheelSignature *signature, const guint block[3], char **summary)
{
  PinwheelLower self;
  char *body = NULL;

  init (&self, signature, block);
  lower (&self);
  if (self.reason == NULL)
    {
      *summary = g_strdup_printf ("%u region%s, %u mask%s", self.n_regions,
                                  self.n_regions == 1 ? "" : "s", self.n_masks,
                                  self.n_masks == 1 ? "" : "s");
      body = g_strdup (self.text->str);
    }
  else
    *summary = g_steal_pointer (&self.reason);
  clear (&self);
  return body;
}
