//! Doubles for passages in-process: a scripted operator, a settable clock, scripted probes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kanmon::gate::dialogue::{Gone, Operator, Page, Progress, Question, QuestionKind, Waited};
use kanmon::gate::world::{Job, Pending, Seen, Who};
use kanmon::gate::{Clock, Moment, Probes};
use kanmon::text::Language;

/// A clock that stands until it is set.
#[derive(Clone)]
pub(crate) struct SetClock(Rc<RefCell<Moment>>);

impl SetClock {
    pub(crate) fn new() -> Self {
        let utc: DateTime<Utc> = "2026-11-22T02:00:00Z".parse().unwrap();
        let boot = Duration::from_secs(10_000);
        Self(Rc::new(RefCell::new(Moment {
            utc,
            boot,
            boot_id: "boot-1".to_owned(),
        })))
    }

    /// Lets time go by on both clocks.
    pub(crate) fn pass(&self, time: Duration) {
        let mut moment = self.0.borrow_mut();
        moment.boot += time;
        moment.utc += time;
    }

    /// Sets the wall clock back; the boot clock goes on.
    pub(crate) fn set_back(&self, time: Duration) {
        self.0.borrow_mut().utc -= time;
    }

    /// Sets the wall clock.
    pub(crate) fn set_date(&self, utc: &str) {
        self.0.borrow_mut().utc = utc.parse().unwrap();
    }

    /// Starts the host anew.
    pub(crate) fn reboot(&self, away: Duration) {
        let mut moment = self.0.borrow_mut();
        moment.utc += away;
        moment.boot = Duration::from_secs(20);
        moment.boot_id.push('+');
    }
}

impl Clock for SetClock {
    fn now(&self) -> Moment {
        self.0.borrow().clone()
    }
}

/// What the scripted operator does at a question.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Type(String),
    Leave(Gone),
}

/// Types a line.
pub(crate) fn typed(text: &str) -> Reply {
    Reply::Type(text.to_owned())
}

/// An operator who follows a script, and what was put before them.
pub(crate) struct Scripted {
    replies: VecDeque<Reply>,
    clock: SetClock,
    /// Kind of each question, in order.
    pub(crate) asked: Vec<String>,
    pub(crate) pages: Vec<Page>,
    pub(crate) said: Vec<String>,
    pub(crate) progress: Vec<Progress>,
    /// Leaves at the first wait.
    pub(crate) leaves_at_wait: Option<Gone>,
    pub(crate) waited: Duration,
}

impl Scripted {
    pub(crate) fn new(clock: &SetClock, replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            replies: replies.into_iter().collect(),
            clock: clock.clone(),
            asked: Vec::new(),
            pages: Vec::new(),
            said: Vec::new(),
            progress: Vec::new(),
            leaves_at_wait: None,
            waited: Duration::ZERO,
        }
    }

    /// Whether every reply was used.
    pub(crate) fn is_through(&self) -> bool {
        self.replies.is_empty()
    }

    fn reply(&mut self, question: &Question) -> Result<String, Gone> {
        self.progress.push(question.progress);
        self.asked.push(describe(question));
        self.clock.pass(Duration::from_secs(2));
        match self.replies.pop_front() {
            Some(Reply::Type(text)) => Ok(text),
            Some(Reply::Leave(gone)) => Err(gone),
            None => panic!("the script has no reply to {question:?}"),
        }
    }
}

/// A question in a few words.
fn describe(question: &Question) -> String {
    let again = if question.again.is_some() {
        " again"
    } else {
        ""
    };
    let kind = match &question.kind {
        QuestionKind::Key => "key".to_owned(),
        QuestionKind::Confirm(text) => format!("confirm {}", text.source),
        QuestionKind::YesNo(text) => format!("yes/no {}", text.source),
        QuestionKind::Typed { ask, .. } => format!("typed {}", ask.source),
        QuestionKind::Witness(ask) => format!("witness {}", ask.source),
        QuestionKind::Call {
            label,
            look_with,
            witness,
        } => {
            let with = look_with
                .as_ref()
                .map(|with| format!(" with {with}"))
                .unwrap_or_default();
            let by = witness
                .as_ref()
                .map(|witness| format!(" by {witness}"))
                .unwrap_or_default();
            format!("call {}{with}{by}", label.source)
        }
        QuestionKind::Named { label } => format!("named {}", label.source),
        QuestionKind::Blind { label } => format!("blind {}", label.source),
        QuestionKind::BreakGlass => "break-glass".to_owned(),
        QuestionKind::LogInToLook { host } => format!("log in {host}"),
        QuestionKind::Go => "go".to_owned(),
    };
    format!("{kind}{again}")
}

