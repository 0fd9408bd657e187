//! Variables whose value some program runs: `PROMPT_COMMAND`, `PAGER`, `GIT_SSH_COMMAND`, `BASH_ENV`.
//!
//! Where a line sets one, what it says may run, so it is walked as what is only possibly run: it
//! can hold the line, and what is not known in it is no reason to.

use super::source::Source;
use super::unwrap::What;
use super::walker::{Frame, Place, Streams, Walker};
use super::{Fed, Form, TooMuch, Via, Word};

/// How a variable's value is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runs {
    /// As text for a shell, or a program with its options.
    Shell,
    /// A file of shell commands is read.
    File,
    /// A prompt: the substitutions in it.
    Substitutions,
    /// `|program %s`.
    Pipe,
    /// Options of the pager `less`, with its `+commands`.
    Less,
    /// Code for this interpreter.
    Code(Form),
}

/// The variables, and how their values are run.
const HOOKS: &[(&str, Runs)] = &[
    ("ALTERNATE_EDITOR", Runs::Shell),
    ("BASH_ENV", Runs::File),
    ("BROWSER", Runs::Shell),
    ("CVS_RSH", Runs::Shell),
    ("DIFFPROG", Runs::Shell),
    ("EDITOR", Runs::Shell),
    ("ENV", Runs::File),
    ("FCEDIT", Runs::Shell),
    ("FZF_DEFAULT_COMMAND", Runs::Shell),
    ("GIT_ASKPASS", Runs::Shell),
    ("GIT_EDITOR", Runs::Shell),
    ("GIT_EXTERNAL_DIFF", Runs::Shell),
    ("GIT_PAGER", Runs::Shell),
    ("GIT_PROXY_COMMAND", Runs::Shell),
    ("GIT_SEQUENCE_EDITOR", Runs::Shell),
    ("GIT_SSH", Runs::Shell),
    ("GIT_SSH_COMMAND", Runs::Shell),
    ("HGEDITOR", Runs::Shell),
    ("KUBECTL_EXTERNAL_DIFF", Runs::Shell),
    ("KUBE_EDITOR", Runs::Shell),
    ("LESS", Runs::Less),
    ("LESSCLOSE", Runs::Pipe),
    ("LESSEDIT", Runs::Shell),
    ("LESSOPEN", Runs::Pipe),
    ("MAILER", Runs::Shell),
    ("MANPAGER", Runs::Shell),
    ("PAGER", Runs::Shell),
    ("PERL5DB", Runs::Code(Form::Perl)),
    ("PROMPT_COMMAND", Runs::Shell),
    ("PS0", Runs::Substitutions),
    ("PS1", Runs::Substitutions),
    ("PS2", Runs::Substitutions),
    ("PS3", Runs::Substitutions),
    ("PS4", Runs::Substitutions),
    ("PSQL_EDITOR", Runs::Shell),
    ("PSQL_PAGER", Runs::Shell),
    ("RSYNC_CONNECT_PROG", Runs::Shell),
    ("RSYNC_RSH", Runs::Shell),
    ("SHELL", Runs::Shell),
    ("SSH_ASKPASS", Runs::Shell),
    ("SUDO_ASKPASS", Runs::Shell),
    ("SUDO_EDITOR", Runs::Shell),
    ("SVN_EDITOR", Runs::Shell),
    ("SVN_SSH", Runs::Shell),
    ("SYSTEMD_EDITOR", Runs::Shell),
    ("SYSTEMD_PAGER", Runs::Shell),
    ("TEXEDIT", Runs::Shell),
    ("VISUAL", Runs::Shell),
];

