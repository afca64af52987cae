#!/bin/sh
# Writes requirements-dev.lock and requirements.lock from pyproject.toml; run by `make lock`.
#
# uv resolves for every platform and every Python from 3.11 at once and keeps the differences as markers, which
# pip alone cannot do; it lives in a temporary environment and is needed for nothing else. Pins that still fit
# are kept; `make lock LOCK_OPTIONS=--upgrade` takes the newest of everything.
set -eu
cd "$(dirname "$0")/.."

workshop=$(mktemp -d)
trap 'rm -rf "$workshop"' EXIT
trap 'exit 130' INT TERM

"${PYTHON:-python3}" -m venv "$workshop/venv"
"$workshop/venv/bin/pip" install --quiet --disable-pip-version-check uv

# Arguments: the file to write, what it is, the extra it pins, and the file whose pins it keeps; then options of uv.
compile() {
    target=$1 meaning=$2 extra=$3 kept=$4
    shift 4
    if [ -f "$kept" ]; then cp "$kept" "$workshop/pins"; else : > "$workshop/pins"; fi
    "$workshop/venv/bin/uv" pip compile pyproject.toml --extra "$extra" --universal --python-version 3.11 \
        --no-header --no-config --no-cache --quiet --output-file "$workshop/pins" "$@" > "$workshop/log" 2>&1 \
        || { cat "$workshop/log" >&2; exit 1; }
    {
        echo "# $meaning: every version pinned, for Python 3.11 and later on any platform."
        echo "# Written by \`make lock\` from pyproject.toml; not to be edited by hand."
        cat "$workshop/pins"
    } > "$workshop/locked"
    cp "$workshop/locked" "$target"
    echo "$target: $(grep -c '==' "$target") packages"
}

# $LOCK_OPTIONS is a list of options, split on purpose.
# shellcheck disable=SC2086
compile requirements-dev.lock "What tests, checks and benchmarks need" dev requirements-dev.lock ${LOCK_OPTIONS:-}
# The second starts from the pins of the first, so that what is tested is what runs.
compile requirements.lock "What a running installation needs" all requirements-dev.lock
