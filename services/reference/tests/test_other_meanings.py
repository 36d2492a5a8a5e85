"""A noun that may mean several things is told by all of them, so that nothing is certified absent by one."""

import tomllib
from importlib import resources

import pytest
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import parse
from langdesign_reference.plan import MAX_ALTERNATIVES
from langdesign_reference.translation import LANGUAGES
from langdesign_reference.translation.vocabulary import load_vocabulary
from langdesign_reference.words import fold


def edit_of(instruction, language):
    (edit,) = parse(instruction, load_lexicon(language)).edits
    return edit


def meanings(instruction, language):
    """The first reference in English, and what else it may be."""
    reference = edit_of(instruction, language).references[0]
    return [reference.english, *reference.alternatives]


@pytest.mark.parametrize(
    ("instruction", "english"),
    [
        ("Streich den roten Schrank blau", ["the red wardrobe", "the red cabinet", "the red cupboard"]),
        ("Entferne die Schränke", ["the wardrobes", "the cabinets", "the cupboards"]),
        ("Mach den linken Sessel grün", ["the left armchair", "the left chair"]),
        ("Mach die Kommode weiß", ["the chest of drawers", "the dresser", "the cabinet"]),
        ("Mach das Regal weiß", ["the shelf", "the bookshelf", "the bookcase"]),
        # What a compound ends in may mean as much, unless the compound is plain.
        ("Streich den Eichenschrank blau", ["the oak cabinet", "the oak wardrobe", "the oak cupboard"]),
        (
            "Mach die Flurkommode weiß",
            ["the hallway chest of drawers", "the hallway dresser", "the hallway cabinet"],
        ),
        (
            "Mach das Kästchen weiß",
            ["the small wardrobe", "the small cabinet", "the small cupboard", "the small box"],
        ),
        ("Streich den Wandschrank blau", ["the cupboard"]),
        ("Streich den Kleiderschrank blau", ["the wardrobe"]),
        ("Mach das Bett rot", ["the bed"]),
        # A thing is told apart by others, which may mean several things too.
        (
            "Mach die Vase auf dem Schrank rot",
            ["the vase on the wardrobe", "the vase on the cabinet", "the vase on the cupboard"],
        ),
    ],
)
def test_german_nouns_by_all_that_they_may_mean(instruction, english):
    assert meanings(instruction, "de") == english


@pytest.mark.parametrize(
    ("instruction", "english"),
    [
        ("Fă dulapul roșu", ["the wardrobe", "the cabinet", "the cupboard"]),
        ("Șterge dulapurile", ["the wardrobes", "the cabinets", "the cupboards"]),
        ("Fă perna albastră", ["the cushion", "the pillow"]),
        (
            "Fă ușa dulapului roșie",
            ["the door of the wardrobe", "the door of the cabinet", "the door of the cupboard"],
        ),
        ("Fă biroul verde", ["the desk", "the office"]),
        ("Fă șifonierul roșu", ["the wardrobe"]),
        ("Fă patul roșu", ["the bed"]),
    ],
)
def test_romanian_nouns_by_all_that_they_may_mean(instruction, english):
    assert meanings(instruction, "ro") == english


@pytest.mark.parametrize(
    ("instruction", "language", "english"),
    [
        ("Streich die Decke weiß", "de", ["the ceiling", "the blanket", "the tablecloth"]),
        ("Mach die Decke auf dem Bett rot", "de", ["the blanket on the bed"]),
        (
            "Mach die Decke auf dem Tisch rot",
            "de",
            ["the blanket on the table", "the tablecloth on the table"],
        ),
        (
            "Mach die Decke über dem Bett rot",
            "de",
            ["the ceiling above the bed", "the blanket above the bed", "the tablecloth above the bed"],
        ),
        (
            "Mach die Decke links weiß",
            "de",
            ["the ceiling on the left", "the blanket on the left", "the tablecloth on the left"],
        ),
        ("Entferne die Decke", "de", ["the blanket", "the tablecloth"]),
        ("Mach zwei Decken rot", "de", ["the two blankets", "the two tablecloths"]),
        ("Șterge biroul", "ro", ["the desk"]),
        ("Mută scara la stânga", "ro", ["the ladder"]),
    ],
)
def test_what_stands_loosely_in_a_room_is_no_part_of_it(instruction, language, english):
    assert meanings(instruction, language) == english


def test_a_ceiling_is_not_brought_in():
    assert edit_of("Leg eine Decke auf das Bett", "de").instruction == "put a blanket on the bed"


def test_the_editor_is_told_the_likeliest_meaning():
    assert edit_of("Streich den roten Schrank blau", "de").instruction == "make the red wardrobe blue"


def test_two_nouns_of_several_meanings_are_told_by_no_more_than_a_plan_holds():
    found = meanings("Mach das Bild über dem Schrank rot", "de")

    assert found == [
        "the picture above the wardrobe",
        "the picture above the cabinet",
        "the picture above the cupboard",
        "the painting above the wardrobe",
        "the painting above the cabinet",
    ]
    assert len(found) == 1 + MAX_ALTERNATIVES


def test_english_means_what_it_says():
    assert meanings("Paint the wardrobe blue", "en") == ["the wardrobe"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_english_word_in_another_language_has_no_further_meaning(language):
    assert all(not entry.others for entry in load_vocabulary(language).english().values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_with_other_meanings_is_a_noun_and_has_few(language):
    vocabulary = load_vocabulary(language)
    file = resources.files("langdesign_reference").joinpath("data", "translations", f"{language}.toml")
    listed = tomllib.loads(file.read_text("utf-8"))["other_meanings"].values()
    words = {word for words in listed for word in words.split(", ")}
    told = {fold(forms[0]) for forms, entry in vocabulary.lemmas if entry.others}
    heads = {f"-{head}" for head, _ in vocabulary.functions.get("compound_heads").items()}

    assert {fold(word) for word in words} <= told | heads
    assert all(len(entry.others) <= MAX_ALTERNATIVES for _, entry in vocabulary.lemmas)
