//! The hooks' screens: in Japanese, and at 40 columns.

use crate::shell::{Kind, QUESTION, Setup, Shell};

/// Waits until the cursor stands behind a line at the prompt, with nothing below it.
#[track_caller]
fn await_line(shell: &mut Shell, line: &str) {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let end = squeezed(&format!("P% {line}"));
    shell.pty.wait_until(line, crate::pty::PATIENCE, |pty| {
        squeezed(&pty.cells().contents()).ends_with(&end)
    });
}

/// Returns the rows of the screen, those that were wrapped one by one.
fn screen_rows(shell: &mut Shell) -> Vec<String> {
    shell.pty.look(std::time::Duration::ZERO);
    let cells = shell.pty.cells();
    cells.rows(0, cells.size().1.get()).collect()
}

#[test]
fn at_forty_columns_a_long_line_is_asked_about_and_comes_back() {
    for kind in Kind::ALL {
        let start = Setup {
            size: (40, 24),
            ..Setup::new(kind, "", "")
        };
        let Some(mut shell) = start.start() else {
            return;
        };
        shell.mark();
        let long = "deploy the new shop with its new prices to every till of the town";
        shell.line(long);
        shell.pty.wait_for_question(QUESTION);
        let rows = screen_rows(&mut shell);
        let screen = rows.join("\n");
        assert!(rows.iter().all(|row| row.chars().count() <= 40), "{screen}");
        let at = |what: &str| rows.iter().position(|row| row.contains(what));
        let (typed, held) = (at("P% deploy the new"), at("kanmon: this command is held"));
        // The line that was typed takes two rows; bash takes it away.
        let expected = (kind != Kind::Bash).then_some(held);
        assert_eq!(
            typed.map(|row| Some(row + 2)),
            expected,
            "{kind:?}:\n{screen}"
        );
        shell.decline("$ deploy the new shop");
        shell.prompt();
        await_line(&mut shell, long);
        // What is typed goes on with it; a passing line leaves no gap.
        shell.line(" now");
        shell.decline("now");
        shell.forget();
        shell.line("echo deploy is only a word in this long line here");
        shell
            .pty
            .wait_for("deploy is only a word in this long line here");
        shell.mark();
        let rows = screen_rows(&mut shell);
        let screen = rows.join("\n");
        let row = rows
            .iter()
            .rposition(|row| row.starts_with("P% echo deploy"));
        let row = row.unwrap_or_else(|| panic!("{kind:?}:\n{screen}"));
        // Two rows of the line, then what it prints, in two rows.
        assert!(
            rows[row + 2].starts_with("deploy is only"),
            "{kind:?}:\n{screen}"
        );
        assert!(shell.host.ran().is_empty());
    }
}

#[test]
fn the_hooks_speak_japanese() {
    for kind in Kind::ALL {
        for size in [(80, 24), (40, 24)] {
            let start = Setup {
                language: "ja_JP.UTF-8",
                size,
                ..Setup::new(kind, "", "")
            };
            let Some(mut shell) = start.start() else {
                return;
            };
            shell.mark();
            shell.line("deploy now");
            shell.pty.wait_for_question("続けますか");
            let screen = shell.pty.screen();
            assert!(screen.contains("$ deploy now"), "{screen}");
            assert!(
                screen.contains("このコマンドの実行を保留しました"),
                "{screen}"
            );
            shell.pty.type_text("n");
            shell.pty.wait_for("コマンドは実行していません");
            await_line(&mut shell, "deploy now");
            shell.pty.type_keys(&["enter"]);
            shell.pty.wait_for_question("続けますか");
            shell.pty.type_text("y");
            let ran = shell.host.path("ran");
            crate::stage::until("it ran", || !crate::stage::lines(&ran).is_empty());
            shell.mark();
            assert_eq!(shell.host.ran(), ["deploy now"]);
            shell.line("kanmon_off");
            shell.pty.wait_for("フック");
        }
    }
}
