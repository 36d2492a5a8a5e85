#!/usr/bin/env bash
# oras 0.2.43 (the Python client): push(files=["unet/model.safetensors", "vae/model.safetensors", ...]) and pull(), as the parts of
# a pipeline in diffusers' format lie, all of which have the same file names.
#
# Expected: what was pushed comes back where it lay, or two files of one name are refused at one of the two ends.
# Seen: push() titles each layer by the last part of its path, so that the folders are lost, and pull() writes one file over the
# other. Of four files two are left, the VAE's, and pull() answers with four paths. With overwrite=False it is the first that stays.
# The digests are right on both ways, so that nothing that is checked fails: a UNet has become a VAE in place.
#
# So a pipeline is pushed as one folder (which becomes one archive), or each layer gets its path by an annotation file.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check oras==0.2.43
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import oras.client

stored = {}  # blobs and manifests, by the last part of their address


class Registry(BaseHTTPRequestHandler):
    """Keep what is put, as much of OCI's distribution as one artifact needs."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.answer(202, location="/v2/models/blobs/uploads/1")

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        stored[digest] = stored[self.path.split("/")[-1]] = body
        self.answer(201, location=self.path)

    def do_GET(self):
        body = stored.get(self.path.split("/")[-1])
        self.answer(404 if body is None else 200, body or b"")

    do_HEAD = do_GET

    def answer(self, status, body=b"", location=None):
        self.send_response(status)
        if location is not None:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
threading.Thread(target=server.serve_forever, daemon=True).start()
host = f"127.0.0.1:{server.server_port}"
client = oras.client.OrasClient(hostname=host, insecure=True)

for part in ("unet", "vae"):
    Path(part).mkdir()
    for name in ("config.json", "model.safetensors"):
        Path(part, name).write_text(f"the {part}'s")
pushed = sorted(str(path) for path in Path().glob("*/*.*") if path.parts[0] in ("unet", "vae"))
client.push(target=f"{host}/models:room", files=pushed)
titles = [layer["annotations"]["org.opencontainers.image.title"] for layer in json.loads(stored["room"])["layers"]]
print(f"pushed {pushed}\ntitled {titles}")
assert titles == [Path(path).name for path in pushed], "titles have folders now"


def pulled(place, **options):
    """Return what lies in a folder after a pull, and how many paths pull() named."""
    named = client.pull(target=f"{host}/models:room", outdir=place, **options)
    there = {str(path.relative_to(place)): path.read_text() for path in sorted(Path(place).rglob("*.*"))}
    print(f"pulled {options or ''}: {len(named)} paths named, {there}")
    return there, len(named)


assert pulled("last") == ({"config.json": "the vae's", "model.safetensors": "the vae's"}, 4), "no file is lost now"
assert pulled("first", overwrite=False)[0] == {"config.json": "the unet's", "model.safetensors": "the unet's"}
server.shutdown()
PYTHON
echo "seen: as described"
