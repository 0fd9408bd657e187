//! The grammar against a list of forms, and against `bash -n` on real command lines.
#![expect(
    clippy::disallowed_methods,
    reason = "the differential reads corpora and asks a real bash"
)]

use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use super::parse;

/// Returns whether the grammar takes all of `text`.
fn takes(text: &str) -> bool {
    parse(text, 0).is_ok_and(|script| script.unparsed_from.is_none())
}

/// Returns whether bash takes `text`.
fn bash_takes(text: &str) -> bool {
    let output = Command::new("bash")
        .args(["-n", "-c"])
        .arg(std::ffi::OsStr::from_bytes(text.as_bytes()))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // A mistake inside `[[ ]]` does not show in the exit status.
    let said = String::from_utf8_lossy(&output.stderr);
    output.status.success() && said.lines().all(|line| line.contains("warning:"))
}

/// Returns the `cmd` of every line of the corpora; none where they are not there.
fn corpora() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = ["../shared/corpora", "../../shared/corpora"];
    let Some(folder) = shared
        .iter()
        .map(|path| folder.join(path))
        .find(|path| path.is_dir())
    else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for name in ["dev_risky_ops", "dev_benign", "dev_everyday"] {
        let text = std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            lines.push(value["cmd"].as_str().unwrap().to_owned());
        }
    }
    lines
}

#[test]
fn grammar_agrees_with_bash_on_the_corpora() {
    let lines = corpora();
    if lines.is_empty() {
        println!("left out: ../shared/corpora is not there");
        return;
    }
    let half = lines.len() / 2;
    let disagreements = std::thread::scope(|scope| {
        let (first, second) = lines.split_at(half);
        let parts = [first, second].map(|part| {
            scope.spawn(move || {
                let differs = |line: &&String| takes(line) != bash_takes(line);
                part.iter().filter(differs).collect::<Vec<_>>()
            })
        });
        parts.map(|part| part.join().unwrap()).concat()
    });
    println!(
        "{} lines, {} disagreements",
        lines.len(),
        disagreements.len()
    );
    for line in &disagreements {
        println!("takes {}: {line}", takes(line));
    }
    assert_eq!(disagreements.len(), 0);
}

/// Returns the texts of which the grammar, or bash, does not say what is expected.
fn wrong<'t>(texts: &[&'t str], expected: bool) -> Vec<(&'static str, &'t str)> {
    let mut wrong = Vec::new();
    for text in texts {
        if takes(text) != expected {
            wrong.push(("grammar", *text));
        }
        if bash_takes(text) != expected {
            wrong.push(("bash", *text));
        }
    }
    wrong
}

