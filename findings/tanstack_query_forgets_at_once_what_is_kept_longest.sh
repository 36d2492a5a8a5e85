#!/usr/bin/env bash
# @tanstack/query-core 5.108.4 (npm; in Node, and in browsers alike): gcTime, how long a result that nothing shows is kept.
#
# Expected: longer is longer: 30 days keep more than 20, as for a page that stays open, or whose cache is stored in IndexedDB.
# Seen: 30 days are not kept at all. The number goes to setTimeout as it is, which takes 32 bits of milliseconds (24.8 days) and fires at
# once beyond them, so that the result is gone when the component that asked for it is, and each mount asks anew. staleTime of 30 days
# does hold, for what is there; Infinity holds for both, since no timer is set. Node writes a warning that names no query; browsers
# write none.
#
# So gcTime is Infinity, or at most 24 days.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" @tanstack/query-core@5.108.4 >"$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
cat >keep.mjs <<'JAVASCRIPT'
import assert from "node:assert/strict";
import { QueryClient } from "@tanstack/query-core";

const DAY = 24 * 60 * 60 * 1000;
const client = new QueryClient();
for (const days of [20, 24, 25, 30, Infinity])
  await client.fetchQuery({ queryKey: [days], gcTime: days * DAY, staleTime: 30 * DAY, queryFn: async () => "a design" });
await new Promise((resolve) => setTimeout(resolve, 500));
const kept = [20, 24, 25, 30, Infinity].filter((days) => client.getQueryData([days]));
console.log("after half a second there are those of", kept.join(", "), "days");
client.clear();
assert.deepEqual(kept, [20, 24, Infinity], "long times are kept now");
JAVASCRIPT
node keep.mjs 2>"$folder/log" || { cat "$folder/log"; exit 1; }
echo "seen: as described"
