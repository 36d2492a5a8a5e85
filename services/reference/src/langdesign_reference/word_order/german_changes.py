"""Turns of German that ask for a change without its plain verb: "weg damit", "Vorhänge zu"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import is_definite
from langdesign_reference.word_order import bounds
from langdesign_reference.word_order.bounds import by_clause, clause_end, place_length, said
from langdesign_reference.words import PUNCTUATION, Word

_AWAY = frozenset({"weg", "raus", "fort", "runter"})
_OTHERS = frozenset({"sonstige", "neue", "neuen", "neues"})
_PLACING = frozenset({"nimm", "stell", "stelle", "hang", "hange", "leg", "lege", "setz", "wahl", "wahle"})
_MAKING = frozenset({"mach", "mache", "machen"})
_OPENED = frozenset({"zu", "auf", "an", "aus"})
"""What is said of curtains, doors and lamps without a verb."""
_GIVING = frozenset({"gib", "gebe", "verpass", "verpasse", "verleih", "verleihe", "spendier", "schenk"})
_NEEDING = frozenset({"braucht", "brauchte", "vertragt", "bekommt"})
_COMING = frozenset({"kommt", "kommen", "soll", "sollen", "muss", "konnte", "kann"})
_MORE = frozenset({"mehr", "noch", "paar"})
_INTO = frozenset({"den", "die", "das", "einen", "eine", "ein"})
"""Articles after a preposition that say where something goes, not where it is."""
_INTO_AT_ONCE = frozenset({"ans", "ins", "aufs", "unters", "ubers", "hinters", "vors"})
_THIRD = frozenset({"an", "auf", "in", "neben", "vor", "hinter", "uber", "unter", "zwischen"})
_LIKE_A_PLURAL = ("boden", "ofen", "garten", "balkon", "kamin", "rahmen", "laden", "balken", "haken")


def covered(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "kleb Tapete an die Wand" as "bedecke die Wand mit Tapete"."""
    return bounds.covered(words, lexicon, "bedecke", "mit")


