#!/usr/bin/env bash
# Hugging Face datasets 5.2.0: load_dataset("imagefolder", data_dir=...) of a folder of pictures without splits.
#
# Expected: a folder that has no train/ or test/ and no metadata is one split, "train", of all its pictures.
# Seen: a single file whose name has one of the words train, test, dev, eval, validation (and their like) between separators
# makes its word a split, and the pictures that have none belong to no split: they are not in the data set at all. Of
# kitchen-1.png, kitchen-2.png and kitchen-test-3.png one row is left, of a folder with "training room.png" the training room,
# and of the objects eval-chair/, sofa/ and lamp/ the chair. No warning; a set of thousands shrinks to the pictures that
# somebody tried things out with.
#
# So data_files={"train": "**"} is said instead, and the rows are compared with the files.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pillow==13.0.0
cd "$folder"
HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" -W error::UserWarning - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from pathlib import Path

import datasets
from PIL import Image

datasets.disable_progress_bars()


def rows(folder, *names, **files):
    for name in names:
        (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(Path(folder) / name)
    loaded = datasets.load_dataset("imagefolder", data_dir=folder, **files)
    return {split: rows.num_rows for split, rows in loaded.items()}


FOLDERS = {
    "kitchens": ("kitchen-1.png", "kitchen-2.png", "kitchen-3.png"),
    "tried": ("kitchen-1.png", "kitchen-2.png", "kitchen-test-3.png"),
    "rooms": ("living room.png", "training room.png", "bedroom.png"),
    "objects": ("eval-chair/1.png", "sofa/2.png", "lamp/3.png"),
}
seen = {folder: rows(folder, *names) for folder, names in FOLDERS.items()}
for folder, splits in seen.items():
    print(f"{', '.join(FOLDERS[folder])}: {splits}")
assert seen["kitchens"] == {"train": 3}
assert seen["tried"] == seen["objects"] == {"test": 1} and seen["rooms"] == {"train": 1}, "the others are there now"
assert rows("tried", data_files={"train": "**"}) == {"train": 3}
PYTHON
echo "seen: as described"
