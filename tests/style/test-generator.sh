#!/bin/sh
# Compiled kernels are kept under a digest of the library's own sources: of all that have a part in
# the code, as they are now.
set -u
build=${top_builddir:-$PWD}
cd "${top_srcdir:-.}" || exit 1
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

sources=$(printf '%s\n' pipeline/base/*.[ch] pipeline/data/*.[ch] pipeline/compute/*.[ch] \
  pipeline/compute/embed.sed pipeline/compute/pure-functions.awk \
  pipeline/device/host-launch-private.h include/pinwheel/dtype.h include/pinwheel/kernel.h | LC_ALL=C sort)
# shellcheck disable=SC2086 # a list of words
expected=$(cat $sources | sha256sum | cut -c1-64)
check "the digest is that of every file of the rooms from which kernels are made" \
  "$(grep -q "\"$expected\"" "$build/pipeline/compute/generator-digest.h" \
    || cat "$build/pipeline/compute/generator-digest.h")"

check "what writes a kernel's source includes nothing that the digest leaves out" \
  "$(grep -nE '^#include ["<](device|memory|graph|run|text|pinwheel)/' pipeline/compute/host-[fms]*.[ch] \
    pipeline/compute/host-compiler* pipeline/compute/lower* pipeline/compute/signature* \
    pipeline/compute/token* | grep -vE '"device/host-launch-private.h"|<pinwheel/(dtype|error|kernel).h>')"
echo "1..$n"
