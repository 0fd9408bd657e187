//! Names that the line itself gives commands: functions and aliases.

use super::super::blanks::join;
use super::super::scope::Value;
use super::super::source::Source;
use super::super::walker::{Frame, Place, Streams, Walker};
use super::super::{Fed, TooMuch, Word};

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
        args: &[Word],
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        let Some(text) = self.aliases.get(name).cloned() else {
            return Ok(());
        };
        if !self.calling.insert(name.to_owned()) {
            return Ok(());
        }
        let mut words = vec![text];
        words.extend_from_slice(args);
        let source = Source::word(&join(&words));
        let result = self.text(&source, Some(frame), place, streams);
        self.calling.remove(name);
        result.map(drop)
    }
}
