#!/bin/sh
# Tells which releases of rsyslog a module fits that was built with these headers.
#
#   tools/rsyslog-range.sh [--debian | --rpm] DIR
#
# DIR is the source tree that configure was given. Structures change between
# releases while the number of the module interface stays, so a module fits the
# release of its headers: 8.2302.0, its point releases 8.2302.1 and so on, and
# what distributions make of them. Prints the two ends, or the dependency as
# debian/control or an RPM spec has it.
set -eu

form=plain
case ${1-} in
--debian | --rpm)
    form=${1#--}
    shift
    ;;
esac
[ $# = 1 ] && [ -f "$1/configure.ac" ] || {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '/^set /d' >&2
    exit 2
}
version=$(sed -n 's/^AC_INIT(\[rsyslog\],\[\([0-9][0-9.]*[0-9]\).*/\1/p' "$1/configure.ac")
major=${version%%.*}
minor=${version#*.}
minor=${minor%%.*}
case $major:$minor in
*[!0-9:]* | :* | *:)
    echo "rsyslog-range: $1/configure.ac names no release of rsyslog" >&2
    exit 1
    ;;
esac
from=$major.$minor.0
below=$major.$((minor + 1))
case $form in
debian) echo "rsyslog:Depends=rsyslog (>= $from~), rsyslog (<< $below~)" ;;
rpm) echo "rsyslog >= $from, rsyslog < $below" ;;
*) echo "$from $below" ;;
esac
