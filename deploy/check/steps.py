"""What is checked of a deployment, one step after another, under load but for the first."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from langdesign_client import AsyncClient, EditOptions, EditResult
from load import Load
from place import Place

FAILING = 15.0  # seconds that edits may fail after a model's death
SHARE = 0.35  # of the calls, that a second model server gets
_WINDOW = 20  # latest calls that a share is taken of
_MARGIN = 10.0  # seconds for scheduling on a busy machine, and for looking at counters
_JITTER = 1.1  # gRPC spreads the ages of connections by a tenth
_PATIENCE = 600.0  # seconds that the next results may take


@dataclass(frozen=True)
class Step:
    """What was seen of a step.

    Attributes:
        name: The step.
        seen: What was seen, for people.
        met: Whether that is what was to be seen.
        seconds: How long it took.

    """

    name: str
    seen: str
    met: bool
    seconds: float


async def run(place: Place, picture: Path) -> AsyncIterator[Step]:
    """Check a deployment that serves; yield each step as it is done."""
    async with place.client() as client:
        yield await _edit(client, picture)
        load = Load(client, picture)
        async with load:
            await load.until_more(3, _PATIENCE)
            for step in (_roll, _scale_up, _scale_down, _kill):
                yield await step(place, load)
        yield await _audit(load)


async def verify(client: AsyncClient, picture: Path) -> AsyncIterator[Step]:
    """Check a deployment that others use: an edit through every service, and one that is asked for twice."""
    yield await _edit(client, picture)
    load = Load(client, picture)
    async with load:
        await load.until_more(1, _PATIENCE)
    yield await _audit(load)


async def _edit(client: AsyncClient, picture: Path) -> Step:
    """Return an edit whose regions the services find by themselves: through every one of them."""
    start, kinds = time.monotonic(), []
    result = None
    async for event in client.edit(picture, "make the bed red", options=EditOptions(preview_every=0)):
        kinds.append(type(event).__name__)
        result = event if isinstance(event, EditResult) else result
    said = f"{' > '.join(kinds)}; {result.no_op_reason or 'edited'}" if result else "no result"
    return Step("edit", said, result is not None, time.monotonic() - start)


async def _roll(place: Place, load: Load) -> Step:
    """Roll out; of a service with one replica it is a restart, which clients outlast by asking again."""
    start, before = time.monotonic(), len(load.failures)
    what = await place.roll()
    end = time.monotonic()
    await load.until_more(3, _PATIENCE)
    meanwhile, after = len(load.failures) - before, load.failed(end)
    said = f"{what}; {meanwhile} attempts failed, {after} of them begun after it"
    return Step("roll", said, not after, end - start)


async def _scale_up(place: Place, load: Load) -> Step:
    begun = time.monotonic()
    await place.scale(2)
    start = time.monotonic()
    limit = place.connection_age * _JITTER + _MARGIN
    failed = len(load.failures)
    share = 0.0
    history: list[Sequence[int]] = [await place.calls()]
    while share < SHARE and time.monotonic() < start + limit:
        await asyncio.sleep(0.25)
        history.append(await place.calls())
        share = _share(history)
    seconds = time.monotonic() - start
    failed = len(load.failures) - failed
    said = f"the second had {share:.0%} of the calls {seconds:.0f} s after it served (at most {limit:.0f} s)"
    return Step(
        "scale 1 -> 2", f"{said}; {failed} attempts failed", share >= SHARE and not failed, start - begun
    )


def _share(history: Sequence[Sequence[int]]) -> float:
    """Return the last server's share of the latest calls, 0 where they are too few."""
    latest = history[-1]
    for earlier in reversed(history):
        made = [now - then for now, then in zip(latest, earlier, strict=True)]
        if sum(made) >= _WINDOW:
            return made[-1] / sum(made)
    return 0.0


async def _scale_down(place: Place, load: Load) -> Step:
    start, failed = time.monotonic(), len(load.failures)
    await place.scale(1)
    seconds = time.monotonic() - start
    await load.until_more(3, _PATIENCE)
    failed = len(load.failures) - failed
    return Step("scale 2 -> 1", f"{failed} attempts failed", not failed, seconds)


async def _kill(place: Place, load: Load) -> Step:
    start = time.monotonic()
    await place.kill_model()
    await place.until_model_served_again()
    seconds = time.monotonic() - start
    await load.until_more(3, _PATIENCE)
    failing = load.failing(start)
    said = f"served again after {seconds:.1f} s; edits failed for {failing:.1f} s (at most {FAILING:.0f} s)"
    return Step("kill the model", said, failing <= FAILING, seconds)


async def _audit(load: Load) -> Step:
    start = time.monotonic()
    lost, twice = await load.audit()
    said = f"{len(load.results)} edits: {lost} lost, {twice} done twice; {len(load.failures)} attempts failed"
    return Step("audit", said, not lost and not twice, time.monotonic() - start)
