#!/bin/bash
# firewatch diff: what another policy finds in the same lines.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
differ() {
    local status=$1
    shift
    exits "$status" "$FIREWATCH" diff -r "$RULES" --reference $REFERENCE "$@"
}
cat >ours.yaml <<'Y'
roles: [{role: scanner, networks: [192.0.2.66], reason: "ours"}]
Y
cat >early.yaml <<'Y'
detectors: {addr_scan: {remote_threshold: 10}}
Y
cat >fewer.yaml <<'Y'
detectors: {mass_mail: {enabled: false}}
Y
echo 'detectors: {addr_scan: {remote_treshold: 10}}' >wrong.yaml
scan 30 >scan.log

differ 0 -p "" -p "" scan.log
silent out
says err "0 found anew, 0 silenced, 0 changed, 1 the same; 30 lines, 0 of them unparsed"
differ 1 -p "" -p ours.yaml scan.log
says out "- 2026-10-12T08:00:24Z  addr_scan: 192.0.2.66 tried"
says err "0 found anew, 1 silenced"
differ 1 -p ours.yaml -p "" scan.log
says out "+ 2026-10-12T08:00:24Z  addr_scan: 192.0.2.66 tried"
says err "1 found anew, 0 silenced"
differ 1 -p "" -p early.yaml scan.log
says out "~ 2026-10-12T08:00:09Z  addr_scan: 192.0.2.66 tried"
says out "(15 s earlier, "
says err "1 changed"
cp out earlier
differ 1 -p early.yaml -p "" scan.log
says out "(15 s later, "
# detectors that need other fields: two parsers, and the same result
differ 0 -p "" -p fewer.yaml scan.log
says err "1 the same"
gzip -k scan.log
differ 1 -p "" -p early.yaml scan.log.gz
same earlier out
differ 1 -p "" -p early.yaml - <scan.log
same earlier out
differ 0 -p "" -p early.yaml /dev/null
silent out

differ 2 -p "" scan.log
says err "needs two policies"
differ 2 -p "" -p "" -p "" scan.log
says err "one too many"
differ 2 -p "" -p ""
says err "needs a FILE"
differ 2 -p "" -p wrong.yaml scan.log
says err 'did you mean "remote_threshold"?'
differ 2 -p "" -p missing.yaml scan.log
differ 2 -p "" -p ours.yaml missing.log
says err "missing.log: No such file or directory"

# what a log says is not for the terminal to obey
printf 'Oct 12 08:00:00 fw1\033[31m kernel: \033]0;x\007\n' | cat - scan.log >hostile.log
differ 1 -p "" -p ours.yaml hostile.log
if grep -q $'\033' out err; then echo "an escape sequence came through"; failed=1; fi
exit $failed
