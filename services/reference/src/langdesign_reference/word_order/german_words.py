"""Single words of German that the rules would take for others, and particles that say nothing."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.bounds import clause_end, place_length, said
from langdesign_reference.words import PUNCTUATION, Word

_PARTICLES = frozenset({"mal", "ma", "doch", "halt", "eben", "ruhig", "einfach", "bissl"})
_SOFT = frozenset({"sofa", "bett", "couch", "sessel", "bank", "stuhl", "liege", "bettes"})
"""What blankets lie on."""
_OVER = frozenset({"uber", "uberm", "oberhalb"})
_LIKE_VERBS = {"Fliesen": "fliesenplatten", "Decke": "zimmerdecke"}


def of_the(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "die Farbe der Wände" as "die Farbe von der Wände": the article belongs to the walls."""
    found = list[Word]()
    for index, word in enumerate(words):
        before = words[index - 1 : index]
        named = before and (
            lexicon.heads.colour.length_at(before, 0) or lexicon.heads.style.length_at(before, 0)
        )
        if named and word.key in {"der", "des", "dieser", "dieses"}:
            found.append(said(word, "von"))
        found.append(word)
    return found


def painted(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell the verb of "mal die Wand grün" from the particle."""
    if len(words) < 4 or words[0].key != "mal" or not lexicon.starts_phrase(words, 1):
        return words
    end = clause_end(words, 1, lexicon)
    coloured = lexicon.attributes.colours.length_before(words, end) or words[end - 1].key == "an"
    return [replace(words[0], key="male"), *words[1:]] if coloured else words


def it(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mach's" as "mach es"."""
    return [
        replace(word, key="es") if word.key == "'s" and index and lexicon.verb_at(words, index - 1) else word
        for index, word in enumerate(words)
    ]


def told_apart(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell "andere" from "ändere", "räum" from "Raum", and leave out "schon", which is not "schön"."""
    words = [
        replace(word, key="raume") if word.key == "raum" and "ä" in word.text.lower() else word
        for word in words
    ]
    return [
        replace(word, key="sonstige")
        if word.key.startswith("andere") and "a" in word.text.lower()[:1]
        else word
        for word in words
        if word.text.lower() != "schon"
    ]


def particles(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave particles out: "mach mir doch mal die Vorhänge länger"; in front "mal" is a verb."""
    return [word for index, word in enumerate(words) if not (index and _is_particle(words, index, lexicon))]


def _measures(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether "ein Stück" stands before a comparative: "ein Stück breiter"."""
    if [word.key for word in words[index : index + 2]] != ["ein", "stuck"] or index + 2 >= len(words):
        return False
    compared = words[index + 2].key.endswith("er") and lexicon.attribute_length(words, index + 2)
    return bool(compared) and not lexicon.prepositions.directions.length_at(words, index + 2)


def _is_particle(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    key, before = words[index].key, words[index - 1]
    if _measures(words, index, lexicon) or (key == "stuck" and _measures(words, index - 1, lexicon)):
        return True
    following = words[index + 1].key if index + 1 < len(words) else ""
    if key in _PARTICLES:
        return True
    if key in {"mir", "uns"}:
        return lexicon.verb_at([before], 0) is not None and before.key not in {"gefallt", "gefallen"}
    if key in {"lieber", "eher", "vielleicht"}:
        return following in {"in", "aus", "mit"} or lexicon.verb_at([before], 0) is not None
    if key == "zu":  # "... weiß zu lackieren"
        ends = index + 2 == len(words) or (index + 2 < len(words) and words[index + 2].key in PUNCTUATION)
        return ends and bool(lexicon.verbs.longest_at(words, index + 1))
    return key in {"weiter", "etwas"} and place_length(words, index + 1, lexicon) > 0


def as_it_is(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lass alles, wie es ist", "kannst du mir sagen, wie breit das Bett ist" without their comma."""
    return [
        word
        for index, word in enumerate(words)
        if not (word.key == "," and index and words[index - 1].key in {"sagen", "verraten", "erklaren"})
        and not (
            word.key == ","
            and any(lexicon.keeping.tails.length_at(words, index + 1) == length for length in (3, 4))
        )
    ]


def colour_of(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "Farbe der Fronten: Salbei" as "Fronten: Salbei"."""
    start = lexicon.words.determiners.length_at(words, 0)
    head = lexicon.heads.colour.length_at(words, start) or lexicon.heads.style.length_at(words, start)
    link = lexicon.words.of.length_at(words, start + head)
    colon = any(word.key in {":", "->", "="} for word in words)
    return words[start + head + link :] if head and link and colon else words


def without_it(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "das Zimmer ohne Teppich" as "ohne Teppich"."""
    for index in range(1, len(words) - 1):
        if words[index].key == "ohne" and lexicon.heads.whole.length_before(words, index):
            return words[index:]
    return words


def nouns_like_verbs(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell "die Fliesen", "der Decke" from the verbs, and the blanket on a bed from the ceiling."""
    words = [
        replace(word, key="wolldecke")
        if word.text == "Decke"
        and any(one.key in _SOFT for one in words[index + 1 : index + 5])
        and words[index + 1].key not in _OVER
        else word
        for index, word in enumerate(words)
    ]
    return [
        replace(word, key=_LIKE_VERBS[word.text])
        if word.key in {"fliesen", "decke"}
        and word.text in _LIKE_VERBS
        and index
        and words[index - 1].key in lexicon.words.determiners
        else word
        for index, word in enumerate(words)
    ]
