#!/bin/bash
# Every command and every option is in the man page and in the completion.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
sed 's/\\-/-/g' "$SRCDIR/doc/man/firewatch.1" >page
# what the completion offers after these words; the last one is being typed
offers() {
    # shellcheck source=completions/firewatch disable=SC2034 # COMP_...
    (
        . "$SRCDIR/completions/firewatch"
        compopt() { :; }
        COMP_WORDS=("$FIREWATCH" "$@")
        COMP_CWORD=$#
        _firewatch
        printf '%s\n' "${COMPREPLY[@]}"
    )
}

"$FIREWATCH" --help | sed -n 's/^  \([a-z]\{3,\}\)  .*/\1/p' >commands
[ "$(wc -l <commands)" -ge 8 ] || { echo "few commands:"; cat commands; failed=1; }
offers "" >offered
offers help "" >helped
while read -r command; do
    grep -qx "$command" offered || { echo "the completion does not know $command"; failed=1; }
    grep -qx "$command" helped || { echo "the completion does not know help $command"; failed=1; }
    grep -qx "\.SS $command" page || { echo "the man page has no part about $command"; failed=1; }
    sed -n "/^\.SS $command\$/,/^\.S[SH] /p" page >part
    grep -qE "^\.B.*firewatch $command" page || { echo "no synopsis of $command"; failed=1; }
    offers "$command" - >options
    "$FIREWATCH" $command --help | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -e '--[a-z-]+' >own
    while read -r option; do
        grep -qxe "$option" options || { echo "the completion does not know $command $option"; failed=1; }
        # described in the command's part, or in another one that it refers to
        grep -qe "$option" part || { echo "the man page does not know $command $option"; failed=1; }
    done <own
done <commands
exit $failed
