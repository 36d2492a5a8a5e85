"""The tables of a lexicon: phrases by what they do in a clause."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from langdesign_reference.words import PhraseSet, PhraseSets, Words

T = TypeVar("T")


def read_table(kind: type[T], data: Mapping[str, Any]) -> T:
    """Make a table of what a file says.

    Raises:
        msgspec.ValidationError: a key is missing or unknown, or a phrase holds no words; it says where.
    """
    return msgspec.convert(data, kind, dec_hook=lambda made, value: made(value))


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A table of the file."""

    def sets(self) -> Iterator[tuple[str, PhraseSet]]:
        """Yield name and phrases of each key."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, PhraseSet):
                yield name, value

    @cached_property
    def _together(self) -> PhraseSets:
        return PhraseSets(self.sets())

    def longest_at(self, words: Words, index: int) -> tuple[str, int] | None:
        """Return (name, length) of the longest phrase at `index`, the first of equal ones."""
        return self._together.longest_at(words, index)


class FunctionWords(Table, frozen=True):
    """Words that build phrases, and words that say nothing.

    Attributes:
        openers: In front of a request: "could you please".
        fillers: Dropped wherever they stand: "please", "um", "maybe".
        closers: After a phrase and no part of it: "away", "as well".
        conjunctions: Between clauses and phrases.
        determiners: In front of what is there: "the".
        indefinite: In front of what is not there yet: "a", "some".
        pronouns: Stand for a phrase: "it".
        places: Stand for a place: "there", "daneben".
        between: Prepositions with two phrases.
        possessive: "'s".
        of: Links nouns.
        whole: "whole", "entire".
        leading: Dropped in front of a phrase: "of".
        reasons: Start what is no request: "because".
        only: Restrict: "only", "just".
        rather: Mark what is preferred: "rather", "instead".
        proforms: Stand for a noun: "ones".
        some: In front of what is not counted: "some".
        no: Deny a thing: "no", "kein".
        contrast: After what is denied: "but" of "not brown but white".
        measures: How far something goes: "half a metre".
        relatives: Start what tells a thing apart: "that", "which".
        infinitive: In front of a verb: "to".
        therefore: Conjunctions only where a request follows: "so".
        echoes: After a phrase that shares what was said of the one before: "too".
        aims: In front of what something is for: "for" of "for dinner".
        additional: After "no", in front of what is not to be added: "new" of "no new furniture".
        common: Everyday words that play no part here, lest they be taken for slips of others; of English, how
            often words occur tells.
        excess: Say that something is so more than it should be: "so" of "not so dark".

    """

    openers: PhraseSet
    fillers: PhraseSet
    closers: PhraseSet
    conjunctions: PhraseSet
    determiners: PhraseSet
    indefinite: PhraseSet
    pronouns: PhraseSet
    places: PhraseSet
    between: PhraseSet
    possessive: PhraseSet
    of: PhraseSet
    whole: PhraseSet
    leading: PhraseSet
    reasons: PhraseSet
    only: PhraseSet
    rather: PhraseSet
    proforms: PhraseSet
    some: PhraseSet
    no: PhraseSet
    therefore: PhraseSet
    relatives: PhraseSet
    measures: PhraseSet
    infinitive: PhraseSet
    contrast: PhraseSet
    echoes: PhraseSet
    excess: PhraseSet
    aims: PhraseSet
    additional: PhraseSet
    common: PhraseSet


class Statements(Table, frozen=True):
    """How what is no request is told.

    Attributes:
        naming: Starts that only draw attention to a thing: "look at", "I like".
        verbs: Finite verbs of statements about a thing: "is", "looks".
        wanting: What somebody does whose wish follows: "wants", "would like".
        asking: Starts of questions for information: "how wide".
        surely_asking: Those that need no question mark.
        undoing: What asks for a state of before, which nothing in the picture tells: "undo", "go back".
        pleasing: What is said of a thing that one would like to have: "would be nice".
        persons: Who tells something: "we", "my husband".
        nothing: Subjects that there are none of: "nothing".
        opinions: Starts of questions for what one thinks: "do you think".
        modal: Between people and what they are to feel: "should".
        avoiding: In front of what a thing should not be: "shouldn't be".
        cleft: In front of what is meant: "it's the bed I'd like".
        being: Of `verbs`, those that say what is: "is", "looks".
        lying: After a thing of which is told how it lies about: "lying about".
        not_doing: In front of what a thing should not do: "shouldn't" of "shouldn't drag on the floor".
        becoming: Verbs that say what a thing is to be, though in the present: "the walls become grey".

    """

    naming: PhraseSet
    verbs: PhraseSet
    wanting: PhraseSet
    asking: PhraseSet
    surely_asking: PhraseSet
    undoing: PhraseSet
    pleasing: PhraseSet
    cleft: PhraseSet
    becoming: PhraseSet
    lying: PhraseSet
    not_doing: PhraseSet
    being: PhraseSet
    persons: PhraseSet
    avoiding: PhraseSet
    modal: PhraseSet
    nothing: PhraseSet
    opinions: PhraseSet


class Retractions(Table, frozen=True):
    """How it is said that what was asked for is not wanted after all.

    Attributes:
        corrections: Between what was said first and what is meant: "red, no, green".
        doubts: In front of what withdraws: "no", "wait", "actually".
        outright: Withdraw wherever they stand: "never mind", "I changed my mind".
        doubtful: Withdraw after a doubt, or where nothing is said before: "don't", "keep it".
        own: Before what one wants oneself, where others want otherwise: "but I'd rather".
        asides: Between a remark and a request, or a request and a doubt: "but", "or would".

    """

    corrections: PhraseSet
    doubts: PhraseSet
    outright: PhraseSet
    doubtful: PhraseSet
    own: PhraseSet
    asides: PhraseSet


class Keeping(Table, frozen=True):
    """How it is said that something stays.

    Attributes:
        markers: In front of a phrase: "except".
        bare: Markers only right after "everything" and the like: "but".
        nots: Deny a phrase: "not".
        refusals: Deny a verb: "don't".
        rejections: Deny what is named before: "is out of the question".
        barring: Deny what follows, after those who forbid it: "(the landlord) won't let me".
        fitting: End a question whether there is room for a thing: "fit in there".
        verbs: "keep", "leave".
        predicates: After a phrase: "stays", "has to remain".
        tails: After the kept phrase and no part of it: "as it is", "alone".
        everything: What a bare marker follows.

    """

    markers: PhraseSet
    bare: PhraseSet
    nots: PhraseSet
    refusals: PhraseSet
    rejections: PhraseSet
    barring: PhraseSet
    fitting: PhraseSet
    verbs: PhraseSet
    predicates: PhraseSet
    tails: PhraseSet
    everything: PhraseSet


class Telegraph(Table, frozen=True):
    """Words that stand for a verb after a phrase: "carpet out, parquet in"."""

    out: PhraseSet
    into: PhraseSet


class Verbs(Table, frozen=True):
    """Verbs by their frame; see `langdesign_reference.frames`."""

    remove: PhraseSet
    deny: PhraseSet
    clear: PhraseSet
    adjust: PhraseSet
    shade: PhraseSet
    lift: PhraseSet
    take: PhraseSet
    add: PhraseSet
    want: PhraseSet
    put: PhraseSet
    throw: PhraseSet
    replace: PhraseSet
    change: PhraseSet
    recolour: PhraseSet
    restyle: PhraseSet
    enliven: PhraseSet
    strip: PhraseSet
    move: PhraseSet
    other: PhraseSet
    give: PhraseSet
    cover: PhraseSet


class Predicates(Table, frozen=True):
    """Predicates that follow their subject, by frame: "should be", "has to go".

    Where several frames have one, the first whose arguments follow is meant.
    """

    passive: PhraseSet
    replace: PhraseSet
    remove: PhraseSet
    take: PhraseSet
    move: PhraseSet
    give: PhraseSet
    change: PhraseSet


class Modals(Table, frozen=True):
    """Modal verbs and what they say: each of `verbs` before one of the others is a predicate of its frame."""

    verbs: PhraseSet
    remove: PhraseSet
    move: PhraseSet
    give: PhraseSet
    change: PhraseSet
    keep: PhraseSet


class Prepositions(Table, frozen=True):
    """Prepositions by what follows them; `nearing` are destinations without a verb: "sofa nearer window"."""

    anchor: PhraseSet
    destination: PhraseSet
    source: PhraseSet
    replacement: PhraseSet
    result: PhraseSet
    instead: PhraseSet
    where: PhraseSet
    facing: PhraseSet
    strong_result: PhraseSet
    made_from: PhraseSet
    purpose: PhraseSet
    covering: PhraseSet
    directions: PhraseSet
    value_for: PhraseSet
    nearing: PhraseSet


class Relations(Table, frozen=True):
    """Prepositions by where they put a thing, seen from what follows."""

    on: PhraseSet
    above: PhraseSet
    below: PhraseSet
    beside: PhraseSet
    left: PhraseSet
    right: PhraseSet
    in_front: PhraseSet
    behind: PhraseSet
    inside: PhraseSet


class Heads(Table, frozen=True):
    """Nouns that change an operation's meaning, and nouns of the whole picture.

    Attributes:
        colour: "the colour of".
        style: "the material of".
        ambiguous: Of the whole picture, but things where they are moved or removed: "the picture".
        whole: Of the whole picture.
        light: What shines, so that "darker" is no colour of it; and light itself.
        condition: Nouns of how a picture is, not of a thing in it: "brightness", "order".
        bared: What stays where it is stripped: "the floorboards".
        holders: What things are put into or on, apart from `surfaces`: "vase".
        structure: What every room has, so that "a wooden floor" is not added.
        adjustable: What is not moved where it is raised or lowered: "the blinds", "the ceiling".
        areas: Parts of a room, which become another look, not another thing: "the corner".
        surfaces: What stays where it is cleared: "the desk".
        beings: Who does something to a thing, so that this is spoken of: "my cat scratched the sofa".
        captures: Of `ambiguous`, those that are the whole picture where something is told of them: "photo".
        waste: Where what is thrown away goes: "the bin".
        spots: Places that are named without a preposition: "floor lamp, corner".

    """

    colour: PhraseSet
    style: PhraseSet
    ambiguous: PhraseSet
    whole: PhraseSet
    light: PhraseSet
    condition: PhraseSet
    structure: PhraseSet
    bared: PhraseSet
    holders: PhraseSet
    spots: PhraseSet
    surfaces: PhraseSet
    areas: PhraseSet
    adjustable: PhraseSet
    beings: PhraseSet
    captures: PhraseSet
    waste: PhraseSet


class Attributes(Table, frozen=True):
    """What things may be made.

    Attributes:
        colours: Of these, `materials`... a thing is made; a word may stand in one list only.
        lightness: A colour of a thing, a state of the whole picture: "darker".
        making: Say how a material is worked, so that a colour's name means the material: "glazed".
        degrees: Go with any of them: "very".
        removal: "vanish".

    """

    colours: PhraseSet
    materials: PhraseSet
    patterns: PhraseSet
    styles: PhraseSet
    states: PhraseSet
    lightness: PhraseSet
    making: PhraseSet
    degrees: PhraseSet
    removal: PhraseSet
    likeness: PhraseSet
    seeming: PhraseSet
    more: PhraseSet
    less: PhraseSet
