#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What bash offers at the end of a line that is being typed.
set -u
# shellcheck source=/dev/null
. "${top_srcdir:?}/tests/pipelines/tap.sh"

if ! command -v bash > /dev/null; then
  echo "1..0 # SKIP no bash"
  exit 0
fi

# offers PROGRAM WORD...: what is offered for the last word, words as bash parts them
offers ()
{
  # shellcheck disable=SC2016 # for the inner shell
  bash -c '
    . "$top_srcdir/tools/pinwheel.bash"
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    function=$(complete -p "$1" | sed "s/.*-F \([^ ]*\).*/\1/")
    "$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2> err
    printf "%s\n" "${COMPREPLY[@]}"
  ' complete "$@" | sed '/^$/d' | tr '\n' ' ' | sed 's/ $//'
}
export top_srcdir

is "elements at the beginning" "npysink npysrc" "$(offers pinwheel-launch npys)"
is "elements behind a link" "testsrc tee" "$(offers pinwheel-launch npysrc location = in.npy ! te | tr ' ' '\n' | LC_ALL=C sort -r | tr '\n' ' ' | sed 's/ $//')"
is "properties of the element to the left" "location=" "$(offers pinwheel-launch npysrc lo)"
is "properties behind a value" "array=" "$(offers pinwheel-launch npysrc location = map ar)"
is "no properties of the element before the link" "map" "$(offers pinwheel-launch npysrc location = a.npy ! ma)"
is "no properties behind a reference" "" "$(offers pinwheel-launch testsrc ! tee name = t t. ! fakesink t. seed)"
touch one.npy two.npy
is "files for a value" "one.npy" "$(offers pinwheel-launch npysrc location = on)"
is "files right behind the =" "one.npy" "$(offers pinwheel-launch npysrc location = | tr ' ' '\n' | grep one)"
is "options of launch" "--plan" "$(offers pinwheel-launch --pl)"
is "options that take a value end in =" "--chunk-bytes=" "$(offers pinwheel-launch --chunk-)"
is "options of inspect" "--names" "$(offers pinwheel-inspect --na)"
is "elements for inspect" "map" "$(offers pinwheel-inspect ma)"
is "elements for inspect --properties" "map" "$(offers pinwheel-inspect --properties = ma)"
is "every option of launch is offered" \
  "$(pinwheel-launch --help | grep -o -- '^  \(-., \)\?--[a-z-]*' | sed 's/.*--/--/' | LC_ALL=C sort | tr '\n' ' ')" \
  "$(offers pinwheel-launch - | tr ' ' '\n' | tr -d '=' | LC_ALL=C sort | tr '\n' ' ')"
is "every element is offered" "$(pinwheel-inspect --names | tr '\n' ' ' | sed 's/ $//')" \
  "$(offers pinwheel-launch '')"

finish
