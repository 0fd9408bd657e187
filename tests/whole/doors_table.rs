//! Exit statuses, signals and job control of each door, acted with the real programs and compared
//! with the tables of `docs/doors.md`.
//!
//! `KANMON_WRITE_DOORS=1` writes the tables anew. Each door is a row, and a test of its own, in a world
//! of its own with Debian's sudo, a real sshd and the real shells. What a cell says is what the
//! shell saw at which the line was typed.
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads the page and furnishes a world"
)]

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::pty::{PATIENCE, Pty};
use crate::stage::until;
use crate::sudoers::Sudoers;

/// What is added to the world of sudo: an sshd with the gate, a shim, programs that do what they are
/// told, and a hand of root's that does what stands in the file `do`.
pub(crate) const WORLD: &str = r#"
chmod 755 .
D=$PWD
echo "$D" >/srv/world
mkdir -p /srv/shims /srv/noexec /srv/ssh /srv/kate /run/sshd
cat >/srv/bin/deploy <<'S'
#!/bin/bash
case $1 in
exit) exit "$2" ;;
die) kill -s "$2" $$ ;;
# As long as the world: of a session that was cut the command goes on.
stay)
  world=$(cat /srv/world)
  echo is-here
  exec perl -e 'select undef, undef, undef, 0.05 while -e $ARGV[0]' "$world/alive" ;;