impl Operator for Scripted {
    fn language(&self) -> Language {
        Language::English
    }
    fn page(&mut self, page: &Page) -> Result<(), Gone> {
        self.pages.push(page.clone());
        Ok(())
    }
    fn ask(&mut self, question: &Question) -> Result<String, Gone> {
        self.reply(question)
    }
    fn key(&mut self, question: &Question) -> Result<char, Gone> {
        self.reply(question)
            .map(|text| text.chars().next().unwrap_or('\n'))
    }
    fn wait(&mut self, progress: Progress, until: Duration, clock: &dyn Clock) -> Result<(), Gone> {
        self.progress.push(progress);
        if let Some(gone) = self.leaves_at_wait {
            return Err(gone);
        }
        let left = until.saturating_sub(clock.now().boot);
        self.waited += left;
        self.clock.pass(left);
        Ok(())
    }
    fn wait_for(
        &mut self,
        progress: Progress,
        until: Duration,
        clock: &dyn Clock,
        may_leave: bool,
        is_over: &mut dyn FnMut() -> bool,
    ) -> Result<Waited, Gone> {
        self.progress.push(progress);
        loop {
            match self.leaves_at_wait {
                Some(Gone::EndOfInput) if may_leave => return Ok(Waited::Left),
                Some(gone) => return Err(gone),
                None => {}
            }
            if is_over() {
                return Ok(Waited::Over);
            }
            if clock.now().boot >= until {
                return Ok(Waited::TimeUp);
            }
            self.clock.pass(Duration::from_secs(60));
        }
    }
    fn say(&mut self, text: &str) -> Result<(), Gone> {
        self.said.push(text.to_owned());
        Ok(())
    }
    fn step_aside(&mut self, meanwhile: &mut dyn FnMut()) -> Result<(), Gone> {
        self.asked.push("(aside)".to_owned());
        meanwhile();
        Ok(())
    }
    fn still_there(&mut self) -> Result<(), Gone> {
        Ok(())
    }
}

/// Probes whose values are given by id; each look takes the next, the last one stays.
#[derive(Default)]
pub(crate) struct ScriptedProbes {
    values: BTreeMap<String, VecDeque<Seen>>,
    /// Ids and commands of all looks.
    pub(crate) looks: Vec<(String, String)>,
    /// Whether logging in works.
    log_in: bool,
}

impl ScriptedProbes {
    pub(crate) fn with(mut self, id: &str, values: &[&str]) -> Self {
        let seen = values.iter().map(|value| Seen::Value {
            value: (*value).to_owned(),
            lines: vec![(*value).to_owned()],
            more: 0,
        });
        self.values.insert(id.to_owned(), seen.collect());
        self
    }

    /// Lets the operator log in to a host that wants it; the probe sees `value` then.
    pub(crate) fn with_log_in(mut self, id: &str, host: &str, value: &str) -> Self {
        self = self.with(id, &[value]);
        let wants = kanmon::gate::world::NotSeen::WantsLogin(host.to_owned());
        let values = self.values.get_mut(id).expect("just put there");
        values.push_front(Seen::NotSeen(wants));
        self.log_in = true;
        self
    }

    pub(crate) fn blind(mut self, id: &str, why: kanmon::gate::world::NotSeen) -> Self {
        self.values
            .insert(id.to_owned(), VecDeque::from([Seen::NotSeen(why)]));
        self
    }
}

impl Probes for ScriptedProbes {
    fn start(&mut self, jobs: &[Job]) -> Box<dyn Pending + '_> {
        let mut seen = Vec::new();
        for job in jobs {
            let command = job
                .command
                .clone()
                .unwrap_or_else(|why| format!("unfilled: {}", why.summary()));
            self.looks.push((job.id.clone(), command));
            let values = self
                .values
                .get_mut(&job.id)
                .unwrap_or_else(|| panic!("no value for {}", job.id));
            let next = if values.len() > 1 {
                values.pop_front()
            } else {
                values.front().cloned()
            };
            seen.push(next);
        }
        Box::new(Done(seen))
    }
    fn shown(&self, job: &Job) -> String {
        job.probe.run.clone()
    }
    fn log_in(&mut self, _host: &str) -> bool {
        self.log_in
    }
}

struct Done(Vec<Option<Seen>>);

impl Pending for Done {
    fn wait(&mut self, _slice: Duration) -> bool {
        true
    }
    fn seen(&self) -> Vec<Option<Seen>> {
        self.0.clone()
    }
}

/// Somebody on a host.
pub(crate) fn somebody() -> Who {
    Who {
        real_user: "op".to_owned(),
        effective_user: "op".to_owned(),
        login_user: "op".to_owned(),
        uid: 1000,
        euid: 1000,
        host: "gate1".to_owned(),
        terminal: "/dev/pts/7".to_owned(),
        session: 42,
        ..Who::default()
    }
}
