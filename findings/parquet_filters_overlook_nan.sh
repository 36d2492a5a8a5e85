#!/usr/bin/env bash
# pyarrow 26.0.1: looking for NaN in a Parquet file with a filter.
#
# Expected: a filter gives the same rows whether a table is filtered after reading or while it is read; the statistics of
# a file only save work.
# Seen: a row group's least and greatest value do not know of NaN, and the reader believes them. A search for scores that
# are not within 0..1 finds the NaN in memory and nothing in the file, and is_nan() itself finds none where all the other
# values of the row group are equal (a score of 1.0 throughout, a constant weight). Whether "!=" gives the NaN depends on
# its neighbours, that is, on row_group_size. So a check of a data set before training passes, and the loss is NaN.
#
# So NaN is searched for in what has been read, or is written as null.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import pyarrow
import pyarrow.compute as pc
import pyarrow.parquet as pq

score = pc.field("score")
outside, unlike, nan = ~((score >= 0) & (score <= 1)), score != 1.0, pc.is_nan(score)


def rows(scores, filter_, **options):
    """How many rows pass in memory, and in a file of the same table."""
    table = pyarrow.table({"score": pyarrow.array(scores, pyarrow.float64())})
    pq.write_table(table, "index.parquet", **options)
    return table.filter(filter_).num_rows, pq.read_table("index.parquet", filters=filter_).num_rows


varied, constant = [0.25, float("nan"), 0.75], [1.0, float("nan"), 1.0]
seen = {
    "varied scores, not within 0..1": rows(varied, outside),
    "varied scores, is_nan": rows(varied, nan),
    "equal scores, is_nan": rows(constant, nan),
    "equal scores, not 1": rows(constant, unlike),
    "equal scores, not 1, a row group for each row": rows(constant, unlike, row_group_size=1),
    "equal scores, is_nan, no statistics": rows(constant, nan, write_statistics=False),
}
for name, (memory, file) in seen.items():
    print(f"{name}: {memory} rows in memory, {file} in the file")
assert all(memory == 1 for memory, _ in seen.values())
found = [file for _, file in seen.values()]
assert found == [0, 1, 0, 0, 1, 1], "a file gives the rows that memory gives now"
PYTHON
echo "seen: as described"
