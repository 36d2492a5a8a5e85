"""Turns of everyday English in which people tell: what there is, what bothers them."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.bounds import said
from langdesign_reference.words import PUNCTUATION, Word


def keys_at(words: list[Word], start: int, count: int) -> list[str]:
    """Return the keys of `count` words from `start`."""
    return [word.key for word in words[start : start + count]]


def is_said(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read the "'s" of "the window's lovely" as "is"."""
    found = list(words)
    for index in range(2, len(words) - 1):
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        start += lexicon.words.conjunctions.length_at(words, start)
        if words[index].key != "'s" or not lexicon.words.determiners.length_at(words, start):
            continue
        end = next((i for i in range(index + 1, len(words)) if clause_ends(words, i, lexicon)), len(words))
        said_of = words[index + 1 : end]
        heads = (lexicon.heads.colour, lexicon.heads.style)
        named = any(head.length_before(said_of, len(said_of)) for head in heads)
        named = named or any(lexicon.noun_at(said_of, i) for i in range(len(said_of)))
        placed = lexicon.prepositions.anchor.length_at(words, index + 1)
        if placed or (0 < len(said_of) <= 3 and not named):
            found[index] = replace(words[index], key="is")
    return found


def clause_ends(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether punctuation or a conjunction stands at `index`."""
    return words[index].key in PUNCTUATION or lexicon.words.conjunctions.length_at(words, index) > 0


def left_as_it_is(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read the "left" of "the beams left natural" as "stays"."""
    found = list(words)
    for index in range(1, len(words) - 1):
        if words[index].key != "left" or not lexicon.noun_before(words, index):
            continue
        if lexicon.keeping.tails.length_at(words, index + 1) or lexicon.attribute_length(words, index + 1):
            found[index] = replace(words[index], key="stays")
    return found


def _first_of(words: list[Word], keys: list[str]) -> bool:
    return keys_at(words, 0, len(keys)) == keys


def minus(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "minus the chandelier" alone as removing it, "without the tv the room would be nicer" too."""
    alone = not any(word.key in PUNCTUATION for word in words)  # not "minus the kettle, clear the counter"
    if _first_of(words, ["minus"]) and len(words) > 1 and alone:
        return [replace(words[0], key="remove", text="remove"), *words[1:]]
    if _first_of(words, ["without"]):
        for index in range(3, len(words) - 1):
            whole = lexicon.heads.whole.length_before(words, index)
            if whole and words[index].key in {"would", "looks", "feels", "'d"}:
                start = index - whole - lexicon.words.determiners.length_before(words, index - whole)
                return [replace(words[0], key="remove", text="remove"), *words[1:start]]
    return words


def nothing_but(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "change nothing but the rug: ..." as naming the rug, "I'd change nothing but ..." as asking."""
    for index in range(1, min(5, len(words) - 2)):
        if words[index].key != "nothing" or not lexicon.verb_at(words, index - 1):
            continue
        after = index + 1
        bare = lexicon.keeping.bare.length_at(words, after) or lexicon.keeping.markers.length_at(words, after)
        asks = lexicon.verbs.remove.length_at(words, index - 1) == 1 or index > 1
        return [*words[: index if asks else index - 1], *words[after + bare :]] if bare else words
    return words


def as_long_as(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "as long as the fireplace keeps its colour" as "except the fireplace"."""
    keys = [word.key for word in words]
    for phrase in _ON_CONDITION:
        at = next((i for i in range(1, len(keys)) if keys[i : i + len(phrase)] == phrase), None)
        if at is None or not lexicon.words.determiners.length_at(words, at + len(phrase)):
            continue
        end = next((i for i in range(at, len(words)) if words[i].key in PUNCTUATION), len(words))
        stays = lexicon.keeping.predicates.find(words[:end], at + len(phrase) + 1)
        if stays:
            return [
                *words[:at],
                said(words[at], "except"),
                *words[at + len(phrase) : stays[0]],
                *words[end:],
            ]
    return words


_ON_CONDITION = (
    ["as", "long", "as"],
    ["provided", "that"],
    ["provided"],
    ["on", "condition", "that"],
    ["so", "long", "as"],
)


def faces(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "the sofa should face the window" as "turn the sofa to face the window"."""
    for index in range(2, len(words) - 2):
        if words[index].key != "face" or words[index - 1].key not in {*_MODAL, "to"}:
            continue
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        while length := lexicon.words.openers.length_at(words, start):
            start += length
        named = lexicon.words.determiners.length_at(words, start) and not lexicon.verb_at(words, start)
        if named and lexicon.words.determiners.length_at(words, index + 1):
            turned = [said(words[start], "turn"), *words[start : index - 1], said(words[index], "to")]
            return [*words[:start], *turned, *words[index:]]
    return words


def anything_but(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "anything but beige" and "any colour except white" as "not beige", "not white"."""
    for index in range(1, len(words) - 1):
        if words[index].key not in {"anything", "any"}:
            continue
        noun = lexicon.heads.colour.length_at(words, index + 1) or lexicon.heads.style.length_at(
            words, index + 1
        )
        after = index + 1 + (noun if words[index].key == "any" else 0)
        but = lexicon.keeping.bare.length_at(words, after) or lexicon.keeping.markers.length_at(words, after)
        if but and lexicon.attribute_length(words, after + but):
            return [*words[:index], said(words[index], "not"), *words[after + but :]]
    return words


def that_is_not(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "every picture that isn't the portrait" as "every picture except the portrait"."""
    for index in range(2, len(words) - 3):
        if words[index].key not in {"that", "which", "who"} or words[index + 1].key not in _BEING:
            continue
        denied = words[index + 2].key in {"'t", "not"} and lexicon.words.determiners.length_at(
            words, index + 3
        )
        if denied and lexicon.noun_before(words, index):
            return [*words[:index], said(words[index], "except"), *words[index + 3 :]]
    return words


_BEING = frozenset(("is", "isn", "are", "aren"))


def so_should(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "and so should the window frame" as "and the window frame too"."""
    for index in range(1, len(words) - 2):
        so = words[index].key == "so" and words[index + 1].key in {*_MODAL, "does", "do", "is"}
        if not so or not lexicon.words.determiners.length_at(words, index + 2):
            continue
        end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
        return [*words[:index], *words[index + 2 : end], said(words[index], "too"), *words[end:]]
    return words


def neither_nor(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "neither the rug nor the lamp should stay" as "the rug and the lamp should go"."""
    keys = [word.key for word in words]
    if keys[:1] != ["neither"] or "nor" not in keys[2:-2]:
        return words
    nor = keys.index("nor")
    for index in range(nor + 2, len(words)):
        stays = lexicon.keeping.predicates.length_at(words, index)
        if stays or _MODAL & {keys[index]}:
            both = [*words[1:nor], replace(words[nor], key="and", text="and"), *words[nor + 1 : index]]
            end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
            said_of = ("should", "go") if stays else ("should", "stay")
            return [*both, *(said(words[index], key) for key in said_of), *words[end:]]
    return words


_MODAL = frozenset(("can", "should", "must", "could", "may", "would", "to", "are", "were", "might", "shall"))


def not_afloat(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out the "all" of "the lamps can all go"."""
    afloat = [i for i in range(1, len(words) - 1) if words[i].key in {"all", "both", "each"}]
    found = {i for i in afloat if words[i - 1].key in _MODAL}
    plural = (i for i in afloat if lexicon.noun_before(words, i))
    found |= {i for i in plural if words[i + 1].key in {*_MODAL, "need", "have", "look"}}
    return [word for i, word in enumerate(words) if i not in found]


def not_but(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "must not be round but square" as "must be square"."""
    for index in range(2, len(words) - 3):
        if keys_at(words, index, 2) != ["not", "be"]:
            continue
        contrast = next(
            (i for i in range(index + 3, min(index + 6, len(words))) if words[i].key == "but"), None
        )
        if contrast is not None and lexicon.attribute_length(words, contrast + 1):
            return [*words[:index], words[index + 1], *words[contrast + 1 :]]
    return words


def rather_than(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "I'd rather have a bench than the chairs" as "... instead of the chairs"."""
    keys = [word.key for word in words]
    at = keys.index("than") if "than" in keys else 0
    prefers = {"rather", "prefer", "sooner", "better", "nicer"} & set(keys[:at])
    prefers = prefers if lexicon.words.determiners.length_at(words, at + 1) else prefers - {"better", "nicer"}
    if not prefers or keys[at - 1] in {"rather", "now"}:
        return words
    instead = [said(words[at], "instead"), replace(words[at], key="of", text="of")]
    return [*words[:at], *instead, *words[at + 1 :]]


def to_match(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "the cushions should match the rug" with "be" before what it should be like."""
    for index in range(1, len(words) - 2):
        like = lexicon.attributes.likeness.length_at(words, index + 1)
        alike = like and words[index + 1].key in {"match", "go", "blend"}
        if alike and words[index].key in {"should", "must", "could"}:
            return [*words[: index + 1], said(words[index + 1], "be"), *words[index + 1 :]]
    return words
