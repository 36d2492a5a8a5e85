"""The tagger that comes along, and what it is made of."""

import numpy as np
import pytest
from langdesign_reference.lexicon import LANGUAGES, load_lexicon
from langdesign_reference.reading import read, readings_of
from langdesign_reference.tagging import weights
from langdesign_reference.tagging.network import EMBEDDING
from langdesign_reference.tagging.tagger import NETWORK, VECTORS, folder, load_vectors
from langdesign_reference.tagging.tagset import LABELS, TAGS, may_follow, may_start
from langdesign_reference.tagging.vocabulary import BUCKETS, Vocabulary


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["?", "...", "a", "the the the", "> < >", "🛋", "1. 2. 3.", "and, and; or"])
def test_any_words_are_tagged_within_the_instruction(language, text):
    readings = readings_of(text, load_lexicon(language))
    assert all(
        0 <= one.start < one.end <= len(text) for edit in readings.tagged.edits for one in edit.references
    )
    chosen = read(text, load_lexicon(language))
    assert chosen is None or 0 <= chosen.confidence <= 1


def test_sentences_with_a_verb_and_a_target_each_are_edits_of_their_own():
    told = readings_of("Paint the sofa blue. Paint the rug blue.", load_lexicon("en")).tagged
    assert [(edit.operation, edit.references[0].expression) for edit in told.edits] == [
        ("recolour", "the sofa"),
        ("recolour", "the rug"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Frobnicate the harp",
        "Paint the wall blue and frobnicate the harp",
        "I love the red cabinet",
        "That lamp is from my aunt",
        "bed bed bed bed",
    ],
)
def test_an_edit_by_a_word_that_nothing_is_known_of_is_a_guess(text):
    assert readings_of(text, load_lexicon("en")).tags.guessed


@pytest.mark.parametrize("text", ["Remove the frobnicator", "sofa blue", "Jettison the rug", "cobwebs"])
def test_what_is_asked_for_by_words_that_are_known_is_none(text):
    assert not readings_of(text, load_lexicon("en")).tags.guessed


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Don't remove the bed"),
        ("en", "Please don't remove the bed"),
        ("en", "Do not remove the bed please"),
        ("en", "You must not paint the walls"),
        ("en", "Never remove the bed"),
        ("en", "Don't you dare move the piano"),
        ("en", "Undo that"),
        ("de", "Bitte das Bett nicht entfernen"),
        ("de", "Den Teppich nicht anfassen"),
        ("de", "Bitte entferne das Sofa nicht"),
        ("ro", "Nu scoate patul"),
        ("ro", "Te rog nu scoate patul"),
    ],
)
def test_what_is_forbidden_is_surely_not_done(language, text):
    reading = read(text, load_lexicon(language))
    assert reading is not None
    assert reading.edits == ()
    assert reading.confidence > 0.5


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("I don't want the bed in there any more", "remove"),
        ("Don't make the bed red, make it green", "recolour"),
        ("Don't just paint the wall, take it out", "remove"),
    ],
)
def test_a_wish_or_what_follows_a_refusal_is_done(text, operation):
    reading = read(text, load_lexicon("en"))
    assert reading is not None
    assert [one.operation for one in reading.edits][-1] == operation


def test_things_with_a_value_each_are_edits_of_their_own():
    reading = read("bed red, walls blue, keep the curtain", load_lexicon("en"))
    assert reading is not None
    assert [one.instruction for one in reading.edits] == ["make the bed red", "make the walls blue"]


def test_the_files_that_come_along_are_small():
    assert sum((folder() / name).stat().st_size for name in (NETWORK, VECTORS)) <= 4_000_000


def test_the_network_that_comes_along_tells_what_the_code_names():
    tables, in_bytes, names = weights.load(folder() / NETWORK, {EMBEDDING})
    rows, networks, _ = in_bytes[EMBEDDING].numbers.shape
    assert rows == Vocabulary(names).size
    assert tables["transitions"].shape == (networks, len(TAGS), len(TAGS))
    assert tables["labels.bias"].shape == (networks, len(LABELS))


def test_words_of_like_meaning_have_like_vectors_and_unknown_words_none():
    meanings = [
        {"red"},
        {"blue"},
        {"table"},
        {"xylophonists"},
        {"zzz"},
        (),
        {"über-wohnlichster"},
        {"red", "blue"},
    ]
    red, blue, table, *unknown, both = load_vectors().of(meanings)
    assert red @ blue > red @ table
    assert not np.any(unknown)
    np.testing.assert_allclose(both, (red + blue) / 2, rtol=1e-6)


def test_a_word_is_known_by_its_letters_and_by_what_the_lexicon_knows_of_it():
    vocabulary = Vocabulary(["k=lamp", "nouns"])
    rows = vocabulary.rows("lamp", ["k=lamp", "nouns", "unheard of"])
    assert rows[-2:] == [BUCKETS + 1, BUCKETS + 2]
    assert set(rows[:-2]) & set(vocabulary.rows("lamps", []))
    assert vocabulary.of_letters()[rows].tolist() == [True] * (len(rows) - 1) + [False]


def test_files_keep_weights_to_half_a_step(tmp_path):
    random = np.random.default_rng(0)
    tables = {"large": random.normal(size=(200, 2, 64)), "deep": random.normal(size=(2, 99, 64))}
    tables["small"] = random.normal(size=3)
    weights.save(
        tmp_path / "some", {name: some.astype(np.float32) for name, some in tables.items()}, ["ß", "a b"]
    )
    found, looked_up, names = weights.load(tmp_path / "some", {"large"})
    assert names == ["ß", "a b"]
    np.testing.assert_allclose(found["small"], tables["small"], rtol=1e-3)
    for name, table in (("large", looked_up["large"].at([199, 3])), ("deep", found["deep"])):
        wanted = tables[name][[199, 3]] if name == "large" else tables[name]
        steps = np.abs(wanted).max(-1, keepdims=True) / 127
        assert (np.abs(table - wanted) <= 0.52 * steps).all()


def test_a_span_only_goes_on_and_the_first_word_starts_no_other_edit():
    assert [before for before in TAGS if may_follow("I-K", before)] == ["B-K", "I-K", "S|B-K"]
    assert not any(tag.startswith(("I-", "S|")) for tag in filter(may_start, TAGS))


@pytest.mark.parametrize("text", ["Good morning", "I'm not sure about the rug", "That lamp is from my aunt"])
def test_what_no_rule_fits_is_removed_by_a_word_that_takes_away_alone_and_nothing_is_changed_by_none(text):
    chosen = read(text, load_lexicon("en"))
    assert chosen is None or not chosen.edits
