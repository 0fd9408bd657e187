//! Accidents that happened, acted out: what the operator did then is done again, with kanmon in
//! front of the command. `docs/accidents.md` lists them.
//!
//! Each has a host of its own (`support/world.rs`) with the real programs that Debian has; what
//! would hurt is a stand-in that writes down that it ran, or lives in namespaces that go away. The
//! operator sits at a terminal of 80 × 24 and makes the mistake. The screens are kept as text in
//! `target/screens/`, for people to look at.

// `cfg(test)` always holds here; it tells clippy that helpers outside of test functions may unwrap.
#![cfg(test)]

#[expect(dead_code, reason = "the stories need a part of it")]
#[path = "support/mailhost.rs"]
mod mailhost;
#[expect(dead_code, reason = "the stories need a part of it")]
#[path = "support/pty.rs"]
mod pty;
#[path = "support/world.rs"]
mod world;

#[path = "accidents/telling.rs"]
mod telling;

#[path = "accidents/antivirus_engine.rs"]
mod antivirus_engine;
#[path = "accidents/at_reboot.rs"]
mod at_reboot;
#[path = "accidents/certificate.rs"]
mod certificate;
#[path = "accidents/double_run.rs"]
mod double_run;
#[path = "accidents/firewall_without_ipv6.rs"]
mod firewall_without_ipv6;
#[path = "accidents/held_mail.rs"]
mod held_mail;
#[path = "accidents/ipv4_drop_over_ssh.rs"]
mod ipv4_drop_over_ssh;
#[path = "accidents/name_servers.rs"]
mod name_servers;
#[path = "accidents/reset_without_backup.rs"]
mod reset_without_backup;
#[path = "accidents/unread_permission.rs"]
mod unread_permission;
#[path = "accidents/web_server_update.rs"]
mod web_server_update;
#[path = "accidents/wrong_server.rs"]
mod wrong_server;
