//! The first two tables of `docs/doors.md`, cell by cell: each phrase has a test that shows it, and what
//! goes round a door is shown to go round it, so that the page stays honest.
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads the page and the tests"
)]

use std::fs;
use std::path::Path;

use crate::doors_table::{PLAIN, WORLD};
use crate::layers::{assert_not_said, assert_says};
use crate::shell::Shell;
use crate::sudoers::Sudoers;

/// Phrases of a cell, each with the test that shows it, `file::function`; together they are the cell.
type Phrases = &'static [(&'static str, &'static str)];

/// By the beginning of the row: what it stops, what goes round it, what it costs.
const CELLS: &[(&str, [Phrases; 3])] = &[
    (
        "prefix:",
        [
            &[
                (
                    "what is typed behind it",
                    "gate::low_is_one_key_and_medium_a_yes",
                ),
                (
                    "with all that it would run",
                    "corpora::what_hides_a_command_of_the_packs_does_not_hide_it",
                ),
            ],
            &[(
                "typing without it",
                "doors_page::typing_without_the_prefix_goes_round_it",
            )],
            &[("less than `env` for what passes", "benches/start.rs")],
        ],
    ),
    (
        "shims:",
        [
            &[
                (
                    "those programs by name",
                    "shims::a_shim_starts_the_next_program_of_its_name_and_no_shim_ever",
                ),
                (
                    "typed or in scripts",
                    "shims::a_held_line_of_a_script_is_asked_about_and_its_callers_are_on_the_record",
                ),
                (
                    "cron",
                    "shims::a_shim_in_a_job_of_debians_cron_is_cleared_by_a_permit_and_held_without_one",
                ),
                (
                    "`at`",
                    "shims::a_shim_in_a_job_of_debians_at_names_the_run_that_scheduled_it",
                ),
                (
                    "make, services, wherever `PATH` begins with the folder",
                    "doors_page::a_shim_stops_make_and_a_path_a_function_or_a_system_call_goes_round_it",
                ),
            ],
            &[
                (
                    "an absolute path (`/usr/sbin/reboot`)",
                    "doors_page::a_shim_stops_make_and_a_path_a_function_or_a_system_call_goes_round_it",
                ),
                (
                    "a `PATH` that lacks the folder or has it later (`sudo` by its `secure_path`, cron's `/usr/bin:/bin`)",
                    "doors_page::a_shim_stops_make_and_a_path_a_function_or_a_system_call_goes_round_it",
                ),
                (
                    "a builtin, alias or function of the shell",
                    "doors_page::a_shim_stops_make_and_a_path_a_function_or_a_system_call_goes_round_it",
                ),
                (
                    "a system call",
                    "doors_page::a_shim_stops_make_and_a_path_a_function_or_a_system_call_goes_round_it",
                ),
            ],
            &[(
                "one look through `PATH`, the first page of what is found there, and one `execve` more: 1.5 to 1.6 times `env true` (`cargo bench --bench start`, two busy cores)",
                "benches/start.rs",
            )],
        ],
    ),
    (
        "sudo:",
        [
            &[
                (
                    "everything that sudo would run, as whom ever: what `-s`, `-i`, `bash -c`, `env` and scripts would run too",
                    "sudo_door::every_way_of_saying_it_is_seen",
                ),
                (
                    "and files of `sudoedit`",
                    "sudo_door::a_file_that_sudoedit_would_write_is_judged",
                ),
            ],
            &[
                (
                    "what is typed in a root shell that sudo started",
                    "doors_page::a_root_shell_another_tool_and_sudos_settings_go_round_the_plugin",
                ),
                (
                    "`su`, `pkexec`, `doas`, sudo-rs (it has no plugins)",
                    "doors_page::a_root_shell_another_tool_and_sudos_settings_go_round_the_plugin",
                ),
                (
                    "sub-commands that a program starts by itself",
                    "doors_page::a_root_shell_another_tool_and_sudos_settings_go_round_the_plugin",
                ),
                (
                    "without `Defaults intercept`",
                    "sudo_door::in_intercept_mode_what_a_program_starts_by_itself_is_judged_too",
                ),
                (
                    "whoever may write `/etc/sudo.conf`",
                    "doors_page::a_root_shell_another_tool_and_sudos_settings_go_round_the_plugin",
                ),
            ],
            &[("one process: 1.7 times `sudo true`", "benches/doors.rs")],
        ],
    ),
    (
        "interactive bash:",
        [
            &[
                (
                    "every line as typed",
                    "shells_bash::no_way_to_type_a_line_goes_round",
                ),
                (
                    "pasted",
                    "shells_bash::what_is_pasted_is_judged_before_any_of_it_runs",
                ),
                (
                    "recalled or edited",
                    "shells_bash::keys_that_end_a_line_lead_through_the_gate",
                ),
                (
                    "with aliases and functions of the running shell",
                    "shells_bash::names_of_the_running_shell_are_expanded",
                ),
                (
                    "before bash runs any of it",
                    "shells_bash::lines_of_one_command_are_judged_together",
                ),
            ],
            &[
                (
                    "`kanmon_off`",
                    "shells_bash::a_gate_that_does_not_run_holds_and_the_hook_can_be_taken_out",
                ),
                (
                    "`bash --norc`",
                    "doors_page::what_goes_round_the_hook_of_bash",
                ),
                (
                    "a script that a program starts",
                    "doors_page::what_goes_round_the_hook_of_bash",
                ),
                (
                    "`builtin fc`",
                    "doors_page::what_goes_round_the_hook_of_bash",
                ),
            ],
            &[
                (
                    "nothing but the shell's own time for a line without a guarded or wrapper word",
                    "shells_bash::no_process_is_started_for_a_line_without_such_a_word_and_one_for_others",
                ),
                (
                    ": from Enter to the prompt 1 ms in place of 0.2",
                    "benches/doors.rs",
                ),
                (
                    "one process for others",
                    "shells_bash::no_process_is_started_for_a_line_without_such_a_word_and_one_for_others",
                ),
                (": 3.5 ms in place of 1.5", "benches/doors.rs"),
                (
                    "one more for the end of what was on the record",
                    "shells_bash::no_process_is_started_for_a_line_without_such_a_word_and_one_for_others",
                ),
                (
                    "and one beside the line where its rules show something at the end",
                    "shells_after::bash_shows_what_came_of_a_line",
                ),
            ],
        ],
    ),
    (
        "interactive zsh:",
        [
            &[
                ("the same", "shells_zsh::no_way_to_type_a_line_goes_round"),
                (
                    "also with zsh-autosuggestions and zsh-syntax-highlighting",
                    "shells_zsh::plug_ins_before_and_behind_the_hook_change_nothing",
                ),
            ],
            &[
                (
                    "`kanmon_off`",
                    "doors_page::what_goes_round_the_hook_of_zsh",
                ),
                ("`zsh -f`", "doors_page::what_goes_round_the_hook_of_zsh"),
                (
                    "a script that a program starts",
                    "doors_page::what_goes_round_the_hook_of_zsh",
                ),
                (
                    "`builtin fc`",
                    "doors_page::what_goes_round_the_hook_of_zsh",
                ),
                (
                    "a session without zle",
                    "doors_page::what_goes_round_the_hook_of_zsh",
                ),
            ],
            &[
                (
                    "the same",
                    "shells_zsh::no_process_is_started_for_a_line_without_such_a_word",
                ),
                (
                    ": 1 ms in place of 0.3, 3 ms in place of 1.4",
                    "benches/doors.rs",
                ),
            ],
        ],
    ),
    (
        "interactive fish:",
        [
            &[
                (
                    "every line as typed",
                    "shells_fish::no_way_to_write_a_call_goes_round",
                ),
                (
                    "or pasted",
                    "shells_fish::keys_and_several_lines_lead_through_the_gate",
                ),
                (
                    "with functions of the running shell",
                    "shells_fish::no_way_to_write_a_call_goes_round",
                ),
                (
                    "before fish runs any of it",
                    "shells_fish::keys_and_several_lines_lead_through_the_gate",
                ),
            ],
            &[
                (
                    "`kanmon_off`",
                    "doors_page::what_goes_round_the_hook_of_fish",
                ),
                (
                    "`fish --no-config`",
                    "doors_page::what_goes_round_the_hook_of_fish",
                ),
                (
                    "lines from a pipe",
                    "doors_page::what_goes_round_the_hook_of_fish",
                ),
            ],
            &[
                (
                    "nothing but the shell's own time for a line without such a word",
                    "shells_fish::no_process_is_started_for_a_line_without_such_a_word",
                ),
                (
                    ": from Enter to the prompt 7.5 ms in place of 3.5",
                    "benches/doors.rs",
                ),
                (
                    "one process for others",
                    "shells_fish::no_process_is_started_for_a_line_without_such_a_word",
                ),
                (": 7.7 ms in place of 2.8", "benches/doors.rs"),
            ],
        ],
    ),
    (
        "ssh:",
        [
            &[(
                "every command that comes over ssh, scp, sftp, rsync and git as lines",
                "ssh_door::a_held_line_without_a_terminal_is_not_run_and_names_its_rule",
            )],
            &[
                (
                    "what is typed in an interactive login without the shell hook",
                    "doors_page::a_login_forwarding_and_another_user_go_round_ssh",
                ),
                (
                    "port forwarding and what else sshd does itself",
                    "doors_page::a_login_forwarding_and_another_user_go_round_ssh",
                ),
                (
                    "another key or user without the gate",
                    "doors_page::a_login_forwarding_and_another_user_go_round_ssh",
                ),
            ],
            &[(
                "one `execve` more: 1.02 times `ssh host true`",
                "benches/doors.rs",
            )],
        ],
    ),
    (
        "coding agents:",
        [
            &[
                (
                    "shell lines that the agent wants to run",
                    "hook::a_held_line_is_asked_about_with_rule_reason_and_safer_way",
                ),
                (
                    "with the scripts in them",
                    "hook::a_script_is_read_where_the_agent_would_run_it",
                ),
            ],
            &[
                (
                    "other tools of the agent (a file that it writes and a person runs)",
                    "hook::nothing_is_ever_allowed_for_the_user",
                ),
                (
                    "programs of other languages beyond their evident calls",
                    "doors_page::a_program_of_another_language_goes_round_an_agents_hook",
                ),
                (
                    "an agent without hooks",
                    "doors_page::typing_without_the_prefix_goes_round_it",
                ),
            ],
            &[(
                "one process a shell line",
                "hook::a_held_line_is_asked_about_with_rule_reason_and_safer_way",
            )],
        ],
    ),
];

