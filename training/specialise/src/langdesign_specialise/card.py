"""The card of a specialist: what it is for, what it learned from, how it was judged, where it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping

from langdesign_dataset.samples import SampleSet
from langdesign_evaluation.comparing import Comparison
from langdesign_evaluation.guidance import Trial

from .advising import read_guidance
from .judging import EVALUATION, bench_in_words
from .work import Work

_JUDGED = (
    "The copy of the input, the base that it was tuned from, and itself, on {bench}; "
    "it was trained on none of them."
)
_LIMITS = (
    "It edits pictures like those that it learned from. What its base cannot encode (fine textures at a "
    "small size, unknown words) it cannot edit either; the evaluation says how far it goes."
)
_TRIED = (
    "Tried on pairs that it was not trained on and that do not judge it. Advised is the highest CLIP_dir of "
    "those that keep as much as the base, within the margins of the promotion's gate."
)
_COUNTED = {"change": "operation", "source": "source", "subject": "subject", "licence": "licence"}
_SHOWN = 12  # rows of a table


def card(work: Work) -> str:
    """Return the card in Markdown."""
    context = work.context
    comparison = Comparison.read(work.folder("evaluation") / EVALUATION)
    sections = [
        f"# {work.recipe.model_name}: an editor for the context {context.name}",
        f"{context.description} Fine-tuned from `{work.models['edit']}` by InstructPix2Pix's method, and "
        "served with the ReLA that lies beside it.",
        _data(SampleSet(work.folder(work.pairs))),
        f"## Evaluation\n\n{_JUDGED.format(bench=bench_in_words(work))}\n\n{comparison.markdown()}",
        *_guidance(work),
        f"## Limits\n\n{_LIMITS}",
        f"## Recipe\n\n```json\n{json.dumps(_recipe(work), indent=2)}\n```",
    ]
    return "\n\n".join(sections) + "\n"


def _guidance(work: Work) -> list[str]:
    """Return the section of the guidance that was tried and is advised; none where nothing was tried."""
    found = read_guidance(work)
    if found is None:
        return []
    trials, chosen = found
    rows = [_tried("base", trials.base), *(_tried("tuned", one, one == chosen) for one in trials.tuned)]
    head = "| | s_T | s_I | CLIP_dir | PSNR outside, dB | false edits | |\n|---|---:|---:|---:|---:|---:|---|"
    return [f"## Guidance\n\n{_TRIED}\n\n" + "\n".join([head, *rows])]


def _tried(who: str, trial: Trial, advised: bool = False) -> str:
    scales = f"{trial.guidance_scale:g} | {trial.image_guidance_scale:g}"
    kept = f"{_figure(trial.outside_psnr, 1)} | {_figure(trial.false_edit_rate)}"
    return f"| {who} | {scales} | {_figure(trial.clip_dir)} | {kept} | {'advised' if advised else ''} |"


def _figure(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _data(samples: SampleSet) -> str:
    counts = samples.manifest["counts"]
    tables = [_counted(head, counts[name], len(samples)) for name, head in _COUNTED.items()]
    return "\n\n".join([f"## Data\n\n{len(samples)} pairs, data set `{samples.digest}`.", *tables])


def _counted(head: str, counts: Mapping[str, int], total: int) -> str:
    """Return how many of the pairs are of what, the most first, as a table in Markdown."""
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    others = ranked[_SHOWN:]
    rows = [(name or "not told", count) for name, count in ranked[:_SHOWN]]
    rows += [(f"{len(others)} others", sum(count for _, count in others))] if others else []
    lines = [f"| {name} | {count} | {count / total:.1%} |" for name, count in rows]
    return "\n".join([f"| {head} | pairs | share |", "|---|---:|---:|", *lines])


def _recipe(work: Work) -> dict[str, object]:
    return {
        "recipe": {name: value for name, value in vars(work.recipe).items() if name != "parts"},
        "changed": {name: dict(value) for name, value in work.recipe.parts.items()},
        "stages": {name: done.digest for name, done in work.done.items()},
        "models": work.models,
    }
