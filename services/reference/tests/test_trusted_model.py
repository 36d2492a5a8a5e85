"""What leaves the service where a Llama 3 class model reads: plans in English, whatever language is spoken.

No such model runs beside the tests; its answers are written by hand, as the prompt's examples ask for them.
"""

import pytest
from langdesign.reference.v1 import reference_pb2 as pb

MODEL = pytest.mark.parametrize("options", [{"llm_confidence": 0.97}])
WISH = pytest.mark.parametrize("options", [{"llm_confidence": 0.6}])
"""Less than the parser has, which cannot make a wish into edits all the same."""


async def plan(stub, instruction, **fields):
    response = await stub.PlanEdit(pb.PlanEditRequest(instruction=instruction, **fields))
    return response.plan


def things(edit, role):
    return [(one.expression, one.english) for one in edit.references if one.role == role]


@MODEL
async def test_two_edits_in_french_have_an_english_instruction_each(stub, endpoint):
    endpoint.reads(
        {
            "do": "remove",
            "what": [("le tapis", "the rug")],
            "keep": [("la harpe", "the harp")],
            "english": "Remove the rug.",
        },
        {"do": "recolour", "what": [("les murs", "the walls")], "english": "Paint the walls blue."},
    )
    found = await plan(stub, "Enlève le tapis sans toucher la harpe et peins les murs en bleu", language="fr")

    rug, walls = found.edits
    assert (found.reader, found.language) == (pb.READER_LANGUAGE_MODEL, "fr")
    assert (things(rug, pb.ROLE_TARGET), rug.instruction) == ([("le tapis", "the rug")], "Remove the rug.")
    assert things(rug, pb.ROLE_KEEP) == [("la harpe", "the harp")]
    assert (things(walls, pb.ROLE_TARGET), walls.instruction) == (
        [("les murs", "the walls")],
        "Paint the walls blue.",
    )


@MODEL
@pytest.mark.parametrize(
    ("english", "relation"),
    [
        ("Put a lamp on the piano.", pb.RELATION_ON),
        ("Hang a lamp above the piano.", pb.RELATION_ABOVE),
        ("Put a lamp next to the piano.", pb.RELATION_BESIDE),
        ("Put a lamp to the left of the piano.", pb.RELATION_LEFT),
        ("Light the piano with a lamp.", pb.RELATION_UNSPECIFIED),
    ],
)
async def test_where_a_thing_goes_is_read_off_the_english(stub, endpoint, english, relation):
    endpoint.reads({"do": "add", "what": [], "where": [("fortepianie", "the piano")], "english": english})
    found = await plan(stub, "Lampa przy fortepianie", language="pl")
    (anchor,) = found.edits[0].references
    assert (anchor.expression, anchor.role, anchor.relation) == ("fortepianie", pb.ROLE_ANCHOR, relation)


@MODEL
async def test_an_addition_without_a_place_has_the_surfaces_that_are_known_for_the_thing(stub, endpoint):
    endpoint.reads({"do": "add", "what": [], "where": [("", "the windowsill")], "english": "Add a rug."})
    rug = (await plan(stub, "Un tapis de plus", language="fr")).edits[0]
    assert (rug.scope, list(rug.references)) == (pb.SCOPE_REGION, [])
    assert (rug.surfaces[0], rug.surface_relation) == ("the floor", pb.RELATION_INSIDE)


@MODEL
async def test_a_thing_that_only_the_model_knows_goes_where_it_says(stub, endpoint):
    endpoint.reads(
        {"do": "add", "what": [], "where": [("", "the windowsill")], "english": "Add a frobnicator."}
    )
    found = await plan(stub, "Un frobnicateur de plus", language="fr")
    assert found.edits[0].surfaces[0]


@WISH
async def test_a_wish_becomes_the_edits_that_the_model_chose_by_the_caption(stub, endpoint):
    endpoint.reads(
        {"do": "replace", "what": [("", "the rug")], "english": "Replace the rug with a thick one."},
        {"do": "other", "what": [], "english": "Make the light warmer."},
        wish=True,
    )
    found = await plan(stub, "make it cosier", caption="a bedroom with a bed and a rug")

    rug, light = found.edits
    assert (found.wish, found.reader) == (True, pb.READER_LANGUAGE_MODEL)
    assert (things(rug, pb.ROLE_TARGET), rug.scope, rug.gentle) == ([("", "the rug")], pb.SCOPE_REGION, False)
    assert (light.scope, light.gentle) == (pb.SCOPE_GLOBAL, True)
    assert "a bedroom with a bed and a rug" in endpoint.requests[-1]["messages"][-1]["content"]


@pytest.mark.parametrize("options", [{"llm_confidence": 0.3}])
async def test_without_a_trusted_model_a_wish_is_one_gentle_edit_of_the_whole_picture(stub, endpoint):
    found = await plan(stub, "make it cosier", caption="a bedroom with a bed and a rug")
    (edit,) = found.edits
    assert (found.wish, found.reader, edit.scope, edit.gentle) == (
        True,
        pb.READER_PARSER,
        pb.SCOPE_GLOBAL,
        True,
    )
    assert not any("cosier" in one["messages"][-1]["content"] for one in endpoint.requests)


@WISH
async def test_words_that_no_lexicon_has_are_put_into_english_by_the_model(stub, endpoint):
    endpoint.reads({"what": [("den Frobnikator", "the frobnicator")], "english": "Remove the frobnicator."})
    found = await plan(stub, "Entferne den Frobnikator.")
    (edit,) = found.edits
    assert (edit.instruction, list(edit.unknown_words)) == ("Remove the frobnicator.", [])
    assert things(edit, pb.ROLE_TARGET) == [("den Frobnikator", "the frobnicator")]


@MODEL
@pytest.mark.parametrize("copied", ["Entferne den Teppich.", "Scoate covorul."])
async def test_an_answer_that_was_not_translated_is_not_taken(stub, endpoint, copied):
    endpoint.reads({"what": [("den Teppich", "the rug")], "english": copied})
    found = await plan(stub, "Entferne den Teppich.")
    assert (found.reader, found.HasField("agreed")) == (pb.READER_PARSER, False)
    assert found.edits[0].instruction != copied


@MODEL
async def test_where_nothing_is_asked_for_there_are_no_edits(stub, endpoint):
    endpoint.reads()
    found = await plan(stub, "Quel âge a la harpe ?", language="fr")
    assert (found.reader, list(found.edits)) == (pb.READER_LANGUAGE_MODEL, [])
    assert found.confidence == pytest.approx(0.97)


@pytest.mark.parametrize("options", [{"llm_confidence": 0.999}])  # surer than both other readers agreeing
@pytest.mark.parametrize(("english", "read"), [("the lamp", ["lamp"]), ("the lump", [])])
async def test_a_slip_is_told_where_the_model_read_it_as_the_parser_did(stub, endpoint, english, read):
    endpoint.reads({"do": "other", "what": [("the lmap", english)], "english": f"Dust {english}."})
    found = await plan(stub, "Remove the lmap")
    assert found.reader == pb.READER_LANGUAGE_MODEL
    assert [one.read for one in found.corrections] == read
