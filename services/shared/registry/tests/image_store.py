"""Registries of images for tests: one in this process, and Debian's `docker-registry`."""

import hashlib
import shutil
import socket
import subprocess
import threading
import urllib.request
from base64 import b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PASSWORD = b64encode(b"somebody:secret").decode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if not self._turned_away():
            _, _, kind, name = self.path.rsplit("/", 3)
            found = (self.store.blobs if kind == "blobs" else self.store.manifests).get(name)
            self._answer(*((404,) if found is None else (200, found)))

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        if not self._turned_away():
            self._answer(202, Location=f"{self.path}one?state=x")

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self._turned_away():
            return
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if "/blobs/uploads/" in self.path:
            self.store.uploads += 1
            self.store.blobs[digest] = content
            self._answer(201 if self.path.endswith(f"digest={digest}") else 400)
        else:
            for name in (digest, self.path.rpartition("/")[2]):
                self.store.manifests[name] = content
            self._answer(201)

    @property
    def store(self):
        return self.server.store

    def _turned_away(self):
        if self.path.startswith("/token"):
            known = self.headers.get("Authorization") == f"Basic {PASSWORD}"
            self._answer(200 if known else 401, b'{"token": "t"}')
            return True
        if self.store.closed and self.headers.get("Authorization") != "Bearer t":
            realm = f'Bearer realm="http://{self.headers["Host"]}/token",service="s",scope="x"'
            self._answer(401, Www_Authenticate=realm)
            return True
        return False

    def _answer(self, status, content=b"", **headers):
        self.send_response(status)
        for name, value in ({"Content-Length": len(content)} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content if self.command != "HEAD" else b"")


class Kept:
    """What the distribution API asks of a registry, kept in memory.

    With `closed`, it lets in who has a password.
    """

    def __init__(self):
        self.blobs, self.manifests = {}, {}
        self.closed, self.uploads = False, 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.store = self
        self.address = f"127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self):
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def damage(self, digest):
        content = bytearray(self.blobs[digest])
        content[600] ^= 1
        self.blobs[digest] = bytes(content)


class Distribution:
    """The CNCF's registry, Debian's package."""

    def __init__(self, folder):
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"

    @contextmanager
    def serving(self):
        program = shutil.which("docker-registry")
        assert program, "docker-registry is not installed (Debian: apt-get install docker-registry)"
        file = self._folder / "config.yml"
        file.write_text(
            f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '{self.address}'}}\n"
            f"storage: {{filesystem: {{rootdirectory: {self._folder / 'data'}}}}}\n"
        )
        with (self._folder / "log").open("wb") as log:
            process = subprocess.Popen([program, "serve", file], stdout=log, stderr=log)
        try:
            for _ in range(2000):
                if process.poll() is None and self._answers():
                    break
            else:
                raise AssertionError((self._folder / "log").read_text())
            yield self
        finally:
            process.terminate()
            process.wait(20)

    def _answers(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}/v2/", timeout=5):
                return True
        except OSError:
            return False

    def damage(self, digest):
        kind, name = digest.split(":")
        path = self._folder / "data/docker/registry/v2/blobs" / kind / name[:2] / name / "data"
        content = bytearray(path.read_bytes())
        content[600] ^= 1
        path.write_bytes(content)
