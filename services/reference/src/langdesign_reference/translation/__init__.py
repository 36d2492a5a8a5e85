"""What is asked in German or Romanian, in English: word by word, by dictionary, inflection and word order."""

from functools import lru_cache

from langdesign_reference.asked import Asked
from langdesign_reference.translation.german_phrases import GermanPhrases
from langdesign_reference.translation.instructions import Translated, Translator
from langdesign_reference.translation.romanian_phrases import RomanianPhrases
from langdesign_reference.translation.vocabulary import Part, Vocabulary, load_vocabulary
from langdesign_reference.words import Word

_PHRASES: dict[str, type[GermanPhrases] | type[RomanianPhrases]] = {
    "de": GermanPhrases,
    "ro": RomanianPhrases,
}
LANGUAGES = tuple(_PHRASES)
"""Languages that are translated."""
_VALUES = frozenset({Part.COLOUR, Part.MATERIAL, Part.PATTERN, Part.STYLE, Part.STATE})


_KINDS = {
    Part.COLOUR: "colours",
    Part.MATERIAL: "materials",
    Part.PATTERN: "patterns",
    Part.STYLE: "styles",
}

_PLURALS = ("", "e", "n", "en", "er")
"""Endings of German plurals; that of Romanian are among the forms."""


@lru_cache
def _phrases(language: str) -> GermanPhrases | RomanianPhrases:
    return _PHRASES[language](_vocabulary(language))


@lru_cache
def _vocabulary(language: str) -> Vocabulary:
    return load_vocabulary(language)


@lru_cache
def _translator(language: str) -> Translator:
    return Translator(_vocabulary(language), _phrases(language))


def translate(asked: Asked, language: str) -> Translated:
    """Put what is asked into English.

    Args:
        asked: One edit, in its own words.
        language: One of `LANGUAGES`.

    """
    return _translator(language).translate(asked)


def is_noun(key: str, language: str) -> bool:
    """Whether a folded word is a noun that can be put into English, in any form."""
    return language in _PHRASES and any(entry.nominal for entry in _phrases(language).words.entries(key))


def english_words(key: str, language: str) -> set[str]:
    """Return the words of all that a folded word may be in English; none of one that is in no dictionary."""
    if language not in _PHRASES:
        return set()
    return {part for entry in _phrases(language).words.entries(key) for part in entry.english.split()}


def nouns(language: str) -> set[str]:
    """Return the folded nouns of one word that can be put into English, in the forms that a room needs."""
    if language not in _PHRASES:
        return set()
    known = {form for form, entry in _phrases(language).words.forms() if entry.nominal and form.isalpha()}
    endings = _PLURALS if language == "de" else ("",)
    return {form + ending for form in known for ending in endings}


def attributes(language: str) -> dict[str, list[str]]:
    """Return what things may be made, in any form, by kind: `colours`, `materials`, ...; no things."""
    if language not in _PHRASES:
        return {}
    found: dict[str, list[str]] = {kind: [] for kind in _KINDS.values()}
    for form, entry in _phrases(language).words.forms():
        thing = " " not in form and is_noun(form, language)
        if entry.part in _KINDS and not thing and not form.startswith("cu "):
            found[_KINDS[entry.part]].append(form)
    return found


def is_new(word: Word, language: str) -> bool:
    """Whether a noun's form says that it has no article: "jaluzele", "lampă", but not "jaluzelele"."""
    if language not in _PHRASES:
        return False
    nouns = [entry for entry in _phrases(language).words.entries(word.key) if entry.nominal]
    if word.text.endswith("a") and word.text.isascii() and not word.text.endswith("ua"):
        return False  # "lampa" is "lampă" where diacritics are left out; who can tell
    return bool(nouns) and nouns[0].definite is False


def is_value(key: str, language: str) -> bool:
    """Whether a folded word is a colour, material, pattern, style or state in any form."""
    return language in _PHRASES and any(
        entry.part in _VALUES for entry in _phrases(language).words.entries(key)
    )


__all__ = [
    "LANGUAGES",
    "Translated",
    "attributes",
    "english_words",
    "is_new",
    "is_noun",
    "is_value",
    "nouns",
    "translate",
]
