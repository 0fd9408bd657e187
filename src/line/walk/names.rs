//! Names that the line itself gives commands: functions and aliases.

use super::super::blanks::join;
use super::super::scope::Value;
use super::super::source::Source;
use super::super::walker::{Frame, Place, Streams, Walker};
use super::super::{Fed, Span, TooMuch, Word};

impl Walker<'_> {
    /// Walks the body of a function that `name` calls; returns what it prints, or nothing where
    /// there is no such function.
    pub(in super::super) fn function(
        &mut self,
        name: &str,
        args: &[Word],
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Option<Fed>, TooMuch> {
        let mut next = Some(frame);
        while let Some(frame) = next {
            let found = frame.script.functions.iter().rev();
            let mut found = found.filter(|function| frame.source.slice(function.name) == name);
            if let Some(function) = found.next() {
                if !self.calling.insert(name.to_owned()) {
                    return Ok(Some(Fed::Unknown));
                }
                let args = Value::List(args.to_vec());
                let before = self.scope.replace_positionals(Some(args));
                let output = self.command(&function.body, frame, place, streams);
                self.scope.replace_positionals(before);
                self.calling.remove(name);
                return output.map(Some);
            }
            next = frame.outer;
        }
        Ok(None)
    }

    /// Walks what an alias stands for, with the arguments after it.
    pub(in super::super) fn alias(
        &mut self,
        name: &str,
        call: Span,
        args: &[Word],
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        let Some(text) = self.stands_for(name, call, place) else {
            return Ok(());
        };
        if !self.calling.insert(name.to_owned()) {
            return Ok(());
        }
        // Behind a text that ends in a blank the next word may be one more (`alias sudo='sudo '`).
        let is_open = text.known().is_some_and(|text| text.ends_with([' ', '\t']));
        let next = args.first().filter(|_| is_open).and_then(|word| {
            let name = word.known()?;
            self.stands_for(&name, word.span, place)
        });
        let n_used = usize::from(next.is_some());
        let mut words = vec![text];
        words.extend(next);
        words.extend(args.iter().skip(n_used).cloned());
        let source = Source::word(&join(&words));
        let result = self.text(&source, Some(frame), place, streams);
        self.calling.remove(name);
        result.map(drop)
    }

    /// Walks what a function of the shell that reads the line does with these arguments; returns
    /// whether there is such a function.
    pub(in super::super) fn given_function(
        &mut self,
        name: &str,
        call: Span,
        args: &[Word],
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<bool, TooMuch> {
        let Some(definition) = self.givens.functions.get(name) else {
            return Ok(false);
        };
        // No name of a function has a blank: the text below calls it by its own.
        let key = format!("function {name}");
        if !place.via.is_empty() || !self.calling.insert(key.clone()) {
            return Ok(false);
        }
        let mut words = vec![Word::plain(&format!("{definition}\n{name}"), call)];
        words.extend(args.iter().cloned());
        let source = Source::word(&join(&words));
        let result = self.text(&source, Some(frame), place, streams);
        self.calling.remove(&key);
        result.map(|_| true)
    }

    /// Returns what an alias stands for: the line's own, or one of the shell that reads the line.
    fn stands_for(&self, name: &str, call: Span, place: &Place) -> Option<Word> {
        let own = self.aliases.get(name).cloned();
        own.or_else(|| {
            let given = self.givens.aliases.get(name)?;
            place.via.is_empty().then(|| Word::plain(given, call))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::lore;
    use super::super::super::{Givens, Line, read};

    /// Returns the calls in a line that a shell with these aliases reads.
    fn calls(text: &str, aliases: &[(&str, &str)]) -> Vec<String> {
        let aliases = aliases
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let givens = Givens {
            aliases: aliases.collect(),
            ..Givens::default()
        };
        let reading = read(&Line::shell(text.as_bytes()), &lore(), &givens).unwrap();
        for found in &reading.invocations {
            assert!(
                text.get(found.span.start..found.span.end).is_some(),
                "{text}"
            );
        }
        reading
            .invocations
            .into_iter()
            .map(|found| found.name)
            .collect()
    }

    #[test]
    fn aliases_of_the_shell_are_expanded_as_it_does() {
        let aliases = [
            ("r", "sudo reboot"),
            ("ls", "ls --color"),
            ("sudo", "sudo "),
            ("ll", "ls -l; reboot"),
        ];
        assert_eq!(calls("r -f", &aliases[..1]), ["r", "sudo", "reboot"]);
        assert_eq!(
            calls("if true; then r; fi", &aliases[..1]),
            ["true", "r", "sudo", "reboot"]
        );
        assert_eq!(calls("ls x", &aliases), ["ls", "ls"]);
        assert!(calls("ll", &aliases).contains(&"reboot".to_owned()));
        assert!(calls("sudo r", &aliases).contains(&"reboot".to_owned()));
        // Another shell has none of them.
        assert!(!calls("bash -c r", &aliases).contains(&"reboot".to_owned()));
        assert!(!calls("ssh mx1 r", &aliases).contains(&"reboot".to_owned()));
        assert!(!calls("r", &[]).contains(&"reboot".to_owned()));
        assert!(!calls("echo r", &aliases).contains(&"reboot".to_owned()));
    }
}
