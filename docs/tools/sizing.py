"""Sizing and cost, computed from `docs/sizing.toml`; what was measured is told apart from what follows.

`python docs/tools/sizing.py --edits-per-day 20000 --share-of-peak 0.25` computes for your own numbers.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "sizing.toml"
_HOURS_OF_A_DAY = 24
_PEAK_HOUR = 0.1  # share of a day's edits that its busiest hour brings
_BYTES_OF_A_WEIGHT = 2  # bfloat16


def load(**assumed: float) -> dict[str, Any]:
    """Return the figures, some of the assumptions changed.

    Raises:
        KeyError: there is no such assumption.

    """
    data = tomllib.loads(DATA.read_text("utf-8"))
    for name, value in assumed.items():
        if name not in data["assumed"]:
            raise KeyError(f"{name!r} is no assumption of {DATA.name}")
        data["assumed"][name] = value
    return data


def edit_tflop(data: Mapping[str, Any]) -> float:
    """Return what one edit of 512 x 512 pixels computes, TFLOP."""
    counted, recipe = data["counted"], data["recipe"]
    steps = recipe["steps"] * recipe["rows"] * counted["unet_row_512"]
    # The input is encoded, the result decoded, and the input once more for the detail that comes back.
    return float(steps + counted["encode_512"] + 2 * counted["decode_512"])


def edit_seconds(data: Mapping[str, Any], peak: float) -> float:
    """Return how long an edit takes on a GPU of a peak in TFLOP/s, seconds."""
    return float(edit_tflop(data) / (peak * data["assumed"]["share_of_peak"]))


def gpus_needed(data: Mapping[str, Any], peak: float, edits_a_day: float) -> int:
    """Return how many GPUs the busiest hour of a day takes, at least 1."""
    arriving = edits_a_day * _PEAK_HOUR / 3600
    served = data["assumed"]["headroom"] / edit_seconds(data, peak)
    return max(1, -int(-arriving // served))


def pairs_pflop(data: Mapping[str, Any]) -> float:
    """Return what the candidate pairs of recipe `full` compute, PFLOP."""
    recipe, counted = data["recipe"], data["counted"]
    rows = recipe["triples"] * recipe["candidates"] * recipe["pair_steps"] * recipe["pair_rows"]
    pictures = 2 * recipe["triples"] * recipe["candidates"]
    return float((rows * counted["unet_row_512"] + pictures * counted["decode_512"]) / 1000)


def tuning_pflop(data: Mapping[str, Any]) -> float:
    """Return what the tuning of recipe `full` computes, PFLOP."""
    recipe = data["recipe"]
    rows = recipe["tune_steps"] * recipe["tune_batch"]
    return float(rows * data["counted"]["unet_row_256"] * data["assumed"]["training_overhead"] / 1000)


def memory_gib(data: Mapping[str, Any]) -> float:
    """Return what a model server takes of a GPU, GiB."""
    weights = data["counted"]["parameters"] * _BYTES_OF_A_WEIGHT / 2**30
    return float(weights + data["assumed"]["gpu_memory_gib"])


def table(name: str) -> str:
    """Return a table of the documentation by its name, as Markdown.

    Raises:
        KeyError: there is no such table.

    """
    return "\n".join(_TABLES[name](load()))


def _measured(data: Mapping[str, Any]) -> Iterable[str]:
    yield "| what | seen | on | when | command |"
    yield "|---|---:|---|---|---|"
    for one in data["measured"].values():
        seen = f"**{one['value']} {one['unit']}**{{ .kind-measured }}"
        yield f"| {one['what']} | {seen} | {one['machine']} | {one['date']} | `{one['command']}` |"


def _edits(data: Mapping[str, Any]) -> Iterable[str]:
    recipe, assumed = data["recipe"], data["assumed"]
    yield "| where | an edit of 20 steps, 512 px | edits an hour, saturated | dollars for 1,000 edits | |"
    yield "|---|---:|---:|---:|---|"
    seconds = recipe["steps"] / data["measured"]["sd15_steps_per_second"]["value"]
    told = f"{_kind('computed')} from measured steps/s"
    yield f"| two cores, steps alone | {seconds:.0f} s | {3600 / seconds:.0f} | - | {told} |"
    for name, gpu in data["gpus"].items():
        seconds = edit_seconds(data, gpu["peak"])
        rate = 3600 / seconds
        cost = 1000 * gpu["dollars_per_hour"] / (rate * assumed["headroom"])
        yield f"| {name} | {seconds:.2f} s | {rate:,.0f} | {cost:.2f} | {_kind('extrapolated')} |"
    yield ""
    yield (
        f"An edit computes {edit_tflop(data):.1f} TFLOP (counted). For GPUs it is divided by "
        f"{assumed['share_of_peak']:.0%} of the vendor's dense bfloat16 peak; dollars are at "
        f"{assumed['headroom']:.0%} of the saturated rate, and at the example prices of `docs/sizing.toml`."
    )


def _gpus(data: Mapping[str, Any]) -> Iterable[str]:
    yield "| edits a day | " + " | ".join(data["gpus"]) + " | |"
    yield "|---:|" + "---:|" * len(data["gpus"]) + "---|"
    for edits in (1_000, 10_000, 100_000):
        cells = []
        for gpu in data["gpus"].values():
            count = gpus_needed(data, gpu["peak"], edits)
            cells.append(f"{count} ({count * gpu['dollars_per_hour'] * _HOURS_OF_A_DAY:,.0f} dollars a day)")
        yield f"| {edits:,} | " + " | ".join(cells) + f" | {_kind('extrapolated')} |"
    yield ""
    assumed = data["assumed"]
    yield (
        f"GPUs for a day whose busiest hour brings {_PEAK_HOUR:.0%} of its edits, each loaded to "
        f"{assumed['headroom']:.0%}. A model server needs about {memory_gib(data):.0f} GiB of GPU memory: "
        f"the weights of {data['counted']['parameters'] / 1e6:,.0f} million parameters in bfloat16, and "
        f"{assumed['gpu_memory_gib']:g} GiB assumed for the rest."
    )


def _training(data: Mapping[str, Any]) -> Iterable[str]:
    recipe = data["recipe"]
    yield "| what | computes | time | |"
    yield "|---|---:|---:|---|"
    minutes = data["measured"]["mini_specialise_minutes"]["value"]
    yield f"| `mini`, two cores, everything | - | {minutes} min | {_kind('measured')} |"
    pairs = f"pairs of {recipe['triples']:,} triples, {recipe['candidates']} candidates each"
    tuning = f"tuning, {recipe['tune_steps']:,} steps of {recipe['tune_batch']}"
    name, gpu = max(data["gpus"].items(), key=lambda item: item[1]["peak"])
    for what, work in ((pairs, pairs_pflop(data)), (tuning, tuning_pflop(data))):
        hours = work * 1000 / (gpu["peak"] * data["assumed"]["share_of_peak"]) / 3600
        told = f"{hours:,.1f} h of one {name}, {hours * gpu['dollars_per_hour']:,.0f} dollars"
        yield f"| `full`: {what} | {work:,.0f} PFLOP | {told} | {_kind('extrapolated')} |"


def _kind(name: str) -> str:
    return f"**{name}**{{ .kind-{name} }}"


_TABLES: dict[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "measured": _measured,
    "edits": _edits,
    "gpus": _gpus,
    "training cost": _training,
}


def main() -> None:
    """Print the tables for a reader's own numbers."""
    data = load()
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in data["assumed"].items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=value)
    parser.add_argument("--edits-per-day", type=float, default=10_000)
    given = vars(parser.parse_args())
    edits = given.pop("edits_per_day")
    data = load(**given)
    for name, gpu in data["gpus"].items():
        seconds, count = edit_seconds(data, gpu["peak"]), gpus_needed(data, gpu["peak"], edits)
        cost = count * gpu["dollars_per_hour"] * _HOURS_OF_A_DAY
        print(f"{name}: {seconds:.2f} s an edit, {count} for {edits:,.0f} a day, {cost:,.0f} dollars a day")  # noqa: T201 - its output


if __name__ == "__main__":
    main()
