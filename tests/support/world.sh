#!/bin/sh
# A host in namespaces of its own, on a loopback that nobody else sees. Started by `world.rs` through
# `unshare --mount --net --uts --pid --fork`; reads FOLDER/furnish.sh, which brings what the host has
# and runs, prints `ready`, and the world ends with its standard input. FOLDER is the test's own,
# seen as /srv:
#
#   bin/   the programs under test
#   sbin/  stand-ins that come first on PATH, seen as /usr/local/sbin
#   etc/   a copy of the machine's /etc
#   furnish.log  what furnishing it said
#
# Its /var/log is in memory: how full the machine's disk is, nothing in the world sees.
#
# Usage: world.sh FOLDER HOSTNAME
set -eu
# The first process of namespaces of its own; anywhere else this would change the machine.
[ $$ = 1 ] || { echo 'only tests start this, through unshare' >&2; exit 1; }
folder=$1
hostname "$2"
ip link set lo up
umask 022

# Of the machine's /etc, /run, /var/log and home of root nothing is written, and the ledger that
# root has on this machine is not seen.
root_home=$(getent passwd root | cut -d: -f6)
mkdir -p "$folder/sbin"
cp -a /etc "$folder/etc"
rm -rf "$folder/etc/kanmon"
# Root's password in the world is `open sesame`.
sed -i 's|^root:[^:]*:|root:$6$kanmon$7oW0Ya4RL779y/UeAIeArdeijQYtdT05NuV6wj04lVli89h8WdqONT7quugZMoFu1xS5iH7kJmw3JAH/0YJGw/:|' "$folder/etc/shadow"
printf '127.0.0.1 localhost mx1 %s\n' "$2" >"$folder/etc/hosts"
mount --bind "$folder" /srv
mount --bind "$folder/etc" /etc
mount --bind "$folder/sbin" /usr/local/sbin
mount -t tmpfs -o mode=700 tmpfs "$root_home"
# A fish that lacks this reads all manual pages, beside the test.
mkdir -p "$root_home/.local/share/fish/generated_completions"
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755,size=64m tmpfs /var/log
if [ -d /var/lib/kanmon ]; then mount -t tmpfs -o mode=755 tmpfs /var/lib/kanmon; fi

# Starts an sshd at port 2222: root may log in with the key /srv/ssh/key, or with the password. The
# names are those by which it is known. Words of its configuration are read from standard input.
serve_ssh() {
  mkdir -p /run/sshd /srv/ssh "$root_home/.ssh"
  ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/host_key
  ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/key
  cp /srv/ssh/key.pub "$root_home/.ssh/authorized_keys"
  for name; do
    printf '[%s]:2222 %s\n' "$name" "$(cat /srv/ssh/host_key.pub)" >>"$root_home/.ssh/known_hosts"
  done
  {
    cat <<CF
ListenAddress 127.0.0.1:2222
HostKey /srv/ssh/host_key
PermitRootLogin yes
PasswordAuthentication yes
UsePAM no
PidFile none
LogLevel VERBOSE
CF
    cat
  } >/srv/sshd_config
  /usr/sbin/sshd -f /srv/sshd_config -E /var/log/sshd.log
  # It leaves before it listens.
  local waited=0
  until grep -q 'Server listening' /var/log/sshd.log; do
    if [ $((waited += 1)) -gt 1500 ]; then cat /var/log/sshd.log >&2; return 1; fi
    sleep 0.02
  done
}

. /srv/furnish.sh >/srv/furnish.log 2>&1
echo ready
# The world lives as long as the test holds the other end.
read -r _ || true
