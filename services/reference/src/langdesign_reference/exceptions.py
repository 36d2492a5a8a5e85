"""Takes exceptions out of an instruction: "except the beams", "not the frame"."""

from dataclasses import dataclass, replace

from langdesign_reference.arguments import take_apart
from langdesign_reference.cutting import clause_starts, is_verb, joint_at
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import is_indefinite, starts_with_preposition
from langdesign_reference.values import split_value
from langdesign_reference.words import PUNCTUATION, Word, Words


@dataclass(frozen=True)
class Excepted:
    """What an instruction excepts: "the beams" of "except the beams"."""

    words: tuple[Word, ...]


def take_exceptions(words: Words, lexicon: Lexicon) -> tuple[list[Word], list[Excepted]]:
    """Return the words without exceptions ("except the beams", "not the frame"), and those."""
    rest, exceptions = list[Word](), list[Excepted]()
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
        placed = starts_with_preposition(phrase, lexicon)
        phrase = phrase[placed:]
        if placed and _only_a_value(phrase, lexicon):  # "I like the chair, but not in that green"
            phrase = ()
        if phrase and _is_refusal(_since_stop(rest), lexicon):  # "don't change anything except the rug"
            rest += [replace(phrase[0], key=","), *phrase]
        elif phrase and not (is_indefinite(phrase, lexicon) and lexicon.keeping.nots.length_at(words, index)):
            exceptions.append(Excepted(tuple(phrase)))
        rest += value
        index = _skip_comma(words, end, rest, lexicon)
    return rest, exceptions


def _only_a_value(words: Words, lexicon: Lexicon) -> bool:
    plain = words[lexicon.words.determiners.length_at(words, 0) :]
    return all_attributes(plain, lexicon) and not lexicon.noun_before(plain, len(plain))


def _is_refusal(clause: Words, lexicon: Lexicon) -> bool:
    keeping = lexicon.keeping
    return keeping.refusals.length_at(clause, 0) > 0 or keeping.verbs.length_at(clause, 0) > 0


def _only_described(words: Words, start: int, before: Words, lexicon: Lexicon) -> int:
    """Return how many words say how something should not be: "modern but not cold"; 0 where it is a thing."""
    clause = _since_stop(before[:-1] if before and before[-1].key == "," else before)
    end = next((i for i in range(start, len(words)) if words[i].key in PUNCTUATION), len(words))
    part = words[start:end]
    if not clause or not part or lexicon.starts_phrase(part, 0) or not all_attributes(part, lexicon):
        return 0
    return end - start if lexicon.attribute_before(clause, len(clause)) or before[-1].key == "but" else 0


def _contrasted(words: Words, index: int, length: int, lexicon: Lexicon) -> int:
    """Read "not brown but white": one past "but", 0 where nothing is contrasted."""
    if not lexicon.keeping.nots.length_at(words, index):
        return 0
    for at in range(index + length + 1, min(len(words), index + length + 5)):
        if contrast := lexicon.words.contrast.length_at(words, at):
            return at + contrast if all_attributes(words[index + length : at], lexicon) else 0
    return 0


def _marker_at(words: Words, index: int, before: Words, lexicon: Lexicon) -> int:
    """Return the length of what marks an exception at `index`: "except", "not", "but" after "everything"."""
    keeping = lexicon.keeping
    if any(lexicon.verbs.deny.length_at(words, index - back) > back for back in range(1, min(4, index + 1))):
        return 0  # "I'm not keeping ..."
    if lexicon.statements.naming.length_at(words, index) > 1:
        return 0  # "not a fan of ..."
    if length := keeping.markers.length_at(words, index):
        return length if _excepts(words, index, length, lexicon) else 0
    denied = keeping.nots.length_at(words, index)
    if denied and _only_described(words, index + denied, before, lexicon):
        return denied
    if length := _bare_at(words, index, before, lexicon):
        return length
    return denied if denied and _denies_thing(words, index, denied, before, lexicon) else 0


