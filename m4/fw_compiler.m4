# FW_COMPILER: warnings, hardening, sanitizers. Sets AM_CFLAGS, AM_LDFLAGS and
# FUZZ_LDFLAGS; what the user puts into CFLAGS and LDFLAGS comes after them.
AC_DEFUN([FW_COMPILER], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [warnings are errors])], [], [enable_werror=no])
AC_ARG_ENABLE([sanitizer],
    [AS_HELP_STRING([--enable-sanitizer=KINDS],
        [for the tests and the command: address,undefined or thread; without the module])],
    [fw_sanitizer=$enableval], [fw_sanitizer=no])
AC_ARG_ENABLE([fuzzing],
    [AS_HELP_STRING([--enable-fuzzing],
        [the fuzz targets become libFuzzer programs instead of replaying their corpus; needs clang])],
    [], [enable_fuzzing=no])

AM_CFLAGS="-std=gnu11 -fvisibility=hidden -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2"
AM_CFLAGS="$AM_CFLAGS -Wpointer-arith"
AM_LDFLAGS=
FUZZ_LDFLAGS=
AS_IF([test "$enable_werror" = yes], [AM_CFLAGS="$AM_CFLAGS -Werror"])

AS_IF([test "$enable_fuzzing" = yes], [
    AS_IF([test "$fw_sanitizer" = no], [fw_sanitizer=address,undefined])
    AM_CFLAGS="$AM_CFLAGS -fsanitize=fuzzer-no-link"
    FUZZ_LDFLAGS=-fsanitize=fuzzer
])
AM_CONDITIONAL([FUZZING], [test "$enable_fuzzing" = yes])

AS_IF([test "$fw_sanitizer" != no], [
    AM_CFLAGS="$AM_CFLAGS -fsanitize=$fw_sanitizer -fno-sanitize-recover=all -fno-omit-frame-pointer"
    AM_LDFLAGS="$AM_LDFLAGS -fsanitize=$fw_sanitizer"
], [
    # As Debian hardens its packages; FORTIFY_SOURCE needs an optimising compiler and may be the user's own.
    AM_CFLAGS="$AM_CFLAGS -fstack-protector-strong"
    AS_CASE(["$CPPFLAGS $CFLAGS"],
        [*_FORTIFY_SOURCE*], [],
        [*-O@<:@123s@:>@*], [AM_CFLAGS="$AM_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
    AM_LDFLAGS="$AM_LDFLAGS -Wl,-z,relro -Wl,-z,now"
])

AC_MSG_CHECKING([whether $CC takes our flags])
save_CFLAGS=$CFLAGS
save_LDFLAGS=$LDFLAGS
CFLAGS="$AM_CFLAGS $CFLAGS"
LDFLAGS="$AM_LDFLAGS $LDFLAGS"
AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([$CC cannot link a program with $AM_CFLAGS $AM_LDFLAGS (for a sanitizer its run-time library is needed: libclang-rt-dev for clang)])])
CFLAGS=$save_CFLAGS
LDFLAGS=$save_LDFLAGS

AC_SUBST([AM_CFLAGS])
AC_SUBST([AM_LDFLAGS])
AC_SUBST([FUZZ_LDFLAGS])
])
