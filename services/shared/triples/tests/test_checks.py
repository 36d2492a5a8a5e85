"""The checks: exactly one feature changes, as the instruction says, and what is named is there or is not."""

from dataclasses import replace

import pytest
from langdesign_triples import Change, SubjectKind, Triple, check


def complaints(triple, context):
    return {one.check for one in check(triple, context)}


def test_a_triple_without_fault_is_accepted(interior, red_chair, bedroom):
    assert check(red_chair, interior) == []
    assert check(bedroom, interior) == []


def test_every_shot_of_every_agent_is_accepted(context):
    for agent in context.agents.values():
        kind = context.kind(agent.subject)
        for shot in agent.shots:
            fields = {**shot.model_dump(), "subject": agent.subject, "subject_kind": kind}
            assert check(Triple(**fields), context) == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("edit", "Paint the chair\nblue"),
        ("edit", "Paint the chair **blue**"),
        ("input", "a red wooden chair on a plain background\x00"),
        ("output", "a blue wooden chair <script> on a plain background"),
        ("edit", "Paint the chair blue, see https://example.org"),
        ("edit", " Paint the chair blue"),
        ("target_before", "the {red} chair"),
        ("edit", "Paint the chair blue \u202e"),
        ("edit", "Paint the chair blue \U0001f600"),
    ],
)
def test_only_plain_text_is_accepted(interior, red_chair, field, text):
    assert complaints(replace(red_chair, **{field: text}), interior) == {"text"}


@pytest.mark.parametrize(
    ("field", "text"), [("edit", ""), ("edit", "blue " * 50 + "chair"), ("input", "x" * 401), ("output", "")]
)
def test_texts_have_bounds(interior, red_chair, field, text):
    assert "length" in complaints(replace(red_chair, **{field: text}), interior)


@pytest.mark.parametrize(
    "output",
    [
        "a blue metal chair on a plain background",  # the material too
        "a blue wooden stool on a plain background",  # the thing too
        "a red wooden chair on a plain background",  # nothing
        "a green wooden chair on a plain background",  # another colour than the instruction's
        "a blue wooden chair on a plain grey background",  # the background too
        "a blue wooden chair and a rug on a plain background",  # a thing more
    ],
)
def test_one_feature_changes_and_it_is_the_one_that_the_instruction_says(interior, red_chair, output):
    assert complaints(replace(red_chair, output=output), interior) & {"change", "presence"}


@pytest.mark.parametrize(
    "edit",
    [
        "Make the chair blue and paint the walls green",
        "Make the chair blue and remove the rug",
        "Make the chair blue, then add a lamp",
        "Make the chair blue velvet",
        "Make the chair blue like the sofa",
        "Do not make the chair blue",
        "Don't paint the chair blue",
        "Never make the chair blue",
        "Make everything blue except the chair",
    ],
)
def test_an_instruction_asks_for_its_change_alone_and_not_for_the_contrary(interior, red_chair, edit):
    assert complaints(replace(red_chair, edit=edit), interior) == {"targets"}


def test_a_removal_may_be_said_as_a_wish(interior):
    triple = Triple(
        "a living room with a red sofa and a plant",
        "I don't want the plant",
        "a living room with a red sofa",
        Change.REMOVE,
        "living room",
        SubjectKind.ROOM,
        "the plant",
        "",
    )
    assert check(triple, interior) == []
    assert complaints(replace(triple, edit="Remove the plant and the sofa"), interior) == {"targets"}


@pytest.mark.parametrize(
    ("edit", "input_", "output", "before", "after"),
    [
        (
            "Recolor the couch gray",
            "a living room with a red sofa and a plant",
            "a living room with a grey sofa and a plant",
            "the red sofa",
            "the grey sofa",
        ),
        (
            "Make the sofa out of wood",
            "a living room with a plant and a red leather sofa",
            "a living room with a plant and a red wooden sofa",
            "the leather sofa",
            "the wooden sofa",
        ),
        (
            "Take the pattern off the rug",
            "a living room with a striped rug and a sofa",
            "a living room with a rug and a sofa",
            "the striped rug",
            "the rug",
        ),
        (
            "Please give the plant a teal pot",
            "a living room with a plant in a red pot and a sofa",
            "a living room with a plant in a teal pot and a sofa",
            "the plant in the red pot",
            "the plant in the teal pot",
        ),
        (
            "Make the sofa baroque",
            "A cosy living room with a modern sofa.",
            "A cosy living room with a baroque sofa.",
            "the modern sofa",
            "the baroque sofa",
        ),
    ],
)
def test_synonyms_and_words_that_the_context_does_not_know_are_read(
    interior, edit, input_, output, before, after
):
    triple = Triple(input_, edit, output, Change.ALTER, "living room", SubjectKind.ROOM, before, after)
    assert check(triple, interior) == []


