#!/usr/bin/env bash
# pixelmatch 8.0.0 (npm; Node 18 or later): the number of differing pixels with {threshold: 0}, as pictures of a page or of edits are
# held to a reference.
#
# Expected: at threshold 0 any difference counts, as a single pixel that is one level darker does; 0 means that the pictures are equal.
# Seen: what looks antialiased is no difference, at any threshold. A disc that was moved by a third of a pixel or grew by 0.4, as in
# two rasterisers, a layout that slipped or a mask of another scale, differs in dozens of pixels along its outline, by up to
# half of all levels, and the count is 0. A test that asks for equality passes.
#
# So includeAA: true is set where equality is meant, or the bytes are compared.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" pixelmatch@8.0.0 >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
cat >seen.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import pixelmatch from "pixelmatch";

const side = 32;

// A black disc on white, each pixel as dark as the disc covers it.
function disc(radius, x = 16, y = 16) {
  const pixels = new Uint8ClampedArray(side * side * 4);
  for (let index = 0; index < side * side; index++) {
    const distance = Math.hypot((index % side) - x, Math.floor(index / side) - y);
    const level = Math.round(255 * Math.min(1, Math.max(0, distance - radius + 0.5)));
    pixels.set([level, level, level, 255], index * 4);
  }
  return pixels;
}

const counted = (a, b, options = {}) => pixelmatch(a, b, null, side, side, { threshold: 0, ...options });
const differences = (a, b) => [...a.keys()].filter((index) => index % 4 === 0).map((index) => Math.abs(a[index] - b[index]));
const here = disc(8);
const darker = here.slice();
darker[0] -= 1;
for (const [name, other] of [["moved by 0.3", disc(8, 16.3)], ["of radius 8.4", disc(8.4)]]) {
  const levels = differences(here, other);
  const differing = levels.filter((level) => level > 0).length;
  const all = counted(here, other, { includeAA: true });
  console.log(`a disc ${name}: ${differing} pixels differ, by up to ${Math.max(...levels)} levels; counted ${counted(here, other)}, with includeAA ${all}`);
  assert(differing > 50 && all === differing && Math.max(...levels) > 60);
  assert.equal(counted(here, other), 0, "an outline counts now");
}
console.log("one level in one pixel of the background: counted", counted(here, darker));
assert.equal(counted(here, darker), 1);
JAVASCRIPT
node seen.mjs
echo "seen: as described"
