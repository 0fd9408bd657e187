# The hook of zsh: every line is judged before zsh runs any of it. `kanmon_off` takes it out.
#
# The widgets that end a line are wrapped; a line that is not cleared is not accepted. What is not
# finished gets a new line in the edit buffer, so that nothing is ever accepted without a verdict.
# Names of what is local where a line is judged begin with `__k_`: they hide none of the user's.
if [[ -o interactive ]]; then
typeset -gA __kanmon_words __kanmon_seen __kanmon_widgets
typeset -ga __kanmon_watched __kanmon_absent __kanmon_globs __kanmon_redirects __kanmon_names __kanmon_pairs
typeset -g __kanmon_loaded='' __kanmon_every=1 __kanmon_open='' __kanmon_status=0
typeset -g __kanmon_editor='' __kanmon_passed='' __kanmon_has_global=''
typeset -g __kanmon_at='(^|[;&|(){!`
]|(^|[[:space:];&|(])(do|then|else|elif|if|while|until|time|coproc|function|noglob|nocorrect)[[:space:]])[[:space:]]*([A-Za-z_][A-Za-z0-9_]*[+]?=[^[:space:]]*[[:space:]]+|[0-9]*[<>][<>&|]*[[:space:]]*[^[:space:];&|]+[[:space:]]+)*'
typeset -g __kanmon_unknown="$__kanmon_at"'([^][:space:];&|()<>={}[]*[$`*?~/]|[^][:space:];&|()<>={}[]+[[{]|[[][^][:space:][]|[{][^[:space:]]|[=][^[:space:]]|[^[:space:];&|()<>=]*[.](sh|bash|zsh|ksh)([[:space:];&|)<>]|$))'
typeset -g __kanmon_redirect='>[|&!]?[[:space:]]*([^[:space:];&|()<>]+)'

# Reads the word list; where there is none, every line goes to the gate.
__kanmon_load() {
  emulate -L zsh
  local line=''
  # What somebody else wrote says nothing.
  [[ -f $__kanmon_list && -O $__kanmon_list && -r $__kanmon_list ]] && IFS= read -r line <$__kanmon_list
  [[ -n $line && $line == $__kanmon_loaded ]] && return
  local -a lines
  __kanmon_words=() __kanmon_watched=() __kanmon_absent=() __kanmon_globs=() __kanmon_redirects=()
  __kanmon_loaded='' __kanmon_every=1
  [[ $line == 'kanmon words 2 '* ]] || return
  local text=''
  while IFS= read -r text; do lines+=("$text"); done <$__kanmon_list
  [[ $lines[1] == $line && $lines[-1] == end ]] || return
  __kanmon_loaded=$line __kanmon_every=''
  for line in "${(@)lines[2,-1]}"; do
    case $line in
      (@*) __kanmon_watched+=("${line#@}") ;;
      (\?*) __kanmon_absent+=("${line#\?}") ;;
      (!) __kanmon_every=1 ;;
      (\~*) __kanmon_globs+=("${line#\~}") ;;
      (\>*) __kanmon_redirects+=("${line#\>}") ;;
      (*) __kanmon_words[$line]=1 ;;
    esac
  done
}

