import json
import sqlite3
from contextlib import closing

import pytest
from langdesign_chassis.errors import StartError
from langdesign_chassis.testing import serving
from langdesign_database import open_transactions
from langdesign_editing.__main__ import main
from langdesign_editing.sampling import read_sampling
from langdesign_editing.settings import EditingSettings
from langdesign_editing.tables import MIGRATIONS
from langdesign_editing.wiring import SERVICE, register
from msgspec import structs


@pytest.fixture
def starting():
    """Starts the real wiring, up to where it would wait for Triton."""

    async def start(**values):
        settings = EditingSettings(decoders=1, **values)

        async def add(server, runtime):
            await register(server, runtime, settings)

        async with serving(add, SERVICE, wait_ready=False):
            pass

    return start


async def test_a_file_that_another_process_holds_ends_the_start_naming_the_hint(tmp_path, starting):
    path = str(tmp_path / "operations.sqlite")
    address = f"sqlite:///{path}"
    async with open_transactions(
        address, migrations=MIGRATIONS, setting="EDITING_OPERATIONS", exclusive=False
    ):
        with pytest.raises(StartError, match="no other replica uses"):
            await starting(operations=path)
    await starting(operations=path)


async def test_a_file_that_cannot_be_made_ends_the_start(starting):
    with pytest.raises(StartError, match=r"EDITING_OPERATIONS=sqlite:.* that this process can write"):
        await starting(operations="/proc/none/operations.sqlite")


async def test_a_file_of_before_there_were_migrations_is_taken_over(tmp_path, starting):
    path = tmp_path / "operations.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.execute("CREATE TABLE operations (id TEXT PRIMARY KEY) STRICT")
        old.execute("CREATE TABLE events (operation TEXT REFERENCES operations (id)) STRICT")
    await starting(operations=str(path))


async def test_blobs_of_an_unknown_store_end_the_start_in_one_line(starting):
    with pytest.raises(StartError, match=r"EDITING_BLOBS=s3x://foo .*s3://bucket") as caught:
        await starting(blobs="s3x://foo")
    assert "\n" not in str(caught.value)


async def test_a_checkpoints_sampling_that_cannot_be_read_ends_the_start(tmp_path, starting):
    path = tmp_path / "sampling.json"
    for text in (None, "guidance", '{"guidance_scale": 900}'):
        if text is not None:
            path.write_text(text)
        with pytest.raises(StartError, match="leave EDITING_SAMPLING out"):
            await starting(sampling=str(path))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"stepz": 20}', r"stepz is none of its keys; did you mean steps\?"),
        ('{"steps": 20, "colour": 1}', "colour is none of its keys; there are steps, guidance_scale"),
        ("version https://git-lfs.github.com/spec/v1\nsize 1\n", "is a Git LFS pointer.*git lfs pull"),
        ('{"steps": 900}', r"steps 1\.\.200"),
    ],
)
async def test_advice_of_a_models_own_folder_that_cannot_be_taken_ends_the_start(
    tmp_path, starting, text, told
):
    (tmp_path / "model_index.json").write_text("{}")
    path = tmp_path / "sampling.json"
    path.write_text(text)
    with pytest.raises(StartError, match=told) as caught:
        await starting(sampling=str(path))
    assert "EDITING_SAMPLING" not in str(caught.value)


def test_what_training_writes_is_taken_whole(tmp_path):
    written = {
        "steps": 12,
        "guidance_scale": 2.0,
        "image_guidance_scale": 1.0,
        "working_size": 128,
        "size_multiple": 32,
        "enlargement": 2.0,
        "focus": {"add": False},
    }
    path = tmp_path / "sampling.json"
    path.write_text(json.dumps(written))
    assert structs.asdict(read_sampling(path)) == written


def test_every_setting_is_listed_with_what_it_is(monkeypatch, capsys):
    monkeypatch.setenv("EDITING_KEEP_COUNT", "7")
    monkeypatch.setenv("REFERENCE_ADDR", "127.0.0.1:7002")
    monkeypatch.setattr("sys.argv", ["langdesign-editing", "--show-settings"])
    main()
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("EDITING_KEEP_COUNT=7  # ") for line in lines)
    assert any(line.startswith("REFERENCE_ADDR=127.0.0.1:7002  # ") for line in lines)
    assert any(line.startswith("EDITING_BLOBS=memory://  # ") for line in lines)
