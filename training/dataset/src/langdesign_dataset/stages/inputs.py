"""What stages read of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import StorageError
from ..samples import Sample
from ..store import Block, Store
from .notes import noted, unpack_notes, unpack_samples


def payload_of(source: str, address: str, store: Store, notes: Mapping[str, str]) -> dict[str, Any]:
    """Return what a judging stage gets: the block of samples, and blocks of notes on them, by stage.

    Beside addresses it holds digests, so that a block that came out otherwise is judged anew.
    """
    return {
        "samples": [source, address, _block(store, source, address).digest],
        "notes": [[stage, one, _block(store, stage, one).digest] for stage, one in notes.items()],
    }


def read_samples(payload: Mapping[str, Any], store: Store) -> list[Sample]:
    """Return the samples of a payload with the notes on them, dropped ones too."""
    stage, address, _ = payload["samples"]
    samples = unpack_samples(_block(store, stage, address).body)
    for noting, one, _ in payload["notes"]:
        notes = {note.key: note for note in unpack_notes(_block(store, noting, one).body)}
        samples = [noted(sample, [notes[sample.key]] if sample.key in notes else []) for sample in samples]
    return samples


def _block(store: Store, stage: str, address: str) -> Block:
    block = store.read(stage, address)
    if block is None:
        raise StorageError(
            f"{store.path(stage, address)} vanished while it was needed; build again, and it is made anew"
        )
    return block
