"""Pairs from triples, by Prompt-to-Prompt (Brooks et al., arXiv:2211.09800, section 3.1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from langdesign_diffusion.checkpoint import Checkpoint, load_checkpoint
from langdesign_diffusion.precision import multiplies_bfloat16
from langdesign_triples import Change, SubjectKind, Triple
from langdesign_triples.triple import from_fields

from ..prompt_to_prompt import Pair, PairParameters, generate_pairs
from ..recipes import Sampling, digest
from ..samples import Sample, encode_picture, sample_key
from ..store import Store
from .notes import pack_samples
from .stage import Made, Work


@dataclass(frozen=True)
class PairStage:
    """Makes candidates of triples."""

    sampling: Sampling
    seed: int  # of the recipe
    licence: str  # of what is made
    model: Path  # of the generator
    model_name: str  # "name@sha256:..."
    device: str = "cpu"
    name: ClassVar[str] = "pairs"

    @property
    def depends(self) -> Mapping[str, Any]:
        """Return version, settings and model."""
        settings = dataclasses.asdict(self.sampling)
        return {
            "version": 1,
            "seed": self.seed,
            "licence": self.licence,
            "model": self.model_name,
            **settings,
        }

    def open(self) -> Work:
        """Load the generator."""
        checkpoint = load_generator(self.model, self.device, bf16=self.sampling.bf16)

        def work(payload: Mapping[str, Any], store: Store) -> Made:
            triples = [from_fields(told) for told in payload["triples"]]
            return Made(
                pack_samples([one for triple in triples for one in self._candidates(checkpoint, triple)])
            )

        return work

    def _candidates(self, checkpoint: Checkpoint, triple: Triple) -> Iterator[Sample]:
        drawn = draw_candidates(triple, self.sampling, self.seed)
        source = "no-op" if triple.change is Change.NONE else "prompt-to-prompt"
        for parameters, pair in zip(drawn, self._pairs(checkpoint, triple, drawn), strict=True):
            yield Sample(
                key=sample_key(triple, source, parameters.seed),
                triple=triple,
                before=encode_picture(pair.before),
                after=encode_picture(pair.after),
                mask=None,
                source=source,
                seed=parameters.seed,
                models={"generate": self.model_name},
                parameters={
                    "share": parameters.share,
                    "guidance_scale": parameters.guidance_scale,
                    "steps": self.sampling.steps,
                },
                licence=self.licence,
            )

    def _pairs(
        self, checkpoint: Checkpoint, triple: Triple, drawn: Sequence[PairParameters]
    ) -> Iterator[Pair]:
        size = (self.sampling.side, self.sampling.side)
        for start in range(0, len(drawn), self.sampling.batch):
            yield from generate_pairs(
                checkpoint,
                triple.input,
                triple.output,
                drawn[start : start + self.sampling.batch],
                size=size,
                steps=self.sampling.steps,
                sampler=self.sampling.sampler,
            )


def candidates_of(triple: Triple, sampling: Sampling) -> int:
    """Return how many candidates a triple gets."""
    if triple.change is Change.NONE:
        return sampling.no_op_candidates
    return (
        sampling.object_candidates if triple.subject_kind is SubjectKind.OBJECT else sampling.room_candidates
    )


def draw_candidates(triple: Triple, sampling: Sampling, seed: int) -> list[PairParameters]:
    """Draw seed, share and guidance of each candidate of a triple.

    A candidate's draws are a function of the recipe's seed, the triple and its number alone, so that more
    candidates, or other triples, leave it what it is.
    """
    told = digest(dataclasses.asdict(triple)).removeprefix("sha256:")
    words = [int(told[start : start + 8], 16) for start in range(0, 64, 8)]
    return [
        _drawn(np.random.default_rng([seed, number, *words]), sampling)
        for number in range(candidates_of(triple, sampling))
    ]


def _drawn(draw: np.random.Generator, sampling: Sampling) -> PairParameters:
    return PairParameters(
        seed=int(draw.integers(2**63)),
        share=float(draw.uniform(*sampling.share)),
        guidance_scale=float(draw.uniform(*sampling.guidance_scale)),
    )


def load_generator(folder: Path, device: str, *, bf16: bool) -> Checkpoint:
    """Load a generator; in bfloat16 only its UNet, since a decoder's pictures would lose levels.

    Where the device would have to emulate bfloat16, all of it computes in float32.
    """
    checkpoint = load_checkpoint(folder, device=device, dtype=torch.float32)
    if bf16 and multiplies_bfloat16(device):
        torch.nn.Module.to(checkpoint.unet, torch.bfloat16)  # diffusers' own `to` warns about the type
    return checkpoint
