# FW_RSYSLOG: finds rsyslog's headers, and refuses those of another rsyslogd
# than the installed one. Sets RSYSLOG_CPPFLAGS and fw_rsyslog_version.
#
# Debian ships no rsyslog headers; the source of the package has them
# (tools/get-rsyslog-src.sh). Their config.h is ours, plugins/omfirewatch/rsyslog/.
AC_DEFUN([FW_RSYSLOG], [
AC_ARG_WITH([rsyslog-src],
    [AS_HELP_STRING([--with-rsyslog-src=DIR],
        [an rsyslog source tree @<:@rsyslog-src in the build directory, fetched when it is not there@:>@])],
    [], [with_rsyslog_src=])
AC_ARG_WITH([rsyslogd-check],
    [AS_HELP_STRING([--without-rsyslogd-check], [build for another rsyslogd than the installed one])],
    [], [with_rsyslogd_check=yes])
AC_ARG_WITH([rsyslogd],
    [AS_HELP_STRING([--with-rsyslogd=PROGRAM], [the rsyslogd to build for and to test with @<:@the one in PATH@:>@])],
    [RSYSLOGD=$withval], [])
AC_ARG_VAR([RSYSLOGD], [the same as --with-rsyslogd])
AS_CASE([$RSYSLOGD], [yes | no], [AC_MSG_ERROR([--with-rsyslogd wants the path of a program])])

AS_IF([test -z "$with_rsyslog_src"], [
    with_rsyslog_src=rsyslog-src
    AS_IF([test ! -f rsyslog-src/runtime/rsyslog.h], [
        AC_MSG_NOTICE([fetching the source of the installed rsyslog into ./rsyslog-src])
        "$srcdir/tools/get-rsyslog-src.sh" rsyslog-src ||
            AC_MSG_ERROR([rsyslog's headers are missing: get a source tree of your rsyslog and say --with-rsyslog-src=DIR, or --disable-module])
    ])
])
AC_MSG_CHECKING([for rsyslog's headers])
AS_IF([test ! -f "$with_rsyslog_src/runtime/rsyslog.h"],
    [AC_MSG_ERROR([$with_rsyslog_src is no rsyslog source tree (it has no runtime/rsyslog.h)])])
rsyslog_src=`cd "$with_rsyslog_src" && pwd`
fw_rsyslog_version=`sed -n 's/^@<:@A@:>@C_INIT(\@<:@rsyslog\@:>@,\@<:@\(@<:@^@:>@@:>@*\)\@:>@.*/\1/p' "$rsyslog_src/configure.ac"`
AC_MSG_RESULT([$fw_rsyslog_version in $rsyslog_src])

# 8.2610 moved headers from the top into runtime/ and includes them as "runtime/...": all four directories, any release.
# -isystem: their warnings are not ours to mend.
RSYSLOG_CPPFLAGS="-isystem $rsyslog_src -isystem $rsyslog_src/runtime -isystem $rsyslog_src/grammar -isystem $rsyslog_src/tools"
AC_SUBST([RSYSLOG_CPPFLAGS])
AC_DEFINE_UNQUOTED([FW_RSYSLOG_VERSION], ["$fw_rsyslog_version"], [the rsyslog release whose headers were used])

AS_IF([test "$with_rsyslogd_check" != no], [
    AC_PATH_PROG([RSYSLOGD], [rsyslogd], [], [$PATH:/usr/sbin:/sbin:/usr/local/sbin])
    AC_MSG_CHECKING([that the installed rsyslogd is the same release])
    AS_IF([test -z "$RSYSLOGD"], [AC_MSG_ERROR([no rsyslogd found: install rsyslog, or say --without-rsyslogd-check])])
    fw_rsyslogd_version=`"$RSYSLOGD" -v | sed -n 's/^rsyslogd  *\(@<:@^ ,@:>@*\).*/\1/p'`
    AS_IF([test "$fw_rsyslogd_version" != "$fw_rsyslog_version"],
        [AC_MSG_ERROR([the headers are of rsyslog $fw_rsyslog_version, but $RSYSLOGD is $fw_rsyslogd_version: its structures differ, the module would read garbage. Fetch the right ones with $srcdir/tools/get-rsyslog-src.sh, or say --without-rsyslogd-check to build for another machine])])
    AC_MSG_RESULT([yes])
])

AC_MSG_CHECKING([that a module compiles with them])
save_CPPFLAGS=$CPPFLAGS
CPPFLAGS="-I$srcdir/plugins/omfirewatch/rsyslog $RSYSLOG_CPPFLAGS $FASTJSON_CFLAGS $ESTR_CFLAGS $CPPFLAGS"
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include "config.h"
#include "rsyslog.h"
#include "conf.h"
#include "syslogd-types.h"
#include "template.h"
#include "module-template.h"
#include "msg.h"
#include "ruleset.h"
#include "glbl.h"
#include "statsobj.h"]], [[smsg_t *m = 0; return msgConstruct(&m);]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([rsyslog's headers in $rsyslog_src do not compile, see config.log])])
CPPFLAGS=$save_CPPFLAGS
])
