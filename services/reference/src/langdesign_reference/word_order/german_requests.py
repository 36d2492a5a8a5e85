"""Requests of German that are put as questions or wishes: "sollte man nicht ...", "mir wäre ... lieber"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.bounds import clause_end, said
from langdesign_reference.words import PUNCTUATION, Word

_MODAL = frozenset(
    {
        "kann",
        "kannst",
        "konntest",
        "konnen",
        "konnte",
        "konnten",
        "sollte",
        "sollten",
        "sollen",
        "mussen",
        "durfen",
    }
)
_MODAL_OF_ME = frozenset({"kann", "konnte", "darf", "durfte", "konnten", "durften", "konnen"})
_PEOPLE = frozenset({"man", "wir", "du", "ihr", "sie"})
_PARTICLES = frozenset({"nicht", "auch", "vielleicht", "mal", "bitte", "eventuell", "noch", "da", "hier"})
_SEEING = frozenset({"sehen", "haben", "bekommen"})
_TELLING = frozenset({"sagen", "verraten", "erklaren", "helfen"})
_GOING = frozenset({"hin", "her", "rein", "dazu", "drauf", "dran"})
_ABOUT: tuple[tuple[str, ...], ...] = (
    ("wie", "ware", "es", "mit"),
    ("wie", "war", "es", "mit"),
    ("wie", "wars", "mit"),
    ("wie", "war", "'s", "mit"),
)
_ABOUT += (("wie", "ware", "'s", "mit"), ("was", "haltst", "du", "von"), ("was", "haltet", "ihr", "von"))


def requested(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "sollte man nicht den Schrank verschieben" without who is asked, "... sehen" as a wish."""
    if len(words) < 4:
        return words
    modal, who = words[0].key, words[1].key
    of_me = modal in _MODAL_OF_ME and who == "ich"
    if not of_me and not (modal in _MODAL and who in _PEOPLE):
        return words
    rest = words[2:]
    while len(rest) > 1 and rest[0].key in _PARTICLES:
        rest = rest[1:]
    if any(word.key in _TELLING for word in rest[:3]):  # "kannst du mir sagen, wie groß ..."
        return words
    end = clause_end(rest, 0, lexicon)
    if rest[end - 1].key in _SEEING and end > 1:
        made = [said(words[0], "ich"), replace(words[0], key="hatte")]
        return [*made, *rest[: end - 1], *rest[end:]]
    return rest


def goes_there(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "könnte da ein Teppich hin" as "ergänze ein Teppich"."""
    if len(words) < 4 or words[0].key not in _MODAL or words[-1].key not in _GOING:
        return words
    rest = words[1:-1]
    while rest and rest[0].key in _PARTICLES:
        rest = rest[1:]
    new = lexicon.words.indefinite.length_at(rest, 0) and not any(word.key in PUNCTUATION for word in rest)
    return [said(words[0], "erganze"), *rest] if new else words


def what_about(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "wie wär's mit Jalousien", "was hältst du von Jalousien" as "ergänze Jalousien"."""
    for phrase in _ABOUT:
        if tuple(word.key for word in words[: len(phrase)]) == phrase and len(words) > len(phrase):
            return [said(words[0], "erganze"), *words[len(phrase) :]]
    return words


def rather(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mir wäre ein Sessel lieber", "am liebsten wäre mir ein Sessel" as "ich hätte ein Sessel"."""
    keys = [word.key for word in words]
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    made = [said(words[0], "ich"), said(words[0], "hatte")] if words else []
    if keys[:2] in (["mir", "ware"], ["mir", "waren"]) and end > 3 and keys[end - 1] == "lieber":
        return [*made, *words[2 : end - 1], *words[end:]]
    for phrase in (
        ["am", "liebsten", "ware", "mir"],
        ["lieber", "ware", "mir"],
        ["am", "liebsten", "hatte", "ich"],
    ):
        if keys[: len(phrase)] == phrase and end > len(phrase):
            return [*made, *words[len(phrase) :]]
    if keys[:2] in (["ich", "hatte"], ["wir", "hatten"]) and end > 3 and keys[end - 2] == "lieber":
        return [*words[: end - 2], *words[end - 1 :]]  # "ich hätte den Teppich lieber weg"
    return words


def without_that(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ich hätte das ohne die Stühle" as "ohne die Stühle"."""
    at = next((i for i in range(1, min(6, len(words))) if words[i].key == "ohne"), None)
    if at is None or any(lexicon.noun_at(words, i) for i in range(at)):
        return words
    return words[at:] if words[0].key in {"ich", "wir", "das", "es", "mal", "zeig"} else words


def rather_than(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "wir wollen keine Gardinen, sondern Jalousien" as "ersetze Gardinen durch Jalousien"."""
    at = next((i for i in range(min(5, len(words))) if words[i].key.startswith("kein")), None)
    but = next((i for i, word in enumerate(words) if word.key == "sondern"), None)
    if at is None or but is None or but + 1 >= len(words) or not at < but - 2 or words[but - 1].key != ",":
        return words
    if any(lexicon.verb_at(words, i) for i in range(but + 1, len(words))):
        return words
    made = said(words[at], "ersetze")
    return [made, *words[at + 1 : but - 1], said(words[but], "durch"), *words[but + 1 :]]


def must_not(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "das Sofa darf nicht verändert werden" as "lass das Sofa"."""
    for index in range(2, len(words) - 2):
        end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
        denied = words[index].key in {"darf", "durfen", "soll", "sollen", "sollte"}
        stays = words[end - 1].key in {"weg", "raus", "fort"}  # "die Pflanze muss nicht weg"
        denied = denied or (stays and words[index].key in {"muss", "mussen", "braucht", "brauchen"})
        if denied and words[index + 1].key == "nicht" and (stays or words[end - 1].key == "werden"):
            start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
            start += words[start].key in {"aber", "und", "nur"}
            return [*words[:start], said(words[start], "lass"), *words[start:index], *words[end:]]
    return words


def named_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "die Vase auf dem Tisch: stell sie ins Regal" as naming the vase."""
    at = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), None)
    if at is None or at + 2 >= len(words) or words[at].key not in {":", ","}:
        return words
    verb = lexicon.verb_at(words, at + 1)
    again = verb and lexicon.words.pronouns.length_at(words, at + 1 + verb[1])
    told = any(lexicon.verb_at(words, i) or lexicon.statements.verbs.length_at(words, i) for i in range(at))
    if not again or told or not lexicon.words.determiners.length_at(words, 0):
        return words
    return [
        said(words[0], "mir"),
        said(words[0], "gefallt"),
        *words[:at],
        said(words[at], ","),
        *words[at + 1 :],
    ]
