//! Whether a shell would wait for more of a text: an open quote, a loop without `done`, a
//! here-document without its end.
//!
//! The answer decides when a person is asked, never whether: a text that is taken for unfinished is
//! not cleared by that.

use super::shell::ends_too_early;

/// Returns whether the text ends before a command in it does.
#[must_use]
pub fn is_unfinished(text: &str) -> bool {
    let body = text.trim_end_matches('\n');
    let n_backslashes = body.len() - body.trim_end_matches('\\').len();
    if n_backslashes % 2 == 1 && text.len() - body.len() <= 1 {
        return true;
    }
    ends_too_early(text)
}

#[cfg(test)]
mod tests {
    use super::is_unfinished;

    #[test]
    fn what_a_shell_would_wait_for_is_unfinished() {
        let missed: Vec<&str> = [
            "for i in a b; do",
            "for i in a b; do\nreboot",
            "for i in a b",
            "while true; do reboot",
            "if true; then reboot",
            "if true",
            "case x in",
            "case x in\na) reboot ;;",
            "echo 'reboot",
            "echo \"reboot",
            "echo `reboot",
            "echo $(reboot",
            "echo ${x",
            "reboot &&",
            "reboot ||\n",
            "reboot |",
            "reboot \\",
            "(reboot",
            "{ reboot;",
            "f() {",
            "f() { reboot",
            "cat <<EOF",
            "cat <<EOF\nreboot",
            "cat <<'EOF' && reboot\nx\n",
            "[[ -f x",
            "a=(1 2",
        ]
        .into_iter()
        .filter(|text| !is_unfinished(text))
        .collect();
        assert!(missed.is_empty(), "{missed:?}");
    }

    #[test]
    fn what_a_shell_would_run_or_refuse_is_not() {
        for text in [
            "",
            "reboot",
            "reboot;",
            "reboot &",
            "reboot # for",
            "for i in a b; do reboot; done",
            "if true; then reboot; fi",
            "echo 'reboot'",
            "echo \\\\",
            "cat <<EOF\nreboot\nEOF",
            "cat <<EOF\nreboot\nEOF\n",
            "f() { reboot; }",
            "case x in a) reboot ;; esac",
            "a=(1 2)",
            "echo )",
        ] {
            assert!(!is_unfinished(text), "{text}");
        }
    }
}
