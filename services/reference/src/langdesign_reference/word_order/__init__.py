"""Word order as the rules of each language read it: verb first, what belongs to it beside it.

The rules know "häng ab das Poster" and "der Stuhl soll sein rot"; said are "häng das Poster ab" and "der
Stuhl soll rot sein". Words are moved and left out, never changed: phrases stay spans of the instruction.
"""

from collections.abc import Iterator, Sequence

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.english import ENGLISH
from langdesign_reference.word_order.german import GERMAN
from langdesign_reference.word_order.german_spelling import as_written as german_as_written
from langdesign_reference.word_order.romanian import ROMANIAN
from langdesign_reference.word_order.romanian_spelling import as_written as romanian_as_written
from langdesign_reference.words import SENTENCE_END, Word

_ORDERS = {"en": ENGLISH, "de": GERMAN, "ro": ROMANIAN}
_SPELLINGS = {"de": german_as_written, "ro": romanian_as_written}


def in_standard_spelling(words: Sequence[Word], lexicon: Lexicon) -> list[Word]:
    """Return the words as a dictionary has them, before slips of the keyboard are looked for."""
    rule = _SPELLINGS.get(lexicon.language)
    return rule(words, lexicon) if rule else list(words)


def in_order(words: Sequence[Word], lexicon: Lexicon) -> list[Word]:
    """Return the words in the order that the rules of the language's lexicon read."""
    order = _ORDERS.get(lexicon.language)
    if order is None:
        return list(words)
    ordered = list[Word]()
    for sentence, stop in _sentences(words):
        asked = bool(stop) and stop[0].key == "?"
        for rule in (*(order.asked if asked else order.told), *order.rules):
            sentence = rule(sentence, lexicon) if sentence else sentence  # noqa: PLW2901 - one rule after another
        ordered += [*sentence, *stop]
    return ordered


def _sentences(words: Sequence[Word]) -> Iterator[tuple[list[Word], list[Word]]]:
    """Yield each sentence with the mark that ends it."""
    sentence = list[Word]()
    for word in words:
        if word.key in SENTENCE_END:
            yield sentence, [word]
            sentence = []
        else:
            sentence.append(word)
    yield sentence, []
