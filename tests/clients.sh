#!/usr/bin/env bash
# Get ready for the tests with public clients: an environment of their own, .venv-clients. `make test` calls it.
# Never fails a run: where no registry can be reached these tests are skipped, and say so.
set -uo pipefail
cd "$(dirname "$0")/.."

locked=tests/clients/requirements.txt
folder=.venv-clients
say() { printf 'clients: %s\n' "$*" >&2; }

# The stamp holds what was installed: another lock file is another environment.
cmp -s "$locked" "$folder/.installed" && exit 0

say "installing the public clients into $folder (once; some seconds)"
log=$(mktemp)
if {
  rm -f "$folder/.installed"
  [ -x "$folder/bin/python" ] || .venv/bin/python -m venv "$folder"
  # uv is quick; pip knows every way an index can be configured.
  .venv/bin/uv pip sync --quiet --python "$folder/bin/python" --require-hashes "$locked" ||
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$locked"
} >"$log" 2>&1; then
  cp "$locked" "$folder/.installed"
else
  say "*** THE TESTS WITH PUBLIC CLIENTS WILL BE SKIPPED: they could not be installed. Last lines:"
  tail -n 5 "$log" >&2
fi
rm -f "$log"
exit 0