/// By the beginning of the row: how it is put in, how it is taken out.
const PUT_IN: &[(&str, [Phrases; 2])] = &[
    (
        "prefix",
        [
            &[("the package: `dpkg -i kanmon_*.deb`", PACKAGE)],
            &[
                (
                    "`dpkg -r kanmon`; refused while a login or ssh goes through it",
                    PACKAGE,
                ),
                ("the team's rules and all records stay", PACKAGE),
            ],
        ],
    ),
    (
        "shims",
        [
            &[
                (
                    "`kanmonctl shim add NAME…`",
                    "shims::shims_are_added_listed_looked_at_and_removed",
                ),
                (
                    "and the line that puts the folder first in `PATH`",
                    "doors_install::a_shim_is_put_in_by_its_line_in_the_profile_and_taken_out",
                ),
            ],
            &[
                (
                    "`kanmonctl shim remove NAME…`; with the last one the folder goes",
                    "shims::shims_are_added_listed_looked_at_and_removed",
                ),
                (
                    "the line out",
                    "doors_install::shims_come_first_for_sudo_by_its_line_and_no_more_without_it",
                ),
            ],
        ],
    ),
    (
        "sudo",
        [
            &[("`kanmonctl sudo install`", SUDO)],
            &[(
                "`kanmonctl sudo remove`: `sudo.conf` is what it was, byte for byte",
                SUDO,
            )],
        ],
    ),
    (
        "interactive bash",
        [
            &[(
                "`eval \"$(kanmonctl init bash)\"` at the end of `~/.bashrc`",
                "doors_install::the_line_of_bash_is_put_in_and_taken_out",
            )],
            &[(
                "the line out; in a running shell `kanmon_off`: keys, prompts, traps, options and functions are what they were",
                "doors_install::the_line_of_bash_is_put_in_and_taken_out",
            )],
        ],
    ),
    (
        "interactive zsh",
        [
            &[(
                "`eval \"$(kanmonctl init zsh)\"` at the end of `~/.zshrc`",
                "doors_install::the_line_of_zsh_is_put_in_and_taken_out",
            )],
            &[(
                "the same",
                "doors_install::the_line_of_zsh_is_put_in_and_taken_out",
            )],
        ],
    ),
    (
        "interactive fish",
        [
            &[(
                "`kanmonctl init fish \\| source` at the end of `~/.config/fish/config.fish`",
                "doors_install::the_line_of_fish_is_put_in_and_taken_out",
            )],
            &[(
                "the same",
                "doors_install::the_line_of_fish_is_put_in_and_taken_out",
            )],
        ],
    ),
    (
        "ssh",
        [
            &[
                (
                    "`ForceCommand` in `sshd_config`, then `sshd -t` and a reload",
                    "doors_install::a_forced_command_is_put_into_sshds_settings_and_taken_out",
                ),
                (
                    "or `command=` before a key",
                    "doors_install::a_keys_command_is_put_before_it_and_taken_out",
                ),
                (
                    "or `usermod -s /usr/bin/kanmon NAME`",
                    "doors_install::a_login_shell_is_given_and_taken_back",
                ),
            ],
            &[
                (
                    "what was added out, and a reload",
                    "doors_install::a_forced_command_is_put_into_sshds_settings_and_taken_out",
                ),
                (
                    "or `usermod -s /bin/bash NAME`",
                    "doors_install::a_login_shell_is_given_and_taken_back",
                ),
            ],
        ],
    ),
    (
        "coding agents",
        [
            &[("`kanmonctl hook install claude-code`", AGENT)],
            &[(
                "`kanmonctl hook uninstall claude-code`: the settings are what they were",
                AGENT,
            )],
        ],
    ),
    (
        "check at boot",
        [
            &[(
                "its unit copied and enabled, or its init script copied and `update-rc.d`",
                "doors_install::the_check_at_boot_is_put_in_and_taken_out",
            )],
            &[(
                "disabled and removed",
                "doors_install::the_check_at_boot_is_put_in_and_taken_out",
            )],
        ],
    ),
];

