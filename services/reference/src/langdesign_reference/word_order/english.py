"""Turns of everyday English put as the rules read them: verb first, the place last, nothing glued."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.word_order.bounds import Order, place_length, said
from langdesign_reference.word_order.english_turns import TURNS
from langdesign_reference.words import PUNCTUATION, Word

_ASKED_FOR = frozenset(("add", "put", "want", "move"))
_PLAIN = frozenset(("remove", "change", "recolour", "put", "replace", "add", "move"))
"""Frames whose verbs start a clause even without a comma: "... on the desk paint the wall blue"."""


def place_last(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "above the fireplace I'd like a clock" as "I'd like a clock above the fireplace"."""
    for start in _clause_starts(words, lexicon):
        where = lexicon.prepositions.where.length_at(words, start)
        where = where if lexicon.words.determiners.length_at(words, start + where) else 0
        if not (where or place_length(words, start, lexicon)):
            continue
        if lexicon.prepositions.instead.length_at(words, start):
            continue
        end = _clause_end(words, start, lexicon)
        verb = next((i for i in range(start + 2, end) if _asks_at(words, i, lexicon)), None)
        if verb is None:
            continue
        place = words[start:verb]
        if place[-1].key == ",":
            place = place[:-1]
            end = _clause_end(words, verb, lexicon)
        return [*words[:start], *words[verb:end], *place, *words[end:]]
    return words


