"""What a language model's answer becomes: spans of the instruction and plain English, or nothing at all."""

import json

import pytest
from langdesign_reference.answers import plan_schema, read_plan
from langdesign_reference.errors import LanguageModelNonsense
from langdesign_reference.plan import Operation, Role, Scope
from langdesign_reference.prompts import load_namings, load_prompt


def named(words, english="the thing"):
    return {"words": words, "english": english}


def edit(do="remove", what=(), where=(), keep=(), english="Do it."):
    return {"do": do, "what": list(what), "where": list(where), "keep": list(keep), "english": english}


def read(instruction, *edits, wish=False):
    return read_plan(json.dumps({"wish": wish, "edits": edits}), instruction, 0.9)


def spans(reading):
    return [[(one.role, one.expression) for one in edit.references] for edit in reading.edits]


def test_each_edit_has_its_own_things_its_own_exceptions_and_its_own_english():
    reading = read(
        "Vopsește pereții, dar nu tavanul, și scoate harpa",
        edit("recolour", [named("pereții", "the walls")], [], [named("tavanul")], "Paint the walls."),
        edit("remove", [named("harpa", "the harp")], english="Remove the harp."),
    )
    assert spans(reading) == [
        [(Role.TARGET, "pereții"), (Role.KEEP, "tavanul")],
        [(Role.TARGET, "harpa")],
    ]
    assert [one.english for one in reading.edits[0].references] == ["the walls", "the thing"]
    assert [edit.instruction for edit in reading.edits] == ["Paint the walls.", "Remove the harp."]


def test_an_edit_of_the_whole_picture_may_keep_things():
    (found,) = read("All white but the harp", edit("recolour", keep=[named("the harp")])).edits
    assert (found.scope, found.gentle) == (Scope.GLOBAL, False)


@pytest.mark.parametrize(
    ("words", "expression"),
    [
        ("the HARP", "The harp"),
        ("the  harp.", "The harp"),
        ("cafè  chair", "café chair"),
        ("café chair", "café chair"),
    ],
)
def test_words_are_found_whatever_their_case_accents_and_spaces(words, expression):
    reading = read("The harp, or the café chair", edit(what=[named(words)]))
    assert spans(reading) == [[(Role.TARGET, expression)]]


def test_words_of_a_language_without_spaces_are_found():
    assert spans(read("障子を替えて", edit(what=[named("障子")]))) == [[(Role.TARGET, "障子")]]


def test_what_is_said_once_and_changed_twice_is_one_thing_and_what_is_said_twice_two():
    twice = [edit("move", [named("the harp")]), edit("recolour", [named("the harp")])]
    once = read("Move the harp and paint it", *twice)
    assert once.edits[0].references == once.edits[1].references
    both = read("Move the harp and paint the harp", *twice)
    assert [one.references[0].start for one in both.edits] == [5, 24]


def test_an_addition_without_a_place_names_surfaces_and_one_with_a_place_an_anchor():
    (free,) = read("Add a harp", edit("add", where=[named("", "the floor"), named("", "the rug")])).edits
    assert (free.references, free.surfaces, free.scope) == ((), ("the floor", "the rug"), Scope.REGION)
    (placed,) = read(
        "Add a harp by the door", edit("add", where=[named("the door"), named("", "the floor")])
    ).edits
    assert ([one.expression for one in placed.references], placed.surfaces) == (["the door"], ())


def test_a_wish_may_change_things_that_it_does_not_name():
    reading = read(
        "Snugger please",
        edit("replace", [named("", "the rug")], english="Replace the rug with a thick one."),
        edit("add", where=[named("", "the bed")], english="Put a blanket on the bed."),
        edit("add", where=[named("", "the floor")], english="Add a plant."),
        wish=True,
    )
    rug, blanket, plant = reading.edits
    assert [(one.expression, one.english) for one in (*rug.references, *blanket.references)] == [
        ("", "the rug"),
        ("", "the bed"),
    ]
    assert (plant.references, plant.surfaces) == ((), ("the floor",))
    assert not any(edit.gentle for edit in reading.edits)
    assert read("Snugger please", edit("restyle"), wish=True).edits[0].gentle


