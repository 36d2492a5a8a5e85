"""`python -m langdesign_reference.tagging.training`: trains the tagger, and its choice against the parser.

Writers of `--judged` are left out one after the other: the tagger learns from all others and reads the one
left out, as the parser does, which must not have been mended by what they wrote. What both make of these
sentences fits the choice; a table says how rightly parser, tagger and choice read, the choice of each writer
fitted on the others. Then the tagger learns from all. Deterministic: the same rows make the same files.
"""

import argparse
import json
import lzma
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pycrfsuite
from langdesign_reference.scoring import brier, is_exact
from langdesign_reference.tagging.choice import BOTH, FEATURES, FILE, PARSER, TAGGER, Choice, Readings
from langdesign_reference.tagging.composing import reading_of
from langdesign_reference.tagging.examples import Example, example_of, read_rows
from langdesign_reference.tagging.fitting import fit
from langdesign_reference.tagging.tagger import EDITS, WORDS, Tagger

_PARAMETERS = {"c1": 0.2, "c2": 0.2, "max_iterations": 80, "feature.minfreq": 2}
"""Of CRFsuite's L-BFGS: penalties of L1, which keeps the files small, and of L2."""
Judged = tuple[Example, Readings]


def main(argv: list[str]) -> None:
    """Train, print the table, and write the three files."""
    options = _parser().parse_args(argv)
    with ProcessPoolExecutor() as pool:
        judged, others = (_examples(paths, pool) for paths in (options.judged, options.also))
    writers = sorted({one.row["writer"] for one in judged})
    with ThreadPoolExecutor() as pool:  # CRFsuite trains without Python's lock
        models = pool.submit(trained, [*judged, *others])
        read = pool.map(partial(_left_out, [*judged, *others]), writers)
        found = dict(zip(writers, read, strict=True))
    _tell(_table(found))
    options.out.mkdir(parents=True, exist_ok=True)
    weights = fitted([one for some in found.values() for one in some])
    named = {kind: dict(zip(FEATURES, some, strict=True)) for kind, some in weights.items()}
    options.out.joinpath(FILE).write_text(json.dumps(named, indent=2) + "\n")
    for name, model in zip((WORDS, EDITS), models.result(), strict=True):
        options.out.joinpath(name).write_bytes(lzma.compress(model, preset=9))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="langdesign_reference.tagging.training", description=__doc__)
    parser.add_argument("--judged", type=Path, nargs="+", required=True, help="sets of new writers")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="sets that the parser was mended by")
    parser.add_argument("--out", type=Path, required=True, help="folder of the files")
    return parser


def _examples(paths: Sequence[Path], pool: ProcessPoolExecutor) -> list[Example]:
    return [one for one in pool.map(example_of, read_rows(paths), chunksize=64) if one]


def _left_out(examples: Sequence[Example], writer: str) -> list[Judged]:
    """Return what both readers make of a writer's sentences, of which the tagger saw none."""
    tagger = Tagger(*trained([one for one in examples if one.row["writer"] != writer]))
    return [(one, _readings(one, tagger)) for one in examples if one.row["writer"] == writer]


def _readings(example: Example, tagger: Tagger) -> Readings:
    words, row = example.words, example.row
    tagged = tagger.tag(words, example.lexicon)
    reading = reading_of(row["instruction"], words, tagged.segments, example.corrections, example.lexicon)
    return Readings(example.parsed, reading, tagged, len(words), row["language"])


def trained(examples: Sequence[Example]) -> tuple[bytes, bytes]:
    """Return the CRFsuite models of the tags of words and of the operations of segments."""
    words = _train([(one.word_features, one.tags) for one in examples])
    return words, _train([(one.segment_features, one.labels) for one in examples])


def _train(sequences: Sequence[tuple[list[list[str]], list[str]]]) -> bytes:
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", params=_PARAMETERS, verbose=False)
    for features, labels in sequences:
        trainer.append(features, labels)
    with TemporaryDirectory() as folder:
        path = Path(folder, "model")
        trainer.train(str(path))
        return path.read_bytes()


def fitted(judged: Sequence[Judged]) -> dict[str, list[float]]:
    """Return the weights of a choice that make these readings likeliest."""
    samples: dict[str, list[tuple[list[float], bool]]] = {BOTH: [], PARSER: [], TAGGER: []}
    for example, readings in judged:
        features, tagged = readings.features(), is_exact(readings.tagged, example.row)
        if readings.agree:
            samples[BOTH].append((features, tagged))
            continue
        samples[TAGGER].append((features, tagged))
        if readings.parsed:
            samples[PARSER].append((features, is_exact(readings.parsed[0], example.row)))
    return {kind: [round(weight, 4) for weight in fit(some)] for kind, some in samples.items()}


def _table(found: Mapping[str, Sequence[Judged]]) -> str:
    lines = [
        f"{'left out':<12}{'rows':>6}"
        + "".join(f"{name:>9}" for name in ("parser", "tagger", "choice", "either", "agree", "brier"))
    ]
    for writer, judged in found.items():
        others = [one for name, some in found.items() if name != writer for one in some]
        choice = Choice(fitted(others or judged))
        lines.append(f"{writer:<12}{len(judged):>6}" + _figures(judged, choice))
    return "\n".join(lines)


def _figures(judged: Sequence[Judged], choice: Choice) -> str:
    rights, told = list[tuple[bool, bool, bool]](), list[tuple[float, bool]]()
    for example, readings in judged:
        chosen = choice.choose(readings)
        parsed = readings.parsed is not None and is_exact(readings.parsed[0], example.row)
        right = chosen is not None and is_exact(chosen, example.row)
        rights.append((parsed, is_exact(readings.tagged, example.row), right))
        told.append((chosen.confidence if chosen else 0.0, right))
    shares = [sum(column) / len(judged) for column in zip(*rights, strict=True)]
    shares.append(sum(parsed or tagged for parsed, tagged, _ in rights) / len(judged))
    agree = sum(readings.agree for _, readings in judged) / len(judged)
    return "".join(f"{share:>9.1%}" for share in shares) + f"{agree:>9.1%}{brier(told):>9.3f}"


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
