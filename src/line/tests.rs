//! Whole readings: which invocations a line has, with via, target and spans.

use super::testing::{lore, read_argv, read_shell};
use super::{Fed, Givens, Invocation, Line, Opaque, Reading, Span, TooMuch, read};

/// Returns an invocation as one text: wrappers, words, target, what it writes, why it is opaque.
fn drawn(invocation: &Invocation) -> String {
    let mut text = String::new();
    for via in &invocation.via {
        text += &format!("{}> ", via.name);
    }
    text += &invocation.name;
    for word in &invocation.args {
        text += &format!(" {}", word.shown());
    }
    let target = &invocation.target;
    let places = [
        ("user", &target.user),
        ("host", &target.host),
        ("pod", &target.pod),
    ];
    let more = [
        ("container", &target.container),
        ("ns", &target.namespace),
        ("context", &target.context),
    ];
    for (key, place) in places.into_iter().chain(more) {
        if let Some(word) = place {
            text += &format!(" {key}={}", word.shown());
        }
    }
    for write in &invocation.writes {
        text += &format!(" >{}", write.path.shown());
    }
    if let Some(opaque) = invocation.opaque {
        text += &format!(" {opaque:?}");
    }
    if invocation.guessed {
        text += " ?";
    }
    text
}

/// Returns the invocations of a reading as texts.
fn all(reading: &Reading) -> Vec<String> {
    reading.invocations.iter().map(drawn).collect()
}

/// Checks the invocations of a shell line, separated by `; ` in `expected`.
#[track_caller]
fn check(line: &str, expected: &str) {
    let found = all(&read_shell(line)).join("; ");
    assert_eq!(found, expected, "{line}");
}

/// Checks the last invocation of a shell line.
#[track_caller]
fn check_last(line: &str, expected: &str) {
    let found = all(&read_shell(line)).pop().unwrap_or_default();
    assert_eq!(found, expected, "{line}");
}

/// Checks that a line has this invocation.
#[track_caller]
fn has(line: &str, expected: &str) {
    let found = all(&read_shell(line));
    assert!(found.iter().any(|one| one == expected), "{line}: {found:?}");
}

/// Checks that no invocation of a guarded program is in a line.
#[track_caller]
fn has_none(line: &str) {
    let found = read_shell(line);
    let guarded = ["reboot", "systemctl", "postsuper", "rm"];
    let is_guarded = |found: &Invocation| guarded.contains(&found.name.as_str());
    assert!(
        !found.invocations.iter().any(is_guarded),
        "{line}: {:?}",
        all(&found)
    );
}

/// Returns the text at `span`.
fn slice(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap()
}

#[test]
fn every_quoting_gives_the_same_words() {
    for line in [
        "rm x",
        r"r\m x",
        r#""rm" x"#,
        "'rm' 'x'",
        r"$'\x72m' x",
        r#"r""m x"#,
        r"r''m x",
        "$'rm' x",
        r"$'\162\155' x",
        "r\\\nm x",
        "{rm,x}",
        "X=rm; $X x",
        r#"$"rm" x"#,
        "rm  x # y",
        "rm x\r\n",
        "$(echo rm) x",
        "`echo rm` x",
        "$(printf %s rm) x",
        "rm ${Y:+z} ${#x+}x",
    ] {
        let expected = if line.starts_with("rm $") {
            "rm … …x"
        } else {
            "rm x"
        };
        let found = all(&read_shell(line));
        assert!(found.iter().any(|one| one == expected), "{line}: {found:?}");
    }
}

#[test]
fn argv_is_final() {
    assert_eq!(all(&read_argv("rm|$X|*")), ["rm $X *"]);
    assert_eq!(all(&read_argv("/sbin/reboot")), ["reboot"]);
    assert_eq!(
        all(&read_argv("sudo|reboot|now")),
        ["sudo reboot now", "sudo> reboot now user=root"]
    );
}

