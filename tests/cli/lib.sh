# shellcheck shell=bash
# shellcheck disable=SC2034 # for those who source it
# lib.sh: what the cases here share. Sourced, not run.
#
# A case gets FIREWATCH (the command) and SRCDIR (the source tree; TOP will do)
# and runs in an empty directory. Exit status 0: fine, 77: skipped.
set -u
SRCDIR=${SRCDIR:-${TOP:?SRCDIR or TOP is the source tree}}
: "${FIREWATCH:?FIREWATCH is the command}"
RULES=${RULES:-$SRCDIR/rulebase/firewatch.rulebase}
unset FIREWATCH_RULEBASE
failed=0

# exits STATUS COMMAND...: stdout to ./out, stderr to ./err
exits() {
    local status=$1 got=0
    shift
    "$@" >out 2>err || got=$?
    if [ "$got" != "$status" ]; then
        echo "exit $got, not $status: $*"
        sed 's/^/    /' err
        failed=1
    fi
}
# says FILE TEXT: the file has the text in it
says() {
    grep -qF -e "$2" "$1" || {
        echo "$1 does not say: $2"
        sed 's/^/    /' "$1" | head -n 20
        failed=1
    }
}
silent() {
    [ ! -s "$1" ] || {
        echo "$1 is not empty:"
        sed 's/^/    /' "$1" | head -n 20
        failed=1
    }
}
# same A B
same() {
    cmp "$1" "$2" || {
        diff "$1" "$2" | head -n 10
        failed=1
    }
}
# counted TEXT NUMBER: what `firewatch parse` counted, in ./err
counted() {
    grep -qxE " *$2  $1" err || {
        echo "err does not count $2 $1:"
        sed 's/^/    /' err
        failed=1
    }
}
skip() {
    echo "$*"
    exit 77
}
have() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# scan N: N lines of a source that tries N addresses, denied, one a second
scan() {
    awk -v n="$1" 'BEGIN {
        for (i = 0; i < n; i++)
            printf "Oct 12 08:%02d:%02d fw1 kernel: [%d.000001] IN=eth0 OUT=eth1 SRC=192.0.2.66 DST=10.1.%d.%d LEN=60" \
                " TOS=0x00 PREC=0x00 TTL=52 ID=%d DF PROTO=TCP SPT=%d DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0 \n",
                i / 60 % 60, i % 60, 1000 + i, 1 + i / 250, 1 + i % 250, 1 + i % 60000, 1024 + i % 60000
    }' | sed 's/kernel: \[\([^]]*\)\]/kernel: [\1] FORWARD-DROP:/'
}
REFERENCE=2026-11-01T00:00:00Z
