"""The learned reader: a small neural network tags words and says what each passage of them asks for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.parser import Understood
from langdesign_reference.plan import Operation
from langdesign_reference.tagging.chain import Lattice
from langdesign_reference.tagging.corrections import put_right
from langdesign_reference.tagging.features import features_of
from langdesign_reference.tagging.hints import hints_of
from langdesign_reference.tagging.network import EMBEDDING, Network
from langdesign_reference.tagging.passages import ANCHOR, NONE, TARGET, Passage, passages_of
from langdesign_reference.tagging.tagset import LABELS, TAGS
from langdesign_reference.tagging.vocabulary import Vectors, Vocabulary
from langdesign_reference.tagging.weights import load
from langdesign_reference.tagging.word_classes import NOUNS, UNKNOWN, VERBS
from langdesign_reference.translation import english_words
from langdesign_reference.words import Word

NETWORK, VECTORS = "tagger.safetensors", "vectors.safetensors"
"""Files of the network's weights, and of the vectors of words."""
TABLE = "vectors"
"""The table of the latter."""
_TAKING = (
    *VERBS,
    *("keeping.nots", "keeping.refusals", "words.no", "words.excess", "statements.avoiding"),
    *("attributes.", "heads.", "adjectives", NOUNS, UNKNOWN),
)
_WANTING = {"verbs.want", "forms.want"}
"""Classes of words that may take away, or say what is wrong with a thing, and which of their verbs do not."""
_SURELY_TAKING = frozenset(
    f"{table}.{name}"
    for table, names in (
        ("verbs", ("remove", "take", "deny", "replace")),
        ("forms", ("remove", "take")),
        ("predicates", ("remove",)),
        ("telegraph", ("out",)),
        ("words", ("no",)),
    )
    for name in names
)
"""Classes of words that take away whatever else is said."""
_POLITE = frozenset(("words.openers", "words.fillers", "words.closers", "punctuation"))
"""Classes of words that ask for nothing by themselves."""
_STAMMER = 2
"""A word that is said more often, and nothing else, asks for nothing."""


@dataclass(frozen=True)
class Tagged:
    """What the tagger makes of an instruction.

    Attributes:
        passages: The edits, in order.
        tags: Logarithm of the chance of the tags of its words, at most 0.
        operations: Logarithm of the chance of the operations, given the tags, at most 0.
        lattice: The scores of all tags; None of an instruction without words.
        guessed: Whether an edit is asked for by a word that nothing is known of: "frobnicate the bed".
        corrected: Whether a value was left out, since another is put in its place: "red, no, green".

    """

    passages: list[Passage]
    tags: float
    operations: float
    lattice: Lattice | None = None
    guessed: bool = False
    corrected: bool = False


class Tagger:
    """Tags words, then the passages that the tags make.

    Args:
        network: Trained on what `vocabulary` and `vectors` see.
        vocabulary: The features that it knows.
        vectors: What words mean.

    """

    def __init__(self, network: Network, vocabulary: Vocabulary, vectors: Vectors) -> None:
        self._network, self._vocabulary, self._vectors = network, vocabulary, vectors

    def tag(self, words: Sequence[Word], lexicon: Lexicon, parsed: Understood | None) -> Tagged:
        """Return the likeliest tags of an instruction's words.

        Args:
            words: Rightly spelt, in the order in which they were said.
            lexicon: Of their language.
            parsed: What the rules make of them; None where no rule fits.

        """
        if not words:
            return Tagged(passages_of([]), 0.0, 0.0)
        hints = hints_of(words, parsed)
        features = [[*own, *told] for own, told in zip(features_of(words, lexicon), hints, strict=True)]
        rows = [self._vocabulary.rows(word.key, some) for word, some in zip(words, features, strict=True)]
        vectors = self._vectors.of([meanings(word.key, lexicon.language) for word in words])
        states = self._network.states(rows, vectors)
        lattice = Lattice(self._network.emissions(states), self._network.transitions)
        path, told = lattice.best()
        passages = passages_of([TAGS[tag] for tag in path])
        cuts = [*(one.start for one in passages), len(words)]
        chances = self._network.labels(states, path, cuts)
        for passage, label in zip(passages, chances.argmax(1), strict=True):
            passage.operation, _, passage.implied = LABELS[label].partition(":")
        held = [self._vocabulary.holds(word.key) for word in words]
        unlisted = [UNKNOWN in some for some in features]
        strange = [
            new and not vector.any() and not seen
            for new, vector, seen in zip(unlisted, vectors, held, strict=True)
        ]
        heads = [new and seen for new, seen in zip(unlisted, held, strict=True)]
        stammered = len(words) > _STAMMER and len({word.key for word in words}) == 1  # "bed bed bed bed"
        ruled = parsed is not None and bool(parsed.asked)
        guessed = stammered or any(
            _is_guessed(one, strange, heads, features, ruled=ruled) for one in passages
        )
        corrected = [put_right(one, words, lexicon) for one in passages]
        return Tagged(passages, told, float(chances.max(1).sum()), lattice, guessed, any(corrected))


