#!/usr/bin/env bash
# skopeo 1.9.3 (Debian 12): copy of an image between two OCI layouts, whose layers are tar archives without compression, as layers
# of weights are, which do not compress.
#
# Expected: a copy is the image: digests are what OCI names things by, no conversion was asked for, and both sides are of one kind.
# Seen: the layers are compressed on the way, so that layers and manifest have other digests in the copy: a deployment pinned to the
# built image's digest does not find it, signatures and attestations refer to something else, and gigabytes of weights are
# compressed for nothing. Through "dir:" it stays as it was; an image of gzip layers keeps its digests everywhere.
#
# So copies are made with --preserve-digests, which keeps them or fails.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 skopeo=1.9.3+ds1-1+b10 libgpgme11 libdevmapper1.02.1 libassuan0 2>"$folder/log" || { cat "$folder/log"; exit 1; }
for package in *.deb; do dpkg-deb --extract "$package" debian; done
export LD_LIBRARY_PATH="$folder/debian/usr/lib/x86_64-linux-gnu:$folder/debian/lib/x86_64-linux-gnu"
skopeo() { "$folder/debian/usr/bin/skopeo" --insecure-policy "$@"; }
skopeo --version
python3 - <<'PYTHON'
import gzip
import hashlib
import io
import json
import os
import random
import tarfile


def stored(data):
    digest = hashlib.sha256(data).hexdigest()
    with open(f"built/blobs/sha256/{digest}", "wb") as file:
        file.write(data)
    return {"digest": f"sha256:{digest}", "size": len(data)}


os.makedirs("built/blobs/sha256")
weights, layer = random.Random(0).randbytes(100_000), io.BytesIO()
with tarfile.open(fileobj=layer, mode="w") as archive:
    entry = tarfile.TarInfo("weights.safetensors")
    entry.size = len(weights)
    archive.addfile(entry, io.BytesIO(weights))
kind, index = "application/vnd.oci.image", []
for name, suffix, data in (("plain", "", layer.getvalue()), ("gzip", "+gzip", gzip.compress(layer.getvalue(), mtime=0))):
    root = {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer.getvalue()).hexdigest()]}
    config = stored(json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": root}).encode())
    manifest = stored(json.dumps({
        "schemaVersion": 2, "mediaType": f"{kind}.manifest.v1+json", "config": {"mediaType": f"{kind}.config.v1+json", **config},
        "layers": [{"mediaType": f"{kind}.layer.v1.tar{suffix}", **stored(data)}]}).encode())
    index.append({"mediaType": f"{kind}.manifest.v1+json", **manifest, "annotations": {"org.opencontainers.image.ref.name": name}})
with open("built/oci-layout", "w") as file:
    file.write('{"imageLayoutVersion": "1.0.0"}')
with open("built/index.json", "w") as file:
    json.dump({"schemaVersion": 2, "manifests": index}, file)
PYTHON
digest() { skopeo inspect --raw "$1" | sha256sum | cut -c 1-12; }
for layers in plain gzip; do
  skopeo copy --quiet "oci:built:$layers" "oci:copied:$layers"
  skopeo copy --quiet "oci:built:$layers" "dir:$layers"
  skopeo copy --quiet --preserve-digests "oci:built:$layers" "oci:kept:$layers"
  echo "$layers layers: built $(digest "oci:built:$layers"), copied $(digest "oci:copied:$layers"), to a folder" \
    "$(digest "dir:$layers"), with --preserve-digests $(digest "oci:kept:$layers")"
  [ "$(digest "oci:built:$layers")" = "$(digest "dir:$layers")" ] && [ "$(digest "oci:built:$layers")" = "$(digest "oci:kept:$layers")" ]
done
[ "$(digest oci:built:gzip)" = "$(digest oci:copied:gzip)" ]
[ "$(digest oci:built:plain)" != "$(digest oci:copied:plain)" ] || { echo "a copy is the image now"; exit 1; }
echo "seen: as described"
