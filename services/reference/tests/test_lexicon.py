"""The lexicons as files."""

import tomllib
from importlib import resources

import pytest
from langdesign_reference.fitting import chance, fit
from langdesign_reference.frames import FRAMES
from langdesign_reference.lexicon import LANGUAGES, Lexicon, load_lexicon
from langdesign_reference.lexicon_tables import read_table
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
