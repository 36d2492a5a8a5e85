"""Write triples of a context to read them: `python -m langdesign_triples contexts/interior --count 60`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import GrammarWriter, TriplesError, check, diversity, load_context, write_triples
from .triple import as_json


def main() -> int:
    """Write, check and report; return 0, or 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="langdesign_triples", description=__doc__)
    parser.add_argument("context", type=Path, help="folder of the context")
    parser.add_argument("--count", type=int, default=60, help="how many triples")
    parser.add_argument("--seed", type=int, default=0, help="the same seed writes the same triples")
    parser.add_argument("--subject", action="append", default=[], help="only this one; may be given again")
    parser.add_argument("--out", type=Path, help="file for them; left out, they are printed")
    asked = parser.parse_args()
    try:
        context = load_context(asked.context)
        triples = list(GrammarWriter(context, asked.seed).triples(asked.count, asked.subject))
        if asked.out:
            write_triples(asked.out, triples)
    except TriplesError as error:
        print(error, file=sys.stderr)  # noqa: T201 - one line for a person
        return 1
    complaints = [f"{one.edit}: {said.message}" for one in triples for said in check(one, context)]
    if not asked.out:
        print("\n".join(map(as_json, triples)))  # noqa: T201 - what was asked for
    print(diversity(triples).markdown(), *complaints, sep="\n", file=sys.stderr)  # noqa: T201 - a report
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