impl Walker<'_> {
    /// Walks what a variable that is set to `value` will run.
    pub(super) fn hook(
        &mut self,
        name: &str,
        value: &Word,
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        let mut known = HOOKS.iter();
        let Some((name, runs)) = known.find(|(known, _)| *known == name) else {
            return Ok(());
        };
        if value.pieces.is_empty() {
            return Ok(());
        }
        let mut via = place.via.clone();
        via.push(Via {
            name: (*name).to_owned(),
            words: vec![value.clone()],
            span: value.span,
            moves: None,
            shell: true,
        });
        let place = Place {
            via,
            ..place.clone()
        };
        let shell = |text: Word| What::Shell {
            text,
            parameters: Vec::new(),
        };
        let whats = match runs {
            Runs::Shell => vec![shell(value.clone())],
            Runs::File => vec![What::Script {
                file: value.clone(),
                form: Form::Shell,
                parameters: Vec::new(),
            }],
            Runs::Substitutions => substitutions(value).into_iter().map(shell).collect(),
            Runs::Pipe => {
                let shown = value.shown();
                let length = shown.len() - shown.trim_start_matches(['|', '-', ' ']).len();
                vec![shell(value.tail(length))]
            }
            Runs::Less => commands_of_less(value),
            Runs::Code(form) => super::code::read(*form, value)
                .into_iter()
                .map(What::from)
                .collect(),
        };
        self.possibly(&place, |walker, place| {
            let streams = Streams {
                fed: &Fed::Nothing,
                wants_output: false,
            };
            walker.deeper(|walker| {
                whats
                    .into_iter()
                    .try_for_each(|what| walker.what(what, frame, place, streams))
            })
        })
    }

    /// Walks what the variables that a program is given before its command (`env`, `sudo`, `export`)
    /// will run.
    pub(super) fn hooks_in(
        &mut self,
        args: &[Word],
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        for word in args {
            let text = word.shown();
            if let Some((name, _)) = text.split_once('=') {
                self.hook(name, &word.tail(name.len() + 1), frame, place)?;
            }
        }
        Ok(())
    }
}

/// Returns the text of each outermost `$(…)` and of what stands between backticks.
fn substitutions(value: &Word) -> Vec<Word> {
    let shown = value.shown();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = shown.get(at..) {
        let dollar = rest.find("$(").map(|start| (start, 2));
        let tick = rest.find('`').map(|start| (start, 1));
        let Some((start, length)) = dollar.into_iter().chain(tick).min() else {
            break;
        };
        let start = at + start + length;
        let inner = shown.get(start..).unwrap_or_default();
        let end = match length {
            1 => inner.find('`'),
            _ => closing(inner),
        };
        let end = start + end.unwrap_or(inner.len());
        found.push(value.part(start, end));
        at = (end + 1).min(shown.len());
    }
    found
}

/// Returns where the parenthesis closes that opened before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
        None
    })
}

/// Returns what the `+!command` words among the options of `less` run.
fn commands_of_less(value: &Word) -> Vec<What> {
    let source = Source::word(value);
    let mut start = 0;
    let words = source.text().split_inclusive(' ').filter_map(|word| {
        let from = start;
        start += word.len();
        word.starts_with('+').then_some(from)
    });
    let commands = words.flat_map(|from| super::code::read(Form::Vim, &value.tail(from)));
    commands.map(What::from).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_shell;

    /// Returns the wrappers around each `reboot` in a line.
    fn vias(text: &str) -> Vec<String> {
        let reading = read_shell(text);
        let found = reading.invocations.iter();
        let found = found.filter(|found| found.name == "reboot");
        found
            .map(|found| {
                let names = found.via.iter().map(|via| via.name.as_str());
                names.collect::<Vec<_>>().join(">")
            })
            .collect()
    }

    #[test]
    fn what_a_variable_makes_a_program_run_is_found() {
        for (text, via) in [
            ("PROMPT_COMMAND=reboot", "PROMPT_COMMAND"),
            ("export PROMPT_COMMAND='ls; reboot'", "PROMPT_COMMAND"),
            ("env PAGER=reboot man ls", "PAGER"),
            ("EDITOR='sh -c reboot' crontab -e", "EDITOR>sh"),
            ("PS4='+$(reboot) ' bash -x x", "PS4"),
            ("PS1=\"\\$(date \\$(reboot))\"", "PS1"),
            ("PS1='`reboot`'", "PS1"),
            ("LESSOPEN='|reboot %s' less x", "LESSOPEN"),
            ("LESS='-R +!reboot' less x", "LESS"),
            ("echo reboot > e; BASH_ENV=e bash x", "BASH_ENV"),
            ("sudo -u op GIT_PAGER=reboot git log", "GIT_PAGER"),
        ] {
            assert!(
                vias(text).iter().any(|found| found.ends_with(via)),
                "{text}"
            );
        }
    }

    #[test]
    fn an_ordinary_value_is_nothing() {
        for text in [
            "EDITOR=vim ls reboot",
            "PROMPT_COMMAND='history -a; $PROMPT_COMMAND'",
            "PS1='reboot $ '",
            "PS1='$(ls reboot'",
            "LESS=-R ls reboot",
            "PAGER= man reboot",
            "export EDITOR PAGER",
            "MY_PAGER=reboot",
        ] {
            let found = read_shell(text).invocations;
            let is_held = |name: &str, has_opaque: bool| name == "reboot" || has_opaque;
            let mut held = found
                .iter()
                .filter(|found| is_held(&found.name, found.opaque.is_some()));
            assert!(held.next().is_none(), "{text}: {found:?}");
        }
    }
}