def test_nothing_may_be_asked_for():
    assert read("How old is the harp?").edits == ()


def test_a_fence_around_the_answer_is_taken_off():
    content = json.dumps({"wish": False, "edits": [edit(what=[named("the harp")])]})
    assert (
        read_plan(f"```json\n{content}\n```", "Remove the harp", 0.9).edits[0].operation is Operation.REMOVE
    )


def test_english_is_written_as_networks_read_it():
    (found,) = read("Paint it", edit("recolour", english=" Paint the “café” –\nin jade… ")).edits  # noqa: RUF001
    assert found.instruction == 'Paint the "café" - in jade...'


HARP = named("the harp")


@pytest.mark.parametrize(
    "edits",
    [
        [edit("drop_table", [HARP])],
        [edit("remove")],
        [edit("replace")],
        [edit("move", where=[HARP])],
        [edit("add", [HARP])],
        [edit("recolour", [HARP], [named("the door")])],
        [edit("remove", [named("the lamp")])],
        [edit("remove", [named("harps")])],
        [edit("remove", [named("e har")])],
        [edit("remove", [named("")])],
        [edit("remove", [named("?!")])],
        [edit("remove", [HARP, HARP])],
        [edit("remove", [HARP], keep=[named("harp")])],
        [edit("remove", [HARP], english="")],
        [edit("remove", [HARP], english=" \n ")],
        [edit("remove", [HARP], english="ハープを消す")],
        [edit("remove", [HARP], english="Remove\x00 the harp")],
        [edit("remove", [HARP], english="Remove the harp \u202e")],
        [edit("remove", [HARP], english="x" * 1001)],
        [edit("remove", [named("the harp", "")])],
        [edit("remove", [named("the harp", "арфа")])],
        [edit("remove", [HARP])] * 17,
        [{**edit("remove", [HARP]), "why": "because"}],
        [{"do": "remove"}],
        [edit("remove", "the harp")],
        "remove",
    ],
)
def test_an_answer_that_contradicts_itself_or_the_instruction_is_nonsense(edits):
    content = json.dumps({"wish": False, "edits": edits})
    with pytest.raises(LanguageModelNonsense):
        read_plan(content, "Remove the harp by the door", 0.9)


@pytest.mark.parametrize("count", [0, 4])
def test_a_wish_becomes_one_to_three_edits(count):
    with pytest.raises(LanguageModelNonsense, match="one to 3"):
        read("Snugger please", *[edit("restyle")] * count, wish=True)


def test_every_shot_of_the_prompt_is_a_right_answer_to_its_question():
    messages = load_prompt().messages
    operations = set()
    for question, answer in zip(messages[1::2], messages[2::2], strict=True):
        instruction = question["content"].partition("\n(The picture shows: ")[0]
        reading = read_plan(answer["content"], instruction, 0.9)
        operations |= {edit.operation for edit in reading.edits}
    assert operations == set(Operation)


def test_every_shot_of_a_naming_prompt_names_words_of_its_question():
    namings = load_namings()
    assert set(namings) == {"en", "de", "ro"}
    for naming in namings.values():
        messages = naming.prompt.messages
        for question, answer in zip(messages[1::2], messages[2::2], strict=True):
            name = json.loads(answer["content"])["name"]
            assert name == naming.nothing or name in question["content"]


def objects(schema):
    """All schemas of objects within a schema."""
    if schema.get("type") == "object":
        yield schema
        for inner in schema["properties"].values():
            yield from objects(inner)
    if schema.get("type") == "array":
        yield from objects(schema["items"])


def test_the_schema_keeps_to_the_rules_of_strict_outputs():
    schema = plan_schema()
    assert schema["type"] == "object"
    found = list(objects(schema))
    assert len(found) >= 3
    for one in found:
        assert one["required"] == list(one["properties"])
        assert one["additionalProperties"] is False
    unsupported = {"maxItems", "minItems", "maxLength", "minLength", "pattern", "format", "default", "oneOf"}
    text = json.dumps(schema)
    assert not [keyword for keyword in unsupported if f'"{keyword}"' in text]
