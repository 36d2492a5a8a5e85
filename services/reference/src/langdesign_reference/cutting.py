"""Cuts an instruction into pieces at punctuation and conjunctions, and takes exceptions out of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import is_indefinite, starts_with_preposition, trim
from langdesign_reference.values import all_attributes, split_value
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


@dataclass(frozen=True)
class Exception_:
    """What an instruction excepts: "the beams" of "except the beams"."""

    words: tuple[Word, ...]


def without_chat(words: Words, lexicon: Lexicon) -> list[Word]:
    """Return the words without fillers and without reasons ("because ...")."""
    kept = list[Word]()
    index = 0
    while index < len(words):
        if length := lexicon.words.fillers.length_at(words, index):
            index += length
            doubled = kept and kept[-1].key == "," and index < len(words) and words[index].key == ","
            index += bool(doubled)
        elif lexicon.words.reasons.length_at(words, index):
            index = _reason_end(words, index, lexicon)
        else:
            kept.append(words[index])
            index += 1
    return kept


def _reason_end(words: Words, index: int, lexicon: Lexicon) -> int:
    for at in range(index + 1, len(words)):
        if words[at].key in SENTENCE_END:
            return at
        joint = _joint_at(words, at, lexicon)
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
    """Whether a verb stands at `index`: what is a noun or an attribute too ("light") needs a phrase after it."""
    found = lexicon.verb_at(words, index)
    if found is None:
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
    if ambiguous:
        return ambiguous < found[1] or (index == 0 and lexicon.noun_at(words, after) > 0)
    return after < len(words) and words[after].key not in PUNCTUATION


def take_exceptions(words: Words, lexicon: Lexicon) -> tuple[list[Word], list[Exception_]]:
    """Return the words without exceptions ("except the beams", "not the frame"), and those."""
    rest, exceptions = list[Word](), list[Exception_]()
    index = 0
    while index < len(words):
        length = _marker_at(words, index, rest, lexicon)
        if not length:
            rest.append(words[index])
            index += 1
            continue
        if described := _only_described(words, index + length, rest, lexicon):  # "but not cold"
            index += length + described
            continue
        if contrasted := _contrasted(words, index, length, lexicon):
            index = contrasted
            continue
        end = _exception_end(words, index + length, rest, lexicon)
        phrase, value = _without_value(words[index + length : end], rest, lexicon)
        phrase = phrase[starts_with_preposition(phrase, lexicon) :]
        if phrase and _is_refusal(_since_stop(rest), lexicon):  # "don't change anything except the rug"
            rest += [replace(phrase[0], key=","), *phrase]
        elif phrase and not (is_indefinite(phrase, lexicon) and lexicon.keeping.nots.length_at(words, index)):
            exceptions.append(Exception_(tuple(phrase)))
        rest += value
        index = _skip_comma(words, end, rest, lexicon)
    return rest, exceptions


def _is_refusal(clause: Words, lexicon: Lexicon) -> bool:
    keeping = lexicon.keeping
    return keeping.refusals.length_at(clause, 0) > 0 or keeping.verbs.length_at(clause, 0) > 0


def _only_described(words: Words, start: int, before: Words, lexicon: Lexicon) -> int:
    """Return how many words say how something should not be: "modern but not cold"; 0 where it is a thing."""
    clause = _since_stop(before)
    end = next((i for i in range(start, len(words)) if words[i].key in PUNCTUATION), len(words))
    part = words[start:end]
    if not clause or not part or lexicon.starts_phrase(part, 0) or not all_attributes(part, lexicon):
        return 0
    return end - start if lexicon.attribute_before(clause, len(clause)) or before[-1].key == "but" else 0


def _contrasted(words: Words, index: int, length: int, lexicon: Lexicon) -> int:
    """Reads "not brown but white": one past "but", 0 where nothing is contrasted."""
    if not lexicon.keeping.nots.length_at(words, index):
        return 0
    for at in range(index + length + 1, min(len(words), index + length + 5)):
        if contrast := lexicon.words.contrast.length_at(words, at):
            return at + contrast if all_attributes(words[index + length : at], lexicon) else 0
    return 0


def _marker_at(words: Words, index: int, before: Words, lexicon: Lexicon) -> int:
    keeping = lexicon.keeping
    if length := keeping.markers.length_at(words, index):
        verb = keeping.verbs.length_at(words, index + 1) or clause_starts(words, index + length, lexicon)
        return 0 if verb else length
    if (length := keeping.nots.length_at(words, index)) and _only_described(
        words, index + length, before, lexicon
    ):
        return length
    length = keeping.bare.length_at(words, index)
    if length and before and before[-1].key not in PUNCTUATION:
        clause = _since_stop(before)
        quantified = keeping.everything.find(clause) is not None
        if (
            quantified
            and not clause_starts(words, index + length, lexicon)
            and not _says(words, index, lexicon)
        ):
            return length
    length = keeping.nots.length_at(words, index)
    after = index + length
    if length and _contrasted(words, index, length, lexicon):
        return length
    if not length or not lexicon.starts_phrase(words, after) or _denies_verb(before, lexicon):
        return 0
    return 0 if lexicon.verbs.remove.length_at(words, index) > length else length


def _says(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether a predicate follows before the next stop: "but the sofa should stay"."""
    end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
    part = words[index:end]
    found = [
        lexicon.keeping.predicates.find(part, 2),
        *(p.find(part, 2) for _, p in lexicon.predicates.sets()),
    ]
    return any(found)