#[test]
fn wrappers_are_unwrapped_with_their_target() {
    let cases = [
        ("sudo -u root -- reboot", "sudo> reboot user=root"),
        ("sudo -uop A=1 reboot", "sudo> reboot user=op"),
        ("sudo --user=op reboot", "sudo> reboot user=op"),
        ("doas reboot", "doas> reboot user=root"),
        ("env -i A=1 reboot", "env> reboot"),
        ("env -S 'reboot -f'", "env> reboot -f"),
        ("env - reboot", "env> reboot"),
        ("nohup nice -n 5 reboot", "nohup> nice> reboot"),
        ("timeout -k 5 10 reboot", "timeout> reboot"),
        ("command -p reboot", "command> reboot"),
        ("exec -a x reboot", "exec> reboot"),
        ("ssh mx1 -- reboot", "ssh> reboot host=mx1"),
        (
            "ssh -t -p 22 op@mx1 'sudo reboot'",
            "ssh> sudo> reboot user=root host=mx1",
        ),
        ("ssh ssh://op@mx1:22 reboot", "ssh> reboot user=op host=mx1"),
        ("ssh -l op mx1 reboot", "ssh> reboot user=op host=mx1"),
        ("sudo ssh mx1 reboot", "sudo> ssh> reboot host=mx1"),
        (
            "ssh -p 22 op@mx1 sudo -u root bash -c 'systemctl reboot'",
            "ssh> sudo> bash> systemctl user=root host=mx1",
        ),
        (
            "ssh mx1 \"sudo bash -c 'systemctl reboot'\"",
            "ssh> sudo> bash> systemctl reboot user=root host=mx1",
        ),
        ("bash -lc reboot x", "bash> reboot"),
        ("bash -c -x reboot", "bash> reboot"),
        ("bash -o pipefail -c reboot", "bash> reboot"),
        ("bash -c '\"$@\"' x reboot now", "bash> reboot now"),
        ("bash -c '$0 now' reboot", "bash> reboot now"),
        ("bash -c 'rm $1' x /etc", "bash> rm /etc"),
        ("eval reb'oot'", "eval> reboot"),
        ("eval \"$(echo reboot)\"", "eval> reboot"),
        ("ls | xargs -n1 -P4 rm", "xargs> rm …"),
        ("ls | xargs -I X rm a/X", "xargs> rm a/…"),
        ("find . -exec true ';' -exec rm {} +", "find> rm …"),
        ("find . -exec rm {} \\;", "find> rm …"),
        (
            "kubectl exec -n gitlab -it web-0 -- /sbin/reboot",
            "kubectl> reboot pod=web-0 ns=gitlab",
        ),
        (
            "kubectl --context prod exec web-0 -c app -- reboot",
            "kubectl> reboot pod=web-0 container=app context=prod",
        ),
        ("ansible web -b -a reboot", "ansible> reboot host=web"),
        (
            "ansible all -m shell -a 'systemctl reboot'",
            "ansible> systemctl reboot host=all",
        ),
        (
            "ansible all -m reboot",
            "ansible> ansible/reboot all -m reboot host=all",
        ),
        (
            "pwsh -NoProfile -Command Restart-Computer",
            "pwsh> Restart-Computer",
        ),
        (
            "pwsh -c 'Get-Process; Restart-Computer -Force'",
            "pwsh> Restart-Computer -Force",
        ),
        (
            "systemctl -H op@mx1 reboot",
            "systemctl -H op@mx1 reboot user=op host=mx1",
        ),
        (
            "systemctl --host=mx1 reboot",
            "systemctl --host=mx1 reboot host=mx1",
        ),
        (
            "echo b | sudo tee /proc/sysrq-trigger",
            "sudo> tee /proc/sysrq-trigger user=root >/proc/sysrq-trigger",
        ),
    ];
    for (line, expected) in cases {
        check_last(line, expected);
    }
}

#[test]
fn a_shell_elsewhere_reads_what_it_is_fed() {
    has("ssh mx1 <<E\nreboot\nE", "ssh> reboot host=mx1");
    has("echo reboot | ssh op@mx1", "ssh> reboot user=op host=mx1");
    has(
        "ssh mx1 'bash -s' <<E\nreboot\nE",
        "ssh> bash> reboot host=mx1",
    );
    has("sudo -i <<< reboot", "sudo> reboot user=root");
    has("echo reboot | sudo -S bash", "sudo> bash> reboot user=root");
    has("curl x | ssh mx1", "ssh mx1 Download");
    has_none("ssh -N mx1 <<< reboot");
}

