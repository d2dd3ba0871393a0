#!/bin/bash
# firewatch import: what swatch says of a log, the rules made of its configuration say as well.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
cat >swatchrc <<'C'
# what is not worth a word
ignore /cron/
watchfor /Failed password for (\S+)/
    echo normal
    threshold track_by=$1,type=limit,count=1,seconds=60
watchfor /error/i
    echo normal
    continue
watchfor /disk/
    echo normal
C
cat >some.log <<'L'
Oct 12 08:00:00 h1 sshd[1]: Failed password for root
Oct 12 08:00:01 h1 sshd[1]: Failed password for root
Oct 12 08:00:02 h1 sshd[1]: Failed password for amy, error
Oct 12 08:00:03 h1 cron[1]: error in disk
Oct 12 08:00:04 h1 app[1]: Error on disk
Oct 12 08:00:05 h1 app[1]: disk is fine
Oct 12 08:00:06 h1 app[1]: nothing
L
exits 0 "$FIREWATCH" import swatch swatchrc
cp out rules.yaml
exits 0 "$FIREWATCH" check -r "$RULES" -p rules.yaml
"$FIREWATCH" replay -r "$RULES" --reference 2026-12-31T00:00:00Z -p rules.yaml --text some.log |
    sed -n 's/^swatch_[0-9]* open: //p' | sort >rules.out
printf '%s\n' 'Oct 12 08:00:00 h1 sshd[1]: Failed password for root' \
    'Oct 12 08:00:02 h1 sshd[1]: Failed password for amy, error' 'Oct 12 08:00:04 h1 app[1]: Error on disk' \
    'Oct 12 08:00:04 h1 app[1]: Error on disk' 'Oct 12 08:00:05 h1 app[1]: disk is fine' >wanted
same wanted rules.out
if command -v swatchdog >/dev/null; then
    HOME=$PWD timeout 30 swatchdog --config-file=swatchrc --examine=some.log --script-dir="$PWD" 2>/dev/null |
        sed 's/\x1b\[[0-9;]*m//g' | grep '^Oct' | sort >swatch.out
    same swatch.out rules.out
fi

# actions become rsyslog's; what cannot be said is named, with its line
cat >more.swatch <<'C'
watchfor /full/
    mail addresses=root@example.org,subject=full
    exec /usr/local/bin/clean
    pipe /usr/local/bin/note
    write amy
    bell 3
watchfor /end/
    quit
    echo normal,when=1-6:8-17
    frobnicate
C
exits 1 "$FIREWATCH" import swatch more.swatch
says out 'action(type="ommail" server="localhost" port="25" mailfrom="firewatch" mailto="root@example.org")'
says out 'action(type="omprog" binary="/usr/local/bin/clean")'
says out 'action(type="omprog" binary="/usr/local/bin/note")'
says out 'action(type="omusrmsg" users="amy")'
says out 'action(type="omfile" file='
for said in "more.swatch:6: bell" "more.swatch:8: quit" "more.swatch:9: when=" "more.swatch:10: this is not known"; do
    says err "$said"
done
exits 2 "$FIREWATCH" import snort more.swatch
exits 2 "$FIREWATCH" import swatch missing
exit $failed
