//! Where a line works: the folder to which it changes, and the one in which it begins.

#![expect(
    clippy::disallowed_methods,
    reason = "the test stands outside of the gate: it starts it"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// Returns the verdict on a line that is typed in `folder`, by the packs that are built in: `pass`,
/// or `hold: ` and the rules.
#[track_caller]
fn verdict(line: &str, folder: &Path, profile: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .args(["check", "--here", "--profile", profile, line])
        .current_dir(folder)
        .env_clear()
        .envs([("HOME", home.path()), ("PATH", Path::new("/usr/bin:/bin"))])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    told.lines().next().unwrap_or_default().to_owned()
}

/// Makes a folder with the script `d/x.sh` that restarts the host, and `d/clean.sh` that does nothing.
fn scripts() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("d")).unwrap();
    for (name, text) in [
        ("d/x.sh", "reboot\n"),
        ("d/clean.sh", "ls\n"),
        ("d/Makefile", "all:\n\treboot\n"),
        ("x.sh", "systemctl poweroff\n"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

#[test]
fn a_script_is_read_in_the_folder_to_which_the_line_changes() {
    let folder = scripts();
    for line in [
        "cd d && sh x.sh",
        "cd d; ./x.sh",
        "(cd d && ./x.sh)",
        "cd d && . ./x.sh && true",
        "pushd d; ./x.sh",
        "cd ./d/../d && ./x.sh",
        "cd d; ls; sudo ./x.sh",
        "cd d && true; ./x.sh",
        "cd d && make -f Makefile all",
        "make -C d -f Makefile",
        "env -C d ./x.sh",
        "sudo -D d ./x.sh",
        "eval 'cd d'; ./x.sh",
        "cd d && cat x.sh | bash",
        "cd d/.. && cd d && bash < x.sh",
        "cd d && ssh mx1 < x.sh",
        "cd . && ./x.sh",
        "(cd d); ./x.sh",
        "sh -c 'cd d'; ./x.sh",
    ] {
        for profile in ["production", "workstation"] {
            let told = verdict(line, folder.path(), profile);
            assert!(told.starts_with("hold: reboot."), "{line}: {told}");
        }
    }
    for line in [
        "cd d && ./clean.sh",
        "cd d && . ./clean.sh",
        "cd d && ./nosuch.sh",
        "cd nosuch && ./configure && make",
        "./d/clean.sh; cd d; ./clean.sh",
        "cd d && cat x.sh",
    ] {
        let told = verdict(line, folder.path(), "workstation");
        assert_eq!(told, "pass", "{line}");
    }
}

#[test]
fn what_a_script_deletes_is_told_by_its_own_text() {
    let folder = scripts();
    let script = folder.path().join("e.sh");
    for (text, held) in [
        ("rm -rf /etc", "hold: delete.system"),
        ("rm -rf /var/lib/mysql", "hold: delete.data"),
    ] {
        fs::write(&script, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        for line in ["./e.sh", "cd . && ./e.sh", "sudo bash e.sh"] {
            for profile in ["production", "workstation"] {
                let told = verdict(line, folder.path(), profile);
                assert!(told.starts_with(held), "{text} by {line}: {told}");
            }
        }
    }
}

#[test]
fn an_agents_line_is_read_in_its_folder_too() {
    let folder = scripts();
    let home = tempfile::tempdir().unwrap();
    let asked = |command: &str| {
        let event = serde_json::json!({"command": command, "cwd": folder.path(), "can_ask": true});
        let event_file = home.path().join("event.json");
        fs::write(&event_file, event.to_string()).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
            .args(["hook", "json"])
            .env_clear()
            .envs([("HOME", home.path()), ("PATH", Path::new("/usr/bin:/bin"))])
            .stdin(fs::File::open(event_file).unwrap())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let held = asked("cd d && ./x.sh");
    assert!(held.contains("reboot"), "{held}");
    let passed = asked("cd d && ./clean.sh");
    assert!(!passed.contains("reboot"), "{passed}");
}

#[test]
fn a_relative_path_is_the_absolute_one_that_it_is_in_its_folder() {
    for (line, folder, rule) in [
        ("rm -rf mysql", "/var/lib", "delete.data"),
        ("sudo rm -rf ./mysql/", "/var/lib", "delete.data"),
        ("cd lib && rm -rf \"mysql\"", "/var", "delete.data"),
        ("cd /var && cd lib && rm -rf mysql", "/tmp", "delete.data"),
        (
            "ssh db1 'cd /var/lib && rm -rf mysql'",
            "/tmp",
            "delete.data",
        ),
        ("rm -rf *", "/", "delete.system"),
        ("rm -rf ..", "/etc", "delete.system"),
        ("cd / && rm -rf etc", "/tmp", "delete.system"),
        ("cd / && rm -rf *", "/tmp", "delete.system"),
        ("cd / && ls; rm -rf etc", "/tmp", "delete.system"),
        ("cd /etc && rm -rf ..", "/tmp", "delete.system"),
        ("sudo sh -c \"cd /; rm -rf etc\"", "/tmp", "delete.system"),
        ("rm -rf /tmp/../etc", "/tmp", "delete.system"),
        ("cd /etc; chmod -R 777 .", "/tmp", "access.rights-system"),
        ("cd /proc && echo b > sysrq-trigger", "/tmp", "reboot.host"),
        (
            "(cd /proc; { echo b; } > sysrq-trigger)",
            "/tmp",
            "reboot.host",
        ),
        (
            "cd /dev && dd if=/dev/zero of=sda",
            "/tmp",
            "disk.write-device",
        ),
        ("cat x > sda", "/dev", "disk.redirect-device"),
        ("fio --filename=sda --rw=write", "/dev", "disk.write-device"),
    ] {
        for profile in ["production", "workstation"] {
            let told = verdict(line, Path::new(folder), profile);
            assert!(told.contains(rule), "{line} in {folder}: {told}");
        }
    }
    for (line, folder) in [
        ("rm -rf mysql", "/tmp"),
        ("rm -rf \"$d\"", "/var/lib"),
        ("rm -rf $(x)/mysql", "/var/lib"),
        ("ssh db1 rm -rf mysql", "/var/lib"),
        ("sudo -i rm -rf mysql", "/var/lib"),
        ("cd \"$(x)\" && rm -rf mysql", "/var/lib"),
        ("(cd /); rm -rf etc", "/tmp"),
        ("cd / && ls etc", "/tmp"),
        ("cd /dev && dd if=sda of=null", "/tmp"),
        ("rm -rf build", "/root"),
        ("fio --filename=sda", "/tmp"),
        ("rsync -a web1:/x y", "/srv"),
    ] {
        let told = verdict(line, Path::new(folder), "workstation");
        assert_eq!(told, "pass", "{line} in {folder}");
    }
}

#[test]
fn the_folder_in_which_a_line_begins_counts_for_what_cannot_be_undone_alone() {
    for (line, folder, expected) in [
        ("echo x > y", "/root", "pass"),
        ("cp hosts hosts.new", "/etc", "pass"),
        (
            "cd /etc && cp hosts hosts.new",
            "/tmp",
            "hold: delete.overwrite",
        ),
        (
            "cp /etc/hosts /etc/hosts.new",
            "/tmp",
            "hold: delete.overwrite",
        ),
    ] {
        let told = verdict(line, Path::new(folder), "production");
        assert_eq!(told, expected, "{line} in {folder}");
    }
}

#[test]
fn a_folder_that_is_the_value_of_an_option_counts_from_that_of_the_line() {
    for line in [
        "cd / && tar xf x -C etc",
        "cd / && tar -xf x -Cetc",
        "cd /etc && tar --extract --directory=.. -f x",
        "(cd /usr; unzip x -d bin)",
        "ssh web1 'cd / && cpio -i --directory etc < x'",
        "unzip x -d /tmp/../etc",
    ] {
        let told = verdict(line, Path::new("/tmp"), "production");
        assert_eq!(told, "hold: delete.over-system", "{line}");
    }
    for (line, folder) in [
        ("cd /srv && tar xf x -C etc", "/tmp"),
        ("cd / && tar xf x -C \"$d\"", "/tmp"),
        ("cd / && tar czf /tmp/x -C etc .", "/tmp"),
        ("cd / && tar xf x -C /tmp/y --exclude etc", "/tmp"),
        ("tar xf x -C etc", "/"),
    ] {
        let told = verdict(line, Path::new(folder), "production");
        assert_eq!(told, "pass", "{line} in {folder}");
    }
}

#[test]
fn a_script_of_which_nobody_knows_the_file_is_held_in_production() {
    let folder = scripts();
    let lines = [
        "cd - && ./clean.sh",
        "cd \"$(cat where)\" && d/clean.sh",
        "bash d/*.sh",
        "for f in d/*.sh; do bash \"$f\"; done",
        "for f in d/*.sh; do ./$f; done",
        "find d -name '*.sh' -exec bash {} +",
        "find d -name '*.sh' | xargs -n1 sudo bash",
        "bash \"$(cat where)/clean.sh\"",
        "sh $(tail -n 1 list)",
    ];
    for line in lines {
        let told = verdict(line, folder.path(), "production");
        assert_eq!(told, "hold: opaque.program", "{line}");
        let told = verdict(line, folder.path(), "workstation");
        assert_eq!(told, "pass", "{line}");
    }
    for line in [
        "cd d && bash clean.sh",
        "cd && cd - || true",
        "for f in clean; do bash d/$f.sh; done",
        "bash $HOME/clean.sh",
        "find d -name '*.sh' -exec bash -n {} +",
        "cd \"$(cat where)\" && ls",
    ] {
        let told = verdict(line, folder.path(), "production");
        assert_eq!(told, "pass", "{line}");
    }
}

#[test]
fn an_owner_is_no_file_of_the_folder() {
    for (line, folder) in [
        ("chown root x", "/"),
        ("chown -R root x", "/"),
        ("chgrp -R bin x", "/"),
        ("cd /usr && chgrp -R lib x", "/tmp"),
        ("chown --from bob root x", "/"),
    ] {
        let told = verdict(line, Path::new(folder), "workstation");
        assert_eq!(told, "pass", "{line} in {folder}");
    }
    for (line, folder) in [
        ("chown -R bob etc", "/"),
        ("chown -R root root", "/"),
        ("chown --reference=x -R root", "/"),
        ("chown -R --ref x root usr", "/"),
        ("chgrp -R \"$group\" bin", "/"),
        ("chown -R $(options) bin x", "/"),
        ("cd /usr && chgrp -R bob bin", "/tmp"),
        ("chmod --reference=x -R etc", "/"),
        ("cd /etc && chmod --ref x shadow", "/tmp"),
        ("cd / && chmod -R -x usr", "/tmp"),
    ] {
        let told = verdict(line, Path::new(folder), "workstation");
        assert_eq!(told, "hold: access.rights-system", "{line} in {folder}");
    }
}
