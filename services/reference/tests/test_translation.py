"""What is asked in German and Romanian comes out in English, and what cannot is said."""

import re
import tomllib
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdesign_reference.asked import Argument, Asked
from langdesign_reference.plan import Operation, Relation, Role, Scope
from langdesign_reference.translation import LANGUAGES, is_noun, is_value, translate
from langdesign_reference.words import fold, split_words


def _data(language):
    file = resources.files("langdesign_reference").joinpath("data", "translations", f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8"))


DATA = {language: _data(language) for language in LANGUAGES}
# Tables from English to words; the rest are lists of words.
TABLES = {
    language: {name: table for name, table in data.items() if "words" not in table}
    for language, data in DATA.items()
}
WORDS = {
    language: sorted(
        {
            word
            for data in (DATA[language],)
            for table in data.values()
            for words in table.values()
            for word in (words if isinstance(words, list) else re.split(r", |/", words))
        }
    )
    for language in LANGUAGES
}


def _asked(operation, value="", verb="", link="", **roles):
    """Ask for an edit: `target="das Bett"`, `anchor=("auf", Relation.ON)`."""
    arguments = []
    for role, texts in roles.items():
        for text in [texts] if isinstance(texts, str | tuple) else texts:
            words, relation = text if isinstance(text, tuple) else (text, Relation.UNSPECIFIED)
            arguments.append(Argument(tuple(split_words(words)), Role(role), relation))
    said = {
        name: tuple(split_words(text)) for name, text in (("value", value), ("verb", verb), ("link", link))
    }
    scope = Scope.REGION if roles else Scope.GLOBAL
    return Asked(operation, scope, tuple(arguments), **said)


def _expression(text, language):
    return translate(_asked(Operation.REMOVE, target=text), language).references[0]


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("den rechten Stuhl", "the right chair"),
        ("das Bett", "the bed"),
        ("die Wand hinter dem Sofa", "the wall behind the sofa"),
        ("das Bild an der Wand über dem Bett", "the picture on the wall above the bed"),
        ("die Stühle am Fenster", "the chairs by the window"),
        ("die stuehle am fenster", "the chairs by the window"),
        ("Alle Stühle", "all the chairs"),
        ("dem am Kopfende", "the one at the head end"),
        ("die blauen", "the blue ones"),
        ("die zwei kleinen Tischchen", "the two small tables"),
        ("die Türen des Kleiderschranks", "the doors of the wardrobe"),
        ("den Stuhl, der am Fenster steht", "the chair by the window"),
        ("den Tisch aus hellem Holz", "the light wooden table"),
        ("die Sessel", "the armchairs"),
        ("den Sessel", "the armchair"),
        ("die Schüssel", "the bowl"),
        # Compounds by their parts, whatever links them.
        ("Die Küchenfronten", "the kitchen fronts"),
        ("das Eichenparkett", "the oak parquet"),
        ("dem dunkelgrünen Samtsofa", "the dark green velvet sofa"),
        ("die Schlafzimmerwand", "the bedroom wall"),
        ("den Badezimmerteppich", "the bathroom rug"),
        ("das IKEA-Regal", "the IKEA shelf"),
        # Words that English has too.
        ("das Sideboard", "the sideboard"),
        ("den Laptop", "the laptop"),
    ],
)
def test_german_expressions_in_english(german, english):
    assert _expression(german, "de") == english


@pytest.mark.parametrize(
    ("romanian", "english"),
    [
        ("peretele din spatele canapelei", "the wall behind the sofa"),
        ("canapeaua roșie mare", "the big red sofa"),
        ("culoarea pereților", "the colour of the walls"),
        ("scaunele alea pliante de langa usa", "those folding chairs next to the door"),
        ("draperiile astea", "these curtains"),
        ("masa de sticla", "the glass table"),
        ("masa din bucătărie", "the table in the kitchen"),
        ("masuta de cafea", "the coffee table"),
        ("lampa de pe birou", "the lamp on the desk"),
        ("cele două scaune de lângă geam", "the two chairs next to the window"),
        ("toate tablourile de pe perete", "all the pictures on the wall"),
        ("peretele din stânga", "the wall on the left"),
        ("noptiera din stânga patului", "the nightstand to the left of the bed"),
        ("perdeaua verde închis", "the dark green curtain"),
        ("ușile dulapului", "the doors of the wardrobe"),
        ("cea mai mare plantă", "the biggest plant"),
        ("scaunul cel mare", "the big chair"),
        ("cel de lângă fereastră", "the one next to the window"),
        ("scaunul care stă lângă masă", "the chair next to the table"),
        ("perna", "the cushion"),
        # Cedillas and commas, and neither.
        ("uşa", "the door"),
        ("ușa", "the door"),
        ("usa", "the door"),
    ],
)
def test_romanian_expressions_in_english(romanian, english):
    assert _expression(romanian, "ro") == english


