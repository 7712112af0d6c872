/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For LD_PRELOAD: a machine without some libraries, and libraries without some functions.
 * PINWHEEL_HIDE names them: "libnvrtc cuFuncLoad". */
#include "config.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef void *(*Open) (const char *path, int flags);
typedef void *(*Find) (void *handle, const char *name);

/* Whether one of the names is @text, or the beginning of its last part. */
static int
is_hidden (const char *text, int is_path)
{
  const char *names = getenv ("PINWHEEL_HIDE"), *end;
  const char *last = is_path && strrchr (text, '/') != NULL ? strrchr (text, '/') + 1 : text;

  for (; names != NULL && *names != '\0'; names = *end == ' ' ? end + 1 : end)
    {
      size_t length = strcspn (names, " ");

      end = names + length;
      if (strncmp (names, last, length) == 0 && (is_path || last[length] == '\0'))
        return 1;
    }
  return 0;
}

/* The C library's own dlsym(), by the name of each version that it has had */
static Find
find_dlsym (void)
{
  static const char *const versions[] = { "GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17" };
  Find find = NULL;

  for (size_t i = 0; find == NULL && i < sizeof versions / sizeof versions[0]; i++)
    *(void **) &find = dlvsym (RTLD_NEXT, "dlsym", versions[i]);
  if (find == NULL)
    abort ();
  return find;
}

void *
dlsym (void *handle, const char *name)
{
  return is_hidden (name, 0) ? NULL : find_dlsym () (handle, name);
}

void *
dlopen (const char *path, int flags)
{
  Open next;

  *(void **) &next = find_dlsym () (RTLD_NEXT, "dlopen");
  return path != NULL && is_hidden (path, 1) ? NULL : next (path, flags);
}
