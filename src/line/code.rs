//! Programs written in other languages, as far as they evidently start commands.
//!
//! In: the text of a program (`python3 -c`, `awk`, a crontab) and its [`Form`]. Out: the argvs and
//! shell texts that it starts. No language is understood: literals are found, and the calls that
//! are known to start what they are given. A call whose command is put together at run time gives
//! a word with unknown parts.

mod calls;
mod clients;
mod literals;
mod rows;
mod tcl;

use super::source::Source;
use super::{Form, Word};

/// What a program starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Started {
    /// A finished argv.
    Argv(Vec<Word>),
    /// Text for a shell.
    Shell(Word),
}

/// A language whose calls are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Python,
    Perl,
    Ruby,
    Node,
    Php,
    Lua,
    Awk,
    /// Any other one: names that start what stands in quotes after them.
    Any,
}

/// Returns what the program `text` starts; nothing for the forms that are no program.
pub(super) fn read(form: Form, text: &Word) -> Vec<Started> {
    let source = Source::word(text);
    let language = match form {
        Form::Argv | Form::Shell | Form::Keys | Form::PowerShell => return Vec::new(),
        Form::Sed => return rows::sed(&source),
        Form::Vim => return rows::vim(&source),
        Form::Make => return rows::make(&source),
        Form::Crontab => return rows::crontab(&source),
        Form::Tcl => return tcl::tcl(&source),
        Form::Client => return clients::clients(&source),
        Form::Commands => return literals::commands(&source),
        Form::Python => Language::Python,
        Form::Perl => Language::Perl,
        Form::Ruby => Language::Ruby,
        Form::Node => Language::Node,
        Form::Php => Language::Php,
        Form::Lua => Language::Lua,
        Form::Awk => Language::Awk,
        Form::Calls => Language::Any,
    };
    calls::read(language, &source)
}

#[cfg(test)]
mod tests {
    use super::super::Span;
    use super::*;

    /// Returns what a program starts: argvs with `|` between words, shell texts after `$ `.
    pub(super) fn drawn(form: Form, text: &str) -> String {
        let word = Word::plain(text, Span::new(0, text.len()));
        let started = read(form, &word).into_iter().map(|started| match started {
            Started::Argv(argv) => argv.iter().map(Word::shown).collect::<Vec<_>>().join("|"),
            Started::Shell(text) => format!("$ {}", text.shown()),
        });
        started.collect::<Vec<_>>().join(" ; ")
    }

