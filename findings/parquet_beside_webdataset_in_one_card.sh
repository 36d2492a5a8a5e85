#!/usr/bin/env bash
# Hugging Face datasets 5.2.0 and a data set's card (README.md) with two configurations of different file types.
#
# Expected: `configs` in a card name files each, and each configuration is read by what its files are: shards as
# WebDataset, the index beside them as Parquet, which is how the same folders load one at a time.
# Seen: one reader serves all configurations of a card, chosen by what most of its files are. With two shards and one
# index, the index is opened as a tar archive and loading it fails; alone, with data_files, the same file loads.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0
mkdir "$folder/set"; cd "$folder"
HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON'
import io
import tarfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
from datasets import load_dataset

for name in ("0", "1"):
    with tarfile.open(f"set/{name}.tar", "w") as shard:
        entry = tarfile.TarInfo(f"{name}.caption.txt")
        entry.size = 4
        shard.addfile(entry, io.BytesIO(b"room"))
pyarrow.parquet.write_table(pyarrow.table({"score": [0.5, 0.25]}), "set/index.parquet")
Path("set/README.md").write_text(
    "---\nconfigs:\n- config_name: shards\n  data_files: '*.tar'\n"
    "- config_name: index\n  data_files: index.parquet\n---\n"
)
print("shards:", load_dataset("set", "shards", split="train").column_names)
alone = load_dataset("parquet", data_files="set/index.parquet", split="train")
print("index alone:", alone["score"][:])
try:
    rows = load_dataset("set", "index", split="train")
except Exception as error:
    causes, one = [], error
    while one is not None:
        causes.append(f"{type(one).__name__}: {one}".splitlines()[0])
        one = one.__cause__ or one.__context__
    print("index by the card:", *causes, sep="\n  ")
    assert any("ReadError" in cause or "tar" in cause.lower() or "header" in cause for cause in causes), causes
else:
    raise AssertionError(f"it loads now: {rows}")
PYTHON
echo "seen: as described"
