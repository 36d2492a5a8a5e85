"""The tagger that comes along, and the program that trains one."""

import json
from importlib import resources

import pytest
from langdesign_reference.lexicon import LANGUAGES, load_lexicon
from langdesign_reference.parser import spelt
from langdesign_reference.reading import read, readings_of
from langdesign_reference.tagging.clusters import clusters_of, packed, unpacked
from langdesign_reference.tagging.examples import example_of, read_rows
from langdesign_reference.tagging.tagger import Tagger
from langdesign_reference.tagging.training import trained

ROWS = [
    ("Paint the wall blue", "recolour", "the wall", "blue"),
    ("Paint the door red", "recolour", "the door", "red"),
    ("Paint the shelf green", "recolour", "the shelf", "green"),
    ("Remove the lamp", "remove", "the lamp", "lamp"),
    ("Remove the rug", "remove", "the rug", "rug"),
    ("Remove the stool", "remove", "the stool", "stool"),
]


def row(instruction: str, operation: str, target: str, said: str) -> dict:
    references = [{"expression": target, "role": "target"}]
    edit = {"operation": operation, "scope": "region", "references": references, "says": [said], "silent": []}
    return {"instruction": instruction, "language": "en", "edits": [edit]}


def test_a_tagger_learns_what_it_is_shown_and_the_same_each_time():
    examples = [example_of(row(*one)) for one in ROWS]
    models = trained(examples)
    lexicon = load_lexicon("en")
    words, _ = spelt("Remove the table", lexicon)
    segment = Tagger(*models).tag(words, lexicon).segments[0]
    assert (segment.operation, [(one.first, one.end, one.kind) for one in segment.spans]) == (
        "remove",
        [(1, 3, "T")],
    )
    assert trained(examples) == models


def test_held_out_rows_are_not_read_and_writers_are(tmp_path):
    path = tmp_path / "some.jsonl"
    parts = [{"part": "held_out"}, {"writer": "ninth"}, {}]
    path.write_text("\n".join(json.dumps({"instruction": "x", **part}) for part in parts))
    assert [one["writer"] for one in read_rows([path])] == ["ninth", "some"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["?", "...", "a", "the the the", "> < >", "🛋", "1. 2. 3.", "and, and; or"])
def test_any_words_are_tagged_within_the_instruction(language, text):
    readings = readings_of(text, load_lexicon(language))
    assert all(
        0 <= one.start < one.end <= len(text) for edit in readings.tagged.edits for one in edit.references
    )
    chosen = read(text, load_lexicon(language))
    assert chosen is None or 0 <= chosen.confidence <= 1


def test_the_models_that_come_along_are_small():
    folder = resources.files("langdesign_reference").joinpath("data", "tagging")
    sizes = [len(one.read_bytes()) for one in folder.iterdir() if one.name.endswith(".xz")]
    assert len(sizes) == 2
    assert sum(sizes) <= 2 * 1024 * 1024


def test_words_of_like_meaning_share_a_cluster_and_numbers_hold_three():
    assert clusters_of("red") == clusters_of("white")
    assert clusters_of("xylophonists") is None
    assert unpacked(packed(63, 255, 1023)) == (63, 255, 1023)


def test_sentences_with_a_verb_and_a_target_each_are_edits_of_their_own():
    told = readings_of("Paint the sofa blue. Paint the rug blue.", load_lexicon("en")).tagged
    assert [(edit.operation, edit.references[0].expression) for edit in told.edits] == [
        ("recolour", "the sofa"),
        ("recolour", "the rug"),
    ]
