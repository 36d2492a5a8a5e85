"""One small store of blobs, over a folder, memory and S3's protocol."""

import contextlib
import hashlib
import subprocess
import sys
import threading
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest
from langdesign_media import (
    BlobCorrupt,
    BlobNotFound,
    BlobStore,
    BlobStoreFull,
    BlobTooLarge,
    BlobUnavailable,
    digest,
)

MISSING = b"<Error><Code>NoSuchKey</Code></Error>"


class Bucket(BaseHTTPRequestHandler):
    """What S3 answers to whom may read and write: objects by path, nothing without a signature."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    """An answer leaves in one piece: its body would wait 40 ms for the word that its headers came (Nagle)."""

    def do_PUT(self):
        data = self.body()
        if self.is_allowed():
            path, _, part = self.path.partition("?")
            if part:
                self.server.parts.setdefault(path, []).append((int(part.split("=")[1].split("&")[0]), data))
            else:
                self.server.objects[path] = data
            self.answer(HTTPStatus.OK, b"", ETag=f'"{hashlib.md5(data).hexdigest()}"')

    def do_POST(self):
        """Begins and ends uploads in parts, and deletes many at once, as obstore deletes one."""
        data = self.body()
        path, _, action = self.path.partition("?")
        if not self.is_allowed():
            return
        if action.startswith("uploads"):
            self.answer(
                HTTPStatus.OK,
                b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>",
            )
        elif action.startswith("uploadId"):
            self.server.objects[path] = b"".join(part for _, part in sorted(self.server.parts.pop(path)))
            self.answer(
                HTTPStatus.OK,
                b"<CompleteMultipartUploadResult><ETag>0</ETag></CompleteMultipartUploadResult>",
            )
        else:
            keys = [key.text for key in ElementTree.fromstring(data).iterfind(".//{*}Key")]
            for key in keys:
                self.server.objects.pop(f"{path}/{key}", None)
            told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self.answer(HTTPStatus.OK, f"<DeleteResult>{told}</DeleteResult>".encode())

    def body(self):
        return self.rfile.read(int(self.headers["Content-Length"]))

    def do_GET(self):
        if not self.is_allowed():
            return
        data = self.server.objects.get(self.path)
        if data is None:
            self.answer(HTTPStatus.NOT_FOUND, MISSING)
        else:
            self.answer(HTTPStatus.OK, data, ETag='"0"', Last_Modified=formatdate(usegmt=True))

    def is_allowed(self):
        """Refuses who may not; what is decided is looked at once, or a request could get two answers."""
        signed = self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=me/")
        refused = not signed or self.server.refusals > 0
        if refused:
            self.server.refusals -= 1
            self.answer(HTTPStatus.FORBIDDEN, b"<Error><Code>AccessDenied</Code></Error>")
        return not refused

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def s3(monkeypatch):
    """A server that speaks S3's protocol; its `objects`, and how many requests it is to refuse."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    server.objects, server.parts, server.refusals = {}, {}, 0
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    for name, value in {"ACCESS_KEY_ID": "me", "SECRET_ACCESS_KEY": "s", "REGION": "eu"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    yield server
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture(params=["folder", "memory", "s3"])
def store(request, tmp_path):
    if request.param == "s3":
        request.getfixturevalue("s3")
    locations = {"folder": str(tmp_path / "blobs"), "memory": "memory://", "s3": "s3://bucket/prefix"}
    return BlobStore.open(locations[request.param])


async def test_bytes_come_back_under_their_digest(store):
    address = await store.put("acme", b"picture")
    assert address == digest(b"picture")
    assert await store.get("acme", address) == b"picture"


async def test_storing_again_changes_nothing(store, tmp_path):
    assert await store.put("acme", b"picture") == await store.put("acme", b"picture")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) <= 1


async def test_a_blob_of_another_tenant_is_not_found(store):
    address = await store.put("acme", b"picture")
    with pytest.raises(BlobNotFound):
        await store.get("other", address)


@pytest.mark.parametrize("tenant", ["..", "../acme", "a/b", "", "ț" * 300])
async def test_any_tenant_name_stays_within_its_own_folder(store, tenant):
    address = await store.put(tenant, b"mine")
    assert await store.get(tenant, address) == b"mine"
    with pytest.raises(BlobNotFound):
        await store.get("acme", address)


@pytest.mark.parametrize(
    "address", ["", "sha256:", "sha256:../../x", "md5:" + "0" * 64, "sha256:" + "A" * 64]
)
async def test_an_address_that_is_none_is_not_found(store, address):
    with pytest.raises(BlobNotFound, match="names no stored blob"):
        await store.get("acme", address)


