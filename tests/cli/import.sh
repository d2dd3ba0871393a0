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

# how often: the first of each, every third, the third in a minute; by what the expression holds, or all together
cat >often.swatch <<'C'
watchfor /limit (\S+)/
    threshold track_by=$1,type=limit,count=1,seconds=60
    echo
watchfor /nth (\S+) (\S+)/
    threshold track_by=$1:$2,type=threshold,count=3,seconds=60
    echo
watchfor /both/
    threshold track_by=both,type=both,count=3,seconds=60
    echo
watchfor /hours/
    echo when=1-5:8-17
watchfor /nights/
    echo when=0:*
watchfor /any/
    echo when=*:20-23
C
for n in 1 2 3 4 5 6 7; do
    printf "Oct 12 08:30:%02d h1 x: %s\n" $n "limit a$((n % 2)) $n" $n "nth a$((n % 2)) b $n" $n "both $n" $n "hours $n" \
        $n "nights $n" $n "any $n"
done >often.log
exits 0 "$FIREWATCH" import swatch often.swatch
cp out often.yaml
exits 0 "$FIREWATCH" check -r "$RULES" -p often.yaml
# compare_often HOUR: both say the same of the log at that hour of a Monday; swatch goes by its clock
compare_often() {
    sed "s/ 08:/ $1:/" often.log >at.log
    "$FIREWATCH" replay -r "$RULES" --reference 2026-12-31T00:00:00Z -p often.yaml --text at.log |
        sed -n 's/^swatch_[0-9]* open: //p' | sort >rules.out
    [ "$(wc -l <rules.out)" = "$2" ] || { echo "at $1: $(cat rules.out)"; failed=1; }
    command -v swatchdog >/dev/null || return 0
    SEC_CLOCK=$(date -u -d "2026-10-12 $1:30" +%s) PERL5OPT="-I$SRCDIR/tests/sec -MSecClock" HOME=$PWD TZ=UTC timeout 30 \
        swatchdog --config-file=often.swatch --examine=at.log --script-dir="$PWD" 2>/dev/null |
        sed 's/\x1b\[[0-9;]*m//g' | grep '^Oct' | sort >swatch.out
    same swatch.out rules.out
}
compare_often 08 12 # 2 of limit, 2 of nth, 1 of both, 7 of hours
compare_often 18 5
compare_often 20 12

# actions become rsyslog's; what cannot be said is named, with its line
cat >more.swatch <<'C'
watchfor /full/
    mail addresses=root@example.org:ops@example.org,subject=it is full
    exec /usr/local/bin/clean $0
    pipe /usr/local/bin/note -x
    pipe /usr/local/bin/keep,keep_open
    write amy:ben
    bell 3
    echo normal,when=1-6:8-17
    echo threshold=on,track_by=$1,type=both,count=3,seconds=60
watchfor /end/
    quit
    echo normal,when=9:8-17
    exec "echo $1"
    exec "echo full | wall"
    threshold track_by=$1,type=limit,count=5,seconds=60
    frobnicate
C
exits 1 "$FIREWATCH" import swatch more.swatch
says out "- id: swatch_1b"
says out 'when: ["mon-sat 08:00-18:00"]'
says out "- id: swatch_1c"
for said in "more.swatch:7: bell" "more.swatch:11: quit" "more.swatch:12: when=" 'more.swatch:13: $N' \
    "more.swatch:14: a command with quotes or for a shell" "more.swatch:15: type=limit" \
    "more.swatch:16: this is not known"; do
    says err "$said"
done
exits 1 "$FIREWATCH" import swatch --rsyslog more.swatch
says out 'mailto=["root@example.org", "ops@example.org"] subject.text="it is full"'
says out 'binary="/usr/bin/xargs -d \\n -I {} /usr/local/bin/clean {}"'
says out '|/usr/local/bin/note\t-x sh"'
says out 'binary="/usr/local/bin/keep"'
says out 'type="omusrmsg" users="amy,ben"'
exits 2 "$FIREWATCH" import snort more.swatch
exits 2 "$FIREWATCH" import swatch missing
exit $failed
