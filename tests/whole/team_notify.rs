//! People are told of runs: by a real HTTP server over TLS, by Debian's Postfix, by a program.
#![expect(
    clippy::disallowed_methods,
    reason = "starts a real HTTP server, and runs kanmonctl against a real database"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use kanmon::gate::Ledger as _;
use kanmon::gate::record::Event;
use kanmon::team::TeamLedger;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::machine::Host;
use crate::mailhost::MailHost;
use crate::rehearsal::SetClock;
use crate::team::{ledger, store};
use crate::team_audit::run;
use crate::team_runs::{ended, entry, opened};

/// Python's own HTTP server over TLS: answers what stands in `status`, and writes into `got` what it took.
const SERVER: &str = r"
import http.server, ssl, sys
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        status = int(open('status').read())
        if status == 200:
            with open('got', 'ab') as got:
                got.write(self.path.encode() + b' ' + body + b'\n')
        self.send_response(status)
        self.send_header('Location', 'https://localhost/elsewhere')
        self.send_header('Content-Length', '0')
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Hook)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = tls.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
";

/// The server, in a folder of its own; it ends with the value.
struct Chat {
    folder: TempDir,
    server: Child,
    port: String,
}

impl Drop for Chat {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Chat {
    /// Starts it with the certificate of a database's server, which is for `localhost`.
    fn start(cluster: &Cluster) -> Self {
        let folder = TempDir::new().unwrap();
        let mut server = Command::new("/usr/bin/python3")
            .args(["-c", SERVER])
            .args([cluster.path("server.crt"), cluster.path("server.key")])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        let out = server.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut port).unwrap();
        Self {
            folder,
            server,
            port: port.trim().to_owned(),
        }
    }

    /// Says what it answers from now on.
    fn answers(&self, status: u16) {
        fs::write(self.folder.path().join("status"), status.to_string()).unwrap();
    }

    /// Returns the messages that it took.
    fn got(&self) -> Vec<serde_json::Value> {
        let got = fs::read_to_string(self.folder.path().join("got")).unwrap_or_default();
        let bodies = got.lines().map(|line| line.strip_prefix("/hook/secret-7 "));
        bodies
            .map(|body| serde_json::from_str(body.expect("the URL's path")).unwrap())
            .collect()
    }
}

/// A host in a world of its own, whose configuration names a store and who is told.
struct Teller<'c> {
    host: Host,
    cluster: &'c Cluster,
    config: String,
    /// The secret URL.
    url: String,
}

impl Teller<'_> {
    /// Tells, after something was done; returns all that was said.
    #[track_caller]
    fn tell(&self, before: &str) -> String {
        let Self { config, url, .. } = self;
        self.host.run(&format!(
            "cat > /etc/kanmon/config.toml <<'END'\n{config}\nEND\n\
             (umask 077; echo '{url}' > /etc/kanmon/chat.url)\n{before}\n\
             kanmonctl notify; echo status $?"
        ))
    }

    /// Lets the time until the next try go by.
    fn wait(&self) {
        self.cluster.sql("UPDATE kanmon.sink SET next_try = now()");
    }
}

/// A run that was broken through, for a reason with a secret.
fn broken(web1: &mut TeamLedger, id: &str, clock: &SetClock) {
    let reason = "fire, DB_PASSWORD=hunter2 <!channel>".to_owned();
    for event in [opened("mx1", "1"), Event::BrokenGlass { reason }, ended(0)] {
        web1.append(&entry(id, event), clock).unwrap();
    }
}

