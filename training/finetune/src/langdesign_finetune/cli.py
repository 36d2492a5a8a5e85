"""Train the models of a family, write their cards, and lay them out for use."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from langdesign_dataset.samples import DatasetError
from langdesign_rela.errors import RelaError
from langdesign_scenes.dataset import SceneSet
from langdesign_scenes.errors import ScenesError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from . import denoising_recipes
from .adoption import adopt as adopt_family
from .cards import model_card
from .errors import FinetuneError
from .export import MODELS
from .export import export as export_family
from .family import train_model
from .recipes import preset
from .trainings import TRAININGS
from .tune_recipes import TUNE, Method, tune_preset

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

_DEVICE = "Such as cpu or cuda; without it a GPU where there is one, else the recipe's."
_Family = Annotated[Path, typer.Option("--out", help="Folder of the family; the training is OUT/MODEL.")]


@app.command()
def train(
    model: Annotated[str, typer.Argument(help=f"One of {', '.join(TRAININGS)}.")],
    data: Annotated[Path, typer.Option(help="A rendered set.")],
    out: _Family,
    recipe: Annotated[str, typer.Option(help="Name of the recipe.")] = "mini",
    minutes: Annotated[float | None, typer.Option(help="Stop cleanly after so many.")] = None,
    steps: Annotated[int | None, typer.Option(help="Of the whole training.")] = None,
    threads: Annotated[int | None, typer.Option(help="Of the CPU.")] = None,
    device: Annotated[str | None, typer.Option(help=_DEVICE)] = None,
    checkpoint_minutes: Annotated[float | None, typer.Option(help="Between checkpoints.")] = None,
) -> None:
    """Train a model, or go on with it; run it again to continue."""
    if model not in TRAININGS:
        raise typer.BadParameter(f"there is no model {model!r}; choose one of {', '.join(TRAININGS)}")
    training = TRAININGS[model]
    named = preset(training.recipes, recipe)
    chosen = named.running(
        minutes=minutes,
        steps=steps,
        threads=threads,
        device=_device(device, named.loop.device),
        checkpoint_minutes=checkpoint_minutes,
    )
    report = train_model(model, training.build, chosen, SceneSet(data), out)
    told = "  ".join(f"{name} {value:.4g}" for name, value in report.metrics.items())
    Console().print(f"{model}: step {report.step} of {report.steps} ({report.stopped})  {told}")


@app.command()
def train_pairs(
    data: Annotated[Path, typer.Option(help="A dataset of image pairs in InstructPix2Pix's layout.")],
    base: Annotated[Path, typer.Option(help="A local Stable Diffusion folder (diffusers).")],
    out: Annotated[Path, typer.Option(help="Folder of the training.")],
    recipe: Annotated[str, typer.Option(help="Name of the recipe of the editor.")] = "full",
    minutes: Annotated[float | None, typer.Option(help="Stop cleanly after so many.")] = None,
    steps: Annotated[int | None, typer.Option(help="Of the whole training.")] = None,
    threads: Annotated[int | None, typer.Option(help="Of the CPU.")] = None,
    device: Annotated[str | None, typer.Option(help=_DEVICE)] = None,
) -> None:
    """Train an editor on any dataset of pairs, or go on with it."""
    from .edit_dataset import train_on_pairs  # noqa: PLC0415 - diffusers takes seconds to import

    named = preset(denoising_recipes.EDIT, recipe)
    chosen = named.running(
        minutes=minutes, steps=steps, threads=threads, device=_device(device, named.loop.device)
    )
    report = train_on_pairs(chosen, data, base, out)
    Console().print(f"step {report.step} of {report.steps} ({report.stopped})")


@app.command()
def tune(
    samples: Annotated[Path, typer.Option(help="A data set of samples.")],
    base: Annotated[Path, typer.Option(help="A diffusers folder: InstructPix2Pix or Stable Diffusion.")],
    out: Annotated[Path, typer.Option(help="Folder of the training; the editor is OUT/model.")],
    recipe: Annotated[str, typer.Option(help=f"One of {', '.join(TUNE)}.")] = "mini",
    method: Annotated[Method | None, typer.Option(help="All weights, or low-rank updates.")] = None,
    replay: Annotated[Path | None, typer.Option(help="Another data set, mixed in.")] = None,
    replay_share: Annotated[float, typer.Option(help="Share of a batch from it.")] = 0.2,
    minutes: Annotated[float | None, typer.Option(help="Stop cleanly after so many.")] = None,
    steps: Annotated[int | None, typer.Option(help="Of the whole training.")] = None,
    device: Annotated[str | None, typer.Option(help=_DEVICE)] = None,
    checkpoint_minutes: Annotated[float | None, typer.Option(help="Between checkpoints.")] = None,
    tracking: Annotated[str, typer.Option(envvar="MLFLOW_TRACKING_URI", help="MLflow's address.")] = "",
    workers: Annotated[int, typer.Option(help="Of Ray, which share each batch; 0 trains here.")] = 0,
) -> None:
    """Tune an editor on a data set of samples, or go on with it; run it again to continue.

    `accelerate launch -m langdesign_finetune tune ...` trains on several devices of this machine, and
    `--workers` on many machines.
    """
    from . import ray_tuning, tuning  # noqa: PLC0415 - diffusers takes seconds to import

    named = tune_preset(recipe)
    chosen = dataclasses.replace(
        named.running(device=_device(device, named.loop.device), checkpoint_minutes=checkpoint_minutes),
        method=method or named.method,
        replay=replay_share if replay else 0.0,
    )
    run = partial(ray_tuning.tune_on_workers, workers=workers) if workers else tuning.tune
    report = run(chosen, samples, base, out, replay=replay, minutes=minutes, steps=steps, tracking=tracking)
    told = "  ".join(f"{name} {value:.4g}" for name, value in report.metrics.items())
    Console().print(f"{out / 'model'}: step {report.step} of {report.steps} ({report.stopped})  {told}")


def _device(asked: str | None, usual: str) -> str:
    """Return the device to train on: the one asked for, else a GPU where there is one, else the recipe's."""
    import torch  # noqa: PLC0415 - it takes seconds to import

    wanted = asked or ("cuda" if torch.cuda.is_available() else usual)
    try:
        kind = torch.device(wanted).type
    except RuntimeError as error:
        raise typer.BadParameter(f"{wanted!r} is no device; give cpu, cuda or cuda:N") from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise typer.BadParameter("there is no CUDA device here; train on the CPU with --device cpu")
    return wanted


