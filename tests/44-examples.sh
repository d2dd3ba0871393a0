#!/bin/bash
# The examples, the quickstart among them, do what they say.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[[ ! -x $TOP/tests/examples.sh ]] || check examples "$TOP/tests/examples.sh"
