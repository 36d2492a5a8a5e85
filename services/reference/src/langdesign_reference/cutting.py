"""Cuts an instruction into pieces at punctuation and conjunctions, and takes exceptions out of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import trim
from langdesign_reference.values import goes_along
from langdesign_reference.words import ARROW, DASH, PUNCTUATION, SENTENCE_END, Word, Words


class Joint(Enum):
    """What joins a piece to the one before."""

    STOP = 1  # full stop, start
    COMMA = 2  # comma, dash, bracket
    AND = 3  # conjunction
    ARROW = 4  # "sofa -> blue"
    COLON = 5
    PLUS = 6


@dataclass(frozen=True)
class Piece:
    """The words between two joints; `asked` where their sentence ends with a question mark."""

    words: tuple[Word, ...]
    joint: Joint
    asked: bool = False


def without_chat(words: Words, lexicon: Lexicon) -> list[Word]:
    """Return the words without fillers and without reasons ("because ...")."""
    kept = list[Word]()
    index = 0
    while index < len(words):
        length = 0 if _opens(words, index, lexicon) else lexicon.words.fillers.length_at(words, index)
        ends = index + length >= len(words) or words[index + length].key in PUNCTUATION
        if length > 1 and not ends and lexicon.words.determiners.length_before(words, index + length):
            length = 0  # "do something about that | ugly radiator"
        if length and lexicon.attributes.likeness.length_at(words, index) <= length:
            index += length
            doubled = kept and kept[-1].key == "," and index < len(words) and words[index].key == ","
            index += bool(doubled)
        elif _gives_reason(words, index, lexicon):
            index = _reason_end(words, index, lexicon)
        else:
            kept.append(words[index])
            index += 1
    return kept


def _opens(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether a word belongs to an opener that starts before it: the "you see" of "can you see if"."""
    backs = range(1, min(4, index + 1))
    return any(lexicon.words.openers.length_at(words, index - back) > back + 1 for back in backs)