#[test]
fn encoded_powershell_is_decoded() {
    // `Restart-Computer` as UTF-16LE in base64.
    let text = "UgBlAHMAdABhAHIAdAAtAEMAbwBtAHAAdQB0AGUAcgA=";
    has(&format!("pwsh -enc {text}"), "pwsh> Restart-Computer");
    has(
        &format!("powershell -NoProfile -EncodedCommand {text}"),
        "powershell> Restart-Computer",
    );
    has("pwsh -e $x", "pwsh -e … Eval");
    has("pwsh -COMM Restart-Computer", "pwsh> Restart-Computer");
}

#[test]
fn every_place_where_a_command_stands_is_found() {
    for line in [
        "a; reboot",
        "a && reboot",
        "a || reboot",
        "a & reboot",
        "! reboot",
        "time -p reboot",
        "(reboot)",
        "{ reboot; }",
        "if a; then reboot; fi",
        "if reboot; then a; fi",
        "if a; then b; elif c; then d; else reboot; fi",
        "while a; do reboot; done",
        "until reboot; do a; done",
        "for x in 1 2; do reboot; done",
        "for ((i=0;i<2;i++)); do reboot; done",
        "for x in 1; { reboot; }",
        "case x in x) reboot ;; esac",
        "case x in (x) a;; y|z) reboot; esac",
        "select x in a b; do reboot; done",
        "f() { reboot; }; f",
        "function f { reboot; }; f",
        "function f () ( reboot ); f",
        "echo $(reboot)",
        "echo \"$(reboot)\"",
        "echo \"${x:-$(reboot)}\"",
        "echo `reboot`",
        "echo \"`reboot`\"",
        "echo $((1 + $(reboot)))",
        "diff <(reboot) >(a)",
        "cat <<EOF\n$(reboot)\nEOF\n",
        "cat <<-EOF\n\tx $(reboot)\n\tEOF\n",
        "x=$(reboot)",
        "x=(a $(reboot))",
        "[[ -n $(reboot) ]]",
        "[[ a == b && $(reboot) =~ (x|y) ]]",
        "(( $(reboot) > 1 ))",
        "coproc reboot",
        "coproc N { reboot; }",
        "a |& reboot",
        "> x reboot",
        "{fd}>/tmp/x reboot",
        "2>&1 reboot",
        "bash <<< reboot",
        "bash <<EOF\nreboot\nEOF\n",
        "echo reboot | sh",
        "printf 'reboot\\n' | bash -s",
        r#"printf "uptime\nreboot\n" | bash"#,
        r#"printf "%s\n" reboot | bash"#,
        r#"printf "reboot\n" | ssh mx1"#,
        r#"echo -e "uptime\nreboot" | bash"#,
        r"printf uptime\\nreboot | bash",
        "echo cmVib290Cg== | base64 -d | sh",
        "cat <<'E' | sh\nreboot\nE\n",
        "X=1 reboot",
        "${ reboot; }",
        "echo \"a ${ reboot; }\"",
        "a\nreboot",
        "a #x\nreboot",
        "echo a;reboot",
        "[[ x ]] && reboot",
        "echo $(case a in a) reboot;; esac)",
        "ssh h 'a; reboot'",
        "a() { b; }; a; reboot",
        "echo $(echo $(echo \"$(reboot)\"))",
        "alias r=reboot; r",
        "alias r='sudo reboot'\nr now",
        "trap x 1; { { { reboot; }; }; }",
        "a=1 b=2; ((a)); reboot",
    ] {
        let found = read_shell(line).invocations;
        let certain = |found: &Invocation| found.name == "reboot" && !found.guessed;
        assert!(found.iter().any(certain), "{line}: {found:?}");
    }
}

#[test]
fn a_mention_is_no_invocation() {
    for line in [
        "echo reboot",
        "grep reboot /var/log",
        "man reboot",
        "ssh mx1 echo reboot",
        "ssh mx1",
        "echo 'a; reboot'",
        "echo \"a; reboot\"",
        "# reboot",
        "ls # reboot",
        "echo a\\;reboot",
        "f() { reboot; }",
        "sudo -l reboot",
        "env A=reboot true",
        "command -v reboot",
        "find . -name reboot",
        "bash -c 'echo reboot'",
        "bash -n reboot",
        "pwsh -Command Get-Queue reboot",
        "x=reboot",
        "cat <<EOF\nreboot\nEOF\n",
        "echo reboot | grep x",
        "case reboot in x) a;; esac",
        "for x in reboot; do echo $x; done",
        "[[ $x == reboot ]]",
        "cat reboot > rm",
        "kubectl exec web-0 -- ls reboot",
        "ls | xargs -I{} echo reboot {}",
        "a=(reboot rm)",
    ] {
        has_none(line);
    }
}

