//! The prefix door: `kanmon COMMAND…`.

use std::cell::OnceCell;
use std::ffi::{CString, OsStr, c_int};
use std::os::unix::ffi::OsStrExt as _;
use std::panic;
use std::rc::Rc;

use chrono::{DateTime, Utc};

use crate::context::{Environment, Scripts, SystemClock, SystemFacts};
use crate::gate::{Asking, Clock as _};
use crate::given::GivenFiles;
use crate::launch::{RawArgs, raw, untouched, untouched_as, untouched_command, untouched_line};
use crate::layers;
use crate::line::Content;
use crate::policy::ruleset::RuleSet;
use crate::policy::table::TableError;
use crate::policy::{Plan, Profile, Verdict, at_once};
use crate::text::{Language, gate, launch as text, shell as say_hook};

use super::exit::{GATE_FAILED, NOT_CLEARED};
use super::held::{self, Parts};
use super::hook;
use super::options::{self, Asked, BadOption, Options};
use super::request::{Asker, Request, What};
use super::resorts::LastResorts;
use super::resume;
use super::shim;
use super::ssh;
use super::store;
use super::streams;
use super::sudo;
use super::understand::{Variables, understand};

/// Runs the gate for the arguments of `main` and returns its exit status.
#[must_use]
pub fn enter(args: RawArgs) -> c_int {
    let rules = Rules {
        for_passing: layers::for_passing,
        for_judging: layers::for_judging,
    };
    enter_with(args, rules, &on_this_host)
}

/// Goes through every step of a line; nothing is run.
#[must_use]
pub fn drill(request: &Request, profile: Option<Profile>) -> c_int {
    let Ok(rules) = layers::for_judging() else {
        return broken_rules(request.language);
    };
    match verdict(request, &rules, profile) {
        Verdict::Pass(_) => would_pass(request.language),
        other => on_this_host(request, other, &rules),
    }
}

/// Judges the line of a request once more, by what is true at this time; `asking` says of whom that is asked.
/// What the request remembers of its scripts stays as it is.
pub fn again(request: &Request, rules: &RuleSet, now: DateTime<Utc>, asking: Asking) -> Verdict {
    let facts = match asking {
        Asking::All => facts(request, rules),
        Asking::Here => facts_here(request, rules),
    };
    let facts = facts.at(now);
    let scripts = Rc::new(request.scripts.as_given());
    if let Some(caller) = &request.caller {
        return hook::judge(request, caller, scripts, rules, &facts);
    }
    understand(
        &request.what.line(),
        rules,
        &facts,
        &OwnEnvironment::of(request, scripts),
        rules.setup().profile(request.door),
    )
    .verdict
}

/// Brings a held line through the gate with this host's clock, terminal and ledger.
fn on_this_host(request: &Request, verdict: Verdict, rules: &RuleSet) -> c_int {
    let clock = SystemClock::new();
    let environment = Environment::of_process();
    let team = rules.setup().store.as_deref();
    let mut given = store::given(GivenFiles::of_this_host(), team, &clock);
    let way = store::Way::to(team);
    held::bring(
        request,
        verdict,
        &mut Parts {
            rules,
            environment: &environment,
            clock: &clock,
            before_ledger: &|| way.begin(),
            open_ledger: &|| store::open(&environment, &way),
            given: given.as_mut(),
            again: &|asking| again(request, rules, clock.now().utc, asking),
            last_resort: &mut LastResorts::of_this_host(),
        },
    )
}

/// Says that nothing would have held the line.
fn would_pass(language: Language) -> c_int {
    streams::error(&gate::would_pass(language));
    0
}

/// Says that the program's own rules are damaged: nothing runs.
fn broken_rules(language: Language) -> c_int {
    streams::error(&gate::broken_rules(language));
    GATE_FAILED
}

