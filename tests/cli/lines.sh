#!/bin/bash
# What a line is: breaks, NUL bytes, length; and the memory that a file without lines takes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
parse() {
    exits 0 "$FIREWATCH" parse -r "$RULES" --reference $REFERENCE "$@"
}

scan 2 >two.log
parse two.log
cp out expected
head -c -1 two.log >no-break.log
parse no-break.log
same expected out
sed 's/$/\r/' two.log >crlf.log
parse crlf.log
same expected out
{ echo; cat two.log; printf '\n\r\n\n'; } >blank.log
parse blank.log
same expected out
counted lines 2
: >empty.log
parse empty.log
counted lines 0
silent out

{ printf 'a\0b\nc\0\n\0\n'; cat two.log; } >nul.log
parse nul.log
counted lines 5
counted unparsed 3
same expected out
parse --unparsed nul.log
printf 'a\0b\nc\0\n\0\n' >expected.nul
same expected.nul out

# around the limit: 65536 bytes are a line, one more is cut
for n in 65535 65536 65537 65538 131072 131073 300000; do
    { head -c $n /dev/zero | tr '\0' x; echo; cat two.log; } >long.log
    parse --unparsed long.log
    counted lines 3
    counted flow_deny 2
    if [ $n -gt 65536 ]; then counted truncated 1; elif grep -q truncated err; then echo "$n is cut"; failed=1; fi
    [ "$(wc -c <out)" = $(((n > 65536 ? 65536 : n) + 1)) ] || { echo "$n bytes: $(wc -c <out)"; failed=1; }
    # the same through a pipe, whose pieces end elsewhere, and without the last break
    { head -c $n /dev/zero | tr '\0' x; echo; head -c -1 two.log; } | parse --unparsed -
    counted lines 3
    counted flow_deny 2
done
# lines that end at every place of a block
awk 'BEGIN { for (i = 1; i < 3000; i++) { s = s "y"; print s } }' >growing.log
parse --unparsed growing.log
same growing.log out

# a gigabyte without a line break: one line, cut, in the memory of any other file
python3 - "$FIREWATCH" "$RULES" <<'P' || failed=1
import resource, subprocess, sys
process = subprocess.Popen([sys.argv[1], "parse", "-r", sys.argv[2], "-"], stdin=subprocess.PIPE,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
block = b"z" * (1 << 20)
for _ in range(1024):
    process.stdin.write(block)
process.stdin.close()
told = process.stderr.read().decode()
if process.wait() != 0 or " 1  line\n" not in told or " 1  truncated\n" not in told:
    sys.exit("exit %d: %s" % (process.returncode, told))
mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
if mib > 200: # sanitizers take their share
    sys.exit("took %d MiB" % mib)
P
exit $failed
