//! What the shell's own commands do to what is known: `export`, `read`, `set`, `alias`.

use super::output;
use super::scope::Value;
use super::walker::Walker;
use super::{Fed, Word};

impl Walker<'_> {
    /// Notes what a builtin does to variables. `fed` is its standard input.
    pub(super) fn note_variables(&mut self, name: &str, args: &[Word], fed: &Fed) {
        match name {
            "export" | "declare" | "local" | "readonly" | "typeset" => {
                self.declared(name, args);
            }
            "cd" | "chdir" | "pushd" | "popd" => {
                self.note_folder(name, args);
            }
            "alias" => {
                for word in args {
                    let text = word.shown();
                    if let Some((name, _)) = text.split_once('=') {
                        self.aliases
                            .insert(name.to_owned(), word.tail(name.len() + 1));
                    }
                }
            }
            "unset" => {
                for word in args {
                    self.scope.set(&word.shown(), Value::Unset);
                }
            }
            "read" => self.read(args, fed),
            "mapfile" | "readarray" => self.mapped(args, fed),
            "getopts" | "let" => self.forget(args),
            "printf" => {
                if let [option, name, rest @ ..] = args
                    && option.beginning() == "-v"
                {
                    let printed = match output::of("printf", rest, fed) {
                        Fed::Text(word) => word.known(),
                        Fed::Nothing | Fed::File(_) | Fed::Unknown => None,
                    };
                    let value = printed.map_or(Value::Unknown, Value::Text);
                    self.scope.set(&name.shown(), value);
                }
            }
            "set" => {
                let separator = args.iter().position(|word| word.beginning() == "--");
                let words = match args.split_first() {
                    _ if separator.is_some() => args.get(separator.unwrap_or(0) + 1..),
                    Some((first, _)) if !first.beginning().starts_with(['-', '+']) => Some(args),
                    _ => None,
                };
                if let Some(words) = words {
                    let words = Value::List(words.to_vec());
                    self.scope.replace_positionals(Some(words));
                }
            }
            "shift" => {
                let number = args.first().map_or(Some(1), |word| {
                    word.known().and_then(|text| text.parse::<usize>().ok())
                });
                let left = match (self.scope.positionals(), number) {
                    (Some(words), Some(number)) => {
                        Value::List(words.iter().skip(number).cloned().collect())
                    }
                    _ => Value::Unknown,
                };
                if self.scope.positionals().is_some() {
                    self.scope.replace_positionals(Some(left));
                }
            }
            _ => {}
        }
    }

    /// Sets what `export` and its like say.
    fn declared(&mut self, command: &str, args: &[Word]) {
        // `declare -n`: another name for a variable.
        let is_reference = args.iter().any(|word| {
            let text = word.beginning();
            text.starts_with('-') && text.contains('n')
        });
        for word in args {
            let text = word.shown();
            let Some((name, value)) = text.split_once('=') else {
                continue;
            };
            let value = match word.is_known() && !is_reference {
                true => Value::Text(value.to_owned()),
                false => Value::Unknown,
            };
            match command {
                "export" if !name.ends_with('+') => self.scope.export(name, value),
                _ => self.scope.set(name.trim_end_matches('+'), value),
            }
        }
    }

    /// Sets what `read` reads, where that is one known row.
    fn read(&mut self, args: &[Word], fed: &Fed) {
        let text = match fed {
            Fed::Text(word) => word.known(),
            Fed::Nothing | Fed::File(_) | Fed::Unknown => None,
        };
        let text = text.map(|text| text.trim_end_matches('\n').to_owned());
        let is_plain = |word: &Word| {
            let text = word.beginning();
            !text.starts_with('-') || text == "-r"
        };
        let row = text.filter(|text| !text.contains('\n') && args.iter().all(is_plain));
        let Some(row) = row else {
            return self.forget(args);
        };
        let names = args.iter().filter(|word| word.beginning() != "-r");
        let names: Vec<String> = names.map(Word::shown).collect();
        let mut rest = row.trim_start();
        for (number, name) in names.iter().enumerate() {
            let end = match number + 1 == names.len() {
                true => rest.len(),
                false => rest.find([' ', '\t']).unwrap_or(rest.len()),
            };
            let (value, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            self.scope
                .set(name, Value::Text(value.trim_end().to_owned()));
            rest = after.trim_start();
        }
    }

    /// Sets the array that `mapfile` reads.
    fn mapped(&mut self, args: &[Word], fed: &Fed) {
        let text = match fed {
            Fed::Text(word) => word.known().map(|text| (text, word.span)),
            Fed::Nothing | Fed::File(_) | Fed::Unknown => None,
        };
        match (text, args) {
            (Some((text, span)), [option, name]) if option.beginning() == "-t" => {
                let rows = text.lines().map(|row| Word::plain(row, span));
                self.scope.set(&name.shown(), Value::List(rows.collect()));
            }
            _ => self.forget(args),
        }
    }

    /// Makes the variables that `args` name unknown.
    fn forget(&mut self, args: &[Word]) {
        for word in args {
            let text = word.shown();
            if !text.starts_with('-') {
                self.scope.set(&text, Value::Unknown);
            }
        }
    }
}
