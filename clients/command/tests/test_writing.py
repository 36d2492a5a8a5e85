"""A result is written whole, or not at all; what was there before stays until then."""

import io
import json
import os
import resource
import signal
import socket
import stat

import pytest
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign_client.errors import InvalidInputError, LangDesignError
from langdesign_client.media import Picture
from langdesign_command.cli import writing
from langdesign_command.cli.main import app
from PIL import Image
from typer.testing import CliRunner


@pytest.fixture
def small_files():
    """Let no file grow beyond 64 bytes, as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


def test_a_file_that_cannot_be_written_whole_leaves_what_was_there(tmp_path, small_files):
    out = tmp_path / "o.png"
    out.write_bytes(b"before")
    with pytest.raises(LangDesignError, match="cannot be written: file too large"):
        writing.write(out, bytes(4096))
    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]


def test_an_edit_whose_result_cannot_be_written_keeps_its_id(
    editor, serve_in_threads, picture_file, tmp_path, small_files
):
    address = serve_in_threads(
        lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(editor(), server)
    )
    edit = ["--addr", address, "edit", "--image", str(picture_file), "--instruction", "Paint it", "--whole"]
    out = tmp_path / "made" / "o.png"

    machines = CliRunner().invoke(app, [*edit, "--out", str(out), "--json"])
    people = CliRunner().invoke(app, [*edit, "--out", str(out)])

    assert (machines.exit_code, people.exit_code) == (1, 1)
    error = json.loads(machines.stderr)["error"]
    assert (error["operation_id"], error["resumable"]) == ("op-1", True)
    assert "await it with --resume op-2" in people.stderr
    assert list(out.parent.iterdir()) == []


def test_a_link_is_written_through(tmp_path):
    target, link = tmp_path / "target.png", tmp_path / "link.png"
    link.symlink_to(target)
    writing.check(link)
    assert not target.exists()
    writing.write(link, b"picture")
    assert link.is_symlink()
    assert target.read_bytes() == b"picture"


def test_a_check_leaves_an_empty_file_as_it_is(tmp_path):
    out = tmp_path / "o.png"
    out.touch()
    writing.check(out)
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("kind", ["pipe", "folder", "below a file", "socket"])
def test_what_is_no_file_is_refused_before_the_work(tmp_path, kind):
    out = tmp_path / "o.png"
    if kind == "pipe":
        os.mkfifo(out)
    elif kind == "folder":
        out.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(out))
    else:
        (tmp_path / "file").touch()
        out = tmp_path / "file" / "o.png"
    with pytest.raises(InvalidInputError, match="cannot be written"):
        writing.check(out)


def test_a_new_file_may_be_read_by_whom_the_umask_lets(tmp_path):
    before = os.umask(0o027)
    writing.write(tmp_path / "o.png", b"picture")
    os.umask(before)
    assert stat.S_IMODE((tmp_path / "o.png").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (Picture(blob="sha256:00"), "stored as sha256:00"),
        (Picture(), "came without its bytes"),
        (Picture(b"not a picture"), "answered with 13 bytes that are no PNG, JPEG or WebP"),
        (Picture(b"\x89PNG\r\n\x1a\n"), "answered with 8 bytes that are no PNG"),
    ],
)
def test_what_is_no_picture_becomes_no_file(picture, told):
    with pytest.raises(LangDesignError, match=told):
        writing.picture_bytes(picture)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_pictures_bytes_are_written_as_they_came(form):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, form)
    assert writing.picture_bytes(Picture(buffer.getvalue())) == buffer.getvalue()


def test_an_edit_that_brings_no_picture_writes_nothing_and_keeps_its_id(
    editor, serve_in_threads, picture_file, tmp_path
):
    class Unpictured(editor):
        def _result(self, result, request):
            super()._result(result, request)
            result.image.data = b"not a picture"

    address = serve_in_threads(
        lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(Unpictured(), server)
    )
    out = tmp_path / "made" / "o.png"
    edit = ["edit", "--image", str(picture_file), "--instruction", "Paint it", "--whole", "--out", str(out)]
    done = CliRunner().invoke(app, ["--addr", address, *edit])

    assert done.exit_code == 1
    assert "13 bytes that are no PNG, JPEG or WebP" in done.stderr
    assert "await it with --resume op-1" in done.stderr
    assert list(out.parent.iterdir()) == []
