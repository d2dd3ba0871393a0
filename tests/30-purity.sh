#!/bin/bash
# The rooms keep to themselves: what the objects refer to, what the files include.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
rooms=$TOP/plugins/omfirewatch

# symbols FLAG ARCHIVE...: plain names, without versions
symbols() {
    local flag=$1
    shift
    nm -P "$flag" "$@" 2>/dev/null | awk 'NF > 1 { sub(/@.*/, "", $1); print $1 }' | sort -u
}
library() {
    "${CC:-cc}" -print-file-name="$1"
}
# needs_only_libc ROOM ALLOWED-ARCHIVE...
needs_only_libc() {
    local room=$BUILD/.libs/libfw$1.a
    shift
    { symbols -g "$room" "$@" >all; } || return 1
    nm -P --defined-only "$room" "$@" | awk 'NF > 1 { print $1 }' | sort -u >own
    symbols -u "$room" >used
    nm -D --defined-only -P "$(library libc.so.6)" "$(library libm.so.6)" |
        awk 'NF > 1 { sub(/@.*/, "", $1); print $1 }' | sort -u >libc
    [[ -s used && -s libc ]] || { echo "nothing to look at"; return 1; }
    # fw_detectors, fw_relations: the engine walks the tables in detect/registry.c
    printf '%s\n' _GLOBAL_OFFSET_TABLE_ fw_detectors fw_relations | sort - own libc | sort -u >known
    comm -23 used known >foreign
    [[ ! -s foreign ]] || { echo "neither its own nor libc's nor libm's:"; cat foreign; return 1; }
    # What libc has but a pure room must not: the wall clock, input and output, the environment, chance,
    # threads, the end of the process (abort is for a broken invariant in tests).
    grep -xE '(time|times|clock|gettimeofday|clock_gettime|clock_nanosleep|nanosleep|usleep|sleep|localtime(_r)?|mktime|tzset|strftime|setlocale|_*v?f?printf(_chk)?|putc|putchar|puts|fputs|fputc|fwrite|fread|fgets|perror|stdout|stderr|stdin|f?open(64)?|openat|read|write|p(read|write)(64)?|close|fclose|mmap|socket|send|recv|ioctl|syslog|getenv|s?rand(om)?(_r)?|drand48|getrandom|arc4random|pthread_.*|fork|exec.*|system|popen|_?exit|signal|sigaction|dlopen|dlsym)' \
        used >impure && { echo "a pure room must not call:"; cat impure; return 1; }
    return 0
}
# Constant tables only: nothing that one engine could leave behind for another.
has_no_globals() {
    objdump -t "$BUILD/.libs/libfw$1.a" |
        awk '$4 ~ /^\.(bss|data|tbss|tdata)(\.[^r].*)?$/ && $NF !~ /^\./ && $5 != "0000000000000000" { print; bad = 1 }
             / \*COM\* / { print; bad = 1 } END { exit bad }'
}
# includes_nothing_of ROOM PATTERN: what stands between the quotes or brackets of an #include, brackets and all
includes_nothing_of() {
    [[ -d $rooms/$1 ]] || return 0
    ! grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*($2)" -r "$rooms/$1" --include='*.[ch]'
}
# only_in ROOM PATTERN: the files outside of one room that include what only it may know
only_in() {
    local home=$1 pattern=$2 room bad=0
    for room in core detect parse rules policy cli; do
        [[ $room = "$home" ]] || includes_nothing_of "$room" "$pattern" || bad=1
    done
    return $bad
}
detectors_export_only_themselves() {
    local object name bad=0
    for object in "$BUILD"/plugins/omfirewatch/detect/.libs/det_*.o; do
        [[ -e $object ]] || continue
        name=$(basename "$object" .o)
        nm -P -g --defined-only "$object" | awk '{ print $1 }' | grep -vx "fw_$name" && bad=1
    done
    return $bad
}

core=$BUILD/.libs/libfwcore.a
check core_needs_only_libc needs_only_libc core
check detect_needs_only_core_and_libc needs_only_libc detect "$core"
check core_has_no_globals has_no_globals core
check detect_has_no_globals has_no_globals detect
check rules_have_no_globals has_no_globals rules
check parse_has_no_globals has_no_globals parse
# (the interface of a detector is what the engine calls: detect/detector.h is the one exception)
check core_includes_nothing_above includes_nothing_of core \
    '"(\.\./)?(detect/([^d]|d[^e])|parse/|rules/|policy/|cli/)|"(parser|policy|fw_config)\.h'
check detect_includes_only_core includes_nothing_of detect '"(\.\./)?(parse/|policy/|cli/)|"(parser|policy)\.h'
check rules_include_only_core_and_detect includes_nothing_of rules '"(\.\./)?(parse/|policy/|cli/)|"(parser|policy)\.h|[<"]yaml\.h'
check only_rules_include_pcre only_in rules '[<"]pcre2\.h'
check parse_includes_only_core includes_nothing_of parse '"(\.\./)?(detect/|policy/|cli/)|"(detector|policy)\.h'
check only_policy_includes_yaml only_in policy '[<"]yaml\.h'
check only_policy_includes_maxminddb only_in policy '[<"]maxminddb\.h'
check only_parse_includes_liblognorm only_in parse '[<"](liblognorm|lognorm|libestr|libfastjson/.*)\.h|<json\.h'
check only_the_glue_includes_rsyslog only_in glue '[<"](rsyslog|config|module-template)\.h'
check detectors_export_only_themselves detectors_export_only_themselves