def _moved(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "häng die Uhr höher" as moving it, "den Tisch in die andere Ecke" as well."""
    verb = lexicon.verb_at(words, 0) if words else None
    if verb and verb[0] == "put" and is_definite(words[verb[1] :], lexicon):
        end = clause_end(words, verb[1], lexicon)
        goes = lexicon.prepositions.directions.length_before(words[:end], end)
        places = [i for i in range(verb[1], end - goes) if place_length(words, i, lexicon)]
        source = any(
            words[i].key in {"von", "vom", "aus"} for i in range(verb[1] + 1, max(places, default=0))
        )
        into = places and (
            words[places[-1]].key in _INTO_AT_ONCE
            or any(word.key in _INTO for word in words[places[-1] + 1 : places[-1] + 2])
        )
        if (goes and not places) or source or (len(places) > 1 and into):
            return [replace(words[0], key="verschiebe"), *words[verb[1] :]]
    last = lexicon.verbs.put.length_before(words, len(words))
    definite = not verb and lexicon.words.determiners.length_at(words, 0)
    if last and definite and lexicon.prepositions.directions.length_before(words, len(words) - last):
        return [replace(words[-1], key="verschiebe"), *words[:-last]]  # "die Lampe tiefer hängen"
    if verb or not lexicon.words.determiners.length_at(words, 0):
        return words
    for index in range(2, len(words) - 1):
        into = words[index].key in _THIRD and words[index + 1].key in _INTO
        into = into and words[index - 1].key != "bis" and not _dative(words, index + 1, lexicon)
        if (into or words[index].key in _INTO_AT_ONCE) and words[0].key not in {"der", "dem"}:
            told = any(lexicon.verb_at(words, i) for i in range(index, len(words)))
            return words if told else [said(words[0], "verschiebe"), *words]
    return words


def moved(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read each clause of a sentence as `_moved`."""
    return by_clause(words, lexicon, _moved)


def _dative(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether "den" is the dative plural: "an den Schränken" is a place, "an den Schrank" a direction."""
    noun = next((word.key for word in words[index + 1 : index + 4] if lexicon.noun_at([word], 0)), "")
    return words[index].key == "den" and noun.endswith("n") and not noun.endswith(_LIKE_A_PLURAL)


def made_from(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell "mach aus dem Sessel ..." and "mach an die Wand ..." from what is switched."""
    for index, word in enumerate(words[:-2]):
        named = lexicon.words.determiners.length_at(words, index + 2)
        named = named or (words[index + 1].key == "aus" and lexicon.noun_at(words, index + 2))
        if word.key not in _MAKING or not named or all_attributes(words[index + 2 :], lexicon):
            continue
        if words[index + 1].key == "aus":
            return [*words[:index], replace(word, key="verwandle"), *words[index + 1 :]]
        if words[index + 1].key in _THIRD:
            return [*words[:index], replace(word, key="stelle"), *words[index + 1 :]]
    return words


def _opened(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "Vorhänge zu", "das Licht bitte aus" as "mach zu Vorhänge"."""
    rest = [word for word in words if not lexicon.words.fillers.length_at([word], 0)]
    plain = 1 < len(rest) <= 4 and rest[-1].key in _OPENED and not any(w.key in PUNCTUATION for w in rest)
    if plain and lexicon.noun_before(rest, len(rest) - 1) and not lexicon.verb_at(rest, 0):
        return [said(rest[0], "mach"), rest[-1], *rest[:-1]]
    return words


def opened(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read each clause of a sentence as `_opened`."""
    return by_clause(words, lexicon, _opened)


def given(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "gib dem Sofa einen Bezug aus Leinen" as "mache dem Sofa aus Leinen"."""
    heads = (lexicon.heads.style, lexicon.heads.colour)
    if not words or words[0].key not in _GIVING:
        return words
    for index in range(2, len(words) - 2):
        if not lexicon.words.indefinite.length_at(words, index):
            continue
        for at in range(index + 1, min(index + 4, len(words) - 1)):
            named = any(head.length_at(words, at) for head in heads)
            if named and words[at + 1].key in {"aus", "in"}:
                return [said(words[0], "mache"), *words[1:index], *words[at + 1 :]]
    return words


def needed(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "der Raum braucht mehr Pflanzen" as "ergänze mehr Pflanzen", "... mehr Licht" as "mehr Licht"."""
    for index in range(1, len(words) - 1):
        if words[index].key not in _NEEDING or not lexicon.heads.whole.length_before(words, index):
            continue
        rest = words[index + 1 :]
        new = rest[0].key in _MORE or lexicon.words.indefinite.length_at(rest, 0)
        how = lexicon.heads.condition.length_before(rest, len(rest)) or all_attributes(rest, lexicon)
        if new and index <= 3:
            return rest if how else [said(rest[0], "erganze"), *rest]
    return words


def anew(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave "neu" out of "bezieh die Stühle neu mit Samt", "die Tür neu lackieren"."""
    verb = lexicon.verb_at(words, 0) if words else None
    treated = verb is not None and verb[0] in {"restyle", "recolour", "change"}
    found = list[Word]()
    for index, word in enumerate(words):
        after = lexicon.verb_at(words, index + 1) if word.key == "neu" else None
        following = words[index + 1].key if index + 1 < len(words) else ""
        verb_last = index > 0 and after is not None and after[0] in {"restyle", "recolour"}
        if word.key != "neu" or not (verb_last or (treated and following in {"mit", "in", "aus"})):
            found.append(word)
    return found


def another(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "nimm eine andere" as "ersetze es durch eine andere", "nimm schwarze" as "mache es schwarz"."""
    for index, word in enumerate(words[:-1]):
        end = clause_end(words, index + 1, lexicon)
        rest = [one for one in words[index + 1 : end] if one.key not in {"lieber", "doch", "da", "bitte"}]
        if word.key not in _PLACING or not rest:
            continue
        article = lexicon.words.indefinite.length_at(rest, 0)
        if len(rest) > 1 and article and rest[1].key in _OTHERS and len(rest) <= 3:
            made = [said(word, "ersetze"), said(word, "es"), said(word, "durch")]
            return [*words[:index], *made, *rest[:2], *words[end:]]
        if rest[0].key in {"was", "etwas"} and len(rest) > 2 and rest[1].key in {"in", "aus"}:
            return [*words[:index], said(word, "mache"), said(word, "es"), *rest[1:], *words[end:]]
        made_of = article + (len(rest) > article and rest[article].key in {"aus", "in", "mit"})
        if (
            article and len(rest) > made_of and all_attributes(rest[made_of:], lexicon)
        ):  # "nimm einen größeren"
            made = [said(word, "ersetze"), said(word, "es"), said(word, "durch")]
            return [*words[:index], *made, *rest, *words[end:]]
        plain = len(rest) < 3 and not article and not any(lexicon.noun_at(rest, i) for i in range(len(rest)))
        if plain and all_attributes(rest, lexicon):
            return [*words[:index], said(word, "mache"), said(word, "es"), *rest, *words[end:]]
    return words


def brought_in(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "schmeiß die Gardinen raus, häng Jalousien hin" as hanging them up instead."""
    for index in range(3, len(words)):
        ends = index + 1 == len(words) or words[index + 1].key in PUNCTUATION
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        brings = words[index].key in {"hin", "rein", "her"} and ends and lexicon.verb_at(words, start)
        gone = any(word.key in _AWAY or lexicon.verbs.remove.length_at([word], 0) for word in words[:start])
        if brings and gone and start:
            instead = replace(words[index], key="stattdessen")
            return [*words[: start + 1], instead, *words[start + 1 : index], *words[index + 1 :]]
    return words


def out_and_in(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "den Teppich raus und Dielen rein" with a comma: they are two clauses."""
    return [
        said(word, ",") if word.key == "und" and index and words[index - 1].key in _AWAY else word
        for index, word in enumerate(words)
    ]


def stated_instead(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "stattdessen Rollos" as "ergänze stattdessen Rollos"."""
    for index in range(len(words) - 2):  # "dafür kommt ein Bücherregal hin"
        if words[index].key in {"dafur", "stattdessen"} and words[index + 1].key in _COMING:
            words = [*words[: index + 1], *words[index + 2 :]]
            break
    for index, word in enumerate(words[:-1]):
        starts = index == 0 or words[index - 1].key in PUNCTUATION or words[index - 1].key == "und"
        new = lexicon.words.indefinite.length_at(words, index + 1) or lexicon.noun_at(words, index + 1)
        if word.key in {"stattdessen", "dafur"} and starts and new:
            instead = replace(word, key="stattdessen")
            return [*words[:index], said(word, "erganze"), instead, *words[index + 1 :]]
    return words


def let_vanish(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "verschwinden lassen" as "entfernen"."""
    for index, word in enumerate(words[:-1]):
        if word.key == "verschwinden" and words[index + 1].key in {"lassen", "lass"}:
            return [*words[:index], replace(word, key="entfernen"), *words[index + 2 :]]
    return words


def away_with_it(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "weg damit" as "entferne es"."""
    found = list[Word]()
    index = 0
    while index < len(words):
        word = words[index]
        following = words[index + 1].key if index + 1 < len(words) else ""
        if word.key in _AWAY and following == "damit":
            found += [said(word, "entferne"), said(word, "es")]
            index += 2
        else:
            found.append(word)
            index += 1
    return found
