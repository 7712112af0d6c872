#!/bin/sh
# A room calls only rooms below it, back-ends are reached through the device class alone, locks are
# taken through one header, and nothing is left open.
set -u
cd "${top_srcdir:-.}" || exit 1
# the wrapper script that automake calls is in the source tree; the rooms are there too
rooms="base data device memory compute graph run text elements tools"
n=0
check ()
{
  n=$((n + 1))
  if [ -z "$2" ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
  fi
}

height ()
{
  h=0
  for room in $rooms; do
    h=$((h + 1))
    [ "$room" = "$1" ] && break
  done
  echo "$h"
}

# the room of a public header is the one whose .c file has its name
room_of_public ()
{
  for room in $rooms; do
    [ -f "pipeline/$room/$1.c" ] && echo "$room" && return
  done
  case $1 in
    parse | registry) echo text ;;
    *) echo base ;; # macros, version, error
  esac
}

includes ()
{
  sed -n 's/^#include ["<]\(.*\)[">].*/\1/p' "$1"
}

upward=
for file in pipeline/*/*.[ch] pipeline/*/*/*.[ch]; do
  [ -f "$file" ] || continue
  room=${file#pipeline/}
  room=${room%%/*}
  own=$(height "$room")
  for include in $(includes "$file"); do
    case $include in
      pinwheel/*)
        name=${include#pinwheel/}
        other=$(room_of_public "${name%.h}")
        ;;
      */*-private.h) other=${include%%/*} ;;
      *) continue ;;
    esac
    [ "$(height "$other")" -le "$own" ] || upward="$upward$file includes $include
"
  done
done
check "no room includes a header of a room above it" "$upward"

check "back-ends are reached through the device class alone" \
  "$(grep -nE 'include "device/(host|sim|cuda)/' pipeline/*/*.[ch] elements/*/*.[ch] tools/*.[ch] \
    | grep -v '^pipeline/device/device-open.c:')"

check "elements and tools include public headers, their own, and the lock" \
  "$(grep -nE '#include "(data|device|memory|compute|graph|run|text)/' elements/*/*.[ch] tools/*.[ch])"

check "locks are taken through one private header" \
  "$(grep -nE 'g_mutex_(un)?lock|pthread_mutex|g_cond_wait|g_rw_lock|g_rec_mutex' -r pipeline elements tools \
    --include='*.c' --include='*.h' | grep -v '^pipeline/base/lock-private.h:')"

check "no thread sleeps to wait for another" \
  "$(grep -nE '\b(g_usleep|usleep|nanosleep|sleep) ?\(' -r pipeline elements tools --include='*.c')"

check "nothing is left open" \
  "$(grep -nE '\b(TODO|FIXME|XXX)\b|not (yet )?implemented' -r pipeline elements tools include tests \
    --include='*.c' --include='*.h' --include='*.py')"

check "public headers are listed, and nothing else is in their folder" \
  "$(for header in include/pinwheel/*.h; do
    grep -q "%D%/pinwheel/${header##*/}" include/Makefile.am || echo "$header is not in include/Makefile.am"
  done)"

check "no file grows past 600 lines" \
  "$(wc -l pipeline/*/*.[ch] pipeline/*/*/*.[ch] elements/*/*.[ch] tools/*.[ch] 2>/dev/null \
    | awk '$2 != "total" && $1 > 600')"

if command -v clang-format > /dev/null; then
  check "clang-format has nothing to change" \
    "$(find pipeline elements tools include tests -name '*.[ch]' -exec clang-format --dry-run {} + 2>&1 | grep warning)"
else
  n=$((n + 1))
  echo "ok $n - clang-format has nothing to change # SKIP no clang-format"
fi

if command -v shellcheck > /dev/null; then
  check "shellcheck has nothing to say" \
    "$(find bootstrap .ci/run tests -type f \( -name '*.sh' -o -name bootstrap -o -name run \) \
      -exec shellcheck {} + 2>&1)"
else
  n=$((n + 1))
  echo "ok $n - shellcheck has nothing to say # SKIP no shellcheck"
fi
echo "1..$n"
