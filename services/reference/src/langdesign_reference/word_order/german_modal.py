"""Modal verbs of German: who is asked, what is to be, conditionals."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import is_definite, is_indefinite, names_noun
from langdesign_reference.word_order.bounds import clause_end, clause_start, place_length, said
from langdesign_reference.words import PUNCTUATION, Word

_PRONOUNS = frozenset({"man", "du", "wir", "ihr", "sie", "ich", "er"})
_REQUEST = frozenset(
    {"kann", "kannst", "konnen", "konnte", "konntest", "konnten", "konntet", "wurde", "wurdest", "wurden"}
    | {"sollte", "solltest", "sollten", "sollst", "muss", "musst", "mussen", "musste", "mussten", "musstest"}
    | {"darf", "durfen", "durfte", "durften"}
)
"""Modal verbs with which something is asked of somebody."""
_MODAL = _REQUEST | {"soll", "sollen", "gehort", "gehoren", "kommt", "kommen"}
"""Verbs by which a thing is to be or to go somewhere."""
FINITE = _MODAL | {"ist", "sind", "war", "waren", "hat", "haben", "wird", "werden", "bleibt", "bleiben"}
_BEING = frozenset({"sein", "werden", "aussehen", "wirken", "bekommen", "haben", "kriegen"})
"""Infinitives that come right after their modal verb: "soll sein rot"."""
_FINAL = (
    _REQUEST
    | {"ware", "waren", "war", "ist", "sind", "hatte", "hatten", "wird", "werden", "sei"}
    | {
        "steht",
        "stehen",
        "hangt",
        "hangen",
        "liegt",
        "liegen",
        "stunde",
        "hinge",
        "lage",
        "gabe",
    }
)
"""Verbs at the end of subordinate clauses that say nothing of their own."""
_WISHING = frozenset({"hatte", "hatten", "mochte", "mochten", "will", "wollen", "wunsche", "fande", "ware"})
_SUBORDINATE = frozenset({"wenn", "dass", "ob"})


def conditional(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "was wäre, wenn das Bett aus Holz wäre" as "was wäre wenn das Bett aus Holz"."""
    index = next((i for i, word in enumerate(words) if word.key in _SUBORDINATE), None)
    if index is None or index > 8:
        return words
    before = words[:index]
    if before and before[-1].key == ",":
        before = before[:-1]
    denied = words[index].key == "dass" and any(word.key == "nicht" for word in before)
    wished = any(word.key in _WISHING for word in before) and not any(w.key in {"was", "wie"} for w in before)
    if wished and not any(names_noun([word], lexicon) for word in before):
        before = []
    after = words[index + 1 :]
    if after and after[0].key in _PRONOUNS:
        after = after[1:]
    end = clause_end(after, 0, lexicon)
    clause = after[:end]
    while len(clause) > 2 and clause[-1].key in _FINAL:
        clause = clause[:-1]
    clause = [word for word in clause if word.key not in {"nur", "bloss", "doch"}]
    if denied:  # "ich will nicht, dass du die Wand streichst"
        return [said(words[index], "lass"), *_object(clause, lexicon), *after[end:]]
    return [*before, *(words[index : index + 1] if before else ()), *clause, *after[end:]]


def _object(clause: list[Word], lexicon: Lexicon) -> list[Word]:
    """Return what stands before the verb at a clause's end."""
    start = next((i for i in range(len(clause)) if lexicon.words.determiners.length_at(clause, i)), 0)
    rest = clause[start:]
    noun = next((i for i in range(len(rest) - 1, -1, -1) if lexicon.noun_at(rest, i)), len(rest) - 1)
    return rest[: noun + 1]


