//! Whole-program tests, and whole passages in-process.

// `cfg(test)` always holds here; it tells clippy that helpers outside of test functions may unwrap.
#![cfg(test)]

#[path = "support/asking.rs"]
mod asking;
#[path = "support/cluster.rs"]
mod cluster;
#[path = "support/cutter.rs"]
mod cutter;
#[path = "support/judged.rs"]
mod judged;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/mailhost.rs"]
mod mailhost;
#[path = "support/people.rs"]
mod people;
#[path = "support/place.rs"]
mod place;
#[path = "support/pty.rs"]
mod pty;
#[path = "support/rehearsal.rs"]
mod rehearsal;
#[path = "support/scene.rs"]
mod scene;
#[path = "support/shell.rs"]
mod shell;
#[path = "support/stage.rs"]
mod stage;
#[path = "support/sudoers.rs"]
mod sudoers;
#[path = "support/team.rs"]
mod team;
#[path = "support/world.rs"]
mod world;

#[path = "whole/adding.rs"]
mod adding;
#[path = "whole/approvals.rs"]
mod approvals;
#[path = "whole/arrows.rs"]
mod arrows;
#[path = "whole/boots.rs"]
mod boots;
#[path = "whole/carrying.rs"]
mod carrying;
#[path = "whole/conditions.rs"]
mod conditions;
#[path = "whole/corpora.rs"]
mod corpora;
#[path = "whole/differential.rs"]
mod differential;
#[path = "whole/doctor_doors.rs"]
mod doctor_doors;
#[path = "whole/doors_agents.rs"]
mod doors_agents;
#[path = "whole/doors_install.rs"]
mod doors_install;
#[path = "whole/doors_page.rs"]
mod doors_page;
#[path = "whole/doors_table.rs"]
mod doors_table;
#[path = "whole/explain.rs"]
mod explain;
#[path = "whole/fans.rs"]
mod fans;
#[path = "whole/fish_lines.rs"]
mod fish_lines;
#[path = "whole/folders.rs"]
mod folders;
#[path = "whole/gate.rs"]
mod gate;
#[path = "whole/glass.rs"]
mod glass;
#[path = "whole/held.rs"]
mod held;
#[path = "whole/hook.rs"]
mod hook;
#[path = "whole/host.rs"]
mod host;
#[path = "whole/kills.rs"]
mod kills;
#[path = "whole/late_no.rs"]
mod late_no;
#[path = "whole/layers.rs"]
mod layers;
#[path = "whole/leaving.rs"]
mod leaving;
#[path = "whole/ledger.rs"]
mod ledger;
#[path = "whole/listings.rs"]
mod listings;
#[path = "whole/looking.rs"]
mod looking;
#[path = "whole/manual.rs"]
mod manual;
#[path = "whole/masking.rs"]
mod masking;
#[path = "whole/matchers.rs"]
mod matchers;
#[path = "whole/meanwhile.rs"]
mod meanwhile;
#[path = "whole/merging.rs"]
mod merging;
#[path = "whole/one_asking.rs"]
mod one_asking;
#[path = "whole/packs_doc.rs"]
mod packs_doc;
#[path = "whole/passage.rs"]
mod passage;
#[path = "whole/permits.rs"]
mod permits;
#[path = "whole/postfix.rs"]
mod postfix;
#[path = "whole/probes_real.rs"]
mod probes_real;
#[path = "whole/replay.rs"]
mod replay;
#[path = "whole/rulebook.rs"]
mod rulebook;
#[path = "whole/screens.rs"]
mod screens;
#[path = "whole/scripts.rs"]
mod scripts;
#[path = "whole/shells_after.rs"]
mod shells_after;
#[path = "whole/shells_bash.rs"]
mod shells_bash;
#[path = "whole/shells_fish.rs"]
mod shells_fish;
#[path = "whole/shells_preexec.rs"]
mod shells_preexec;
#[path = "whole/shells_rules.rs"]
mod shells_rules;
#[path = "whole/shells_screens.rs"]
mod shells_screens;
#[path = "whole/shells_starship.rs"]
mod shells_starship;
#[path = "whole/shells_words.rs"]
mod shells_words;
#[path = "whole/shells_zsh.rs"]
mod shells_zsh;
#[path = "whole/shims.rs"]
mod shims;
#[path = "whole/shipped.rs"]
mod shipped;
#[path = "whole/ssh_door.rs"]
mod ssh_door;
#[path = "whole/stand_ins.rs"]
mod stand_ins;
#[path = "whole/storage.rs"]
mod storage;
#[path = "whole/sudo_door.rs"]
mod sudo_door;
#[path = "whole/table.rs"]
mod table;
#[path = "whole/team_approvals.rs"]
mod team_approvals;
#[path = "whole/team_attempts.rs"]
mod team_attempts;
#[path = "whole/team_audit.rs"]
mod team_audit;
#[path = "whole/team_claims.rs"]
mod team_claims;
#[path = "whole/team_earlier.rs"]
mod team_earlier;
#[path = "whole/team_faults.rs"]
mod team_faults;
#[path = "whole/team_notify.rs"]
mod team_notify;
#[path = "whole/team_older.rs"]
mod team_older;
#[path = "whole/team_permits.rs"]
mod team_permits;
#[path = "whole/team_refusals.rs"]
mod team_refusals;
#[path = "whole/team_runs.rs"]
mod team_runs;
#[path = "whole/team_scale.rs"]
mod team_scale;
#[path = "whole/team_store.rs"]
mod team_store;
#[path = "whole/team_sync.rs"]
mod team_sync;
#[path = "whole/team_view.rs"]
mod team_view;
#[path = "whole/terminal.rs"]
mod terminal;
#[path = "whole/texts.rs"]
mod texts;
#[path = "whole/tightening.rs"]
mod tightening;
#[path = "whole/untouched.rs"]
mod untouched;
#[path = "whole/upkeep.rs"]
mod upkeep;
#[path = "whole/ways.rs"]
mod ways;
