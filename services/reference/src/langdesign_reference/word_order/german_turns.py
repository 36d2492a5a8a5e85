"""Turns of German that say with other words what a verb of the rules says: "weg damit", "Vorhänge zu"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import is_definite, names_noun
from langdesign_reference.word_order.bounds import (
    clause_end,
    dropped_rest,
    exception_last,
    place_length,
    said,
)
from langdesign_reference.words import PUNCTUATION, Word

_AWAY = frozenset({"weg", "raus", "fort", "runter"})
_OTHERS = frozenset({"sonstige", "neue", "neuen", "neues"})
_PLACING = frozenset({"nimm", "stell", "stelle", "hang", "hange", "leg", "lege", "setz", "wahl", "wahle"})
_MAKING = frozenset({"mach", "mache", "machen"})
_OPENED = frozenset({"zu", "auf", "an", "aus"})
"""What is said of curtains, doors and lamps without a verb."""
_GIVING = frozenset({"gib", "gebe", "verpass", "verpasse", "verleih", "verleihe", "spendier", "schenk"})
_NEEDING = frozenset({"braucht", "brauchte", "vertragt", "bekommt"})
_MORE = frozenset({"mehr", "noch", "paar"})
_INTO = frozenset({"den", "die", "das", "einen", "eine", "ein"})
"""Articles after a preposition that say where something goes, not where it is."""
_INTO_AT_ONCE = frozenset({"ans", "ins", "aufs", "unters", "ubers", "hinters", "vors"})
_THIRD = frozenset({"an", "auf", "in", "neben", "vor", "hinter", "uber", "unter", "zwischen"})
_PARTICLES = frozenset({"mal", "ma", "doch", "halt", "eben", "ruhig", "einfach", "bissl"})
_RELATIVE = frozenset({"der", "die", "das", "den", "dem", "welche", "welcher", "welches"})
_STANDING = frozenset(
    {"steht", "stehen", "hangt", "hangen", "liegt", "liegen", "sitzt", "ist", "sind", "lehnt", "befindet"}
)
_COMPLAINING = frozenset({"es", "hier", "alles", "ist", "wirkt", "sieht", "irgendwie", "das"})
_LOOKING = frozenset({"sahe", "sahen", "wurde", "wurden", "sieht", "sehen"})
_LIKING = frozenset({"gefallt", "gefallen", "stort", "storen", "nervt", "nerven"})
_LIKE_A_PLURAL = ("boden", "ofen", "garten", "balkon", "kamin", "rahmen", "laden", "balken", "haken")
_REST = frozenset({"rest", "ubrige", "ubrigen"})


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


def let_vanish(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "verschwinden lassen" as "entfernen"."""
    for index, word in enumerate(words[:-1]):
        if word.key == "verschwinden" and words[index + 1].key in {"lassen", "lass"}:
            return [*words[:index], replace(word, key="entfernen"), *words[index + 2 :]]
    return words