def asked_of_somebody(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "den Teppich könntest du entfernen" as "den Teppich entfernen"."""
    for index in range(1, len(words) - 1):
        first, second = words[index].key, words[index + 1].key
        inverted = first in _REQUEST and second in _PRONOUNS
        opened = lexicon.words.openers.length_at(words, index)
        if inverted and words[index - 1].key not in PUNCTUATION and not (opened and index < 2):
            return words[:index] + words[index + 2 :]
    return words


def passive(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "die Lampe wird durch eine Stehlampe ersetzt" as "ersetzt die Lampe durch eine Stehlampe"."""
    end = clause_end(words, 1, lexicon) if words else 0
    becomes = next((i for i in range(1, end - 1) if words[i].key in {"wird", "werden"}), None)
    if becomes is None or not lexicon.starts_phrase(words, 0):
        return words
    form = lexicon.forms.get(words[end - 1].key)
    if form is None or lexicon.attribute_length(words, end - 1) or not lexicon.verb_at([Word(form, 0, 0)], 0):
        return words
    verb = replace(words[end - 1], key=form)
    return [verb, *words[:becomes], *words[becomes + 1 : end - 1], *words[end:]]


def modal(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Put modal verbs in front of what they say; see the cases within."""
    for index in range(1, len(words)):
        if words[index].key not in _MODAL:
            continue
        start = clause_start(words, index, lexicon, FINITE)
        end = clause_end(words, index + 1, lexicon)
        subject, rest = words[start:index], words[index + 1 : end]
        names = lexicon.starts_phrase(subject, 0) or names_noun(subject, lexicon)
        if not rest or not (names or place_length(subject, 0, lexicon)):
            continue
        found = _placed_first(words[index], subject, rest, lexicon) or _said_of(
            words[index], subject, rest, lexicon
        )
        if found and subject and rest:
            return [*words[:start], *found, *_modal_rest(words[end:], lexicon)]
    return words


def _modal_rest(words: list[Word], lexicon: Lexicon) -> list[Word]:
    return words[:1] + modal(words[1:], lexicon) if words else words


def _placed_first(modal: Word, subject: list[Word], rest: list[Word], lexicon: Lexicon) -> list[Word] | None:
    """Read "in die Ecke soll eine Pflanze" as "stelle eine Pflanze in die Ecke"."""
    if not place_length(subject, 0, lexicon) or not lexicon.starts_phrase(rest, 0):
        return None
    while len(rest) > 1 and (rest[-1].key in lexicon.words.closers or rest[-1].key in _BEING):
        rest = rest[:-1]
    return [said(modal, "stelle"), *rest, *subject]


def _said_of(modal: Word, subject: list[Word], rest: list[Word], lexicon: Lexicon) -> list[Word] | None:
    last = rest[-1]
    if lexicon.predicates.remove.length_at([modal, *rest], 0):
        return None
    if last.key == "werden" and (done := _done(subject, rest, lexicon)):
        return done
    if last.key in _BEING and len(rest) > 1:
        switched = last.key == "sein" and rest[0].key in {"an", "aus", "auf", "zu"} and not rest[1:-1]
        being = [*subject, modal, last, *rest[:-1]]  # "soll rot sein"
        return [said(modal, "mach"), rest[0], *subject] if switched else being
    goes = place_length(rest, 0, lexicon) or lexicon.prepositions.directions.length_at(rest, 0)
    goes = goes or (rest[0].key in {"weiter", "naher", "etwas", "ein", "mehr"} and _leads(rest, lexicon))
    value = lexicon.prepositions.result.length_at(rest, 0)
    if (
        goes
        and not (value and all_attributes(rest[value:], lexicon))
        and not lexicon.verb_at(rest, len(rest) - 1)
    ):
        definite = is_definite(subject, lexicon) or not is_indefinite(subject, lexicon)
        return [said(modal, "verschiebe" if definite else "stelle"), *subject, *rest]
    if all_attributes(rest, lexicon):  # "soll blau"
        return [*subject, modal, said(modal, "sein"), *rest]
    return None


def _done(subject: list[Word], rest: list[Word], lexicon: Lexicon) -> list[Word] | None:
    """Read "der Sessel ... neu bezogen werden" as "beziehe der Sessel"."""
    if len(rest) < 2 or lexicon.attribute_length(rest, len(rest) - 2):
        return None
    participle = rest[-2]
    if form := lexicon.forms.get(participle.key):
        body = [word for word in rest[:-2] if word.key not in {"neu", "mal", "auch", "noch"}]
        return [replace(participle, key=form), *subject, *body]
    return [participle, *subject, *rest[:-2]] if lexicon.verb_at(rest, len(rest) - 2) else None


def _leads(rest: list[Word], lexicon: Lexicon) -> bool:
    """Whether "weiter", "ein Stück" leads to a direction or a place."""
    return any(
        place_length(rest, i, lexicon) or lexicon.prepositions.directions.length_at(rest, i)
        for i in range(min(4, len(rest)))
    )


def question_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "könnten die Wände nicht heller sein" as "die Wände könnten sein heller"."""
    if len(words) < 4 or words[0].key not in _MODAL:
        return words
    if words[-1].key not in _BEING:
        return _goes_first(words, lexicon)
    rest = [word for word in words[1:-1] if word.key not in {"nicht", "auch", "besser", "lieber"}]
    for index in range(1, len(rest)):
        link = lexicon.prepositions.result.length_at(rest, index)
        named = lexicon.noun_before(rest, index) or lexicon.heads.whole.length_before(rest, index)
        if named and all_attributes(rest[index + link :], lexicon):
            return [*rest[:index], words[0], words[-1], *rest[index:]]
    return words


def _goes_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "kann der Sessel auf die andere Seite" as "verschiebe den Sessel auf die andere Seite"."""
    told = any(lexicon.verb_at(words, i) for i in range(2, len(words)))
    if told or not lexicon.starts_phrase(words, 1) or lexicon.words.pronouns.length_at(words, 1):
        return words
    placed = any(place_length(words, i, lexicon) for i in range(3, len(words)))
    return [said(words[0], "verschiebe"), *words[1:]] if placed else words
