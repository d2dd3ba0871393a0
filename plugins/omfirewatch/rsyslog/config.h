/* config.h: what rsyslog's headers ask of a configure run that never was.
 *
 * Only the glue sees it. It must agree with the build of the daemon wherever a
 * define changes the layout of a structure or the code of a macro:
 * NDEBUG above all (without it every object has one more member and the module
 * reads garbage), the atomics, and FEATURE_REGEXP (a member of a template).
 * selftest.c looks at the result when the module is loaded.
 */
#ifndef FW_RSYSLOG_CONFIG_H
#define FW_RSYSLOG_CONFIG_H

/* for off64_t; so this file comes before every header */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#ifndef NDEBUG
#define NDEBUG 1
#endif

#define HAVE_ATOMIC_BUILTINS   1
#define HAVE_ATOMIC_BUILTINS64 1
#define FEATURE_REGEXP         1

#define HAVE_BUILTIN_EXPECT        1
#define HAVE_CLOCK_GETTIME         1
#define HAVE_LSEEK64               1
#define HAVE_PTHREAD_SETSCHEDPARAM 1
#define HAVE_STRNDUP               1
#define HAVE_SYS_EPOLL_H           1
#define SYSLOGD_PIDNAME            "rsyslogd.pid"
#define PATH_PIDFILE               "/run/rsyslogd.pid"

#endif