def disliked(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mir gefällt die Lampe nicht" without its "nicht": the lamp is only named."""
    if not lexicon.statements.naming.length_at(words, 0):
        return words
    end = clause_end(words, 1, lexicon)
    while end > 1 and words[end - 1].key in {"nicht", "mehr", "gar", "uberhaupt"}:
        words = words[: end - 1] + words[end:]
        end -= 1
    return words


def stated_instead(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "stattdessen Rollos" as "ergänze stattdessen Rollos"."""
    for index, word in enumerate(words[:-1]):
        starts = index == 0 or words[index - 1].key in PUNCTUATION or words[index - 1].key == "und"
        new = lexicon.words.indefinite.length_at(words, index + 1) or lexicon.noun_at(words, index + 1)
        if word.key in {"stattdessen", "dafur"} and starts and new:
            return [*words[:index], said(word, "erganze"), *words[index:]]
    return words


def seen_with(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "wie sähe das Sofa in Rot aus" without its verb, "... der Raum mit einem Kamin" as adding it."""
    keys = [word.key for word in words]
    if keys[:1] != ["wie"] or (keys[1:2] and keys[1] not in _LOOKING):
        return words
    rest = words[2:]
    while rest and rest[-1].key in {"aus", "aussehen", "wirken"}:
        rest = rest[:-1]
    for index in range(1, len(rest) - 1):
        whole = lexicon.heads.whole.length_at(rest, index - 1)
        if rest[index].key == "mit" and whole and lexicon.words.indefinite.length_at(rest, index + 1):
            return [said(words[0], "erganze"), *rest[index + 1 :]]
    return [words[0], *(replace(word, key="wurde") for word in words[1:2]), *rest]


def another(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "nimm eine andere" as "ersetze es durch eine andere", "nimm schwarze" as "mache es schwarz"."""
    for index, word in enumerate(words[:-1]):
        end = clause_end(words, index + 1, lexicon)
        rest = words[index + 1 : end]
        if word.key not in _PLACING or not rest:
            continue
        article = lexicon.words.indefinite.length_at(rest, 0)
        if len(rest) > 1 and article and rest[1].key in _OTHERS and len(rest) <= 3:
            made = [said(word, "ersetze"), said(word, "es"), said(word, "durch")]
            return [*words[:index], *made, *rest[:2], *words[end:]]
        if article and len(rest) > 1 and all_attributes(rest[1:], lexicon):  # "nimm einen größeren"
            made = [said(word, "ersetze"), said(word, "es"), said(word, "durch")]
            return [*words[:index], *made, *rest, *words[end:]]
        plain = len(rest) < 3 and not article and not any(lexicon.noun_at(rest, i) for i in range(len(rest)))
        if plain and all_attributes(rest, lexicon):
            return [*words[:index], said(word, "mache"), said(word, "es"), *rest, *words[end:]]
    return words


def made_from(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell "mach aus dem Sessel ..." and "mach an die Wand ..." from what is switched."""
    for index, word in enumerate(words[:-2]):
        if word.key not in _MAKING or not lexicon.words.determiners.length_at(words, index + 2):
            continue
        if words[index + 1].key == "aus":
            return [*words[:index], replace(word, key="verwandle"), *words[index + 1 :]]
        if words[index + 1].key in _THIRD:
            return [*words[:index], replace(word, key="stelle"), *words[index + 1 :]]
    return words


def opened(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "Vorhänge zu", "das Licht bitte aus" as "mach zu Vorhänge"."""
    rest = [word for word in words if not lexicon.words.fillers.length_at([word], 0)]
    plain = 1 < len(rest) <= 4 and rest[-1].key in _OPENED and not any(w.key in PUNCTUATION for w in rest)
    if plain and lexicon.noun_before(rest, len(rest) - 1) and not lexicon.verb_at(rest, 0):
        return [said(rest[0], "mach"), rest[-1], *rest[:-1]]
    return words


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
        if (goes and not places) or source:
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
    found, start = list[Word](), 0
    for index in range(len(words) + 1):
        if index == len(words) or words[index].key == ",":
            found += [*_moved(words[start:index], lexicon), *words[index : index + 1]]
            start = index + 1
    return found


def _dative(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether "den" is the dative plural: "an den Schränken" is a place, "an den Schrank" a direction."""
    noun = next((word.key for word in words[index + 1 : index + 4] if lexicon.noun_at([word], 0)), "")
    return words[index].key == "den" and noun.endswith("n") and not noun.endswith(_LIKE_A_PLURAL)


def without_rest(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out "den Rest so lassen": it goes without saying."""
    return dropped_rest(words, lexicon, _REST)


def gladly(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ich würde den Kamin gern weiß sehen" as "ich hätte den Kamin weiß"."""
    seen = len(words) > 3 and words[-1].key in {"sehen", "haben", "wissen"}
    if seen and words[0].key in {"ich", "wir"} and words[1].key in {"wurde", "wurden", "mochte", "will"}:
        words = [
            words[0],
            replace(words[1], key="hatte" if words[0].key == "ich" else "hatten"),
            *words[2:-1],
        ]
    if not words or not lexicon.verbs.want.length_at(words, 0):
        return words
    return [word for word in words if word.key not in {"gern", "gerne"}]


def there_is(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "auf dem Bett liegt eine Decke, entferne sie" as naming the blanket."""
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    if not place_length(words, 0, lexicon) or end + 2 >= len(words):
        return words
    for index in range(2, end - 1):
        named = lexicon.words.indefinite.length_at(words, index + 1) or lexicon.starts_phrase(
            words, index + 1
        )
        again = any(lexicon.words.pronouns.length_at(words, i) for i in range(end + 1, len(words)))
        if words[index].key in _STANDING and named and again:
            return [said(words[0], "mir"), said(words[0], "gefallt"), *words[index + 1 :]]
    return words


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


def it(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mach's" as "mach es"."""
    return [
        replace(word, key="es") if word.key == "'s" and index and lexicon.verb_at(words, index - 1) else word
        for index, word in enumerate(words)
    ]


def anew(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave "neu" out of "bezieh die Stühle neu mit Samt"."""
    verb = lexicon.verb_at(words, 0) if words else None
    if not verb or verb[0] not in {"restyle", "recolour"}:
        return words
    return [
        word
        for index, word in enumerate(words)
        if not (word.key == "neu" and index + 1 < len(words) and words[index + 1].key in {"mit", "in"})
    ]


def told_apart(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell "andere" from "ändere", and leave out "schon": without its umlaut "schön" is the same."""
    return [
        replace(word, key="sonstige")
        if word.key.startswith("andere") and "a" in word.text.lower()[:1]
        else word
        for word in words
        if word.text.lower() != "schon"
    ]


def covered(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "kleb Tapete an die Wand" as "bedecke die Wand mit Tapete"."""
    verb = lexicon.verb_at(words, 0) if words else None
    if not verb or verb[0] not in {"put", "add"}:
        return words
    for index in range(verb[1] + 1, len(words) - 1):
        place = place_length(words, index, lexicon)
        if not place:
            continue
        end = clause_end(words, index, lexicon)
        surface = lexicon.heads.structure.length_before(words[:end], end)
        if all_attributes(words[verb[1] : index], lexicon) and surface:
            made = said(words[index], "mit")
            return [
                said(words[0], "bedecke"),
                *words[index + place : end],
                made,
                *words[verb[1] : index],
                *words[end:],
            ]
        return words
    return words


def particles(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave particles out: "mach mir doch mal die Vorhänge länger"; in front "mal" is a verb."""
    return [word for index, word in enumerate(words) if not (index and _is_particle(words, index, lexicon))]


def _is_particle(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    key, before = words[index].key, words[index - 1]
    following = words[index + 1].key if index + 1 < len(words) else ""
    if key in _PARTICLES:
        return True
    if key in {"mir", "uns"}:
        return lexicon.verb_at([before], 0) is not None and before.key not in {"gefallt", "gefallen"}
    if key in {"lieber", "eher", "vielleicht"}:
        return following in {"in", "aus", "mit"}
    if key == "zu":  # "... weiß zu lackieren"
        ends = index + 2 == len(words) or (index + 2 < len(words) and words[index + 2].key in PUNCTUATION)
        return ends and bool(lexicon.verbs.longest_at(words, index + 1))
    return key in {"weiter", "etwas"} and place_length(words, index + 1, lexicon) > 0


def liked(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "der Läufer gefällt mir nicht, bitte entfernen" as "entfernen der Läufer"."""
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    said_at = next((i for i in range(1, end) if words[i].key in _LIKING), None)
    if said_at is None or end + 1 >= len(words) or words[0].key in {"mir", "mich", "uns", "was"}:
        return words
    subject, rest = words[:said_at], words[end + 1 :]
    while rest and (length := lexicon.words.openers.length_at(rest, 0) or rest[0].key in {"aber", "bitte"}):
        rest = rest[int(length) :]
    verb = lexicon.verb_at(rest, 0)
    if verb and verb[1] == len(rest):
        return [*rest, *subject]
    denied = any(word.key in {"nicht", "stort", "nervt", "storen", "nerven"} for word in words[said_at:end])
    again = any(lexicon.words.pronouns.length_at(rest, i) == 1 for i in range(min(4, len(rest))))
    if verb and (denied or again):
        return [said(words[0], "mir"), said(words[0], "gefallt"), *subject, *words[end:]]
    return words


def no_longer(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ich will hier keinen Fernseher mehr" as "keinen Fernseher"."""
    if not words or not lexicon.verbs.want.length_at(words, 0):
        return words
    at = next((i for i in range(1, min(6, len(words))) if words[i].key.startswith("kein")), None)
    if at is None:
        return words
    rest = words[at:]
    return rest[:-1] if rest[-1].key == "mehr" else rest


def refused(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "nicht die Lampe verändern" as "lass die Lampe"."""
    end = clause_end(words, 1, lexicon) if words else 0
    verb = end > 2 and lexicon.verbs.longest_at(words, end - 1)
    if not verb or words[0].key != "nicht" or not lexicon.starts_phrase(words, 1):
        return words
    return [said(words[0], "lass"), *words[1 : end - 1], *words[end:]]


def we_do(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "die alte Lampe tauschen wir gegen eine neue" as "tauschen die alte Lampe gegen eine neue"."""
    for index in range(1, len(words) - 1):
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        verb = lexicon.verb_at(words, index)
        named = lexicon.starts_phrase(words, start) and not lexicon.verb_at(words, start)
        if verb and named and index > start + 1 and words[index + 1].key in {"wir", "ich", "man"}:
            return [*words[:start], words[index], *words[start:index], *words[index + 2 :]]
    return words


def relative(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Keep "der am Fenster steht" with its noun: its words mean nothing by themselves to the rules."""
    for index, word in enumerate(words[:-2]):
        if word.key != "," or words[index + 1].key not in _RELATIVE or not index:
            continue
        end = next((i for i in range(index + 1, len(words)) if words[i].key in PUNCTUATION), len(words))
        clause = words[index + 1 : end]
        if clause[-1].key in _STANDING and 2 < len(clause) < 9:
            inert = [replace(clause[0], key="welch"), *clause[1:-1], replace(clause[-1], key="ebenda")]
            return [*words[:index], *inert, *relative(words[end + 1 :], lexicon)]
    return words


def as_it_is(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lass alles, wie es ist" without its comma."""
    return [
        word
        for index, word in enumerate(words)
        if not (
            word.key == ","
            and any(lexicon.keeping.tails.length_at(words, index + 1) == length for length in (3, 4))
        )
    ]


def complained(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out a complaint in front: "es ist zu dunkel, mach es heller"."""
    comma = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), None)
    if comma is None or comma + 2 >= len(words) or words[0].key not in _COMPLAINING:
        return words
    clause = words[:comma]
    says = lexicon.verb_at(words, comma + 1) or lexicon.words.openers.length_at(words, comma + 1)
    finite = any(word.key in {"ist", "wirkt", "sieht", "sind", "wirken"} for word in clause)
    return words[comma + 1 :] if says and finite and not names_noun(clause, lexicon) else words


def joined(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "alle Türen und Fenster streichen" with an article after "und": both are there already."""
    found = list[Word]()
    for index, word in enumerate(words):
        before = words[index - 1].key if index else ""
        bare = before == "und" and word.text[:1].isupper() and lexicon.noun_at(words, index)
        start = next((i + 1 for i in range(index - 2, -1, -1) if words[i].key in PUNCTUATION), 0)
        first = words[start : max(index - 1, start)]
        verb = lexicon.verb_at(first, 0) if first else None
        body = first[verb[1] :] if verb else first
        definite = lexicon.words.determiners.length_at(body, 0)
        if bare and definite and body and lexicon.noun_before(body, len(body)):
            found.append(said(word, "die"))
        found.append(word)
    return found


def colour_of(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "Farbe der Fronten: Salbei" as "Fronten: Salbei"."""
    start = lexicon.words.determiners.length_at(words, 0)
    head = lexicon.heads.colour.length_at(words, start) or lexicon.heads.style.length_at(words, start)
    link = lexicon.words.of.length_at(words, start + head)
    colon = any(word.key in {":", "->", "="} for word in words)
    return words[start + head + link :] if head and link and colon else words


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


TURNS = (
    it,
    there_is,
    told_apart,
    particles,
    liked,
    no_longer,
    refused,
    we_do,
    exception_last,
    as_it_is,
    relative,
    complained,
    covered,
    of_the,
    colour_of,
    joined,
    brought_in,
    out_and_in,
    seen_with,
    gladly,
    let_vanish,
    away_with_it,
    disliked,
    another,
    stated_instead,
    made_from,
    opened,
    given,
    needed,
    anew,
    without_rest,
)