#[test]
fn bash_forms_are_taken() {
    let texts = [
        "",
        "\n",
        "# x",
        "a",
        "a;",
        "a &",
        "a & b",
        "a;b\n\nc",
        "a &&\n\nb",
        "a ||\n#x\nb",
        "a |\nb",
        "a |& b",
        "! a",
        "! ! a",
        "!",
        "time",
        "time -p a",
        "time ! a",
        "! time a | b",
        "{ a; }",
        "{ a\n}",
        "{\na;}",
        "(a)",
        "( a; b & )",
        "( (a) )",
        "((a))",
        "((a) )",
        "( (a); (b) )",
        "((1 << 2))",
        "((a = (b + c)))",
        "if a; then b; fi",
        "if a\nthen\nb\nelif c; then d\nelse e\nfi",
        "if (a) then b; fi",
        "if { a; } then b; fi",
        "while a; do b; done",
        "until a; do b; done > x < y",
        "for a in b c; do d; done",
        "for a do b; done",
        "for a; do b; done",
        "for a\ndo b; done",
        "for a\nin b; do c; done",
        "for a in; do b; done",
        "for a in b; { c; }",
        "for ((i=0; i<3; i++)); do a; done",
        "for ((;;)) { a; }",
        "for ((;;))\ndo a; done",
        "select a in b; do c; done",
        "select a; do b; done",
        "case a in esac",
        "case a in b) c;; esac",
        "case a in (b|c) ;; *) d; esac",
        "case a\nin\nb)\nc\n;;\nesac",
        "case a in b) c;& d) e;;& f) esac",
        "case in in in) a;; esac",
        "a() { b; }",
        "a () ( b )",
        "a()\n{ b; }",
        "function a { b; }",
        "function a() { b; }",
        "function a() (b)",
        "a() if b; then c; fi",
        "a() { b; } > x",
        "a() [[ b ]]",
        "a-b() { c; }",
        "coproc a",
        "coproc a { b; }",
        "coproc { b; }",
        "coproc a b c",
        "[[ a ]]",
        "[[ -f a ]]",
        "[[ a == b && ( ! c || d < e ) ]]",
        "[[ a =~ ^(b|c)+$ ]]",
        "[[ a =~ b\\ c ]]",
        "[[ $a != @(b|c)* ]]",
        "[[ -n $a\n&& b -eq c ]]",
        "[[ a = b ]] && c",
        "[[ ! -e a ]]",
        "[[ -v a[1] ]]",
        "a=b",
        "a=b c=d e",
        "a=(b c)",
        "a=(\nb #c\n[2]=d\n)",
        "a+=(b)",
        "a[1+2]=b",
        "a[1 + 2]=b",
        "a[$b]=c",
        "declare -a a=(b c)",
        "export a=b",
        "local a=(b)",
        "eval a=(b)",
        "a=$(b) c",
        "a> b",
        "a >b <c >>d 2>&1 >|e <>f >&g &>h &>>i <&3 >&- 3<&-",
        "> a",
        "{fd}> a b",
        "a {fd}<b",
        "a <<< b",
        "a <<< \"b c\"",
        "a <<E\nb\nE",
        "a <<E\nb\nE\nc",
        "a <<-E\n\tb\n\tE\n",
        "a <<'E'\n$(\nE\n",
        "a <<\"E F\"\nb\nE F\n",
        "a <<E <<F\nb\nE\nc\nF\n",
        "a <<E\nb",
        "a <<E",
        "a <<\\E\n`\nE\n",
        "a <<E | b\nc\nE\n",
        "(a <<E\nb\nE\n)",
        "{ a <<E; }\nb\nE\n",
        "a <<E && b\n$(c)\nE\nd",
        "$(a <<E\nb\nE\n)",
        "a $(b) `c` $((d)) $[e] ${f} $g $1 ${10} $? $$ $! $# $@ $* $-",
        "a ${b:-c} ${b#c} ${b%%c} ${b/c/d} ${b:1:2} ${#b} ${!b} ${b[@]}",
        "a ${b:-$(c)} ${b:-'c}'} ${b:-\"}\"}",
        "a ${b:-{c}",
        "a $(case b in c) d;; esac)",
        "a $(b # )\n)",
        "a $( (b) )",
        "a $((b) )",
        "a $(((b)))",
        "a $((1<<2))",
        "a \"$(b \"c\" 'd')\"",
        "a \"`b \\\"c\\\"`\"",
        "a `b (`",
        "a $'b\\'c' $\"d\"",
        "a 'b\nc' \"d\ne\"",
        "a\\\nb",
        "a \\\n b",
        "a\\",
        "a <(b) >(c <(d))",
        "a b<(c)",
        "a {b,c}{d,e}",
        "a {b",
        "a }",
        "a {}",
        "a ]]",
        "a if then fi",
        "echo in do done",
        "a;b&c",
        "a $",
        "a \"$\"",
        "a #b 'c",
        "a b#c",
        "a=b#c",
        "a~b ~ ~/b",
        "a ! b",
        "a [ b ]",
        "[ a = b ]",
        "a=${b}c",
        "a \"$(b)\"'c'$d",
        "a 2>b",
        "a2>b",
        "a 10>b",
        "time; a",
        "while a; do b; done | c",
        "a | while b; do c; done",
        "if a; then b; fi; c",
        "if a; then b; fi && c",
        "{ a; } 2>b | c",
        "a=b; c",
        "a\r",
        "a=(b); c=${a[0]}",
    ];
    assert_eq!(wrong(&texts, true), []);
}

#[test]
fn what_bash_rejects_is_rejected() {
    let texts = [
        ";",
        "&",
        "a ;; b",
        "a && ",
        "a |",
        "| a",
        "&& a",
        "a && && b",
        "a & & b",
        "a & && b",
        "a;;",
        "(a",
        "a)",
        "()",
        "( )",
        "{ a",
        "{ a }",
        "} a",
        "{ }",
        "if a; then fi",
        "if a; fi",
        "if; then a; fi",
        "then a",
        "fi",
        "done",
        "do a",
        "while a; done",
        "while a; do; done",
        "while a; do done",
        "for in b; do c; done x",
        "for a in b do c; done",
        "for a in b; c; done",
        "for a in b | c; do d; done",
        "case a in b c) d;; esac",
        "case a in b) c",
        "case a b) c;; esac",
        "case a in ) b;; esac",
        "esac",
        "a() b",
        "a() { b",
        "a()",
        "a b()",
        "function",
        "function a",
        "function a b",
        "a (b)",
        "a b (c)",
        "echo a=(b)",
        "a=(b",
        "a=(b;c)",
        "[[ a",
        "[[ a b ]]",
        "[[ -f ]]",
        "[[ a == ]]",
        "[[ ( a ]]",
        "[[ a == b c ]]",
        "a >",
        "a > > b",
        "a <<",
        "a <",
        "a >&",
        "a 2>",
        "'a",
        "\"a",
        "`a",
        "$(a",
        "${a",
        "$((a",
        "$(a;;)",
        "$(if)",
        "a $(b | )",
        "a <(b",
        "if a; then b; fi c",
        "{ a; } b",
        "(a) b",
        "[[ a ]] b",
        "((a)) b",
        "for ((a)) b",
        "for a in b; do c; done d",
        "! | a",
        "time | a",
        "a | | b",
        "a !(b)",
        "select a in b; c",
        "a() { b; } c",
        "coproc",
        "for",
        "for a",
        "case",
        "if",
        "while",
        "until a",
    ];
    assert_eq!(wrong(&texts, false), []);
}
