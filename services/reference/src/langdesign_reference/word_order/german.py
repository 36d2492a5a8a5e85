"""Word order of German: separable and modal verbs, inversion, conditionals, "not" after what it denies."""

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import is_definite, is_indefinite, names_noun
from langdesign_reference.word_order.bounds import clause_end, clause_start, place_length, placed_new, said
from langdesign_reference.word_order.german_changes import moved
from langdesign_reference.word_order.german_turns import TURNS
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
_FINITE = _MODAL | {"ist", "sind", "war", "waren", "hat", "haben", "wird", "werden", "bleibt", "bleiben"}
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
_WANTING = (
    ("hatte", "ich", "gerne"),
    ("hatte", "ich", "gern"),
    ("hatten", "wir", "gerne"),
    ("hatten", "wir", "gern"),
    ("hatte", "ich", "lieber"),
    ("hatten", "wir", "lieber"),
    ("wunsche", "ich", "mir"),
    ("hatte", "ich"),
    ("hatten", "wir"),
    ("mochte", "ich"),
    ("mochten", "wir"),
    ("will", "ich"),
    ("wollen", "wir"),
    ("brauche", "ich"),
    ("brauchen", "wir"),
    ("fehlt", "noch"),
    ("fehlen", "noch"),
    ("fehlt", "mir"),
    ("fehlt",),
    ("fehlen",),
    ("nehmen", "wir"),
)
"""What somebody wants, after what was named first."""


