"""Turns of everyday English: how people ask politely, have things done, speak of what they got."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.bounds import said
from langdesign_reference.word_order.english_complaints import complained, not_needed, wished
from langdesign_reference.word_order.english_denied import DENIED
from langdesign_reference.word_order.english_fronted import nothing_leaves, object_first, pleases, would_look
from langdesign_reference.word_order.english_told import (
    anything_but,
    as_long_as,
    clause_ends,
    faces,
    is_said,
    keys_at,
    left_as_it_is,
    minus,
    neither_nor,
    not_afloat,
    not_but,
    nothing_but,
    rather_than,
    so_should,
    that_is_not,
    to_match,
)
from langdesign_reference.words import PUNCTUATION, Word

_LIKELY = frozenset(("'d", "would", "might", "could", "will"))
_WHETHER = frozenset(("if", "to", "when"))


def without_politeness(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out "it'd be grand if", "would it be mean to", "I'd be thrilled if", "would it kill you to"."""
    for index in range(min(len(words) - 4, 4)):
        if any(lexicon.words.openers.length_at(words, i) > index - i + 1 for i in range(index)):
            continue  # "what would it look like if" is an opener as it stands
        keys = keys_at(words, index, 7)
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
        if index and word.key == "get" and lexicon.noun_before(words, index):
            continue  # "the walls get a coat of mint"
        if word.key not in {"get", "getting"} or (index and words[index - 1].key in lexicon.words.pronouns):
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
    for index, word in enumerate(words[:-3]):
        named = lexicon.words.determiners.length_at(words, index + 1) or lexicon.noun_at(words, index + 1)
        if word.key not in {"swap", "switch"} or not named:
            continue
        if words[index + 2].key in {"positions", "places"}:
            continue
        end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
        part = words[index + 1 : end]
        joint = next((i for i, one in enumerate(part) if one.key == "and"), None)
        both = joint is not None and (
            lexicon.words.determiners.length_at(part, joint + 1) or lexicon.noun_at(part, joint + 1)
        )
        if both and not lexicon.prepositions.replacement.find(part):
            return [
                *words[: index + 1],
                *(said(word, key) for key in ("the", "positions", "of")),
                *words[index + 1 :],
            ]
    return words


def got_new(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "I found a mirror, hang it over the bed" as "hang a mirror over the bed"."""
    if keys_at(words, 0, 1) not in (["i"], ["we"]):
        return words
    start = 2 if len(words) > 2 and words[1].key in {"found", "bought", "got", "made"} else 0
    start = 3 if keys_at(words, 1, 2) in (["'ve", "got"], ["'ve", "found"], ["'ve", "bought"]) else start
    comma = next((i for i, word in enumerate(words) if word.key in {",", "and", "so"}), None)
    if not start or comma is None or not lexicon.words.indefinite.length_at(words, start):
        return words
    for index in range(comma + 1, len(words) - 1):
        verb = lexicon.verbs.longest_at(words, index)
        if verb and verb[0] in {"put", "add"} and keys_at(words, index + verb[1], 1) in (["it"], ["them"]):
            end = index + verb[1]
            return [*words[comma + 1 : end], *words[start:comma], *words[end + 1 :]]
    return words


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
    if not looks or not whole or at + 2 > len(words):
        return words
    if lexicon.words.no.length_at(words, at + 1):  # "can I see this room with no carpet"
        return words[at + 1 :]
    if any(lexicon.noun_at(words, i) and not lexicon.heads.whole.length_at(words, i) for i in range(at)):
        return words
    thing = words[at + 1 :]
    article = lexicon.words.indefinite.length_at(thing, 0)
    described = lexicon.attribute_length(thing, article)
    if described and lexicon.noun_at(thing, article + described):
        return thing[article:]
    return [said(thing[0], "want"), *thing]


def without_echo(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read the "as well" of "the drawers as well" as "too"."""
    found, index = list[Word](), 0
    while index < len(words):
        if keys_at(words, index, 2) == ["as", "well"] and keys_at(words, index + 2, 1) != ["as"]:
            found.append(said(words[index], "too"))
            index += 2
        elif keys_at(words, index, 2) == ["there", "instead"]:
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
        end = next((i for i in range(index, len(words)) if clause_ends(words, i, lexicon)), len(words))
        if words[end - 1].key in {"shut", "closed", "open"} and _names(words, end - 1, lexicon):
            return [*words[:index], replace(word, key="make", text="make"), *words[index + 1 :]]
    return words


def _names(words: list[Word], end: int, lexicon: Lexicon) -> bool:
    return bool(lexicon.noun_before(words, end) or lexicon.words.pronouns.length_before(words, end))


def out_and_in(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "sofa out chair in" with a comma between."""
    keys = [word.key for word in words]
    at = keys.index("out") + 1 if "out" in keys[1:-2] else 0
    noun = at and lexicon.noun_before(words, at - 1) and lexicon.noun_at(words, at)
    return [*words[:at], said(words[at], ","), *words[at:]] if noun and keys[-1] == "in" else words


def if_we_did(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "what if we took out the wall" as "... take out the wall"."""
    for index in range(2, len(words) - 1):
        key = words[index].key
        if words[index - 1].key not in {"we", "you", "i"} or words[index - 2].key not in {
            "if",
            "when",
            "time",
            "rather",
        }:
            continue
        bases = (lexicon.forms.get(key, ""), key.removesuffix("ed"), key.removesuffix("d"))
        for base in bases:
            changed = [Word(base, words[index].start, words[index].end, base), *words[index + 1 :]]
            if base not in {"", key} and lexicon.verbs.longest_at(changed, 0):
                return [*words[:index], *changed]
    return words


TURNS = (
    *DENIED,
    that_is_not,
    so_should,
    anything_but,
    neither_nor,
    not_afloat,
    not_needed,
    rather_than,
    if_we_did,
    out_and_in,
    to_match,
    faces,
    as_long_as,
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
    nothing_leaves,
    object_first,
    pleases,
    would_look,
    not_but,
    wished,
    complained,
)
