#!/bin/bash
# A module built with the headers of a release whose struct msg differs is refused when it loads, with a sentence.
# The headers are those of the build with one member more; and those of a build without NDEBUG.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

source=$(sed -n 's/^RSYSLOG_CPPFLAGS = -isystem \([^ ]*\).*/\1/p' "$BUILD/Makefile")
glue=$TOP/plugins/omfirewatch
read -r -a flags <<<"$(pkg-config --cflags lognorm libfastjson libestr)"

# misbuilt CONFIG-DIR SOURCE: the self-test alone, with entry points that do nothing
misbuilt() {
    cat >stub.c <<'STUB'
#include "config.h"
#include "rsyslog.h"
#include <stdlib.h>
#include <string.h>
#include "conf.h"
#include "syslogd-types.h"
#include "template.h"
#include "module-template.h"
#include "selftest.h"
MODULE_TYPE_OUTPUT;
MODULE_TYPE_NOKEEP;
DEF_OMOD_STATIC_DATA;
BEGINmodExit;
CODESTARTmodExit;
ENDmodExit;
BEGINqueryEtryPt;
CODESTARTqueryEtryPt;
    CODEqueryEtryPt_STD_MOD_QUERIES;
ENDqueryEtryPt;
BEGINmodInit();
CODESTARTmodInit;
    *ipIFVersProvided = CURR_MOD_IF_VERSION;
    CHKiRet(fwSelftest());
ENDmodInit;
STUB
    "${CC:-cc}" -w -shared -fPIC -o omfirewatch.so stub.c "$glue/selftest.c" -I"$1" -I"$glue" -I"$BUILD" "${flags[@]}" \
        -isystem "$2" -isystem "$2/runtime" -isystem "$2/grammar" -isystem "$2/tools"
}
refused() {
    echo "module(load=\"$WORK/omfirewatch.so\") action(type=\"omfile\" file=\"$WORK/out\")" >rsyslog.conf
    "$RSYSLOGD" -N1 -f "$WORK/rsyslog.conf" >said 2>&1 && { echo "it was loaded"; return 1; }
    cat said
    grep -q 'omfirewatch: this module was built for rsyslog .* does not fit' said
}

# 1. one member more in a message
mkdir -p other
cp -r "$source/." other/ 2>/dev/null
sed -i 's/^struct msg {/&\n\tvoid *oneMore; void *another;/' other/runtime/msg.h
grep -q oneMore other/runtime/msg.h || { echo "runtime/msg.h has changed its looks"; exit 1; }
misbuilt "$glue/rsyslog" other && refused || exit 1

# 2. no NDEBUG
mkdir -p debug
sed 's/^#define NDEBUG.*/#undef NDEBUG/' "$glue/rsyslog/config.h" >debug/config.h
misbuilt "$PWD/debug" "$source" && refused