#[test]
fn a_webhook_is_told_over_tls_in_order_once_and_later_where_it_was_away() {
    let cluster = store(&["web1", "web2"]);
    let Some(host) = Host::new() else { return };
    let chat = Chat::start(&cluster);
    let config = |authority: &str, on: &str| {
        format!(
            "store = \"{}\"\n[[notify]]\nname = \"chat\"\non = {on}\n\
             webhook = \"/etc/kanmon/chat.url\"\nauthority = \"{}\"",
            cluster.url("web1"),
            cluster.path(authority).display()
        )
    };
    let all = "[\"cleared\", \"failed\", \"broken-glass\"]";
    let mut teller = Teller {
        host,
        cluster: &cluster,
        config: config("ca.crt", all),
        url: format!("https://localhost:{}/hook/secret-7", chat.port),
    };
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    // What was before is not told; nor is what another host's role recorded, nor a good end.
    run(&mut web1, "before", ended(1), &clock);
    assert_eq!(teller.tell(""), "told     0 messages to chat\nstatus 0\n");
    run(&mut web1, "a", ended(0), &clock);
    run(&mut web2, "b", ended(0), &clock);
    run(&mut web1, "c", ended(3), &clock);
    broken(&mut web1, "d", &clock);
    chat.answers(503);
    let away = teller.tell("");
    let told = "kanmonctl: chat: localhost answered 503; tried 1 times, once more later\n";
    assert!(
        away.starts_with(told) && away.ends_with("status 1\n"),
        "{away}"
    );
    assert!(!away.contains("secret-7"), "{away}");
    // Not at once again; a redirection is no answer; then all of it, in order.
    chat.answers(200);
    let waits = teller.tell("");
    assert!(
        waits.starts_with("kanmonctl: chat: not told so far; tried 1 times, once more in "),
        "{waits}"
    );
    assert!(waits.ends_with("status 1\n"), "{waits}");
    chat.answers(302);
    teller.wait();
    let elsewhere = teller.tell("");
    assert!(
        elsewhere.contains("answered 302; tried 2 times"),
        "{elsewhere}"
    );
    chat.answers(200);
    teller.wait();
    assert_eq!(teller.tell(""), "told     4 messages to chat\nstatus 0\n");
    let got = chat.got();
    let texts: Vec<&str> = got
        .iter()
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    let titles: Vec<&str> = texts
        .iter()
        .map(|text| text.lines().next().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "*kanmon: cleared*",
            "*kanmon: cleared*",
            "*kanmon: failed*",
            "*kanmon: the gate was broken through*",
        ]
    );
    assert!(
        texts[0].contains("\nline: bill\nwho: ann@web1\nheld by: r at t\nrun: a\n"),
        "{texts:?}"
    );
    assert!(texts[2].contains("\nnote: failed 3\nrun: c\n"), "{texts:?}");
    assert!(
        texts[3].contains("&lt;!channel&gt;") && !texts[3].contains("hunter2"),
        "{texts:?}"
    );
    assert_eq!(teller.tell(""), "told     0 messages to chat\nstatus 0\n");
    // What the other side does not want keeps nothing back.
    run(&mut web1, "e", ended(3), &clock);
    chat.answers(400);
    let unwanted = teller.tell("");
    let told = "localhost answered 400; what happened to run e is not told\n";
    assert_eq!(unwanted.matches(told).count(), 2, "{unwanted}");
    // A server that another authority vouches for, or that is reached without TLS, is told nothing.
    run(&mut web1, "f", ended(3), &clock);
    chat.answers(200);
    teller.config = config("other.crt", all);
    let strange = teller.tell("");
    assert!(
        strange.contains("invalid peer certificate: UnknownIssuer"),
        "{strange}"
    );
    teller.config = config("ca.crt", all);
    let url = std::mem::replace(
        &mut teller.url,
        "http://chat.example/hook/secret-7".to_owned(),
    );
    teller.wait();
    let plain = teller.tell("");
    assert!(
        plain.contains("`/etc/kanmon/chat.url` has to hold an https:// URL"),
        "{plain}"
    );
    teller.url = url;
    teller.wait();
    let open = teller.tell("chmod 644 /etc/kanmon/chat.url");
    assert!(
        open.contains("others can read `/etc/kanmon/chat.url`"),
        "{open}"
    );
    assert_eq!(chat.got().len(), 4);
    teller.wait();
    assert_eq!(teller.tell(""), "told     2 messages to chat\nstatus 0\n");
    assert_eq!(chat.got().len(), 6);
}