@app.command()
def thresholds(
    model: Annotated[Path, typer.Argument(help="A segmentation checkpoint, such as out/mini/segment/model.")],
    data: Annotated[Path, typer.Option(help="The rendered set that it was trained on, or a part of it.")],
    held_out: Annotated[list[Path] | None, typer.Option(help="Another set; give it again for more.")] = None,
    words: Annotated[bool, typer.Option(help="Write the words of its training families too.")] = False,
    device: Annotated[str | None, typer.Option(help=_DEVICE)] = None,
) -> None:
    """Choose from where a segmentation network is sure, on families that it was not trained on."""
    from .verdicts import refit  # noqa: PLC0415 - torch takes seconds to import

    sets = SceneSet(data), [SceneSet(one) for one in held_out or ()]
    for name, value in refit(model, *sets, words=words, device=_device(device, "cpu")).items():
        typer.echo(f"{name}: {value:.4g}")


@app.command()
def card(
    model: Annotated[str, typer.Argument(help="One that has been trained.")],
    out: _Family,
) -> None:
    """Print the card of a model."""
    typer.echo(model_card(model, out / model), nl=False)


@app.command()
def export(
    out: _Family,
    to: Annotated[Path, typer.Option(help="Folder of the models, such as deploy/models/mini.")],
    model: Annotated[list[str] | None, typer.Option(help="Only these; give it again for more.")] = None,
) -> None:
    """Lay the models of a family out for use: half precision, a card in each folder."""
    sizes = export_family(out, to, model or MODELS)
    table = Table("model", "MB")
    for name, size in sizes.items():
        table.add_row(name, f"{size / 1e6:.2f}")
    table.add_row("all", f"{sum(sizes.values()) / 1e6:.2f}")
    Console().print(table)


@app.command()
def adopt(
    models: Annotated[Path, typer.Argument(help="An exported family, such as deploy/models/mini.")],
    out: _Family,
) -> None:
    """Lay an exported family out as trainings, so that others can start from its weights."""
    for name, identity in adopt_family(models, out).items():
        typer.echo(f"{name}: {identity}")


@app.command()
def models() -> None:
    """List the models, their recipes and the recipes' digests."""
    table = Table("model", "recipe", "digest", "steps", "batch")
    for name, training in TRAININGS.items():
        for preset_name, recipe in training.recipes.items():
            table.add_row(name, preset_name, recipe.digest, str(recipe.loop.steps), str(recipe.batch))
    Console().print(table)


def main() -> None:
    """Run the command line; what goes wrong on purpose is told in a line."""
    try:
        app()
    except (FinetuneError, DatasetError, ScenesError, RelaError) as error:
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise SystemExit(1) from error