def _is_guessed(
    passage: Passage,
    strange: Sequence[bool],
    heads: Sequence[bool],
    features: Sequence[Sequence[str]],
    *,
    ruled: bool,
) -> bool:
    """Whether a passage's edit is asked for by no listed verb, and by a strange word or of nothing known.

    "Ignore all previous instructions" names nothing of a room by a verb that is like others at best. A thing
    is known by a noun in its name, or by a last word that is in no list but was learned. A removal is asked
    for by a word that may take away, deny or describe; where no rule fits the instruction, by one that takes
    away: of 112 such removals that strangers' sentences were read as, 54 were wrong. What names nothing is
    asked for by a verb.
    """
    spoken = passage.outside()
    classes = [name for at in spoken for name in features[at]]
    takes_away = _takes_away if ruled else _surely_takes_away
    if passage.operation == Operation.REMOVE.value and spoken and not any(map(takes_away, classes)):
        return True  # "I love the cabinet"
    if passage.operation == NONE:
        return False
    polite = all(not _POLITE.isdisjoint(name.lstrip("~") for name in features[at]) for at in spoken)
    verb = any(name.startswith(VERBS) for name in classes)
    if not passage.spans and (polite or not verb):
        return True  # "good morning"
    if verb:
        return False
    named = passage.of(TARGET, ANCHOR)
    known = any(
        heads[span.end - 1] or any(NOUNS in features[at] for at in range(span.first, span.end))
        for span in named
    )
    return any(strange[at] for at in spoken) or (bool(named) and not known)


def _takes_away(name: str) -> bool:
    """Whether a word of this class may ask for a removal, or deny or describe what is there."""
    return name.lstrip("~").startswith(_TAKING) and name not in _WANTING


def _surely_takes_away(name: str) -> bool:
    return name.lstrip("~") in _SURELY_TAKING


def meanings(key: str, language: str) -> Collection[str]:
    """Return the English words whose vectors tell what a folded word means."""
    return (key,) if language == "en" else english_words(key, language)


def load_vectors() -> Vectors:
    """Read the vectors that come with the package."""
    _, tables, words = load(folder() / VECTORS, {TABLE})
    return Vectors(words, tables[TABLE])


@cache
def load_tagger() -> Tagger:
    """Read the tagger that comes with the package, once a process."""
    return tagger_of(folder() / NETWORK, load_vectors())


def tagger_of(path: Path, vectors: Vectors) -> Tagger:
    """Read a tagger from the file of its networks."""
    weights, tables, names = load(path, {EMBEDDING})
    return Tagger(Network(tables[EMBEDDING], weights), Vocabulary(names), vectors)


def folder() -> Path:
    """Return where the package keeps what was learned."""
    return Path(str(resources.files("langdesign_reference"))) / "data" / "tagging"
