"""The demo's script is a tree, and its sheet and lines show every step of it."""

import io
import itertools
from dataclasses import replace

import pytest
from langdesign.design.v1 import design_pb2
from langdesign_client.tree import read_node
from langdesign_command import samples
from langdesign_command.demo import script, sheet
from langdesign_command.demo.story import Step, Story
from PIL import Image


def step(chapter, *, broken="", drifted=0.0):
    node = design_pb2.Node(name=f"designs/1/nodes/{chapter.key}", state=design_pb2.NODE_STATE_READY)
    node.edit.instruction = chapter.instruction
    edit = node.edit.plan.plan.edits.add(operation=2, scope=1)
    edit.references.add(expression="the sofa", role=1)
    node.edit.result.no_op_reason = int(chapter.no_op)
    node.edit.result.timings.engine.FromSeconds(1)
    node.path_report.outside.pixels, node.path_report.outside.changed_share = 1000, drifted
    made, room = read_node(node), samples.bedroom()
    return Step(chapter, made, made.edit, made.edit.result, room, room, 1.0, broken)


@pytest.fixture
def story(tmp_path):
    steps = tuple(step(chapter) for chapter in script.CHAPTERS)
    page = "http://127.0.0.1:8080/designs/1"
    return Story("designs/1", page, tmp_path / "sheet.png", False, 60.0, samples.bedroom(), steps)


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
    assert Image.open(io.BytesIO(samples.bedroom())).size == (128, 128)


def test_the_sheet_has_a_row_for_every_step(story):
    sheet.write(story)

    with Image.open(story.sheet) as drawn:
        assert drawn.height > 256 * len(script.CHAPTERS)


def test_lines_tell_of_every_step_how_many_pixels_drifted(story):
    lines = list(replace(story, steps=(step(script.CHAPTERS[0], drifted=0.002),)).lines())

    assert "since the room 2 of 1000 px" in lines[0]
    assert "read as remove the sofa" in sheet.figures(story.steps[0])
    assert any("no-op: certified" in line for line in sheet.figures(story.steps[-1]))


def test_a_broken_promise_is_named(story):
    broken = step(script.CHAPTERS[0], broken="pixels outside the region changed")
    told = replace(story, steps=(broken,))

    assert told.broken == ["1: pixels outside the region changed"]
    assert "NOT KEPT" in next(told.lines())
