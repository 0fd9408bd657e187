# The hook of fish: every line is judged before fish runs any of it. `kanmon_off` takes it out.
#
# Enter runs `__kanmon_enter`, and only what it lets through gets `execute`. What is not finished
# gets a new line in the edit buffer, so that nothing is ever executed without a verdict. Every key that
# is bound to `execute` is looked for before each prompt; functions get to it by `commandline`, which
# is one of ours. What is executed by yet another way (`builtin commandline -f execute`) is judged when fish
# says what it is about to run.
if status is-interactive
set -g __kanmon_loaded ''
set -g __kanmon_every 1
set -g __kanmon_open ''
# With which key bindings of fish its keys were looked for, how each that is ours was bound, and whether
# the terminal was asked for a key.
set -g __kanmon_bound ''
set -g __kanmon_was
set -g __kanmon_asked ''
# What Enter has let through and fish has not begun yet. What fish was kept from running, how far its way
# back to the edit buffer is, and the job that keeps this shell.
set -g __kanmon_passed ''
set -g __kanmon_back ''
set -g __kanmon_stopped ''
set -g __kanmon_job ''
# There: what is not plain text, or may be a script.
set -g __kanmon_unknown '(?:^|[;&|(\n]|(?:^|[\s;&|(])(?:and|or|not|!|if|else|while|begin|time|command|builtin|exec)\s)\s*(?:\w+=\S*\s+)*(?:[^\s;&|()<>]*[$*?~/{(%]|[^\s;&|()<>]*\.(?:sh|bash|zsh|ksh|fish)(?:[\s;&|)<>]|$))'

# Reads the word list; where there is none, every line goes to the gate.
function __kanmon_load
    set -l line ''
    test -n "$__kanmon_list" -a -r "$__kanmon_list"; and read line <$__kanmon_list
    test -n "$line" -a "$line" = "$__kanmon_loaded"; and return
    set -g __kanmon_words
    set -g __kanmon_watched
    set -g __kanmon_numbers
    set -g __kanmon_absent
    set -g __kanmon_globs
    set -g __kanmon_redirects
    set -g __kanmon_loaded ''
    set -g __kanmon_every 1
    string match -q 'kanmon words 2 *' -- "$line"; or return
    set -l lines
    while read -l each
        set -a lines $each
    end <$__kanmon_list
    test "$lines[1]" = "$line" -a "$lines[-1]" = end; or return
    set -g __kanmon_loaded $line
    set -g __kanmon_every ''
    contains -- ! $lines; and set -g __kanmon_every 1
    set -g __kanmon_watched (string replace -rf '^@' '' -- $lines)
    for path in $__kanmon_watched
        set -ga __kanmon_numbers (math (count $__kanmon_numbers) + 1)
    end
    set -g __kanmon_absent (string replace -rf '^\\?' '' -- $lines)
    set -g __kanmon_globs (string replace -rf '^~' '' -- $lines)
    set -g __kanmon_redirects (string replace -rf '^>' '' -- $lines)
    set -g __kanmon_words (string match -rv '^[@?!~>]' -- $lines[2..-2])
end

# Has the word list written anew where what it was made of has changed.
function __kanmon_refresh
    __kanmon_load
    set -l is_stale ''
    set -l times $__kanmon_list-(string replace -r '.* ' '' -- "$__kanmon_loaded")
    if test -z "$__kanmon_loaded"; or not test -e "$times"
        set is_stale 1
    else
        # Another time than it had: what was brought from elsewhere may be older than what was there.
        for number in $__kanmon_numbers
            set -l path $__kanmon_watched[$number]
            if test "$path" -nt $times/$number -o "$path" -ot $times/$number
                set is_stale 1
                break
            end
        end
        for path in $__kanmon_absent
            test -e "$path"; and set is_stale 1
        end
    end
    test -n "$is_stale" -a -n "$__kanmon_list"; or return
    if not command $__kanmon_ctl init --words </dev/null >/dev/null 2>&1
        set -g __kanmon_loaded ''
        set -g __kanmon_every 1
        return
    end
    __kanmon_load
end

# Whether a folder of rules stands here or above: its rules are in no list.
function __kanmon_in_project
    set -l folder $PWD
    while true
        test -d $folder/.kanmon; and return 0
        test -n "$folder" -a "$folder" != /; or return 1
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
end