/// Holds a line because the program's own rules are damaged; only broken glass leads past that.
fn without_rules(request: &Request, bring: Bring<'_>) -> c_int {
    let status = broken_rules(request.language);
    if request.break_glass.is_none() {
        return status;
    }
    let nothing = Plan {
        hits: Vec::new(),
        steps: Vec::new(),
        afters: Vec::new(),
    };
    RuleSet::of_tables([]).map_or(status, |none| bring(request, Verdict::Hold(nothing), &none))
}

/// Where the rules come from. What passes at once costs only the first.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The rules for the question whether a line passes at once.
    pub for_passing: fn() -> Result<RuleSet, TableError>,
    /// The rules to judge by, with all that is to be said of them.
    pub for_judging: fn() -> Result<RuleSet, TableError>,
}

/// What is done with a line that does not pass.
pub type Bring<'b> = &'b dyn Fn(&Request, Verdict, &RuleSet) -> c_int;

/// Runs the gate with the rules that `rules` gives; what does not pass goes to `bring`.
#[must_use]
pub fn enter_with(args: RawArgs, rules: Rules, bring: Bring<'_>) -> c_int {
    // A panic must not cross into C: it would end as an abort with a core.
    let went = panic::catch_unwind(panic::AssertUnwindSafe(|| go(args, rules, bring)));
    went.unwrap_or_else(|_panic| {
        streams::error(&text::broken(streams::language(None)));
        GATE_FAILED
    })
}

/// Understands the options and does what they ask.
fn go(args: RawArgs, rules: Rules, bring: Bring<'_>) -> c_int {
    if raw::is_privileged() {
        // NOTE: the environment of a privileged process chooses nothing, not even the language.
        streams::error(&text::privileged(Language::English));
        return GATE_FAILED;
    }
    if let Some(name) = shim::called(args) {
        return as_shim(args, name, rules, bring);
    }
    let (options, asked) = match options::parse(args) {
        Ok(parsed) => parsed,
        Err(bad) => {
            streams::error(&bad.message(streams::language(None)));
            return GATE_FAILED;
        }
    };
    let language = || streams::language(options.language);
    let failed = match asked {
        Asked::Help => return streams::answer(&text::help(language())),
        Asked::Version => {
            return streams::answer(concat!("kanmon ", env!("CARGO_PKG_VERSION"), "\n"));
        }
        Asked::Command(first) => {
            let without = || without_rules(&request(what(args, first, false), options), bring);
            let Ok(passing) = (rules.for_passing)() else {
                return without();
            };
            let words = (first..args.count()).filter_map(|index| args.bytes(index));
            let passed = match at_once(words, &passing) {
                Some(passed) => passed,
                None => {
                    let Ok(rules) = (rules.for_judging)() else {
                        return without();
                    };
                    let request = request(what(args, first, false), options);
                    match verdict(&request, &rules, None) {
                        Verdict::Pass(passed) => passed,
                        other => return bring(&request, other, &rules),
                    }
                }
            };
            if options.drill {
                return would_pass(language());
            }
            untouched(passed, args, first)
        }
        Asked::Line(first) => {
            let Ok(rules) = (rules.for_judging)() else {
                return without_rules(&request(what(args, first, true), options), bring);
            };
            let request = request(what(args, first, true), options);
            match verdict(&request, &rules, None) {
                Verdict::Pass(_) if options.drill => return would_pass(language()),
                Verdict::Pass(passed) => untouched_line(passed, args, first),
                other => return bring(&request, other, &rules),
            }
        }
        Asked::Resume(id) => {
            let Ok(rules) = (rules.for_judging)() else {
                return broken_rules(language());
            };
            let id = String::from_utf8_lossy(args.bytes(id).unwrap_or_default());
            let (what, resumed) = match resume::find(&id, &rules, language()) {
                Ok(found) => found,
                Err(told) => {
                    streams::error(&told);
                    return NOT_CLEARED;
                }
            };
            let mut request = request(what, options);
            request.resumed = Some(resumed);
            match verdict(&request, &rules, None) {
                Verdict::Pass(passed) => untouched_command(passed, &request.what.command()),
                other => return bring(&request, other, &rules),
            }
        }
        Asked::Sudo => {
            return match sudo::asked() {
                Ok(asked) => at_sudo(&asked, request(asked.what(), options), rules, bring),
                Err(bad) => {
                    streams::error(&bad.message(language()));
                    GATE_FAILED
                }
            };
        }
        Asked::Hook(first) => {
            hook::keep_from_stopping();
            let hooked = match hook::line(args, first) {
                Ok(hooked) => hooked,
                Err(cause) => {
                    streams::error(&say_hook::no_line(language(), cause));
                    return GATE_FAILED;
                }
            };
            let mut request = request(hooked.what(), options);
            request.door = hook::DOOR;
            request.caller = Some(hooked.caller.clone());
            let Ok(rules) = (rules.for_judging)() else {
                return without_rules(&request, bring);
            };
            return match hook::verdict(&hooked, &request, &rules, &facts(&request, &rules)) {
                Some(Verdict::Pass(_)) if options.drill => would_pass(language()),
                Some(Verdict::Pass(_)) => 0,
                Some(other) => bring(&request, other, &rules),
                None => hook::UNFINISHED,
            };
        }
        Asked::HookEnd(status) => {
            return hook::end(args.bytes(status).unwrap_or_default(), language());
        }
        Asked::Nothing | Asked::Ssh | Asked::Login | Asked::Shell(_) => {
            let environment = Environment::of_process();
            let what = match asked {
                Asked::Login => Some(ssh::login(&environment)),
                Asked::Ssh => Some(ssh::asked_for(&environment)),
                Asked::Shell(option) => ssh::as_shell(&environment, args.bytes(option)),
                // With an option it is no call of a shell.
                _ if args.count() > 1 => None,
                _ => ssh::as_shell(&environment, None),
            };
            let Some(what) = what else {
                streams::error(&match asked {
                    Asked::Shell(option) => {
                        let option = args.bytes(option).unwrap_or_default();
                        BadOption::Unknown(option).message(language())
                    }
                    _ => text::help(language()),
                });
                return GATE_FAILED;
            };
            let mut request = request(what, options);
            request.door = "ssh";
            let Ok(rules) = (rules.for_judging)() else {
                return without_rules(&request, bring);
            };
            match verdict(&request, &rules, None) {
                Verdict::Pass(_) if options.drill => return would_pass(language()),
                Verdict::Pass(passed) => untouched_command(passed, &request.what.command()),
                other => return bring(&request, other, &rules),
            }
        }
    };
    streams::error(&failed.message(language()));
    failed.status()
}