async def test_bytes_that_changed_on_disk_are_never_returned(tmp_path):
    store = BlobStore.open(str(tmp_path))
    address = await store.put("acme", b"picture")
    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]
    path.write_bytes(b"another")
    with pytest.raises(BlobCorrupt):
        await store.get("acme", address)
    await store.put("acme", b"picture")
    assert await store.get("acme", address) == b"picture"


async def test_a_blob_above_the_limit_is_refused(store):
    address = await store.put("acme", b"picture")
    with pytest.raises(BlobTooLarge, match="at most 3"):
        await store.get("acme", address, max_bytes=3)


async def test_deleting_is_idempotent_and_within_a_namespace(store):
    address = await store.put("acme", b"picture")
    await store.within("results").put("acme", b"picture")
    for _ in range(2):
        await store.within("results").delete("acme", address)
    assert await store.get("acme", address) == b"picture"


async def test_an_empty_blob_and_a_large_one_come_back(store):
    for data in (b"", bytes(range(256)) * 40_000):
        assert await store.get("acme", await store.put("acme", data)) == data


async def test_namespaces_within_namespaces_are_apart(store):
    one, other = (store.within(f"results/{name}") for name in "ab")
    address = await one.put("acme", b"picture")
    with pytest.raises(BlobNotFound):
        await other.get("acme", address)
    await other.delete("acme", address)
    assert await one.get("acme", address) == b"picture"


async def test_a_folder_keeps_nothing_of_what_was_deleted(tmp_path):
    store = BlobStore.open(str(tmp_path / "blobs"))
    await store.delete("acme", await store.within("results/a").put("acme", b"picture"))
    await store.within("results/a").delete("acme", digest(b"picture"))
    assert list(tmp_path.rglob("*")) == [tmp_path / "blobs"]


async def test_a_bucket_holds_keys_below_its_prefix_and_no_name_of_a_tenant(s3):
    await BlobStore.open("s3://bucket/prefix").put("acme", b"picture")
    [path] = s3.objects
    assert path.startswith("/bucket/prefix/blobs/")
    assert path.endswith(digest(b"picture").removeprefix("sha256:"))
    assert "acme" not in path


async def test_a_bucket_that_refuses_is_unavailable_without_telling_where_it_is(s3):
    store = BlobStore.open("s3://bucket/prefix")
    address = await store.put("acme", b"picture")
    calls = (store.put("acme", b"x"), store.get("acme", address), store.delete("acme", address))
    s3.refusals = len(calls)
    for call in calls:
        with pytest.raises(BlobUnavailable) as caught:
            await call
        assert "bucket" not in str(caught.value)
    assert s3.refusals == 0
    assert await store.get("acme", address) == b"picture"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 128 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a full disk needs the right to mount one: run it as root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_says_so_keeps_what_it_holds_and_takes_more_once_there_is_room(small_disk):
    store = BlobStore.open(str(small_disk / "blobs"))
    kept = [await store.put("acme", bytes([number]) * 30_000) for number in range(3)]
    for _ in range(3):
        with pytest.raises(BlobStoreFull, match="the store is full; make room") as caught:
            await store.put("acme", b"picture" * 10_000)
        assert str(small_disk) not in str(caught.value)
    assert len([path for path in small_disk.rglob("*") if path.is_file()]) == 3
    for number, address in enumerate(kept):
        assert await store.get("acme", address) == bytes([number]) * 30_000
    with contextlib.suppress(BlobStoreFull):  # one that is there already may be put again
        assert await store.put("acme", bytes(30_000)) == kept[0]
    assert await store.get("acme", kept[0]) == bytes(30_000)
    await store.delete("acme", kept[1])
    await store.delete("acme", kept[2])
    assert await store.get("acme", await store.put("acme", b"picture" * 10_000)) == b"picture" * 10_000


async def test_a_store_that_fails_is_unavailable_without_telling_where_it_is(tmp_path):
    store = BlobStore.open(str(tmp_path / "blobs"))
    (tmp_path / "blobs" / "blobs").write_bytes(b"a file where the store wants a folder")
    with pytest.raises(BlobUnavailable) as caught:
        await store.put("acme", b"picture")
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_is_made_at_once_and_its_library_loaded_by_the_first_use(tmp_path):
    program = f"""
import asyncio, sys
from langdesign_media import BlobStore
store = BlobStore.open({str(tmp_path / "deep" / "folder")!r})
assert "obstore" not in sys.modules
address = asyncio.run(store.put("tenant", b"bytes"))
assert "obstore" in sys.modules
assert asyncio.run(store.get("tenant", address)) == b"bytes"
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert (tmp_path / "deep" / "folder").is_dir()


def test_what_is_no_folder_cannot_be_opened(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ValueError, match="cannot be opened as a blob store"):
        BlobStore.open(str(tmp_path / "file"))
