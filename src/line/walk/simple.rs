//! Simple commands: their words, and what their assignments do to variables.

use super::super::scope::Value;
use super::super::shell::ast::{Assignment, Part, Simple};
use super::super::walker::{Frame, Place, Redirected, Streams, Walker};
use super::super::{Fed, Invocation, Span, TooMuch, Word};

/// The highest index of an array's word that is remembered.
const MAX_INDEX: usize = 64;

impl Walker<'_> {
    /// Walks a program call or assignments alone.
    pub(super) fn simple(
        &mut self,
        simple: &Simple,
        redirected: Redirected,
        span: Span,
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        self.choose(simple, span, frame, place, streams)?;
        let mut argv = Vec::with_capacity(simple.words.len());
        let mut arrays = Vec::new();
        for word in &simple.words {
            self.array = None;
            self.add_fields(word, frame, place, &mut argv)?;
            // `declare -a x=(…)`
            if let Some(words) = self.array.take()
                && let Some(Part::Literal(span)) = word.parts.first()
                && let Some(name) = frame.source.slice(*span).strip_suffix('=')
            {
                arrays.push((name.to_owned(), words));
            }
        }
        let mark = self.scope.mark();
        for assignment in &simple.assignments {
            self.assign(assignment, argv.is_empty(), frame, place)?;
        }
        if argv.is_empty() {
            if !redirected.writes.is_empty() {
                self.push(Invocation {
                    span: frame.source.outer(span),
                    via: place.via.clone(),
                    target: place.target.clone(),
                    writes: redirected.writes,
                    folder: self.scope.folder(),
                    guessed: place.guessed,
                    ..Invocation::default()
                })?;
            }
            return Ok(Fed::Text(Word::default()));
        }
        let output = self.invoke(argv, redirected, Some(frame), place, streams)?;
        if !simple.assignments.is_empty() {
            self.scope.roll_back(mark);
        }
        for (name, words) in arrays {
            self.scope.set(&name, Value::List(words));
        }
        Ok(output)
    }

    /// Does an assignment; one before a program is given to the program.
    fn assign(
        &mut self,
        assignment: &Assignment,
        stands_alone: bool,
        frame: &Frame<'_>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        self.array = None;
        let value = self.whole(&assignment.value.parts, assignment.value.span, frame, place)?;
        let array = self.array.take();
        let name = frame.source.slice(assignment.name);
        self.hook(name, &value, Some(frame), place)?;
        self.whole(&assignment.subscript, assignment.value.span, frame, place)?;
        let between = Span::new(assignment.name.end, assignment.value.span.start);
        let sign = frame.source.slice(between);
        let appends = sign.ends_with("+=");
        let before = self.scope.values.get(name).cloned();
        let value = match (array, sign.starts_with('[')) {
            (Some(words), _) => {
                let words = words.into_iter().map(without_index);
                let mut all = match before {
                    Some(before) if appends => words_of(before, assignment.name),
                    _ => Vec::new(),
                };
                all.extend(words);
                match self.may_expand(all.len()) {
                    true => Value::List(all),
                    false => Value::Unknown,
                }
            }
            (None, true) => indexed(before, sign, value),
            (None, false) if appends => match (before, value.known()) {
                (Some(Value::Text(before)), Some(text)) if self.may_expand(before.len()) => {
                    Value::Text(before + &text)
                }
                _ => Value::Unknown,
            },
            (None, false) => value.known().map_or(Value::Unknown, Value::Text),
        };
        match stands_alone {
            true => self.scope.set(name, value),
            false => self.scope.export(name, value),
        }
        Ok(())
    }

    /// Walks a command once more for each list that one of its variables may hold.
    fn choose(
        &mut self,
        simple: &Simple,
        span: Span,
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        if self.is_choosing || simple.words.is_empty() || !self.scope.has_either() {
            return Ok(());
        }
        let mut names = Vec::new();
        for word in &simple.words {
            names_in(&word.parts, frame, &mut names);
        }
        names.sort_unstable();
        names.dedup();
        for name in names {
            let Some(Value::Either(lists)) = self.scope.values.get(&name).cloned() else {
                continue;
            };
            for list in lists {
                self.is_choosing = true;
                let result = self.possibly(place, |walker, place| {
                    walker.scope.set(&name, Value::List(list));
                    walker
                        .simple(simple, Redirected::default(), span, frame, place, streams)
                        .map(drop)
                });
                self.is_choosing = false;
                result?;
            }
        }
        Ok(())
    }
}

/// Adds the names of the variables in `parts`; every positional parameter is one of the list.
fn names_in(parts: &[Part], frame: &Frame<'_>, names: &mut Vec<String>) {
    for part in parts {
        match part {
            Part::Parameter(parameter) => {
                let name = frame.source.slice(parameter.name);
                let is_positional = matches!(name, "@" | "*") || name.parse::<usize>().is_ok();
                names.push(match is_positional {
                    true => super::super::scope::POSITIONALS.to_owned(),
                    false => name.to_owned(),
                });
            }
            Part::Double(parts) => names_in(parts, frame, names),
            _ => {}
        }
    }
}