/// Stands in for the program `name`, under which the gate was started; all arguments are that
/// program's.
fn as_shim(args: RawArgs, name: &OsStr, rules: Rules, bring: Bring<'_>) -> c_int {
    let program = match shim::program(name) {
        Ok(program) => program,
        Err(failed) => {
            streams::error(&failed.message(streams::language(None)));
            return failed.status();
        }
    };
    let request = || {
        let mut request = request(shim::what(name, &program, args), Options::default());
        request.door = "shim";
        request
    };
    let Ok(passing) = (rules.for_passing)() else {
        return without_rules(&request(), bring);
    };
    let words = (1..args.count()).filter_map(|index| args.bytes(index));
    let passed = match at_once([name.as_bytes()].into_iter().chain(words), &passing) {
        Some(passed) => passed,
        None => {
            let Ok(rules) = (rules.for_judging)() else {
                return without_rules(&request(), bring);
            };
            let request = request();
            match verdict(&request, &rules, None) {
                Verdict::Pass(passed) => passed,
                other => return bring(&request, other, &rules),
            }
        }
    };
    let failed = untouched_as(passed, &program, args);
    streams::error(&failed.message(streams::language(None)));
    failed.status()
}

/// Judges what sudo is about to run; sudo starts it, so the answer is all that is given.
fn at_sudo(asked: &sudo::Asked, mut request: Request, rules: Rules, bring: Bring<'_>) -> c_int {
    request.door = "sudo";
    let language = request.language;
    // Behind another gate that gate asks. It is known by its file: broken glass leads there even
    // where the rules are damaged.
    if asked.is_this_gate() {
        return sudo::pass();
    }
    if let Err(bad) = asked.enter_folder() {
        streams::error(&bad.message(language));
        return GATE_FAILED;
    }
    request.asker = Some(Asker {
        who: asked.who(&Environment::of_process()),
        environment: asked.environment().clone(),
    });
    let Ok(rules) = (rules.for_judging)() else {
        return broken_rules(language);
    };
    let understood = understand(
        &request.what.line(),
        &rules,
        &facts(&request, &rules),
        &OwnEnvironment::of(&request, Rc::clone(&request.scripts)),
        rules.setup().profile(request.door),
    );
    match understood.verdict {
        Verdict::Pass(_) => sudo::pass(),
        other => bring(&request, other, &rules),
    }
}

