//! Runs the read-only commands by which rules look at a target; so far only at this host.
#![expect(clippy::disallowed_methods, reason = "probes are processes")]
use crate::context::Environment;
use crate::gate::world::{Job, NotSeen, Pending, Probes, Seen};
use crate::policy::rule::Value;
/// Runs probes on this host, one after the other.
#[derive(Debug)]
pub struct ProbeRunner;
impl ProbeRunner {
    /// Returns a runner.
    #[must_use]
    pub fn new(_e: &Environment) -> Self {
        Self
    }
}
struct Done(Vec<Option<Seen>>);
impl Pending for Done {
    fn wait(&mut self, _s: std::time::Duration) -> bool {
        true
    }
    fn seen(&self) -> Vec<Option<Seen>> {
        self.0.clone()
    }
}
impl Probes for ProbeRunner {
    fn start(&mut self, jobs: &[Job]) -> Box<dyn Pending + '_> {
        Box::new(Done(
            jobs.iter()
                .map(|j| {
                    let Ok(c) = &j.command else {
                        return Some(Seen::NotSeen(NotSeen::NoFit));
                    };
                    let out = std::process::Command::new("/bin/sh")
                        .arg("-c")
                        .arg(c)
                        .output()
                        .ok()?;
                    let code = out.status.code().unwrap_or(255);
                    if !j.probe.ok.contains(&u8::try_from(code).unwrap_or(255)) {
                        return Some(Seen::NotSeen(NotSeen::Status {
                            status: code,
                            said: String::from_utf8_lossy(&out.stderr).trim().to_owned(),
                        }));
                    }
                    let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
                    let value = match &j.probe.value {
                        Value::Count(r) => text
                            .lines()
                            .filter(|l| r.is_found_in(l, crate::policy::pattern::Case::Counts))
                            .count()
                            .to_string(),
                        _ => text.clone(),
                    };
                    let lines: Vec<String> = value
                        .lines()
                        .take(j.probe.lines)
                        .map(str::to_owned)
                        .collect();
                    let more = value.lines().count() - lines.len();
                    Some(Seen::Value { value, lines, more })
                })
                .collect(),
        ))
    }
    fn shown(&self, job: &Job) -> String {
        job.probe.run.clone()
    }
}
