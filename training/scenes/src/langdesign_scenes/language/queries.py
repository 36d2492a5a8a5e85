"""Referring expressions as data: their words, and all that they mean in a picture if that is beyond doubt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..dataset import Instance
from .lexicon import Noun, lexicon
from .seeing import SURFACES, VISIBLE, Instances, beside, left_of, nearer, over, shown, upon

RELATIONS: Mapping[str, Callable[..., bool]] = {"next to": beside, "above": over, "on": upon}

PLACES: Mapping[str, tuple[str, ...]] = {
    "left": ("the left {x}", "the {x} on the left", "the leftmost {x}"),
    "right": ("the right {x}", "the {x} on the right", "the rightmost {x}"),
    "middle": ("the middle {x}", "the {x} in the middle"),
    "near": ("the nearest {x}", "the closest {x}", "the {x} closest to us"),
    "far": ("the farthest {x}", "the {x} farthest away", "the {x} in the back"),
}
"""Ways to say where one of several is; an adjective-like one comes first."""

COUNTS: Mapping[int, str] = {2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True)
class Query:
    """A noun phrase with "the"; empty words are left out."""

    noun: Noun
    colour: str = ""
    material: str = ""
    pattern: str = ""
    place: str = ""  # a name of `PLACES`
    relation: str = ""  # a name of `RELATIONS`
    anchor: Noun | None = None  # of the relation
    several: str = ""  # "the", "all the", "both", "the two", ...: a plural that means all of them
    words: Mapping[str, str] = field(default_factory=dict)  # how to say the colour and the place

    @property
    def text(self) -> str:
        """The phrase, in lower case but for abbreviations."""
        if self.several:
            return f"{self.several} {self._inner(self.noun.plural)}"
        if self.place:
            return self.words["place"].format(x=self._inner(self.noun.text))
        tail = f" {self.relation} the {self.anchor.text}" if self.anchor else ""
        return f"the {self._inner(self.noun.text)}{tail}"

    @property
    def bare(self) -> bool:
        """Whether it is a noun and nothing else."""
        return not (self.colour or self.material or self.pattern or self.place or self.anchor or self.several)

    def _inner(self, noun: str) -> str:
        colour = self.words.get("colour", self.colour)
        part = lexicon().parts.get(self.noun.means[0]) if self.noun.means else None
        material = lexicon().adjective(self.material) if self.material else ""
        onto = {"colour": part.colour, "material": part.material} if part else {"colour": "", "material": ""}
        ahead = [self.pattern] + [
            w for name, w in (("colour", colour), ("material", material)) if not onto[name]
        ]
        front = " ".join(word for word in (*ahead, noun) if word)
        behind = [w for name, w in (("colour", colour), ("material", material)) if onto[name] and w]
        if not part or not behind:
            return front
        return f"{front} {part.link} the {' '.join(behind)} {part.material}"


def meant(query: Query, instances: Instances) -> tuple[str, ...] | None:
    """Return the ids of all that a query could mean, sorted, or None where a reader could not be sure.

    A plural means all of its kind; a singular that fits several is ambiguous, and all of them are returned.
    """
    seen = shown(instances)
    pool = [one for one in seen if one.kind in query.noun.means]
    doubtful = [one for one in seen if one.kind in query.noun.maybe]
    if any(one.pixels < VISIBLE for one in (*pool, *doubtful)):
        return None
    if any(_fits(one, query) is not False for one in doubtful):
        return None
    verdicts = [_fits(one, query) for one in pool]
    if None in verdicts:
        return None
    fitting: list[Instance] | None = [one for one, fits in zip(pool, verdicts, strict=True) if fits]
    if query.place and fitting:
        fitting = _placed(fitting, query.place)
    if query.anchor and fitting:
        fitting = _related(fitting, query, instances)
    return None if fitting is None else tuple(sorted(one.id for one in fitting))


def unrelated(query: Query, instances: Instances) -> bool:
    """Whether things that a query names show, and its one anchor, but none stands in the relation to it.

    A near miss counts as standing so: what is left is absent beyond doubt.
    """
    plain = Query(query.noun, query.colour, query.material, query.pattern, words=query.words)
    pool = meant(plain, instances)
    anchors = meant(Query(query.anchor), instances) if query.anchor else None
    if not pool or anchors is None or len(anchors) != 1 or anchors[0] in pool:
        return False
    named = {one.id: one for one in shown(instances)}
    holds = RELATIONS[query.relation]
    return not any(holds(named[one], named[anchors[0]], loose=True) for one in pool)


def _fits(one: Instance, query: Query) -> bool | None:
    """Whether a thing has the query's colour, material and pattern; None where its own is much like it."""
    pairs = ((query.colour, one.colour), (query.material, one.material), (query.pattern, one.pattern))
    asked = [(said, has) for said, has in pairs if said]
    if any(said != has and not lexicon().like(said, has) for said, has in asked):
        return False
    return None if any(said != has for said, has in asked) else True


def _placed(pool: Sequence[Instance], place: str) -> list[Instance] | None:
    """Return the one of several at a place, or None where it does not clearly stand out."""
    if len(pool) < 2:
        return None
    by_x = sorted(pool, key=lambda one: one.box[0] + one.box[2] / 2)
    by_depth = sorted(pool, key=lambda one: one.depth)
    if place == "middle":
        clear = len(pool) == 3 and left_of(by_x[0], by_x[1]) and left_of(by_x[1], by_x[2])
        return [by_x[1]] if clear else None
    first, second, clear_of = {
        "left": (by_x[0], by_x[1], left_of),
        "right": (by_x[-1], by_x[-2], lambda one, other: left_of(other, one)),
        "near": (by_depth[0], by_depth[1], nearer),
        "far": (by_depth[-1], by_depth[-2], lambda one, other: nearer(other, one)),
    }[place]
    return [first] if clear_of(first, second) else None


def _related(pool: Sequence[Instance], query: Query, instances: Instances) -> list[Instance] | None:
    """Return what stands in the relation to the one anchor, or None where that is not beyond doubt."""
    anchors = meant(Query(query.anchor), instances) if query.anchor else None
    if anchors is None or len(anchors) != 1:
        return None
    anchor = next(one for one in shown(instances) if one.id == anchors[0])
    holds = RELATIONS[query.relation]
    surely = [one for one in pool if holds(one, anchor)]
    perhaps = [one for one in pool if holds(one, anchor, loose=True)]
    others = [one for one in shown(instances) if one.kind not in SURFACES and one.id != anchor.id]
    rivals = query.relation == "on" and any(upon(a, b, loose=True) for a in surely for b in others)
    return surely if surely and len(surely) == len(perhaps) and not rivals else None
