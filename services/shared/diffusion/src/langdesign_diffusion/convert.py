"""Convert an original CompVis checkpoint to a diffusers folder.

`langdesign models convert compvis CKPT OUT --tokenizer FOLDER`
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from langdesign_diffusion.errors import DiffusionError, IncompatibleCheckpoint
from langdesign_diffusion.hyperparameters import Hyperparameters, Prediction

if TYPE_CHECKING:
    from langdesign_diffusion.checkpoint import Checkpoint


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert an original CompVis checkpoint to a diffusers folder; code-carrying pickles are refused.

    Returns the exit status.
    """
    given = _parser().parse_args(arguments)
    try:
        if given.out.exists() and (not given.out.is_dir() or any(given.out.iterdir())):
            raise IncompatibleCheckpoint(f"{given.out} is there already; name a new folder")
        prediction = _convert(given)
    except (DiffusionError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    what = "the noise" if prediction == "epsilon" else "v"
    sys.stdout.write(f"Wrote {given.out}; its UNet predicts {what}, which --prediction would change\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    usual = Hyperparameters()
    parser = argparse.ArgumentParser(
        prog="langdesign models convert compvis",
        description="Convert an original CompVis checkpoint (Stable Diffusion 1.x, InstructPix2Pix) to a "
        "diffusers folder; code-carrying pickles are refused.",
    )
    parser.add_argument("checkpoint", type=Path, help="the .ckpt or .safetensors file")
    parser.add_argument("out", type=Path, help="the folder to write; it must be new or empty")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder of the CLIP tokenizer")
    parser.add_argument(
        "--prediction",
        choices=get_args(Prediction),
        help="what the UNet predicts; without it what the file says, else the noise",
    )
    parser.add_argument("--heads", type=int, default=usual.heads, help="of the UNet (%(default)s)")
    parser.add_argument(
        "--text-heads", type=int, default=usual.text_heads, help="of the text encoder (%(default)s)"
    )
    parser.add_argument("--groups", type=int, default=usual.groups, help="of every group norm (%(default)s)")
    parser.add_argument("--no-average", action="store_true", help="take the UNet, not its moving average")
    return parser


def _convert(given: argparse.Namespace) -> Prediction:
    """Write the folder, and return what its UNet predicts."""
    from langdesign_diffusion.compvis import prediction_of  # noqa: PLC0415 - torch and diffusers take
    from langdesign_diffusion.compvis_checkpoint import (  # noqa: PLC0415 - seconds, and --help needs neither
        convert,
        read_weights,
        said_prediction,
    )

    chosen = Hyperparameters(given.heads, given.text_heads, given.groups)
    weights = read_weights(given.checkpoint)
    prediction = given.prediction or prediction_of(weights, said_prediction(given.checkpoint))
    made = convert(weights, given.tokenizer, chosen, average=not given.no_average, prediction=prediction)
    _save(made, given.out)
    return prediction


def _save(checkpoint: Checkpoint, out: Path) -> None:
    """Write a folder beside its place first, so that none is ever half there."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.", suffix=".part") as part:
        checkpoint.save(Path(part) / out.name)
        (Path(part) / out.name).replace(out)


if __name__ == "__main__":
    sys.exit(main())
