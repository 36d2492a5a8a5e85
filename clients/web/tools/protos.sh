#!/usr/bin/env bash
# Generates src/gen from the contracts; with --check it only tells whether what is committed is current.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$(cd ../.. && pwd)
bin=${BIN:-$root/.venv/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$bin/python" "$root/protos/generate.py" --image "$work/image.binpb"
# The rules of values are the services' to check: their descriptors would be half of the page's types.
generate() {
  "$bin/buf" generate "$work/image.binpb" --path langdesign/design/v1/design.proto --exclude-type buf.validate "$@"
}
if [ "${1:-}" != "--check" ]; then
  generate
elif generate --output "$work/fresh" && ! diff -r src/gen "$work/fresh/src/gen" >/dev/null; then
  echo "the page's generated types are stale: run \`make web-protos\`" >&2
  exit 1
fi
