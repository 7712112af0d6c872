/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/registry.h>

/* A group of elements, as in PinwheelElementInfo.group, and its heading. */
typedef struct
{
  const char *name; /* NULL: the elements of no group above */
  const char *title;
} InspectGroup;

/* Ended by the group without a name. */
extern const InspectGroup inspect_groups[];

/* An element as people look at it; its class stays referenced for ever. */
typedef struct
{
  const PinwheelRegistryEntry *entry;
  PinwheelElementClass *klass;
  const char *description, *example; /* never NULL */
} InspectElement;

/* Returns: FALSE with @error where there is no such element */
gboolean inspect_find (const char *name, InspectElement *element, GError **error);
/* Returns: (transfer full) (element-type PinwheelRegistryEntry): elements of @group, sorted; loads
 * no plug-in */
GPtrArray *inspect_list (const InspectGroup *group);
/* Returns: (transfer full): "bytes, 1 to 1 EiB; default 16MiB; required" */
char *inspect_describe_property (const PinwheelProperty *property);
/* Returns: (transfer full): "takes chunks in device memory" */
char *inspect_describe_pad (const PinwheelPadTemplate *pad);

/* Appends what `pinwheel-inspect ELEMENT` prints. */
void inspect_append_text (GString *out, const InspectElement *element);
/* Appends the page pinwheel-elements(7). Returns: FALSE with @error where an element cannot be made
 */
gboolean inspect_append_man (GString *out, GError **error);
/* Appends what there is to know of devices.
 * @specs: which ones; none: all there are
 * @with_rates: also how many bytes per second are copied each way, measured now
 * Returns: FALSE with @error where one cannot be opened, or does not copy */
gboolean inspect_append_devices (GString *out, char **specs, gboolean with_rates, GError **error);