/// Returns the words that a value is, as the beginning of an array.
fn words_of(value: Value, place: Span) -> Vec<Word> {
    match value {
        Value::List(words) => words,
        Value::Text(text) => vec![Word::plain(&text, place)],
        Value::Unset => Vec::new(),
        Value::Either(_) | Value::Unknown => vec![Word::unknown(place)],
    }
}

/// Returns an array with the word at an index set (`x[0]=…`).
fn indexed(before: Option<Value>, sign: &str, word: Word) -> Value {
    let index = sign
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .and_then(|(index, sign)| index.parse::<usize>().ok().filter(|_| sign == "="));
    let (Some(index), Some(mut words)) = (
        index.filter(|index| *index <= MAX_INDEX),
        match before {
            Some(Value::List(words)) => Some(words),
            Some(Value::Unset) | None => Some(Vec::new()),
            Some(Value::Text(_) | Value::Either(_) | Value::Unknown) => None,
        },
    ) else {
        return Value::Unknown;
    };
    while words.len() <= index {
        words.push(Word::default());
    }
    if let Some(place) = words.get_mut(index) {
        *place = word;
    }
    Value::List(words)
}

/// Returns a word of an array without the `[0]=` before it.
fn without_index(word: Word) -> Word {
    let shown = word.shown();
    let length = shown
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]="))
        .map(|(index, _)| index.len() + "[]=".len());
    length.map_or(word.clone(), |length| word.tail(length))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::read_shell;

    /// Returns whether a line runs `reboot`.
    fn runs_reboot(text: &str) -> bool {
        let found = read_shell(text).invocations;
        found.iter().any(|found| found.name == "reboot")
    }

    #[test]
    fn lists_are_what_the_line_makes_them() {
        for text in [
            "set -- reboot; \"$@\"",
            "set -- reboot -f; $1",
            "set -e -- reboot; \"$@\"",
            "set -- a b reboot; shift 2; \"$@\"",
            "set -- a reboot; shift; $1",
            "set -- a reboot; \"${@:2}\"",
            "f() { shift; \"$@\"; }; f a reboot",
            "f() { set -- ls; }; set -- reboot; f; \"$@\"",
            "x=(sudo reboot); \"${x[@]}\"",
            "x=(reboot); ${x[0]}",
            "x=(reboot); $x",
            "x=(sudo); x+=(reboot); ${x[*]}",
            "x=([0]=reboot); ${x[0]}",
            "x[1]=reboot; ${x[1]}",
            "x=(ls reboot); \"${x[@]:1}\"",
            "x=(ls reboot ls); \"${x[@]:1:1}\"",
            "declare -a x=(sudo reboot); \"${x[@]}\"",
            "x=(ls reboot); for y in \"${x[@]}\"; do $y; done",
            "x=re; x+=boot; $x",
            "read x <<< reboot; $x",
            "read -r x y <<< 'ls reboot -f'; $y",
            "read x < <(echo reboot); $x",
            "printf -v x re%s boot; $x",
            "x=reboot; y=x; ${!y}",
            "mapfile -t x <<< reboot; \"${x[@]}\"",
        ] {
            assert!(runs_reboot(text), "{text}");
        }
        for text in [
            "set -- reboot; echo \"$@\"",
            "set -- ls reboot; $1",
            "set -- reboot ls; shift; $1",
            "x=(ls reboot); $x",
            "x=(reboot ls); \"${x[@]:1}\"",
            "x=(echo reboot); \"${x[@]}\"",
            "x=(reboot); x=(ls); \"${x[@]}\"",
            "read x y <<< 'ls reboot'; $x",
        ] {
            assert!(!runs_reboot(text), "{text}");
        }
    }

    #[test]
    fn of_what_may_have_run_both_states_count() {
        for text in [
            "true && set -- reboot; \"$@\"",
            "set -- reboot; true && set -- ls; \"$@\"",
            "set -- reboot; if true; then set -- ls; fi; $1",
            "set -- ls; case $x in a) set -- reboot;; esac; \"$@\"",
            "set -- reboot; ls | set -- ls; \"$@\"",
            "x=(ls); true && x=(reboot); \"${x[@]}\"",
            "x=(reboot); true && x=(ls); \"${x[@]}\"",
            "x=(sudo); [ -n \"$y\" ] && x+=(-n); x+=(reboot); \"${x[@]}\"",
        ] {
            assert!(runs_reboot(text), "{text}");
        }
        assert!(!runs_reboot(
            "set -- ls; true && set -- echo reboot; \"$@\""
        ));
        // Many of them give no more walks than there are lists.
        let many = "true && a=(ls) b=(ls) c=(ls) d=(ls); ".repeat(200);
        assert!(!runs_reboot(&format!(
            "{many} ${{a[@]}} ${{b[@]}} ${{c[@]}} ${{d[@]}}"
        )));
    }
}
