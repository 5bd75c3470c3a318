#!/usr/bin/env bash
# Get ready for the browser tests: Chromium, and a font that draws Chinese. `make test` calls it.
# Never fails a run on a laptop; on CI (CI=true) a missing Chromium is an error, so that the
# browser tests cannot vanish from it in silence.
set -uo pipefail

say() { printf 'browser: %s\n' "$*" >&2; }

has_chromium() { [ -x /usr/bin/chromium ]; }

has_cjk_font() {
  compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null && return 0
  # Another font that draws Chinese (a desktop has its own) does as well.
  command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn family)" ]
}

wanted=()
has_chromium || wanted+=(chromium)
has_cjk_font || wanted+=(fonts-noto-cjk)
[ "${#wanted[@]}" -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  say "installing ${wanted[*]} with apt-get (once; a minute or two)"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  if ! { apt-get update && apt-get install -y --no-install-recommends "${wanted[@]}"; } >"$log" 2>&1; then
    say "apt-get could not install ${wanted[*]}; its last lines:"
    tail -n 5 "$log" >&2
  fi
  rm -f "$log"
fi

has_cjk_font || say "no Chinese font: screenshots will show boxes. Install fonts-noto-cjk."
has_chromium && exit 0

if [ "${CI:-}" = "true" ]; then
  say "/usr/bin/chromium is missing and could not be installed: CI must run the browser tests."
  exit 1
fi
say "*** /usr/bin/chromium is missing: THE BROWSER TESTS WILL BE SKIPPED. ***"
say "To run them: sudo apt-get install chromium fonts-noto-cjk"
exit 0
