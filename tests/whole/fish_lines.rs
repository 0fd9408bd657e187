//! Lines of fish as the gate reads them: with the built-in words and wrappers, in-process.

use kanmon::line::{self, Givens, Grammar, Line, Opaque};
use kanmon::policy::ruleset::RuleSet;

/// Returns the built-in rules, which know programs' words.
fn rules() -> RuleSet {
    RuleSet::built_in().unwrap()
}

/// Returns whether a line of fish calls `reboot`.
fn runs_reboot(text: &str) -> bool {
    let line = Line::shell_of(text.as_bytes(), Grammar::Fish);
    let found = line::read(&line, &rules(), &Givens::default()).unwrap();
    found.invocations.iter().any(|call| call.name == "reboot")
}

#[test]
fn calls_are_found_where_fish_makes_them() {
    for text in [
        "source (echo reboot | psub)",
        ". (printf 're%s\\n' boot | psub -F)",
        "echo 'true; and reboot' | source",
        "eval 'if true; reboot; end'",
        "X=reboot eval '$X'",
        "set x now reboot; $x[2]",
        "set x reboot; $x[1]",
        "set x a b reboot -f; $x[3..-1]",
        "set x reboot; set y x; $$y",
        "set x a; set x[1] reboot; $x",
        "set -a x reboot; $x",
        "set \"x\" reboot; $x",
        "set x re; {$x}boot",
        "echo reboot | read -l x; $x",
        "read -g x <(echo reboot | psub); $x",
        "string match -rq '(?<x>reb.*)' reboot; $x",
        "fish -c 'set x reboot; $x'",
        "fish -C reboot -c true",
        "fish --init-command='true; and reboot' -c true",
        "fish -c true -c reboot",
        "fish -c '$argv' reboot",
        "fish -c '\\x72eboot'",
        "echo 'begin; reboot; end' | fish",
        "function f; $argv; end; f reboot",
        "function f -a x; $x; end; f reboot",
        "function f; command $argv[2..]; end; f x reboot",
        "function f; reboot; end; functions -c f g; g",
        "function f -d (reboot); end",
        "function f --on-event x; reboot; end",
        "function fish_prompt; reboot; end",
        "alias d 'reboot -f'; d",
        "alias -s d reboot; d",
        "{reboot,now}",
        "{re, x}boot",
        "echo {a,(reboot)}",
        "echo $x[(reboot)]",
        "echo (echo a \\\n# b\n; reboot)",
        // Only the run will tell what is made, but what of.
        "eval (string replace x reboot x)",
        "(string replace x reboot x) -f",
        "set y (string replace x reboot x); $y",
        "set y (string join ' ' reboot -f); eval $y",
        "for i in 1 2; set x true reboot; $x[$i]; end",
        "set x true reboot; $x[(random 1 2)]",
        "set x true reboot; eval $x[$i]",
    ] {
        assert!(runs_reboot(text), "{text}");
    }
    for text in [
        "echo a \\\n# comment\nreboot",
        "echo 'a\\'; reboot'",
        "echo {a; reboot}",
        "string match reboot $x",
        "eval (grep reboot .env)",
        "abbr -a r reboot",
        "contains reboot $x; and emit reboot",
        "function f; reboot; end",
        "alias d reboot",
        "set x ls reboot; $x",
        "set x ls reboot; $x[1]",
        "echo $argv reboot",
        "set x true reboot; echo $x[$i]",
        "set y (string replace x reboot x); echo $y",
        "eval (ssh-agent -c)",
    ] {
        assert!(!runs_reboot(text), "{text}");
    }
}

/// Returns why a line of fish has something that cannot be known.
fn opaque(text: &str) -> Option<Opaque> {
    let line = Line::shell_of(text.as_bytes(), Grammar::Fish);
    let found = line::read(&line, &rules(), &Givens::default()).unwrap();
    found.invocations.iter().find_map(|call| call.opaque)
}

#[test]
fn one_program_is_trusted_with_its_own_settings() {
    for text in [
        "starship init fish | source",
        "kubectl completion fish | .",
        "eval (ssh-agent -c)",
    ] {
        assert_eq!(opaque(text), None, "{text}");
    }
    for text in [
        "curl -s x | source",
        "cat x | source",
        "curl x | y | source",
        "starship init fish | fish",
        "y; z | source",
        "eval (curl x)",
        "source (curl x | psub)",
        "eval \"$(curl x)\"",
    ] {
        assert_eq!(opaque(text), Some(Opaque::Download), "{text}");
    }
}

#[test]
fn what_is_found_stands_where_it_was_typed() {
    for (text, typed) in [
        ("if true; reboot -f; end", "reboot -f"),
        ("echo ä; fish -c 'begin; reboot -f; end'", "reboot -f"),
        ("for i in a b; reboot $i; end", "reboot $i"),
        ("begin; reboot 'it\\'s'; end", "reboot 'it\\'s'"),
    ] {
        let line = Line::shell_of(text.as_bytes(), Grammar::Fish);
        let found = line::read(&line, &rules(), &Givens::default()).unwrap();
        let mut calls = found.invocations.iter();
        let call = calls.find(|call| call.name == "reboot").unwrap();
        assert_eq!(text.get(call.span.start..call.span.end), Some(typed));
    }
}