#[test]
fn an_unknown_program_before_a_guarded_one_is_a_guess() {
    check(
        "frob -x reboot now",
        "frob -x reboot now; frob> reboot now ?",
    );
    has("frob a sudo -u op reboot", "frob> sudo> reboot user=op ?");
    has_none("frob sudo ls");
    has_none("echo reboot rm");
}

#[test]
fn a_list_that_names_itself_ends() {
    for line in [
        "x=(x x); ${!x%y} -f",
        "x=(y y); y=(x x); ${!x%y} -f",
        "zsh -c 'x=(x); ${(P)x}'",
    ] {
        assert!(!read_shell(line).invocations.is_empty(), "{line}");
    }
    has("zsh -c 'x=(y); y=reboot; ${(P)x} -f'", "zsh> reboot -f ?");
}

#[test]
fn writes_belong_to_their_command() {
    check(
        "echo b > /proc/sysrq-trigger",
        "echo b >/proc/sysrq-trigger",
    );
    check("a >> x 2>| y", "a >x >y");
    check("a &> x", "a >x");
    check("a >& x", "a >x");
    check("a 2>&1 >&- <&3", "a");
    check("> x", " >x");
    check("{ echo b; } > x", " >x; echo b");
    has(
        "cat <<E | ssh h tee -a /etc/x\nE\n",
        "ssh> tee -a /etc/x host=h >/etc/x",
    );
}

#[test]
fn what_cannot_be_known_is_opaque() {
    check("$CMD x", " x Variable");
    check("eval \"$x\"", "eval … Eval");
    check("sh -c \"$x\"", "sh -c … Eval");
    check_last("curl x | sh", "sh Download");
    has("bash <(curl x)", "bash … Download");
    check_last("bash -c \"$x y\"", "bash>  y Eval");
    check("$(a)/bin/x --version", "x --version; a");
    check_last("systemct* stop", " stop Variable");
    check("/bin/systemct[l] stop", "systemctl stop");
    check("$X reboot", " reboot Variable; > reboot ?");
    // Guarded names in what it is made of.
    has("$(sed s/x/reboot/ y) -f", "reboot y -f ?");
    has("eval \"$(tr x y reboot | cat)\"", "reboot ?");
    has_none("eval \"$(reboots x | cat)\"");
}

#[test]
fn text_that_is_wrong_fails_closed() {
    check("ls; echo \"a; reboot", "ls;  Unparsed; reboot ?");
    has("for x in; rm -rf / }", "rm -rf / ?");
    has("ls )( 'reboot'", "reboot ?");
    has("ssh h 'reboot; ('", "ssh> reboot host=h");
    assert_eq!(
        read_shell("a\0b").invocations[0].opaque,
        Some(Opaque::Unparsed)
    );
}

#[test]
fn dash_reads_double_parentheses_as_commands() {
    has("((rm -rf /))", "rm -rf / ?");
    has_none("((x = rm1))");
}

#[test]
fn variables_are_known_from_the_line() {
    check_last("X=/; rm -rf $X", "rm -rf /");
    check_last("X='a b'; rm $X", "rm a b");
    check_last("X='a b'; rm \"$X\"", "rm a b");
    check_last("X=1 rm $X", "rm …");
    check_last("set -- rm /; \"$@\"", "rm /");
    check_last("X=/; true && X=a; rm $X", "rm …");
    check_last("(X=/); rm $X", "rm …");
    check_last("export X=/; rm $X", "rm /");
    check_last("X=a; ssh h \"rm $X\"", "ssh> rm a host=h");
    check_last("X=a; ssh h 'rm $X'", "ssh> rm … host=h");
    check_last(
        "for h in mx1 mx2; do ssh $h reboot; done",
        "ssh> reboot host=mx2",
    );
    has(
        "for h in mx1 mx2; do ssh $h reboot; done",
        "ssh> reboot host=mx1",
    );
    assert!(
        read_shell("rm $X; ssh h 'rm $Y'")
            .needs
            .variables
            .into_iter()
            .eq(["X".to_owned()])
    );
}

