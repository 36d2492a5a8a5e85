"""Tells when an instruction takes back or rejects all that it names: "remove the bed, actually don't"."""

from langdesign_reference.cutting import clause_starts
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.words import PUNCTUATION, SENTENCE_END, Words


def takes_all_back(words: Words, lexicon: Lexicon) -> bool:
    """Whether the last words withdraw what is said before them, or are all that is said: "never mind".

    So does who wants otherwise than those who are told of. Where another request follows ("no, make it
    green") nothing is withdrawn here: that is a correction.
    """
    end = _end(words, len(words), lexicon)
    if end < len(words) and words[end].key == "?":
        return False  # "you can remove it, no?"
    if _is_of_others(words, lexicon):
        return True
    return any(_withdraws(words[start:end], lexicon, doubted=start == 0) for start in range(end))


_OURSELVES = frozenset(("i", "we", "ich", "wir", "eu", "noi"))


def _is_of_others(words: Words, lexicon: Lexicon) -> bool:
    """Whether others want what is named and the speaker does not: "she wants it pink, but I'd rather not"."""
    others = lexicon.statements.wanting.find(words, 0)
    if others is None or not 0 < others[0] <= _BEFORE_BARRING:
        return False
    if any(word.key in _OURSELVES for word in words[: others[0]]):
        return False
    return lexicon.retractions.own.find(words, sum(others)) is not None


def rejects_all(words: Words, lexicon: Lexicon) -> bool:
    """Whether one sentence rejects what it names: "removing the bed is out of the question".

    So it does where others forbid it ("the landlord won't let me paint the walls"), or there may be no
    room for it ("would a second desk even fit in there?").

    In German "nicht" after the object denies the verb in front ("nimm das Bild nicht von der Wand"), also
    before a value ("streich die Wand nicht blau"), but not before what is too much ("nicht so dunkel").
    """
    end = _end(words, len(words), lexicon)
    said = words[:end]
    if end < len(words) and words[end].key == "?":
        return _doubts_that_it_fits(said, lexicon)
    if _is_barred(said, lexicon):
        return True
    rejections = lexicon.keeping.rejections
    marks = _marks(said)
    if rejections.length_at(said, 0):  # what follows is its object, unless it asks for something itself
        return not any(_asks_more(said, at, lexicon) for at in marks)
    if marks:
        return False
    return rejections.length_before(said, end) > 0 or (lexicon.verb_final and _denies_its_verb(said, lexicon))


_BEFORE_BARRING, _AFTER_FITTING = 4, 6
"""Words that say who forbids at most, and where something may not fit."""


def _is_barred(said: Words, lexicon: Lexicon) -> bool:
    """Whether others forbid what follows, and nothing else is said."""
    for at in range(min(_BEFORE_BARRING + 1, len(said))):
        if lexicon.keeping.barring.length_at(said, at):
            return not any(_asks_more(said, mark, lexicon) for mark in _marks(said))
        if said[at].key in PUNCTUATION or lexicon.verb_at(said, at):
            return False
    return False


def _doubts_that_it_fits(said: Words, lexicon: Lexicon) -> bool:
    """Whether a question asks if there is room for a thing; "can you make the sofa fit in?" asks for it."""
    tail = next((at for at in _marks(said) if lexicon.statements.opinions.length_at(said, at + 1)), len(said))
    said = said[:tail]  # ", do you think"
    found = lexicon.keeping.fitting.find(said, 0)
    if found is None or _marks(said) or len(said) - sum(found) > _AFTER_FITTING:
        return False
    changing = (lexicon.verb_at(said, at) for at in range(found[0]))
    return all(verb is None or verb[0] in {"want", "deny"} for verb in changing)


def _marks(said: Words) -> list[int]:
    return [at for at, word in enumerate(said) if word.key in PUNCTUATION]


def _asks_more(words: Words, mark: int, lexicon: Lexicon) -> bool:
    """Whether a sentence ends at a mark, or a request, or what it is restricted to, follows."""
    kinds = (lexicon.words.only, lexicon.words.contrast)
    restricted = any(kind.length_at(words, mark + 1) for kind in kinds)
    return words[mark].key in SENTENCE_END or restricted or clause_starts(words, mark + 1, lexicon)


def _denies_its_verb(words: Words, lexicon: Lexicon) -> bool:
    """Whether the verb in front is denied after it, or the one at the end before its object."""
    start, polite = 0, (lexicon.words.openers, lexicon.words.fillers)
    while length := max(kind.length_at(words, start) for kind in polite):
        start += length
    said = words[start:]
    denied, contrast = lexicon.keeping.nots.find(said, 0), lexicon.words.contrast
    if denied is None or any(word.key in _TURNS or contrast.length_at([word], 0) for word in said):
        return False
    if denied[0] == 0:
        return any(verbs.length_before(said, len(said)) for _, verbs in lexicon.verbs.sets())
    verb = lexicon.verb_at(said, 0)
    return verb is not None and verb[0] != "want" and not lexicon.words.excess.length_at(said, sum(denied))


_TURNS = frozenset(("aber", "sondern", "statt", "stattdessen", "lieber", "nur", "mehr", "ganz", "so", "zu"))
"""Words after which "nicht" denies less than the verb: "nicht mehr", "nicht nur"."""


def _end(words: Words, end: int, lexicon: Lexicon) -> int:
    """Return where what is said ends: before marks and politeness, but never before a withdrawal."""
    while end:
        filler = lexicon.words.fillers.length_before(words, end)
        kinds = (lexicon.retractions.outright, lexicon.retractions.doubtful, lexicon.retractions.doubts)
        if words[end - 1].key in PUNCTUATION:
            end -= 1
        elif filler and not any(kind.length_before(words, end) for kind in kinds):
            end -= filler
        else:
            break
    return end


def _withdraws(words: Words, lexicon: Lexicon, *, doubted: bool) -> bool:
    """Whether words are a withdrawal and nothing else: doubts, then what withdraws, once or more often."""
    retractions, index, withdrawn = lexicon.retractions, 0, False
    while index < len(words):
        doubt = retractions.doubts.length_at(words, index)
        doubtful = retractions.doubtful.length_at(words, index) if doubted else 0
        withdraws = max(doubtful, retractions.outright.length_at(words, index))
        if not doubt and not withdraws and words[index].key not in PUNCTUATION:
            return False
        doubted = doubted or max(doubt, withdraws) > 0
        withdrawn = withdrawn or (withdraws > 0 and withdraws >= doubt)
        index += max(doubt, withdraws, 1)
    return withdrawn
