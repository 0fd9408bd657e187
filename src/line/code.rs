//! Programs written in other languages, as far as they evidently start commands.
//!
//! In: the text of a program (`python3 -c`, `awk`, a crontab) and its [`Form`]. Out: the argvs and
//! shell texts that it starts. No language is understood: literals are found, and the calls that
//! are known to start what they are given. A call whose command is put together at run time gives
//! a word with unknown parts.

mod calls;
mod clients;
mod literals;
mod make;
mod rows;
mod tcl;
mod values;

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

/// Returns what the makefile `text` starts for these goals; for its first target where there are
/// none.
pub(super) fn makefile(text: &Word, goals: &[String]) -> Vec<Started> {
    make::make(&Source::word(text), Some(goals))
}

/// Returns what the program `text` starts; nothing for the forms that are no program.
pub(super) fn read(form: Form, text: &Word) -> Vec<Started> {
    let source = Source::word(text);
    let language = match form {
        Form::Argv | Form::Shell | Form::Keys | Form::PowerShell => return Vec::new(),
        Form::Sed => return rows::sed(&source),
        Form::Vim => return rows::vim(&source),
        Form::Make => return make::make(&source, None),
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
    calls::read(language, &source, 0)
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
                "systemctl|reboot",
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
            (Form::Python, "a='re'; b='boot'; os.system(a+b)", "$ reboot"),
            (
                Form::Python,
                "x='reboot'; os.system(f'sudo {x}')",
                "$ sudo reboot",
            ),
            (
                Form::Python,
                "os.system('%s%s' % ('re', 'boot'))",
                "$ reboot",
            ),
            (Form::Python, "os.system('{}boot'.format('re'))", "$ reboot"),
            (Form::Python, "os.system('toober'[::-1])", "$ reboot"),
            (
                Form::Python,
                "os.system(''.join(['re', 'boot']))",
                "$ reboot",
            ),
            (Form::Python, "os.system(chr(114)+'eboot')", "$ reboot"),
            (
                Form::Python,
                "os.system(base64.b64decode('cmVib290').decode())",
                "$ reboot",
            ),
            (
                Form::Python,
                "os.system(bytes.fromhex('7265626f6f74').decode())",
                "$ reboot",
            ),
            (
                Form::Python,
                "c=['systemctl','reboot']; subprocess.run(c)",
                "systemctl|reboot",
            ),
            (
                Form::Python,
                "subprocess.run(shlex.split('sudo reboot'))",
                "sudo|reboot",
            ),
            (
                Form::Python,
                "subprocess.run(' '.join(['sudo','reboot']), shell=True)",
                "$ sudo reboot",
            ),
            (Form::Python, "getattr(os, 'system')('reboot')", "$ reboot"),
            (
                Form::Python,
                "from os import system as s; s('reboot')",
                "$ reboot",
            ),
            (Form::Python, "s=os.system; s('reboot')", "$ reboot"),
            (
                Form::Python,
                "exec('import os; os.system(\"reboot\")')",
                "$ reboot",
            ),
            (Form::Python, "open('/x y', 'w').write('b')", "$ > '/x y'"),
            (Form::Python, "open('/x').read()", ""),
            (Form::Python, "x='a'; x='b'; os.system(x)", "$ …"),
            (Form::Perl, "$x='reboot'; system($x)", "$ reboot"),
            (Form::Perl, "my $x = 'reboot'; `$x -f`", "$ reboot -f"),
            (Form::Perl, "system('re'.'boot')", "$ reboot"),
            (Form::Perl, "system(join('', 're', 'boot'))", "$ reboot"),
            (Form::Perl, "system(reverse('toober'))", "$ reboot"),
            (Form::Perl, "exec {'reboot'} 'x'", "reboot"),
            (Form::Perl, "eval \"system(q(reboot))\"", "$ reboot"),
            (Form::Perl, "open3(0, 1, 2, 'reboot')", "$ reboot"),
            (Form::Perl, "open(F, '>', '/x')", "$ > /x"),
            (Form::Perl, "open(F, '<', '/x')", ""),
            (Form::Ruby, "x='reboot'; system(x)", "$ reboot"),
            (Form::Ruby, "Kernel.send(:system, 'reboot')", "$ reboot"),
            (Form::Ruby, "open('|reboot')", "$ reboot"),
            (Form::Ruby, "File.write('/x', 'b')", "$ > /x"),
            (
                Form::Node,
                "let c='reboot'; require('child_process').execSync(c)",
                "$ reboot",
            ),
            (
                Form::Node,
                "require('child_process')['exec']('reboot')",
                "$ reboot",
            ),
            (
                Form::Node,
                "eval('child_process.exec(\"reboot\")')",
                "$ reboot",
            ),
            (
                Form::Node,
                "require('fs').writeFileSync('/x', 'b')",
                "$ > /x",
            ),
            (Form::Php, "$f='system'; $f('reboot');", "$ reboot"),
            (Form::Php, "call_user_func('system', 'reboot');", "$ reboot"),
            (Form::Php, "$c='re'.'boot'; exec($c);", "$ reboot"),
            (Form::Php, "file_put_contents('/x', 'b');", "$ > /x"),
            (Form::Lua, "local c='re'..'boot'; os.execute(c)", "$ reboot"),
            (Form::Awk, "{ print \"b\" > \"/x\" }", "$ > /x"),
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
                "$ printf '%s\\n' '…' | ssh web1 reboot",
            ),
            (
                Form::Awk,
                "{ print \"it's\", x | \"sh\" }",
                "$ printf '%s\\n' 'it'\\''s …' | sh",
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
        let wrong: Vec<String> = cases
            .iter()
            .map(|(form, text, expected)| (form, text, expected, drawn(*form, text)))
            .filter(|(_, _, expected, found)| found != *expected)
            .map(|(form, text, expected, found)| {
                format!("{form:?} {text}: {found}, not {expected}")
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_makefile_starts_what_its_goals_need() {
        let text = "A = b\nall: build\n\techo all\nbuild: x.o | dir\n\tcc x\n\
            restart stop:: ; reboot -f\n\treboot\ndeploy:\n\t$(MAKE) stop\n\
            %.o: %.c\n\tcc $<\n$(T): ; ls\n";
        let started = |goals: &[&str]| {
            let goals: Vec<String> = goals.iter().map(|goal| (*goal).to_owned()).collect();
            let word = Word::plain(text, Span::new(0, text.len()));
            let rows = makefile(&word, &goals)
                .into_iter()
                .map(|started| match started {
                    Started::Shell(text) => text.shown(),
                    Started::Argv(_) => String::new(),
                });
            rows.collect::<Vec<_>>().join("; ")
        };
        assert_eq!(started(&[]), "echo all; cc x; cc $<; ls");
        assert_eq!(started(&["build"]), "cc x; cc $<; ls");
        assert_eq!(started(&["stop"]), "reboot -f; reboot; cc $<; ls");
        assert_eq!(
            started(&["deploy"]),
            "reboot -f; reboot; $(MAKE) stop; cc $<; ls"
        );
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
