//! mkfs, fsck, wipefs, dd and parted: on files, and on loop devices where the kernel gives them.

use std::time::Duration;

use crate::place::{Place, drill_in_world, left_out};
use crate::pty::Pty;
use crate::world::World;

/// Longer than the wait that the rules have.
const COOLDOWN: Duration = Duration::from_secs(90);

/// Answers what is asked before something is erased, waits, and calls its size.
#[track_caller]
fn calls(pty: &mut Pty, call: &str, wrong: &str, right: &str) {
    pty.wait_for_question("What is on it now, and who says that it may go?");
    pty.type_text("a copy, Ann\n");
    pty.wait_for_question("When was the newest backup");
    pty.type_text("last night, yes\n");
    let question = format!("Look and call: {call}");
    pty.wait_until(&question, COOLDOWN, |pty| pty.asks(&question));
    pty.type_text(&format!("{wrong}\n"));
    pty.wait_for_question("Tries left: 2");
    pty.type_text(&format!("{right}\n"));
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
}

/// Asserts that all of these stand on the screen.
#[track_caller]
fn shown(pty: &mut Pty, texts: &[&str]) {
    for text in texts {
        pty.wait_for(text);
    }
}

#[test]
fn a_file_is_looked_into_and_its_size_is_called() {
    let place = Place::new();
    place.must("truncate -s 24M disk.img && mkfs.ext4 -q -L ORDERS disk.img");
    let before = place.must("cksum disk.img");
    let mut pty = place.drill(&["mkfs.ext4", "-F", "disk.img", "4096"], &[]);
    shown(
        &mut pty,
        &["ext4", "ORDERS", "Places where it is mounted: 0"],
    );
    calls(&mut pty, "Size of the first device", "16M", "24M");
    assert_eq!(place.must("cksum disk.img"), before);

    let mut pty = place.drill(&["wipefs", "-a", "disk.img"], &[]);
    shown(&mut pty, &["0x438", "ext4", "ORDERS"]);
    let mut pty = place.drill(&["mkfs.ext4", "no-such.img"], &[]);
    shown(
        &mut pty,
        &["What is on it", "not seen", "No such file or directory"],
    );
}

#[test]
fn words_beside_the_device_are_no_devices() {
    let place = Place::new();
    place.must(
        "truncate -s 48M disk.img && \
         parted -s disk.img mklabel gpt mkpart data 1MiB 10MiB mkpart logs 10MiB 20MiB",
    );
    let mut pty = place.drill(&["parted", "disk.img", "rm", "2"], &[]);
    shown(&mut pty, &["gpt", "PMBR", "Places where it is mounted: 0"]);
    calls(&mut pty, "Size of the first device", "2", "48M");
    assert!(place.must("parted -sm disk.img print").contains(":logs:"));
}

#[test]
fn a_device_or_file_that_is_not_there_is_said_to_be_missing() {
    let place = Place::new();
    for line in [
        &["mkfs.ext4", "none.img", "4096"][..],
        &["dd", "if=/dev/zero", "of=/dev/kanmon-none"],
    ] {
        let mut pty = place.drill(line, &[]);
        pty.wait_for("No such file or directory");
        assert!(!pty.screen().contains("not a block device"), "{line:?}");
    }
}

#[test]
fn a_repair_and_another_size_of_a_file_are_called_by_its_size() {
    let place = Place::new();
    place.must("truncate -s 24M disk.img && mkfs.ext4 -q -L ORDERS disk.img");
    let mut pty = place.drill(&["fsck", "-y", "disk.img"], &[]);
    shown(&mut pty, &["ORDERS"]);
    pty.wait_for_question("When was the newest backup");
    pty.type_text("last night, yes\n");
    pty.wait_for_question("Look and call: Size of the first device");
    pty.type_text("24M\n");
    pty.wait_for_question("Run it now?");

    let mut pty = place.drill(&["resize2fs", "disk.img", "12M"], &[]);
    shown(&mut pty, &["ORDERS", "Places where it is mounted: 0"]);
    pty.wait_for_question("When was the newest backup");
    pty.type_text("last night, yes\n");
    pty.wait_for_question("Look and call: Size of the first device");
    pty.type_text("12M\n");
    pty.wait_for_question("Tries left: 2");
    pty.type_text("24M\n");
    pty.wait_for_question("Run it now?");
}

/// Two file systems in files behind loop devices of their own, one of them mounted. The kernel takes
/// both devices back with the host: what `mount` made of a file ends with the last that uses it.
const LOOPS: &str = "
truncate -s 24M /srv/orders.img
truncate -s 40M /srv/spare.img
mkfs.ext4 -q -L ORDERS /srv/orders.img
mkfs.ext4 -q -L SPARE /srv/spare.img
mkdir /srv/orders /srv/spare
mount -o loop /srv/orders.img /srv/orders
mount -o loop /srv/spare.img /srv/spare
exec 9<$(losetup -nO NAME -j /srv/spare.img)
umount /srv/spare
";

/// Returns the loop device of a file.
fn device(world: &World, file: &str) -> String {
    let told = world.must(&format!("losetup -nO NAME -j /srv/{file}"));
    told.trim().to_owned()
}

#[test]
fn what_is_mounted_is_not_erased_and_a_device_is_called_by_its_size() {
    let Some(world) = World::start("db1", &["/usr/sbin/losetup"], LOOPS) else {
        return;
    };
    // Furnishing failed there, with the reason in its log.
    if !world.run("mountpoint -q /srv/orders").status.success() {
        left_out(&format!("no loop devices: {}", world.log("furnish.log")));
        return;
    }
    let (orders, spare) = (device(&world, "orders.img"), device(&world, "spare.img"));
    let of = format!("of={orders}");
    for line in [
        ["mkfs.ext4", "-F", &orders],
        // The file behind it, too.
        ["mkfs.ext4", "-F", "/srv/orders.img"],
        ["fsck", "-y", &orders],
        // Which alone of these would not even notice.
        ["dd", "if=/dev/zero", &of],
    ] {
        let mut pty = drill_in_world(&world, &line);
        pty.wait_for("Places where it is mounted is `1`, expected `0`");
        assert_eq!(pty.wait_exit().code(), Some(124), "{}", pty.screen());
    }

    let of = format!("of={spare}");
    let mut pty = drill_in_world(&world, &["dd", "if=/dev/zero", &of]);
    shown(
        &mut pty,
        &["What is on it", "40M", "Places where it is mounted: 0"],
    );
    calls(&mut pty, "Size of the device that is written", "24M", "40M");
    let mut pty = drill_in_world(&world, &["wipefs", "-a", &spare]);
    shown(
        &mut pty,
        &["What is on it", "40M", "Places where it is mounted: 0"],
    );
    assert_eq!(device(&world, "spare.img"), spare);

    let mut pty = drill_in_world(&world, &["dd", "if=/dev/zero", "of=/dev/no-such-disk"]);
    shown(&mut pty, &["not seen", "No such file or directory"]);
}
