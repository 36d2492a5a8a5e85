"""The tables of a lexicon: phrases by what they do in a clause."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from langdesign_reference.words import PhraseSet, Words

Phrases = Annotated[PhraseSet, BeforeValidator(PhraseSet)]


class Table(BaseModel):
    """A table of the file: a key that is missing or unknown is an error that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def sets(self) -> Iterator[tuple[str, PhraseSet]]:
        """Yield name and phrases of each key."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, PhraseSet):
                yield name, value

    def longest_at(self, words: Words, index: int) -> tuple[str, int] | None:
        """Return (name, length) of the longest phrase at `index`, the first of equal ones."""
        best: tuple[str, int] | None = None
        for name, phrases in self.sets():
            length = phrases.length_at(words, index)
            if length and (best is None or length > best[1]):
                best = name, length
        return best


class FunctionWords(Table):
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

    openers: Phrases
    fillers: Phrases
    closers: Phrases
    conjunctions: Phrases
    determiners: Phrases
    indefinite: Phrases
    pronouns: Phrases
    places: Phrases
    between: Phrases
    possessive: Phrases
    of: Phrases
    whole: Phrases
    leading: Phrases
    reasons: Phrases
    only: Phrases
    rather: Phrases
    proforms: Phrases
    some: Phrases
    no: Phrases
    therefore: Phrases
    relatives: Phrases
    measures: Phrases
    infinitive: Phrases
    contrast: Phrases
    echoes: Phrases
    excess: Phrases
    aims: Phrases
    additional: Phrases
    common: Phrases


class Statements(Table):
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

    naming: Phrases
    verbs: Phrases
    wanting: Phrases
    asking: Phrases
    surely_asking: Phrases
    undoing: Phrases
    pleasing: Phrases
    cleft: Phrases
    becoming: Phrases
    lying: Phrases
    not_doing: Phrases
    being: Phrases
    persons: Phrases
    avoiding: Phrases
    modal: Phrases
    nothing: Phrases
    opinions: Phrases


class Keeping(Table):
    """How it is said that something stays.

    Attributes:
        markers: In front of a phrase: "except".
        bare: Markers only right after "everything" and the like: "but".
        nots: Deny a phrase: "not".
        refusals: Deny a verb: "don't".
        verbs: "keep", "leave".
        predicates: After a phrase: "stays", "has to remain".
        tails: After the kept phrase and no part of it: "as it is", "alone".
        everything: What a bare marker follows.

    """

    markers: Phrases
    bare: Phrases
    nots: Phrases
    refusals: Phrases
    verbs: Phrases
    predicates: Phrases
    tails: Phrases
    everything: Phrases


class Telegraph(Table):
    """Words that stand for a verb after a phrase: "carpet out, parquet in"."""

    out: Phrases
    into: Phrases


class Verbs(Table):
    """Verbs by their frame; see `langdesign_reference.frames`."""

    remove: Phrases
    deny: Phrases
    clear: Phrases
    adjust: Phrases
    shade: Phrases
    lift: Phrases
    take: Phrases
    add: Phrases
    want: Phrases
    put: Phrases
    throw: Phrases
    replace: Phrases
    change: Phrases
    recolour: Phrases
    restyle: Phrases
    enliven: Phrases
    strip: Phrases
    move: Phrases
    other: Phrases
    give: Phrases
    cover: Phrases


class Predicates(Table):
    """Predicates that follow their subject, by frame: "should be", "has to go".

    Where several frames have one, the first whose arguments follow is meant.
    """

    passive: Phrases
    replace: Phrases
    remove: Phrases
    take: Phrases
    move: Phrases
    give: Phrases
    change: Phrases


class Modals(Table):
    """Modal verbs and what they say: each of `verbs` before one of the others is a predicate of its frame."""

    verbs: Phrases
    remove: Phrases
    move: Phrases
    give: Phrases
    change: Phrases
    keep: Phrases


class Prepositions(Table):
    """Prepositions by what follows them; `nearing` are destinations without a verb: "sofa nearer window"."""

    anchor: Phrases
    destination: Phrases
    source: Phrases
    replacement: Phrases
    result: Phrases
    instead: Phrases
    where: Phrases
    facing: Phrases
    strong_result: Phrases
    made_from: Phrases
    purpose: Phrases
    covering: Phrases
    directions: Phrases
    value_for: Phrases
    nearing: Phrases


class Relations(Table):
    """Prepositions by where they put a thing, seen from what follows."""

    on: Phrases
    above: Phrases
    below: Phrases
    beside: Phrases
    left: Phrases
    right: Phrases
    in_front: Phrases
    behind: Phrases
    inside: Phrases


class Heads(Table):
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

    colour: Phrases
    style: Phrases
    ambiguous: Phrases
    whole: Phrases
    light: Phrases
    condition: Phrases
    structure: Phrases
    bared: Phrases
    holders: Phrases
    spots: Phrases
    surfaces: Phrases
    areas: Phrases
    adjustable: Phrases
    beings: Phrases
    captures: Phrases
    waste: Phrases


class Attributes(Table):
    """What things may be made.

    Attributes:
        colours: Of these, `materials`... a thing is made; a word may stand in one list only.
        lightness: A colour of a thing, a state of the whole picture: "darker".
        making: Say how a material is worked, so that a colour's name means the material: "glazed".
        degrees: Go with any of them: "very".
        removal: "vanish".

    """

    colours: Phrases
    materials: Phrases
    patterns: Phrases
    styles: Phrases
    states: Phrases
    lightness: Phrases
    making: Phrases
    degrees: Phrases
    removal: Phrases
    likeness: Phrases
    seeming: Phrases
    more: Phrases
    less: Phrases
