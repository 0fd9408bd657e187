//! What csh, tcsh and shells that are not known read as a POSIX shell does.
//!
//! In: a text. Out: whether the two read it alike: words, single quotes, `;`, `|`, `&&` and `||`. Their
//! variables, aliases, blocks, double quotes and history are other than those of POSIX (tcsh(1)), and
//! what is not read alike may run anything.

/// Builtins that make names stand for something, or run what they are given by their own grammar.
const OWN: [&str; 12] = [
    "@", "alias", "breaksw", "case", "foreach", "if", "onintr", "repeat", "sched", "set", "setenv",
    "while",
];

/// Returns whether such a shell reads a text as a POSIX shell does.
pub(super) fn is_common(text: &str) -> bool {
    let mut is_quoted = false;
    let mut bare = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // History is expanded in quotes too, and no quote goes beyond its line.
            '!' | '\n' => return false,
            '\'' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            ';' | '|' | '&' => bare.extend([' ', c, ' ']),
            _ if c.is_alphanumeric() || " \t_./:=@%+,-".contains(c) => bare.push(c),
            _ => return false,
        }
    }
    // `|&` brings errors along, and a single `&` is both shells' own.
    let words: Vec<&str> = bare.split_whitespace().collect();
    let is_own = |word: &&str| OWN.contains(word) || word.starts_with('%');
    !is_quoted && !words.windows(2).any(|pair| pair == ["|", "&"]) && !words.iter().any(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_read_alike_is_told_apart() {
        for text in [
            "ls -l /srv/x | head -n 3; uptime && true || false",
            "scp -t /srv/x",
            "git-upload-pack '/srv/a repo'",
            "rsync --server -vlogDtpre.iLsfxCIvu . /srv/x",
            "nohup make &",
        ] {
            assert!(is_common(text), "{text}");
        }
        for text in [
            "set x = reboot; $x",
            "set x = 3",
            "setenv PATH /srv/bin",
            "alias ls reboot",
            "echo 'a'!r",
            "echo \"a\"",
            "if (1) reboot",
            "foreach i (a b)\nreboot\nend",
            "echo {a,b}",
            "echo `reboot`",
            "ls >& x",
            "ls |& cat",
            "echo 'open",
            "%1",
        ] {
            assert!(!is_common(text), "{text}");
        }
    }
}
