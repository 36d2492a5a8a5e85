"""What a result's file says about how it came about, by the deployment's policy."""

import functools
from dataclasses import dataclass, replace
from importlib.metadata import version

from langdesign_media import Provenance, xmp_packet
from langdesign_media.credentials import Signer

from langdesign_editing.events import Outcome
from langdesign_editing.intake import EditTask


@dataclass(frozen=True)
class ProvenancePolicy:
    """What results tell. One that no editor changed tells nothing: it is the input.

    Attributes:
        xmp: Whether they carry an XMP packet.
        instructions: Whether they tell what was asked for.
        signer: Signs a C2PA manifest, too.

    """

    xmp: bool = True
    instructions: bool = False
    signer: Signer | None = None

    def packet(self, task: EditTask, checkpoint: str) -> bytes:
        """Return the XMP packet of what a checkpoint edited; empty where there is to be none."""
        return xmp_packet(self._provenance(task, checkpoint)) if self.xmp else b""

    async def signed(self, outcome: Outcome, task: EditTask) -> Outcome:
        """Return an outcome whose picture is signed, where the policy says so.

        Raises:
            CredentialsUnavailable: It could not be signed.

        """
        if self.signer is None or not outcome.report.changed:
            return outcome
        data = await self.signer.sign(
            outcome.data,
            task.spec.edited_format,
            self._provenance(task, outcome.checkpoint),
            parent=task.data,
            parent_format=task.picture.format,
        )
        return replace(outcome, data=data)

    def _provenance(self, task: EditTask, checkpoint: str) -> Provenance:
        written = [task.spec.instruction] if task.spec.instruction else []
        asked = written or [edit.instruction for edit in task.asked.edits]
        return Provenance(_version(), (checkpoint,), tuple(asked) if self.instructions else ())


@functools.cache
def _version() -> str:
    return version("langdesign-editing")
