# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Completion for pinwheel-launch and pinwheel-inspect. All that is offered comes from the tools.

_pinwheel_options ()
{
  "$1" --help 2>/dev/null | sed -n 's/^  \(-[a-z], \)\{0,1\}\(--[a-z-]*=\{0,1\}\).*/\2/p'
}

# Offers the lines of $1 that begin with $2. What ends in = wants its value at once.
_pinwheel_offer ()
{
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}

_pinwheel_offer_files ()
{
  mapfile -t COMPREPLY < <(compgen -f -- "$1")
  compopt -o filenames 2>/dev/null
}

# Prints the element whose properties may stand at the cursor: the nearest one to the left, unless a !
# or a reference is nearer. $1: names of all elements
_pinwheel_element ()
{
  local i word
  for ((i = COMP_CWORD - 1; i > 0; i--)); do
    word=${COMP_WORDS[i]}
    # the word behind an = is a value
    [[ $word == '=' || ${COMP_WORDS[i - 1]} == '=' ]] && continue
    [[ $word == '!' || $word == *. || $word == *.* ]] && return
    if grep -qxF -- "$word" <<< "$1"; then
      echo "$word"
      return
    fi
  done
}

_pinwheel_launch ()
{
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local names element
  COMPREPLY=()
  # bash takes the = of key=value for a word of its own
  if [[ $cur == '=' ]]; then
    _pinwheel_offer_files ''
    return
  fi
  if [[ $prev == '=' || $prev == -f ]]; then
    _pinwheel_offer_files "$cur"
    return
  fi
  if [[ $cur == -* ]]; then
    _pinwheel_offer "$(_pinwheel_options "$1")" "$cur"
    return
  fi
  names=$(pinwheel-inspect --names 2>/dev/null)
  element=$(_pinwheel_element "$names")
  if [[ -n $element ]]; then
    _pinwheel_offer "$(pinwheel-inspect --properties "$element" 2>/dev/null | sed 's/$/=/') !" "$cur"
  else
    _pinwheel_offer "$names" "$cur"
  fi
}

_pinwheel_inspect ()
{
  local cur=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  if [[ $cur == -* ]]; then
    _pinwheel_offer "$(_pinwheel_options "$1")" "$cur"
  else
    [[ $cur == '=' ]] && cur=
    _pinwheel_offer "$(pinwheel-inspect --names 2>/dev/null)" "$cur"
  fi
}

complete -F _pinwheel_launch pinwheel-launch
complete -F _pinwheel_inspect pinwheel-inspect
