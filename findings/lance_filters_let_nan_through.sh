#!/usr/bin/env bash
# pylance 14.0.2 (the Lance format) beside pyarrow 26.0.1: a filter "score > 0.9" over scores of which some are NaN.
#
# Expected: a comparison with NaN is false, as in IEEE 754, numpy, pandas and pyarrow's own filters: pictures whose score could not
# be computed do not pass a gate.
# Seen: for Lance NaN is greater than every number and equal to itself, so that "score > 0.9" and "score >= 0.9" keep it; "score !=
# score", which finds NaN elsewhere, finds nothing. count_rows() counts alike. The same scores in the same Arrow table pass one gate
# and not the other, by the format of the file.
#
# So a filter of scores says "and not isnan(score)" as well, or NaN is written as null, which both drop.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pylance==14.0.2 pyarrow==26.0.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import lance
import pyarrow
import pyarrow.compute as pc

scores = pyarrow.table({"name": list("abcd"), "score": [0.95, 0.5, float("nan"), None]})
pairs = lance.write_dataset(scores, "pairs.lance")
field = pc.field("score")
gates = {
    "score > 0.9": field > 0.9,
    "score >= 0.9": field >= 0.9,
    "not (score <= 0.9)": ~(field <= 0.9),
    "score != score": field != field,
    "score > 0.9 and not isnan(score)": (field > 0.9) & ~pc.is_nan(field),
}
seen = {}
for gate, expression in gates.items():
    in_lance = "".join(pairs.to_table(filter=gate)["name"].to_pylist())
    assert pairs.count_rows(filter=gate) == len(in_lance)
    seen[gate] = in_lance, "".join(scores.filter(expression)["name"].to_pylist())
    print(f"{gate:33} Lance keeps {seen[gate][0] or '-':3} pyarrow {seen[gate][1] or '-'}")
assert seen["score > 0.9"] == seen["score >= 0.9"] == ("ac", "a"), "NaN is dropped now"
assert seen["not (score <= 0.9)"] == ("ac", "ac")
assert seen["score != score"] == ("", "c")
assert seen["score > 0.9 and not isnan(score)"] == ("a", "a")
PYTHON
echo "seen: as described"
