#!/bin/bash
# Exit status and help.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

exits 2 "$FIREWATCH"
says err "Usage: firewatch COMMAND"
silent out
exits 0 "$FIREWATCH" --help
says out "replay"
silent err
exits 0 "$FIREWATCH" --version
grep -qE '^firewatch [0-9]+\.[0-9]+' out || { echo "no version: $(cat out)"; failed=1; }
exits 2 "$FIREWATCH" rplay
says err 'did you mean "replay"?'
exits 2 "$FIREWATCH" $'bad\033[31mname'
if grep -q $'\033' err; then echo "an escape sequence came through"; failed=1; fi

for command in parse replay check detectors diff why explain test; do
    exits 0 "$FIREWATCH" $command --help
    says out "Usage: firewatch $command"
    silent err
    cp out help
    exits 0 "$FIREWATCH" help $command
    same help out
    exits 2 "$FIREWATCH" $command --no-such-option
    says err "unknown option --no-such-option"
    says err "firewatch $command --help"
    silent out
    exits 2 "$FIREWATCH" $command -Z
    says err "unknown option -Z"
done
for command in parse replay; do
    exits 2 "$FIREWATCH" $command
    says err "needs a FILE"
    exits 2 "$FIREWATCH" $command -r
    says err "needs a value"
    exits 2 "$FIREWATCH" $command -r "$RULES" /nonexistent/file.log
    says err "/nonexistent/file.log: No such file or directory"
    exits 2 "$FIREWATCH" $command -r "$RULES" .
    says err "Is a directory"
    exits 2 "$FIREWATCH" $command -r /nonexistent/rules /dev/null
    says err "No such file or directory"
    exits 2 "$FIREWATCH" $command -r "$RULES" --reference yesterday /dev/null
    says err "must be a time"
    exits 0 "$FIREWATCH" $command -r "$RULES" --reference 2026-10-12T08:00:00+02:00 /dev/null
    exits 0 "$FIREWATCH" $command -r "$SRCDIR/rulebase" /dev/null
    exits 0 env FIREWATCH_RULEBASE="$RULES" "$FIREWATCH" $command /dev/null
done
exits 2 "$FIREWATCH" replay -r "$RULES" --kinds finding,nonsense /dev/null
says err "some of finding,summary,health"
exits 2 "$FIREWATCH" replay -r "$RULES" --max-memory 1MiB /dev/null
says err "at least 16MiB"
exits 2 "$FIREWATCH" replay -r "$RULES" --seed x /dev/null
exits 2 "$FIREWATCH" check policy.yaml
says err "-p policy.yaml"

# a file that is missing does not keep the others from being read
scan 3 >three.log
exits 2 "$FIREWATCH" parse -r "$RULES" three.log missing.log three.log
counted lines 6

# what cannot be written is not fine
[ -w /dev/full ] && for command in "parse -r $RULES three.log" "check -r $RULES" detectors --help; do
    # shellcheck disable=SC2086 # words
    "$FIREWATCH" $command >/dev/full 2>err
    status=$?
    [ $status = 2 ] || { echo "exit $status, not 2, with a full disk: $command"; failed=1; }
    says err "cannot write the output"
done
exit $failed
