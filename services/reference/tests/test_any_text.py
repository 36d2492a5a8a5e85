"""Whatever is written, the readers end, raise nothing and name only what was said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdesign_reference.candidates import MAX_CANDIDATES, candidate_spans
from langdesign_reference.lexicon import LANGUAGES, load_lexicon
from langdesign_reference.parser import MAX_EDITS, MAX_REFERENCES, parse

LEXICONS = {language: load_lexicon(language) for language in LANGUAGES}
# Words that carry the rules, in any order, say more than letters in any order.
TELLING = [
    *sorted({word for lexicon in LEXICONS.values() for word in lexicon.vocabulary}),
    ",",
    ".",
    "'s",
    "->",
    "?",
]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=80, deadline=None, derandomize=True)
@given(text=st.lists(st.sampled_from(TELLING), max_size=25).map(" ".join) | st.text(max_size=1000))
def test_any_text_is_read_into_spans_of_itself_or_not_at_all(language, text):
    reading = parse(text, LEXICONS[language])
    if reading is not None:
        assert 0 < reading.confidence < 1
        assert len(reading.edits) <= MAX_EDITS
        for edit in reading.edits:
            assert len(edit.references) <= MAX_REFERENCES
            assert list(edit.references) == sorted(set(edit.references))
            assert (
                edit.references == ()
                or edit.scope == "region"
                or {r.role for r in edit.references} == {"keep"}
            )
            for reference in edit.references:
                assert reference.expression
                assert text[reference.start : reference.end] == reference.expression

    spans = candidate_spans(text, LEXICONS[language])
    assert len(spans) == len(set(spans)) <= MAX_CANDIDATES
    assert all(span and span in text for span in spans)


def test_a_verb_with_nothing_between_its_joints_is_read():
    text = "Five vases stand on that shelf, of which I'd keep two; remove the other three"
    operations = [edit.operation for edit in parse(text, LEXICONS["en"]).edits]
    assert operations[-1] == "remove"