ON, BESIDE, BEHIND = Relation.ON, Relation.BESIDE, Relation.BEHIND


@pytest.mark.parametrize(
    ("asked", "instruction"),
    [
        (_asked(Operation.RECOLOUR, "rot", "mach", target="das Bett"), "make the bed red"),
        (
            _asked(Operation.RECOLOUR, "einem warmen Ocker", "streich", "in", target="die Wand"),
            "make the wall warm ochre",
        ),
        (_asked(Operation.RECOLOUR, "#aabb01", target="die Wand"), "make the wall #aabb01"),
        (
            _asked(Operation.REMOVE, verb="mach", target="den hässlichen Heizkörper"),
            "remove the ugly radiator",
        ),
        (
            _asked(Operation.REPLACE, "einen Kronleuchter", target="der Deckenlampe"),
            "replace the ceiling lamp with a chandelier",
        ),
        (_asked(Operation.REPLACE, "Dusche", target="Badewanne"), "replace the bathtub with a shower"),
        (_asked(Operation.ADD, "ne Pflanze", anchor=("den Schreibtisch", ON)), "put a plant on the desk"),
        (_asked(Operation.ADD, "Holzjalousien"), "add wooden blinds"),
        (
            _asked(Operation.MOVE, target="den Sessel", anchor=("das Fenster", Relation.IN_FRONT)),
            "move the armchair in front of the window",
        ),
        (_asked(Operation.MOVE, "nach links", target="das Bett"), "move the bed to the left"),
        (
            _asked(Operation.RESTYLE, "Eiche", link="aus", target="Die Küchenfronten"),
            "make the kitchen fronts out of oak",
        ),
        (_asked(Operation.RESTYLE, "Art-déco-Stil", link="im"), "give the room an Art Deco style"),
        (
            _asked(Operation.RESTYLE, "ein Berliner Altbau", "soll", "wie"),
            "make the room look like a Berlin old building",
        ),
        (_asked(Operation.OTHER, "etwas heller und wärmer"), "make the room slightly brighter and warmer"),
        (_asked(Operation.OTHER, verb="öffne", target="die Vorhänge"), "open the curtains"),
        (_asked(Operation.OTHER, "mehr Licht"), "give the room more light"),
        (
            _asked(Operation.ADD, "drei kleine Bilder", anchor=("das Bett", Relation.ABOVE)),
            "put three small pictures above the bed",
        ),
    ],
)
def test_german_edits_become_english_instructions(asked, instruction):
    assert translate(asked, "de").instruction == instruction


@pytest.mark.parametrize(
    ("asked", "instruction"),
    [
        (
            _asked(
                Operation.RECOLOUR, "verde închis", "vopsește", "în", target="peretele din spatele patului"
            ),
            "make the wall behind the bed dark green",
        ),
        (
            _asked(Operation.REPLACE, "una din lemn", target="masa de sticla"),
            "replace the glass table with a wooden one",
        ),
        (
            _asked(Operation.REPLACE, "jaluzele din lemn", target="draperiile astea"),
            "replace these curtains with wooden blinds",
        ),
        (
            _asked(Operation.ADD, "doua perne albastre", "adauga", anchor=("pat", ON)),
            "put two blue cushions on the bed",
        ),
        (
            _asked(Operation.ADD, "o plantă mare", anchor=("canapea", BESIDE)),
            "put a big plant next to the sofa",
        ),
        (_asked(Operation.RESTYLE, "stil industrial", link="în"), "give the room an industrial style"),
        (
            _asked(Operation.RESTYLE, "alama", target="lampa de pe birou"),
            "make the lamp on the desk out of brass",
        ),
        (_asked(Operation.OTHER, verb="aprinde", target="lampadarul"), "turn on the floor lamp"),
        (_asked(Operation.OTHER, "mai multă lumină naturală"), "give the room more natural light"),
        (
            _asked(Operation.MOVE, target="fotoliul", anchor=("șemineu", BEHIND)),
            "move the armchair behind the fireplace",
        ),
    ],
)
def test_romanian_edits_become_english_instructions(asked, instruction):
    assert translate(asked, "ro").instruction == instruction


