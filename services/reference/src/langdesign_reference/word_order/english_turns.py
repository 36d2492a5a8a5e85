"""Turns of everyday English: how people ask politely, have things done, speak of what they got."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.bounds import said
from langdesign_reference.words import PUNCTUATION, Word

_LIKELY = frozenset(("'d", "would", "might", "could", "will"))
_WHETHER = frozenset(("if", "to", "when"))


def _keys(words: list[Word], start: int, count: int) -> list[str]:
    return [word.key for word in words[start : start + count]]


def without_politeness(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out "it'd be grand if", "would it be mean to", "I'd be thrilled if", "would it kill you to"."""
    for index in range(min(len(words) - 4, 4)):
        keys = _keys(words, index, 7)
        length = 0
        if keys[0] == "it" and keys[1] in _LIKELY and keys[2] == "be":
            length = _whether(keys, 3)
        elif keys[:2] == ["would", "it"]:
            length = _whether(keys, 3 + (keys[2] == "be"))
        elif (
            keys[0] in {"i", "we"} and keys[1] in _LIKELY and keys[2] in {"be", "love", "like", "appreciate"}
        ):
            length = _whether(keys, 3)
            length = length if length and keys[length - 1] != "to" else 0
        elif keys[0] == "would" and keys[1] in {"love", "like", "appreciate"}:
            length = _whether(keys, 2)
            length = length if length and keys[length - 1] != "to" else 0
        if length > lexicon.words.openers.length_at(words, index):
            asked = ("can", "you") if keys[length - 1] == "to" else ("what", "if")
            opener = [said(words[index], key) for key in asked]
            return [*words[:index], *opener, *words[index + length :]]
    return words


def _whether(keys: list[str], start: int) -> int:
    """Return one past the "if" or "to" that follows within two words; 0 where none does."""
    return next((i + 1 for i in range(start, min(start + 3, len(keys))) if keys[i] in _WHETHER), 0)


