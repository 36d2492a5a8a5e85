"""Rendering sets: families in parallel, each whole or not at all.

Family `i` is a function of the recipe and `i` alone, so a set can be resumed
after it was killed, and extended.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .dataset import FORMAT, MANIFEST, Instance, is_whole, read_manifest
from .description import Finish, Scene
from .errors import DatasetError
from .plan import FamilyPlan
from .processes import in_parallel
from .rendering import Rendering, render

_FEW_FAILURES = 10
_FAILING_SHARE = 0.05  # of the families; more than that is no accident

_CEILING = Finish("white", "paint")
_WINDOW = Finish("white", "glass")


@dataclass(frozen=True)
class Recipe:
    """What a set is made from; families of one recipe are always the same."""

    seed: int = 0
    single_share: float = 0.25  # of families that show one object on a plain background
    general_share: float = 0.8  # of families that hold nothing which the general split leaves out
    samples: int = 4  # paths of each pixel
    size: int = 128  # pixels of a side

    @property
    def digest(self) -> str:
        """Return what names the recipe: 16 hexadecimal digits."""
        text = json.dumps({"format": FORMAT, **dataclasses.asdict(self)}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def draw(self, index: int) -> tuple[bool, bool]:
        """Return whether family `index` is of the general split, and whether it shows a single object."""
        general, single = np.random.default_rng([self.seed, index]).random(2)
        return bool(general < self.general_share), bool(single < self.single_share)

    def plan(self, index: int) -> FamilyPlan:
        """Return the plan of a family."""
        from .composing import plan_family  # noqa: PLC0415 - only a process that renders composes

        general, single = self.draw(index)
        return plan_family(self.seed, index, general=general, single=single)


Plan = Callable[[int], FamilyPlan]
Progress = Callable[[int, int], None]
"""Is told how many families are done, and of how many."""


def write_set(
    folder: str | Path,
    families: int,
    recipe: Recipe,
    *,
    first: int = 0,
    workers: int = 2,
    plan: Plan | None = None,
    progress: Progress = lambda done, total: None,
) -> int:
    """Render a set, or what it lacks: families of which a file is missing are rendered again.

    Args:
        folder: of the set; made if it is missing.
        families: how many it shall hold; more than before extends it.
        recipe: what it is made from.
        first: index of the first family to render; what a training has seen need not be rendered again.
        workers: processes, of one thread each.
        plan: makes the plan of a family, and can be sent to other processes; None: `recipe.plan`.
        progress: is told after each family.

    Returns:
        How many families were rendered now.

    Raises:
        DatasetError: the folder holds a set of another recipe or a damaged manifest, or families failed;
            those that are whole stay.

    """
    folder = Path(folder)
    start_set(folder, families, recipe)
    missing = [index for index in range(first, families) if not is_whole(_home(folder, index))]
    make = recipe.plan if plan is None else plan
    work = functools.partial(_work, folder=folder, plan=make, recipe=recipe)
    progress(families - len(missing), families)
    failures: dict[int, BaseException] = {}
    # Closed at once, whatever ends the loop: its processes must not outlive it.
    with closing(in_parallel(work, missing, workers)) as ended:
        for done, (index, failure) in enumerate(ended, start=1):
            if failure is not None:
                failures[index] = failure
                _stop_if_hopeless(failures, done)
            progress(families - len(missing) + done, families)
    if failures:
        raise DatasetError(_told(failures)) from failures[min(failures)]
    return len(missing)


def start_set(folder: Path, families: int, recipe: Recipe) -> None:
    """Write a set's manifest, or compare it with the one that is there.

    Raises:
        DatasetError: the folder holds a set of another recipe or format, or a damaged manifest.

    """
    path = folder / MANIFEST
    wanted = {"format": FORMAT, "digest": recipe.digest, "recipe": dataclasses.asdict(recipe)}
    if path.exists():
        there = read_manifest(folder, needs=(*wanted, "families"))
        if {name: there[name] for name in wanted} != wanted:
            raise DatasetError(
                f"{folder} holds a set of another recipe ({there['recipe']}, not {wanted['recipe']}); "
                "go on with that one, or render into another folder"
            )
        families = max(families, there["families"])
    (folder / "families").mkdir(parents=True, exist_ok=True)
    made_by = f"langdesign-scenes {version('langdesign-scenes')}"
    _write_whole(path, json.dumps({**wanted, "families": families, "version": made_by}, indent=1) + "\n")


def write_family(folder: Path, plan: FamilyPlan, recipe: Recipe) -> Path:
    """Render a family and write it, whole or not at all.

    Args:
        folder: of the set.
        plan: of the family.
        recipe: samples and size.

    Returns:
        The family's folder.

    """
    partial, home = folder / "partial" / f"{plan.index:06d}", _home(folder, plan.index)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    renderings = _render_states(plan, recipe)
    for state, rendering in enumerate(renderings):
        Image.fromarray(rendering.image).save(partial / f"{state}.png")
        Image.fromarray(rendering.index).save(partial / f"{state}.index.png", optimize=True)
    (partial / "family.json").write_text(json.dumps(_described(plan, renderings)), "utf-8")
    shutil.rmtree(home, ignore_errors=True)
    partial.replace(home)
    return home


def _render_states(plan: FamilyPlan, recipe: Recipe) -> list[Rendering]:
    base = render(plan.states[0], samples=recipe.samples, size=recipe.size)
    others = [
        render(scene, samples=recipe.samples, size=recipe.size, exposure=base.exposure)
        for scene in plan.states[1:]
    ]
    return [base, *others]


def _described(plan: FamilyPlan, renderings: Sequence[Rendering]) -> dict[str, Any]:
    from .language import caption, edits, expressions  # noqa: PLC0415 - only a process that renders writes

    instances = [instances_of(scene, one) for scene, one in zip(plan.states, renderings, strict=True)]
    captions = [caption(plan.room, shown) for shown in instances]
    states = [
        {"caption": text, "instances": [dataclasses.asdict(one) for one in shown], "scene": scene.to_json()}
        for text, shown, scene in zip(captions, instances, plan.states, strict=True)
    ]
    return {
        "index": plan.index,
        "room": plan.room,
        "general": plan.general,
        "states": states,
        "edits": [dataclasses.asdict(edit) for edit in edits(plan, instances, plan.states[0].seed)],
        "expressions": [dataclasses.asdict(one) for one in expressions(plan.states[0].seed, instances)],
    }


def instances_of(scene: Scene, rendering: Rendering) -> tuple[Instance, ...]:
    """Return what a picture shows, in the order of its index map; what nothing shows of has 0 pixels."""
    known = {thing.id: (thing.kind, thing.finish) for thing in scene.things}
    known |= {"wall": ("wall", scene.wall), "floor": ("floor", scene.floor), "ceiling": ("ceiling", _CEILING)}
    instances = []
    for place, id_ in enumerate(rendering.ids, start=1):
        kind, finish = known.get(id_, ("window", _WINDOW))
        shown = rendering.index == place
        depth = round(float(np.median(rendering.depth[shown])), 3) if shown.any() else 0.0
        instances.append(
            Instance(
                id=id_,
                kind=kind,
                colour=finish.colour,
                material=finish.material,
                pattern=finish.pattern,
                pixels=int(shown.sum()),
                box=_box(shown),
                depth=depth,
            )
        )
    return tuple(instances)


def _box(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return (0, 0, 0, 0)
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1


def _home(folder: Path, index: int) -> Path:
    return folder / "families" / f"{index:06d}"


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text, "utf-8")
    partial.replace(path)


def _work(index: int, folder: Path, plan: Plan, recipe: Recipe) -> None:
    write_family(folder, plan(index), recipe)


def _stop_if_hopeless(failures: dict[int, BaseException], done: int) -> None:
    if len(failures) > max(_FEW_FAILURES, _FAILING_SHARE * done):
        raise DatasetError(_told(failures)) from failures[min(failures)]


def _told(failures: dict[int, BaseException]) -> str:
    first, error = min(failures), failures[min(failures)]
    shown = ", ".join(str(index) for index in sorted(failures)[:20])
    return (
        f"{len(failures)} families failed ({shown}); family {first}: {type(error).__name__}: {error}. "
        "The others are whole; fix the cause and render again"
    )
