r"""Rolls manifests out, verifies the deployment, and puts the previous manifests back where that fails.

python deploy/delivery/roll_out.py new.yaml --previous previous.yaml --namespace langdesign-staging \
    --commit "$(git rev-parse HEAD)" --verify python deploy/check/run.py verify staging.example.com:443

The namespace notes which commit it holds (record.py): one that does not come after it is not rolled out, and
of two deliveries at once one goes on.

Exits with 0 where the new manifests serve, with 1 where the previous ones do again, with 2 where nothing that
works could be put back, and with 3 where nothing was changed: the cluster does not answer, it holds a newer
commit, or what runs now does not pass the command, which says nothing of the new manifests then (an expired
token, a wrong address).
`--repair` delivers to a place that does not serve. Without previous manifests every workload goes back to its
revision before.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from record import Record, RecordError

KINDS = "deployments,statefulsets"
SERVES, PUT_BACK, BROKEN, UNTOUCHED = 0, 1, 2, 3
"""Exit codes."""


@dataclass(frozen=True)
class Delivery:
    """A deployment of a namespace.

    Attributes:
        namespace: Where.
        verify: Command that exits with 0 where the deployment does its work.
        timeout: How long a workload's rollout may take, such as ``50m``.
        attempts: How often the command is tried, as an ingress may lag behind.
        pause: Seconds between attempts.

    """

    namespace: str
    verify: Sequence[str]
    timeout: str = "50m"
    attempts: int = 3
    pause: float = 10.0

    def deliver(
        self, manifests: Path, previous: Path | None, commit: str, *, run: str = "", repair: bool = False
    ) -> int:
        """Roll manifests out, and go back where they do not serve; return the exit code.

        Args:
            manifests: What is to serve.
            previous: What served before.
            commit: The commit that the manifests were made of.
            run: The delivery that keeps the manifests, to be put back by the next one.
            repair: Whether the place may not serve now.

        """
        try:
            Record.read(self.namespace).check_order(commit)
            if not self._may_change(repair=repair):
                return UNTOUCHED
            record = Record.read(self.namespace)
            record.claim(commit)
        except RecordError as error:
            _say(f"nothing was changed: {error}")
            return UNTOUCHED
        if self._serve(manifests):
            _noted(record.note_serving, run)
            _say("the new manifests serve")
            return SERVES
        _say("the new manifests do not serve; putting the previous ones back")
        served = self._serve(previous) if previous else self._undo()
        _noted(record.restore)
        if served:
            _say("the previous manifests serve again")
            return PUT_BACK
        _say("what was put back does not serve either")
        return BROKEN

    def _may_change(self, *, repair: bool) -> bool:
        """Return whether what runs now is known to work, or need not."""
        running = self._workloads()
        if running is None:
            _say("nothing was changed: the cluster does not answer; look at the kubeconfig and its rights")
            return False
        if running and not repair and not self._verified():
            _say(
                "nothing was changed: what runs now does not pass the verification; look at its token and "
                "address, and deliver with --repair where the place itself is broken"
            )
            return False
        return True

    def _serve(self, manifests: Path) -> bool:
        return self._kubectl("apply", "-f", str(manifests)) and self._rolled_out() and self._verified()

    def _undo(self) -> bool:
        # Settings are ConfigMaps whose names hold their digest: a revision's own are still there.
        every = [self._kubectl("rollout", "undo", workload) for workload in self._workloads() or []]
        return bool(every) and all(every) and self._rolled_out() and self._verified()

    def _rolled_out(self) -> bool:
        workloads = self._workloads() or []
        return bool(workloads) and all(
            self._kubectl("rollout", "status", workload, f"--timeout={self.timeout}")
            for workload in workloads
        )

    def _verified(self) -> bool:
        for attempt in range(self.attempts):
            if attempt:
                time.sleep(self.pause)
            if subprocess.run(self.verify, check=False).returncode == 0:
                return True
        return False

    def _workloads(self) -> list[str] | None:
        command = self._command("get", KINDS, "-o", "name")
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        return None if done.returncode else done.stdout.split()

    def _kubectl(self, *arguments: str) -> bool:
        return subprocess.run(self._command(*arguments), check=False).returncode == 0

    def _command(self, *arguments: str) -> list[str]:
        return ["kubectl", "-n", self.namespace, *arguments]


def _noted(note: Callable[..., None], *arguments: str) -> None:
    """Note what happened; what serves does so without a note, too."""
    try:
        note(*arguments)
    except RecordError as error:
        _say(f"warning: {error}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - for whoever rolls out


def main() -> None:
    """Roll out what the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("manifests", type=Path)
    parser.add_argument("--previous", type=Path, help="manifests that served before")
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--commit", required=True, help="the commit that the manifests were made of")
    parser.add_argument("--run", default="", help="the delivery that keeps the manifests")
    parser.add_argument("--timeout", default="50m", help="of one workload's rollout")
    parser.add_argument("--pause", type=float, default=10.0, help="seconds between attempts to verify")
    parser.add_argument("--repair", action="store_true", help="deliver to a place that does not serve, too")
    parser.add_argument("--verify", nargs=argparse.REMAINDER, required=True, help="command; the last option")
    arguments = parser.parse_args()
    delivery = Delivery(
        arguments.namespace, arguments.verify, timeout=arguments.timeout, pause=arguments.pause
    )
    code = delivery.deliver(
        arguments.manifests, arguments.previous, arguments.commit, run=arguments.run, repair=arguments.repair
    )
    sys.exit(code)


if __name__ == "__main__":
    main()
