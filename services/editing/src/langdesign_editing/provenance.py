"""What a result's file says about how it came about, by the deployment's policy."""

from dataclasses import dataclass, replace

from langdesign_media import Provenance, ProvenancePolicy
from langdesign_media.credentials import Signer

from langdesign_editing.events import Outcome
from langdesign_editing.intake import EditTask


@dataclass(frozen=True)
class ResultProvenance:
    """What results tell. One that no editor changed tells nothing: it is the input.

    Attributes:
        policy: What their files say.
        signer: Signs a C2PA manifest, too.

    """

    policy: ProvenancePolicy
    signer: Signer | None = None

    def packet(self, task: EditTask, checkpoint: str) -> bytes:
        """Return the XMP packet of what a checkpoint edited; empty where there is to be none."""
        return self.policy.packet(self._told(task, checkpoint))

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
            self._told(task, outcome.checkpoint),
            parent=task.data,
            parent_format=task.picture.format,
        )
        return replace(outcome, data=data)

    def _told(self, task: EditTask, checkpoint: str) -> Provenance:
        written = [task.spec.instruction] if task.spec.instruction else []
        asked = written or [edit.instruction for edit in task.asked.edits]
        return self.policy.provenance([checkpoint], asked)
