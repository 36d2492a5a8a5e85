"""What stands for a noun reaches the networks as that noun, and what goes along with a value is no thing."""

import pytest
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import parse


@pytest.mark.parametrize(
    ("instruction", "written", "english"),
    [
        ("Paint all the pictures blue except the left one.", "the left one", "the left picture"),
        ("Remove the red chair and keep the blue one.", "the blue one", "the blue chair"),
        (
            "Remove the lamps but the small one on the desk",
            "the small one on the desk",
            "the small lamp on the desk",
        ),
        ("Paint the benches red, but not the big ones.", "the big ones", "the big benches"),
        ("Make the sofa blue and the other one green", "the other one", "the other sofa"),
        (
            "Paint all the walls white apart from the one behind the bed",
            "the one behind the bed",
            "the wall behind the bed",
        ),
        ("Remove one of the chairs", "one of the chairs", "one of the chairs"),
        ("Remove the left one", "the left one", "the left one"),
    ],
)
def test_one_is_said_by_the_noun_that_it_stands_for(instruction, written, english):
    reading = parse(instruction, load_lexicon("en"))
    references = {one.expression: one.english for edit in reading.edits for one in edit.references}
    assert references[written] == english


@pytest.mark.parametrize(
    ("language", "instruction", "written", "english"),
    [
        ("en", "Paint the left picture red, the right blue", "the right", "the right picture"),
        ("en", "Remove the small lamp and paint the big black", "the big", "the big lamp"),
        ("de", "Mal das linke Bild rot und das rechte blau", "das rechte", "the right picture"),
        ("de", "Entferne die kleine Lampe und mach die grosse rot", "die grosse", "the big lamp"),
        (
            "ro",
            "Vopsește tabloul din stânga roșu, cel din dreapta albastru",
            "cel din dreapta",
            "the picture on the right",
        ),
        ("ro", "Elimină lampa mică și vopsește cea mare în roșu", "cea mare", "the big lamp"),
        ("en", "Paint the wall red and move the lamp to the left", "the lamp", "the lamp"),
        ("en", "Paint the wall red and the orange chair blue", "the orange chair", "the orange chair"),
    ],
)
def test_a_noun_that_is_left_out_is_said(language, instruction, written, english):
    reading = parse(instruction, load_lexicon(language))
    references = {one.expression: one.english for edit in reading.edits for one in edit.references}
    assert references[written] == english


def test_the_instruction_says_the_noun_too():
    reading = parse("Paint the left chair red and the right one blue.", load_lexicon("en"))
    assert [edit.instruction for edit in reading.edits] == [
        "make the left chair red",
        "make the right chair blue",
    ]


@pytest.mark.parametrize(
    ("instruction", "target"),
    [
        ("Make the bed red, with soft natural light.", "the bed"),
        ("Make the wall blue, with warm light.", "the wall"),
        ("Make the bed red with soft light.", "the bed"),
        ("Make the bed red, in a cosy style.", "the bed"),
        ("Paint the walls green with white trim.", "the walls"),
        ("Paint the wall blue with a matte finish", "the wall"),
        ("Make the chairs with blue cushions red.", "the chairs with blue cushions"),
    ],
)
def test_what_goes_along_with_a_value_is_no_thing_and_no_edit_of_its_own(instruction, target):
    [edit] = parse(instruction, load_lexicon("en")).edits
    assert [one.expression for one in edit.references] == [target]
