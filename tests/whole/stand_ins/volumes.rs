//! Logical volumes, arrays and pools: what is on them, and how large it is.

use super::{BACKUP, ON_IT, WAIT, check};

#[test]
fn lvs_says_how_large_a_volume_is() {
    check(
        "lvremove vg0/data",
        "vg0 data 120.00g",
        &[ON_IT, BACKUP, WAIT, ("Size of the first volume", "120.00g")],
        "Failed to find logical volume",
    );
}

#[test]
fn mdadm_says_how_many_devices_still_work() {
    check(
        "mdadm /dev/md0 --fail /dev/sdb1",
        "State of the array: clean, degraded",
        &[ON_IT, BACKUP, WAIT, ("Active devices of the array", "2")],
        "cannot open /dev/md0",
    );
}

#[test]
fn zfs_says_what_a_dataset_holds() {
    check(
        "zfs destroy -r tank/data",
        "tank/data/old",
        &[ON_IT, BACKUP, WAIT, ("Space that it holds", "812G")],
        "The ZFS modules are not loaded.",
    );
}

#[test]
fn zpool_says_what_is_in_a_pool_and_which_there_are() {
    let refused = "The ZFS modules are not loaded.";
    check(
        "zpool destroy tank",
        "spare   1.81T",
        &[ON_IT, BACKUP, WAIT, ("Space in use in the pool", "3.10T")],
        refused,
    );
    check(
        "zpool import other",
        "spare   1.81T",
        &[ON_IT, BACKUP, WAIT, ("Pools on this host", "2")],
        refused,
    );
}
