"""Turns of German around what is asked: particles, complaints, relative clauses, "wir" who do it."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import names_noun
from langdesign_reference.word_order.bounds import (
    clause_end,
    dropped_rest,
    exception_last,
    place_length,
    said,
)
from langdesign_reference.word_order.german_changes import (
    anew,
    another,
    away_with_it,
    brought_in,
    covered,
    given,
    let_vanish,
    made_from,
    needed,
    opened,
    out_and_in,
    stated_instead,
)
from langdesign_reference.words import PUNCTUATION, Word

_PARTICLES = frozenset({"mal", "ma", "doch", "halt", "eben", "ruhig", "einfach", "bissl"})
_RELATIVE = frozenset({"der", "die", "das", "den", "dem", "welche", "welcher", "welches"})
_STANDING = frozenset(
    {"steht", "stehen", "hangt", "hangen", "liegt", "liegen", "sitzt", "ist", "sind", "lehnt", "befindet"}
)
_COMPLAINING = frozenset({"es", "hier", "alles", "ist", "wirkt", "sieht", "irgendwie", "das"})
_LOOKING = frozenset({"sahe", "sahen", "wurde", "wurden", "sieht", "sehen"})
_LIKING = frozenset({"gefallt", "gefallen", "stort", "storen", "nervt", "nerven"})
_LIKE_VERBS = {"Fliesen": "fliesenplatten", "Decke": "zimmerdecke"}
_TOUCHING = frozenset({"anfassen", "anruhren", "beruhren", "antasten"})
_NEVER = (
    ("auf", "gar", "keinen", "fall"),
    ("auf", "keinen", "fall"),
    ("keinesfalls",),
    ("niemals",),
)
_REST = frozenset({"rest", "ubrige", "ubrigen"})


def disliked(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mir gefällt die Lampe nicht" without its "nicht": the lamp is only named."""
    if not lexicon.statements.naming.length_at(words, 0):
        return words
    end = clause_end(words, 1, lexicon)
    while end > 1 and words[end - 1].key in {"nicht", "mehr", "gar", "uberhaupt"}:
        words = words[: end - 1] + words[end:]
        end -= 1
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


def told_apart(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell "andere" from "ändere", and leave out "schon": without its umlaut "schön" is the same."""
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


def never(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "auf keinen Fall den Kamin entfernen" as "lass den Kamin"."""
    keys = [word.key for word in words]
    for phrase in _NEVER:
        at = next((i for i in range(len(keys)) if tuple(keys[i : i + len(phrase)]) == phrase), None)
        if at is None:
            continue
        end = clause_end(words, at + len(phrase), lexicon)
        start = at
        while (
            start and words[start - 1].key not in PUNCTUATION and words[start - 1].key not in {"aber", "und"}
        ):
            start -= 1
        rest = [*words[start:at], *words[at + len(phrase) : end]]
        kept = [word for word in rest if not lexicon.verb_at([word], 0) and word.key not in _TOUCHING]
        return [*words[:start], said(words[at], "lass"), *kept, *words[end:]]
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


def without_it(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "das Zimmer ohne Teppich" as "ohne Teppich"."""
    for index in range(1, len(words) - 1):
        if words[index].key == "ohne" and lexicon.heads.whole.length_before(words, index):
            return words[index:]
    return words


def nouns_like_verbs(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell "die Fliesen", "der Decke" from the verbs."""
    return [
        replace(word, key=_LIKE_VERBS[word.text])
        if word.text in _LIKE_VERBS and index and words[index - 1].key in lexicon.words.determiners
        else word
        for index, word in enumerate(words)
    ]


def possible(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "wäre ein Kronleuchter möglich" without its last word."""
    asks = bool(words) and words[0].key in {"ware", "waren", "ist", "sind"}
    return words[:-1] if asks and words[-1].key in {"moglich", "denkbar", "machbar", "drin"} else words


TURNS = (
    nouns_like_verbs,
    possible,
    without_it,
    it,
    there_is,
    told_apart,
    particles,
    liked,
    never,
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
