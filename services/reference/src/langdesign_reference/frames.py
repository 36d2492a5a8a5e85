"""How the verbs of instructions take their arguments: one function a frame."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from langdesign_reference.clauses import UNKNOWN, Clause
from langdesign_reference.complements import (
    all_attributes,
    attribute_noun,
    meaning,
    split_complement,
    split_gift,
)
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import (
    Kind,
    Phrase,
    coordinate,
    find,
    is_definite,
    phrase,
    thing,
    trim,
    without_directions,
)
from langdesign_reference.plan import Operation, Role
from langdesign_reference.words import Word

GUESSED = 0.6
"""Certainty of a clause whose complement is in no list."""


@dataclass(frozen=True)
class ClauseReading:
    """What one clause asks for.

    Attributes:
        operation: What is to be done.
        roles: The things it names, each with its part in the plan.
        certainty: How sure the reading is, 0..1.
        resumes: Whether it speaks of the things of the clause before, by a pronoun.

    """

    operation: Operation
    roles: tuple[tuple[Phrase, Role], ...]
    certainty: float
    resumes: bool = False


def read_clause(clause: Clause, lexicon: Lexicon) -> ClauseReading | None:
    """Read one clause; None when it holds no argument that its verb could take."""
    instead = lexicon.prepositions["instead"].find(clause.body)
    if instead is not None and clause.complement is None:
        return _instead(clause, instead, lexicon)
    return _FRAMES[clause.frame](clause, lexicon)


def _targets(
    operation: Operation, parts: Sequence[Sequence[Word]], certainty: float, lexicon: Lexicon
) -> ClauseReading:
    return _reading(operation, [(phrase(part, lexicon), Role.TARGET) for part in parts], certainty)


def _reading(operation: Operation, roles: Sequence[tuple[Phrase, Role]], certainty: float) -> ClauseReading:
    things = tuple((p, role) for p, role in roles if p.kind is Kind.THING)
    resumes = any(p.kind is Kind.PRONOUN and role is Role.TARGET for p, role in roles)
    return ClauseReading(operation, things, certainty, resumes)


def _instead(clause: Clause, found: tuple[int, int], lexicon: Lexicon) -> ClauseReading:
    rest = clause.body[found[0] + found[1] :]
    comma = next((i for i, word in enumerate(rest) if word.key == ","), len(rest))
    return _targets(Operation.REPLACE, [rest[:comma]], clause.certainty, lexicon)


def _remove(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    body = trim(clause.body, lexicon)
    source = _source(body, lexicon)
    if source and phrase(body[: source[0]], lexicon).kind is not Kind.WHOLE:  # "everything from the table"
        body = body[: source[0]]
    parts = coordinate(body, lexicon)
    roles = [(thing(part, lexicon), Role.TARGET) for part in parts]
    return _reading(Operation.REMOVE, roles, clause.certainty)


def _source(words: Sequence[Word], lexicon: Lexicon) -> tuple[int, int] | None:
    """Find where something is taken from; a material ("aus Holz") is no place."""
    found = find(words, lexicon.prepositions["source"], lexicon, 1)
    return None if found and all_attributes(words[sum(found) :], lexicon) else found


def _add(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    body = trim(clause.body, lexicon)
    if clause.frame == "add" and is_definite(body, lexicon) and lexicon.definite_by_article:
        wanted = _change(clause, lexicon)
        if wanted.certainty >= clause.certainty:
            return wanted
    operation, roles = Operation.ADD, list[tuple[Phrase, Role]]()
    for part in coordinate(body, lexicon):
        found = find(part, lexicon.prepositions["anchor"], lexicon, 1)
        if found:
            if attribute_noun(part[: found[0]], lexicon):
                operation = Operation.RESTYLE
            roles += [(p, Role.ANCHOR) for p in _anchors(part, found, lexicon)]
        elif roles and is_definite(part, lexicon):
            roles.append((phrase(without_directions(part, lexicon), lexicon), Role.ANCHOR))
    if operation is Operation.RESTYLE:
        roles = [(p, Role.TARGET) for p, _ in roles]
    return _reading(operation, roles, clause.certainty)


def _anchors(part: Sequence[Word], found: tuple[int, int], lexicon: Lexicon) -> Iterator[Phrase]:
    start = found[0] + found[1]
    rest = part[start:]  # a side belongs to the place: "the wall on the left"
    if lexicon.words["between"].length_at(part, found[0]):
        yield from (phrase(one, lexicon) for one in coordinate(rest, lexicon))
    else:
        yield phrase(rest, lexicon)


def _put(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    body = trim(clause.body, lexicon)
    if not is_definite(body, lexicon):
        return _add(clause, lexicon)
    moved = _move(clause, lexicon)
    has_place = any(role is Role.ANCHOR for _, role in moved.roles)
    goes_somewhere = lexicon.prepositions["directions"].find(body) is not None
    return moved if has_place or goes_somewhere else _other(clause, lexicon)


def _move(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    roles = list[tuple[Phrase, Role]]()
    for part in coordinate(trim(clause.body, lexicon), lexicon):
        found = _destination(part, lexicon)
        moved = part[: found[0]] if found else part
        source = _source(moved, lexicon)
        moved = moved[: source[0]] if source else moved
        # Before a destination a side tells things apart: "the stool on the right".
        roles.append((thing(moved if found else without_directions(moved, lexicon), lexicon), Role.TARGET))
        if found:
            roles += [(p, Role.ANCHOR) for p in _anchors(part, found, lexicon)]
    whole = all(p.kind is Kind.WHOLE for p, role in roles if role is Role.TARGET)
    return _reading(Operation.OTHER if whole else Operation.MOVE, roles, clause.certainty)


def _destination(part: Sequence[Word], lexicon: Lexicon) -> tuple[int, int] | None:
    source = _source(part, lexicon)
    found = find(part, lexicon.prepositions["destination"], lexicon, 1)
    found = found or find(part, lexicon.prepositions["anchor"], lexicon, 1)
    if source and found and found[0] <= source[0] < found[0] + found[1]:
        return None
    return found


def _replace(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    body = trim(clause.body, lexicon)
    targets, operation = list[Sequence[Word]](), Operation.REPLACE
    pending = True
    for part in coordinate(body, lexicon):
        found = find(part, lexicon.prepositions["replacement"], lexicon, 1)
        if found or pending or is_definite(part, lexicon):
            targets.append(part[: found[0]] if found else part)
            pending = pending and not found
    if targets and (attribute := _attribute_of(targets[0], lexicon)):
        operation, targets[0] = attribute
    return _targets(operation, targets, clause.certainty, lexicon)


def _attribute_of(words: Sequence[Word], lexicon: Lexicon) -> tuple[Operation, Sequence[Word]] | None:
    """Reads "the colour of the sofa", "the sofa's colour": the operation, and the thing."""
    kinds = {"colour": Operation.RECOLOUR, "style": Operation.RESTYLE}
    skip = lexicon.words["determiners"].length_at(words, 0)
    for kind, operation in kinds.items():
        length = lexicon.heads[kind].length_at(words, skip)
        rest = words[skip + length :]
        if length and rest:
            return operation, rest[lexicon.words["of"].length_at(rest, 0) :]
        before = lexicon.heads[kind].length_before(words, len(words))
        if before and lexicon.words["possessive"].length_before(words, len(words) - before):
            return operation, words[: len(words) - before - 1]
    return None


def _change(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    """Reads "make A and B white", "turn A into B", "change the colour of A to B", "A should be B"."""
    named, operations, certainty = list[Sequence[Word]](), set[Operation](), clause.certainty
    parts = (
        [clause.body] if clause.complement is not None else coordinate(trim(clause.body, lexicon), lexicon)
    )
    for part in parts:
        subject, complement, linked = split_complement(part, lexicon)
        if clause.complement is not None:
            subject, complement, linked = part, clause.complement, False
        attribute = _attribute_of(subject, lexicon)
        if attribute:
            subject = attribute[1]
            operations.add(attribute[0])
        elif complement:
            whole = phrase(subject, lexicon).kind in {Kind.WHOLE, Kind.PRONOUN}
            operation, known = meaning(complement, lexicon, linked=linked, whole=whole)
            operations.add(operation)
            certainty = certainty if known else min(certainty, GUESSED)
        if named and operations and not complement and not is_definite(part, lexicon):
            continue  # the rest of a complement: "into a desk and a lamp"
        named.append(subject)
    if not operations:
        certainty = min(certainty, GUESSED)
    operation = operations.pop() if len(operations) == 1 else Operation.OTHER
    return _targets(operation, named, certainty, lexicon)


def _recolour(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    if lexicon.words["indefinite"].length_at(clause.body, 0):
        return _add(clause, lexicon)
    return _with_result(Operation.RECOLOUR, clause, lexicon)


def _restyle(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    return _with_result(Operation.RESTYLE, clause, lexicon)


def _with_result(operation: Operation, clause: Clause, lexicon: Lexicon) -> ClauseReading:
    parts = coordinate(trim(clause.body, lexicon), lexicon)
    return _targets(operation, [split_complement(p, lexicon)[0] for p in parts], clause.certainty, lexicon)


def _other(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    body = trim(clause.body, lexicon)
    if lexicon.words["indefinite"].length_at(body, 0) and find(
        body, lexicon.prepositions["anchor"], lexicon, 1
    ):
        roles = [(p, Role.TARGET) for p, _ in _add(clause, lexicon).roles]
        return _reading(Operation.OTHER, roles, clause.certainty)
    purpose = lexicon.prepositions["purpose"].find(body, 1)
    return _targets(
        Operation.OTHER,
        coordinate(body[: purpose[0]] if purpose else body, lexicon),
        clause.certainty,
        lexicon,
    )


def _give(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    """Reads "give the sofa a rustic look", "give the sofa some cushions"."""
    subject, complement, _ = split_gift(trim(clause.body, lexicon), lexicon)
    operation, _ = meaning(
        complement, lexicon, linked=True, whole=phrase(subject, lexicon).kind is Kind.WHOLE
    )
    if operation is Operation.REPLACE:
        return _reading(Operation.ADD, [(phrase(subject, lexicon), Role.ANCHOR)], clause.certainty)
    return _targets(operation, [subject], clause.certainty, lexicon)


def _cover(clause: Clause, lexicon: Lexicon) -> ClauseReading:
    """Reads "cover the wall with wallpaper" (a style), "fill the vase with flowers" (an addition)."""
    body = trim(clause.body, lexicon)
    found = find(body, lexicon.prepositions["covering"], lexicon, 1)
    covered = phrase(body[: found[0]] if found else body, lexicon)
    if (
        found
        and meaning(body[found[0] + found[1] :], lexicon, linked=True, whole=False)[0] is Operation.RESTYLE
    ):
        return _reading(Operation.RESTYLE, [(covered, Role.TARGET)], clause.certainty)
    return _reading(Operation.ADD, [(covered, Role.ANCHOR)], clause.certainty)


def _bare(clause: Clause, lexicon: Lexicon) -> ClauseReading | None:
    """Reads what has no verb that is known: "polka dots on the lampshade"."""
    body = trim(clause.body, lexicon)
    anchor = find(body, lexicon.prepositions["anchor"], lexicon, 1)
    if anchor and not is_definite(body, lexicon):
        place = phrase(body[sum(anchor) :], lexicon)
        return None if place.kind is Kind.NOTHING else _add(clause, lexicon)
    subject, complement, linked = split_complement(body, lexicon)
    if not complement or not is_definite(subject, lexicon):
        return None
    operation, _ = meaning(
        complement, lexicon, linked=linked, whole=phrase(subject, lexicon).kind is Kind.WHOLE
    )
    return _targets(operation, [subject], UNKNOWN, lexicon)


_FRAMES: dict[str, Callable[[Clause, Lexicon], ClauseReading | None]] = {
    "remove": _remove,
    "add": _add,
    "put": _put,
    "replace": _replace,
    "change": _change,
    "recolour": _recolour,
    "restyle": _restyle,
    "move": _move,
    "other": _other,
    "give": _give,
    "cover": _cover,
    "bare": _bare,
}
