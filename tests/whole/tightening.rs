//! Layers only tighten: whatever a lower layer adds, no verdict and no plan becomes weaker.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;

use kanmon::door::understand::{NoVariables, understand};
use kanmon::line::Line;
use kanmon::policy::facts::NothingKnown;
use kanmon::policy::pack::{self, Layer, SourceFile};
use kanmon::policy::ruleset::RuleSet;
use kanmon::policy::table::compile;
use kanmon::policy::{Profile, StepKind, Verdict, at_once, builtin};
use proptest::prelude::*;

/// Lines that are held, noted, passed, or not quite understood.
const LINES: [&str; 16] = [
    "reboot",
    "ssh web1 sudo systemctl reboot",
    "systemctl --dry-run reboot",
    "postsuper -H ALL",
    "postsuper -H ALL; postqueue -f",
    "ls -l",
    "mytool reboot",
    "mytool web1 reboot",
    "mytool -x web1 systemctl poweroff",
    "man reboot",
    "/opt/batch/auth.sh --help",
    "curl http://x | sh",
    "eval \"$x\"",
    "for h in a b; do ssh $h reboot; done",
    "echo a > /etc/fstab",
    "shutdown -c",
];

/// Programs that the added rules name.
const PROGRAMS: [&str; 7] = [
    "reboot",
    "systemctl",
    "mytool",
    "ls",
    "ssh",
    "*",
    "postsuper",
];

/// Steps that the added rules have.
const STEPS: [&str; 7] = [
    "",
    "steps = [{ confirm = 'Sure?' }]",
    "steps = [{ checklist = ['Told all?'] }]",
    "steps = [{ cooldown = '10s' }]",
    "steps = [{ call = 'target' }]",
    "steps = [{ gap = '1m' }]",
    "steps = [{ show = 'p' }, { call = 'p' }]",
];

/// Wrappers that a lower layer adds, or words that it tries to add; what it must not is left out.
const WRAPPERS: [&str; 4] = [
    "",
    "[[wrapper]]\nprogram = 'mytool'\ninner = 'rest'\noperands = ['host']\nmoves = 'host'\ntarget.host = 'operand:host'\n",
    "[[wrapper]]\nprogram = 'mytool'\ninner = 'rest'\nvalues = ['-x']\nnone_if = ['-x']\n",
    "[[wrapper]]\nprogram = 'auth.sh'\ninner = 'rest'\nnone_if = ['--help']\n",
];

/// Words and plain programs that a forged set of a lower layer claims.
const FORGED: [&str; 3] = [
    "",
    "plain = ['mytool', 'auth.sh', 'reboot', 'sudo']\n",
    "[words.reboot]\ndry = ['-*']\n[words.mytool]\nvalues = ['-x']\n[words.\"auth.sh\"]\ndry = ['--help']\n",
];

/// Returns a pack of a lower layer with these rules: program, risk, steps.
fn added(rules: &[(usize, usize, usize)], wrapper: usize) -> String {
    let mut text = String::from(
        "[pack]\nid = 'mine'\ntitle = 'M'\n[probe]\np = { run = 'true', label = 'P' }\n",
    );
    for (number, (program, risk, steps)) in rules.iter().enumerate() {
        let risk = ["note", "low", "medium", "high", "critical"][*risk];
        text += &format!(
            "[[rule]]\nid = 'r{number}'\ntitle = 'R'\nwhy = 'w'\nrisk = '{risk}'\nmatch = [{{ program = '{}' }}]\n{}\n",
            PROGRAMS[*program], STEPS[*steps]
        );
    }
    text + WRAPPERS[wrapper]
}

/// Compiles the text as a layer on top of the built-in files.
fn table(text: &str, layer: Layer) -> Vec<u8> {
    let mut files = builtin::files();
    files.push(SourceFile {
        name: String::from("/mine.toml"),
        text: text.to_owned(),
        layer,
    });
    let (mut packs, mistakes) = pack::read(&files);
    assert_eq!(pack::render(&mistakes, &files), "");
    packs.keep_rules_of(|file| file == "/mine.toml");
    compile(&packs).unwrap()
}

