#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What pinwheel-launch says and which exit code it has, right and wrong.
set -u
# shellcheck source=/dev/null
. "${top_srcdir:?}/tests/pipelines/tap.sh"
code='' out='' err=''

# refused FACT PART WORDS...: a mistake of the user: exit code 2, told once
refused ()
{
  fact=$1
  part=$2
  shift 2
  run pinwheel-launch "$@"
  is "$fact: exit code" 2 "$code"
  has "$fact: message" "$part" "$err"
  is "$fact: told once" 1 "$(grep -c 'error: ' err)"
  is "$fact: nothing on standard output" "" "$out"
}

refused "a misspelt property" "pinwheel-launch: error: the description is wrong:
<text>:1:9: testsrc has no property 'itms'; did you mean 'items'?
    testsrc itms=5 ! fakesink
            ^~~~" testsrc itms=5 ! fakesink
refused "a misspelt element" "<text>:1:19: there is no element 'fakesnk'; did you mean 'fakesink'?" \
  testsrc items=5 ! fakesnk
refused "a value out of range" "<text>:1:28: property 'fail-at'" testsrc ! identity fail-at=-7 ! fakesink
refused "a size that is none" "'4 apples' is not a whole number" testsrc "items=4 apples" ! fakesink
refused "a size that does not fit" "is out of range" testsrc items=99999999999999999999 ! fakesink
refused "a chain that ends in a link" "no element follows this '!'" testsrc ! fakesink !
refused "an unknown pad" "its pads are sink, src_%u" testsrc ! tee name=t t.left ! fakesink
refused "an unknown option" "--chnk" --chnk=5 testsrc ! fakesink
refused "an option behind the beginning" "options come before it" testsrc ! fakesink -v
refused "no description" "there is no description" -q
refused "an empty description" "there is no element here" ""
refused "a value that an option does not take" "--chunk: " --chunk=many testsrc ! fakesink
refused "an unknown element to set" "did you mean 'testsrc0'?" --set testsrc.items=5 testsrc ! fakesink
refused "a setting without a value" "expected ELEMENT.PROPERTY=VALUE" --set items testsrc ! fakesink
refused "an unknown property to set" "did you mean 'items'?" --set testsrc0.item=5 testsrc ! fakesink
refused "a file that is not there" "nowhere.pw: No such file or directory" -f nowhere.pw
refused "a folder as a file" "Is a directory" -f .
refused "a file and words" "begins a second one" -f some.pw testsrc ! fakesink
head -c 100 /dev/zero > zeros
refused "a file of zeros" "is not a description" -f zeros

run pinwheel-launch "nubers ! identity delay=x !
! fakesink q=1"
is "all mistakes are told at once" 4 "$(grep -c '^<text>:' err)"

run pinwheel-launch --plan npysrc location=--x ! fakesink
is "a value may look like an option: exit code" 1 "$code"
has "a value may look like an option" "'--x'" "$err"

run pinwheel-launch npysrc location=nowhere.npy ! fakesink
is "a missing input: exit code" 1 "$code"
is "a missing input: told once" 1 "$(grep -c . err)"

run pinwheel-launch testsrc items=5 ! 'x:f64[*]' ! fakesink
is "a format that does not flow: exit code" 1 "$code"
has "a format that does not flow: message" 'x:f64[*]' "$err"

run pinwheel-launch -q testsrc items=100 ! identity fail-at=0 ! fakesink
is "a run that fails: exit code" 1 "$code"
is "a run that fails: told once" 1 "$(grep -c . err)"
has "a run that fails: names the element and the chunk" "identity0: chunk 0" "$err"

run pinwheel-launch -q testsrc items=5 ! checksumsink
many=$out
is "success: exit code" 0 "$code"
is "success: quiet" "" "$err"
run pinwheel-launch -q "testsrc items=5 ! checksumsink"
is "one word of the shell or many are the same" "$many" "$out"
printf 'testsrc items=5 # five\n  ! \\\n  checksumsink\n' > five.pw
run pinwheel-launch -q -f five.pw
is "a file is the same" "$many" "$out"
out=$(pinwheel-launch -q -f - < five.pw)
is "standard input is the same" "$many" "$out"
run pinwheel-launch -q --set testsrc0.items=5 testsrc items=7 ! checksumsink
is "--set goes before the description" "$many" "$out"
run pinwheel-launch -q --chunk=2 testsrc items=5 ! checksumsink
is "the chunk length does not matter" "$many" "$out"

run pinwheel-launch testsrc items=5 ! checksumsink
has "the summary counts items and bytes" "5 items, 20 B in " "$err"
is "results go to standard output" "$many" "$out"

run pinwheel-launch --plan testsrc items=5 ! checksumsink
is "--plan: exit code" 0 "$code"
has "--plan prints formats" "testsrc0.src ! checksumsink0.sink: x:f32[*]" "$out"
has "--plan prints pools" "testsrc0.src  pinned" "$out"
run pinwheel-launch -v testsrc items=5 ! checksumsink
has "-v prints the same on standard error" "testsrc0.src ! checksumsink0.sink: x:f32[*]" "$err"
is "-v runs" "$many" "$out"

run env -u PINWHEEL_DEVICE pinwheel-launch testsrc items=5 ! upload ! download ! fakesink
is "the device is told where nobody chose it" 1 "$(grep -c '^device: ' err)"
run env -u PINWHEEL_DEVICE pinwheel-launch --device=host testsrc items=5 ! upload ! download ! fakesink
is "a chosen device is not told" 0 "$(grep -c '^device: ' err)"
run env -u PINWHEEL_DEVICE pinwheel-launch testsrc items=5 ! fakesink
is "no device is told where none is used" 0 "$(grep -c '^device: ' err)"

pinwheel-launch testsrc items=5 ! checksumsink > /dev/full 2> err
is "a full disk behind standard output: exit code" 1 "$?"
has "a full disk behind standard output: message" "standard output cannot be written" "$(cat err)"
pinwheel-launch --help > /dev/full 2> err
is "the same for --help" 1 "$?"

run pinwheel-launch --version
is "--version: exit code" 0 "$code"
has "--version" "pinwheel-launch (Pinwheel) " "$out"
run pinwheel-launch --help
is "--help: exit code" 0 "$code"
has "--help shows examples" "Examples:" "$out"

finish
