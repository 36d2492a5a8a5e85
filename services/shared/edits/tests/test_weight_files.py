import pickle

import pytest
from langdesign_edits.weight_files import in_its_place

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (POINTER, "is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"),
        (b"<!DOCTYPE html>\n<title>Sign in</title>", "is a web page"),
        (b"\xef\xbb\xbf\n<html><body>404</body></html>", "is a web page"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "is an answer in XML"),
        (b"\x1f\x8b\x08\x00" + bytes(60), "is packed"),
    ],
)
def test_what_is_no_weights_is_told_as_what_it_is(tmp_path, content, told):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    assert in_its_place(path).startswith(told)


@pytest.mark.parametrize(
    "content", [pickle.dumps({}), b"PK\x03\x04" + bytes(60), b"\x40" + bytes(7) + b'{"weight":{}}']
)
def test_what_may_be_weights_is_left_to_its_loader(tmp_path, content):
    path = tmp_path / "model.ckpt"
    path.write_bytes(content)
    assert in_its_place(path) is None


def test_a_folder_is_no_file(tmp_path):
    assert in_its_place(tmp_path) == "is a folder; name the file of weights in it"
