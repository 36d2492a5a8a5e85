"""`python -m langdesign_tagger`: makes the files of the reference service's tagger.

`train` deals the writers of `--judged` into folds: of each a network that learned from all others reads the
writers left out, as the parser does, which must not have been mended by what they wrote. What both make of
these sentences fits the choice; a table says how rightly parser, tagger and choice read, the choice of each
writer fitted on the others. The networks of all folds serve together. `vectors` makes what words mean.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import torch
from langdesign_reference.tagging import weights
from langdesign_reference.tagging.choice import FILE
from langdesign_reference.tagging.tagger import NETWORK, folder, load_vectors
from langdesign_reference.tagging.vocabulary import Vocabulary

from langdesign_tagger.batches import vocabulary_of
from langdesign_tagger.examples import Example, example_of, read_rows
from langdesign_tagger.judging import Judged, as_served, by_writer, fitted, folds_of, judge, table
from langdesign_tagger.learning import EPOCHS, Learned, Part, learn, part_of, together
from langdesign_tagger.vectors import extract

_OTHERS = ""
"""Stands for the writer of all sets that the parser was mended by."""


def main(argv: list[str]) -> None:
    """Make what is asked for, and print the table, or how many words there are."""
    options = _parser().parse_args(argv)
    if options.command == "vectors":
        _tell(f"{extract(options.model, options.out)} words")
        return
    with ProcessPoolExecutor(options.processes, initializer=_alone) as pool:
        judged = by_writer(_examples(options.judged, pool, hinted=True))
        read = _trained(judged, _examples(options.also, pool, hinted=False), options, pool)
    found = {writer: some for _, judged in read for writer, some in judged.items()}
    _tell(table(found))
    options.out.mkdir(parents=True, exist_ok=True)
    choice = fitted([one for some in found.values() for one in some])
    options.out.joinpath(FILE).write_text(json.dumps(choice, indent=2) + "\n")
    learned = together([one for one, _ in read])
    weights.save(options.out / NETWORK, learned.tables, learned.names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="langdesign_tagger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train the network and fit the choice")
    train.add_argument("--judged", type=Path, nargs="+", required=True, help="sets of new writers")
    train.add_argument("--also", type=Path, nargs="*", default=[], help="sets that the parser was mended by")
    train.add_argument(
        "--out", type=Path, default=folder(), help="folder of the files; default: the package's"
    )
    train.add_argument("--folds", type=int, default=3, help="networks, each of which misses some writers")
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


def _examples(paths: Sequence[Path], pool: ProcessPoolExecutor, *, hinted: bool) -> list[Example]:
    made = pool.map(partial(example_of, hinted=hinted), read_rows(paths), chunksize=64)
    return [one for one in made if one]


_Read = tuple[Learned, dict[str, list[Judged]]]
"""A network, and what both readers make of the writers that it did not see."""


def _trained(
    judged: Mapping[str, Sequence[Example]],
    others: Sequence[Example],
    options: argparse.Namespace,
    pool: ProcessPoolExecutor,
) -> list[_Read]:
    samples = [[one.sample for one in some] for some in (*judged.values(), others)]
    made = pool.map(partial(part_of, seed=options.seed), samples)
    parts = dict(zip((*judged, _OTHERS), made, strict=True))
    vocabulary = vocabulary_of([one for part in parts.values() for one in part.given])
    left_out = partial(_left_out, judged, parts, vocabulary, options.seed, options.epochs)
    return list(pool.map(left_out, folds_of(list(judged), options.folds), range(options.folds)))


def _left_out(
    written: Mapping[str, Sequence[Example]],
    parts: Mapping[str, Part],
    vocabulary: Vocabulary,
    seed: int,
    epochs: int,
    fold: Sequence[str],
    number: int,
) -> _Read:
    seen = [part for writer, part in parts.items() if writer not in fold]
    learned = learn(seen, vocabulary, load_vectors(), seed + number, epochs)
    tagger = as_served(learned, load_vectors())
    return learned, {writer: judge(written[writer], tagger) for writer in fold}


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
