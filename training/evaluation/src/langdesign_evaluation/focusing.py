"""An editor that is shown of a larger picture what its network sees well, as the services show it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal

from langdesign_edits import Preserve
from langdesign_edits.focus import Focus, choose, crop, crop_mask
from langdesign_edits.put_back import put_back

from .advice import Working
from .cases import Case, chunks
from .editors import PRESERVE, EngineEditor, Level, Outcome, RegionSource
from .finders import Found
from .metrics import Mask, Pixels

View = Literal["native", "crop", "whole"]
"""What an editor sees of a picture: all of it as it is, a crop around the region at the network's size,
enlarged as far as the checkpoint advises, or all of it at that size."""


@dataclass(frozen=True)
class FocusedEditor:
    """Edits crops, or whole pictures scaled down, and puts the edits back at the pictures' size."""

    name: str
    engine: EngineEditor  # at its own level and with its own finder, which looks at the whole picture
    view: View  # "crop" or "whole"
    working: Working

    @property
    def checkpoint(self) -> str:
        """What edits."""
        return self.engine.checkpoint

    @property
    def region(self) -> RegionSource:
        """Where its regions come from."""
        return self.engine.region

    def edit(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Yield the edits; raises what the engine raises for input that it cannot take."""
        for chunk in chunks(cases, self.engine.batch):
            yield from self._chunk(chunk)

    def _chunk(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        finder = self.engine.finder
        began = perf_counter()
        found = [Found()] * len(cases) if finder is None else finder(cases)
        views = [self._view(case, one) for case, one in zip(cases, found, strict=True)]
        looking = (perf_counter() - began) / len(cases)
        outcomes = self._engine(found, views).edit(views)
        for view, one, outcome in zip(views, found, outcomes, strict=True):
            yield self._put_back(view, one, outcome, looking)

    def _view(self, case: Case, found: Found) -> _View:
        picture = case.before()
        # A mask of a no-op is empty: nothing of it is shown to the network.
        mask = found.mask if self.view == "crop" else None
        height, width = picture.shape[:2]
        size, multiple, enlargement = self.working
        focus = choose(height, width, mask, size, multiple, enlargement=enlargement)
        return _View(case, picture, found.mask, focus, crop(picture, focus))

    def _engine(self, found: Sequence[Found], views: Sequence[_View]) -> EngineEditor:
        """Return the engine with the regions as it sees them; strict is kept where edits are put back."""
        level: Level = "latent" if self.engine.level == "strict" else self.engine.level
        finder = _Seen(found, views, self.engine.region) if self.engine.finder else None
        return dataclasses.replace(self.engine, level=level, finder=finder)

    def _put_back(self, view: _View, found: Found, outcome: Outcome, looking: float) -> Outcome:
        if outcome.no_op:
            return dataclasses.replace(outcome, picture=view.picture, mask=found.mask)
        began = perf_counter()
        preserve = PRESERVE[self.engine.level] if found.mask is not None else Preserve.NONE
        picture = view.put_back(outcome.picture, preserve, self.engine.sampling.feather)
        bare = outcome.uncomposited
        return dataclasses.replace(
            outcome,
            picture=picture,
            mask=found.mask,
            seconds=looking + (outcome.seconds or 0.0) + perf_counter() - began,
            uncomposited=None if bare is None else view.put_back(bare, Preserve.NONE, 0),
        )


@dataclass(frozen=True, eq=False)
class _View:
    """A case as the network sees it; all else is the case's own."""

    case: Case
    picture: Pixels  # all of it
    mask: Mask | None  # of the picture
    focus: Focus
    seen: Pixels

    def __getattr__(self, name: str) -> Any:
        """Return what the case has."""
        return getattr(self.case, name)

    def before(self) -> Pixels:
        """Return the picture as the network sees it."""
        return self.seen.copy()

    def put_back(self, edited: Pixels, preserve: Preserve, feather: int) -> Pixels:
        """Return the picture with an edit of what was seen; the feather is in px of the picture."""
        return put_back(
            self.picture,
            edited,
            self.focus,
            self.mask,
            preserve=preserve,
            feather=int(feather / self.focus.scale),
            seen=self.seen,
        )


@dataclass(frozen=True, eq=False)
class _Seen:
    """Finds again what was found in the whole pictures, as the network sees it."""

    found: Sequence[Found]
    views: Sequence[_View]
    source: Any

    def __call__(self, cases: Sequence[Case]) -> list[Found]:
        return [
            dataclasses.replace(one, mask=None if one.mask is None else crop_mask(one.mask, view.focus))
            for one, view in zip(self.found, self.views, strict=True)
        ]