def _asks_at(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether a request starts at `index`: "I'd like a ...", "put the ...", or a new thing after a comma."""
    if words[index - 1].key == "," and lexicon.words.indefinite.length_at(words, index):
        return True
    length = 0
    while opens := lexicon.words.openers.length_at(words, index + length):
        if lexicon.verbs.want.length_at(words, index + length) >= opens:
            break
        length += opens
    verb = lexicon.verbs.longest_at(words, index + length)
    if verb is None or lexicon.noun_at(words, index + length) or verb[0] not in _ASKED_FOR:
        return False
    return lexicon.starts_phrase(words, index + length + verb[1])


def _clause_starts(words: list[Word], lexicon: Lexicon) -> list[int]:
    starts = [0]
    for index, word in enumerate(words):
        joins = lexicon.words.conjunctions.length_at(words, index)
        if joins:
            starts.append(index + joins)
        elif word.key == ",":
            starts.append(index + 1)
    return [index for index in starts if index < len(words)]


def _clause_end(words: list[Word], index: int, lexicon: Lexicon) -> int:
    """Return where the clause ends: at a comma, or "and" before a verb."""
    start = index
    while index < len(words):
        follows = words[index + 1 :]
        if words[index].key in PUNCTUATION and not (
            index > start and words[index].key == "," and _asks_at(words, index + 1, lexicon)
        ):
            return index
        joins = lexicon.words.conjunctions.length_at(words, index)
        if joins and follows and lexicon.verbs.longest_at(words, index + joins):
            return index
        index += 1
    return index


def commas_put(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Put a comma before a verb that nobody set apart: "... is ugly make it blue put a lamp on it"."""
    found = list[Word]()
    for index, word in enumerate(words):
        verb = lexicon.verbs.longest_at(words, index)
        if verb and len(found) > 1 and verb[0] in _PLAIN and _starts_unmarked(words, index, verb[1], lexicon):
            found.append(said(word, ","))
        found.append(word)
    return found


_CAUSES = frozenset(("have", "let", "see", "get", "help", "watch", "to", "'d", "would", "should"))


def _starts_unmarked(words: list[Word], index: int, length: int, lexicon: Lexicon) -> bool:
    if lexicon.noun_at(words, index) or lexicon.attribute_length(words, index):
        return False
    if not lexicon.starts_phrase(words, index + length) or words[index + length].key == "one":
        return False
    closed = lexicon.words.closers.length_before(words, index)
    before = lexicon.noun_before(words, index) or lexicon.attribute_before(words, index) or closed
    if not before or words[index - 1].key in PUNCTUATION:
        return False
    opened = lexicon.words.openers.length_before(words, index) or lexicon.words.openers.length_at(
        words, index
    )
    joined = lexicon.words.conjunctions.length_before(words, index)
    clause = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
    caused = {word.key for word in words[clause:index]} & _CAUSES and words[index].key != "make"
    return not (opened or joined or caused)


def set_apart(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "walls: white / floor: oak" with a stop, "except the taps + the sink" with "and"."""
    found = list[Word]()
    for index, word in enumerate(words):
        key = word.key
        if key == "/" and index and words[index - 1].key == "w":  # "a seat w/ cushions"
            continue
        if key == "/":
            stop = next((w.key for w in words[index + 1 :] if w.key in PUNCTUATION), "")
            key = ";" if stop == ":" else key
        elif key == ":" and _lists(words, index, lexicon):
            continue
        elif slip := _slip(words, index, lexicon):
            key = slip
        elif key == "+" and index and words[index - 1].key not in PUNCTUATION:
            excepted = any(lexicon.keeping.markers.length_at(words, i) for i in range(index))
            asks = (
                lexicon.verbs.longest_at(words, 0) or lexicon.noun_at(words, 0) == index
            )  # "sofa + chairs teal"
            key = "and" if excepted or asks else key
        elif key == "its" and _is_excess(words, index + 1, lexicon):  # "its too dark"
            found += [_as(word, "it"), said(word, "'s")]
            continue
        elif key == "w" and index + 1 < len(words) and words[index + 1].key == "/":
            key = "with"
        found.append(word if key == word.key else _as(word, key))
    return found


_MUCH = frozenset(("too", "so", "way", "far", "very", "really", "quite", "a", "not"))


def _is_excess(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether it is said how something is, and no noun follows: "too dark"."""
    how = index < len(words) and words[index].key in _MUCH
    return how and lexicon.noun_before(words, min(index + 2, len(words))) == 0


_PARTICLED = frozenset(
    ("turn", "switch", "take", "strip", "cut", "get", "wipe", "turned", "switched", "rip", "pull")
)


def _slip(words: list[Word], index: int, lexicon: Lexicon) -> str:
    """Return what a word of two or three letters is a slip of: "turn of the tv", "it is to dark"."""
    key, after = words[index].key, index + 1
    before = words[index - 1].key if index else ""
    ends = after == len(words) or words[after].key in PUNCTUATION
    if key == "an" and (
        lexicon.words.determiners.length_at(words, after) or _verb_follows(words, after, lexicon)
    ):
        return "and"
    verb = before in _PARTICLED or (ends and any(word.key in _PARTICLED for word in words[:index]))
    if key == "of" and verb and (ends or lexicon.words.determiners.length_at(words, after)):
        return "off"
    if key == "too" and index and lexicon.words.determiners.length_at(words, after) and not ends:
        return "to" if lexicon.noun_before(words, index) else ""
    dark = lexicon.attribute_length(words, after)
    told = before in {"'s", "is", "are", "was", "were", "looks", "look", "feels", "far"}
    told = told or (before == "way" and not lexicon.words.openers.length_before(words, after))
    return "too" if key == "to" and dark and told and not lexicon.noun_at(words, after) else ""


def _verb_follows(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether a verb with its object stands there, so that "an" is a slip of "and"."""
    verb = lexicon.verbs.longest_at(words, index)
    named = lexicon.noun_at(words, index) or lexicon.adjectives.length_at(words, index)
    return verb is not None and not named and lexicon.starts_phrase(words, index + verb[1])


def _as(word: Word, key: str) -> Word:
    return replace(word, key=key, text=key)


def _lists(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether a colon only opens the list of a verb's things: "remove: bin, bucket"."""
    verb = lexicon.verbs.longest_at(words, 0)
    return verb is not None and verb[1] == index and verb[0] in {"remove", "add", "take", "deny"}


def subject_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "not so dark, the walls" as "the walls not so dark"."""
    at = next((i for i, word in enumerate(words) if word.key in {",", ":", "-"}), None)
    if not at or at + 2 >= len(words):
        return words
    value, thing = words[:at], words[at + 1 :]
    named = lexicon.words.determiners.length_at(thing, 0) and lexicon.noun_before(thing, len(thing))
    plain = all(word.key not in PUNCTUATION for word in thing)
    link = lexicon.prepositions.result.length_at(value, 0)
    if not named or not plain or lexicon.starts_phrase(value, 0):
        return words
    if [word.key for word in value[:2]] in (["not", "so"], ["not", "as"], ["not", "too"]):
        value = [said(value[0], "less"), *value[2:]]
    return [*thing, *value] if all_attributes(value[link:], lexicon) else words


ENGLISH = Order((set_apart, *TURNS, commas_put, place_last, subject_first))
