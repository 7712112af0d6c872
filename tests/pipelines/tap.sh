# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# TAP for the tests written in shell. Each runs in an empty folder of its own, gone at the end.
n=0
failures=0
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# report STATUS FACT
report ()
{
  n=$((n + 1))
  if [ "$1" = 0 ]; then
    echo "ok $n - $2"
  else
    failures=$((failures + 1))
    echo "not ok $n - $2"
  fi
}

# is FACT EXPECTED GOT
is ()
{
  if [ "$2" = "$3" ]; then
    report 0 "$1"
  else
    printf 'expected:\n%s\ngot:\n%s\n' "$2" "$3" | sed 's/^/# /'
    report 1 "$1"
  fi
}

# has FACT PART TEXT
has ()
{
  case $3 in
    *"$2"*) report 0 "$1" ;;
    *)
      printf 'no:\n%s\nin:\n%s\n' "$2" "$3" | sed 's/^/# /'
      report 1 "$1"
      ;;
  esac
}

# shellcheck disable=SC2034 # for the tests
# Runs a command: its exit code is in $code, what it printed in $out and $err.
run ()
{
  "$@" > out 2> err < /dev/null
  code=$?
  out=$(cat out)
  err=$(cat err)
}

finish ()
{
  echo "1..$n"
  [ "$failures" = 0 ]
}
