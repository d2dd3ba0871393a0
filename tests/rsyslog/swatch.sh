#!/bin/bash
# What firewatch import makes of a configuration of swatch runs in rsyslogd: the lines that match are written, mailed,
# and given to programs as swatch does, once for each; those that do not are not.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p bin
printf '#!/bin/sh\nprintf "%%s:%%s:%%s\\n" "$#" "$1" "$2" >>"%s/exec.out"\n' "$WORK" >bin/clean
printf '#!/bin/sh\n{ echo "$1"; cat; echo end; } >>"%s/pipe.out"\n' "$WORK" >bin/note
printf '#!/bin/sh\nwhile IFS= read -r line; do printf "kept %%s\\n" "$line" >>"%s/keep.out"; done\n' "$WORK" >bin/keep
chmod +x bin/*
cat >swatchrc <<C
ignore /cron/
watchfor /file system full on (\S+)/
    echo
    exec "$WORK/bin/clean --now \$0"
    pipe "$WORK/bin/note -x"
    continue
watchfor /full/
    pipe $WORK/bin/keep,keep_open
    mail addresses=root@example.org:ops@example.org,subject=full disk
watchfor /knock by (\w+)/
    threshold track_by=\$1,type=threshold,count=2,seconds=60
    echo
C
"$FIREWATCH" import swatch swatchrc >policy.yaml || fail "the rules: $?"
"$FIREWATCH" import swatch --rsyslog swatchrc >swatch.conf || fail "the configuration: $?"
[[ ! -s err ]] || fail "$(cat err)"
"$RSYSLOGD" -N1 -f "$PWD/swatch.conf" -i "$PWD/pid" >checked 2>&1 || fail "$(cat checked)"
cat >log <<'L'
Oct 12 08:00:00 h1 kernel: file system full on /var; rm -rf "$HOME" `id` 'x' {} \n *
Oct 12 08:00:01 h1 app[1]: the queue is full
Oct 12 08:00:02 h1 cron[1]: file system full on /tmp
Oct 12 08:00:03 h1 app[1]: knock by amy
Oct 12 08:00:04 h1 app[1]: knock by amy
Oct 12 08:00:05 h1 app[1]: knock by amy
L

mail=/dev/null
if python3 -c 'import aiosmtpd' 2>/dev/null; then
    mail=$WORK/mail.out
    python3 - "$WORK" <<'P' &
import email, os, sys, time
from aiosmtpd.controller import Controller

class Keep:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content)
        with open(sys.argv[1] + "/mail.out", "a", encoding="utf-8") as f:
            f.write(f"{','.join(envelope.rcpt_tos)} {mail['subject']}: {mail.get_payload().strip()}\n")
        return "250 OK"

controller = Controller(Keep(), hostname="127.0.0.1", port=0)
controller.start()
with open(sys.argv[1] + "/port.new", "w", encoding="utf-8") as f:
    f.write(str(controller.server.sockets[0].getsockname()[1]))
os.rename(sys.argv[1] + "/port.new", sys.argv[1] + "/smtp.port")
time.sleep(60)
P
    FEEDER=$!
    wait_for 10 test -s smtp.port || fail "no mail server"
    sed -i "s/server=\"localhost\" port=\"25\"/server=\"127.0.0.1\" port=\"$(<smtp.port)\"/" swatch.conf
else
    sed -i /ommail/d swatch.conf
fi
{
    conf_begin imfile
    sed "s,/var/log/firewatch-echo.log,$WORK/echo.out," swatch.conf
    cat <<CONF
ruleset(name="lines" queue.type="Direct") {
    action(type="omfirewatch" ruleset="swatch" policy="$WORK/policy.yaml" rulebase="$RULES" maxMemory="16m")
}
CONF
    conf_file lines "$WORK/log"
} >rsyslog.conf
start
wait_for 10 has_lines echo.out 2 && wait_for 10 has_lines exec.out 1 && wait_for 10 has_lines pipe.out 3 &&
    wait_for 10 has_lines keep.out 2 || fail "$(tail -n 20 ./*.out rsyslogd.log)"
[[ $mail = /dev/null ]] || wait_for 10 has_lines "$mail" 2 || fail "$(cat "$mail" rsyslogd.log internal)"
stop
full=$(sed -n 1p log) queue=$(sed -n 2p log)
printf '%s\n' "$full" "$(sed -n 5p log)" >wanted
diff wanted echo.out || fail "echo"
echo "2:--now:$full" >wanted
diff wanted exec.out || fail "exec"
printf '%s\n' -x "$full" end >wanted
diff wanted pipe.out || fail "pipe"
printf 'kept %s\n' "$full" "$queue" >wanted
diff wanted keep.out || fail "pipe, keep_open"
if [[ $mail != /dev/null ]]; then
    printf 'root@example.org,ops@example.org full disk: %s\n' "$full" "$queue" >wanted
    sort "$mail" | diff wanted - || fail "mail"
fi
no_complaints
