"""`langdesign designs` against a server that keeps designs in memory."""

import json

import langdesign_client
import pytest
from langdesign_command.cli.main import app
from typer.testing import CliRunner

ROOT = "designs/1/nodes/root"


@pytest.fixture
def service(designing):
    return designing(failing=["Fly"])


@pytest.fixture
def call(service, serve_designs, picture_file):
    """Runs `langdesign designs ARGUMENTS` where one design is; returns the result."""
    address = serve_designs(service)

    def invoke(*arguments):
        return CliRunner().invoke(
            app, ["--addr", address, "--timeout", "20", "designs", *map(str, arguments)]
        )

    assert (
        invoke("create", "--image", picture_file, "--title", "Bedroom").stdout == f"designs/1\nroot {ROOT}\n"
    )
    return invoke


def flat(text):
    return " ".join(text.split())


def test_candidates_of_an_edit_are_printed_by_name(call):
    done = call("edit", ROOT, "--instruction", "Paint it", "--candidates", 2, "--seed", 5, "--box", "1,1,4,4")

    assert done.stdout.split() == ["designs/1/nodes/1", "designs/1/nodes/2"]
    assert "changed inside 50.0%, outside 0.00%, seed 6" in done.stderr


def test_a_plan_that_was_printed_is_done_to_a_node(call, service, tmp_path):
    printed = call("plan", ROOT, "--instruction", "Paint the chair red", "--json").stdout
    (tmp_path / "plan.json").write_text(printed)

    done = call("edit", ROOT, "--plan", tmp_path / "plan.json")
    other = call("edit", ROOT, "--instruction", "Paint it", "--plan", tmp_path / "plan.json")

    assert other.exit_code == 2
    assert 'read from "Paint the chair red", and another instruction would be ignored' in flat(other.stderr)
    assert done.exit_code == 0, done.stderr
    assert "1. recolour the chair" in done.stderr
    assert service.requests[-1].plan.edits[0].references[0].expression == "the chair"


def test_an_edit_of_which_nothing_came_fails_and_says_why(call):
    done = call("edit", ROOT, "--instruction", "Fly")

    assert done.exit_code == 1
    assert "designs/1/nodes/1 failed: no model is ready; it stays in the tree" in flat(done.stderr)


def test_an_edit_under_the_same_key_is_not_done_twice(call, service):
    given = ["edit", ROOT, "--instruction", "Paint it", "--key", "k-1"]

    assert call(*given).stdout == call(*given).stdout
    assert len(service.nodes) == 2


def test_a_tree_is_shown_with_every_node_under_its_parent(call):
    for parent, instruction in ((ROOT, "first"), (ROOT, "second"), ("designs/1/nodes/1", "below first")):
        assert call("edit", parent, "--instruction", instruction).exit_code == 0
    call("mark", "designs/1/nodes/2", "--favourite", "--note", "good light")

    assert call("show", "1").stdout.splitlines() == [
        f"{ROOT}  the picture",
        "designs/1/nodes/1    first",
        "designs/1/nodes/3      below first",
        "designs/1/nodes/2    second  (favourite; good light)",
    ]


def test_a_node_tells_its_way_and_that_nothing_else_changed(call):
    call("edit", ROOT, "--instruction", "Paint it")

    done = call("info", "designs/1/nodes/1")

    assert done.stdout.startswith("root > 1\n")
    assert "pixels that no edit was to touch: 200, 0 differ from the root's" in done.stdout


@pytest.mark.parametrize("name", ["designs/1", "designs/1/nodes/1"])
def test_what_is_deleted_is_in_the_bin_until_it_is_restored(call, name):
    call("edit", ROOT, "--instruction", "Paint it")
    listed = ["show", "1", "--bin", "--json"] if "nodes" in name else ["list", "--bin", "--json"]

    def binned():
        told = json.loads(call(*listed).stdout)
        return [one["name"] for one in (told["nodes"] if isinstance(told, dict) else told)]

    assert call("delete", name).exit_code == 0
    assert binned() == [name]
    assert call("restore", name).exit_code == 0
    assert binned() == []


