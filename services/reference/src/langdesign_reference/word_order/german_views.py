"""What somebody thinks, sees or refuses, in German: "der Sessel stört", "wie sähe das Sofa in Rot aus"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import names_noun
from langdesign_reference.word_order.bounds import clause_end, place_length, said
from langdesign_reference.words import PUNCTUATION, Word

_STANDING = frozenset(
    {"steht", "stehen", "hangt", "hangen", "liegt", "liegen", "sitzt", "ist", "sind", "lehnt", "befindet"}
)
_COMPLAINING = frozenset({"es", "hier", "alles", "ist", "wirkt", "sieht", "irgendwie", "das"})
_LOOKING = frozenset({"sahe", "sahen", "wurde", "wurden", "sieht", "sehen"})
_LIKING = frozenset({"gefallt", "gefallen", "stort", "storen", "nervt", "nerven"})
_BOTHERING = frozenset({"stort", "storen", "nervt", "nerven"})
_QUESTIONS = frozenset({"wieso", "warum", "weshalb"})
_BETTER = frozenset({"schoner", "besser", "schon", "toll", "gut", "super", "passender", "hubscher", "cool"})
_TOUCHING = frozenset({"anfassen", "anruhren", "beruhren", "antasten"})
_NEVER = (
    ("auf", "gar", "keinen", "fall"),
    ("auf", "keinen", "fall"),
    ("keinesfalls",),
    ("niemals",),
)


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


def gladly(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ich würde den Kamin gern weiß sehen" as "ich hätte den Kamin weiß"."""
    words = _preferred(words)
    seen = len(words) > 3 and words[-1].key in {"sehen", "haben", "wissen"}
    if seen and words[0].key in {"ich", "wir"} and words[1].key in {"wurde", "wurden", "mochte", "will"}:
        words = [
            words[0],
            replace(words[1], key="hatte" if words[0].key == "ich" else "hatten"),
            *words[2:-1],
        ]
    wishes = lexicon.verbs.want.length_at(words, 0) or lexicon.words.openers.length_at(words, 0) > 1
    if not words or not wishes:
        return words
    return [word for word in words if word.key not in {"gern", "gerne"}]


def _preferred(words: list[Word]) -> list[Word]:
    """Read "ich fände Rollos schöner", "mir würden Rollos gefallen" as "ich hätte Rollos"."""
    keys = [word.key for word in words]
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    finds = keys[:2] in (["ich", "fande"], ["wir", "fanden"]) and end > 3 and keys[end - 1] in _BETTER
    pleases = keys[:1] == ["mir"] and keys[1:2] in (["wurde"], ["wurden"]) and keys[end - 1] == "gefallen"
    if not finds and not pleases:
        return words
    body = words[2 : end - 1]
    while pleases and len(body) > 1 and body[-1].key in _BETTER | {"gut", "mehr"}:
        body = body[:-1]
    return [replace(words[0], key="ich"), replace(words[1], key="hatte"), *body, *words[end:]]


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
    if denied or (verb and again):
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