const PACKAGE: &str = "package::it_is_installed_used_upgraded_removed_and_purged";
const SUDO: &str = "sudo_door::the_plugin_is_tried_then_put_in_and_taken_out_byte_for_byte";
const AGENT: &str = "hook::the_hook_goes_into_the_settings_and_out_again";

/// Returns the path of a file of the project.
fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Whether a test, or a benchmark, is there.
fn is_there(test: &str) -> bool {
    match test.split_once("::") {
        None => file(test).exists(),
        Some((module, function)) => {
            let is_test = format!("#[test]\nfn {function}() {{");
            let mut files = ["tests/whole", "tests"].into_iter();
            files.any(|folder| {
                let text = fs::read_to_string(file(&format!("{folder}/{module}.rs")));
                text.is_ok_and(|text| text.contains(&is_test))
            })
        }
    }
}

/// Asserts that each phrase of each cell of a table has its test, and each row its cells.
#[track_caller]
fn assert_shown<const N: usize>(head: &str, cells: &[(&str, [Phrases; N])]) {
    let page = fs::read_to_string(file("docs/doors.md")).unwrap();
    let table = page.split("\n\n").find(|part| part.starts_with(head));
    // A bar within a cell has a backslash before it.
    let rows: Vec<Vec<&str>> = table
        .unwrap()
        .lines()
        .skip(2)
        .map(|row| row.trim_matches(['|', ' ']).split(" | ").collect())
        .collect();
    let mut missing = Vec::new();
    for row in &rows {
        let Some((_, columns)) = cells.iter().find(|(begins, _)| row[0].starts_with(begins)) else {
            missing.push(format!("no tests for the row `{}`", row[0]));
            continue;
        };
        assert_eq!(row.len(), N + 1, "{row:?}");
        for (cell, phrases) in row[1..].iter().zip(columns) {
            let mut left = (*cell).to_owned();
            for (phrase, test) in *phrases {
                match left.contains(phrase) {
                    true => left = left.replacen(phrase, "", 1),
                    false => missing.push(format!("`{phrase}` stands no more in `{cell}`")),
                }
                if !is_there(test) {
                    missing.push(format!("`{phrase}`: there is no `{test}`"));
                }
            }
            if !left.trim_matches([',', ';', ' ']).is_empty() {
                missing.push(format!("no test for `{left}` of `{cell}`"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(rows.len(), cells.len());
}

#[test]
fn each_phrase_of_each_cell_has_its_test() {
    assert_shown("| door | stops |", CELLS);
    assert_shown("| door | install | remove |", PUT_IN);
}

#[test]
fn typing_without_the_prefix_goes_round_it() {
    let Some(world) = Sudoers::new() else { return };
    let said = world.run("ann kanmon deploy 1; echo gated=$?; ann sh -c 'deploy 2'; cat /srv/ran");
    assert_says(&said, &["gated=124", "deploy 2 as ann"]);
    assert_not_said(&said, &["deploy 1 as"]);
}

#[test]
fn a_shim_stops_make_and_a_path_a_function_or_a_system_call_goes_round_it() {
    let Some(world) = Sudoers::new() else { return };
    let said = world.run(
        r#"mkdir /srv/shims /srv/own; ln -s /srv/bin/kanmon /srv/shims/deploy
        for way in make service; do printf '#!/bin/dash\ndeploy %s\n' $way >/srv/own/$way; done
        chmod 755 /srv/own/*
        folders() { ann env PATH="$1" bash -c "$2"; echo "$2: $?"; }
        first=/srv/shims:/srv/bin:/srv/own:/usr/bin:/bin
        folders $first make; folders $first service; folders $first 'deploy held'
        folders $first '/srv/bin/deploy path'
        folders /srv/bin:/srv/shims:/usr/bin:/bin 'deploy later'
        folders /srv/bin:/usr/bin:/bin 'deploy lacks'
        folders $first 'deploy() { /srv/bin/deploy function; }; deploy'
        folders $first "shopt -s expand_aliases; alias deploy='/srv/bin/deploy alias'
deploy"
        folders $first 'perl -e "exec { qq(/srv/bin/deploy) } qw(deploy system-call)"'
        cat /srv/ran"#,
    );
    for held in ["make: 124", "service: 124", "deploy held: 124"] {
        assert_says(&said, &[held]);
    }
    for way in ["path", "later", "lacks", "function", "alias", "system-call"] {
        assert_says(&said, &[&format!("\ndeploy {way} as ann")]);
    }
    assert_not_said(
        &said,
        &["deploy make as", "deploy service as", "deploy held as"],
    );
}

#[test]
fn a_root_shell_another_tool_and_sudos_settings_go_round_the_plugin() {
    let Some(world) = Sudoers::new() else { return };
    let said = world.run(
        r#"export PATH=/srv/bin:$PATH
        ann sudo -n deploy gated; echo gated=$?
        echo 'deploy typed' | ann sudo /srv/other/reader
        echo 'deploy by-itself' >/srv/steps; ann sudo /srv/other/reader /srv/steps
        su -s /bin/sh root -c 'deploy su'
        : >$conf; ann sudo -n deploy conf
        cat /srv/ran"#,
    );
    assert_says(&said, &["gated=1"]);
    for way in ["typed", "by-itself", "su", "conf"] {
        assert_says(&said, &[&format!("deploy {way} as root")]);
    }
    assert_not_said(&said, &["deploy gated as"]);
}

/// Types lines that a hook does not see, each of which runs.
#[track_caller]
fn run_unseen(shell: &mut Shell, lines: &[(&str, &str)]) {
    for (line, ran) in lines {
        shell.line(line);
        crate::stage::until(ran, || shell.host.ran().iter().any(|line| line == ran));
    }
}

/// A program that the gate cannot read beforehand.
const PROGRAM: &str = "printf '#!/bin/sh\\ndeploy program\\n' >/root/program; chmod 755 /root/program; PATH=$PATH:/root\n";

#[test]
fn what_goes_round_the_hook_of_bash() {
    let start = "printf '%s\\n' 'PS1=\"P% \"' 'no_editing() { set +o emacs; }' 'eval \"$(kanmonctl init bash)\"' >/root/.bashrc; exec bash -i";
    let Some(mut shell) = Shell::start(&format!("{PROGRAM}{start}")) else {
        return;
    };
    shell.declined("deploy 5");
    run_unseen(
        &mut shell,
        &[
            ("program", "deploy program"),
            ("builtin fc -s dep", "deploy 5"),
        ],
    );
    shell.mark();
    shell.line("bash --norc");
    run_unseen(&mut shell, &[("deploy norc", "deploy norc")]);
    shell.line("exit");
    shell.mark();
    shell.line("no_editing");
    shell.pty.wait_for("the hook reads lines");
    // That one does not: without line editing nothing that may be held runs.
    shell.line("deploy unedited");
    shell.pty.wait_for("did not come through the hook");
}

#[test]
fn what_goes_round_the_hook_of_zsh() {
    let start = "printf '%s\\n' 'PROMPT=\"P%% \"; unsetopt prompt_sp' 'eval \"$(kanmonctl init zsh)\"' >/root/.zshrc; exec zsh -i";
    let Some(mut shell) = Shell::start(&format!("{PROGRAM}{start}")) else {
        return;
    };
    shell.declined("deploy 5");
    run_unseen(
        &mut shell,
        &[
            ("program", "deploy program"),
            ("builtin fc -e - dep", "deploy 5"),
        ],
    );
    shell.mark();
    shell.line("zsh -f");
    run_unseen(&mut shell, &[("deploy bare", "deploy bare")]);
    shell.line("exit");
    shell.mark();
    shell.line("zsh -i +Z");
    run_unseen(&mut shell, &[("deploy without-zle", "deploy without-zle")]);
    shell.line("exit");
    shell.mark();
    shell.line("kanmon_off");
    shell.mark();
    run_unseen(&mut shell, &[("deploy off", "deploy off")]);
}

#[test]
fn what_goes_round_the_hook_of_fish() {
    let Some(mut shell) = crate::shells_fish::fish() else {
        return;
    };
    shell.declined("deploy 5");
    // Without its settings it has fish's own prompt.
    shell.line("fish --no-config -C 'function fish_prompt; printf \"P%% \"; end'");
    run_unseen(
        &mut shell,
        &[
            ("deploy bare", "deploy bare"),
            ("echo 'deploy piped' | fish -i", "deploy piped"),
        ],
    );
    shell.line("exit");
    shell.mark();
    shell.line("kanmon_off");
    shell.mark();
    run_unseen(&mut shell, &[("deploy off", "deploy off")]);
}

#[test]
fn a_login_forwarding_and_another_user_go_round_ssh() {
    let Some(world) = Sudoers::new() else { return };
    let mut pty = world.start_alone(&format!("{WORLD}\n{PLAIN}"));
    pty.wait_for("P% ");
    pty.type_text("ssh -F /srv/ssh/client -T gate '/srv/bin/deploy exit 9'; echo gated=$?\r");
    pty.wait_for("gated=124");
    // A login of ann's, whose shell has no hook.
    pty.type_text("ssh -F /srv/ssh/client -t gate\r");
    pty.wait_until("the login", crate::pty::PATIENCE, |pty| {
        pty.cells().contents().trim_end().ends_with('$')
    });
    pty.type_text("/srv/bin/deploy exit 9; echo login=$?; exit\r");
    pty.wait_for("login=9");
    pty.wait_until("the end of the login", crate::pty::PATIENCE, |pty| {
        pty.cells().contents().trim_end().ends_with("P%")
    });
    pty.type_text(
        "clear; ssh -F /srv/ssh/client -W 127.0.0.1:2223 gate </dev/null | head -c 7; echo\r",
    );
    pty.wait_for("SSH-2.0");
    // One whom the settings do not name.
    pty.type_text(
        "clear; ssh -F /srv/ssh/client -T -l otto gate '/srv/bin/deploy exit 9'; echo other=$?\r",
    );
    pty.wait_for("other=9");
}

#[test]
fn a_program_of_another_language_goes_round_an_agents_hook() {
    let line = "python3 -c 'import ctypes; ctypes.CDLL(None).reboot(0)'";
    assert_eq!(crate::hook::decision(line, "default"), None);
    assert!(
        crate::hook::decision("python3 -c 'import os; os.system(\"reboot\")'", "default").is_some()
    );
}
