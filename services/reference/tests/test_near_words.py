import random
import string

import pytest
from langdesign_reference.near_words import NearWords
from langdesign_reference.occurrences import Occurrences, english

WORDS = ["bed", "bad", "beds", "sofa", "table", "cable", "lamp"]


@pytest.mark.parametrize(
    ("slip", "found"),
    [
        ("bed", ["bed", "beds", "bad"]),  # itself, a letter left out, a letter changed
        ("tabel", ["table"]),  # neighbours swapped
        ("sofaa", ["sofa"]),  # a letter added
        ("able", ["table", "cable"]),
        ("lpma", []),
        ("", []),
    ],
)
def test_words_within_one_edit_are_found_the_commonest_first(slip, found):
    near = NearWords({"bed": 9, "beds": 8, "bad": 7, "table": 6, "cable": 5, "sofa": 4, "lamp": 3})
    assert [one.term for one in near.near(slip)] == found


def test_any_single_slip_of_a_word_leads_back_to_it():
    near, chance = NearWords(dict.fromkeys(WORDS, 1)), random.Random(1)
    for _ in range(500):
        word = chance.choice(WORDS)
        at, letter = chance.randrange(len(word)), chance.choice(string.ascii_lowercase)
        slips = (
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
        )
        assert all(word in {one.term for one in near.near(slip)} for slip in slips)


def test_occurrences_are_those_of_the_whole_word():
    counts = Occurrences(b"the 230\nthem 5\nbed 17\n")
    assert [counts.get(word) for word in ("the", "them", "bed", "th", "beds", "a", "zz", "")] == [
        230,
        5,
        17,
        *[0] * 5,
    ]
    assert Occurrences(b"").get("bed", 1) == 1


def test_english_words_have_the_counts_that_slips_are_judged_by():
    words = english()
    assert words.get("parquet") < 1_000_000 < words.get("bold")
    assert words.get("sofe") == 0
