#!/bin/bash
# Sphinx reads doc/: every link inside (pages, sections, files) has its target, every page is in the contents, no warning.
command -v groff >/dev/null || { echo "groff is not installed (Debian: groff-base)"; exit 77; }
sphinx=/usr/bin/sphinx-build # Debian's, whatever python3 comes first
if [[ ! -x $sphinx ]] || ! /usr/bin/python3 -c 'import myst_parser' 2>/dev/null; then
    echo "sphinx-build or MyST is not installed (Debian: python3-sphinx python3-myst-parser)"
    exit 77
fi
set -e
"$sphinx" -q -W --keep-going -E -b html -d "$WORK/doctrees" "$TOP/doc" "$WORK/html"

cd "$WORK/html"
for page in index first-hour operations detectors detectors/worm man; do
    [[ -s $page.html ]] || { echo "there is no page $page.html"; exit 1; }
done
# The contents, a man page and an example are there, not only their frames.
grep -q 'class="caption"' index.html
grep -q 'href="detectors/worm.html"' detectors.html
grep -q 'NAME' man.html
grep -q 'href="_downloads/[^"]*/postgresql.sql"' destinations.html
[[ -s searchindex.js ]]

# A broken link of each kind is noticed.
mkdir "$WORK/broken"
cp "$TOP/doc/conf.py" "$WORK/broken/"
printf '# Index\n\n## Part\n\n- [page](page.md)\n' >"$WORK/broken/index.md"
printf '# Page\n\n[a](none.md), [b](index.md#none), [c](#none), [d](none.conf)\n' >"$WORK/broken/page.md"
printf '# Nobody leads here\n' >"$WORK/broken/orphan.md"
"$sphinx" -q -E -b html -d "$WORK/broken-doctrees" "$WORK/broken" "$WORK/broken-html" >"$WORK/told" 2>&1
for what in none.md 'index.md#none' '#none' none.conf "isn't included in any toctree"; do
    grep -qF -- "$what" "$WORK/told" || { cat "$WORK/told"; echo "not noticed: $what"; exit 1; }
done
