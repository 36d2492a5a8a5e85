"""What parser and tagger make of writers whom the tagger did not see, and the choice fitted on that."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from langdesign_reference.reading import readings_of
from langdesign_reference.scoring import brier, is_exact
from langdesign_reference.tagging import weights
from langdesign_reference.tagging.choice import BOTH, FEATURES, PARSER, TAGGER, Choice, Readings
from langdesign_reference.tagging.tagger import NETWORK, Tagger, tagger_of
from langdesign_reference.tagging.vocabulary import Vectors

from langdesign_tagger.examples import Example
from langdesign_tagger.fitting import fit
from langdesign_tagger.learning import Learned

Judged = tuple[Example, Readings]
_COLUMNS = ("parser", "tagger", "choice", "either", "agree", "brier")


def as_served(learned: Learned, vectors: Vectors) -> Tagger:
    """Return a tagger with weights as coarse as those of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder, NETWORK)
        weights.save(path, learned.tables, learned.names)
        return tagger_of(path, vectors)


def by_writer(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Return examples by their writer, those of one set side by side, so that folds share each set."""
    found: dict[str, list[Example]] = {}
    for one in sorted(examples, key=lambda one: (one.row.get("set", 0), str(one.row["writer"]))):
        found.setdefault(one.row["writer"], []).append(one)
    return found


def folds_of(writers: Sequence[str], count: int) -> list[list[str]]:
    """Deal writers out to so many folds.

    Raises:
        ValueError: there are fewer writers than folds, or one fold, so that nobody is left to learn from.

    """
    if not 1 < count <= len(writers):
        raise ValueError(f"{count} folds of {len(writers)} writers: give 2 to {len(writers)}")
    return [list(writers[at::count]) for at in range(count)]


def judge(examples: Sequence[Example], tagger: Tagger) -> list[Judged]:
    """Return what both readers make of examples."""
    return [(one, readings_of(one.row["instruction"], one.lexicon, tagger)) for one in examples]


def fitted(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """Return the weights of a choice that make these readings likeliest, by what is judged and feature."""
    samples: dict[str, list[tuple[list[float], bool]]] = {BOTH: [], PARSER: [], TAGGER: []}
    for example, readings in judged:
        features, tagged = readings.features, is_exact(readings.tagged, example.row)
        if readings.agree:
            samples[BOTH].append((features, tagged))
            continue
        samples[TAGGER].append((features, tagged))
        if readings.parsed:
            samples[PARSER].append((features, is_exact(readings.parsed[0], example.row)))
    return {
        kind: {
            name: round(weight, 4) for name, weight in zip(FEATURES, fit(some, len(FEATURES)), strict=True)
        }
        for kind, some in samples.items()
    }


def choice_of(fitted_weights: Mapping[str, Mapping[str, float]]) -> Choice:
    """Return the choice with these weights."""
    return Choice({kind: list(some.values()) for kind, some in fitted_weights.items()})


def table(found: Mapping[str, Sequence[Judged]]) -> str:
    """Say how rightly each writer is read, the choice fitted on the others, and each kind by all of those."""
    lines = [f"{'left out':<14}{'rows':>6}" + "".join(f"{name:>9}" for name in _COLUMNS)]
    kinds: dict[str, list[tuple[Judged, Choice]]] = {}
    for writer, judged in found.items():
        others = [one for name, some in found.items() if name != writer for one in some]
        choice = choice_of(fitted(others or judged))
        lines.append(_line(writer, [(one, choice) for one in judged]))
        for one in judged:
            kinds.setdefault(one[0].row.get("kind", "plain"), []).append((one, choice))
    lines.append(_line("all", [one for some in kinds.values() for one in some]))
    return "\n".join([*lines, *(_line(kind, some) for kind, some in sorted(kinds.items()))])


def _line(name: str, judged: Sequence[tuple[Judged, Choice]]) -> str:
    rights, told = list[tuple[bool, bool, bool]](), list[tuple[float, bool]]()
    for (example, readings), choice in judged:
        chosen = choice.choose(readings)
        parsed = readings.parsed is not None and is_exact(readings.parsed[0], example.row)
        right = chosen is not None and is_exact(chosen, example.row)
        rights.append((parsed, is_exact(readings.tagged, example.row), right))
        told.append((chosen.confidence if chosen else 0.0, right))
    shares = [sum(column) / len(judged) for column in zip(*rights, strict=True)]
    shares.append(sum(parsed or tagged for parsed, tagged, _ in rights) / len(judged))
    shares.append(sum(readings.agree for (_, readings), _ in judged) / len(judged))
    figures = "".join(f"{share:>9.1%}" for share in shares)
    return f"{name:<14}{len(judged):>6}{figures}{brier(told):>9.3f}"
