"""The demo's script is a tree, and its page and sheet show every node of it."""

import io
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from langdesign_client import edits, media
from langdesign_command.demo import page, script, sheet
from langdesign_command.demo.story import Node, Story
from PIL import Image

UNCHANGED = edits.ChangeStatistics(pixels=1, changed_share=0.0, mean_difference=0.0, psnr=None)


def node(chapter, *, broken=""):
    result = edits.EditResult(
        operation_id="1",
        sequence=3,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        image=media.Picture(script.room()),
        no_op_reason="no_target" if chapter.no_op else "",
        report=edits.ChangeReport("strict", UNCHANGED, UNCHANGED),
        seed=1,
        checkpoint="edit@sha256:0",
        timings=edits.EditTimings(*[timedelta(seconds=1)] * 5),
    )
    return Node(chapter, script.room(), result, None, "recolour: the sofa", 1.0, 16384, 0, broken)


@pytest.fixture
def story(tmp_path):
    nodes = tuple(node(chapter) for chapter in script.CHAPTERS)
    return Story(tmp_path / "index.html", tmp_path / "sheet.png", False, 60.0, script.room(), nodes)


def test_the_session_is_a_tree_with_a_branch_a_no_op_and_parents_first():
    keys = [script.ROOM]
    for chapter in script.CHAPTERS:
        assert chapter.parent in keys
        keys.append(chapter.key)
    parents = [chapter.parent for chapter in script.CHAPTERS]

    assert any(parents.count(parent) > 1 for parent in parents)
    assert sum(chapter.no_op for chapter in script.CHAPTERS) == 1
    assert sum(not chapter.no_op for chapter in script.CHAPTERS) == 5


def test_a_path_leads_from_the_room_to_the_node():
    last = script.CHAPTERS[-1]

    way = script.path(last.key)

    assert way[0].parent == script.ROOM
    assert way[-1] == last
    assert all(child.parent == parent.key for parent, child in itertools.pairwise(way))


def test_the_room_is_the_size_of_the_embedded_family():
    assert Image.open(io.BytesIO(script.room())).size == (128, 128)


def test_page_and_sheet_show_every_node(story):
    page.write(story)
    sheet.write(story)

    text = story.page.read_text("utf-8")
    assert all(f'id="{chapter.key}"' in text for chapter in script.CHAPTERS)
    assert all(f'href="#{chapter.key}"' in text for chapter in script.CHAPTERS)
    assert text.count("no-op, bit for bit") == 1
    with Image.open(story.sheet) as drawn:
        assert drawn.height > 256 * len(script.CHAPTERS)


def test_a_broken_promise_is_named_on_the_page_and_the_terminal(story):
    broken = node(script.CHAPTERS[0], broken="pixels outside the region changed")
    told = Story(story.page, story.sheet, False, 1.0, story.room, (broken,))

    page.write(told)

    assert told.broken == ["1: pixels outside the region changed"]
    assert "not kept: pixels outside the region changed" in story.page.read_text("utf-8")
    assert "NOT KEPT" in next(told.lines())