#[test]
fn a_program_reads_json_and_is_told_again_until_it_takes_it() {
    let cluster = store(&["web1", "web2", "web3"]);
    cluster.sql("CREATE ROLE aud LOGIN IN ROLE kanmon_auditor");
    let Some(host) = Host::new() else { return };
    let page = host.path("page");
    let script = "#!/bin/sh\ncat >> \"${0%/*}/paged\"\nexit \"$(cat \"${0%/*}/status\")\"\n";
    let stand_in = format!(
        "printf '%s' '{script}' > {0}; chmod 755 {0}",
        page.display()
    );
    // The auditor's role tells of every host.
    let config = format!(
        "store = \"{}\"\n[[notify]]\nname = \"page\"\non = \"ended\"\nlang = \"ja\"\ncommand = [\"{}\"]",
        cluster.url("aud"),
        page.display()
    );
    let url = String::new();
    let teller = Teller {
        host,
        cluster: &cluster,
        config,
        url,
    };
    let status = |status: &str| fs::write(teller.host.path("status"), status).unwrap();
    status("1");
    assert!(teller.tell(&stand_in).ends_with("status 0\n"));
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    for name in ["web1", "web2"] {
        let mut ledger = ledger(folder.path(), name, &cluster.url(name));
        run(&mut ledger, &format!("a-{name}"), ended(0), &clock);
    }
    let refused = teller.tell("");
    assert!(
        refused.contains("/page: it ended with 1; tried 1 times"),
        "{refused}"
    );
    // What another host does meanwhile, of which nobody is told, shortens no wait.
    for times in 2..5 {
        let mut web3 = ledger(folder.path(), "web3", &cluster.url("web3"));
        let idle = entry(&format!("idle-{times}"), opened("mx1", "1"));
        web3.append(&idle, &clock).unwrap();
        web3.send_all(&clock).unwrap();
        teller.wait();
        let refused = teller.tell("");
        let told = format!("/page: it ended with 1; tried {times} times");
        assert!(refused.contains(&told), "{refused}");
    }
    let left = "SELECT next_try - now() > interval '45 seconds' FROM kanmon.sink";
    assert_eq!(cluster.sql(left), "t");
    status("0");
    fs::remove_file(teller.host.path("paged")).unwrap();
    teller.wait();
    assert_eq!(teller.tell(""), "told     2 messages to page\nstatus 0\n");
    let paged = fs::read_to_string(teller.host.path("paged")).unwrap();
    let letters: Vec<serde_json::Value> = paged
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<(&str, &str, &str)> = letters
        .iter()
        .map(|letter| {
            let text = |key: &str| letter[key].as_str().unwrap();
            (text("host"), text("run"), text("title"))
        })
        .collect();
    let title = "kanmon: 正常終了";
    assert_eq!(told, [("web1", "a-web1", title), ("web2", "a-web2", title)]);
    // Two at once: who is being told is told by one.
    cluster.sql("UPDATE kanmon.sink SET taken = now()");
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    run(&mut web1, "b", ended(0), &clock);
    assert_eq!(teller.tell(""), "told     0 messages to page\nstatus 0\n");
    cluster.sql("UPDATE kanmon.sink SET taken = now() - interval '3 minutes'");
    assert_eq!(teller.tell(""), "told     1 message to page\nstatus 0\n");
}

#[test]
fn a_mail_goes_by_the_hosts_own_postfix() {
    let cluster = store(&["web1"]);
    let Some(mx) = MailHost::start("notify-mail") else {
        return;
    };
    let config = format!(
        "store = \"{}\"\n[[notify]]\nname = \"mail\"\non = [\"request\", \"held\"]\nlang = \"ja\"\n\
         mail = [\"ops@shop.test\"]\nfrom = \"kanmon@shop.test\"",
        cluster.url("web1")
    );
    let kanmonctl = env!("CARGO_BIN_EXE_kanmonctl");
    let tell = |done: &str| {
        let told = mx.must(&format!(
            "mkdir -p /etc/kanmon; cat > /etc/kanmon/config.toml <<'END'\n{config}\nEND\n{kanmonctl} notify"
        ));
        let what = if done == "1" { "message" } else { "messages" };
        assert_eq!(told, format!("told     {done} {what} to mail\n"));
    };
    tell("0");
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    run(&mut web1, "a", ended(0), &clock);
    tell("1");
    mx.wait_until("the mail is on hold", || mx.in_queue("hold") == 1);
    let id = mx.ids_in("hold").remove(0);
    let mail = mx.must(&format!("/usr/sbin/postcat -qbh {id}"));
    for header in [
        "To: ops@shop.test",
        "From: kanmon@shop.test",
        "Subject: =?UTF-8?B?",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(
            mail.lines().any(|line| line.starts_with(header)),
            "{header}: {mail}"
        );
    }
    let body: String = mail.split("\n\n").nth(1).unwrap().lines().collect();
    fs::write(mx.path("body"), body).unwrap();
    let text = mx.must("base64 -d < /srv/body");
    assert!(
        text.starts_with("コマンド: bill\n実行者: ann@web1\nルール: r (t)\n記録: a\n"),
        "{text}"
    );
}

#[test]
fn where_nobody_is_named_nothing_is_opened() {
    let Some(host) = Host::new() else { return };
    let said = host.run("kanmonctl notify --quiet; echo $?; kanmonctl notify; echo $?");
    let told = "0\nkanmonctl: nobody is named who is told of runs\n";
    assert!(said.starts_with(told) && said.ends_with("125\n"), "{said}");
}