# Whether a rule may hold a text; what names in it stand for is added to __kanmon_names.
function __kanmon_may
    set -l may 1
    test -n "$__kanmon_every"; and set may 0
    # What is longer is left to the gate, whose reading is bounded.
    test (string length -- "$argv[1]") -gt 65536; and return 0
    # A character may be written by its number.
    string match -qr '\\\\[xXuUc0-7]' -- "$argv[1]"; and set may 0
    # Quotes hide nothing.
    set -l bare (string replace -ar '\\\\\n|[\'"\\\\]' '' -- "$argv[1]" | string collect -N)
    string match -qr -- $__kanmon_unknown "$bare"; and set may 0
    for word in (string match -arg '>[>&|?]*\s*([^\s;&|()<>]+)' -- "$bare")
        switch $word
            case /dev/null /dev/stdout /dev/stderr /dev/tty - 0 1 2 3 4 5 6 7 8 9
                continue
        end
        string match -qr '^\.|[^A-Za-z0-9_.+-]' -- $word; and set may 0
        for glob in $__kanmon_redirects
            string match -q -- $glob $word; and set may 0
        end
    end
    set -l words (string match -ar '[A-Za-z0-9_.+-]+' -- "$bare")
    set -a words (string match -ar '[^\s;&|()<>{}`]+' -- "$bare")
    for word in $words
        contains -- $word $__kanmon_seen; and continue
        set -ga __kanmon_seen $word
        contains -- $word $__kanmon_words; and set may 0
        set -l small (string lower -- $word)
        contains -- $small $__kanmon_words; and set may 0
        for glob in $__kanmon_globs
            string match -q -- $glob $word; and set may 0
        end
        string match -q '__kanmon_*' -- $word; and continue
        test $word = kanmon_off; and continue
        if functions -q -- $word
            # fish's own are what they were.
            test (functions -D -- $word) = $__fish_data_dir/functions/$word.fish; and continue
            set -l body (functions -- $word | string collect)
            set -ga __kanmon_names function:$word $body
            __kanmon_may $body; and set may 0
        end
    end
    return $may
end

# Judges a text: 0 it may run, else it must not.
function __kanmon_judge
    set -g __kanmon_names
    set -g __kanmon_seen
    __kanmon_refresh
    if not __kanmon_may $argv[1]; and not __kanmon_in_project
        return 0
    end
    # Lines of the history that may be picked, one a row.
    if string match -q '*$history*' -- $argv[1] $__kanmon_names
        set -l __k_lines
        for __k_name in (string match -arg '[$]history\[([^\]]*)\]' -- $argv[1] $__kanmon_names)
            if string match -qr '^-?\d+$' -- $__k_name
                set -a __k_lines $history[$__k_name]
            else
                set -a __k_lines $history[1..20]
            end
        end
        set -fx __kanmon_is_history (string join \n -- $__k_lines | string sub -l 4096 | string collect)
    end
    # What variables hold that the shell does not export: in the gate's environment, where nobody else
    # reads it, by names that nothing takes for a setting.
    for __k_name in (string match -arg '[$]+(\w+)' -- $argv[1] $__kanmon_names)[1..256]
        contains -- $__k_name argv history status pipestatus __k_name __k_of; and continue
        # `$$name` is what that names.
        set -l __k_of $__k_name
        set -q $__k_name; and string match -qr '^[A-Za-z_]\w*$' -- $$__k_name; and set -a __k_of $$__k_name
        for __k_name in $__k_of
            string match -q '__k*' -- $__k_name; or set -qx $__k_name; or not set -q $__k_name; and continue
            test (string length -- "$$__k_name") -gt 4096; and continue
            set -fx __kanmon_is_$__k_name "$$__k_name"
        end
    end
    # Ctrl-C at the question ends this function, too: what is to follow is said before.
    builtin commandline -f repaint
    # What fish suggests behind the line would stay there as if it had been typed. A prompt at the right would go
    # with it.
    if test (builtin commandline -C) = (string length -- "$argv[1]"); and not functions -q fish_right_prompt
        printf '\e[J'
    end
    # What is said stands below the line.
    echo
    printf '%s\n' $argv[1] | command $__kanmon_gate --hook fish $__kanmon_names
    set -l code $pipestatus[2]
    switch "$code"
        case 0
            # Nothing was said.
            printf '\e[A'
            return 0
        case 3
            set -g __kanmon_open 1
            return 0
        case 124
            return 124
    end
    # Stopped while it asked, or killed: nobody is to answer it later.
    if test "$code" -gt 128 2>/dev/null
        return 124
    end
    test -n "$code"; or set code 127
    printf $__kanmon_say_failed $code >&2
    return 124
