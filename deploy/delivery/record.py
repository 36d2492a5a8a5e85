"""What a place says of its deliveries: annotations of its namespace.

`langdesign.dev/commit` is the commit that was rolled out last, and `langdesign.dev/run` the delivery whose
manifests were seen to serve. They are the cluster's own, so that they hold whoever delivers, from wherever.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

COMMIT, RUN = "langdesign.dev/commit", "langdesign.dev/run"


class RecordError(RuntimeError):
    """A delivery may not begin; the message says why, and what to do."""


@dataclass(frozen=True)
class Record:
    """What a namespace says: empty where nothing was delivered before.

    Attributes:
        namespace: Of the place.
        version: The namespace object's resource version, by which a change in between is noticed.
        commit: The commit that was rolled out last.
        run: The delivery whose manifests serve.

    """

    namespace: str
    version: str
    commit: str = ""
    run: str = ""

    @classmethod
    def read(cls, namespace: str) -> Record:
        """Read a place's record.

        Raises:
            RecordError: The cluster does not tell.

        """
        command = ["kubectl", "get", "namespace", namespace, "-o", "json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise RecordError(
                f"the cluster tells nothing of the namespace {namespace}: look at the kubeconfig's rights"
            )
        told = json.loads(done.stdout)["metadata"]
        known = told.get("annotations") or {}
        return cls(namespace, told["resourceVersion"], known.get(COMMIT, ""), known.get(RUN, ""))

    def check_order(self, commit: str) -> None:
        """Let a commit pass that comes after the one that the place holds, or is that one.

        Raises:
            RecordError: It does not, or git does not know.

        """
        if not self.commit or self.commit == commit:
            return
        order = subprocess.run(
            ["git", "merge-base", "--is-ancestor", self.commit, commit],
            capture_output=True,
            text=True,
            check=False,
        )
        if order.returncode == 1:
            raise RecordError(
                f"{self.namespace} holds {self.commit}, and {commit} does not come after it: deliver a newer "
                "commit; to go back, revert and deliver that"
            )
        if order.returncode:
            raise RecordError(
                f"{self.namespace} holds {self.commit}, and git cannot tell whether {commit} comes after it "
                f"({order.stderr.strip()}): fetch the whole history; where it was rewritten, "
                f"`kubectl annotate namespace {self.namespace} {COMMIT}-` lets any commit through"
            )

    def claim(self, commit: str) -> None:
        """Note a commit as the one that is rolled out.

        Raises:
            RecordError: It may not pass, or another delivery noted its own since this was read.

        """
        self.check_order(commit)
        # The API server refuses it where the namespace is not as it was read: of two at once one goes on.
        if not _annotate(self.namespace, f"{COMMIT}={commit}", f"--resource-version={self.version}"):
            raise RecordError(f"{self.namespace} was changed by somebody else just now; deliver again")

    def restore(self) -> None:
        """Note again what was noted before."""
        if not _annotate(self.namespace, f"{COMMIT}={self.commit}" if self.commit else f"{COMMIT}-"):
            raise RecordError(f"{self.namespace} still names the commit that was put back: see {COMMIT}")

    def note_serving(self, run: str) -> None:
        """Note the delivery whose manifests serve now; one without a name has none to put back."""
        if not _annotate(self.namespace, f"{RUN}={run}" if run else f"{RUN}-"):
            raise RecordError(f"{self.namespace} does not name the delivery that serves: see {RUN}")


def _annotate(namespace: str, *arguments: str) -> bool:
    command = ["kubectl", "annotate", "namespace", namespace, "--overwrite", *arguments]
    return subprocess.run(command, check=False).returncode == 0
