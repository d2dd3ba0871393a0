#!/bin/sh
# Makes ./configure, and brings the list of source files (sources.mk) in step
# with the tree. Run it after a checkout and after adding or removing a file.
set -e
cd "$(dirname "$0")"
tools/sources.sh
autoreconf --install "$@"