def have_done(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "get the walls painted" as wanting it, "get a plant" as adding one."""
    for index, word in enumerate(words):
        needs = word.key == "need" and index and lexicon.verbs.add.length_before(words, index + 1) > 1
        if needs and lexicon.words.determiners.length_at(words, index + 1):
            return [*words[:index], replace(word, key="want", text="want"), *words[index + 1 :]]
        if word.key != "get" or (index and words[index - 1].key in lexicon.words.pronouns):
            continue
        after = words[index + 1 :]
        end = next((i for i, one in enumerate(after) if one.key in PUNCTUATION), len(after))
        if index and lexicon.words.determiners.length_at(words, index - 1):
            continue
        if lexicon.words.determiners.length_at(after, 0):
            done = next((i for i in range(2, end) if _is_done(after, i, lexicon)), None)
            if done is not None:
                return [*words[:index], replace(word, key="want", text="want"), *after]
        elif lexicon.words.indefinite.length_at(after, 0) and not _taken(after[:end], lexicon):
            return [*words[:index], replace(word, key="add", text="add"), *after]
    return words


def _is_done(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    form = lexicon.verb_form_at(words, index)
    known = lexicon.verbs.longest_at(words, index) or lexicon.noun_at(words, index)
    if form is None or known or words[index].key.endswith("ing"):
        return False
    described = lexicon.adjectives.length_before(words, index) or lexicon.attribute_before(words, index)
    return not described and not lexicon.noun_at(words, index + 1)


def _taken(words: list[Word], lexicon: Lexicon) -> bool:
    source = lexicon.prepositions.source.find(words)
    return source is not None or lexicon.words.closers.length_before(words, len(words)) > 0


def in_favour(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ditch the chair in favour of a stool" as "replace the chair ..."."""
    for index in range(2, len(words) - 2):
        if words[index].key != "in" or words[index + 1].key not in {"favour", "favor", "exchange"}:
            continue
        for at in range(index - 2, -1, -1):
            length = lexicon.verbs.remove.length_at(words, at)
            if length and lexicon.starts_phrase(words, at + length):
                verb = replace(words[at], key="replace", text="replace")
                return [*words[:at], verb, *words[at + length :]]
    return words


def exchanged(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "swap the sofa and the table" as swapping their places."""
    for index, word in enumerate(words[:-4]):
        if word.key not in {"swap", "switch"} or not lexicon.words.determiners.length_at(words, index + 1):
            continue
        if words[index + 2].key in {"positions", "places"}:
            continue
        end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
        part = words[index + 1 : end]
        joint = next((i for i, one in enumerate(part) if one.key == "and"), None)
        both = joint is not None and lexicon.words.determiners.length_at(part, joint + 1)
        if both and not lexicon.prepositions.replacement.find(part):
            return [
                *words[: index + 1],
                *(said(word, key) for key in ("the", "positions", "of")),
                *words[index + 1 :],
            ]
    return words


def got_new(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "I found a mirror, hang it over the bed" as "hang a mirror over the bed"."""
    if _keys(words, 0, 1) not in (["i"], ["we"]):
        return words
    start = 2 if len(words) > 2 and words[1].key in {"found", "bought", "got", "made"} else 0
    start = 3 if _keys(words, 1, 2) in (["'ve", "got"], ["'ve", "found"], ["'ve", "bought"]) else start
    comma = next((i for i, word in enumerate(words) if word.key in {",", "and", "so"}), None)
    if not start or comma is None or not lexicon.words.indefinite.length_at(words, start):
        return words
    for index in range(comma + 1, len(words) - 1):
        verb = lexicon.verbs.longest_at(words, index)
        if verb and verb[0] in {"put", "add"} and _keys(words, index + verb[1], 1) in (["it"], ["them"]):
            end = index + verb[1]
            return [*words[comma + 1 : end], *words[start:comma], *words[end + 1 :]]
    return words


def is_said(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read the "'s" of "the window's lovely" as "is"."""
    found = list(words)
    for index in range(2, len(words) - 1):
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        if words[index].key != "'s" or not lexicon.words.determiners.length_at(words, start):
            continue
        end = next((i for i in range(index + 1, len(words)) if _ends(words, i, lexicon)), len(words))
        said_of = words[index + 1 : end]
        heads = (lexicon.heads.colour, lexicon.heads.style)
        named = any(head.length_before(said_of, len(said_of)) for head in heads)
        named = named or any(lexicon.noun_at(said_of, i) for i in range(len(said_of)))
        placed = lexicon.prepositions.anchor.length_at(words, index + 1)
        if placed or (0 < len(said_of) <= 3 and not named):
            found[index] = replace(words[index], key="is")
    return found


def _ends(words: list[Word], index: int, lexicon: Lexicon) -> bool:
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


def seen_with(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "can I see this with white cabinets" as "white cabinets", "... with a skylight" as wanting one."""
    keys = [word.key for word in words]
    at = keys.index("with") if "with" in keys else 0
    looks = {"see", "show", "look", "imagine"} & set(keys[:at])
    whole = at and (
        lexicon.heads.whole.length_before(words, at)
        or lexicon.heads.whole.length_before(words, at - keys[:at].count("like"))
        or keys[at - 1] in {"look", "like"}
    )
    if not looks or not whole or at + 2 > len(words) or lexicon.words.no.length_at(words, at + 1):
        return words
    if any(lexicon.noun_at(words, i) and not lexicon.heads.whole.length_at(words, i) for i in range(at)):
        return words
    thing = words[at + 1 :]
    article = lexicon.words.indefinite.length_at(thing, 0)
    described = lexicon.attribute_length(thing, article)
    if described and lexicon.noun_at(thing, article + described):
        return thing[article:]
    return [said(thing[0], "want"), *thing]


def _first_of(words: list[Word], keys: list[str]) -> bool:
    return _keys(words, 0, len(keys)) == keys


def minus(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "minus the chandelier" alone as removing it, "without the tv the room would be nicer" too."""
    if _first_of(words, ["minus"]) and len(words) > 1:
        return [replace(words[0], key="remove", text="remove"), *words[1:]]
    if _first_of(words, ["without"]):
        for index in range(3, len(words) - 1):
            whole = lexicon.heads.whole.length_before(words, index)
            if whole and words[index].key in {"would", "looks", "feels", "'d"}:
                start = index - whole - lexicon.words.determiners.length_before(words, index - whole)
                return [replace(words[0], key="remove", text="remove"), *words[1:start]]
    return words


def nothing_but(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "change nothing but the curtains: ..." as naming the curtains."""
    if len(words) > 3 and words[1].key == "nothing" and lexicon.verb_at(words, 0):
        bare = lexicon.keeping.bare.length_at(words, 2) or lexicon.keeping.markers.length_at(words, 2)
        return words[2 + bare :] if bare else words
    return words


def not_but(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "must not be round but square" as "must be square"."""
    for index in range(2, len(words) - 3):
        if _keys(words, index, 2) != ["not", "be"]:
            continue
        contrast = next(
            (i for i in range(index + 3, min(index + 6, len(words))) if words[i].key == "but"), None
        )
        if contrast is not None and lexicon.attribute_length(words, contrast + 1):
            return [*words[:index], words[index + 1], *words[contrast + 1 :]]
    return words


def wished(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "if only this wasn't so dark" as "... was less dark", "I want to feel at peace" as a likeness."""
    for index in range(1, len(words) - 2):
        if words[index].key in {"wasn", "weren"} and words[index + 2].key in {"so", "as", "too"}:
            was, rest = replace(words[index], key="was"), words[index + 3 :]
            return [*words[:index], was, said(words[index], "less"), *rest]
        if _keys(words, index, 2) == ["to", "feel"] and words[index - 1].key in {"want", "like", "love"}:
            return [*(said(words[index], key) for key in ("feel", "like")), *words[index + 2 :]]
    return words


def complained(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "it's too cluttered" and "it's so gloomy" as "too cluttered"."""
    if _keys(words, 0, 1) in (["feels"], ["looks"], ["seems"]):
        return words[1:] if lexicon.attribute_before(words, len(words)) else words
    if _keys(words, 0, 2) in (["it", "'s"], ["it", "is"]) and _keys(words, 2, 1) in (["too"], ["so"]):
        rest = words[2:]
        end = next((i for i, word in enumerate(rest) if word.key in PUNCTUATION), len(rest))
        after, rest = rest[end + 1 :], rest[:end]
        plain = lexicon.words.fillers.length_at(after, 0) == len(after)
        if plain and len(rest) < 5 and lexicon.attribute_length(rest, 1):
            return rest
    return words


def without_echo(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out the "as well" of "the drawers as well"."""
    found, index = list[Word](), 0
    while index < len(words):
        if _keys(words, index, 2) == ["as", "well"] and _keys(words, index + 2, 1) != ["as"]:
            index += 2
        elif _keys(words, index, 2) == ["there", "instead"]:
            index += 1
        elif words[index].key == "while" and lexicon.words.openers.length_at(words, index):
            index += lexicon.words.openers.length_at(words, index)
        else:
            found.append(words[index])
            index += 1
    return found


def pulled_shut(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pull the curtains shut" as making them so."""
    for index, word in enumerate(words[:-2]):
        if word.key not in {"pull", "push", "slide", "draw", "swing"}:
            continue
        end = next((i for i in range(index, len(words)) if _ends(words, i, lexicon)), len(words))
        if words[end - 1].key in {"shut", "closed", "open"} and lexicon.noun_before(words, end - 1):
            return [*words[:index], replace(word, key="make", text="make"), *words[index + 1 :]]
    return words


def rather_than(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "I'd rather have a bench than the chairs" as "... instead of the chairs"."""
    keys = [word.key for word in words]
    at = keys.index("than") if "than" in keys else 0
    prefers = {"rather", "prefer", "sooner"} & set(keys[:at])
    if not prefers or keys[at - 1] in {"rather", "now"}:
        return words
    instead = [said(words[at], "instead"), replace(words[at], key="of", text="of")]
    return [*words[:at], *instead, *words[at + 1 :]]


def if_we_did(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "what if we took out the wall" as "... take out the wall"."""
    for index in range(2, len(words) - 1):
        key = words[index].key
        if words[index - 1].key not in {"we", "you", "i"} or words[index - 2].key not in {"if", "when"}:
            continue
        bases = (lexicon.forms.get(key, ""), key.removesuffix("ed"), key.removesuffix("d"))
        for base in bases:
            changed = [Word(base, words[index].start, words[index].end, base), *words[index + 1 :]]
            if base not in {"", key} and lexicon.verbs.longest_at(changed, 0):
                return [*words[:index], *changed]
    return words


TURNS = (
    rather_than,
    if_we_did,
    pulled_shut,
    without_politeness,
    without_echo,
    is_said,
    left_as_it_is,
    got_new,
    have_done,
    in_favour,
    exchanged,
    seen_with,
    minus,
    nothing_but,
    not_but,
    wished,
    complained,
)