def complained(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out a complaint in front: "es ist zu dunkel, mach es heller"."""
    comma = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), None)
    if comma is None or comma + 2 >= len(words) or words[0].key not in _COMPLAINING:
        return words
    clause = words[:comma]
    says = lexicon.verb_at(words, comma + 1) or lexicon.words.openers.length_at(words, comma + 1)
    finite = any(word.key in {"ist", "wirkt", "sieht", "sind", "wirken"} for word in clause)
    return words[comma + 1 :] if says and finite and not names_noun(clause, lexicon) else words


def possible(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "wäre ein Kronleuchter möglich" without its last word."""
    asks = bool(words) and words[0].key in {"ware", "waren", "ist", "sind"}
    return words[:-1] if asks and words[-1].key in {"moglich", "denkbar", "machbar", "drin"} else words


def opinion(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "die Fliesen finde ich furchtbar", "ich finde die Fliesen furchtbar" as naming the tiles."""
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    if end == len(words):
        return words
    for index in range(end - 1):
        if words[index].key in {"finde", "finden"} and words[index + 1].key in {"ich", "wir"} and index > 1:
            return [said(words[0], "mir"), said(words[0], "gefallt"), *words[:index], *words[end:]]
    told = len(words) > 3 and words[1].key in {"finde", "finden"} and words[0].key in {"ich", "wir"}
    noun = next((i for i in range(2, end) if lexicon.noun_at(words, i)), None) if told else None
    if noun is None:
        return words
    return [said(words[0], "mir"), said(words[0], "gefallt"), *words[2 : noun + 1], *words[end:]]


def bothers(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mich stört der Ventilator" as "entferne der Ventilator", where nothing else is asked."""
    if any(word.key in PUNCTUATION for word in words) or len(words) < 3:
        return words
    if words[0].key in {"mich", "uns"} and words[1].key in _BOTHERING and lexicon.starts_phrase(words, 2):
        return [said(words[0], "entferne"), *words[2:]]
    last = words[-1].key in {"sehr", "total", "nur", "hier", "mich"}
    body = words[:-1] if last else words
    if body[-1].key in _BOTHERING and lexicon.starts_phrase(words, 0):
        return [said(words[0], "entferne"), *body[:-1]]
    return words


def asked_why(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "wieso ist die Decke so dunkel, mach die weiß" as naming the ceiling first."""
    end = next((i for i, word in enumerate(words) if word.key == ","), None)
    if end is None or words[0].key not in _QUESTIONS or not lexicon.verb_at(words, end + 1):
        return words
    noun = next((i for i in range(2, end) if lexicon.noun_at(words, i)), None)
    if noun is None:
        return words[end + 1 :]
    return [said(words[0], "mir"), said(words[0], "gefallt"), *words[2 : noun + 1], *words[end:]]


def shown_how(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "zeig mir, wie das Sofa in Leder aussieht" as "wie würde das Sofa in Leder"."""
    at = next((i for i, word in enumerate(words) if word.key == "wie" and i), None)
    last = words[-1].key if words else ""
    looks = last in {"aussieht", "aussahe", "aussahen", "aussehen", "wirkt", "wirken"}
    if at is None or not looks or words[at - 1].key != "," or any(w.key in PUNCTUATION for w in words[at:]):
        return words
    return [words[at], said(words[at], "wurde"), *words[at + 1 : -1]]


def better_without(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ohne die Lampe wäre es schöner" as "ohne die Lampe"."""
    if not words or words[0].key != "ohne":
        return words
    at = next((i for i in range(2, len(words)) if words[i].key in {"ware", "sahe", "wurde", "ist"}), None)
    return words[:at] if at is not None and not any(w.key in PUNCTUATION for w in words) else words


def looks_like(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out "..., sieht aus wie im Wartezimmer" after what is asked."""
    for index in range(2, len(words) - 1):
        look = words[index].key in {"sieht", "schaut", "wirkt", "ist"} and words[index - 1].key == ","
        end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
        if look and end == len(words) and not lexicon.starts_phrase(words, index + 1):
            return words[: index - 1]
    return words


_NOW = frozenset(("jetzt", "gerade", "derzeit", "aktuell", "momentan", "bisher", "noch", "heute"))


def where_now(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "wo jetzt der Ofen steht, hätte ich gern ein Bild" as "statt der Ofen lieber ein Bild"."""
    comma = next((i for i, word in enumerate(words) if word.key == ","), None)
    if comma is None or words[0].key != "wo" or words[comma - 1].key not in _STANDING:
        return words
    place = [word for word in words[1 : comma - 1] if word.key not in _NOW]
    new = next((i for i in range(comma, len(words)) if lexicon.words.indefinite.length_at(words, i)), None)
    if new is None or not lexicon.starts_phrase(place, 0):
        return words
    return [said(words[0], "statt"), *place, said(words[new], "lieber"), *words[new:]]


def does_good(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mehr Grün würde dem Raum gut tun" as "mehr Grün"."""
    keys = [word.key for word in words]
    would = next((i for i in range(1, len(keys)) if keys[i] in {"wurde", "wurden", "tate", "taten"}), None)
    good = would is not None and keys[-1] in {"tun", "guttun", "gut"} and "gut" in "".join(keys[would:])
    return words[:would] if good else words
