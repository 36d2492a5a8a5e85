"""Word order of German: separable and modal verbs, inversion, conditionals, "not" after what it denies."""

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.bounds import (
    Order,
    by_clause,
    clause_end,
    place_length,
    placed_new,
    said,
)
from langdesign_reference.word_order.german_changes import moved
from langdesign_reference.word_order.german_modal import (
    FINITE,
    asked_of_somebody,
    conditional,
    modal,
    passive,
    question_first,
)
from langdesign_reference.word_order.german_plain import PLAIN
from langdesign_reference.word_order.german_turns import TURNS
from langdesign_reference.words import PUNCTUATION, Word

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
    ("reicht",),
    ("reichen",),
    ("genugt",),
    ("genugen",),
)
"""What somebody wants, after what was named first."""


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
        verb = lexicon.verbs.longest_at(phrase, 0)
        if verb and lexicon.starts_phrase(phrase, verb[1]):  # "ändere das Bett nicht"
            return [*words[:start], words[index], *phrase, *words[end:index], *words[index + 1 :]]
        denies = start > 0 and phrase and lexicon.starts_phrase(phrase, 0)
        if denies and not any(word.key in FINITE or lexicon.verb_at([word], 0) for word in phrase):
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
            end = clause_end(words, index + length, lexicon)
            whole = lexicon.heads.whole.length_before(words, index)  # "im Kinderzimmer fehlt ein Regal"
            where = [] if whole else words[:index]
            return [said(words[0], "stelle"), *words[index + length : end], *where, *words[end:]]
        verb = lexicon.verb_at(words, index)
        if verb and not instead and lexicon.starts_phrase(words, index + verb[1]):
            end = clause_end(words, index + 1, lexicon)
            return [*words[index:end], *words[:index], *words[end:]]
    return words


def _wanted_there(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ich möchte auf dem Balkon einen Tisch haben" as putting one there."""
    start = lexicon.verbs.want.length_at(words, 0)
    if not start or not place_length(words, start, lexicon):
        return words
    end = next((i for i in range(start, len(words)) if words[i].key in PUNCTUATION), len(words))
    for index in range(start + 2, end):
        if lexicon.words.indefinite.length_at(words, index) and lexicon.noun_before(words, index):
            new = words[index:end]
            while len(new) > 2 and new[-1].key in lexicon.words.closers:
                new = new[:-1]
            return [said(words[0], "stelle"), *new, *words[start:index], *words[end:]]
    return words


def _there(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "da soll Sichtbeton hin" as putting it there."""
    if len(words) < 4 or words[0].key not in {"da", "dort", "hier"} or words[1].key not in FINITE:
        return words
    end = next((i for i in range(2, len(words)) if words[i].key in PUNCTUATION), len(words))
    if words[end - 1].key not in {"hin", "rein", "dran", "drauf", "her"} or lexicon.verb_at(words, end - 1):
        return words
    new = [] if lexicon.words.indefinite.length_at(words, 2) else [said(words[2], "ein")]
    return [said(words[0], "stelle"), *new, *words[2 : end - 1], words[0], *words[end:]]


def by_clause_there(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read each clause of a sentence as `_there`."""
    return by_clause(words, lexicon, _there)


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


def _excepted_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "bis auf den Tisch alles weiß" with a comma after what is excepted."""
    if not (marker := lexicon.keeping.markers.length_at(words, 0)):
        return words
    for index in range(marker + 1, len(words)):
        if words[index].key in PUNCTUATION:
            return words
        if words[index].key in FINITE and lexicon.starts_phrase(
            words, index + 1
        ):  # "... sollen alle Bilder weg"
            end = clause_end(words, index + 1, lexicon)
            said_last = [*words[index + 1 : end - 1], words[index], words[end - 1]]
            return [*words[:index], said(words[index], ","), *said_last, *words[end:]]
        if lexicon.keeping.everything.length_at(words, index) or lexicon.verb_at(words, index):
            return [*words[:index], said(words[index], ","), *words[index:]]
    return words


GERMAN = Order(
    (
        *PLAIN,
        conditional,
        passive,
        *TURNS,
        _excepted_first,
        by_clause_there,
        _wanted_there,
        _wanted,
        asked_of_somebody,
        question_first,
        modal,
        _verb_first,
        _separable,
        moved,
        _not_after,
    ),
)