/// What is to be run, from argument `first` on.
fn what(args: RawArgs, first: usize, is_line: bool) -> What {
    let mut words = (first..args.count()).filter_map(|index| args.get(index).map(CString::from));
    if is_line {
        let text = words.next().unwrap_or_default();
        return What::Line(text, words.collect());
    }
    What::Argv(words.collect())
}

/// The request that the options make.
fn request(what: What, options: Options) -> Request {
    Request {
        what,
        door: "prefix",
        drill: options.drill,
        break_glass: options
            .break_glass
            .map(|reason| String::from_utf8_lossy(reason).into_owned()),
        plain: options.plain,
        language: streams::language(options.language),
        scripts: Rc::default(),
        inquiry: Rc::default(),
        asker: None,
        caller: None,
        resumed: None,
    }
}

/// What is true here of who asks, for a judgement that may ask the team's store.
fn facts(request: &Request, rules: &RuleSet) -> SystemFacts {
    request.inquiry.borrow_mut().begin();
    facts_here(request, rules)
}

/// The same, where of the store that is known which it said before.
fn facts_here(request: &Request, rules: &RuleSet) -> SystemFacts {
    let facts = match &request.asker {
        Some(asker) => SystemFacts::new(asker.who.clone(), asker.environment.clone()),
        None => SystemFacts::default(),
    };
    let store = rules.setup().store.as_deref();
    facts.and_history(Box::new(store::history(store, &request.inquiry)))
}

/// Reads and judges the line, on this machine; the request remembers which scripts it runs. The
/// door's own profile counts where none is given.
fn verdict(request: &Request, rules: &RuleSet, profile: Option<Profile>) -> Verdict {
    let line = request.what.line();
    understand(
        &line,
        rules,
        &facts(request, rules),
        &OwnEnvironment::of(request, Rc::clone(&request.scripts)),
        profile.unwrap_or_else(|| rules.setup().profile(request.door)),
    )
    .verdict
}

/// The environment with which a `-c` line runs: what is not in it is not set. And the files that
/// it would read.
#[derive(Debug, Default)]
pub struct OwnEnvironment {
    /// The variables, once one was asked for.
    variables: OnceCell<Environment>,
    /// The scripts that were read.
    pub scripts: Rc<Scripts>,
}

impl OwnEnvironment {
    /// Returns that of the command of a request; what it reads of scripts is kept in `scripts`.
    fn of(request: &Request, scripts: Rc<Scripts>) -> Self {
        let asker = request.asker.as_ref();
        Self {
            variables: asker.map_or_else(OnceCell::new, |asker| asker.environment.clone().into()),
            scripts,
        }
    }
}

impl Variables for OwnEnvironment {
    fn variable(&self, name: &str) -> Option<Option<String>> {
        let environment = self.variables.get_or_init(Environment::of_process);
        let value = environment.raw(name);
        Some(value.map(|value| value.to_string_lossy().into_owned()))
    }

    fn file(&self, path: &str) -> Option<Content> {
        Some(self.scripts.content(path))
    }
}

/// Returns the language with this tag, or the locale's where there is none.
#[must_use]
pub fn language(tag: Option<&str>) -> Option<Language> {
    tag.map_or_else(|| Some(streams::language(None)), Language::of_tag)
}