def test_an_archive_is_written_whole_and_read_again(call, service, tmp_path):
    out = tmp_path / "design.zip"

    assert call("export", "1", "--out", out, "--pictures", "all").stdout.strip() == str(out)
    assert call("import", out).stdout.startswith("designs/imported")
    assert service.requests[-1].pictures == 3
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_picture_is_written_in_the_format_of_its_ending(call, service, tmp_path, picture):
    done = call("picture", ROOT, "--out", tmp_path / "made" / "room.webp", "--max-side", 64)

    assert (tmp_path / "made" / "room.webp").read_bytes() == picture, done.stderr
    assert (service.requests[-1].max_side, service.requests[-1].format) == (64, 3)
    assert call("picture", ROOT, "--out", tmp_path / "room.tiff").exit_code == 2


def test_thumbnails_are_written_by_id(call, tmp_path):
    call("thumbnails", "1", "--out", tmp_path / "small")

    assert [path.name for path in (tmp_path / "small").iterdir()] == ["root.jpg"]


def test_a_plan_is_told_in_words(call):
    told = call("plan", ROOT, "--instruction", "Paint the chair red").stdout

    assert "1. recolour the chair" in told
    assert "region: 25.0% of the picture" in told


def test_words_find_nodes(call):
    call("edit", ROOT, "--instruction", "Paint the chair red")

    assert "Paint the chair red" in call("search", "chair").stdout
    assert call("search", "piano").stdout.strip() == "nothing found"


def test_nodes_are_compared_and_joined(call):
    assert "12.5% of the pixels differ" in call("compare", ROOT, f"{ROOT}2").stdout
    assert call("merge", ROOT, f"{ROOT}2").stdout.startswith("designs/1/nodes/joined")
    refused = call("merge", ROOT, ROOT)
    assert (refused.exit_code, "same place" in refused.stderr) == (7, True)


def test_a_check_of_a_replay_fails_where_a_picture_differs(call):
    call("edit", ROOT, "--instruction", "Paint it")

    same = call("replay", "designs/1/nodes/1", "--check")
    other = call("replay", "designs/1/nodes/1", "--check", "--model", "other")
    kept = call("replay", "designs/1/nodes/1", "--model", "other")

    assert (same.exit_code, "identical" in same.stdout) == (0, True)
    assert (other.exit_code, "50.00% of the pixels differ" in other.stdout) == (1, True)
    assert (kept.exit_code, "designs/1/nodes/1-again" in kept.stdout) == (0, True)


def test_a_watch_tells_what_there_is_and_goes_on_over_a_broken_line(call, service):
    service.break_after = [1]

    told = call("watch", "1", "--count", 2, "--json").stdout.splitlines()

    assert [json.loads(line)["item"]["name"] for line in told] == ["designs/1", ROOT]


def test_a_mark_that_changes_nothing_names_what_to_give(call):
    done = call("mark", ROOT)

    assert (done.exit_code, "give --title" in done.stderr) == (2, True)


def test_a_node_that_is_not_there_ends_in_one_line(call):
    done = call("info", "designs/1/nodes/9")

    assert (done.exit_code, len(done.stderr.strip().splitlines())) == (3, 1)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["show", "My Room"], "My Room names no design; write designs/ID"),
        (["show", "designs/1/nodes/root"], "names no design"),
        (["info", "root"], "root names no node; write designs/ID/nodes/ID"),
        (["compare", ROOT, "designs/1"], "designs/1 names no node"),
        (["delete", "1/nodes/"], "names no node"),
        (["search", "red", "--design", "*"], "* names no design"),
    ],
)
def test_what_is_no_name_is_told_with_how_names_are_written(call, arguments, wanted):
    done = call(*arguments)

    assert done.exit_code == 2
    assert wanted in flat(done.stderr)


def test_designs_before_a_name_may_be_left_out(call):
    assert call("info", ROOT.removeprefix("designs/")).stdout == call("info", ROOT).stdout
    assert call("search", "red", "--design", "1").exit_code == 0


def test_an_export_that_is_too_large_to_be_imported_says_so(call, tmp_path, monkeypatch):
    monkeypatch.setattr(langdesign_client.designs, "MAX_ARCHIVE_BYTES", 1)

    done = call("export", "1", "--out", tmp_path / "tree.zip")

    assert done.exit_code == 0
    assert "give fewer --pictures" in done.stderr
    assert call("import", tmp_path / "tree.zip").exit_code == 2


def test_an_empty_archive_is_told_as_such(call, tmp_path):
    (tmp_path / "empty.zip").touch()

    assert "The archive is empty" in call("import", tmp_path / "empty.zip").stderr
