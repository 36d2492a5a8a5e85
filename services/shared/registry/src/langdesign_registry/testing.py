"""Registries of images for tests: one in this process, and the distribution project's program."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

PASSWORD = b64encode(b"somebody:secret").decode()
"""What `docker login` keeps of who may use a closed registry."""

_FLIPPED = 600  # the byte that damage changes, behind the first header of an archive
_START = 30.0  # seconds that the program may take


class _Server(ThreadingHTTPServer):
    store: KeptImages


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base
        """Say nothing: tests print figures alone."""

    def do_GET(self) -> None:
        """Answer with a blob or a manifest."""
        if not self._turned_away():
            _, _, kind, name = self.path.rsplit("/", 3)
            found = (self.store.blobs if kind == "blobs" else self.store.manifests).get(name)
            self._answer(*((404,) if found is None else (200, found)))

    def do_HEAD(self) -> None:
        """Say whether one is there."""
        self.do_GET()

    def do_POST(self) -> None:
        """Begin an upload."""
        if not self._turned_away():
            self._answer(202, Location=f"{self.path}one?state=x")

    def do_PUT(self) -> None:
        """Keep a blob or a manifest."""
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
    def store(self) -> KeptImages:
        """What the server keeps."""
        return cast("_Server", self.server).store

    def _turned_away(self) -> bool:
        if self.path.startswith("/token"):
            known = self.headers.get("Authorization") == f"Basic {PASSWORD}"
            self._answer(200 if known else 401, b'{"token": "t"}')
            return True
        if self.store.closed and self.headers.get("Authorization") != "Bearer t":
            realm = f'Bearer realm="http://{self.headers["Host"]}/token",service="s",scope="x"'
            self._answer(401, Www_Authenticate=realm)
            return True
        return False

    def _answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content if self.command != "HEAD" else b"")


class KeptImages:
    """What the distribution API asks of a registry, kept in memory.

    Attributes:
        address: `HOST:PORT`; it speaks plain HTTP.
        blobs: by digest.
        manifests: by digest and by tag.
        uploads: how many blobs came.
        closed: whether it lets in who has the password alone.

    """

    def __init__(self) -> None:
        """Listen on a free port; `serving` answers."""
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}
        self.closed, self.uploads = False, 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.store = self
        self.address = f"127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator[KeptImages]:
        """Answer while it is entered."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def damage(self, digest: str) -> None:
        """Change a bit of a blob, which keeps its name."""
        content = bytearray(self.blobs[digest])
        content[_FLIPPED] ^= 1
        self.blobs[digest] = bytes(content)


class Distribution:
    """The distribution project's registry, `docker-registry` of Debian, with its files in a folder.

    Attributes:
        address: `HOST:PORT`; it speaks plain HTTP.

    """

    def __init__(self, folder: Path) -> None:
        """Choose a free port; `serving` starts the program."""
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"

    @contextmanager
    def serving(self) -> Iterator[Distribution]:
        """Run the program while it is entered.

        Raises:
            RuntimeError: it is not installed, or does not start.

        """
        program = shutil.which("docker-registry")
        if program is None:
            raise RuntimeError("docker-registry is not installed (Debian: apt-get install docker-registry)")
        file = self._folder / "config.yml"
        file.write_text(
            f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '{self.address}'}}\n"
            f"storage: {{filesystem: {{rootdirectory: {self._folder / 'data'}}}}}\n"
        )
        with (self._folder / "log").open("wb") as log:
            process = subprocess.Popen([program, "serve", file], stdout=log, stderr=log)
        try:
            end = time.monotonic() + _START
            while not self._answers():
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((self._folder / "log").read_text())
                time.sleep(0.02)
            yield self
        finally:
            process.terminate()
            process.wait(20)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/v2/", timeout=5):
                return True
        except OSError:
            return False

    def damage(self, digest: str) -> None:
        """Change a bit of a blob, which keeps its name."""
        kind, name = digest.split(":")
        path = self._folder / "data/docker/registry/v2/blobs" / kind / name[:2] / name / "data"
        content = bytearray(path.read_bytes())
        content[_FLIPPED] ^= 1
        path.write_bytes(content)
