"""Words of texts, alike on every database: without case and accents."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not take apart, as people type them without their strokes.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ħ": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
    }
)
# Separators, control characters and punctuation; of the latter, these two are letters.
_BETWEEN, _LETTERS = ("Z", "C", "P"), "%_"


def words_of(*texts: str) -> str:
    """Return the words of texts in small letters without accents, each after a space; "" for none.

    Source: compatibility caseless matching, Unicode Standard, section 3.13; then accents are left out.
    """
    return "".join(f" {word}" for text in texts for word in _folded(text).split())


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = (character for character in apart if not unicodedata.combining(character))
    return "".join(character if _is_letter(character) else " " for character in bare).translate(_PLAIN)


def _is_letter(character: str) -> bool:
    return character in _LETTERS or unicodedata.category(character)[0] not in _BETWEEN
