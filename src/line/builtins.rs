//! What the shell's own commands do to what is known: `export`, `read`, `set`, `alias`.

use super::Word;
use super::scope::Value;
use super::walker::Walker;

impl Walker<'_> {
    /// Notes what a builtin does to variables.
    pub(super) fn note_variables(&mut self, command: &str, args: &[Word]) {
        let unknown_from = match command {
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
                    match command {
                        "export" if !text.contains("+=") => self.scope.export(name, value),
                        _ => self.scope.set(name.trim_end_matches('+'), value),
                    }
                }
                return;
            }
            "cd" | "chdir" | "pushd" | "popd" => {
                self.scope.change_folder(folder_of(args));
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

/// Returns the folder that `cd` with these arguments leads to; only a plain absolute path says it.
fn folder_of(args: &[Word]) -> Value {
    let [folder] = args else {
        return Value::Unknown;
    };
    match folder.known() {
        Some(path) if path.starts_with('/') && !path.contains("/..") => Value::Text(path),
        Some(_) | None => Value::Unknown,
    }
}
