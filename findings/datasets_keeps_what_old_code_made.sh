#!/usr/bin/env bash
# Hugging Face datasets 5.2.0: map() with a function that calls another module's, and Dataset.from_generator().
#
# Expected: results are cached by a hash of the data and the function, "recursively"; when the code that makes them is
# edited they are made anew, as happens when the mapped function itself is edited.
# Seen: functions of an imported module enter the hash by name alone. A fix in cleaning.py changes nothing in the data set
# that the next run gets, in a new process, although the script still imports and calls it. from_generator() looks at
# the generator's code and arguments, not at the file that it opens: a longer file gives the old rows. load_dataset() does
# look at its files, so one trusts the rest as well.
#
# So what a step depends on (version of the code, digest of the files) is an argument of it: fn_kwargs, gen_kwargs.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0
cd "$folder"
cat > run.py <<'PYTHON'
import sys

import datasets

import cleaning

datasets.disable_progress_bars()


def clean(row, version=None):
    return {"caption": cleaning.clean(row["caption"])}


def lines(version=None):
    with open("captions.txt") as captions:
        for line in captions:
            yield {"caption": line.strip()}


if __name__ == "__main__":
    told = {"version": sys.argv[1]} if sys.argv[1:] else None
    rows = datasets.load_dataset("json", data_files="rows.jsonl", split="train").map(clean, fn_kwargs=told)
    print("map", rows["caption"][0], "- direct", clean({"caption": "A Room"})["caption"],
          "- from_generator", len(datasets.Dataset.from_generator(lines, gen_kwargs=told)), "rows")
PYTHON
run() { HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" PYTHONDONTWRITEBYTECODE=1 "$folder/venv/bin/python" run.py "$@" 2>"$folder/log" || { cat "$folder/log"; exit 1; }; }
printf '{"caption": "A Room"}\n' > rows.jsonl
printf 'one\n' > captions.txt
printf 'def clean(text):\n    return text\n' > cleaning.py
before=$(run)
printf 'one\ntwo\n' > captions.txt
printf 'def clean(text):\n    return text.lower()\n' > cleaning.py
after=$(run); told=$(run 2)
printf '%s\n' "before: $before" "after the code and the file were edited: $after" "and a version is an argument: $told"
[ "$before" = "map A Room - direct A Room - from_generator 1 rows" ]
[ "$after" = "map A Room - direct a room - from_generator 1 rows" ] || { echo "it is made anew now, or otherwise"; exit 1; }
[ "$told" = "map a room - direct a room - from_generator 2 rows" ]
echo "seen: as described"