# Has the word list written anew where what it was made of has changed.
__kanmon_refresh() {
  emulate -L zsh
  local path_ is_stale='' times
  local -i number=0
  __kanmon_load
  times=$__kanmon_list-${__kanmon_loaded##* }
  if [[ -z $__kanmon_loaded || ! -e $times ]]; then
    is_stale=1
  else
    # Another time than it had: what was brought from elsewhere may be older than what was there.
    for path_ in "${(@)__kanmon_watched}"; do
      (( ++number ))
      [[ $path_ -nt $times/$number || $path_ -ot $times/$number ]] && { is_stale=1; break }
    done
    for path_ in "${(@)__kanmon_absent}"; do
      [[ -e $path_ ]] && is_stale=1
    done
  fi
  [[ -n $is_stale && -n $__kanmon_list ]] || return
  if ! command $__kanmon_ctl init --words </dev/null >/dev/null 2>&1; then
    __kanmon_loaded='' __kanmon_every=1
    return
  fi
  __kanmon_load
}

# Whether a folder of rules stands here or above: its rules are in no list.
__kanmon_in_project() {
  emulate -L zsh
  local folder=$PWD
  while true; do
    [[ -d $folder/.kanmon ]] && return 0
    [[ -n $folder && $folder != / ]] || return 1
    folder=${folder%/*}
  done
}

# Whether a rule may hold a text; what names in it stand for is added to __kanmon_names.
__kanmon_may() {
  emulate -L zsh
  local bare=$1 word glob rest may=1
  local -a words match mbegin mend
  local MATCH MBEGIN MEND
  [[ -n $__kanmon_every ]] && may=0
  # What is longer is left to the gate, whose reading is bounded.
  (( $#bare > 65536 )) && return 0
  [[ $bare == *"\$'"* ]] && may=0
  # Quotes hide nothing.
  bare=${bare//$'\\\n'/}
  bare=${bare//[\'\"\\]/}
  for rest in "${(@f)bare}"; do
    [[ $rest =~ $__kanmon_unknown ]] && may=0
  done
  rest=$bare
  while [[ $rest =~ $__kanmon_redirect ]]; do
    rest=${rest[MEND + 1,-1]}
    word=$match[1]
    case $word in
      (/dev/null | /dev/stdout | /dev/stderr | /dev/tty | - | [0-9]) continue ;;
      (.* | *[^A-Za-z0-9_.+-]*) may=0 ;;
    esac
    for glob in "${(@)__kanmon_redirects}"; do
      [[ $word == ${~glob} ]] && may=0
    done
  done
  words=(${=${bare//[^A-Za-z0-9_.+-]/ }})
  if [[ $bare == *[^A-Za-z0-9_.+[:space:]-]* ]]; then
    words+=(${=${bare//[;&|()<>\{\}\`]/ }})
  fi
  for word in "${(@u)words}"; do
    (( ${+__kanmon_words[$word]} )) && may=0
    [[ $word == *[A-Z]* ]] && (( ${+__kanmon_words[${(L)word}]} )) && may=0
    for glob in "${(@)__kanmon_globs}"; do
      [[ $word == ${~glob} ]] && may=0
    done
    (( ${+__kanmon_seen[$word]} )) && continue
    __kanmon_seen[$word]=1
    if (( ${+galiases[$word]} )); then
      __kanmon_has_global=1
      __kanmon_may "$galiases[$word]" && may=0
    elif (( ${+aliases[$word]} )); then
      __kanmon_names+=("alias:$word" "$aliases[$word]")
      __kanmon_may "$aliases[$word]" && may=0
    fi
    if [[ $word == *.* ]] && (( ${+saliases[${word##*.}]} )); then
      rest="$saliases[${word##*.}] $word"
      __kanmon_names+=("alias:$word" "$rest")
      __kanmon_may "$rest" && may=0
    fi
    case $word in
      (fc | r | kanmon_off | __kanmon_*) continue ;;
    esac
    if (( ${+functions[$word]} )); then
      __kanmon_names+=("function:$word" "$word() {"$'\n'"$functions[$word]"$'\n'"}")
      __kanmon_may "$functions[$word]" && may=0
    fi
  done
  return $may
}

# Judges a text: 0 it may run, 4 it is not finished, else it must not run.
__kanmon_judge() {
  emulate -L zsh
  setopt localtraps
  local __k_code
  # The way out is there where the gate is not.
  if [[ ${1//[[:space:]]/} == kanmon_off ]] && (( ! ${+aliases[kanmon_off]} && ! ${+galiases[kanmon_off]} )); then
    return 0
  fi
  __kanmon_names=() __kanmon_seen=() __kanmon_has_global=''
  __kanmon_refresh
  if ! __kanmon_may "$1" && ! __kanmon_in_project; then
    return 0
  fi
  local __k_text=$1 __k_word __k_round
  local -a __k_expanded
  # Global aliases stand for their text anywhere; in one may stand another.
  for __k_round in 1 2 3 4; do
    [[ -n $__kanmon_has_global ]] || break
    __k_expanded=()
    for __k_word in "${(@z)__k_text}"; do
      __k_expanded+=("${galiases[$__k_word]-$__k_word}")
    done
    __k_text="${(j: :)__k_expanded}"
  done
  # What variables hold that the shell does not export: in the gate's environment, where nobody else
  # reads it, by names that nothing takes for a setting.
  local __k_rest __k_name __k_value __k_kind __k_flags
  local -a match mbegin mend __k_texts
  local -A __k_given
  local -i __k_looks=0
  local MATCH MBEGIN MEND
  __k_texts=("$1" "${(@)__kanmon_names}")
  while (( $#__k_texts )); do
    __k_rest=$__k_texts[1]
    shift __k_texts
    while (( __k_looks++ < 256 )) && [[ $__k_rest =~ '[$][{]?(\([^)]*\))?[\^=~#!]?([A-Za-z_][A-Za-z0-9_]*)' ]]; do
      __k_rest=${__k_rest[MEND + 1,-1]} __k_flags=$match[1] __k_name=$match[2]
      [[ $__k_name == __k* || -n ${__k_given[$__k_name]-} ]] && continue
      __k_given[$__k_name]=1 __k_kind=${parameters[$__k_name]-}
      case $__k_kind in
        ('' | *special*) continue ;;
        (array* | association*) __k_value="${(j: :)${(@P)__k_name}}" ;;
        (*) __k_value=${(P)__k_name} ;;
      esac
      # `${(P)x}` is what that names.
      [[ $__k_flags == *P* && $__k_value =~ '^[A-Za-z_][A-Za-z0-9_]*$' ]] && __k_texts+=("\$$__k_value")
      [[ $__k_kind == *export* ]] && continue
      (( $#__k_value > 4096 )) && continue
      local -x "__kanmon_is_$__k_name=$__k_value"
    done
  done
  [[ -z $WIDGET ]] || zle -I 2>/dev/null
  trap : INT
  command $__kanmon_gate --hook zsh "${(@)__kanmon_names}" <<<"$__k_text"
  __k_code=$?
  case $__k_code in
    (0 | 4) return $__k_code ;;
    (3)
      # Of several lines a prompt comes between the first and the last.
      __kanmon_open=line
      [[ $__k_text == *$'\n'* ]] && __kanmon_open=lines
      for __k_name __k_value in "${(@)__kanmon_names}"; do
        [[ $__k_name == alias:* && $__k_value == *$'\n'* ]] && __kanmon_open=lines
      done
      return 0
      ;;
    (124) return 124 ;;
  esac
  # Stopped while it asked: nobody is to answer it later. It is the current job now.
  (( __k_code >= 147 && __k_code <= 150 )) && kill %+ 2>/dev/null
  (( __k_code > 128 )) && return 124
  printf "$__kanmon_say_failed" $__k_code >&2
  return 124
}

# The widget $1, which ends a line: judged before. Each has a function of its own, since plug-ins
# call it by names of theirs.
__kanmon_accept() {
  emulate -L zsh
  local __k_original=${__kanmon_widgets[$1]-.$1}
  # `vared` and `select` read words, not commands.
  [[ $CONTEXT == (start|cont) ]] || { zle $__k_original; return }
  if [[ $options[banghist] == on && $BUFFER == *[${histchars[1,2]:-\!^}]* ]]; then
    # zsh would expand the history behind us: it is expanded before.
    zle .expand-history
  fi
  __kanmon_end
  local __k_text=$PREBUFFER$BUFFER
  __kanmon_passed=''
  if [[ $__k_text == *[^[:space:]]* ]]; then
    __kanmon_judge "$__k_text"
    case $? in
      (0) ;;
      (4)
        BUFFER+=$'\n' CURSOR=$#BUFFER
        return
        ;;
      (*)
        print -sr -- "${__k_text%$'\n'}"
        # What was typed before comes back with it.
        [[ -n $PREBUFFER ]] && zle .push-line-or-edit
        return
        ;;
    esac
  fi
  __kanmon_passed=x$__k_text
  zle $__k_original
}

# When a line was read: one that came by no widget of ours (Enter in a search of the history) is
# judged here, and is pushed to the next prompt where it must not run.
__kanmon_line_finish() {
  emulate -L zsh
  [[ $CONTEXT == (start|cont) ]] || return 0
  local __k_text=$PREBUFFER$BUFFER
  [[ $__k_text == *[^[:space:]]* && $__kanmon_passed != x$__k_text ]] || return 0
  if [[ $options[banghist] == on && $BUFFER == *[${histchars[1,2]:-\!^}]* ]]; then
    zle .expand-history
    __k_text=$PREBUFFER$BUFFER
  fi
  __kanmon_end
  __kanmon_judge "$__k_text" && return 0
  print -zr -- "$BUFFER"
  BUFFER=''
  return 0
}

# Records the end of a run that has none.
__kanmon_end() {
  [[ -n $__kanmon_open ]] || return 0
  __kanmon_open=''
  command $__kanmon_gate --hook-end $__kanmon_status </dev/null
}

# Before every prompt.
__kanmon_precmd() {
  __kanmon_status=$?
  [[ $__kanmon_open == lines ]] || __kanmon_end
  __kanmon_wrap ''
}

# When a new line is read: all lines of the one before have run.
__kanmon_line_init() {
  [[ $CONTEXT == start && -n $__kanmon_open ]] || return 0
  # What it shows stands above the prompt.
  zle -I
  __kanmon_end
}

# Wraps the widgets that are not, or no more; all of them where $1 says that it is the first time.
__kanmon_wrap() {
  emulate -L zsh
  local widget
  for widget in accept-line accept-and-hold accept-line-and-down-history accept-and-infer-next-history; do
    [[ ${widgets[$widget]-} == user:__kanmon_accept-* ]] && continue
    # What these plug-ins wrapped since is what was there: ours.
    [[ -z $1 && ${widgets[$widget]-} == user:(*autosuggest*|_zsh_highlight_widget*) ]] && continue
    if [[ ${widgets[$widget]-} == user:* ]]; then
      zle -A $widget __kanmon_own_$widget
      __kanmon_widgets[$widget]=__kanmon_own_$widget
    fi
    functions[__kanmon_accept-$widget]="__kanmon_accept $widget"
    zle -N $widget __kanmon_accept-$widget
  done
}

# `fc` and `r`: what they would run is judged when it was edited.
fc() {
  emulate -L zsh
  local __k_editor=${FCEDIT:-${EDITOR:-vi}} __k_is_quick=''
  local -a __k_rest __k_back
  __k_rest=("$@")
  while (( $#__k_rest )); do
    case $__k_rest[1] in
      (-e)
        __k_editor=${__k_rest[2]-}
        shift __k_rest
        ;;
      (-[0-9]*) break ;;
      (--) shift __k_rest; break ;;
      (-*[^nrs]*)
        builtin fc "$@"
        return
        ;;
      (-?*)
        [[ $__k_rest[1] == *r* ]] && __k_back=(-r)
        [[ $__k_rest[1] == *s* ]] && __k_is_quick=1
        ;;
      (*) break ;;
    esac
    shift __k_rest
  done
  [[ $__k_editor == - ]] && __k_is_quick=1
  if [[ -n $__k_is_quick ]]; then
    __kanmon_pairs=()
    while [[ ${__k_rest[1]-} == *=* ]]; do
      __kanmon_pairs+=("$__k_rest[1]")
      shift __k_rest
    done
    (( $#__k_rest )) && __k_rest=("$__k_rest[1]" "$__k_rest[1]")
    builtin fc -e __kanmon_replace "${(@)__k_rest}"
    return
  fi
  __kanmon_editor=$__k_editor
  builtin fc -e __kanmon_edit $__k_back "${(@)__k_rest}"
}
r() { fc -e - "$@" }

# The editor of `fc`: a status other than 0 runs nothing.
__kanmon_edit() {
  eval "$__kanmon_editor"' "$1"' && __kanmon_judge_file "$1"
}

# The editor of `r`.
__kanmon_replace() {
  emulate -L zsh
  local __k_text='' __k_pair
  IFS= read -r -d '' __k_text <$1
  for __k_pair in "${(@)__kanmon_pairs}"; do
    __k_text=${__k_text//"${__k_pair%%=*}"/${__k_pair#*=}}
  done
  print -rn -- "$__k_text" >|$1
  __kanmon_judge_file "$1"
}

# Judges what `fc` would run.
__kanmon_judge_file() {
  emulate -L zsh
  local __k_text=''
  IFS= read -r -d '' __k_text <$1
  [[ $__k_text == *[^[:space:]]* ]] || return 0
  __kanmon_judge "${__k_text%$'\n'}"
}

# Takes the hook out of this shell.
kanmon_off() {
  emulate -L zsh
  local widget
  add-zsh-hook -d precmd __kanmon_precmd
  add-zle-hook-widget -d line-init __kanmon_line_init
  add-zle-hook-widget -d line-finish __kanmon_line_finish
  for widget in accept-line accept-and-hold accept-line-and-down-history accept-and-infer-next-history; do
    zle -A ${__kanmon_widgets[$widget]-.$widget} $widget
  done
  unfunction fc r
  printf '%s' "$__kanmon_say_off" >&2
}

zmodload zsh/zleparameter zsh/parameter
autoload -Uz add-zsh-hook add-zle-hook-widget
add-zsh-hook precmd __kanmon_precmd
add-zle-hook-widget line-init __kanmon_line_init
add-zle-hook-widget line-finish __kanmon_line_finish
__kanmon_wrap first
__kanmon_load
fi
