"""Editors under test: each turns cases into outcomes, in order."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Literal, Protocol

import numpy as np
from langdesign_diffusion.detail import with_detail
from langdesign_diffusion.parameters import BLENDED, DETAIL
from langdesign_edits import Preserve, Verdict
from langdesign_engine import Output
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest, Pix2PixState

from .cases import Case, chunks
from .errors import BenchSetError
from .finders import Finder, Found
from .metrics import Mask, Pixels

Level = Literal["plain", "attention", "latent", "strict"]
RegionSource = Literal["none", "truth", "found"]

PRESERVE: dict[Level, Preserve] = {
    "plain": Preserve.NONE,
    "attention": Preserve.ATTENTION,
    "latent": Preserve.LATENT,
    "strict": Preserve.STRICT,
}
"""The engine's contract of each level; "plain" is InstructPix2Pix as published, which knows no region."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What an editor made of one case."""

    picture: Pixels  # RGB uint8 [H, W, 3], of the size of the picture before
    mask: Mask | None = None  # where it acted, feather not counted, bool [H, W]; None: everywhere, or untold
    no_op: bool = False  # whether it says that nothing is to change
    no_target: float | None = None  # probability that the picture shows nothing that is meant, 0..1
    verdict: Verdict | None = None  # on what the instruction names; None: nobody gave one
    expression: str | None = None  # what it read in the instruction; None: it read nothing
    seconds: float | None = None  # of this edit; in a batch, its share
    uncomposited: Pixels | None = None  # before blending and compositing, [H, W, 3]; None: there was none