def test_what_is_removed_is_named_before_and_gone_after(interior, bedroom):
    lamp = replace(bedroom, target_before="the lamp", edit="Get rid of the lamp")
    assert "presence" in complaints(lamp, interior)
    kept = replace(bedroom, output=bedroom.input)
    assert "change" in complaints(kept, interior)
    two = replace(bedroom, output="a bedroom with a blue bed")
    assert complaints(two, interior) == {"change"}
    another = replace(bedroom, output="a bedroom with a blue bed and a metal nightstand")
    assert "change" in complaints(another, interior)


def added(bedroom, **changed):
    fields = {
        "input": "a bedroom with a blue bed and a red rug",
        "edit": "Put a white nightstand next to the bed",
        "output": "a bedroom with a blue bed, a white nightstand and a red rug",
        "change": Change.ADD,
        "target_before": "",
        "target_after": "the white nightstand",
    }
    return replace(bedroom, **{**fields, **changed})


def test_what_is_added_is_absent_before_and_named_after(interior, bedroom):
    assert check(added(bedroom), interior) == []
    there = added(
        bedroom,
        input="a bedroom with a blue bed and a nightstand",
        output="a bedroom with a blue bed, a white nightstand and a nightstand",
    )
    assert "presence" in complaints(there, interior)
    unsaid = added(bedroom, edit="Put a nightstand next to the bed")
    assert complaints(unsaid, interior) == {"change"}
    two = added(bedroom, output="a bedroom with a blue bed, a white nightstand, a mirror and a red rug")
    assert "change" in complaints(two, interior)


def test_a_replacement_brings_another_thing(interior, bedroom):
    good = replace(
        bedroom,
        edit="Swap the rug for a green stool",
        output="a bedroom with a blue bed, a green stool and a wooden nightstand",
        change=Change.REPLACE,
        target_after="the green stool",
    )
    assert check(good, interior) == []
    same = replace(
        good,
        edit="Swap the rug for a green rug",
        output="a bedroom with a blue bed, a green rug and a wooden nightstand",
        target_after="the green rug",
    )
    assert "change" in complaints(same, interior)


def test_a_no_op_names_what_is_absent_and_changes_no_word(interior, red_chair):
    nothing = replace(
        red_chair,
        edit="Remove the piano",
        output=red_chair.input,
        change=Change.NONE,
        target_before="the piano",
        target_after="",
    )
    assert check(nothing, interior) == []
    assert complaints(replace(nothing, output="a red chair on a plain background"), interior) == {"change"}
    present = replace(nothing, edit="Remove the chair", target_before="the chair")
    assert complaints(present, interior) == {"presence"}
    other = replace(nothing, edit="Remove the blue chair", target_before="the blue chair")
    assert check(other, interior) == []  # the caption says that its chair is red
    untold = replace(nothing, edit="Remove the velvet chair", target_before="the velvet chair")
    assert check(untold, interior) == []
    unnamed = replace(nothing, edit="Make it nicer")
    assert complaints(unnamed, interior) == {"targets"}


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (Change.ALTER, "", "the blue chair"),
        (Change.ALTER, "the red chair", ""),
        (Change.REMOVE, "the red chair", "the blue chair"),
        (Change.ADD, "the red chair", "the blue chair"),
        (Change.NONE, "the red chair", "the blue chair"),
    ],
)
def test_each_change_has_its_targets(interior, red_chair, change, before, after):
    triple = replace(red_chair, change=change, target_before=before, target_after=after)
    assert "targets" in complaints(triple, interior)


def test_captions_name_their_subject(interior, red_chair, bedroom):
    assert complaints(replace(red_chair, subject="bed"), interior) == {"subject"}
    assert complaints(replace(bedroom, subject="kitchen"), interior) == {"subject"}


def test_a_complaint_says_what_to_write(interior, red_chair):
    (found,) = check(replace(red_chair, output="a blue metal chair on a plain background"), interior)
    assert found.message == "colour and material change at once; change one of them"
