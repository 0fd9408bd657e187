//! What the shell's own commands do to what is known: `export`, `read`, `set`, `alias`.

use super::Word;
use super::scope::Value;
use super::walker::Walker;

impl Walker<'_> {
    /// Notes what a builtin does to variables.
    pub(super) fn note_variables(&mut self, name: &str, args: &[Word]) {
        let unknown_from = match name {
            "export" | "declare" | "local" | "readonly" | "typeset" => {
                for word in args {
                    let text = word.shown();
                    let Some((name, value)) = text.split_once('=') else {
                        continue;
                    };
                    let value = match word.is_known() {
                        true => Value::Text(value.to_owned()),
                        false => Value::Unknown,
                    };
                    self.scope.set(name.trim_end_matches('+'), value);
                }
                return;
            }
            "alias" => {
                for word in args {
                    let text = word.shown();
                    if let Some((name, _)) = text.split_once('=') {
                        self.aliases
                            .insert(name.to_owned(), word.tail(name.len() + 1));
                    }
                }
                return;
            }
            "unset" => {
                for word in args {
                    self.scope.set(&word.shown(), Value::Unset);
                }
                return;
            }
            "read" | "mapfile" | "readarray" | "getopts" | "let" => args,
            "printf" if args.first().is_some_and(|word| word.beginning() == "-v") => {
                args.get(1..2).unwrap_or_default()
            }
            "set" | "shift" => {
                let separator = args.first().is_some_and(|word| word.beginning() == "--");
                self.scope.positionals = args.get(1..).filter(|_| separator).map(<[Word]>::to_vec);
                return;
            }
            _ => return,
        };
        for word in unknown_from {
            let text = word.shown();
            if !text.starts_with('-') {
                self.scope.set(&text, Value::Unknown);
            }
        }
    }
}