def _denies_verb(before: Words, lexicon: Lexicon) -> bool:
    return bool(before) and (
        lexicon.statements.verbs.length_before(before, len(before)) > 0
        or (
            lexicon.words.openers.length_before(before, len(before)) > 0
            and before[-1].key not in PUNCTUATION
            and lexicon.words.conjunctions.length_before(before, len(before)) == 0
        )
    )


def _since_stop(words: Words) -> Words:
    start = next((i for i in range(len(words), 0, -1) if words[i - 1].key in PUNCTUATION), 0)
    return words[start:]


def _exception_end(words: Words, start: int, before: Words, lexicon: Lexicon) -> int:
    """One past the excepted phrase: at punctuation, a new clause, or the predicate of what it is excepted from."""
    subject = bool(_since_stop(before))
    denied = lexicon.keeping.nots.length_before(words, start) > 0
    for index in range(start, len(words)):
        if denied and lexicon.words.contrast.length_at(words, index):  # "not the big chair but the small one"
            return index
        if words[index].key in PUNCTUATION and not _continues(words, index, lexicon):
            return index
        joint = _joint_at(words, index, lexicon)
        if joint and clause_starts(words, index + joint[1], lexicon):
            return index
        if index == start:
            continue
        if is_verb(words, index, lexicon) and lexicon.starts_phrase(words, index + 1):
            return index
        if subject and any(p.length_at(words, index) for _, p in lexicon.predicates.sets()):
            return index
    return len(words)


def _continues(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether a comma leads to one more excepted phrase: "except the bed, the lamp and the rug"."""
    if words[index].key != "," or not lexicon.words.determiners.length_at(words, index + 1):
        return False
    end = next((i for i in range(index + 1, len(words)) if words[i].key in PUNCTUATION), len(words))
    part = words[index + 1 : end]
    plain = not split_value(part, lexicon).value and not _says(words, index + 1, lexicon)
    return plain and lexicon.words.conjunctions.find(part) is not None


def _without_value(phrase: Words, before: Words, lexicon: Lexicon) -> tuple[Words, Words]:
    """Give a value at the end back to the clause: "paint everything except the beams | white"."""
    clause = _since_stop(before)
    verb = lexicon.verb_at(clause, 0)
    body = clause[verb[1] :] if verb else clause
    valued = verb is None or verb[0] in {"change", "recolour", "restyle"}
    if not body or not valued or split_value(body, lexicon).value:
        return phrase, ()
    split = split_value(phrase, lexicon)
    return (split.theme, [*split.link, *split.value]) if split.value else (phrase, ())


def _skip_comma(words: Words, end: int, rest: list[Word], lexicon: Lexicon) -> int:
    """Skip the comma that closes an inserted exception, and drop the one that opened it."""
    if end < len(words) and words[end].key == ",":
        places = lexicon.prepositions
        follows = words[end + 1 :]
        continued = (
            places.result.length_at(follows, 0)
            or places.anchor.length_at(follows, 0)
            or lexicon.predicates.longest_at(follows, 0)
        )
        if continued and rest and rest[-1].key == ",":
            rest.pop()
            return end + 1
    return end


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
        found = _joint_at(words, index, lexicon)
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


def _joint_at(words: Words, index: int, lexicon: Lexicon) -> tuple[Joint, int] | None:
    joint = _JOINTS.get(words[index].key)
    if joint is Joint.STOP or joint is Joint.ARROW:
        return joint, 1
    after = index + (joint is not None)
    length = lexicon.words.conjunctions.length_at(words, after)
    if not length and lexicon.words.therefore.length_at(words, after):
        therefore = lexicon.words.therefore.length_at(words, after)
        length = therefore if clause_starts(words, after + therefore, lexicon) else 0
    if joint is None:
        return (Joint.AND, length) if length else None
    return joint, 1 + length


def _holds_together(words: Words, start: int, index: int, after: int, joint: Joint, lexicon: Lexicon) -> bool:
    """Whether what a comma or conjunction joins is one phrase: "black and white", "between A and B"."""
    if joint not in {Joint.COMMA, Joint.AND, Joint.PLUS} or index == start or after >= len(words):
        return False
    if is_verb(words, after, lexicon) and lexicon.starts_phrase(words, after + 1):
        return False
    between = lexicon.words.between.find(words[start:index])
    if between is not None and trim(words[start + sum(between) : index], lexicon):
        return not any(_joint_at(words, i, lexicon) for i in range(start + sum(between), index))
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
