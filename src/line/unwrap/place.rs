//! Where what a wrapper runs takes effect.

use super::super::knowledge::TargetFrom;
use super::super::options::{Opt, Scan, set_target};
use super::super::{Moves, Span, Target, TargetKey, Word};
use super::Call;

impl Call<'_> {
    /// Returns where the inside takes effect.
    pub(super) fn inner_target(&self, args: &[Word], scan: &Scan, n_verb: usize) -> Target {
        let outer = self.target;
        let mut target = match self.wrapper.moves {
            Some(Moves::Host) => Target {
                many: outer.many,
                later: outer.later,
                ..Target::default()
            },
            Some(Moves::Container) => Target {
                user: None,
                ..outer.clone()
            },
            Some(Moves::User | Moves::Later) | None => outer.clone(),
        };
        if self.wrapper.moves == Some(Moves::User) {
            // All of them become root where they are not told another user.
            let span = self
                .argv
                .first()
                .map_or_else(Span::default, |word| word.span);
            target.user = Some(Word::plain("root", span));
        }
        target.later |= self.wrapper.moves == Some(Moves::Later);
        target.many |= self.wrapper.many;
        for (key, from) in &self.wrapper.target {
            let value = match from {
                TargetFrom::Options(names) => said_by(names, scan),
                TargetFrom::Operand(name) => {
                    let number = self.wrapper.operands.iter().position(|known| known == name);
                    let at = number.and_then(|number| scan.operands.get(n_verb + number));
                    at.and_then(|at| args.get(*at)).cloned()
                }
            };
            let Some(value) = value else { continue };
            match key {
                TargetKey::Container => {
                    // `machinectl shell op@web1`
                    let shown = value.shown();
                    let at = shown.find('@').filter(|at| *at > 0);
                    if let Some(at) = at {
                        target.user = Some(value.part(0, at));
                    }
                    set_target(&mut target, *key, value.tail(at.map_or(0, |at| at + 1)));
                }
                _ => set_target(&mut target, *key, value),
            }
        }
        if self.wrapper.moves == Some(Moves::Host)
            && let Some(name) = host_name(scan)
        {
            set_target(&mut target, TargetKey::Host, name);
        }
        target
    }
}

/// Returns the host that ssh really goes to where the line says so: `-o HostName=prod1`. The first one
/// counts, as it does for ssh.
fn host_name(scan: &Scan) -> Option<Word> {
    let settings = scan.options.iter().filter(|option| option.name == "-o");
    settings
        .filter_map(|option| option.value.as_ref())
        .find_map(|value| {
            let text = value.beginning().to_ascii_lowercase();
            let sign = text.strip_prefix("hostname")?;
            let name = sign.trim_start_matches([' ', '\t', '=']);
            let is_setting = name.len() < sign.len();
            is_setting.then(|| value.tail(text.len() - name.len()))
        })
}

/// Returns what the options say. Where an entry is `-b=root` (the option without a value stands for
/// that text), the first entry that is there decides; else the last option that is there.
fn said_by(names: &[String], scan: &Scan) -> Option<Word> {
    let value = |option: &Opt| option.value.clone();
    if !names.iter().any(|name| name.contains('=')) {
        let mut said = scan.options.iter().rev();
        let said = said.find(|option| names.contains(&option.name));
        return said.and_then(value);
    }
    names.iter().find_map(|entry| {
        let (name, text) = entry.split_once('=').unwrap_or((entry, ""));
        let mut said = scan.options.iter().rev();
        let option = said.find(|option| option.name == name)?;
        match text.is_empty() {
            true => value(option),
            false => Some(Word::plain(text, option.span)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::read_shell;

    #[test]
    fn the_host_that_ssh_is_told_by_an_option_is_the_target() {
        let target = |text: &str| {
            let reading = read_shell(text);
            let found = reading.invocations.last().unwrap();
            found.target.host.as_ref().unwrap().shown()
        };
        assert_eq!(target("ssh web1 reboot"), "web1");
        assert_eq!(target("ssh -o HostName=prod1 web1 reboot"), "prod1");
        assert_eq!(
            target("ssh -ohostname=prod1 -o HostName=x web1 reboot"),
            "prod1"
        );
        assert_eq!(target("ssh -o 'HostName prod1' web1 reboot"), "prod1");
        assert_eq!(target("ssh -o HostNameX=prod1 web1 reboot"), "web1");
    }
}