def _excepts(words: Words, index: int, length: int, lexicon: Lexicon) -> bool:
    """Whether a marker is none of a clause: "but leaving the lamp on", "mai puțin întuneric" (less dark)."""
    less = all_attributes(_until_stop(words[index + length :]), lexicon)
    if less and lexicon.attributes.more.length_at(words, index):
        return False
    kept = lexicon.keeping.verbs.length_at(words, index + 1)
    return not kept and not clause_starts(words, index + length, lexicon)


def _bare_at(words: Words, index: int, before: Words, lexicon: Lexicon) -> int:
    """Return the length of a "but" that excepts from "everything"; 0 where it does not."""
    length = lexicon.keeping.bare.length_at(words, index)
    if not length or not before:
        return 0
    if before[-1].key == "," and words[index].key in {"bar", "save"}:  # ", bar the old one"
        return length if lexicon.words.determiners.length_at(words, index + 1) else 0
    clause = _since_stop(before)
    quantified = before[-1].key not in PUNCTUATION and lexicon.keeping.everything.find(clause) is not None
    if not quantified or clause_starts(words, index + length, lexicon):
        return 0
    return 0 if _says(words, index, lexicon) and not _all_alone(clause, lexicon) else length


def _denies_thing(words: Words, index: int, length: int, before: Words, lexicon: Lexicon) -> bool:
    """Whether "not" denies a thing, or a value before another: "not the lamp", "not brown but white"."""
    if _contrasted(words, index, length, lexicon):
        return True
    if not lexicon.starts_phrase(words, index + length) or _denies_verb(before, lexicon):
        return False
    return lexicon.verbs.remove.length_at(words, index) <= length


def _all_alone(clause: Words, lexicon: Lexicon) -> bool:
    """Whether nothing is said yet of all that there is: "everything but the sink can go"."""
    return lexicon.keeping.everything.length_at(clause, 0) == len(clause)


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


def _until_stop(words: Words) -> Words:
    return words[: next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))]


def _since_stop(words: Words) -> Words:
    start = next((i for i in range(len(words), 0, -1) if words[i - 1].key in PUNCTUATION), 0)
    return words[start:]


def _exception_end(words: Words, start: int, before: Words, lexicon: Lexicon) -> int:
    """One past the excepted phrase: at punctuation, a new clause, or the predicate of the whole."""
    subject = bool(_since_stop(before))
    denied = lexicon.keeping.nots.length_before(words, start) > 0
    for index in range(start, len(words)):
        if denied and lexicon.words.contrast.length_at(words, index):  # "not the big chair but the small one"
            return index
        if words[index].key in PUNCTUATION and not _continues(words, index, lexicon):
            return index
        joint = joint_at(words, index, lexicon)
        if joint and clause_starts(words, index + joint[1], lexicon):
            return index
        if index > start and _clause_goes_on(words, index, lexicon, subject=subject):
            return index
    return len(words)


def _clause_goes_on(words: Words, index: int, lexicon: Lexicon, *, subject: bool) -> bool:
    """Whether the clause goes on after an excepted phrase: its subject, its verb, or its predicate."""
    if lexicon.words.determiners.length_at(words, index) and lexicon.noun_at(words, index - 1):
        return True  # "apart from the ceiling everything may be grey"
    if is_verb(words, index, lexicon) and lexicon.starts_phrase(words, index + 1):
        return True
    return (subject or lexicon.verb_final) and any(
        p.length_at(words, index) for _, p in lexicon.predicates.sets()
    )


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
    if verb and verb[0] == "replace" and not take_apart("replace", body, lexicon).second:
        part = take_apart("replace", phrase, lexicon)  # "swap all but the old ones for new ones"
        return part.theme, [*part.link, *part.second]
    valued = verb is None or verb[0] in {"change", "recolour", "restyle"}
    if not body or not valued or split_value(body, lexicon).value:
        return phrase, ()
    split = split_value(phrase, lexicon)
    named = lexicon.words.determiners.length_at(split.theme, 0) < len(split.theme)  # "all but the red"
    return (split.theme, [*split.link, *split.value]) if split.value and named else (phrase, ())


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
