//! The files of all layers as they lie there, those too that do not count, and what is wrong with
//! them.
//!
//! For whoever looks after rule files (`rules lint`, `doctor`); no line is judged by it.

use crate::context::owner::Distrust;
use crate::policy::pack::{self, Layer, Mistake, SourceFile, read_config};

use super::files;
use super::folder::{Folder, Refusal};
use super::places::Places;
use super::project;
use super::settle::Found;
use super::system;

/// A folder of rule files as it was found.
#[derive(Debug)]
pub struct Surveyed {
    /// Whose it is.
    pub layer: Layer,
    /// Its path.
    pub folder: String,
    /// Whether its files count.
    pub standing: Standing,
    /// Its files.
    files: Vec<Found>,
    /// The system's configuration.
    config: Option<Found>,
}

/// Whether the files of a folder count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// They do, those that are refused or broken excepted.
    Counts,
    /// There is no such folder.
    Absent,
    /// The folder is refused or cannot be read, so every line is held.
    Refused(String),
    /// It belongs to this user, who is somebody else.
    Foreign(u32),
    /// Nobody trusted it.
    Untrusted,
    /// It was trusted with another content.
    Changed,
}

/// What is wrong with the files of a folder.
#[derive(Debug, Default)]
pub struct Findings {
    /// What makes a file unusable; that it is refused stands at its beginning.
    pub mistakes: Vec<Mistake>,
    /// What works but should be written otherwise.
    pub lints: Vec<Mistake>,
    /// The files, for their lines.
    pub files: Vec<SourceFile>,
}

/// Looks at the folders of all layers beside what is built in, the binding one first.
#[must_use]
pub fn all(places: &Places) -> Vec<Surveyed> {
    let mut all = vec![system::survey(places)];
    all.extend(user(places));
    all.extend(project::survey(places));
    all
}

/// Looks at the user's folder.
fn user(places: &Places) -> Option<Surveyed> {
    let path = places.user()?;
    let folder = path.display().to_string();
    let opened = Folder::open_own(&path, Places::user_owners());
    Some(match opened {
        Ok(Some(opened)) => match files::read(&opened, b"", &folder, &mut Vec::new()) {
            Ok(files) => Surveyed::new(Layer::User, folder, Standing::Counts, files),
            Err(refusal) => Surveyed::without(Layer::User, folder, refused(&refusal)),
        },
        Ok(None) => Surveyed::without(Layer::User, folder, Standing::Absent),
        Err(refusal) => {
            let standing = match refusal {
                Refusal::Distrust(Distrust::Owner(owner)) => Standing::Foreign(owner),
                refusal => refused(&refusal),
            };
            Surveyed::without(Layer::User, folder, standing)
        }
    })
}

/// Says that a folder is refused.
pub(super) fn refused(refusal: &Refusal) -> Standing {
    Standing::Refused(refusal.to_string())
}

impl Surveyed {
    /// Returns a folder with its files.
    pub(super) fn new(layer: Layer, folder: String, standing: Standing, files: Vec<Found>) -> Self {
        Self {
            layer,
            folder,
            standing,
            files,
            config: None,
        }
    }

    /// Returns a folder of whose files nothing is known.
    pub(super) fn without(layer: Layer, folder: String, standing: Standing) -> Self {
        Self::new(layer, folder, standing, Vec::new())
    }

    /// Adds the system's configuration, where there is one.
    pub(super) fn with_config(mut self, config: Found) -> Self {
        let is_there = config.text.is_some() || config.refused.is_some();
        self.config = is_there.then_some(config);
        self
    }

    /// Returns the names of its rule files and the configuration.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all_names().filter(|name| !name.ends_with(".csv"))
    }

    /// Returns the names of all its files, calendars too.
    pub fn all_names(&self) -> impl Iterator<Item = &str> {
        let files = self.files.iter().chain(&self.config);
        files.map(|file| file.name.as_str())
    }

    /// Returns what is wrong with its files, as they are read beside those that they build on.
    #[must_use]
    pub fn findings(&self, places: &Places) -> Findings {
        let base = match self.layer {
            Layer::System | Layer::BuiltIn => crate::policy::builtin::files(),
            Layer::User | Layer::Project => system::base(places),
        };
        let own: Vec<SourceFile> = self.files.iter().filter_map(|f| self.source(f)).collect();
        let mut files = base;
        files.extend(own.iter().cloned());
        let (mut packs, mut mistakes) = pack::read(&files);
        let is_own = |name: &str| own.iter().any(|file| file.name == name);
        packs.keep_rules_of(is_own);
        mistakes.retain(|mistake| is_own(&mistake.file));
        let mut found = Findings {
            lints: pack::lint(&packs).to_vec(),
            mistakes,
            files: own,
        };
        if let Some(config) = self.config.as_ref().and_then(|config| self.source(config)) {
            found.mistakes.extend(read_config(&config).1);
            found.files.push(config);
        }
        found.mistakes.extend(self.refusals());
        if let Standing::Refused(why) = &self.standing {
            found.mistakes.push(at_beginning(&self.folder, why));
        }
        found
    }

    /// Returns the files that are refused, each as a mistake at its beginning.
    fn refusals(&self) -> impl Iterator<Item = Mistake> {
        let all = self.files.iter().chain(&self.config);
        all.filter_map(|file| Some(at_beginning(&file.name, file.refused.as_ref()?)))
    }

    /// Returns a file to read, where it has a text.
    fn source(&self, file: &Found) -> Option<SourceFile> {
        Some(SourceFile {
            name: file.name.clone(),
            text: file.text.clone()?,
            layer: self.layer,
        })
    }
}

/// Returns a mistake of a whole file.
fn at_beginning(name: &str, why: &str) -> Mistake {
    let file = SourceFile {
        name: name.to_owned(),
        text: String::new(),
        layer: Layer::System,
    };
    Mistake::new(&file, 0..0, why.to_owned(), None)
}
