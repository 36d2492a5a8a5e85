import pytest
from langdesign_reference.words import COLOUR_CODE, keys


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("TISCH", ("tisch",)),
        ("Straße", ("strasse",)),
        ("Ștergător", ("stergator",)),
        ("bedside table", ("bedside", "table")),
        ("l\u2019armoire", ("l", "'armoire")),
        ("#FFAA00", (COLOUR_CODE,)),
        ("\uff9e", ()),  # a letter by its class, of which nothing is left without diacritics
    ],
)
def test_the_keys_of_a_phrase_are_its_words_in_lower_case_without_diacritics(phrase, found):
    assert keys(phrase) == found
