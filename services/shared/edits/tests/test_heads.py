"""Which word of an expression names the thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdesign_edits.heads import head_nouns, names_unknown

NOUNS = ("chair", "lamp", "elephant", "nightstand", "curtains", "Sitzpouf", "dresser")
DESCRIPTIONS = (
    "red",
    "rustic",
    "wooden",
    "framed",
    "hanging",
    "left",
    "second",
    "bed's",
    "dark blue",
    "living room",
)
TAILS = (
    "by the window",
    "next to the bed",
    "on the left",
    "that is broken",
    "you see there",
    "standing near the door",
    "covered with cloth",
    "left of the table",
    "behind",
    "with a red pot",
    "in the corner of the room",
)


@pytest.mark.parametrize(
    ("expression", "heads"),
    [
        ("the elephant by the window", ["elephant"]),
        ("the rustic bed", ["bed"]),
        ("the bed's headboard", ["headboard"]),
        ("the bed\u2019s", ["bed"]),
        ("the man wearing a hat", ["man"]),
        ("the hanging lamp", ["lamp"]),
        ("the picture framed in gold", ["picture"]),
        ("one of the chairs", ["chairs"]),
        ("both of the two chairs", ["chairs"]),
        ("a pair of curtains", ["curtains"]),
        ("the chest of drawers", ["chest"]),
        ("the lamp at the top left", ["lamp"]),
        ("the bottom left", ["left"]),
        ("the bed and the elephant", ["bed", "elephant"]),
        ("the sofa, the rug", ["sofa", "rug"]),
        ("the black and white chair", ["chair"]),
        ("Sitzpouf", ["Sitzpouf"]),
        ("the white ceiling above the bed", ["ceiling"]),
        ("the large painting on the wall", ["painting"]),
        ("?!", []),
    ],
)
def test_the_head_is_the_word_that_names_the_thing(expression, heads):
    assert list(head_nouns(expression)) == heads


@given(
    st.sampled_from(("the", "a", "my", "both", "all the", "")),
    st.lists(st.sampled_from(DESCRIPTIONS), max_size=3),
    st.sampled_from(NOUNS),
    st.lists(st.sampled_from(TAILS), max_size=2),
)
def test_whatever_stands_around_it_the_noun_is_the_head(article, descriptions, noun, tails):
    assert head_nouns(" ".join([article, *descriptions, noun, *tails])) == (noun,)


@given(st.text(max_size=60))
def test_heads_are_words_of_any_text(text):
    assert all(head.replace("'", "") and head[0].isalnum() for head in head_nouns(text))


@given(st.sampled_from(DESCRIPTIONS[:-2]), st.sampled_from(NOUNS), st.sampled_from(TAILS[:2]))
def test_a_thing_is_unknown_by_its_own_name_alone(description, noun, tail):
    expression = f"the {description} {noun} {tail}"
    assert names_unknown(expression, [noun])
    assert not names_unknown(expression, [description, tail.split()[-1]])


@pytest.mark.parametrize("expression", ["the one on the left", "everything", "it"])
def test_a_word_that_stands_for_anything_names_nothing_unknown(expression):
    assert not names_unknown(expression, expression.split())


def test_a_part_of_a_hyphenated_name_makes_it_unknown():
    assert names_unknown("the night-stand", ["stand"])
