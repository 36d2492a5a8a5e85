"""Word order of Romanian: pronouns that hang at verbs, places in front, and "not" after what it denies."""

from dataclasses import replace

from langdesign_reference.clause_bounds import clause_end, place_length, said
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.translation import is_new
from langdesign_reference.words import PUNCTUATION, Word

_FOR_SOMEBODY = frozenset({"mi", "ti", "ne"})
"""Whom something is done for: "fă-mi"."""
_CLITICS = frozenset({"o", "l", "le", "i"})
_OTHERS = frozenset({"alta", "altul", "altele", "altii", "altceva"})
_PLACING = frozenset({"pune", "pui", "punem", "puneti", "ia", "alege", "pun"})
_REJOINED = frozenset({"nu", "sa", "ca"})
_BRINGING = frozenset({"add", "put", "want"})
"""Frames whose object may be new."""
_DRAWN = ("draperi", "perdel", "jaluzel", "storur", "rulour")
_JOINING = frozenset({"dar", "iar", "si", "insa"})


def _for_somebody(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "fă-mi canapeaua verde" as "fă canapeaua verde"."""
    found = list[Word]()
    for index, word in enumerate(words):
        hangs = index > 0 and words[index - 1].end + 1 == word.start
        if not (hangs and word.key in _FOR_SOMEBODY and lexicon.verb_at(words, index - 1)):
            found.append(word)
    return found


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
    """Read "pune jaluzele" as "pune niște jaluzele": the noun has no article."""
    found = list[Word]()
    index = 0
    while index < len(words):
        verb = lexicon.verb_at(words, index)
        found.append(words[index])
        if verb and verb[0] in _BRINGING:
            found += words[index + 1 : index + verb[1]]
            index += verb[1] - 1
            after = index + 1
            if after < len(words) and is_new(words[after], lexicon.language):
                found.append(said(words[after], "niste"))
        index += 1
    return found


def _curtains(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "trage draperiile" as closing them."""
    return [
        replace(word, key="inchide")
        if word.key in {"trage", "tragi", "tragem"}
        and any(other.key.startswith(_DRAWN) for other in words[index + 1 : index + 2])
        and not any(place_length(words, i, lexicon) for i in range(index + 2, len(words)))
        else word
        for index, word in enumerate(words)
    ]


def _in_its_place(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune un fotoliu în loc" as "... în schimb": no place is named."""
    found = list(words)
    for index in range(1, len(words)):
        after = words[index + 1].key if index + 1 < len(words) else ","
        ends = after in PUNCTUATION or after in {"lui", "ei", "lor"} or after in lexicon.words.conjunctions
        if words[index - 1].key == "in" and words[index].key in {"loc", "locul"} and ends and index > 1:
            found[index] = replace(words[index], key="schimb")
    return [
        word
        for index, word in enumerate(found)
        if not (index and found[index - 1].key == "schimb" and word.key in {"lui", "ei", "lor"})
    ]


def _seen_with(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "cum ar arăta camera cu un șemineu" as "adaugă un șemineu"."""
    keys = [word.key for word in words]
    if keys[:3] != ["cum", "ar", "arata"]:
        return words
    for index in range(4, len(words) - 1):
        whole = lexicon.heads.whole.length_at(words, index - 1)
        if keys[index] == "cu" and whole and lexicon.words.indefinite.length_at(words, index + 1):
            return [said(words[0], "adauga"), *words[index + 1 :]]
    return words


def _another(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune alta" as "înlocuiește-o cu alta"."""
    for index, word in enumerate(words[:-1]):
        if word.key in _PLACING and words[index + 1].key in _OTHERS:
            made = [said(word, "inlocuieste"), said(word, "le"), said(word, "cu")]
            return [*words[:index], *made, *words[index + 1 :]]
    return words


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
    """Read "canapeaua fă-o verde" as "canapeaua, fă-o verde"."""
    for index in range(1, len(words) - 1):
        before = words[index - 1]
        names = before.key not in PUNCTUATION and before.key not in lexicon.words.conjunctions
        hangs = words[index + 1].key == "le" and words[index].end + 1 == words[index + 1].start
        if names and hangs and lexicon.verb_at(words, index) and not lexicon.verb_at(words, 0):
            return [*words[:index], said(words[index], ","), *words[index:]]
    return words


def _placed_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lângă canapea pune o plantă" as "pune o plantă lângă canapea", "în loc de" with a comma."""
    instead = lexicon.prepositions.instead.length_at(words, 0)
    place = place_length(words, 0, lexicon)
    if not instead and not place:
        return words
    for index in range(1 + max(instead, place), len(words)):
        verb = lexicon.verb_at(words, index)
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


ROMANIAN = (
    _for_somebody,
    _hanging,
    _another,
    _seen_with,
    _curtains,
    _in_its_place,
    _keeping_clause,
    _not_that,
    _placed_first,
    _named_first,
    _not_after,
    _new_things,
)
