#!/bin/bash
# Plain, gzip, xz and standard input are the same; damaged files are told.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
have gzip
have xz
parse() {
    exits "$1" "$FIREWATCH" parse -r "$RULES" --reference $REFERENCE "$2"
}

scan 3000 >plain.log
parse 0 plain.log
counted flow_deny 3000
cp out expected
gzip -c plain.log >packed.gz
xz -c plain.log >packed.xz
cp packed.gz named-otherwise
for file in packed.gz packed.xz named-otherwise; do
    parse 0 $file
    same expected out
    parse 0 - <$file
    same expected out
done
parse 0 - <plain.log
same expected out
mkfifo pipe
# in small pieces: the first bytes tell the format only after a while
python3 - packed.xz >pipe <<'P' &
import sys, time
data = open(sys.argv[1], "rb").read()
for piece in (data[:1], data[1:3], data[3:5], data[5:]):
    sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    time.sleep(0.05)
P
parse 0 pipe
same expected out

# several members, and what tapes and people append
{ head -n 1000 plain.log | gzip; sed -n '1001,2000p' plain.log | gzip; tail -n 1000 plain.log | gzip; } >members.gz
parse 0 members.gz
same expected out
{ cat packed.gz; head -c 5000 /dev/zero; } >padded.gz
parse 0 padded.gz
same expected out
{ head -n 1000 plain.log | xz; tail -n 2000 plain.log | xz; } >streams.xz
parse 0 streams.xz
same expected out
: | gzip >empty.gz
parse 0 empty.gz
counted lines 0

# cut and damaged: lines before it are read, half a line is not
for kind in gz xz; do
    head -c "$(($(stat -c %s packed.$kind) * 2 / 3))" packed.$kind >cut.$kind
    parse 2 cut.$kind
    says err "ends in the middle"
    head -c "$(wc -c <out)" expected >begin
    same begin out
    size=$(stat -c %s packed.$kind)
    { head -c $((size / 2)) packed.$kind; printf 'damaged here'; tail -c +$((size / 2 + 13)) packed.$kind; } >bad.$kind
    parse 2 bad.$kind
    says err "damaged"
done
head -c 12 packed.xz >header.xz
parse 2 header.xz
printf '\x1f\x8b' >two
parse 0 two # two bytes are no gzip file, they are a short line
counted unparsed 1
printf 'BZh91AY&SY' >some.bz2
parse 2 some.bz2
says err "bzcat"
exit $failed
