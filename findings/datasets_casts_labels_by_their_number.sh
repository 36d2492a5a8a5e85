#!/usr/bin/env bash
# Hugging Face datasets 5.2.0: cast() of a data set to the features of another, whose ClassLabel has the same names in another order
# or some more.
#
# Expected: a label is its name and the number is how it is stored; cast() from names as strings looks them up, and concatenating
# the two sets is refused because their features differ. Casting one to the other's features, which then lets them be joined, finds
# each name's new number or says that it cannot.
# Seen: the numbers stay and the names change. What was "chair" is "lamp", in every row; of sets whose classes were numbered
# by folder or by class_encode_column(), each from what it happens to contain, all labels behind the first missing class move by
# one. Fewer classes are refused only if a number is too high. align_labels_with_mapping() does what one means.
#
# So labels are joined as strings, or by align_labels_with_mapping().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0
cd "$folder"
HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" HF_DATASETS_DISABLE_PROGRESS_BARS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from datasets import Dataset, concatenate_datasets


def things(*names):
    """A data set as one reads it: names, numbered by what there is."""
    return Dataset.from_dict({"thing": list(names)}).class_encode_column("thing")


def told(rows):
    return rows.features["thing"].int2str(rows["thing"][:])


first, second = things("bed", "chair", "lamp"), things("chair", "lamp", "chair")
try:
    concatenate_datasets([first, second])
except ValueError as error:
    print("joined as they are:", str(error)[:60])
else:
    raise SystemExit("sets with other labels are joined now")
cast = concatenate_datasets([first, second.cast(first.features)])
names = first.features["thing"].names
aligned = second.align_labels_with_mapping({name: number for number, name in enumerate(names)}, "thing")
text = Dataset.from_dict({"thing": ["chair", "lamp"]}).cast(first.features)
print("second set:", told(second), "cast:", told(cast)[3:], "aligned:", told(aligned), "cast from text:", told(text))
assert told(second) == told(aligned) == ["chair", "lamp", "chair"]
assert told(text) == ["chair", "lamp"]
assert told(cast) == ["bed", "chair", "lamp", "bed", "chair", "bed"], "names are looked up now"
PYTHON
echo "seen: as described"
