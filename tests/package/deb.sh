#!/bin/bash
# The Debian packages are built from what git knows, lintian is content, and they depend on the release of rsyslog that
# they were built for. They stay in $BUILD/deb.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

for tool in dpkg-buildpackage dh lintian git; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[[ -x /usr/bin/sphinx-build ]] && /usr/bin/python3 -c 'import myst_parser' 2>/dev/null ||
    skip "sphinx-build or MyST is not installed (Debian: python3-sphinx python3-myst-parser)"
git -C "$TOP" ls-files >/dev/null 2>&1 || skip "not a git checkout"
source=$(sed -n 's/^RSYSLOG_CPPFLAGS = -isystem \([^ ]*\).*/\1/p' "$BUILD/Makefile")
[[ -d $source ]] || skip "built without rsyslog's headers"

# The unit tests are a stage of their own.
rm -rf "$BUILD/deb"
# as doc/packaging.md tells it, with the headers that are here
told=$(sed -n 's,^tools/\(build-deb.sh.*\),\1,p' "$TOP/doc/packaging.md" | head -n 1)
[[ -n $told ]] || { echo "doc/packaging.md does not tell how to build"; exit 1; }
read -r -a command <<<"$told"
DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$FW_JOBS" \
    "$TOP/tools/${command[0]}" "${command[@]:1}" --rsyslog-src "$source" "$BUILD/deb" || exit 1

release=$("$TOP/tools/rsyslog-range.sh" "$source")
module=$(echo "$BUILD"/deb/rsyslog-firewatch_*.deb)
depends=$(dpkg-deb -f "$module" Depends)
[[ $depends = *"rsyslog (>= ${release% *}~), rsyslog (<< ${release#* }~)"* ]] ||
    { echo "it depends on: $depends"; exit 1; }
# what the range is about: this release and Debian's repairs of it, not the next one
fits() {
    dpkg --compare-versions "$1" ge "${release% *}~" && dpkg --compare-versions "$1" lt "${release#* }~"
}
fits "${release% *}-1+deb12u9" && fits "${release% *}-1~bpo12+1" && ! fits "${release#* }.0-1" && ! fits 8.2208.0-1 ||
    { echo "the range $release is wrong"; exit 1; }
dpkg-deb -c "$module" >contents
for file in /usr/share/firewatch/rulebase/firewatch.rulebase /usr/share/man/man5/omfirewatch.5.gz \
    /etc/apparmor.d/rsyslog.d/rsyslog-firewatch /etc/logrotate.d/firewatch /etc/lnav/formats/firewatch/firewatch.json \
    /usr/share/doc/rsyslog-firewatch/README.Debian /usr/share/doc/rsyslog-firewatch/examples/policy.yaml; do
    grep -q " \.$file$" contents || { echo "$file is not in the package"; exit 1; }
done

# the manual: what a page links to is there
dpkg-deb -x "$BUILD"/deb/rsyslog-firewatch-doc_*.deb manual
cd manual/usr/share/doc/rsyslog-firewatch/html || exit 1
find . -name '*.html' | while read -r page; do
    grep -o '\(href\|src\)="[^"#:]*["#]' "$page" | sed 's/^[a-z]*="//; s/["#]$//' | sort -u | while read -r link; do
        # scripts of Sphinx are links to another package
        [[ -z $link || -e $(dirname "$page")/$link || -L $(dirname "$page")/$link ]] || echo "$page: $link is not there"
    done
done >"$WORK/dead"
[[ ! -s $WORK/dead ]] || { head "$WORK/dead"; exit 1; }
[[ $(find . -name '*.html' | wc -l) -gt 40 ]] || { echo "pages are missing"; exit 1; }
