#!/bin/sh
# A mail host in namespaces of its own: a real Postfix, an SMTP server that swallows all mail, and
# an sshd, all on a loopback that nobody else sees. Started by `mailhost.rs` through
# `unshare --mount --net --uts --pid --fork`; prints `ready` when mail can be sent, and the world
# ends with its standard input. FOLDER is the test's own:
#
#   bin/       the programs under test, seen as /srv/bin
#   sbin/      stand-ins that come first on PATH, seen as /usr/local/sbin
#   sink/mail/ one file a message that left
#   log/       what Postfix and sshd said, seen as /var/log
#
# Usage: mailhost.sh FOLDER HOSTNAME
set -eu
# The first process of namespaces of its own; anywhere else this would change the machine.
[ $$ = 1 ] || { echo 'only tests start this, through unshare' >&2; exit 1; }
folder=$1
hostname "$2"
ip link set lo up
umask 022

# Of the machine's /etc, /var, /run and home of root nothing is written, and the ledger that root
# has on this machine is not seen.
root_home=$(getent passwd root | cut -d: -f6)
mkdir -p "$folder/spool" "$folder/lib" "$folder/log" "$folder/sink/mail" "$folder/bin" "$folder/sbin"
chown postfix "$folder/lib" "$folder/sink/mail"
cp -a /etc/postfix "$folder/etc"
sed 's/^root:[^:]*:/root:*:/' /etc/shadow >"$folder/shadow"
chmod 600 "$folder/shadow"
printf '127.0.0.1 localhost mx1 %s\n' "$2" >"$folder/hosts"
mount --bind "$folder" /srv
mount --bind "$folder/etc" /etc/postfix
mount --bind "$folder/shadow" /etc/shadow
mount --bind "$folder/hosts" /etc/hosts
mount --bind "$folder/spool" /var/spool/postfix
mount --bind "$folder/lib" /var/lib/postfix
mount --bind "$folder/log" /var/log
mount --bind "$folder/sbin" /usr/local/sbin
mount -t tmpfs -o mode=700 tmpfs "$root_home"
mount -t tmpfs -o mode=755 tmpfs /run
for own in /var/lib/kanmon /etc/kanmon; do
  if [ -d "$own" ]; then mount -t tmpfs -o mode=755 tmpfs "$own"; fi
done

cat >/etc/postfix/main.cf <<CF
compatibility_level = 3.6
myhostname = $2.test
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
smtp_host_lookup = native
smtp_dns_support_level = disabled
relayhost = [127.0.0.1]:2525
local_recipient_maps =
alias_maps =
alias_database =
# Every message waits until somebody releases it; then it leaves at the next look of the manager.
header_checks = regexp:/etc/postfix/hold
queue_run_delay = 1s
minimal_backoff_time = 1s
maillog_file = /var/log/postfix.log
CF
printf '/^Subject:/ HOLD\n' >/etc/postfix/hold
cat >/etc/postfix/master.cf <<CF
pickup    unix  n       -       n       1       1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       1       1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
flush     unix  n       -       n       1000?   0       flush
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
CF

smtp-sink -u postfix -R "$folder/sink" -d 'mail/%H%M%S.' 127.0.0.1:2525 64 &

# Root may log in with the test's key; all that comes in is written down before it runs.
mkdir -p /run/sshd "$root_home/.ssh"
ssh-keygen -q -t ed25519 -N '' -f /etc/postfix/host_key
ssh-keygen -q -t ed25519 -N '' -f /etc/postfix/key
cp /etc/postfix/key.pub "$root_home/.ssh/authorized_keys"
printf '[mx1]:2222 %s\n' "$(cat /etc/postfix/host_key.pub)" >"$root_home/.ssh/known_hosts"
cat >/srv/incoming <<'RECORD'
#!/bin/sh
printf '%s\n' "$SSH_ORIGINAL_COMMAND" >>/var/log/ssh-commands
exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
RECORD
chmod 755 /srv/incoming
cat >"$folder/sshd_config" <<CF
ListenAddress 127.0.0.1:2222
HostKey /etc/postfix/host_key
PermitRootLogin yes
PasswordAuthentication no
UsePAM no
PidFile none
LogLevel VERBOSE
ForceCommand /srv/incoming
CF
/usr/sbin/sshd -f "$folder/sshd_config" -E /var/log/sshd.log

postfix start >/var/log/start.log 2>&1 || { cat /var/log/start.log /var/log/postfix.log >&2; exit 1; }
echo ready
# The world lives as long as the test holds the other end.
read -r _ || true