#[test]
fn variables_are_known_from_what_was_given() {
    let givens = Givens {
        variables: [
            ("A".to_owned(), Some("sudo reboot".to_owned())),
            ("B".to_owned(), None),
        ]
        .into(),
        others_unset: true,
        ..Givens::default()
    };
    let line = |text: &str| {
        let line = Line::shell(text.as_bytes());
        all(&read(&line, &lore(), &givens).unwrap()).join("; ")
    };
    assert_eq!(line("$A"), "sudo reboot; sudo> reboot user=root");
    assert_eq!(line("rm -rf $X/"), "rm -rf /");
    assert_eq!(line("rm ${B:-x} ${B:+y} ${A:+z}"), "rm x z");
    assert_eq!(line("rm $PWD"), "rm …");
    assert_eq!(
        line("ssh h 'rm $X'"),
        "ssh h rm $X host=; ssh> rm … host=h".replace(" host=;", ";")
    );
}

#[test]
fn feeds_are_what_the_line_shows() {
    let fed = |line: &str| match &read_shell(line).invocations.last().unwrap().fed {
        Fed::Text(word) => word.shown(),
        Fed::Nothing => "nothing".to_owned(),
        Fed::File(path) => format!("< {}", path.shown()),
        Fed::Unknown => "unknown".to_owned(),
    };
    assert_eq!(fed("echo a  b | x"), "a b\n");
    assert_eq!(fed("echo -n 'a\tb' | x"), "a\tb");
    assert_eq!(fed("echo -e 'a\\nb' | x"), "a\nb\n");
    assert_eq!(fed("echo -e '\\0162\\145' | x"), "re\n");
    assert_eq!(fed("printf '\\0162' | x"), "\u{e}2");
    assert_eq!(fed("printf %b '\\0162' | x"), "r");
    assert_eq!(fed("printf '%s,' a b | x"), "a,b,");
    assert_eq!(fed(r#"printf "a\nb\tc" | x"#), "a\nb\tc");
    assert_eq!(fed(r#"printf "a\\nb" | x"#), "a\nb");
    assert_eq!(fed("echo $X | x"), "…\n");
    assert_eq!(fed("ls | x"), "unknown");
    assert_eq!(fed("ls"), "nothing");
    assert_eq!(fed("x <<< 'a b'"), "a b");
    assert_eq!(fed("x < file"), "< file");
    assert_eq!(fed("x <<E\na $X\nE\n"), "a …\n");
    assert_eq!(fed("x <<'E'\na $X\nE\n"), "a $X\n");
    assert_eq!(fed("(echo a; echo b) | x"), "a\nb\n");
}

#[test]
fn spans_point_into_the_line() {
    let line = r#"ssh op@mx1 "sudo bash -c 'systemctl  reboot'""#;
    let reading = read_shell(line);
    let last = reading.invocations.last().unwrap();
    assert_eq!(slice(line, last.span), "systemctl  reboot");
    assert_eq!(slice(line, last.args[0].span), "reboot");
    let via: Vec<&str> = last.via.iter().map(|via| slice(line, via.span)).collect();
    assert_eq!(via, ["ssh op@mx1", "sudo", "bash -c"]);

    let line = Line::argv(["sh", "-c", "ls; reboot now"].map(Into::into).to_vec());
    let reading = read(&line, &lore(), &Givens::default()).unwrap();
    let span = reading.invocations[2].span;
    assert_eq!(slice(line.text(), span), "reboot now");

    let line = "echo `echo \\`reboot now\\``";
    let reading = read_shell(line);
    let found = reading
        .invocations
        .iter()
        .find(|found| found.name == "reboot")
        .unwrap();
    assert_eq!(slice(line, found.span), "reboot now");
}

#[test]
fn limits_refuse_and_nothing_overflows() {
    let reads =
        |text: String| read(&Line::shell(text.as_bytes()), &lore(), &Givens::default()).map(drop);
    let depth = Err(TooMuch::Depth { limit: 100 });
    for open in [
        "(",
        "{ ",
        "if ",
        "while ",
        "$(",
        "\"$(",
        "`",
        "((",
        "$((",
        "${a:-",
        "<(",
        "case a in a) ",
        "f() { ",
        "[[ ( ",
        "! (",
    ] {
        let found = reads(open.repeat(10_000));
        assert!(found == depth || found.is_ok(), "{open}: {found:?}");
    }
    assert_eq!(reads("(".repeat(10_000)), depth);
    assert_eq!(reads("sudo ".repeat(10_000)), depth);
    assert_eq!(reads(format!("{}reboot", "sudo ".repeat(90))), Ok(()));
    assert_eq!(
        reads("a".repeat((1 << 20) + 1)),
        Err(TooMuch::Size {
            found: 1_048_577,
            limit: 1_048_576
        })
    );
    // A long text that each of many levels reads again.
    let nested = Err(TooMuch::Nested { limit: 2 << 20 });
    assert_eq!(reads("eval ".repeat(13_000) + "ls"), nested);
    assert_eq!(reads(format!("sh -c '{}'", "x".repeat(1_000_000))), Ok(()));
    assert_eq!(
        reads(format!("set -- {}; set -- $@ $@; $@", "x ".repeat(50_000))),
        Ok(())
    );
    assert_eq!(reads("a+=(b);".repeat(4_000) + "${a[@]}"), Ok(()));
    assert_eq!(reads("echo ls >> a;".repeat(1_500) + "sh a"), Ok(()));
    assert_eq!(reads("cp a b; cp b a;".repeat(1_000) + "./a"), Ok(()));
    assert_eq!(reads("PS1='$($($(ls';".repeat(500)), Ok(()));
    assert_eq!(reads("eval 'ls;ls' ".repeat(4_000)), Ok(()));
    let once = format!("ssh web1 sh -c '{}'", "x ".repeat(100_000));
    assert_eq!(reads(once), Ok(()));
    assert_eq!(
        reads("a;".repeat(5_000)),
        Err(TooMuch::Count { limit: 4096 })
    );
    assert_eq!(reads("a(){ a;a;a; }; a".to_owned()), Ok(()));
    let rounds = "for a in 1 2 3 4 5 6 7 8 9; do ".repeat(9) + "x=1" + &"; done".repeat(9);
    assert_eq!(reads(rounds), Err(TooMuch::Count { limit: 4096 }));
    let calls: String = (0..20)
        .map(|n| format!("f{n}(){{ f{0};f{0};}};", n + 1))
        .collect();
    assert_eq!(reads(calls + "f0"), Err(TooMuch::Count { limit: 4096 }));
    let doubling: String = (0..60).map(|n| format!("a{}=$a{n}$a{n};", n + 1)).collect();
    assert_eq!(
        reads("a0=xxxxxxxx;".to_owned() + &doubling + "rm $a60"),
        Ok(())
    );
    assert_eq!(reads("a[$(".repeat(20) + &")x)y".repeat(20)), Ok(()));
    assert_eq!(reads("coproc $(".repeat(20) + &")".repeat(20)), Ok(()));
    assert_eq!(reads("(( $(".repeat(9) + "a" + &") ) )".repeat(9)), Ok(()));
    for (open, close) in [
        ("$(", ")"),
        ("\"$(a ", ")\""),
        ("(", ")"),
        ("{ ", ";}"),
        ("if a; then ", "; fi"),
        ("for x in 1; do ", "; done"),
        ("case a in b) ", ";; esac"),
        ("f() { ", "; }; f"),
        ("echo ${a:-", "}"),
        ("bash -c $(echo ", ")"),
        ("[[ ( a || ", " ) ]]"),
        ("coproc { ", "; }"),
        ("eval sudo ", ""),
        ("a <(", ")"),
    ] {
        for n in [10, 20, 30, 40, 48, 60, 90, 99] {
            let _ = reads(open.repeat(n) + "reboot" + &close.repeat(n));
        }
    }
    for text in [
        "{", "{a,", "{{", "$'\\", "x <<a ", "a[", "' ", "# ", "\\", "${ ", "x{1..9}", "`\\`", "$[",
        "a=(",
    ] {
        let _ = reads(text.repeat(50_000));
    }
}

/// Ways to spell one character so that a shell reads the same.
fn spelled(c: char, way: u8) -> String {
    match way % 6 {
        0 if c.is_ascii_alphanumeric() => c.to_string(),
        1 => format!("'{c}'"),
        2 => format!("\"{c}\""),
        3 => format!("$'\\x{:02x}'", u32::from(c)),
        4 => format!("\"\"{c}''"),
        _ => format!("\\{c}"),
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_have_a_reading(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let line = Line::shell(&bytes);
        proptest::prop_assert!(read(&line, &lore(), &Givens::default()).is_ok());
    }

    #[test]
    fn any_shell_like_text_has_a_reading(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "a", "reboot", "sudo", "ssh h", "bash -c", "$x", "$(", ")", "(", "((", "))", "{", "}", "${", "'", "\"",
            "`", "\\", "\n", " ", ";", "&", "|", "<<E", "<", ">", "E", "if", "then", "fi", "for", "in", "do", "done",
            "case", "esac", "[[", "]]", "=", "x=", "[", "]", "#", "$'", "{a,b}", "é", "<(", "-c", "eval", "xargs",
            "pwsh -c", "-u", "--", "echo", "f()", "!", "*", "~", "env -S",
        ]), 0..60)
    ) {
        let text = parts.concat();
        let line = Line::shell(text.as_bytes());
        if let Ok(reading) = read(&line, &lore(), &Givens::default()) {
            for found in reading.invocations {
                proptest::prop_assert!(text.get(found.span.start..found.span.end).is_some());
            }
        }
    }

    #[test]
    fn any_respelling_is_the_same_word(
        word in "[a-z0-9/._+-]{1,12}",
        ways in proptest::collection::vec(proptest::num::u8::ANY, 12)
    ) {
        let respelled: String = word.chars().zip(ways).map(|(c, way)| spelled(c, way)).collect();
        let reading = read_shell(&format!("echo {respelled}"));
        let known = reading.invocations.first().and_then(|found| found.args.first()?.known());
        proptest::prop_assert_eq!(known, Some(word));
    }

    #[test]
    fn a_harmless_part_hides_nothing(
        harmless in proptest::sample::select(vec![
            "ls", "echo 'reboot'", "x=1", "true", "(ls)", "if a; then b; fi", "cat <<E\nx\nE", "echo \"$(ls)\"",
            "for i in 1 2; do ls; done", "f() { ls; }", "[[ a == b ]]", "man reboot", "sudo -l", "a=(b c)",
            "case a in b) c;; esac", "echo ${x:-y}", "((1 + 2))", "reboot() { ls; }", "{ ls; }", "ls # reboot",
        ]),
        risky in proptest::sample::select(vec![
            "reboot", "sudo reboot", "ssh h 'reboot'", "bash -c \"reboot\"", "\"re\"boot", "echo $(reboot)",
            "echo reboot | sh", "{ reboot; }", "while a; do reboot; done", "xargs reboot", "env X=1 reboot",
        ]),
        separator in proptest::sample::select(vec!["\n", "\n&& ", " &\n", "\n\n", "\n|| "]),
        is_first: bool,
    ) {
        let separator = if separator.starts_with("\n&") || separator.starts_with("\n|") { "\n" } else { separator };
        let line = match is_first {
            true => format!("{risky}{separator}{harmless}"),
            false => format!("{harmless}\n{risky}"),
        };
        let found = read_shell(&line).invocations;
        let is_held = found.iter().any(|found| found.name == "reboot" && !found.guessed);
        proptest::prop_assert!(is_held, "{}", line);
    }
}

#[test]
fn many_rounds_are_walked_one_by_one_while_that_is_not_too_much() {
    let hosts = |text: &str| {
        let line = Line::shell(text.as_bytes());
        let reading = read(&line, &lore(), &Givens::default()).unwrap();
        let found = reading.invocations.into_iter();
        let found = found.filter(|found| found.name == "reboot");
        let hosts = found.filter_map(|found| Some(found.target.host?.shown()));
        hosts.collect::<Vec<_>>()
    };
    let all = hosts("for h in web{01..99}; do ssh $h reboot; done");
    assert_eq!(all.len(), 99);
    assert_eq!((all[0].as_str(), all[98].as_str()), ("web01", "web99"));
    // Loops in loops share what there is, and a long body is walked for one more value only.
    let nested = "for a in {1..200}; do for h in web{1..200}; do ssh $h reboot; done; done";
    assert!(hosts(nested).contains(&"…".to_owned()));
    let long = format!(
        "for h in web{{1..200}}; do {} ssh $h reboot; done",
        "true; ".repeat(40)
    );
    assert_eq!(hosts(&long), ["web1", "…"]);
}
