# shellcheck shell=bash disable=SC2016,SC2154 # Text for later expansion; variables set by `kanmonctl init`.
# The hook of bash: every line is judged before bash runs any of it. `kanmon_off` takes it out.
#
# Enter runs `__kanmon_enter`, which reads the edit buffer, and then a second key, which that
# function has bound to what is to happen: accept the line, or leave it for editing. What would go
# round Enter meets PS0, which bash expands before it runs a command: without a pass of the hook it
# interrupts. `fc` (and with it Ctrl-X Ctrl-E) is judged by a function of that name.
#
# Names of what is local where a line is judged begin with `__k_`: they hide none of the user's.
#
# Aliases must not get into what follows.
if [[ $- == *i* ]]; then
__kanmon_aliases=-u; shopt -q expand_aliases && __kanmon_aliases=-s
shopt -u expand_aliases

declare -gA __kanmon_words=() __kanmon_seen=()
declare -ga __kanmon_watched=() __kanmon_absent=() __kanmon_globs=() __kanmon_redirects=() __kanmon_names=()
declare -ga __kanmon_pairs=()
# The keys that end a line, by map; kept where this is read once more.
declare -ga __kanmon_accept __kanmon_next
# Those that call the editor, with what they are bound to.
declare -ga __kanmon_edit_keys
# What was loaded; whether every line goes to the gate; what PS0 may still let through.
__kanmon_loaded='' __kanmon_every=1 __kanmon_left=0 __kanmon_until=0 __kanmon_none='' __kanmon_alias_lines=0
# The lines of a command that is not finished, and whether a prompt stood there since.
__kanmon_before='' __kanmon_is_new=1 __kanmon_number='' __kanmon_widget=accept-line
# Whether a run has no end yet, and with which status its line ended.
__kanmon_open='' __kanmon_status=0 __kanmon_is_bound='' __kanmon_back='' __kanmon_editor=''
# Whether it was taken out: others may have kept what stood in PROMPT_COMMAND (starship does).
__kanmon_is_off=''
# Arithmetic that PS0 does: the second reads a subscript, which interrupts the shell.
__kanmon_stop='__kanmon_none[$(__kanmon_refuse)0]'
__kanmon_ps0='${__kanmon_none:__kanmon_left>0&&LINENO<=__kanmon_until?__kanmon_left--,0:__kanmon_stop}'

# Where a program is called: at the start, behind an operator or a word of the grammar, behind
# assignments and redirects.
__kanmon_at='(^|[;&|(){!`
]|(^|[[:space:];&|(])(do|then|else|elif|if|while|until|time|coproc|function)[[:space:]])[[:space:]]*([A-Za-z_][A-Za-z0-9_]*[+]?=[^[:space:]]*[[:space:]]+|[0-9]*[<>][<>&|]*[[:space:]]*[^[:space:];&|]+[[:space:]]+)*'
# There: what is not plain text, or may be a script.
__kanmon_unknown="$__kanmon_at"'([^][:space:];&|()<>={}[]*[$`*?~/]|[^][:space:];&|()<>={}[]+[[{]|[[][^][:space:][]|[{][^[:space:]]|[^[:space:];&|()<>=]*[.](sh|bash|zsh|ksh)([[:space:];&|)<>]|$))'
# A redirect to a file, not to a descriptor.
__kanmon_redirect='[<>]*>[|&]?[[:space:]]*([^[:space:];&|()<>]+)'

# What would leave no line to read.
__kanmon_editing_off='set[[:space:]]+([^;&|]*[[:space:]])?[+]o[[:space:]]+(emacs|vi)([[:space:];&|]|$)'

# Reads the word list; where there is none, every line goes to the gate.
__kanmon_load() {
  local line=''
  # What somebody else wrote says nothing.
  [[ -f $__kanmon_list && -O $__kanmon_list && -r $__kanmon_list ]] && IFS= read -r line <"$__kanmon_list"
  [[ -n $line && $line == "$__kanmon_loaded" ]] && return
  local -a lines=()
  __kanmon_words=() __kanmon_watched=() __kanmon_absent=() __kanmon_globs=() __kanmon_redirects=()
  __kanmon_loaded='' __kanmon_every=1
  [[ $line == 'kanmon words 2 '* ]] || return
  mapfile -t lines <"$__kanmon_list"
  [[ ${lines[0]} == "$line" && ${lines[-1]} == end ]] || return
  __kanmon_loaded=$line __kanmon_every=''
  for line in "${lines[@]:1}"; do
    case $line in
      @*) __kanmon_watched+=("${line:1}") ;;
      \?*) __kanmon_absent+=("${line:1}") ;;
      !) __kanmon_every=1 ;;
      \~*) __kanmon_globs+=("${line:1}") ;;
      \>*) __kanmon_redirects+=("${line:1}") ;;
      *) __kanmon_words[$line]=1 ;;
    esac
  done
}

