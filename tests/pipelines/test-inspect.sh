#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# pinwheel-inspect tells what the element tables say.
set -u
# shellcheck source=/dev/null
. "${top_srcdir:?}/tests/pipelines/tap.sh"
code='' out='' err=''

run pinwheel-inspect
is "the list: exit code" 0 "$code"
has "the list has groups" "Sources:" "$out"
has "the list has summaries" "npysrc         Reads an array from a NumPy file" "$out"
has "the list counts" "$(pinwheel-inspect --names | wc -l) elements" "$out"

run pinwheel-inspect --names
is "names are sorted" "$(LC_ALL=C sort out)" "$out"

for name in $out; do
  pinwheel-inspect "$name" > page 2>&1
  is "$name: exit code" 0 "$?"
  is "$name has all sections" "Pads: Properties, Example:" \
    "$(sed -n 's/^\(Pads:\|Properties,\|Example:\).*/\1/p' page | tr '\n' ' ' | sed 's/ $//')"
  missing=
  for property in $(pinwheel-inspect --properties "$name"); do
    grep -q "^  $property " page || missing="$missing $property"
  done
  is "$name: every property is described" "" "$missing"
done

run pinwheel-inspect map tee
has "two elements are told: the first" "map - " "$out"
has "two elements are told: the second" "tee - " "$out"
has "pads have places" "sink           takes chunks in device memory" "$out"
has "pads made on request are said to be" "any number, made on request" "$out"
has "a property says what it must have" "expr           text; required" "$out"
run pinwheel-inspect testsrc
has "a property has its default" "default 0" "$out"

run pinwheel-inspect mapp
is "an unknown element: exit code" 2 "$code"
is "an unknown element: near name" \
  "pinwheel-inspect: error: there is no element 'mapp'; did you mean 'map'?" "$err"
is "an unknown element: nothing on standard output" "" "$out"
run pinwheel-inspect --properties mapp
is "properties of an unknown element: exit code" 2 "$code"
run pinwheel-inspect --nonsense
is "an unknown option: exit code" 2 "$code"

run pinwheel-inspect --man
is "the page has every element" "$(pinwheel-inspect --names)" \
  "$(sed -n 's/^\.SS //p' out | tr -d '\134' | LC_ALL=C sort)"
if command -v man > /dev/null; then
  is "the page is right roff" "" "$(MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l out 2>&1 > /dev/null)"
else
  report 0 "the page is right roff # SKIP no man"
fi

run pinwheel-inspect --devices
is "devices: exit code" 0 "$code"
has "devices: the host is one" "
host
  name " "
$out"
is "devices: every machine has CUDA devices or a reason why not" 1 \
  "$(grep -cE '^(cuda:0$|no CUDA device: .)' out)"
run pinwheel-inspect --devices sim:memory=64MiB
has "a device that is named is told" "64 MiB, 64 MiB free" "$out"
run pinwheel-inspect --measure sim:memory=64MiB,h2d=1GB/s,d2h=0.5GB/s
is "rates: exit code" 0 "$code"
has "rates have a heading" "host memory   to the device   from it         both at once" "$out"
is "rates: pinned and pageable memory" 2 "$(grep -cE '^  (pinned|pageable)( +[0-9.]+ [MG]iB/s){3}$' out)"
is "rates: not above what the device copies" "" \
  "$(awk '$1 == "pinned" && $3 == "MiB/s" && $2 > 954 { print }' out)"
run pinwheel-inspect --devices nonsense
is "an unknown device: exit code" 2 "$code"
has "an unknown device: those that there are" "there is no device 'nonsense'; there is: cuda, host, sim" "$err"

run pinwheel-inspect --version
has "--version" "pinwheel-inspect (Pinwheel) " "$out"
pinwheel-inspect > /dev/full 2> err
is "a full disk: exit code" 1 "$?"
has "a full disk: message" "standard output cannot be written" "$(cat err)"

run env PINWHEEL_PLUGIN_PATH=/nowhere pinwheel-inspect --names
is "a folder that is not there is no error" "0 " "$code $err"
mkdir plugins
echo "no library" > plugins/broken.so
run env PINWHEEL_PLUGIN_PATH=plugins pinwheel-inspect --names
is "a broken plug-in is no error" 0 "$code"
is "a broken plug-in is named once" 1 "$(grep -c 'plugins/broken.so: is left out' err)"

finish
