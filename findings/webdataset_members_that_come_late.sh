#!/usr/bin/env bash
# Hugging Face datasets 5.2.0 reading a WebDataset shard (load_dataset("webdataset", ...)).
#
# Expected: a member that only some samples have (a mask, say) becomes a column that is empty for the others, or the
# reader complains. Seen: the columns are those of the first five samples. A member that first appears in the sixth is
# not in the dataset at all, for any sample, with no error and no warning. webdataset 1.0.2 itself gives every member.
#
# So every sample of a shard should carry the same members, and an index beside the shards should be the truth.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 webdataset==1.0.2
cd "$folder"
HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" -W error::UserWarning - <<'PYTHON'
import io
import tarfile

import webdataset
from datasets import load_dataset

with tarfile.open("shard.tar", "w") as shard:
    for number in range(8):
        members = {"caption.txt": f"room {number}"}
        if number >= 5:
            members["mask.txt"] = f"mask {number}"
        for name, text in members.items():
            data = text.encode()
            entry = tarfile.TarInfo(f"{number:03d}.{name}")
            entry.size = len(data)
            shard.addfile(entry, io.BytesIO(data))

rows = load_dataset("webdataset", data_files="shard.tar", split="train")
own = list(webdataset.WebDataset("shard.tar", shardshuffle=False).decode())
print("datasets 5.2.0 columns:", rows.column_names)
print("webdataset 1.0.2, sixth sample:", sorted(key for key in own[5] if not key.startswith("__")))
assert len(rows) == 8
assert "mask.txt" not in rows.column_names, "the late member is there now"
assert own[5]["mask.txt"] == "mask 5"
PYTHON
echo "seen: as described"