def _conditional(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "was wäre, wenn das Bett aus Holz wäre" as "was wäre wenn das Bett aus Holz"."""
    index = next((i for i, word in enumerate(words) if word.key in _SUBORDINATE), None)
    if index is None or index > 8:
        return words
    before = words[:index]
    if before and before[-1].key == ",":
        before = before[:-1]
    if words[index].key == "dass" and any(word.key in _WISHING for word in before):
        before = []
    after = words[index + 1 :]
    if after and after[0].key in _PRONOUNS:
        after = after[1:]
    end = clause_end(after, 0, lexicon)
    clause = after[:end]
    while len(clause) > 2 and clause[-1].key in _FINAL:
        clause = clause[:-1]
    return [*before, *(words[index : index + 1] if before else ()), *clause, *after[end:]]


def _asked_of_somebody(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "den Teppich könntest du entfernen" as "den Teppich entfernen"."""
    for index in range(1, len(words) - 1):
        first, second = words[index].key, words[index + 1].key
        inverted = first in _REQUEST and second in _PRONOUNS
        opened = lexicon.words.openers.length_at(words, index)
        if inverted and words[index - 1].key not in PUNCTUATION and not (opened and index < 2):
            return words[:index] + words[index + 2 :]
    return words


def _modal(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Put modal verbs in front of what they say; see the cases within."""
    for index in range(1, len(words)):
        if words[index].key not in _MODAL:
            continue
        start = clause_start(words, index, lexicon, _FINITE)
        end = clause_end(words, index + 1, lexicon)
        subject, rest = words[start:index], words[index + 1 : end]
        names = lexicon.starts_phrase(subject, 0) or names_noun(subject, lexicon)
        if not (names or place_length(subject, 0, lexicon)):
            continue
        found = _placed_first(words[index], subject, rest, lexicon) or _said_of(
            words[index], subject, rest, lexicon
        )
        if found and subject and rest:
            return [*words[:start], *found, *_modal_rest(words[end:], lexicon)]
    return words


def _modal_rest(words: list[Word], lexicon: Lexicon) -> list[Word]:
    return words[:1] + _modal(words[1:], lexicon) if words else words


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
    if last.key == "werden" and len(rest) > 1 and lexicon.verb_at(rest, len(rest) - 2):
        participle = rest[-2]
        if not lexicon.attribute_length(rest, len(rest) - 2):  # "soll entfernt werden"
            return [participle, *subject, *rest[:-2]]
    if last.key in _BEING and len(rest) > 1:  # "soll rot sein"
        return [*subject, modal, last, *rest[:-1]]
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


def _leads(rest: list[Word], lexicon: Lexicon) -> bool:
    """Whether "weiter", "ein Stück" leads to a direction or a place."""
    return any(
        place_length(rest, i, lexicon) or lexicon.prepositions.directions.length_at(rest, i)
        for i in range(min(4, len(rest)))
    )


def _separable(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "häng das Poster ab" as "häng ab das Poster"."""
    index = 0
    while index < len(words):
        end = clause_end(words, index + 1, lexicon)
        for at in range(end - 1, index + 1, -1):
            pair = [words[index], words[at]]
            followed = at + 1 < end and not _only_closes(words[at + 1 : end], lexicon)
            joined = lexicon.verbs.longest_at(pair, 0)
            if joined and joined[1] == 2 and not followed:
                words = [*words[: index + 1], words[at], *words[index + 1 : at], *words[at + 1 :]]
                index += 1
                break
        index += 1
    return words


def _only_closes(words: list[Word], lexicon: Lexicon) -> bool:
    function = lexicon.words
    return all(word.key in function.closers or word.key in function.fillers for word in words)


def _not_after(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "nur den Boden nicht" as "aber nicht den Boden"."""
    for index in range(1, len(words)):
        ends = index + 1 == len(words) or words[index + 1].key in PUNCTUATION
        if words[index].key != "nicht" or not ends:
            continue
        start = index - (words[index - 1].key == "aber")  # "die Stühle aber nicht"
        end = start
        while start and words[start - 1].key not in PUNCTUATION | {"aber", "nur", "und", "bloss", "doch"}:
            start -= 1
        phrase = words[start:end]
        denies = start > 0 and phrase and lexicon.starts_phrase(phrase, 0)
        if denies and not any(word.key in _FINITE or lexicon.verb_at([word], 0) for word in phrase):
            kept = start - (words[start - 1].key not in PUNCTUATION)
            made = [said(words[start], "aber"), words[index]]
            return [*words[:kept], *made, *phrase, *words[index + 1 :]]
    return words


def _wanted(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "statt des Sessels hätte ich gern" with "lieber", "über dem Bett hätte ich gern" turned."""
    instead = lexicon.prepositions.instead.length_at(words, 0)
    words = words if instead else placed_new(words, lexicon, "stelle")
    place = place_length(words, 0, lexicon)
    if not instead and not place:
        return words
    for index in range(2, len(words)):
        if (
            instead
            and index > instead
            and lexicon.noun_before(words, index)
            and lexicon.noun_at(words, index)
        ):
            return [*words[:index], said(words[index], "lieber"), *words[index:]]  # "statt Vorhängen Rollos"
        length = _want_at(words, index)
        length = length or int(words[index].key in {"bitte", "lieber"} and index + 1 < len(words))
        if length and instead:
            return [*words[:index], said(words[index], "lieber"), *words[index + length :]]
        lacks = words[index].key in {"fehlt", "fehlen"} and lexicon.noun_at(words, index + length)
        if length and (lexicon.words.indefinite.length_at(words, index + length) or lacks):
            return [said(words[0], "stelle"), *words[index + length :], *words[:index]]
        verb = lexicon.verb_at(words, index)
        if verb and not instead and lexicon.starts_phrase(words, index + verb[1]):
            end = clause_end(words, index + 1, lexicon)
            return [*words[index:end], *words[:index], *words[end:]]
    return words


def _want_at(words: list[Word], index: int) -> int:
    for phrase in _WANTING:
        if tuple(word.key for word in words[index : index + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _verb_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "alle Türen und die Fenster weiß streichen" as "streichen alle Türen und die Fenster weiß"."""
    found, start = list[Word](), 0
    for index in range(len(words) + 1):
        after_verb = 0 < index < len(words) and bool(lexicon.verbs.longest_at(words, index - 1))
        joins = index < len(words) and words[index].key in lexicon.words.conjunctions and after_verb
        if index < len(words) and words[index].key not in PUNCTUATION and not joins:
            continue
        found += [*_fronted(words[start:index], lexicon), *words[index : index + 1]]
        start = index + 1
    return found


def _fronted(clause: list[Word], lexicon: Lexicon) -> list[Word]:
    """Move an infinitive from the end of a clause with several objects to its start."""
    several = any(word.key in lexicon.words.conjunctions for word in clause)
    several = several or lexicon.keeping.markers.find(clause, 1) is not None
    opened = 0
    while length := lexicon.words.openers.length_at(clause, opened):
        opened += length
    plain = several and opened + 2 < len(clause) and not lexicon.verb_at(clause, opened)
    kept = lexicon.keeping.predicates.length_before(clause, len(clause))
    if not plain or kept or not lexicon.verbs.longest_at(clause, len(clause) - 1):
        return clause
    verb, rest = clause[-1], clause[opened:-1]
    if not verb.key.endswith("n") or not (lexicon.starts_phrase(rest, 0) or lexicon.noun_at(rest, 0)):
        return clause
    return [*clause[:opened], verb, *(rest[:-1] if rest[-1].key == "zu" else rest)]


def _question_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "könnten die Wände nicht heller sein" as "die Wände könnten sein heller"."""
    if len(words) < 4 or words[0].key not in _MODAL:
        return words
    if words[-1].key not in _BEING:
        return _goes_first(words, lexicon)
    rest = [word for word in words[1:-1] if word.key not in {"nicht", "auch", "besser", "lieber"}]
    for index in range(1, len(rest)):
        link = lexicon.prepositions.result.length_at(rest, index)
        named = lexicon.noun_before(rest, index)
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


def _excepted_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "bis auf den Tisch alles weiß" with a comma after what is excepted."""
    if not (marker := lexicon.keeping.markers.length_at(words, 0)):
        return words
    for index in range(marker + 1, len(words)):
        if words[index].key in PUNCTUATION:
            return words
        if lexicon.keeping.everything.length_at(words, index) or lexicon.verb_at(words, index):
            return [*words[:index], said(words[index], ","), *words[index:]]
    return words


GERMAN = (
    _conditional,
    *TURNS,
    _excepted_first,
    _wanted,
    _asked_of_somebody,
    _question_first,
    _modal,
    _verb_first,
    _separable,
    moved,
    _not_after,
)