# Has the word list written anew where what it was made of has changed.
__kanmon_refresh() {
  local path is_stale='' times number=0
  __kanmon_load
  times=$__kanmon_list-${__kanmon_loaded##* }
  if [[ -z $__kanmon_loaded || ! -e $times ]]; then
    is_stale=1
  else
    # Another time than it had: what was brought from elsewhere may be older than what was there.
    for path in "${__kanmon_watched[@]}"; do
      (( ++number ))
      if [[ $path -nt $times/$number || $path -ot $times/$number ]]; then
        is_stale=1
        break
      fi
    done
    for path in "${__kanmon_absent[@]}"; do
      [[ -e $path ]] && is_stale=1
    done
  fi
  [[ -n $is_stale && -n $__kanmon_list ]] || return
  if ! "$__kanmon_ctl" init --words </dev/null >/dev/null 2>&1; then
    __kanmon_loaded='' __kanmon_every=1
    return
  fi
  __kanmon_load
}

# Whether a folder of rules stands here or above: its rules are in no list.
__kanmon_in_project() {
  local folder=$PWD
  while :; do
    [[ -d $folder/.kanmon ]] && return 0
    [[ -n $folder ]] || return 1
    folder=${folder%/*}
  done
}

# Whether a rule may hold a text; what names in it stand for is added to __kanmon_names.
__kanmon_may() {
  local bare=$1 word glob rest may=1 IFS=$' \t\n'
  local -a words=()
  [[ -n $__kanmon_every ]] && may=0
  # What is longer is left to the gate, whose reading is bounded.
  (( ${#bare} > 65536 )) && return 0
  [[ $bare == *"\$'"* ]] && may=0
  # Quotes hide nothing.
  bare=${bare//$'\\\n'/}
  bare=${bare//[\'\"\\]/}
  # Line by line: the time of an expression does not grow evenly.
  IFS=$'\n'
  # shellcheck disable=SC2206 # `set -f` is on.
  words=($bare)
  IFS=$' \t\n'
  for rest in "${words[@]}"; do
    [[ $rest =~ $__kanmon_unknown ]] && may=0
  done
  rest=$bare
  while [[ $rest =~ $__kanmon_redirect ]]; do
    rest=${rest#*"${BASH_REMATCH[0]}"}
    word=${BASH_REMATCH[1]}
    case $word in
      /dev/null | /dev/stdout | /dev/stderr | /dev/tty | - | [0-9]) continue ;;
      .* | *[!A-Za-z0-9_.+-]*) may=0 ;;
    esac
    for glob in "${__kanmon_redirects[@]}"; do
      # shellcheck disable=SC2053 # It is a pattern.
      [[ $word == $glob ]] && may=0
    done
  done
  rest=${bare//[!A-Za-z0-9_.+-]/ }
  # shellcheck disable=SC2206 # Nothing in it is a pattern.
  words=($rest)
  if [[ $bare == *[!A-Za-z0-9_.+[:space:]-]* ]]; then
    rest=${bare//[;&|()<>\{\}\`]/ }
    # shellcheck disable=SC2206 # `set -f` is on.
    words+=($rest)
  fi
  for word in "${words[@]}"; do
    [[ -n ${__kanmon_words[$word]+x} ]] && may=0
    [[ $word == *[A-Z]* && -n ${__kanmon_words[${word,,}]+x} ]] && may=0
    for glob in "${__kanmon_globs[@]}"; do
      # shellcheck disable=SC2053 # It is a pattern.
      [[ $word == $glob ]] && may=0
    done
    [[ -n ${__kanmon_seen[$word]+x} ]] && continue
    __kanmon_seen[$word]=1
    if [[ -n ${BASH_ALIASES[$word]+x} ]]; then
      rest=${BASH_ALIASES[$word]}
      __kanmon_names+=("alias:$word" "$rest")
      glob=${rest//[!$'\n']/}
      (( __kanmon_alias_lines += ${#glob} ))
      __kanmon_may "$rest" && may=0
    fi
    case $word in
      fc | kanmon_off | __kanmon_*) continue ;;
    esac
    # With a `=` it would be an assignment.
    if [[ $word != *=* ]] && declare -F -- "$word" >/dev/null; then
      rest=$(declare -f -- "$word")
      __kanmon_names+=("function:$word" "$rest")
      __kanmon_may "$rest" && may=0
    fi
  done
  return "$may"
}

# Judges a text: 0 it may run, 4 it is not finished, else it must not run.
__kanmon_judge() {
  local __k_status
  # The way out is there where the gate is not.
  if [[ ${1//[[:space:]]/} == kanmon_off && -z ${BASH_ALIASES[kanmon_off]+x} ]]; then
    return 0
  fi
  __kanmon_names=() __kanmon_seen=() __kanmon_alias_lines=0
  __kanmon_refresh
  if ! __kanmon_may "$1" && ! __kanmon_in_project; then
    return 0
  fi
  # What variables hold that the shell does not export: in the gate's environment, where nobody else
  # reads it, by names that nothing takes for a setting.
  local __k_rest __k_name __k_value __k_looks=0
  local -a __k_texts=("$1" "${__kanmon_names[@]}")
  local -A __k_given=()
  while (( ${#__k_texts[@]} )); do
    __k_rest=${__k_texts[0]} __k_texts=("${__k_texts[@]:1}")
    while (( __k_looks++ < 256 )) && [[ $__k_rest =~ \$\{?([!#]?)([A-Za-z_][A-Za-z0-9_]*) ]]; do
      __k_rest=${__k_rest#*"${BASH_REMATCH[0]}"} __k_name=${BASH_REMATCH[2]}
      case $__k_name in
        __k* | IFS) continue ;;
      esac
      [[ -n ${__k_given[$__k_name]+x} || ${!__k_name@a} == *x* ]] && continue
      __k_given[$__k_name]=1
      if [[ ${!__k_name@a} == *[aA]* ]]; then
        local -n __kanmon_array=$__k_name
        __k_value="${__kanmon_array[*]}"
        unset -n __kanmon_array
      else
        [[ -n ${!__k_name+x} ]] || continue
        __k_value=${!__k_name}
      fi
      (( ${#__k_value} > 4096 )) && continue
      local -x "__kanmon_is_$__k_name=$__k_value"
      # `${!x}` is what that names.
      [[ ${BASH_REMATCH[1]} == ! && $__k_value =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] && __k_texts+=("\$$__k_value")
    done
  done
  "$__kanmon_gate" --hook bash "${__kanmon_names[@]}" <<<"$1"
  __k_status=$?
  case $__k_status in
    0 | 4) return "$__k_status" ;;
    3)
      __kanmon_open=1
      return 0
      ;;
    124) return 124 ;;
  esac
  # Stopped while it asked, which no key does: nobody is to answer it later, and it is no job to go on
  # with. What it says last stands above the prompt. Behind one bash has set the modes of its own, not
  # those of its line editing.
  if (( __k_status >= 147 && __k_status <= 150 )); then
    __k_name=$(jobs -p %+)
    [[ -n $__k_name ]] && kill -TERM -- "-$__k_name" && kill -CONT -- "-$__k_name" \
      && wait -f "$__k_name" 2>/dev/null
    disown %+ 2>/dev/null
    stty -icanon -echo -icrnl -inlcr min 1 time 0 </dev/tty 2>/dev/null
    return 124
  fi
  (( __k_status > 128 )) && return 124
  # shellcheck disable=SC2059 # It is a format.
  printf "$__kanmon_say_failed" "$__k_status" >&2
  return 124
}

# Binds the key behind the hook's own in every map.
__kanmon_bind() {
  local map
  [[ $__kanmon_is_bound == "$1" ]] && return
  for map in emacs-standard vi-insert vi-command; do
    bind -m "$map" '"\C-x\C-_b": '"$1"
  done
  __kanmon_is_bound=$1
}

# Binds Enter and what else ends a line. `bind -x` keys are found by sequences that nobody types.
__kanmon_keys() {
  local map key entry
  for map in emacs-standard vi-insert vi-command; do
    bind -m "$map" '"\C-x\C-_c": history-expand-line'
  done
  for entry in "${__kanmon_accept[@]}"; do
    map=${entry%% *} key=${entry#* }
    bind -m "$map" "\"$key\": \"\\C-x\\C-_a\\C-x\\C-_b\""
  done
  for entry in "${__kanmon_next[@]}"; do
    map=${entry%% *} key=${entry#* }
    bind -m "$map" "\"$key\": \"\\C-x\\C-_n\\C-x\\C-_b\""
  done
}

# Enter. `$?` and `$_`, which are given, are as the last command left them.
__kanmon_enter() {
  __kanmon_line accept-line ''
  return "$1"
}

# Judges the edit buffer with what was typed before it, and binds what is to happen.
__kanmon_line() {
  local - IFS=$' \t\n' __k_text=$READLINE_LINE __k_number='\#' __k_newlines __k_options=$-
  local __k_expands=${histchars-\!^}
  set +eux -f
  __kanmon_left=0 __kanmon_back=''
  if [[ -z $2 && $__k_options == *H* && -n $__k_expands && ( $__k_text == *"${__k_expands:0:1}"* || -n ${__k_expands:1:1} && $__k_text == "${__k_expands:1:1}"* ) ]]; then
    # bash would expand the history behind us: it is expanded before.
    __kanmon_widget=$1
    __kanmon_bind '"\C-x\C-_c\C-x\C-_e\C-x\C-_b"'
    return
  fi
  __kanmon_end
  __kanmon_hold
  __k_number=${__k_number@P}
  [[ -n $__kanmon_is_new || $__k_number != "$__kanmon_number" ]] && __kanmon_before=''
  __kanmon_is_new='' __kanmon_number=$__k_number
  __k_newlines=${__k_text//[!$'\n']/}
  [[ -n $__kanmon_before ]] && __k_text=${__kanmon_before#x}$'\n'$__k_text
  if [[ $__k_text == *[![:space:]]* ]]; then
    if [[ $__k_text =~ $__kanmon_editing_off ]]; then
      printf '%s' "$__kanmon_say_editing" >&2
      __kanmon_decline "$__k_text"
      return
    fi
    __kanmon_judge "$__k_text"
    case $? in
      0)
        # Several lines of one command take one of these: what is left is good for no later line.
        __kanmon_left=$(( ${#__k_newlines} + 1 + __kanmon_alias_lines ))
        __kanmon_until=$(( BASH_LINENO[-1] + ${#__k_newlines} + __kanmon_alias_lines ))
        ;;
      4) ;;
      *)
        __kanmon_decline "$__k_text"
        return
        ;;
    esac
  fi
  __kanmon_before=x$__k_text
  __kanmon_bind "$1"
}

# Enter, behind the expansion of the history.
__kanmon_expanded() {
  __kanmon_line "$__kanmon_widget" expanded
  return "$1"
}

# Ctrl-O.
__kanmon_go_on() {
  __kanmon_line operate-and-get-next ''
  return "$1"
}

# Leaves a declined line for editing where somebody types, and keeps it in the history.
__kanmon_decline() {
  __kanmon_bind redraw-current-line
  shopt -qo history && history -s -- "$1"
  if [[ -n $__kanmon_before ]]; then
    # bash waits for the rest of a command: it is given up, and all of it comes back.
    __kanmon_before=''
    if [[ -t 0 ]]; then
      __kanmon_back=$1
      printf '%s' "$__kanmon_say_in_history" >&2
    fi
    kill -INT $$
  elif [[ ! -t 0 ]]; then
    # No key comes from there: the next line would be glued to this one, and what stands in the
    # buffer at the end is ended once more, for ever. What is run in its place has its status.
    READLINE_LINE='(exit 124)' READLINE_POINT=10
    __kanmon_left=1 __kanmon_until=${BASH_LINENO[-1]}
    __kanmon_bind accept-line
  fi
}

# Puts a declined command of several lines back into the edit buffer.
__kanmon_put_back() {
  [[ -n $__kanmon_back ]] || return "$1"
  READLINE_LINE=$__kanmon_back READLINE_POINT=${#__kanmon_back} __kanmon_back=''
  return "$1"
}

# Records the end of a run that has none.
__kanmon_end() {
  [[ -n $__kanmon_open ]] || return
  __kanmon_open=''
  "$__kanmon_gate" --hook-end "$__kanmon_status" </dev/null
}

# Before every prompt.
__kanmon_prompt() {
  local status=$?
  [[ -z $__kanmon_is_off ]] || return "$status"
  __kanmon_is_new=1 __kanmon_status=$status
  # Of several lines that were pasted some may not have run yet.
  (( __kanmon_left > 0 )) || __kanmon_end
  if ! shopt -qo emacs && ! shopt -qo vi; then
    # Without line editing there is no line to judge, and bash cannot be led back from here.
    printf '%s' "$__kanmon_say_editing" >&2
    __kanmon_left=1
    return "$status"
  fi
  __kanmon_keys
  __kanmon_guard
  if [[ -n $__kanmon_back ]]; then
    # The terminal's answer to this question is a key of ours.
    printf '\e[5n' >/dev/tty
  fi
  return "$status"
}

# Sees that the prompts are still ours: others set them anew. bash holds a pointer into PS0 from the
# prompt on until the line runs, so that PS0 is touched before prompts alone.
__kanmon_hold() {
  local __k_last
  if [[ " ${PROMPT_COMMAND[*]-} " != *__kanmon_prompt* ]]; then
    PROMPT_COMMAND="__kanmon_prompt${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}"
  fi
  # Behind whatever else sets it.
  [[ ${PS0-} == "$__kanmon_ps0"* || ${PROMPT_COMMAND[*]-} == *__kanmon_guard* ]] && return 0
  __k_last=$(( ${#PROMPT_COMMAND[@]} - 1 ))
  if (( __k_last > 0 )); then
    PROMPT_COMMAND[__k_last]+=$'\n'__kanmon_guard
  else
    PROMPT_COMMAND+=$'\n'__kanmon_guard
  fi
  return 0
}

# Puts our part of PS0 first, before a prompt.
__kanmon_guard() {
  [[ -z $__kanmon_is_off ]] || return 0
  local __k_wanted=${PS0-}
  __k_wanted=${__k_wanted//"$__kanmon_ps0"/}
  # Where prompts are not expanded it would stand there as text.
  shopt -q promptvars && __k_wanted=$__kanmon_ps0$__k_wanted
  [[ ${PS0-} == "$__k_wanted" ]] || PS0=$__k_wanted
  return 0
}

# What PS0 does with a command that the hook has not seen.
__kanmon_refuse() {
  printf '%s' "$__kanmon_say_not_judged" >&2
  kill -INT $$
}

# `fc`, and Ctrl-X Ctrl-E by way of it: what it would run is judged when it was edited.
fc() {
  local __k_editor=${FCEDIT:-${EDITOR:-vi}} __k_is_quick=''
  local -a __k_rest=("$@") __k_back=() __k_pairs=()
  while (( ${#__k_rest[@]} )); do
    case ${__k_rest[0]} in
      -e)
        __k_editor=${__k_rest[1]-}
        __k_rest=("${__k_rest[@]:1}")
        ;;
      -e*) __k_editor=${__k_rest[0]:2} ;;
      -[0-9]*) break ;;
      --)
        __k_rest=("${__k_rest[@]:1}")
        break
        ;;
      -*[!lnrs]*)
        builtin fc "$@"
        return
        ;;
      -*l*)
        builtin fc "$@"
        return
        ;;
      -?*)
        [[ ${__k_rest[0]} == *r* ]] && __k_back=(-r)
        [[ ${__k_rest[0]} == *s* ]] && __k_is_quick=1
        ;;
      *) break ;;
    esac
    __k_rest=("${__k_rest[@]:1}")
  done
  [[ $__k_editor == - ]] && __k_is_quick=1
  if [[ -n $__k_is_quick ]]; then
    while [[ ${__k_rest[0]-} == *=* ]]; do
      __k_pairs+=("${__k_rest[0]}")
      __k_rest=("${__k_rest[@]:1}")
    done
    __kanmon_pairs=("${__k_pairs[@]}")
    (( ${#__k_rest[@]} )) && __k_rest=("${__k_rest[0]}" "${__k_rest[0]}")
    builtin fc -e __kanmon_replace "${__k_rest[@]}"
    return
  fi
  __kanmon_editor=$__k_editor
  builtin fc -e __kanmon_edit "${__k_back[@]}" "${__k_rest[@]}"
}

# The editor of `fc`: a status other than 0 runs nothing.
__kanmon_edit() {
  eval "$__kanmon_editor"' "$1"' && __kanmon_judge_file "$1"
}

# The editor of `fc -s`.
__kanmon_replace() {
  local __k_text='' __k_pair
  IFS= read -r -d '' __k_text <"$1"
  for __k_pair in "${__kanmon_pairs[@]}"; do
    __k_text=${__k_text//"${__k_pair%%=*}"/"${__k_pair#*=}"}
  done
  printf '%s' "$__k_text" >"$1"
  __kanmon_judge_file "$1"
}

# Judges what `fc` would run.
__kanmon_judge_file() {
  local - IFS=$' \t\n' __k_text=''
  set +eu -f
  IFS= read -r -d '' __k_text <"$1"
  __k_text=${__k_text%$'\n'}
  [[ $__k_text == *[![:space:]]* ]] || return 0
  __kanmon_judge "$__k_text" && return
  # bash forgets what was edited.
  shopt -qo history && history -s -- "$__k_text"
  [[ -t 0 ]] && __kanmon_back=$__k_text
  return 124
}

# Takes the hook out of this shell.
kanmon_off() {
  local entry map widget IFS=$' \t\n'
  __kanmon_is_off=1
  for entry in "${__kanmon_accept[@]}"; do
    bind -m "${entry%% *}" "\"${entry#* }\": accept-line"
  done
  for entry in "${__kanmon_next[@]}"; do
    bind -m "${entry%% *}" "\"${entry#* }\": operate-and-get-next"
  done
  for entry in "${__kanmon_edit_keys[@]}"; do
    read -r map widget entry <<<"$entry"
    bind -m "$map" "\"$entry\": $widget"
  done
  for map in emacs-standard vi-insert vi-command; do
    for entry in '\C-x\C-_'{a,b,c,d,e,f,n} '\e[0n'; do
      bind -m "$map" -r "$entry"
    done
  done
  __kanmon_is_bound=''
  __kanmon_status=0
  __kanmon_end
  PS0=${PS0//"$__kanmon_ps0"/}
  for entry in "${!PROMPT_COMMAND[@]}"; do
    # A list stays a list, and one command one.
    (( entry )) && PROMPT_COMMAND[entry]=${PROMPT_COMMAND[entry]/$'\n'__kanmon_guard/}
  done
  PROMPT_COMMAND=${PROMPT_COMMAND/$'\n'__kanmon_guard/}
  PROMPT_COMMAND=${PROMPT_COMMAND/__kanmon_prompt/}
  PROMPT_COMMAND=${PROMPT_COMMAND#$'\n'}
  unset -f fc
  printf '%s' "$__kanmon_say_off" >&2
}

if (( ! ${#__kanmon_accept[@]} )); then
  for __kanmon_map in emacs-standard vi-insert vi-command; do
    while IFS= read -r __kanmon_key; do
      [[ $__kanmon_key == \"* ]] || continue
      __kanmon_widget=${__kanmon_key##*\": } __kanmon_key=${__kanmon_key%\": *}
      case $__kanmon_widget in
        accept-line) __kanmon_accept+=("$__kanmon_map ${__kanmon_key#\"}") ;;
        operate-and-get-next) __kanmon_next+=("$__kanmon_map ${__kanmon_key#\"}") ;;
        *edit-and-execute-command) __kanmon_edit_keys+=("$__kanmon_map $__kanmon_widget ${__kanmon_key#\"}") ;;
      esac
    done < <(bind -m "$__kanmon_map" -p 2>/dev/null)
  done
fi
for __kanmon_map in emacs-standard vi-insert vi-command; do
  bind -m "$__kanmon_map" -x '"\C-x\C-_a": __kanmon_enter "$?" "$_"'
  bind -m "$__kanmon_map" -x '"\C-x\C-_e": __kanmon_expanded "$?" "$_"'
  bind -m "$__kanmon_map" -x '"\C-x\C-_n": __kanmon_go_on "$?" "$_"'
  bind -m "$__kanmon_map" -x '"\e[0n": __kanmon_put_back "$?" "$_"'
done
# Behind the editor no prompt comes: what was declined there is put back by a second key.
for __kanmon_key in "${__kanmon_edit_keys[@]}"; do
  read -r __kanmon_map __kanmon_widget __kanmon_key <<<"$__kanmon_key"
  bind -m "$__kanmon_map" "\"\\C-x\\C-_d\": $__kanmon_widget"
  bind -m "$__kanmon_map" -x '"\C-x\C-_f": __kanmon_put_back "$?" "$_"'
  bind -m "$__kanmon_map" "\"$__kanmon_key\": \"\\C-x\\C-_d\\C-x\\C-_f\""
done
__kanmon_widget=accept-line
unset __kanmon_map __kanmon_key
__kanmon_bind accept-line
__kanmon_keys
__kanmon_guard
__kanmon_hold
__kanmon_load
shopt "$__kanmon_aliases" expand_aliases
unset __kanmon_aliases
fi