def _gives_reason(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether a reason starts: neither "so it faces the door" nor "as tall as the shelf" is one."""
    length = lexicon.words.reasons.length_at(words, index)
    if words[index].key == "so" and (index == 0 or words[index - 1].key in SENTENCE_END):
        return False  # "so the thing is, ..."
    if not length or lexicon.prepositions.facing.length_at(words, index) > length:
        return False
    if lexicon.words.therefore.length_at(words, index) and _says_of_it(words, index + 1, lexicon):
        return False
    opened = lexicon.words.openers.length_before(words, index + 1) > 1  # "is there a way | to make ..."
    if opened or lexicon.keeping.tails.length_at(words, index) > length:
        return False
    compared = {word.key for word in words[max(0, index - 4) : index]} & {"same", "as", "such"}
    return words[index].key != "as" or not compared


def _reason_end(words: Words, index: int, lexicon: Lexicon) -> int:
    for at in range(index + 1, len(words)):
        if words[at].key in SENTENCE_END:
            return at
        joint = joint_at(words, at, lexicon)
        if joint and clause_starts(words, at + joint[1], lexicon):
            return at
    return len(words)


def clause_starts(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether a verb with its arguments starts at `index`, after politeness or not."""
    while length := lexicon.words.openers.length_at(words, index):
        if (verb := lexicon.verb_at(words, index)) and verb[1] >= length:
            break
        index += length
    keeping = lexicon.keeping
    if keeping.verbs.length_at(words, index) or keeping.refusals.length_at(words, index):
        return True
    return is_verb(words, index, lexicon)


def is_verb(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether a verb stands at `index`: what is a noun or attribute too ("light") needs a phrase after it."""
    found = lexicon.verb_at(words, index)
    if found is None or _is_described(words, index, lexicon):
        return False
    after = index + found[1]
    if lexicon.starts_phrase(words, after):
        return True
    ambiguous = (
        lexicon.noun_at(words, index)
        or lexicon.attribute_length(words, index)
        or lexicon.adjectives.length_at(words, index)
        or lexicon.heads.whole.length_at(words, index)
    )
    gerund = lexicon.verbs.longest_at(words, index) is None
    if lexicon.noun_at(words, index) > (0 if gerund else found[1]):  # "floor lamp on", "painting over bed"
        return False
    if ambiguous:
        return ambiguous < found[1] or (index == 0 and lexicon.noun_at(words, after) > 0)
    return after < len(words) and words[after].key not in PUNCTUATION


def _is_described(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether a determiner stands before, so that no verb can: "the round one"."""
    function = lexicon.words
    determined = lexicon.definite_by_article and function.determiners.length_before(words, index)
    return bool(determined) and not function.pronouns.length_before(words, index)


def cut(words: Words, lexicon: Lexicon) -> list[Piece]:
    """Return the pieces in order, without empty ones."""
    ends = [word for word in words if word.key in SENTENCE_END]
    pieces = list[Piece]()
    for piece in _pieces(words, lexicon):
        if piece.words:
            end = next((word for word in ends if word.start > piece.words[-1].start), None)
            pieces.append(replace(piece, asked=end is not None and end.key == "?"))
    return pieces


def _pieces(words: Words, lexicon: Lexicon) -> Iterator[Piece]:
    start, joint, index = 0, Joint.STOP, 0
    while index < len(words):
        found = joint_at(words, index, lexicon)
        if found and not _holds_together(words, start, index, index + found[1], found[0], lexicon):
            if index > start:
                yield Piece(tuple(words[start:index]), joint)
                joint = found[0]
            elif joint is not Joint.STOP or index == 0:
                joint = found[0]
            index = start = index + found[1]
        else:
            index += found[1] if found else 1
    yield Piece(tuple(words[start:]), joint)


_JOINTS = {",": Joint.COMMA, "(": Joint.COMMA, ")": Joint.COMMA, DASH: Joint.COMMA, ":": Joint.COLON}
_JOINTS |= {ARROW: Joint.ARROW, "+": Joint.PLUS, "/": Joint.AND}
_JOINTS |= dict.fromkeys(SENTENCE_END, Joint.STOP)


def joint_at(words: Words, index: int, lexicon: Lexicon) -> tuple[Joint, int] | None:
    """Return what joins two pieces at `index`, and how many words it has."""
    joint = _JOINTS.get(words[index].key)
    if joint is Joint.STOP or joint is Joint.ARROW:
        return joint, 1
    after = index + (joint is not None)
    length = lexicon.words.conjunctions.length_at(words, after)
    therefore = 0 if length else lexicon.words.therefore.length_at(words, after)
    if therefore and lexicon.words.openers.length_before(words, after + 1) < 2:  # not "if so, can you ..."
        follows = after + therefore
        asks = clause_starts(words, follows, lexicon) or _says_of_it(words, follows, lexicon)
        length = therefore if asks else 0
    if joint is None:
        return (Joint.AND, length) if length else None
    return joint, 1 + length


def _says_of_it(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether a pronoun goes or stays: "so it has to go", "so those stay"."""
    after = index + lexicon.words.pronouns.length_at(words, index)
    goes = lexicon.predicates.remove.length_at(words, after) or lexicon.keeping.predicates.length_at(
        words, after
    )
    return after > index and goes > 0


def _holds_together(words: Words, start: int, index: int, after: int, joint: Joint, lexicon: Lexicon) -> bool:
    """Whether what a comma or conjunction joins is one phrase: "black and white", "between A and B"."""
    if joint not in {Joint.COMMA, Joint.AND, Joint.PLUS} or index == start or after >= len(words):
        return False
    if words[index].key in {DASH, "(", ")"}:
        return False
    if is_verb(words, after, lexicon) and lexicon.starts_phrase(words, after + 1):
        return False
    between = lexicon.words.between.find(words[start:index])
    if between is not None and trim(words[start + sum(between) : index], lexicon):
        return not any(joint_at(words, i, lexicon) for i in range(start + sum(between), index))
    if joint is Joint.COMMA and goes_along(words, after, lexicon):  # "the bed red, with soft light"
        return lexicon.attribute_before(words[start:index], index - start) > 0
    describes = _describes_before(words, start, index, lexicon)
    return describes and bool(_describes_at(words, after, lexicon)) and joint is not Joint.PLUS


def _describes_at(words: Words, index: int, lexicon: Lexicon) -> int:
    length = max(lexicon.attribute_length(words, index), lexicon.adjectives.length_at(words, index))
    return length if length >= lexicon.noun_at(words, index) else 0


def _describes_before(words: Words, start: int, index: int, lexicon: Lexicon) -> bool:
    part = words[start:index]
    length = max(lexicon.attribute_before(part, len(part)), lexicon.adjectives.length_before(part, len(part)))
    noun = lexicon.noun_before(part, len(part))
    return bool(length) and length >= noun and words[index].key != ","
