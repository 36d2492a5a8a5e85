"""Ways to refer to what a picture shows, and to what it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..dataset import Instance
from ..vocabulary import COLOURS, FLOOR, KINDS, WALL, Kind
from .lexicon import Noun, Rng, lexicon, pick
from .queries import COUNTS, PLACES, RELATIONS, Query, meant, unrelated
from .seeing import SURFACES, VISIBLE, Instances, shown

KNOWN: Mapping[str, Kind] = {**KINDS, "wall": WALL, "floor": FLOOR}
USUAL = 0.6  # how often the usual noun is taken where there are others
_RECLASSED, _UNRELATED = 0.4, 0.2  # shares of near misses; the rest is misdescribed


def draw_noun(rng: Rng, kind: str) -> Noun:
    """Draw a noun for a class, mostly the usual one."""
    names = lexicon().names(kind)
    return names[0] if rng.random() < USUAL else names[int(rng.integers(len(names)))]


def colour_word(rng: Rng, colour: str) -> str:
    """Draw a name of a colour."""
    return pick(rng, lexicon().colours.get(colour, (colour,)))


def describing(rng: Rng, noun: Noun, one: Instance, fields: Sequence[str]) -> Query:
    """Return a query with some of a thing's own colour, material and pattern."""
    said = {name: getattr(one, name) for name in fields}
    words = {"colour": colour_word(rng, said["colour"])} if "colour" in said else {}
    return Query(noun, **said, words=words)


def telling(one: Instance) -> tuple[str, ...]:
    """Return which of its fields may be said of a thing: those in which things of its kind differ."""
    known = KNOWN.get(one.kind)
    if known is None:
        return ("colour",) if one.kind == "backdrop" else ()
    fields = ["colour"]
    if len(known.materials) > 1 and one.material != "paint":
        fields.append("material")
    if len(known.patterns) > 1 and one.pattern != "plain":
        fields.append("pattern")
    return tuple(fields)


def ways(rng: Rng, one: Instance, instances: Instances) -> Iterator[Query]:
    """Propose queries that could mean a thing, in a random order; `meant` says what they do mean."""
    fields = telling(one)
    proposals = [(), *((name,) for name in fields)]
    if len(fields) > 1:
        proposals.append((fields[0], fields[1]))
    queries = [describing(rng, draw_noun(rng, one.kind), one, names) for names in proposals]
    queries += [_placed(rng, describing(rng, draw_noun(rng, one.kind), one, ()), place) for place in PLACES]
    if fields:
        place = list(PLACES)[int(rng.integers(len(PLACES)))]
        queries.append(_placed(rng, describing(rng, draw_noun(rng, one.kind), one, ("colour",)), place))
    queries += _relations(rng, one, instances)
    for at in rng.permutation(len(queries)):
        query = queries[int(at)]
        if not (query.noun.paired and (query.place or query.relation)):
            yield query


def _placed(rng: Rng, query: Query, place: str) -> Query:
    words = {**query.words, "place": pick(rng, PLACES[place])}
    return Query(query.noun, query.colour, place=place, words=words)


def _relations(rng: Rng, one: Instance, instances: Instances) -> list[Query]:
    found = []
    for relation, holds in sorted(RELATIONS.items()):
        anchors = [other for other in shown(instances) if other.id != one.id and holds(one, other)]
        if anchors:
            anchor = anchors[int(rng.integers(len(anchors)))]
            noun = draw_noun(rng, anchor.kind)
            if not noun.paired:
                found.append(Query(draw_noun(rng, one.kind), relation=relation, anchor=noun))
    return found


def plurals(rng: Rng, one: Instance, instances: Instances) -> Iterator[Query]:
    """Propose plurals that could mean a thing and others of its kind; `meant` says which."""
    noun = draw_noun(rng, one.kind)
    if noun.paired or (one.kind in SURFACES and one.kind != "window"):
        return
    parted = one.kind in lexicon().parts
    for fields in ((), *(() if parted else ((name,) for name in telling(one)))):
        query = describing(rng, noun, one, fields)
        count = len(meant(query, instances) or ())
        if count > 1:
            counted = ["the", "the", "all the", *(["both", "the two"] if count == 2 else [])]
            counted += [f"the {COUNTS[count]}", f"all {COUNTS[count]}"] if 2 < count in COUNTS else []
            several = counted[int(rng.integers(len(counted)))]
            yield Query(noun, query.colour, query.material, query.pattern, several=several, words=query.words)


def absences(rng: Rng, instances: Instances) -> Iterator[Query]:
    """Propose queries, without end, that could mean nothing; `meant` says whether they do."""
    seen = [one for one in shown(instances) if one.pixels >= VISIBLE and telling(one)]
    nouns = lexicon().nouns
    while True:
        if rng.random() < 0.5 and seen:
            yield _misdescribed(rng, seen[int(rng.integers(len(seen)))])
            continue
        noun = nouns[int(rng.integers(len(nouns)))]
        if set(noun.means) <= set(SURFACES) and noun.means:
            continue
        colour = list(COLOURS)[int(rng.integers(len(COLOURS)))] if rng.random() < 0.25 and noun.means else ""
        yield Query(noun, colour, words={"colour": colour_word(rng, colour)} if colour else {})


def near_misses(rng: Rng, instances: Instances) -> Iterator[Query]:
    """Propose, without end, what is almost there and yet is not.

    A thing's own colour on a class that does not show in it, its class in another colour or material, and a
    relation to something else that it does not stand in. Each is absent beyond doubt.
    """
    seen = [one for one in shown(instances) if one.pixels >= VISIBLE and telling(one)]
    standing = [one for one in seen if one.kind not in SURFACES]
    while standing:
        one = seen[int(rng.integers(len(seen)))]
        turn = rng.random()
        if turn < _RECLASSED:
            query = _reclassed(rng, one)
        elif turn < _RECLASSED + _UNRELATED:
            query = _elsewhere(rng, *(standing[int(rng.integers(len(standing)))] for _ in range(2)))
        else:
            query = _misdescribed(rng, one)
        if unrelated(query, instances) if query.anchor else meant(query, instances) == ():
            yield query


def _reclassed(rng: Rng, one: Instance) -> Query:
    """Return a query for another class in a thing's own colour."""
    kinds = sorted(kind for kind in KINDS if kind != one.kind and one.colour in KINDS[kind].colours)
    kind = kinds[int(rng.integers(len(kinds)))] if kinds else one.kind
    return Query(draw_noun(rng, kind), one.colour, words={"colour": colour_word(rng, one.colour)})


def _elsewhere(rng: Rng, one: Instance, other: Instance) -> Query:
    """Return a query for a thing in a relation to another that it may not stand in."""
    relation = sorted(RELATIONS)[int(rng.integers(len(RELATIONS)))]
    return Query(draw_noun(rng, one.kind), relation=relation, anchor=draw_noun(rng, other.kind))


def _misdescribed(rng: Rng, one: Instance) -> Query:
    """Return a query for a thing's class in a colour or material that is not its own."""
    noun = draw_noun(rng, one.kind)
    known = KNOWN.get(one.kind)
    if known and len(known.materials) > 1 and rng.random() < 0.3:
        materials = [name for name in known.materials if name not in {one.material, "paint"}]
        return Query(noun, material=pick(rng, tuple(materials)))
    colours = [name for name in (known.colours if known else COLOURS) if name != one.colour]
    colour = pick(rng, tuple(colours))
    return Query(noun, colour, words={"colour": colour_word(rng, colour)})
