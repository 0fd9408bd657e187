//! Machines behind a controller, a hypervisor or PowerShell: that it is the one that is meant.

use super::{BACKUP, Talk, WAIT, check, check_call};

#[test]
fn powershell_counts_what_lies_below_a_path() {
    check(
        "pwsh -Command 'Remove-Item C:\\data -Recurse'",
        "Files and folders below it: 1834",
        &[("Files and folders below it", "1834")],
        "Cannot find path",
    );
}

#[test]
fn virsh_says_how_much_memory_the_guest_has() {
    let refused = "Failed to connect socket to";
    for (line, memory) in [
        ("virsh destroy web01", "4194304"),
        ("virsh -c qemu+ssh://kvm2/system destroy web01", "8388608"),
    ] {
        let talk: Talk<'_> = &[
            ("Who was told?", "ann"),
            ("Can you start it again yourself?", "y"),
            ("Memory of the guest in use (KiB)", memory),
        ];
        let sight = format!("Memory of the guest in use (KiB): {memory}");
        check(line, &sight, talk, refused);
    }
}

#[test]
fn ipmitool_names_the_machine_by_its_serial_number() {
    let talk: Talk<'_> = &[
        BACKUP,
        ("If it is one of a pair", "y"),
        ("Can you reach the console", "y"),
        ("Who was told?", "ann"),
        WAIT,
        ("Serial number of that machine", "S372154X0A"),
    ];
    check(
        "ipmitool -I lanplus -H bmc1 -U admin power cycle",
        "Chassis Power is on",
        talk,
        "Unable to establish IPMI v2 / RMCP+ session",
    );
}

#[test]
fn a_guest_with_a_number_is_called_by_its_name() {
    let talk: Talk<'_> = &[
        ("Who was told?", "ann"),
        ("Can you start it again yourself?", "y"),
        ("Name of the guest with this number", "web01"),
    ];
    check_call("qm stop 100", talk, "Unable to load access control list");
}
