"""The lexicons as files."""

import tomllib
from importlib import resources

import pytest
from langdesign_reference.fitting import chance, fit
from langdesign_reference.frames import FRAMES
from langdesign_reference.lexicon import LANGUAGES, Lexicon, load_lexicon
from langdesign_reference.lexicon_tables import read_table
from langdesign_reference.words import PhraseSet, PhraseSets, split_words
from msgspec import ValidationError


def _data(language):
    file = resources.files("langdesign_reference").joinpath("data", "lexicon", f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8"))


def test_a_missing_and_an_unknown_key_are_named():
    lacking, strange = _data("en"), _data("en")
    del lacking["words"]["openers"]
    strange["verbs"]["juggle"] = ["juggle"]
    with pytest.raises(ValidationError, match=r"missing.*`openers`.*words"):
        read_table(Lexicon, lacking)
    with pytest.raises(ValidationError, match=r"unknown.*`juggle`.*verbs"):
        read_table(Lexicon, strange)


def test_a_phrase_without_words_is_an_error():
    data = _data("en")
    data["nouns"].append("  ")
    with pytest.raises(ValidationError, match="holds no words"):
        read_table(Lexicon, data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verb_has_a_frame_with_a_reason(language):
    frames = {name for name, _ in load_lexicon(language).verbs.sets()} - {"want"}  # an opener
    assert frames <= FRAMES.keys()
    assert all(frame.reason for frame in FRAMES.values())


def test_fitted_weights_tell_evidence_from_chance():
    samples = [((0.0, 1.0), True)] * 9 + [((0.0, 0.0), True)] * 9 + [((1.0, 1.0), False)] * 9
    weights = fit(samples)
    assert weights[1] < weights[2] - 0.1 <= 0
    assert chance(weights, (0.0, 0.0)) > 0.7
    assert chance(weights, (1.0, 1.0)) < 0.5


def test_sets_together_tell_the_longest_phrase_and_of_equal_ones_the_first_set():
    sets = PhraseSets(
        [("take", PhraseSet(["take", "take out"])), ("go", PhraseSet(["take out", "take off"]))]
    )
    assert sets.longest_at(split_words("take out the bed"), 0) == ("take", 2)
    assert sets.longest_at(split_words("take off the lamp"), 0) == ("go", 2)
    assert sets.longest_at(split_words("take"), 0) == ("take", 1)
    assert sets.longest_at(split_words("out take"), 0) is None
    assert [sets.length_at(split_words("take out"), at) for at in (-1, 0, 1, 2)] == [0, 2, 0, 0]
    assert "take" in sets
    assert "out" not in sets


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_direction_joins_no_phrases(language):
    lexicon = load_lexicon(language)
    joining = {name for name, _ in lexicon.prepositions.sets()} - {"directions"}
    phrases = [phrase for name in joining for phrase in getattr(lexicon.prepositions, name)]
    alone = [phrase for phrase in lexicon.prepositions.directions if phrase not in phrases]
    assert all(lexicon.joining.length_at(split_words(" ".join(one)), 0) == len(one) for one in phrases)
    assert any(lexicon.joining.length_at(split_words(" ".join(one)), 0) == 0 for one in alone)


def test_no_noun_stands_before_the_first_word_or_after_the_last():
    lexicon = load_lexicon("en")
    assert [lexicon.noun_at(split_words("lamp"), at) for at in (-1, 0, 1)] == [0, 1, 0]
    assert lexicon.noun_at([], -1) == 0
