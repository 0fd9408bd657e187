# bash completion for kanmon: its own options, then the command as if it stood alone.
_kanmon() {
    local cur=${COMP_WORDS[COMP_CWORD]} at=1
    COMPREPLY=()
    while ((at < COMP_CWORD)); do
        case ${COMP_WORDS[at]} in
            --)
                ((at++))
                break
                ;;
            @WITH_VALUE@) ((at += 2)) ;;
            -*) ((at++)) ;;
            *) break ;;
        esac
    done
    if ((at > COMP_CWORD)); then
        # The value of an option.
        if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --lang ]]; then
            mapfile -t COMPREPLY < <(compgen -W 'en ja' -- "$cur")
        fi
        return
    fi
    if ((at == COMP_CWORD)) && [[ $cur == -* && ${COMP_WORDS[COMP_CWORD - 1]} != -- ]]; then
        mapfile -t COMPREPLY < <(compgen -W '@OPTIONS@' -- "$cur")
        return
    fi
    if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$at"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$at"
    elif ((at == COMP_CWORD)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
complete -F _kanmon kanmon
