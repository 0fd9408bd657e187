//! Where a line comes from: the processes that led to it, and what started a job. Pure data.
//!
//! For the record alone: an environment can say anything, so nothing here clears or excuses a line.

use serde::{Deserialize, Serialize};

use super::record::RunId;

/// Where a line comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The processes above the gate, its parent first, up to the first one of the system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<Caller>,
    /// What started the job that the gate is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobOf>,
    /// The systemd service that the gate is part of; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Which start of that service, as the environment says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub invocation: String,
    /// The run in which this was started or scheduled, as the environment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// A process above the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Its process id.
    pub pid: i32,
    /// When it began, in clock ticks since the host started; `None` where the host does not say.
    #[serde(default)]
    pub start_ticks: Option<u64>,
    /// What the kernel calls it.
    pub name: String,
    /// Its arguments as a line, masked; empty where they cannot be seen.
    pub line: String,
}

/// What starts jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobOf {
    /// cron, or one like it.
    Cron,
    /// at's daemon.
    At,
}

impl JobOf {
    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cron => "cron",
            Self::At => "at",
        }
    }
}

impl RunId {
    /// Returns the id of this form; `None` where a text has another.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let form = b"00000000T000000-ffffff";
        let fits = |(byte, form): (u8, &u8)| match form {
            b'0' => byte.is_ascii_digit(),
            b'f' => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            _ => byte == *form,
        };
        let is_one = text.len() == form.len() && text.bytes().zip(form).all(fits);
        is_one.then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_form() {
        assert!(RunId::of_text("20261122T023300-4f7a1c").is_some());
        for other in [
            "",
            "20261122T023300-4f7a1",
            "20261122T023300-4f7a1cc",
            "20261122t023300-4f7a1c",
            "20261122T023300-4F7A1C",
            "20261122T023300-4f7a1\n",
            "2026112２T023300-4f7",
        ] {
            assert_eq!(RunId::of_text(other), None, "{other}");
        }
    }
}