end

# Puts the text of an abbreviation in its place, as `execute` would behind our back. Those that are
# expressions or functions cannot be asked: a space keeps `execute` from expanding them.
function __kanmon_abbreviate
    set -l shown (abbr --show)
    test -n "$shown"; or return
    for round in 1 2 3 4
        set -l token (builtin commandline -t | string collect)
        test -n "$token"; and abbr -q -- $token; or break
        set -l name (string escape --style=regex -- (string escape -- $token))
        set -l text (string replace -rf -- "^abbr -a(?: --position \\w+)? -- $name " '' $shown)
        test (count $text) = 1; or break
        set -l position (string match -r -- "^abbr -a --position anywhere -- $name " $shown)
        if test -z "$position"
            # It counts where a program is called.
            set -l before (builtin commandline -pc | string collect)
            string match -qr '^\s*(?:(?:and|or|not|!|if|else|while|begin|time|command|builtin|exec)\s+)*\S+$' -- "$before"; or break
        end
        eval "builtin commandline -tr -- $text"
    end
    set -l after (builtin commandline | string sub -s (math (builtin commandline -C) + 1) | string collect)
    if test -z "$after"
        builtin commandline -a ' '
        builtin commandline -C (string length -- (builtin commandline | string collect))
    end
end

# Enter.
function __kanmon_enter
    set -l status_ $status
    # `read` asks for words, not for commands; at a breakpoint commands are typed within another one.
    if test -n "$(status current-commandline)" -a "$(status current-command)" != fish; and not status is-breakpoint
        builtin commandline -f execute
        return $status_
    end
    __kanmon_abbreviate
    set -l text (builtin commandline | string collect)
    if not string match -qr '\S' -- "$text"
        builtin commandline -f execute
        return $status_
    end
    builtin commandline --is-valid
    set -l valid $status
    # Behind a backslash, too, fish reads on.
    if test $valid = 2; or string match -qr '(?:^|[^\\\\])(?:\\\\\\\\)*\\\\ ?$' -- "$text"
        builtin commandline -i \n
        return $status_
    end
    __kanmon_end
    __kanmon_judge $text
    set -l code $status
    if test -n "$__kanmon_open" -o $code != 0; and builtin commandline --paging-mode
        # While something is picked from a list, `execute` would close it and nothing else, and what was
        # cleared would not run; keys would go to its search. Another text closes it now.
        builtin commandline -a ' '
        set text (builtin commandline | string collect)
    end
    if test $code = 0
        set -g __kanmon_passed $text
        builtin commandline -f execute
    end
    return $status_
end

# Has the terminal answer with a key of ours, behind all that is queued and changes the line before it
# is executed (`accept-autosuggestion`).
function __kanmon_ask
    set -g __kanmon_asked 1
    printf '\e[5n' >/dev/tty
end

# The answer. One that was not asked for is none.
function __kanmon_answer
    set -l status_ $status
    if test -n "$__kanmon_back"
        test -n "$(builtin commandline | string collect)"; or builtin commandline -r -- $__kanmon_back
        set -g __kanmon_back ''
        return $status_
    end
    test -n "$__kanmon_asked"; or return $status_
    set -g __kanmon_asked ''
    __kanmon_enter
    return $status_
end

# What a function does to the edit buffer; what it would execute is judged.
function commandline --description 'The builtin, with what it executes judged by kanmon'
    # Its options may stand behind what they are for.
    set -l at (contains -i -- execute $argv)
    set -l is_function (string match -r -- '^(?:-[a-zA-Z]*f|--f.*)$' $argv)
    if test -z "$at" -o -z "$is_function"
        builtin commandline $argv
        return
    end
    set -l before (string match -v -- '-*' $argv[1..$at])
    test (count $before) -gt 1; and builtin commandline -f $before[1..-2]
    __kanmon_ask
end

