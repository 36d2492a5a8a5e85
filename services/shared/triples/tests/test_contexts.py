"""Contexts are data: what their files say is checked where it is read, and errors name file and field."""

import pytest
from langdesign_triples import InvalidContext, SubjectKind, list_contexts, load_context


def test_the_repository_has_two_contexts_and_only_one_of_rooms(interior, wardrobe):
    assert interior.kind("chair") is SubjectKind.OBJECT
    assert interior.kind("living room") is SubjectKind.ROOM
    assert not set(interior.rooms) & set(wardrobe.rooms)
    assert not set(interior.ontology.things) & set(wardrobe.ontology.things)


def test_contexts_are_listed_by_name(folder):
    assert [context.name for context in list_contexts(folder.parent)] == ["wardrobe"]


def test_a_digest_is_that_of_what_is_said(folder):
    before = load_context(folder).digest
    path = folder / "ontology.toml"
    path.write_text("# a comment\n" + path.read_text())
    assert load_context(folder).digest == before
    path.write_text(path.read_text().replace('"straw"', '"hay"').replace("[materials]\n", "[materials]\n"))
    path.write_text(
        path.read_text().replace("strangers = [", 'strangers = ["top hat", ').replace('"hay"', '"straw"')
    )
    assert load_context(folder).digest != before


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "context.toml",
            'name = "wardrobe"',
            'name = "clothes"',
            r"toml, name: .*call both the same",
        ),
        ("context.toml", "langdesign-context/1", "langdesign-context/9", r"context\.toml, format: "),
        ("context.toml", "alter = 0.5", "alter = -1", r"context\.toml, operations\.alter: .*greater than 0"),
        ("context.toml", "alter = 0.5", "explode = 1", r"context\.toml, operations\.explode"),
        ("context.toml", '"hat"]', '"hat", "crown"]', r"agents/crown\.toml is missing; contexts/README"),
        ("context.toml", 'rooms = ["', 'rooms = ["shirt", "', r"shirt is an object and a room"),
        ("context.toml", "objects_first = 4", "objects_first = 4\nspeed = 1", r"curriculum\.speed"),
        ("ontology.toml", "[things.shirt]", "[things.shirt", r"ontology\.toml is no TOML.*line"),
        (
            "ontology.toml",
            '["wool", "leather", "cotton"]',
            '["tweed"]',
            r"coat\.materials names tweed",
        ),
        ("ontology.toml", '["shirt", "jacket"]', '["shirt", "vest"]', r"confused names vest"),
        ("agents/hat.toml", 'subject = "hat"', 'subject = "cap"', r"hat\.toml, subject: .*calls it 'hat'"),
        ("agents/hat.toml", '"bag"', '"anvil"', r"hat\.toml: anvil is no thing of ontology\.toml"),
        ("agents/hat.toml", 'change = "add"', 'change = "grow"', r"hat\.toml, shots\.1\.change"),
        (
            "agents/clothes-rack.toml",
            'scene = "a clothes rack"',
            "",
            r"rack\.toml: a room needs scene",
        ),
        ("phrases.toml", "Dye {x} {colour}.", "Dye {x} {flavour}", r"phrases\.toml.*has the slot flavour"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_field(folder, file, old, new, said):
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InvalidContext, match=said):
        load_context(folder)


def test_phrases_may_be_left_out(folder):
    (folder / "phrases.toml").unlink()
    assert "Paint {x} {colour}" in load_context(folder).phrases.colour


def test_a_folder_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(InvalidContext, match="There is no folder"):
        list_contexts(tmp_path / "none")
    with pytest.raises(InvalidContext, match=r"context\.toml is missing"):
        load_context(tmp_path)


def test_a_file_without_end_is_refused(folder):
    (folder / "ontology.toml").write_text("#" * (2 << 20))
    with pytest.raises(InvalidContext, match="more than"):
        load_context(folder)


def test_a_subject_that_is_unknown_is_named_with_those_that_are_there(interior):
    with pytest.raises(InvalidContext, match=r"no subject 'garage'; choose from chair, .*dining room"):
        interior.check_subjects(["chair", "garage"])
