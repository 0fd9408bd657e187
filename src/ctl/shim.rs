//! `kanmonctl shim`: links to the gate under the names of programs, in a folder that comes first in
//! `PATH`.

mod look;
mod paths;

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};

use nix::libc::O_NOFOLLOW;
use nix::unistd::geteuid;
use serde_json::{Value, json};

use crate::context::program::{self, Found, SHIM_FOLDER};
use crate::context::{Environment, users};
use crate::text::{Language, cause, shim as say};
use crate::ui::safe;

use self::paths::Standing;
use super::out::{self, Failure};

pub(super) use look::Folder;

/// Where root's shims lie.
const OF_ROOT: &str = "/usr/local/lib/kanmon/shims";

/// What stands in the file that says what a folder is for.
const ABOUT: &str = "Links to kanmon under the names of programs, made by `kanmonctl shim`.\n\
    Nothing else belongs here: what a shim starts is looked for in other folders.\n";

/// What to do with shims.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Put the gate before these programs
    Add {
        /// Names of programs
        #[arg(required = true, value_name = "PROGRAM")]
        programs: Vec<String>,
        /// Where the shims lie
        #[command(flatten)]
        place: Place,
    },
    /// List the shims, and what each starts
    List {
        /// Where the shims lie
        #[command(flatten)]
        place: Place,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Take the gate away from before these programs
    Remove {
        /// Names of programs
        #[arg(required = true, value_name = "PROGRAM")]
        programs: Vec<String>,
        /// Where the shims lie
        #[command(flatten)]
        place: Place,
    },
    /// Say what is broken, and in which PATH the folder comes first
    Check {
        /// Where the shims lie
        #[command(flatten)]
        place: Place,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

/// Where the shims lie.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// Folder of the shims [default: /usr/local/lib/kanmon/shims for root, else kanmon/shims in $XDG_DATA_HOME]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Place {
    /// Returns the folder.
    fn folder(&self) -> Result<PathBuf, Failure> {
        let folder = match &self.dir {
            Some(folder) => folder.clone(),
            None => default_folder(&Environment::of_process()).ok_or_else(|| {
                let language = out::language();
                Failure::new(say::no_home(language)).hint(say::name_folder(language))
            })?,
        };
        // What stands in `PATH` must not depend on where one is.
        std::path::absolute(&folder).map_err(|error| about(&folder, &error))
    }
}

/// Returns where the shims of this user lie where nobody says otherwise.
pub(super) fn default_folder(environment: &Environment) -> Option<PathBuf> {
    if geteuid().is_root() {
        return Some(PathBuf::from(OF_ROOT));
    }
    let absolute = |name: &str| {
        let path = PathBuf::from(environment.raw(name)?);
        path.is_absolute().then_some(path)
    };
    let home = || absolute("HOME").or_else(|| Some(users::account(geteuid().as_raw())?.home));
    let data = absolute("XDG_DATA_HOME").or_else(|| Some(home()?.join(".local/share")))?;
    Some(data.join("kanmon/shims"))
}

/// Returns the folders of shims that matter to this process: those in its `PATH`, and the default
/// ones of this host and user.
pub(super) fn folders(environment: &Environment) -> Vec<PathBuf> {
    let search = program::search_path();
    let in_path = std::env::split_paths(&search).filter(|folder| program::is_shim_folder(folder));
    let defaults = [Some(PathBuf::from(OF_ROOT)), default_folder(environment)];
    let defaults = defaults.into_iter().flatten();
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in in_path.chain(defaults.filter(|folder| program::is_shim_folder(folder))) {
        if !found.contains(&folder) {
            found.push(folder);
        }
    }
    found
}

/// Runs `shim …`; `check` exits 1 where something is broken.
///
/// # Errors
/// Where a folder or a link cannot be read or made, a name is none of a program, or standard output
/// fails.
pub fn run(command: &Command) -> Result<i32, Failure> {
    let language = Environment::of_process().language();
    match command {
        Command::Add { programs, place } => add(&place.folder()?, programs, language),
        Command::Remove { programs, place } => remove(&place.folder()?, programs),
        Command::List { place, json } => list(&place.folder()?, *json, language),
        Command::Check { place, json } => check(&place.folder()?, *json, language),
    }
}

/// Makes links to the gate, all or none where a name is in use.
fn add(folder: &Path, programs: &[String], language: Language) -> Result<i32, Failure> {
    let search = paths::everywhere(&program::search_path());
    for name in programs {
        check_name(name)?;
        if program::real(name.as_ref(), &search) == Found::Nothing {
            return Err(
                Failure::new(say::no_such_program(language, safe::value(name)))
                    .hint(say::install_first(language)),
            );
        }
    }
    let gate = gate()?;
    make(folder).map_err(|error| about(folder, &error))?;
    for name in programs {
        let link = folder.join(name);
        let is_link = fs::read_link(&link).is_ok();
        if link.symlink_metadata().is_ok() && !is_link {
            return Err(
                Failure::new(say::no_link(language, link.display())).hint(say::move_away(language))
            );
        }
    }
    for name in programs {
        let link = folder.join(name);
        point(&link, &gate).map_err(|error| about(&link, &error))?;
        match program::real(name.as_ref(), &search) {
            Found::Program(real) => {
                out::line(&safe::value(&format!(
                    "{} → {}",
                    link.display(),
                    real.display()
                )))?;
            }
            Found::NotExecutable(_) | Found::Nothing => {
                out::line(&safe::value(&say::no_program(language, name)))?;
            }
        }
    }
    let search = program::search_path();
    let names = programs.iter().map(String::as_str);
    if Standing::of(&search, folder, names) != Standing::First {
        out::row(&say::put_first(language, folder.display()))?;
    }
    Ok(0)
}

/// Makes a link, or points one that is there to the gate, at once.
fn point(link: &Path, gate: &Path) -> io::Result<()> {
    if fs::read_link(link).is_ok_and(|target| target == gate) {
        return Ok(());
    }
    let name = link.file_name().unwrap_or_default().to_string_lossy();
    let fresh = link.with_file_name(format!(".{name}.{}", std::process::id()));
    symlink(gate, &fresh)?;
    fs::rename(&fresh, link).inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// Takes links away; the folder too when it holds none any more.
fn remove(folder: &Path, programs: &[String]) -> Result<i32, Failure> {
    let language = out::language();
    for name in programs {
        check_name(name)?;
        let link = folder.join(name);
        if fs::read_link(&link).is_err() {
            return Err(Failure::new(say::no_such_shim(language, link.display()))
                .hint(say::list_names(language)));
        }
    }
    for name in programs {
        let link = folder.join(name);
        fs::remove_file(&link).map_err(|error| about(&link, &error))?;
        out::row(&safe::value(&say::removed(language, link.display())))?;
    }
    let entries = fs::read_dir(folder).map_err(|error| about(folder, &error))?;
    let mut left = entries.filter_map(Result::ok);
    if left.all(|entry| entry.file_name() == SHIM_FOLDER) {
        let marker = folder.join(SHIM_FOLDER);
        let gone = fs::remove_file(&marker).and_then(|()| fs::remove_dir(folder));
        gone.map_err(|error| about(folder, &error))?;
    }
    Ok(0)
}

/// Lists the shims.
fn list(folder: &Path, as_json: bool, language: Language) -> Result<i32, Failure> {
    let found = Folder::look(folder, &program::search_path());
    if as_json {
        out::json(&found.map_or(Value::Array(Vec::new()), |found| shims_as_json(&found)))?;
        return Ok(0);
    }
    let Some(found) = found.filter(|found| !found.shims.is_empty()) else {
        out::row(&say::none(language))?;
        return Ok(0);
    };
    for shim in &found.shims {
        let real = shim.real.as_ref().map(|real| real.display().to_string());
        let mut text = real.unwrap_or_else(|| "-".to_owned());
        for fault in &shim.faults {
            text.push_str(&format!("  [{}]", fault.name()));
        }
        let name = format!("{}  ", safe::value(&shim.name));
        out::behind(&name, &safe::value(&text))?;
    }
    Ok(0)
}

/// Says what is broken and where the folder comes first.
fn check(folder: &Path, as_json: bool, language: Language) -> Result<i32, Failure> {
    let search = program::search_path();
    let Some(found) = Folder::look(folder, &search) else {
        if as_json {
            out::json(&json!({ "folder": folder, "shims": [], "faults": [], "paths": [] }))?;
        } else {
            out::row(&say::no_folder(language, folder.display()))?;
        }
        return Ok(0);
    };
    let status = i32::from(found.all_faults().next().is_some());
    let names = || found.shims.iter().map(|shim| shim.name.as_str());
    let sources = paths::sources(search, Path::new("/"));
    if as_json {
        let faults = found.all_faults().map(|(what, fault)| {
            let (text, mend) = fault.told(&what, folder, language);
            json!({ "about": what, "fault": fault.name(), "text": text, "mend": mend })
        });
        let paths = sources.iter().map(|source| {
            let standing = match &source.value {
                Ok(value) => match Standing::of(value, folder, names()) {
                    Standing::First => "first",
                    Standing::Late => "late",
                    Standing::Absent => "absent",
                },
                Err(_) => "unknown",
            };
            json!({
                "name": source.name,
                "file": source.file,
                "path": source.value.as_ref().ok().map(|value| value.to_string_lossy()),
                "standing": standing,
            })
        });
        out::json(&json!({
            "folder": folder,
            "shims": shims_as_json(&found),
            "faults": faults.collect::<Vec<_>>(),
            "paths": paths.collect::<Vec<_>>(),
        }))?;
        return Ok(status);
    }
    out::row(&safe::value(&say::folder(
        language,
        folder.display(),
        found.shims.len(),
    )))?;
    for (what, fault) in found.all_faults() {
        let (text, mend) = fault.told(&what, folder, language);
        out::behind("  ", &safe::value(&text))?;
        out::behind("  → ", &safe::value(&mend))?;
    }
    for source in &sources {
        let standing = match &source.value {
            Ok(value) => match Standing::of(value, folder, names()) {
                Standing::First => say::first(language),
                Standing::Late => say::late(language),
                Standing::Absent => say::absent(language),
            },
            Err(cause) => say::unknown(language, cause::of(&cause.to_string(), language)),
        };
        let file = source.file.as_ref();
        let file = file.map_or_else(String::new, |file| format!("  {}", file.display()));
        let text = format!("{standing}{file}");
        out::in_columns(&[(source.name, 10)], &safe::value(&text))?;
    }
    Ok(status)
}

/// Returns the shims of a folder as JSON.
fn shims_as_json(folder: &Folder) -> Value {
    let each = folder.shims.iter().map(|shim| {
        json!({
            "name": shim.name,
            "link": folder.path.join(&shim.name),
            "target": shim.target,
            "starts": shim.real,
            "faults": shim.faults.iter().map(look::Fault::name).collect::<Vec<_>>(),
        })
    });
    Value::Array(each.collect())
}

/// Checks that a name can be a program's, and not the gate's own.
fn check_name(name: &str) -> Result<(), Failure> {
    let language = out::language();
    let is_file = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
    if !is_file || name.starts_with('-') {
        return Err(Failure::new(say::no_name(language, safe::value(name)))
            .hint(say::name_in_path(language)));
    }
    if name.starts_with("kanmon") {
        return Err(Failure::new(say::gate_itself(language, safe::value(name)))
            .hint(say::another_program(language)));
    }
    Ok(())
}

/// Returns the gate to which links are made: beside this program, else in `PATH`.
fn gate() -> Result<PathBuf, Failure> {
    let beside = std::env::current_exe().ok();
    let beside = beside.map(|own| own.with_file_name("kanmon"));
    let search = program::search_path();
    let in_path = std::env::split_paths(&search).map(|folder| folder.join("kanmon"));
    let mut found = beside.into_iter().chain(in_path);
    found
        .find(|path| path.is_absolute() && program::is_gate(path))
        .ok_or_else(|| {
            let language = out::language();
            Failure::new(say::no_gate(language)).hint(say::install_both(language))
        })
}

/// Makes the folder, with the file that says what it is for, where they are not there. A folder that
/// has other things in it is refused: they would no longer be found by a shim.
fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)?;
    if program::is_shim_folder(folder) {
        return Ok(());
    }
    if fs::read_dir(folder)?.next().is_some() {
        let text = "other things lie in it; shims need a folder of their own";
        return Err(io::Error::new(ErrorKind::DirectoryNotEmpty, text));
    }
    let mut marker = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o644)
        .custom_flags(O_NOFOLLOW)
        .open(folder.join(SHIM_FOLDER))?;
    marker.write_all(ABOUT.as_bytes())
}

/// Says what failed, of which file.
fn about(path: &Path, error: &io::Error) -> Failure {
    let language = out::language();
    Failure::of(&format!("`{}`: {error}", path.display()), language)
        .hint(say::other_folder(language))
}