# Binds what ends a line: keys that fish brings where these are others than before, and those of the user.
function __kanmon_bind --on-event fish_prompt
    set -l shown (bind --user)
    if test "$__kanmon_bound" != "x$fish_key_bindings"
        set -g __kanmon_bound "x$fish_key_bindings"
        set -p shown (bind --preset)
        for mode in (bind -L)
            bind -M $mode \e\[0n __kanmon_answer
        end
    end
    for line in (string match -r '^bind .* execute(?: .*)?$' -- $shown)
        set -l parts (string match -rg '^bind( --preset|)((?: -k| -[Mm] \S+)*) (\S+) ([a-z -]+)$' -- $line); or continue
        set -l preset $parts[1]
        set -l key "$parts[2] $parts[3]"
        set -l words (string split -n ' ' -- $parts[4])
        # Else it is a command with that word in it.
        set -l at (contains -i execute $words); or continue
        if test -n "$preset"
            # What the user has bound goes first.
            set -l own (eval "bind --user$key" 2>/dev/null)
            test -n "$own"; and not string match -q '*__kanmon_*' -- $own; and continue
            contains -- "bind -e$key" $__kanmon_was; or set -a __kanmon_was "bind -e$key"
        else
            set -a __kanmon_was $line
        end
        if test $at = 1
            eval "bind$key __kanmon_enter"
        else
            set -l before $words[1..(math $at - 1)]
            eval "bind$key 'builtin commandline -f $before' __kanmon_ask"
        end
    end
end

# The net: a line that came by no way of ours. Nothing refuses a line any more behind this event, but behind
# `exit` fish runs none, and it stays where a job is left that it has not warned of.
function __kanmon_preexec --on-event fish_preexec
    # Ctrl-C at the question would end this function, too, and fish would run the line. Where somebody
    # listens to it, it ends nothing of fish.
    function __kanmon_listen --on-signal INT
    end
    __kanmon_net $argv[1]
    set -l code $status
    functions -e __kanmon_listen
    test $code = 0; or exit
end

# Whether a line may run that fish is about to run.
function __kanmon_net
    set -l text (string collect -- $argv[1])
    set -l passed $__kanmon_passed
    set -g __kanmon_passed ''
    test "x$text" = "x$passed"; and return 0
    string match -qr '\S' -- "$text"; or return 0
    __kanmon_end
    __kanmon_judge $text; and return 0
    set -g __kanmon_back $text
    set -g __kanmon_stopped 1
    command sleep 60 </dev/null >/dev/null 2>&1 &
    set -g __kanmon_job $last_pid
    return 1
end

# What fish says of that job nobody needs to see.
function __kanmon_hide
    test "$TERM" = dumb; or printf '\e[?1049'$argv[1]
end

# The prompt behind it. fish warns of its jobs once, until something has run: a line without a word does,
# so that the next one that is stopped ends no shell.
function __kanmon_go_on --on-event fish_prompt
    switch "$__kanmon_stopped"
        case 1
            __kanmon_hide l
            test -n "$__kanmon_job"; and kill $__kanmon_job 2>/dev/null
            set -g __kanmon_job ''
            set -g __kanmon_stopped 2
            builtin commandline -f insert-line-under execute
        case 2
            set -g __kanmon_stopped ''
            printf '\e[5n' >/dev/tty
    end
end

# Records the end of a run that has none.
function __kanmon_end
    test -n "$__kanmon_open"; or return
    set -g __kanmon_open ''
    set -l code $argv[1]
    test -n "$code"; or set code 0
    command $__kanmon_gate --hook-end $code </dev/null
end

function __kanmon_postexec --on-event fish_postexec
    __kanmon_end $status
    test "$__kanmon_stopped" = 1; and __kanmon_hide h
end

function __kanmon_exit --on-event fish_exit
    __kanmon_end $status
    test "$__kanmon_stopped" = 1; and __kanmon_hide l
end

# Takes the hook out of this shell.
function kanmon_off --description 'Takes the hook of kanmon out of this shell'
    for line in $__kanmon_was
        eval $line
    end
    set -g __kanmon_was
    for mode in (bind -L)
        bind -e -M $mode \e\[0n
    end
    functions -e __kanmon_preexec __kanmon_go_on __kanmon_postexec __kanmon_exit __kanmon_bind commandline
    printf '%s' $__kanmon_say_off >&2
end

# fish brings its keys before the first prompt, maybe behind us.
for __kanmon_mode in default insert visual replace replace_one
    for __kanmon_key in \\r \\n
        eval "bind --user -M $__kanmon_mode $__kanmon_key" >/dev/null 2>&1; and continue
        eval "bind -M $__kanmon_mode $__kanmon_key __kanmon_enter"
        set -a __kanmon_was "bind -e -M $__kanmon_mode $__kanmon_key"
    end
end
set -e __kanmon_mode __kanmon_key
__kanmon_bind
__kanmon_load
end
