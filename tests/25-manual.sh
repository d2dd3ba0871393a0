#!/bin/bash
# The documentation as one book: Sphinx builds it without a warning, and what the code has is described.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
check book "$TOP/tests/manual.sh"
check parameters_of_the_module python3 "$TOP/tests/manual.py" parameters
check keys_of_the_policy python3 "$TOP/tests/manual.py" policy
check options_of_the_command python3 "$TOP/tests/manual.py" options
check counters_that_rise python3 "$TOP/tests/manual.py" counters
check links_outside python3 "$TOP/tests/manual.py" links