@pytest.mark.parametrize(
    ("asked", "language", "unknown"),
    [
        (_asked(Operation.REMOVE, target="den alten Sitzpouf"), "de", ("Sitzpouf",)),
        (_asked(Operation.ADD, "einen Zwurbel", anchor=("den Tisch", ON)), "de", ("Zwurbel",)),
        (_asked(Operation.OTHER, verb="verzwurble", target="den Tisch"), "de", ("verzwurble",)),
        (_asked(Operation.REMOVE, target="șbanghiul roșu"), "ro", ("șbanghiul",)),
    ],
)
def test_words_without_english_are_said_and_nothing_is_guessed(asked, language, unknown):
    translated = translate(asked, language)

    assert translated.unknown_words == unknown
    assert translated.instruction == ""


def test_only_the_expression_with_the_unknown_word_is_left_empty():
    asked = _asked(Operation.MOVE, target="den Zwurbel", anchor=("das Fenster", BESIDE))

    assert translate(asked, "de").references == ("", "the window")


def test_what_is_added_is_told_apart_from_where_it_goes():
    assert translate(_asked(Operation.ADD, "eine Stehlampe", anchor=("dem Sofa", BESIDE)), "de").value == (
        "a floor lamp"
    )


@pytest.mark.parametrize(
    ("word", "language", "noun", "value"),
    [
        ("stuhle", "de", True, False),
        ("kuchenfronten", "de", True, False),
        ("hellblauen", "de", False, True),
        ("zwurbel", "de", False, False),
        ("canapelei", "ro", True, False),
        ("albastre", "ro", False, True),
        ("chair", "en", False, False),
    ],
)
def test_forms_are_told_apart_as_nouns_and_values(word, language, noun, value):
    assert is_noun(word, language) is noun
    assert is_value(word, language) is value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_is_listed_is_known(language):
    sections = (
        "nouns",
        "mass",
        "plural",
        "materials",
        "patterns",
        "styles",
        "colours",
        "sizes",
        "adjectives",
    )
    listed = [word for name in sections for word in TABLES[language][name].values()]
    words = [form for words in listed for word in words.split(", ") for form in word.split("/")]

    unknown = [
        word
        for word in words
        if translate(_asked(Operation.RECOLOUR, word, target=word), language).unknown_words
    ]

    assert unknown == []


# What English phrases hold beside the words of the dictionaries.
FRAME_WORDS = {
    "the",
    "a",
    "an",
    "of",
    "one",
    "ones",
    "and",
    "or",
    "by",
    "on",
    "at",
    "in",
    "to",
    "for",
    "with",
}


def _left_over(language):
    """Return the words of a language that English does not have."""
    tables = TABLES[language].items()
    english = " ".join(key for name, table in tables if name != "contractions" for key in table)
    known = {fold(word) for word in re.findall(r"[^\W\d_]+", english)} | FRAME_WORDS
    return {fold(part) for word in WORDS[language] for part in word.split()} - known


LEFT_OVER = {language: _left_over(language) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_no_word_of_the_source_is_left_over(language, data):
    words = data.draw(st.lists(st.sampled_from(WORDS[language]), min_size=1, max_size=6))
    text = _expression(" ".join(words), language)

    assert not LEFT_OVER[language] & {fold(word) for word in re.findall(r"[^\W\d_]+", text)}


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_text_is_translated_or_its_unknown_words_are_said(language, data):
    phrase = st.lists(st.sampled_from(WORDS[language]), max_size=12).map(" ".join) | st.text(max_size=120)
    operation = data.draw(st.sampled_from(Operation))
    asked = _asked(operation, data.draw(phrase), data.draw(phrase), target=data.draw(phrase))

    translated = translate(asked, language)

    assert len(translated.references) == 1
    assert not (translated.instruction and translated.unknown_words)