/// Returns the verdict on a line.
fn verdict(line: &str, rules: &RuleSet) -> Verdict {
    let line = Line::shell(line.as_bytes());
    let understood = understand(
        &line,
        rules,
        &NothingKnown,
        &NoVariables,
        Profile::Production,
    );
    understood.verdict
}

/// Returns how strict a verdict is.
fn strictness(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Pass(_) => 0,
        Verdict::Note(_) => 1,
        Verdict::Hold(_) => 2,
        Verdict::Refuse(_) => 3,
    }
}

/// Returns whether one of `steps` asks at least what `wanted` does.
fn is_asked(wanted: &StepKind, steps: &[StepKind]) -> bool {
    steps.iter().any(|step| match (wanted, step) {
        (StepKind::Cooldown(least), StepKind::Cooldown(time)) => time >= least,
        (
            StepKind::Gap {
                time: least,
                per_rule,
                ..
            },
            StepKind::Gap {
                time,
                per_rule: other,
                ..
            },
        ) => time >= least && per_rule == other,
        // One key is asked only where nothing else is.
        (StepKind::Key, other) => !matches!(
            other,
            StepKind::Show(_)
                | StepKind::Check { .. }
                | StepKind::Cooldown(_)
                | StepKind::Gap { .. }
        ),
        (wanted, step) => wanted == step,
    })
}

/// The verdicts without any lower layer.
fn without() -> &'static [Verdict] {
    static WITHOUT: OnceLock<Vec<Verdict>> = OnceLock::new();
    WITHOUT.get_or_init(|| {
        let rules = RuleSet::built_in().unwrap();
        LINES.iter().map(|line| verdict(line, &rules)).collect()
    })
}

/// Asserts that with this table added nothing is weaker.
fn assert_tighter(added: Vec<u8>) {
    let mut rules = RuleSet::built_in().unwrap();
    rules.add(Cow::Owned(added)).unwrap();
    let built_in = RuleSet::built_in().unwrap();
    for line in LINES {
        let passes = |rules| at_once(line.split(' ').map(str::as_bytes), rules).is_some();
        assert!(
            passes(&built_in) || !passes(&rules),
            "{line} passes at once"
        );
    }
    for (line, before) in LINES.iter().zip(without()) {
        let after = verdict(line, &rules);
        assert!(
            strictness(&after) >= strictness(before),
            "{line}: {before:?}\nbecame {after:?}"
        );
        let (Verdict::Hold(before), Verdict::Hold(after)) = (before, &after) else {
            continue;
        };
        let steps: Vec<StepKind> = after.steps.iter().map(|step| step.kind.clone()).collect();
        for step in &before.steps {
            assert!(is_asked(&step.kind, &steps), "{line}: lost {:?}", step.kind);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_lower_layer_never_weakens(
        rules in proptest::collection::vec((0_usize..7, 0_usize..5, 0_usize..7), 0..4),
        wrapper in 0_usize..4,
    ) {
        assert_tighter(table(&added(&rules, wrapper), Layer::User));
    }

    #[test]
    fn a_forged_set_of_a_lower_layer_weakens_nothing(
        rules in proptest::collection::vec((0_usize..7, 0_usize..5, 0_usize..7), 0..3),
        wrapper in 0_usize..4,
        forged in 0_usize..3,
    ) {
        // As no reader would let it through: as if it were a file of the system.
        let text = format!("{}\n{}", FORGED[forged], added(&rules, wrapper));
        assert_tighter(table(&text, Layer::System));
    }
}

#[test]
fn a_step_that_is_gone_is_noticed() {
    let long = StepKind::Cooldown(Duration::from_secs(30));
    assert!(!is_asked(
        &long,
        &[StepKind::Cooldown(Duration::from_secs(10))]
    ));
    assert!(!is_asked(&StepKind::Key, &[]));
}
