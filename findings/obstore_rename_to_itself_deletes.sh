#!/usr/bin/env bash
# obstore 0.12.1: rename(store, path, path), as of a step that moves a result to its place and is run again, or whose place is
# the one where it already lies.
#
# Expected: nothing, as with POSIX rename(), os.replace() and obstore's own LocalStore, with which it was tried out.
# Seen: the object is gone. A store without a rename of its own copies and then deletes the source, without asking whether that
# is what it has just written; MemoryStore does, and of an S3Store one sees both requests go out, the DELETE right after the
# copy's success. No error. "/edits/1.png" is the same path as "edits/1.png" there, and likewise gone.
#
# So source and destination are compared before a rename, without their first slash.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check obstore==0.12.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import obstore
from obstore.store import LocalStore, MemoryStore, S3Store

requests = []


class Bucket(BaseHTTPRequestHandler):
    """So much of S3 as says yes to a copy and to a deletion."""

    def do_PUT(self):
        requests.append(f"{self.command} {self.path} from {self.headers.get('x-amz-copy-source')}")
        self.answered(200, b"<CopyObjectResult><ETag>&quot;1&quot;</ETag></CopyObjectResult>")

    def do_DELETE(self):
        requests.append(f"{self.command} {self.path}")
        self.answered(204, b"")

    def do_POST(self):
        requests.append(f"{self.command} {self.path} {self.rfile.read(int(self.headers['Content-Length'])).decode()}")
        self.answered(200, b"<DeleteResult><Deleted><Key>edits/1.png</Key></Deleted></DeleteResult>")

    def answered(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def left(store, to):
    obstore.put(store, "edits/1.png", b"picture")
    obstore.rename(store, "edits/1.png", to)
    return [found["path"] for batch in obstore.list(store) for found in batch]


seen = {}
for name, store in (("LocalStore", LocalStore("there", mkdir=True)), ("MemoryStore", MemoryStore())):
    for to in ("edits/1.png", "/edits/1.png"):
        seen[name, to] = left(store, to)
        print(f"{name}, edits/1.png renamed to {to}: left {seen[name, to]}")
bucket = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
threading.Thread(target=bucket.serve_forever, daemon=True).start()
store = S3Store("rooms", endpoint=f"http://127.0.0.1:{bucket.server_port}", region="r", access_key_id="a", secret_access_key="b",
                client_options={"allow_http": True})
obstore.rename(store, "edits/1.png", "edits/1.png")
bucket.shutdown()
print("S3Store:", *requests, sep="\n  ")
assert seen["LocalStore", "edits/1.png"] == ["edits/1.png"]
assert seen["MemoryStore", "edits/1.png"] == seen["MemoryStore", "/edits/1.png"] == [], "it is kept now"
assert len(requests) == 2 and requests[0].startswith("PUT") and "edits/1.png" in requests[1], "no deletion is sent now"
PYTHON
echo "seen: as described"
