# The hook of fish: every line is judged before fish runs any of it. `kanmon_off` takes it out.
#
# Enter runs `__kanmon_enter`, and only what it lets through gets `execute`. What is not finished
# gets a new line in the edit buffer, so that nothing is ever executed without a verdict.
if status is-interactive
set -g __kanmon_loaded ''
set -g __kanmon_every 1
set -g __kanmon_open ''
set -g __kanmon_keys \r \n
set -g __kanmon_modes default insert visual replace replace_one
set -g __kanmon_bound ''
# There: what is not plain text, or may be a script.
set -g __kanmon_unknown '(?:^|[;&|(\n]|(?:^|[\s;&|(])(?:and|or|not|!|if|else|while|begin|time|command|builtin|exec)\s)\s*(?:\w+=\S*\s+)*(?:[^\s;&|()<>]*[$*?~/{(%]|[^\s;&|()<>]*\.(?:sh|bash|zsh|ksh|fish)(?:[\s;&|)<>]|$))'

# Reads the word list; where there is none, every line goes to the gate.
function __kanmon_load
    set -l line ''
    test -n "$__kanmon_list" -a -r "$__kanmon_list"; and read line <$__kanmon_list
    test -n "$line" -a "$line" = "$__kanmon_loaded"; and return
    set -g __kanmon_words
    set -g __kanmon_watched
    set -g __kanmon_globs
    set -g __kanmon_redirects
    set -g __kanmon_loaded ''
    set -g __kanmon_every 1
    string match -q 'kanmon words 1 *' -- "$line"; or return
    set -l lines
    while read -l each
        set -a lines $each
    end <$__kanmon_list
    test "$lines[1]" = "$line" -a "$lines[-1]" = end; or return
    set -g __kanmon_loaded $line
    set -g __kanmon_every ''
    contains -- ! $lines; and set -g __kanmon_every 1
    set -g __kanmon_watched (string replace -rf '^@' '' -- $lines)
    set -g __kanmon_globs (string replace -rf '^~' '' -- $lines)
    set -g __kanmon_redirects (string replace -rf '^>' '' -- $lines)
    set -g __kanmon_words (string match -rv '^[@!~>]' -- $lines[2..-2])
end

# Has the word list written anew where what it was made of has changed.
function __kanmon_refresh
    __kanmon_load
    set -l is_stale ''
    if test -z "$__kanmon_loaded"
        set is_stale 1
    else
        for path in $__kanmon_watched
            if test "$path" -nt "$__kanmon_list"
                set is_stale 1
                break
            end
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
    commandline -f repaint
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
        set -l token (commandline -t | string collect)
        test -n "$token"; and abbr -q -- $token; or break
        set -l name (string escape --style=regex -- (string escape -- $token))
        set -l text (string replace -rf -- "^abbr -a(?: --position \\w+)? -- $name " '' $shown)
        test (count $text) = 1; or break
        set -l position (string match -r -- "^abbr -a --position anywhere -- $name " $shown)
        if test -z "$position"
            # It counts where a program is called.
            set -l before (commandline -pc | string collect)
            string match -qr '^\s*(?:(?:and|or|not|!|if|else|while|begin|time|command|builtin|exec)\s+)*\S+$' -- "$before"; or break
        end
        eval "commandline -tr -- $text"
    end
    set -l after (commandline | string sub -s (math (commandline -C) + 1) | string collect)
    if test -z "$after"
        commandline -a ' '
        commandline -C (string length -- (commandline | string collect))
    end
end

# Enter.
function __kanmon_enter
    set -l status_ $status
    __kanmon_abbreviate
    set -l text (commandline | string collect)
    if not string match -qr '\S' -- "$text"
        commandline -f execute
        return $status_
    end
    commandline --is-valid
    set -l valid $status
    # Behind a backslash, too, fish reads on.
    if test $valid = 2; or string match -qr '(?:^|[^\\\\])(?:\\\\\\\\)*\\\\ ?$' -- "$text"
        commandline -i \n
        return $status_
    end
    __kanmon_end
    __kanmon_judge $text; and commandline -f execute
    return $status_
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
end

function __kanmon_exit --on-event fish_exit
    __kanmon_end $status
end

# Takes the hook out of this shell.
function kanmon_off --description 'Takes the hook of kanmon out of this shell'
    for mode in $__kanmon_modes
        for key in $__kanmon_keys
            bind -e -M $mode $key
        end
    end
    functions -e __kanmon_postexec __kanmon_exit
    printf '%s' $__kanmon_say_off >&2
end

for __kanmon_mode in $__kanmon_modes
    for __kanmon_key in $__kanmon_keys
        bind -M $__kanmon_mode $__kanmon_key __kanmon_enter
    end
end
set -e __kanmon_mode __kanmon_key
__kanmon_load
end