wait) echo is-here; until [ -e "$2/go" ]; do sleep 0.02; done; exit 5 ;;
terminate)
  gate=$PPID
  while [ "$gate" -gt 1 ] && [ "$(readlink /proc/$gate/exe)" != /srv/bin/kanmon ]; do
    # sudo's gate stands beside the command.
    [ "$(cat /proc/$gate/comm)" = sudo ] && below=$(pgrep -P "$gate" -x kanmon) && gate=$below && break
    gate=$(ps -o ppid= -p "$gate"); gate=${gate// /}
  done
  [ "$gate" -gt 1 ] || { echo there is no gate; exit 7; }
  # Not the shell itself: a command does not end itself by way of the gate.
  /usr/bin/kill -s TERM "$gate"
  # One that does not hand it on lets this end by itself.
  sleep 5
  exit 6 ;;
esac
S
cp /srv/bin/deploy /srv/bin/release
cp /srv/bin/deploy /srv/noexec/deploy; cp /srv/bin/deploy /srv/noexec/release
chmod 755 /srv/bin/*; chmod 644 /srv/noexec/*
ln -s /srv/bin/kanmon /srv/shims/deploy
cat >/etc/kanmon/rules.d/team.toml <<'S'
[pack]
id = 'team'
title = 'Team'
lang = 'en'

[[rule]]
id = 'deploy'
title = 'Deploy the shop'
why = 'It restarts the tills.'
risk = 'low'
match = [{ program = 'deploy' }]
test.hold = ['deploy now']
test.pass = ['man deploy']

[[rule]]
id = 'release'
title = 'Release the shop'
why = 'It restarts the tills.'
risk = 'low'
match = [{ program = 'release' }]
test.hold = ['release now']
test.pass = ['man release']
S
kanmonctl rules compile >/dev/null
printf 'kate:x:4103:4103::/srv/kate:/srv/bin/kanmon\notto:x:4104:4104::/srv:/bin/sh\n' >>/etc/passwd
printf 'kate:x:4103:\notto:x:4104:\nkanmon:x:4199:ann,kate\n' >>/etc/group
printf '%s:*:19000:0:99999:7:::\n' kate otto >>/etc/shadow
chown 4103:4103 /srv/kate
kanmonctl init --host >/dev/null || exit 99
kanmonctl permit add --rule team.release --target "$(uname -n)" --until 8h --by Ops --reason Night >/dev/null
ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/host
ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/key
cp /srv/ssh/key.pub /srv/ssh/ann.keys; cp /srv/ssh/key.pub /srv/ssh/kate.keys
cp /srv/ssh/key.pub /srv/ssh/otto.keys
chown 4101 /srv/ssh/key
cat >/srv/ssh/sshd <<'S'
ListenAddress 127.0.0.1:2223
HostKey /srv/ssh/host
AuthorizedKeysFile /srv/ssh/%u.keys
UsePAM no
PidFile none
Match User ann
  ForceCommand /srv/bin/kanmon --ssh
S
cat >/srv/ssh/client <<'S'
Host *
  HostName 127.0.0.1
  Port 2223
  IdentityFile /srv/ssh/key
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  LogLevel ERROR
Host gate
  User ann
Host login
  User kate
S
/usr/sbin/sshd -D -E "$D/sshd.log" -f /srv/ssh/sshd & sshd=$!
touch alive
( while [ -e "$D/alive" ]; do
    sleep 0.02
    [ -e "$D/do" ] && bash "$D/do" && mv "$D/do" "$D/did"
  done
  kill $sshd ) 2>/dev/null &
until grep -q listening "$D/sshd.log" 2>/dev/null; do sleep 0.02; done
cd /srv/home
export HOME=/srv/home SHELL=/bin/bash HISTFILE=
as_ann() { exec setpriv --reuid 4101 --regid 4101 --init-groups -- "$@"; }
"#;

/// What `clear` writes.
const CLEARED: &str = "\x1b[H\x1b[2J";

/// A door, and how a line comes to it.
struct Door {
    /// Its row in the tables.
    name: &'static str,
    /// What makes the shell at which lines are typed.
    shell: &'static str,
    /// A line; `@` stands for the program with its words.
    line: &'static str,
    /// The program that is held; `release` where nobody can be asked, which a permit clears.
    program: &'static str,
    /// How the shell calls a status.
    status: &'static str,
    /// Whether the shell itself has the hook.
    is_hook: bool,
}

/// A shell without the hook.
pub(crate) const PLAIN: &str =
    "PS1='P% ' PATH=/srv/bin:/usr/bin:/bin as_ann bash --norc --noprofile -i";

const PREFIX: Door = Door {
    name: "prefix",
    shell: PLAIN,
    line: "kanmon @",
    program: "/srv/bin/deploy",
    status: "$?",
    is_hook: false,
};

/// The rows of both tables, in their order.
const DOORS: [Door; 10] = [
    PREFIX,
    Door {
        name: "`-c`",
        line: "kanmon -c '@'",
        ..PREFIX
    },
    Door {
        name: "shim",
        shell: "PS1='P% ' PATH=/srv/shims:/srv/bin:/usr/bin:/bin as_ann bash --norc --noprofile -i",
        line: "@",
        program: "deploy",
        ..PREFIX
    },
    Door {
        name: "`ssh -T`",
        line: "ssh -F /srv/ssh/client -T gate '@'",
        program: "/srv/bin/release",
        ..PREFIX
    },
    Door {
        name: "`ssh -t`",
        line: "ssh -F /srv/ssh/client -t gate '@'",
        ..PREFIX
    },
    Door {
        name: "login shell",
        line: "ssh -F /srv/ssh/client -t login '@'",
        ..PREFIX
    },
    Door {
        name: "sudo",
        line: "sudo @",
        ..PREFIX
    },
    Door {
        name: "bash",
        shell: "printf '%s\\n' 'PS1=\"P% \"' 'eval \"$(kanmonctl init bash)\"' >.bashrc; as_ann bash -i",
        line: "@",
        is_hook: true,
        ..PREFIX
    },
    Door {
        name: "zsh",
        shell: "printf '%s\\n' 'PROMPT=\"P%% \"; unsetopt prompt_sp' 'eval \"$(kanmonctl init zsh)\"' >.zshrc; as_ann zsh -i",
        line: "@",
        is_hook: true,
        ..PREFIX
    },
    Door {
        name: "fish",
        shell: "mkdir -p .config/fish; chown -R 4101 .config; printf '%s\\n' 'function fish_prompt; printf \"P%% \"; end' 'set -g fish_greeting' 'kanmonctl init fish | source' >.config/fish/config.fish; as_ann fish -i",
        line: "@",
        status: "$status",
        is_hook: true,
        ..PREFIX
    },
];

/// A shell at a door.
struct AtDoor<'d> {
    door: &'d Door,
    world: Sudoers,
    pty: Pty,
}

/// What came after a line was typed.
#[derive(PartialEq)]
enum Came {
    /// The gate's question.
    Question,
    /// The shell's prompt.
    Prompt,
    /// The command, which says that it is there.
    Here,
}

impl<'d> AtDoor<'d> {
    fn new(door: &'d Door) -> Option<Self> {
        let world = Sudoers::new()?;
        let pty = world.start_alone(&format!("{WORLD}\n{}", door.shell));
        let mut at = Self { door, world, pty };
        at.prompt();
        if !door.is_hook {
            at.pty.type_text("set -b\r");
            at.prompt();
        }
        Some(at)
    }

    /// Returns the line for the program with these words.
    fn line(&self, words: &str) -> String {
        let command = format!("{} {words}", self.door.program);
        self.door.line.replace('@', &command)
    }

    /// Waits for the prompt with nothing behind it.
    #[track_caller]
    fn prompt(&mut self) {
        self.pty.wait_until("the prompt", PATIENCE, is_at_prompt);
    }

    /// Types a line and says what comes.
    #[track_caller]
    fn typed(&mut self, line: &str) -> Came {
        self.enter(line);
        self.came()
    }

    /// Types a line on a clear screen.
    #[track_caller]
    fn enter(&mut self, line: &str) {
        // A prompt that stands alone may be one before which more was typed already.
        let cleared = self.pty.count_raw(CLEARED);
        self.pty.type_text("clear\r");
        self.pty.wait_until("a clear screen", PATIENCE, |pty| {
            pty.count_raw(CLEARED) > cleared && reads(pty) && pty.cells().contents().trim() == "P%"
        });
        self.pty.type_text(line);
        self.pty.type_text("\r");
    }

    /// Waits for what comes.
    #[track_caller]
    fn came(&mut self) -> Came {
        let mut came = Came::Prompt;
        self.pty.wait_until("what comes", PATIENCE, |pty| {
            if pty.asks("Go on?") {
                came = Came::Question;
            } else if is_running(pty) {
                came = Came::Here;
            } else {
                came = Came::Prompt;
                let contents = pty.cells().contents();
                let is_back = contents.contains("has not run") && last_line(pty).starts_with("P% ");
                return is_back || (is_at_prompt(pty) && contents.trim() != "P%");
            }
            true
        });
        came
    }

    /// Types a line, answers yes where there is a question, and says what comes then.
    #[track_caller]
    fn cleared(&mut self, line: &str) -> Came {
        match self.typed(line) {
            Came::Question => {
                self.pty.type_text("y");
                self.pty
                    .wait_until("the answer", PATIENCE, |pty| !pty.asks("Go on?"));
                self.came()
            }
            came => came,
        }
    }

    /// Types a line and waits until its command runs.
    #[track_caller]
    fn runs(&mut self, line: &str) {
        // A prompt may be drawn once more before the command runs.
        if self.typed(line) == Came::Question {
            self.pty.type_text("y");
        }
        self.pty.wait_until("the command", PATIENCE, is_running);
    }

    /// Returns the status that the shell has.
    #[track_caller]
    fn status(&mut self) -> String {
        self.prompt();
        let before = self.pty.raw().len();
        self.pty
            .type_text(&format!("echo is-{}.\r", self.door.status));
        let mut status = String::new();
        self.pty.wait_until("the status", PATIENCE, |pty| {
            let raw = pty.raw();
            let said = raw.get(before..).unwrap_or_default();
            let said = said.split("is-").filter_map(|rest| rest.split_once('.'));
            let mut numbers = said.filter(|(number, _)| number.parse::<u8>().is_ok());
            numbers.next().is_some_and(|(number, _)| {
                number.clone_into(&mut status);
                true
            })
        });
        self.prompt();
        status
    }

    /// Returns what a line ends with that is cleared.
    #[track_caller]
    fn ends(&mut self, words: &str) -> String {
        let line = self.line(words);
        self.cleared(&line);
        self.status()
    }

    /// Returns the status; with the hook, that the line stands in the edit buffer again, and takes it
    /// out.
    #[track_caller]
    fn or_comes_back(&mut self) -> String {
        if !self.door.is_hook {
            return self.status();
        }
        let line = format!("P% {}", self.door.program);
        self.pty.wait_until("the line", PATIENCE, |pty| {
            reads(pty)
                && last_line(pty).starts_with(&line)
                && pty.cells().contents().contains("has not run")
        });
        // zsh draws the line before it takes keys.
        for _ in 0..100 {
            self.pty.type_bytes(b"\x05\x15");
            self.pty.look(Duration::from_millis(200));
            if is_at_prompt(&self.pty) {
                break;
            }
        }
        self.prompt();
        "comes back".to_owned()
    }

    /// Has root do something.
    #[track_caller]
    fn root(&self, script: &str) {
        let folder = self.world.folder();
        fs::write(folder.join("new"), script).unwrap();
        fs::rename(folder.join("new"), folder.join("do")).unwrap();
        until("root's hand", || folder.join("did").exists());
        fs::remove_file(folder.join("did")).unwrap();
    }

    /// Ends the world; nothing of it goes on.
    #[track_caller]
    fn end(self) {
        let of = |process: &Path| fs::read_link(process.join("ns/mnt")).ok();
        let pid = self.pty.pid().as_raw();
        let own = of(Path::new(&format!("/proc/{pid}")));
        assert!(own.is_some());
        drop(self);
        until("an end of all processes", || {
            let mut processes = fs::read_dir("/proc").unwrap().flatten();
            !processes.any(|process| of(&process.path()) == own)
        });
    }

    /// Returns the row of statuses.
    fn statuses(&mut self) -> Vec<String> {
        let mut cells = vec![
            self.ends("exit 0"),
            self.ends("exit 3"),
            self.ends("die TERM"),
        ];
        // What nobody permitted.
        let line = self.line("exit 0").replace("release", "deploy");
        if self.typed(&line) == Came::Question {
            self.pty.type_text("n");
        }
        cells.push(self.or_comes_back());
        // A gate with rights that its caller lacks runs nothing.
        self.root("chgrp 4102 /srv/bin/kanmon; chmod g+s /srv/bin/kanmon");
        self.typed(&line);
        cells.push(self.or_comes_back());
        self.root("chmod g-s /srv/bin/kanmon; chgrp 0 /srv/bin/kanmon");
        cells.push(self.ends_elsewhere("/srv/noexec"));
        cells.push(self.ends_elsewhere("/srv/nowhere"));
        cells
    }

    /// Returns what a line ends with whose program lies in another folder.
    #[track_caller]
    fn ends_elsewhere(&mut self, folder: &str) -> String {
        let line = match self.door.program.contains('/') {
            true => self.line("exit 0").replace("/srv/bin", folder),
            // A shim looks for its program.
            false => format!("PATH=/srv/shims:{folder} {}", self.line("exit 0")),
        };
        self.cleared(&line);
        self.status()
    }

    /// Returns the row of signals.
    fn signals(&mut self) -> Vec<String> {
        let mut cells = Vec::new();
        let line = self.line("exit 0");
        cells.push(match self.typed(&line) {
            Came::Question => {
                self.pty.type_keys(&["C-c"]);
                self.or_comes_back()
            }
            Came::Prompt | Came::Here => "is not asked".to_owned(),
        });
        let line = self.line("stay");
        self.runs(&line);
        self.pty.type_keys(&["C-c"]);
        cells.push(self.status());
        cells.push(self.stopped());
        cells.push(self.in_background());
        let line = self.line("terminate");
        self.cleared(&line);
        cells.push(match self.status().as_str() {
            "7" => "there is none".to_owned(),
            "6" => "runs on".to_owned(),
            status => status.to_owned(),
        });
        cells
    }

    /// Stops the command by Ctrl-Z, and lets it go on by `fg`.
    #[track_caller]
    fn stopped(&mut self) -> String {
        let folder = self.world.folder().to_owned();
        let line = self.line(&format!("wait {}", folder.display()));
        self.runs(&line);
        self.pty.type_keys(&["C-z"]);
        let go = || fs::write(folder.join("go"), "").unwrap();
        // A terminal of the far side has no job control: the command does not stop.
        let cell = match self.door.line.contains("ssh") && self.door.line.contains("-t ") {
            true => {
                go();
                format!("does not stop, {}", self.status())
            }
            false => {
                let stopped = self.status();
                self.pty.type_text("clear; fg\r");
                self.pty
                    .wait_until("the command", PATIENCE, |pty| !is_at_prompt(pty));
                go();
                format!("{stopped}, `fg`: {}", self.status())
            }
        };
        fs::remove_file(folder.join("go")).unwrap();
        cell
    }

    /// Starts the line in the background.
    #[track_caller]
    fn in_background(&mut self) -> String {
        if self.door.name == "`ssh -T`" {
            let line = self.line("exit 3");
            self.typed(&format!("{line} </dev/null & wait $!"));
            return format!("runs, {}", self.status());
        }
        let line = format!("{} &", self.line("exit 3"));
        if self.door.is_hook {
            assert!(self.typed(&line) == Came::Question);
            self.pty.type_text("y");
            self.prompt();
            // The shell tells of its end when it likes.
            self.pty.type_text("wait\r");
            self.status();
            return "is asked first".to_owned();
        }
        let before = self.pty.count_raw("Stopped");
        // The job speaks into the prompt, which may not be drawn again.
        self.enter(&line);
        self.pty.wait_for_raw("Stopped", before + 1);
        let mut cell = "stops".to_owned();
        loop {
            self.pty.type_text("clear; fg\r");
            self.pty.wait_until("the job", PATIENCE, |pty| {
                pty.asks("Go on?") || (is_at_prompt(pty) && pty.cells().contents().trim() != "P%")
            });
            cell += ", `fg`";
            if self.pty.asks("Go on?") {
                cell += " asks";
                self.pty.type_text("y");
                self.pty
                    .wait_until("the answer", PATIENCE, |pty| !pty.asks("Go on?"));
            }
            match self.status().as_str() {
                // SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP.
                "147" | "148" | "149" | "150" => cell += ", stops",
                status => return format!("{cell}: {status}"),
            }
        }
    }
}

/// Returns the line that the cursor stands in, up to its end.
fn last_line(pty: &Pty) -> String {
    let screen = pty.cells();
    let (row, _) = screen.cursor_position();
    let line = screen.rows(0, screen.size().1.get()).nth(row.into());
    line.unwrap_or_default().trim_end().to_owned()
}

/// Returns whether keys go to the shell one by one.
fn reads(pty: &Pty) -> bool {
    let canonical = nix::sys::termios::LocalFlags::ICANON;
    !pty.modes().local_flags.contains(canonical)
}

/// Returns whether the shell reads a line of which nothing is typed yet.
fn is_at_prompt(pty: &Pty) -> bool {
    // Behind a `^C` no line begins.
    reads(pty) && last_line(pty).ends_with("P%")
}

/// Returns whether the command says that it is there, which the line that was typed does not.
fn is_running(pty: &Pty) -> bool {
    let contents = pty.cells().contents();
    contents.lines().any(|line| line.trim() == "is-here")
}

/// The heads of both tables.
const HEADS: [&[&str]; 2] = [
    &[
        "door",
        "exit 0",
        "exit 3",
        "killed by TERM",
        "not cleared",
        "gate failed",
        "not executable",
        "not found",
    ],
    &[
        "door",
        "Ctrl-C at the question",
        "Ctrl-C in the command",
        "Ctrl-Z in the command",
        "in the background",
        "TERM to the gate alone",
    ],
];

/// Returns a line of a table.
fn table_line(cells: &[String]) -> String {
    format!("| {} |", cells.join(" | "))
}

/// Puts a door's line in its place in a table of the page.
fn put(page: &str, head: &[&str], line: &str) -> String {
    let head = table_line(
        &head
            .iter()
            .map(|cell| (*cell).to_owned())
            .collect::<Vec<_>>(),
    );
    let name = |line: &str| line.split('|').nth(1).unwrap_or_default().trim().to_owned();
    let mut made = String::new();
    let mut is_in = false;
    for old in page.lines() {
        is_in = (is_in && old.starts_with('|')) || old == head;
        made += match is_in && name(old) == name(line) {
            true => line,
            false => old,
        };
        made.push('\n');
    }
    made
}

/// Acts a door and compares, or writes, its lines.
#[track_caller]
fn act(name: &str) {
    let door = DOORS.iter().find(|door| door.name == name).unwrap();
    let Some(mut at) = AtDoor::new(door) else {
        return;
    };
    let (statuses, signals) = (at.statuses(), at.signals());
    at.end();
    compare(name, &HEADS, vec![statuses, signals]);
}

/// Compares, or writes, what was seen of a door with its line in each of these tables.
#[track_caller]
pub(crate) fn compare(name: &str, heads: &[&[&str]], seen: Vec<Vec<String>>) {
    /// The page is written by one at a time.
    static PAGE: Mutex<()> = Mutex::new(());
    let _page = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doors.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut made = page.clone();
    for (head, cells) in heads.iter().zip(seen) {
        assert_eq!(head.len(), cells.len() + 1);
        let cells: Vec<String> = std::iter::once(name.to_owned()).chain(cells).collect();
        made = put(&made, head, &table_line(&cells));
    }
    if std::env::var_os("KANMON_WRITE_DOORS").is_some() {
        fs::write(&path, &made).unwrap();
        return;
    }
    let lines = |page: &str| -> Vec<String> {
        let own = page
            .lines()
            .filter(|line| line.starts_with(&format!("| {name} | ")));
        own.map(str::to_owned).collect()
    };
    assert_eq!(
        lines(&made),
        lines(&page),
        "run it with KANMON_WRITE_DOORS=1 and look at the difference"
    );
}

/// Makes a test for each door.
macro_rules! doors {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                act($name);
            }
        )*

        #[test]
        fn each_door_has_its_lines_and_its_test() {
            assert_eq!(DOORS.map(|door| door.name), [$($name),*]);
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doors.md");
            let page = fs::read_to_string(path).unwrap();
            for head in HEADS {
                let head = head.join(" | ");
                let (_, table) = page.split_once(&format!("| {head} |\n")).unwrap();
                let table = table.lines().skip(1).take_while(|line| line.starts_with('|'));
                let names: Vec<&str> = table.map(|line| line.split('|').nth(1).unwrap().trim()).collect();
                assert_eq!(names, [$($name),*]);
            }
        }
    };
}

doors! {
    the_prefix: "prefix",
    a_line_for_sh: "`-c`",
    a_shim: "shim",
    ssh_without_a_terminal: "`ssh -T`",
    ssh_at_a_terminal: "`ssh -t`",
    a_login_shell: "login shell",
    sudo: "sudo",
    bash_with_the_hook: "bash",
    zsh_with_the_hook: "zsh",
    fish_with_the_hook: "fish",
}
