"""Word order of Romanian: pronouns that hang at verbs, places in front, and "not" after what it denies."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.translation import is_new
from langdesign_reference.word_order.bounds import Order, clause_end, place_length, placed_new, said
from langdesign_reference.word_order.romanian_changes import covered, moved, put_instead
from langdesign_reference.word_order.romanian_plain import PLAIN
from langdesign_reference.word_order.romanian_requests import apart
from langdesign_reference.word_order.romanian_turns import TURNS, there_stands, without_rest
from langdesign_reference.words import PUNCTUATION, Word

_FOR_SOMEBODY = frozenset({"mi", "ti", "ne"})
"""Whom something is done for: "fă-mi"."""
_CLITICS = frozenset({"o", "l", "le", "i"})
_COMING = frozenset({"lipseste", "lipsesc", "vine", "vin", "merge", "merg", "intra", "incape"})
"""Verbs by which a thing gets a place."""
_BEING = frozenset({"e", "este", "sunt", "are", "au"})
_ABLE = frozenset({"poti", "putem", "puteti", "pot", "vrei", "vrea"})
_REJOINED = frozenset({"nu", "ca"})
_BRINGING = frozenset({"add", "put", "want"})
"""Frames whose object may be new."""
_JOINING = frozenset({"dar", "iar", "si", "insa"})


def _for_somebody(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "fă-mi canapeaua verde" as "fă canapeaua verde"."""
    found = list[Word]()
    for index, word in enumerate(words):
        hangs = index > 0 and words[index - 1].end + 1 == word.start
        its = word.key == "i" and lexicon.noun_at(words, index + 1) > 0  # "schimbă-i rama"
        if not (hangs and (word.key in _FOR_SOMEBODY or its) and _hosts(words, index - 1, lexicon)):
            found.append(word)
    return found


