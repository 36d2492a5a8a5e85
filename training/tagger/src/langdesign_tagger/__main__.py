"""`python -m langdesign_tagger`: makes the files of the reference service's tagger.

`train` leaves the writers of `--judged` out one after the other: a network learns from all others and reads
the one left out, as the parser does, which must not have been mended by what they wrote. What both make of
these sentences fits the choice; a table says how rightly parser, tagger and choice read, the choice of each
writer fitted on the others. Then a network learns from all. `vectors` makes what words mean.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import torch
from langdesign_reference.tagging import weights
from langdesign_reference.tagging.choice import FILE
from langdesign_reference.tagging.tagger import NETWORK, folder, load_vectors

from langdesign_tagger.examples import Example, example_of, read_rows
from langdesign_tagger.judging import Judged, fitted, judge, table, tagger_of
from langdesign_tagger.learning import EPOCHS, Learned, learn
from langdesign_tagger.vectors import extract


def main(argv: list[str]) -> None:
    """Make what is asked for, and print the table, or how many words there are."""
    options = _parser().parse_args(argv)
    if options.command == "vectors":
        _tell(f"{extract(options.model, options.out)} words")
        return
    with ProcessPoolExecutor(options.processes, initializer=_alone) as pool:
        judged, others = (_examples(paths, pool) for paths in (options.judged, options.also))
        learned = partial(_learned, [*judged, *others], options.seed, options.epochs)
        whole = pool.submit(learned, "")
        writers = sorted({one.row["writer"] for one in judged})
        found = dict(zip(writers, pool.map(partial(_left_out, learned, judged), writers), strict=True))
        _tell(table(found))
        options.out.mkdir(parents=True, exist_ok=True)
        choice = fitted([one for some in found.values() for one in some])
        options.out.joinpath(FILE).write_text(json.dumps(choice, indent=2) + "\n")
        weights.save(options.out / NETWORK, whole.result().tables, whole.result().names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="langdesign_tagger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train the network and fit the choice")
    train.add_argument("--judged", type=Path, nargs="+", required=True, help="sets of new writers")
    train.add_argument("--also", type=Path, nargs="*", default=[], help="sets that the parser was mended by")
    train.add_argument(
        "--out", type=Path, default=folder(), help="folder of the files; default: the package's"
    )
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--epochs", type=int, default=EPOCHS, help="how often each instruction is seen")
    train.add_argument("--processes", type=int, help="trainings at a time; default: one for each core")
    vectors = commands.add_parser("vectors", help="make the vectors of words; needs the extra `vectors`")
    vectors.add_argument("model", type=Path, help="a language model, GGUF")
    vectors.add_argument("out", type=Path, help="the file to write")
    return parser


def _alone() -> None:
    """Let a process use one core: small tensors gain nothing by more, and sums keep their order."""
    torch.set_num_threads(1)


def _examples(paths: Sequence[Path], pool: ProcessPoolExecutor) -> list[Example]:
    return [one for one in pool.map(example_of, read_rows(paths), chunksize=64) if one]


def _learned(examples: Sequence[Example], seed: int, epochs: int, left_out: str) -> Learned:
    samples = [one.sample for one in examples if one.row["writer"] != left_out]
    return learn(samples, load_vectors(), seed, epochs)


def _left_out(learned: "partial[Learned]", judged: Sequence[Example], writer: str) -> list[Judged]:
    """Return what both readers make of a writer's sentences, of which the tagger saw none."""
    tagger = tagger_of(learned(writer), load_vectors())
    return judge([one for one in judged if one.row["writer"] == writer], tagger)


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
