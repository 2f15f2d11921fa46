#!/usr/bin/env bash
# Opens a report in a real browser that can reach no network and checks that every figure was drawn, that its marks are
# there, and that the page's own security policy stopped nothing of the page.
#   tests/browser/check-report.sh report.html [figures expected]
set -euo pipefail

report=$(realpath "$1")
expected=${2:-}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "check-report: no chromium here; install it (Debian: apt-get install chromium)" >&2
    exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --host-resolver-rules="MAP * ~NOTFOUND" --user-data-dir="$work/profile" --enable-logging=stderr \
    --window-size=1200,2400 --virtual-time-budget=8000 --dump-dom "file://$report" >"$work/dom.html" 2>"$work/log"

fail() { echo "check-report: $report: $*" >&2; exit 1; }
count() { { grep -o -- "$1" "$work/marks.html" || true; } | wc -l; }

# The scripts hold the names of all marks: look at what they drew, not at them.
perl -0pe 's/<script\b.*?<\/script>//gs' "$work/dom.html" >"$work/marks.html"
figures=$(count '<figure class="figure">')
drawn=$(count '<div class="plot js-plotly-plot"')
traces=$(($(count '<g class="trace scatter') + $(count '<g class="hm')))
lines='<path class="(js-line|js-fill|point|xerror|yerror)"[^>]* d="M[^"]+"'
cells='<g class="hm"><image[^>]* href="data:image'
marks=$({ grep -oE "$lines|$cells" "$work/marks.html" || true; } | wc -l)
console=$(grep -E 'CONSOLE' "$work/log" | grep -iE 'refused|violat|error' || true)

[ -z "$console" ] || fail "the browser said: $console"
[ "$drawn" -eq "$figures" ] || fail "$figures figures, of which $drawn were drawn"
[ -z "$expected" ] || [ "$figures" -eq "$expected" ] || fail "expected $expected figures; found $figures"
[ "$figures" -eq 0 ] || [ "$traces" -ge "$figures" ] || fail "$figures figures with $traces traces"
[ "$figures" -eq 0 ] || [ "$marks" -ge "$figures" ] || fail "$figures figures with $marks marks"
echo "check-report: $figures figures drawn, $traces traces, $marks marks"