def _hosts(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    return words[index].key == "sa" or lexicon.verb_at(words, index) is not None


def _hanging(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell the pronoun of "pune-o" from the article "o", and read "nu-mi" as one word again."""
    found = list[Word]()
    for index, word in enumerate(words):
        before = words[index - 1] if index else None
        hangs = before is not None and before.end + 1 == word.start
        if hangs and before and before.key in _REJOINED and word.key in _CLITICS | _FOR_SOMEBODY:
            text = f"{before.text}-{word.text}"
            found[-1] = Word(f"{before.key}-{word.key}", before.start, word.end, text)
        elif hangs and word.key in _CLITICS and not _is_article(words, index, lexicon):
            found.append(replace(word, key="le"))
        else:
            found.append(word)
    return found


def _is_article(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether "o" stands before a noun, perhaps after an adjective."""
    return words[index].key == "o" and any(
        lexicon.noun_at(words, at)
        for at in (index + 1, index + 2)
        if not place_length(words, index + 1, lexicon)
    )


def _new_things(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune jaluzele" as "pune un jaluzele": the noun is new, though it has no article."""
    found = list[Word]()
    index = 0
    placed = any(place_length(words, i, lexicon) for i in range(1, min(len(words), 5)))
    if words and placed and is_new(words[0], lexicon.language):  # "flori pe masă"
        found.append(said(words[0], "un"))
    while index < len(words):
        verb = lexicon.verb_at(words, index)
        found.append(words[index])
        if verb and verb[0] in _BRINGING:
            found += words[index + 1 : index + verb[1]]
            index += verb[1] - 1
            after = index + 1
            if after < len(words) and is_new(words[after], lexicon.language):
                found.append(said(words[after], "un"))
        index += 1
    return found


def _keeping_clause(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "dar nu te atinge de perne" with a comma: "dar nu" alone would except the verb."""
    found = list[Word]()
    for index, word in enumerate(words):
        keeps = lexicon.keeping.verbs.length_at(words, index + 1) or lexicon.keeping.refusals.length_at(
            words, index + 1
        )
        verb = keeps and (keeps > 1 or lexicon.verb_at(words, index + 1 + keeps))
        if word.key in _JOINING and verb and found and words[index + 1].key in {"nu", "sa"}:
            found.append(said(word, ","))
        else:
            found.append(word)
    return found


def _not_that(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read ", nu tavanul" as "dar nu tavanul"."""
    found = list[Word]()
    for index, word in enumerate(words):
        after_comma = index > 0 and words[index - 1].key == ","
        if word.key == "nu" and after_comma and lexicon.noun_at(words, index + 1):
            found[-1] = said(word, "dar")
        found.append(word)
    return found


def _named_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "canapeaua fă-o verde" as "fă canapeaua verde"."""
    for index in range(1, len(words) - 1):
        before = words[index - 1]
        names = before.key not in PUNCTUATION and before.key not in lexicon.words.conjunctions
        hangs = words[index + 1].key == "le" and words[index].end + 1 == words[index + 1].start
        verb = lexicon.verb_at(words, index) or lexicon.keeping.verbs.length_at(words, index)
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        if names and hangs and verb and not lexicon.verb_at(words, start):
            subject = words[start:index]
            subject = subject[1:] if subject[0].key == "pe" else subject
            return [*words[:start], words[index], *subject, *words[index + 2 :]]
    return words


def _placed_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lângă canapea pune o plantă" as "pune o plantă lângă canapea", "în loc de" with a comma."""
    instead = lexicon.prepositions.instead.length_at(words, 0)
    if len(words) > 3 and words[1].key == "ca" and place_length(words, 2, lexicon):
        words = words[2:]  # "vreau ca pe perete să fie ..."
    words = words if instead else placed_new(words, lexicon, "pune")
    place = place_length(words, 0, lexicon)
    if not instead and not place:
        return words
    for index in range(1 + max(instead, place), len(words)):
        verb = lexicon.verb_at(words, index)
        to_be = words[index].key == "sa" and words[index + 1 : index + 2] and words[index + 1].key == "fie"
        after = index + 1 + bool(to_be)
        new = lexicon.words.indefinite.length_at(words, after)
        new = new or (after < len(words) and is_new(words[after], lexicon.language))
        if (words[index].key in _COMING or to_be) and new:
            return [said(words[index], "pune"), *words[after:], *words[:index]]
        if verb is None or verb[0] not in {"add", "put", "want"}:
            continue
        if instead:
            rather = [said(words[index], "mai"), said(words[index], "bine")]
            return [*words[:index], *rather, *words[index + verb[1] :]]
        if lexicon.words.indefinite.length_at(words, index + verb[1]):
            end = clause_end(words, index + 1, lexicon)
            place_words = [word for word in words[:index] if word.key != ","]
            return [*words[index:end], *place_words, *words[end:]]
    return words


def _not_after(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "dar tavanul nu" as "dar nu tavanul"."""
    for index in range(2, len(words)):
        ends = index + 1 == len(words) or words[index + 1].key in PUNCTUATION
        if words[index].key != "nu" or not ends:
            continue
        start = index
        while start and words[start - 1].key not in PUNCTUATION | _JOINING:
            start -= 1
        phrase = words[start:index]
        if start > 0 and phrase and not lexicon.verb_at(phrase, 0):
            kept = start - (words[start - 1].key not in PUNCTUATION)
            return [*words[:kept], said(words[start], "dar"), words[index], *phrase, *words[index + 1 :]]
    return words


def _pronoun_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "îl poți scoate", "s-o scoți" as "scoate-l"."""
    for index in range(1, len(words) - 1):
        verb = lexicon.verb_at(words, index + 1)
        if words[index].key in {"le", "o"} and words[index - 1].key in {"sa", "s"} and verb:
            after = index + 1 + verb[1]
            start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
            subject = words[start : index - 1]
            if subject and lexicon.noun_at(subject, 0) and not lexicon.verb_at(subject, 0):
                return [*words[:start], *words[index + 1 : after], *subject, *words[after:]]
            joint, pronoun = replace(words[index - 1], key="sa"), replace(words[index], key="le")
            return [*words[: index - 1], joint, *words[index + 1 : after], pronoun, *words[after:]]
    for index, word in enumerate(words[:-2]):
        modal = words[index + 1].key in _ABLE
        verb = lexicon.verb_at(words, index + 2) if modal else None
        if word.key in {"il", "o", "le", "ii", "l"} and verb:
            after = index + 2 + verb[1]
            subject = words[:index]
            if subject and lexicon.noun_at(subject, 0) and not any(w.key in PUNCTUATION for w in subject):
                return [*words[index + 2 : after], *subject, *words[after:]]
            return [*words[:index], *words[index + 2 : after], replace(word, key="le"), *words[after:]]
    return words


def _would(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave the auxiliary out of "dacă am vopsi tavanul", "aș schimba gresia"."""
    verb = lexicon.verb_at(words, 1) if words and words[0].key in {"as", "am", "ai"} else None
    if verb and verb[0] != "want" and lexicon.words.openers.length_at(words, 0) < 2:
        words = words[1:]
    return [
        word
        for index, word in enumerate(words)
        if not (
            word.key in {"am", "ai", "ati", "as", "ar"}
            and index
            and (words[index - 1].key in {"daca", "sa", "ca"} or word.key == "as")
            and index + 1 < len(words)
            and (lexicon.verb_at(words, index + 1) or ("want", 0))[0] != "want"
        )
    ]


def _some_more(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave "mai" out in front of a verb: "mai pune o plantă"."""
    return [
        word
        for index, word in enumerate(words)
        if not (
            word.key == "mai"
            and lexicon.verbs.longest_at(words, index + 1)
            and not _denied(words, index)
            and not lexicon.prepositions.directions.length_at(words, index)
        )
    ]


def _denied(words: list[Word], index: int) -> bool:
    return index > 0 and words[index - 1].key in {"nu", "sa"}


def question(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "canapeaua e din piele" as "e canapeaua din piele", where a question mark ends it."""
    index = next((i for i in range(1, min(5, len(words))) if words[i].key in _BEING), None)
    if index is None or lexicon.verb_at(words, 0) or words[index - 1].key in {"ce", "cum", "ar"}:
        return words
    if any(word.key in PUNCTUATION for word in words):
        return words
    return [words[index], *words[:index], *words[index + 1 :]]


ROMANIAN = Order(
    (
        *PLAIN,
        apart,
        _for_somebody,
        _hanging,
        _some_more,
        _pronoun_first,
        _would,
        *TURNS,
        _keeping_clause,
        _not_that,
        put_instead,
        covered,
        _placed_first,
        _named_first,
        _not_after,
        without_rest,
        _new_things,
        moved,
    ),
    asked=(question,),  # "canapeaua e din piele?"
    told=(there_stands,),  # "e un scaun la ușă."
)
