"""`langdesign bench scenes`: seconds that a picture costs on one core."""

from __future__ import annotations

import statistics
import time
from typing import Annotated

import typer

from .rendering import render
from .writing import Recipe

app = typer.Typer(add_completion=False)


def measure(recipe: Recipe, families: int) -> dict[str, float]:
    """Render whole families on this thread.

    Args:
        recipe: of the families.
        families: how many, 1 or more; a first one, which loads the renderer, is left out.

    Returns:
        Pictures, and seconds of processor time of each picture: mean and median.

    """
    seconds = []
    for index in range(families + 1):
        plan = recipe.plan(index)
        for scene in plan.states:
            start = time.process_time()
            render(scene, samples=recipe.samples, size=recipe.size)
            if index:
                seconds.append(time.process_time() - start)
    return {
        "pictures": len(seconds),
        "mean_seconds": round(statistics.fmean(seconds), 3),
        "median_seconds": round(statistics.median(seconds), 3),
    }


@app.command()
def cost(
    families: Annotated[int, typer.Option(min=1, help="Families to render.")] = 6,
    samples: Annotated[int, typer.Option(min=1, help="Paths of each pixel.")] = Recipe.samples,
    size: Annotated[int, typer.Option(min=16, help="Pixels of a side.")] = Recipe.size,
    seed: Annotated[int, typer.Option(min=0, help="Of the set.")] = 0,
) -> None:
    """Print what a picture costs: processor seconds on one core."""
    figures = measure(Recipe(seed=seed, samples=samples, size=size), families)
    typer.echo(" ".join(f"{name}={value}" for name, value in figures.items()))


def main(argv: list[str]) -> int:
    """Run the benchmark with its own arguments."""
    app(argv, standalone_mode=False)
    return 0