    #[test]
    fn calls_that_start_commands_are_found() {
        let cases = [
            (Form::Python, "import os; os.system('reboot')", "$ reboot"),
            (Form::Python, "os.system(\"ls; reboot\")", "$ ls; reboot"),
            (Form::Python, "print('os.system(\"reboot\")')", ""),
            (Form::Python, "# os.system('reboot')\nx = 1", ""),
            (Form::Python, "os.system('re' + 'boot')", "$ reboot"),
            (Form::Python, "os.system('re' 'boot')", "$ reboot"),
            (
                Form::Python,
                "os.system(f'ssh {h} reboot')",
                "$ ssh … reboot",
            ),
            (Form::Python, "os.system('\\x72eboot')", "$ reboot"),
            (Form::Python, "os.system(sys.argv[1])", "$ …"),
            (
                Form::Python,
                "__import__('os').system('reboot')",
                "$ reboot",
            ),
            (
                Form::Python,
                "import subprocess\nsubprocess.run(['systemctl', 'reboot'], check=True)",
                "systemctl|reboot",
            ),
            (
                Form::Python,
                "from subprocess import *\nrun(args='reboot -f', shell=True)",
                "$ reboot -f",
            ),
            (
                Form::Python,
                "import subprocess as s; s.check_call('systemctl reboot'.split())",
                "$ systemctl reboot",
            ),
            (
                Form::Python,
                "os.execvp('reboot', ['reboot', '-f'])",
                "reboot|-f",
            ),
            (
                Form::Python,
                "os.execl('/sbin/reboot', 'x', '-f')",
                "/sbin/reboot|-f",
            ),
            (
                Form::Python,
                "os.spawnlp(os.P_WAIT, 'reboot', 'reboot', '-f')",
                "reboot|-f",
            ),
            (
                Form::Python,
                "os.system('ssh %s reboot' % host)",
                "$ ssh %s reboot",
            ),
            (Form::Python, "app.run('reboot')", ""),
            (Form::Perl, "system('reboot')", "$ reboot"),
            (
                Form::Perl,
                "system 'systemctl', 'reboot'",
                "systemctl|reboot",
            ),
            (
                Form::Perl,
                "system qw(systemctl reboot);",
                "systemctl|reboot",
            ),
            (Form::Perl, "exec \"reboot\" or die 'x'", "$ reboot"),
            (Form::Perl, "print `reboot`", "$ reboot"),
            (Form::Perl, "$x = qx{reboot -f}", "$ reboot -f"),
            (Form::Perl, "qx/reboot/", "$ reboot"),
            (Form::Perl, "system \"ssh $h reboot\"", "$ ssh … reboot"),
            (Form::Perl, "s/'/x/; system(q(reboot))", "$ reboot"),
            (Form::Perl, "s/x/system('reboot')/e", "$ reboot"),
            (Form::Perl, "open(F, 'reboot |')", "$ reboot "),
            (Form::Perl, "open(my $f, '-|', 'reboot', '-f')", "reboot|-f"),
            (Form::Perl, "s/reboot/system/g; print", ""),
            (Form::Ruby, "`reboot`", "$ reboot"),
            (Form::Ruby, "%x(reboot -f)", "$ reboot -f"),
            (Form::Ruby, "system \"ssh #{h} reboot\"", "$ ssh … reboot"),
            (
                Form::Ruby,
                "spawn('systemctl', 'reboot')",
                "systemctl|reboot",
            ),
            (
                Form::Ruby,
                "IO.popen(%w[systemctl reboot])",
                "systemctl|reboot",
            ),
            (Form::Ruby, "puts 'system(reboot)'", ""),
            (
                Form::Node,
                "require('child_process').execSync('reboot')",
                "$ reboot",
            ),
            (
                Form::Node,
                "const {exec} = require('child_process'); exec(`ssh ${h} reboot`)",
                "$ ssh … reboot",
            ),
            (
                Form::Node,
                "cp.spawnSync('systemctl', ['reboot'], {stdio: 'inherit'})",
                "systemctl|reboot",
            ),
            (Form::Node, "/'/.exec('reboot')", ""),
            (Form::Php, "system('reboot');", "$ reboot"),
            (
                Form::Php,
                "echo shell_exec(\"ssh $h reboot\");",
                "$ ssh … reboot",
            ),
            (Form::Php, "`reboot`;", "$ reboot"),
            (Form::Lua, "os.execute('reboot')", "$ reboot"),
            (Form::Awk, "BEGIN { system(\"reboot\") }", "$ reboot"),
            (Form::Awk, "{ \"reboot\" | getline x }", "$ reboot"),
            (
                Form::Awk,
                "{ print $1 | \"ssh web1 reboot\" }",
                "$ ssh web1 reboot",
            ),
            (
                Form::Awk,
                "{ system(\"ssh \" $1 \" reboot\") }",
                "$ ssh … reboot",
            ),
            (Form::Awk, "$1 == \"reboot\" || $2 == \"x\" { print }", ""),
            (Form::Awk, "/system(\"reboot\")/ { print }", ""),
            (Form::Commands, "commands=reboot", "$ reboot"),
            (
                Form::Commands,
                "commands=[\"ls\",\"systemctl reboot\"]",
                "$ ls ; $ systemctl reboot",
            ),
            (
                Form::Commands,
                "{\"commands\": [\"reboot\"], \"executionTimeout\": [\"60\"]}",
                "$ reboot",
            ),
            (Form::Tcl, "exec reboot", "reboot"),
            (Form::Tcl, "puts [exec reboot -f]", "reboot|-f"),
            (Form::Tcl, "spawn -noecho ssh web1; interact", "ssh|web1"),
            (Form::Tcl, "if {1} { exec {reboot} }", "reboot"),
            (Form::Tcl, "exec sh -c {ls; reboot}", "sh|-c|ls; reboot"),
            (
                Form::Tcl,
                "expect \"$ \" { send \"reboot\\r\" }",
                "$ reboot\n",
            ),
            (Form::Tcl, "open \"|reboot\"", "$ reboot"),
            (Form::Tcl, "puts reboot; # exec reboot", ""),
            (Form::Client, "\\! reboot", "$  reboot"),
            (Form::Client, "select 1; system reboot", "$ reboot"),
            (Form::Client, ".tables\n.shell reboot -f", "$ reboot -f"),
            (Form::Client, "!ls; reboot", "$ ls; reboot"),
            (Form::Client, "COPY t FROM PROGRAM 'reboot'", "$ reboot"),
            (Form::Client, "select 'system reboot'", ""),
            (Form::Calls, "system(\"reboot\")", "$ reboot"),
            (Form::Calls, "(shell-command \"reboot\")", "$ reboot"),
            (
                Form::Calls,
                "System.cmd(\"systemctl\", [\"reboot\"])",
                "systemctl|reboot",
            ),
            (Form::Calls, "run(`reboot`)", "$ reboot"),
            (Form::Calls, "\"reboot\".execute()", "$ reboot"),
            (Form::Calls, "\"reboot\".!", "$ reboot"),
            (Form::Calls, "do shell script \"reboot\"", "$ reboot"),
            (Form::Calls, "execute \"reboot\"", "$ reboot"),
            (Form::Calls, "println(\"system reboot\")", ""),
            (Form::Sed, "1e reboot", "$ reboot"),
            (Form::Sed, "/x/,$ e reboot -f", "$ reboot -f"),
            (Form::Sed, "s/.*/reboot/e", "$ reboot"),
            (Form::Sed, "s|a|e reboot|; p", ""),
            (Form::Sed, "s/e reboot/x/g", ""),
            (Form::Vim, "!reboot", "$ reboot"),
            (Form::Vim, ":silent! %!sudo reboot", "$ sudo reboot"),
            (Form::Vim, "r !reboot", "$ reboot"),
            (Form::Vim, "call system('reboot')", "$ reboot"),
            (Form::Vim, "wq!", ""),
            (Form::Vim, "s/!reboot/x/", ""),
            (Form::Make, "all: x\n\t@-reboot -f\n", "$ reboot -f"),
            (Form::Make, "all:; reboot", "$ reboot"),
            (Form::Make, "x = reboot\n# all:; reboot\n", ""),
            (Form::Make, "x := $(shell reboot)", "$ reboot"),
            (Form::Crontab, "0 3 * * * reboot\n", "$ reboot"),
            (Form::Crontab, "@daily /sbin/reboot", "$ /sbin/reboot"),
            (Form::Crontab, "MAILTO=reboot\n# 0 3 * * * reboot", ""),
        ];
        for (form, text, expected) in cases {
            assert_eq!(drawn(form, text), expected, "{form:?}: {text}");
        }
    }

    #[test]
    fn any_text_has_a_reading() {
        let forms = [
            Form::Python,
            Form::Perl,
            Form::Ruby,
            Form::Node,
            Form::Php,
            Form::Lua,
            Form::Awk,
            Form::Sed,
            Form::Vim,
            Form::Make,
            Form::Crontab,
            Form::Commands,
            Form::Tcl,
            Form::Client,
            Form::Calls,
        ];
        let texts = [
            "'",
            "\"\\",
            "f\"{",
            "qx",
            "s/",
            "s/a/b",
            "%w",
            "%x(",
            "`",
            "system(",
            "system(((((",
            "y",
            "tr/",
            "\"#{",
            "é\\é'é",
            "os.system('é\\",
            "1e",
            "!",
            "$(shell ",
            "commands=[",
        ];
        for form in forms {
            for text in texts {
                drawn(form, text);
                drawn(form, &text.repeat(3000));
            }
        }
    }
}