class EditorUnderTest(Protocol):
    """Anything that edits pictures by instruction."""

    @property
    def name(self) -> str:
        """What tables call it."""

    @property
    def checkpoint(self) -> str:
        """What edited, as `name@sha256:...`; empty where that is unknown or nothing did."""

    @property
    def region(self) -> RegionSource:
        """Whether it uses no region, is given the exact one, or finds its own."""

    def edit(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Yield one outcome a case, in order."""


@dataclass(frozen=True)
class Identity:
    """Copies its input: what every figure must be held against."""

    name: str = "identity"
    checkpoint: str = ""
    region: RegionSource = "none"

    def edit(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Yield the pictures before."""
        return (Outcome(case.before(), seconds=0.0) for case in cases)


def true_picture(case: Case) -> Pixels:
    """Return what a perfect edit gives, RGB uint8 [H, W, 3].

    Raises:
        BenchSetError: the set does not say.

    """
    truth = case.truth()
    if truth is None:
        raise BenchSetError(f"Case {case.id} has no true picture; judge this set without the truth")
    return truth


@dataclass(frozen=True)
class Truth:
    """Returns the rendered truth: what a perfect editor would score."""

    name: str = "truth"
    checkpoint: str = ""
    region: RegionSource = "truth"

    def edit(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Yield the true pictures after."""
        return (Outcome(true_picture(case), seconds=0.0) for case in cases)


@dataclass(frozen=True)
class RoundTrip:
    """Encodes and decodes: what the autoencoder alone costs every edit of its latents.

    Of its input that is what even an edit of nothing changes; of the truth, with the detail that the engine
    gives back, the nearest that edits can come.
    """

    editor: Editor
    name: str = "round trip"
    region: RegionSource = "none"
    truth: bool = False  # the picture after in the place of the one before
    detail: float = 0.0  # of the truth: 8-bit levels of change up to which the detail before comes back

    @property
    def checkpoint(self) -> str:
        """What encoded."""
        return self.editor.checkpoint.identity

    def edit(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Yield the pictures before, or the true ones after, through the autoencoder."""
        for case in cases:
            began = perf_counter()
            picture = self._after(case) if self.truth else self._decoded(case.before())
            yield Outcome(picture, seconds=perf_counter() - began)

    def _after(self, case: Case) -> Pixels:
        decoded = self._decoded(true_picture(case))
        if not self.detail:
            return decoded
        before = case.before()
        return with_detail(decoded, self._decoded(before), before, self.detail)

    def _decoded(self, picture: Pixels) -> Pixels:
        height, width = picture.shape[:2]
        encoder = self.editor.encoder
        return encoder.round_trip(encoder.encode_image(picture))[:height, :width]


def shows_truth(editor: EditorUnderTest) -> bool:
    """Tell whether an editor's pictures are made of true ones."""
    return isinstance(editor, Truth) or (isinstance(editor, RoundTrip) and editor.truth)


@dataclass(frozen=True)
class Sampling:
    """How edits are sampled; the same for every editor of a run."""

    steps: int = 20
    text_guidance: float = 7.5  # s_T
    image_guidance: float = 1.5  # s_I
    feather: int = 4  # px; a region's edge in a picture of 128 px
    detail: float = DETAIL  # 8-bit levels of change up to which detail comes back; services keep their own
    seed: int = 0  # each case adds its id


@dataclass(frozen=True)
class EngineEditor:
    """The engine in this process, several edits at a time."""

    name: str
    editor: Editor
    level: Level
    finder: Finder | None  # None: the whole picture
    sampling: Sampling = Sampling()
    batch: int = 8  # edits in one call of the denoiser

    @property
    def checkpoint(self) -> str:
        """What edits."""
        return self.editor.checkpoint.identity

    @property
    def region(self) -> RegionSource:
        """Where its regions come from."""
        return "none" if self.finder is None else self.finder.source

    def at(self, image_guidance: float) -> EngineEditor:
        """Return the editor at another image guidance scale s_I."""
        return dataclasses.replace(
            self, sampling=dataclasses.replace(self.sampling, image_guidance=image_guidance)
        )

    def edit(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Yield the edits; raises what the engine raises for input that it cannot take."""
        for chunk in chunks(cases, self.batch):
            yield from self._chunk(chunk)

    def _chunk(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        began = perf_counter()
        pictures = [case.before() for case in cases]
        found = [Found()] * len(cases) if self.finder is None else self.finder(cases)
        states = {
            place: self._prepared(cases[place], pictures[place], one)
            for place, one in enumerate(found)
            if not one.no_op
        }
        results, uncomposited = self._run(states)
        seconds = (perf_counter() - began) / len(cases)
        for place, one in enumerate(found):
            yield Outcome(
                results[place].image if place in results else pictures[place],
                one.mask,
                one.no_op,
                one.no_target,
                one.verdict,
                seconds=seconds,
                uncomposited=uncomposited.get(place),
            )

    def _prepared(self, case: Case, picture: Pixels, found: Found) -> Pix2PixState:
        sampling = self.sampling
        # Without a region there is nothing to keep the edit out of.
        level: Level = "plain" if found.mask is None else self.level
        parameters = EditParameters(
            case.edit.instruction,
            steps=sampling.steps,
            guidance_scale=sampling.text_guidance,
            image_guidance_scale=sampling.image_guidance,
            seed=sampling.seed + case.id,
            preserve=PRESERVE[level],
            feather=sampling.feather,
            detail=sampling.detail,
        )
        masks = None if found.mask is None else found.mask[None].astype(np.uint8) * 255
        return self.editor.prepare(Pix2PixRequest(picture, masks, parameters))

    def _run(self, states: dict[int, Pix2PixState]) -> tuple[dict[int, Output], dict[int, Pixels]]:
        """Return results, and where the contract hides changes, the pictures that it hides them in."""
        by_shape: dict[tuple[int, ...], list[Pix2PixState]] = defaultdict(list)
        for state in states.values():
            by_shape[state.shape].append(state)
        for together in by_shape.values():
            while not together[0].done:
                self.editor.denoise_step(together)
        hidden = {
            place: self.editor.uncomposited(state)
            for place, state in states.items()
            if state.parameters.preserve in BLENDED
        }
        return {place: self.editor.finish(state) for place, state in states.items()}, hidden
