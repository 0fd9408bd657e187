# What a mail host has: a real Postfix, an SMTP server that swallows all mail, and an sshd. Read by
# `world.sh`. In the world's folder:
#
#   sink/mail/ one file a message that left
#   spool/     Postfix's queue, lib/ its data
#   log/       what Postfix and sshd said

# Of the machine's /var nothing is written.
mkdir -p /srv/spool /srv/lib /srv/sink/mail
chown postfix /srv/lib /srv/sink/mail
mount --bind /srv/spool /var/spool/postfix
mount --bind /srv/lib /var/lib/postfix

cat >/etc/postfix/main.cf <<CF
compatibility_level = 3.6
myhostname = $(hostname).test
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

smtp-sink -u postfix -R /srv/sink -d 'mail/%H%M%S.' 127.0.0.1:2525 64 &

# All that comes in through ssh is written down before it runs.
cat >/srv/incoming <<'RECORD'
#!/bin/sh
printf '%s\n' "$SSH_ORIGINAL_COMMAND" >>/var/log/ssh-commands
exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
RECORD
chmod 755 /srv/incoming
echo 'ForceCommand /srv/incoming' | serve_ssh mx1

postfix start >/var/log/start.log 2>&1
