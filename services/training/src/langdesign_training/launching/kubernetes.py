"""Runs as RayJobs of KubeRay: the cluster keeps them, so that nothing of a run hangs on this service."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from langdesign_training.launching.api import Api, ExpiredError
from langdesign_training.launching.launcher import Ending, How, LaunchError, verdict
from langdesign_training.launching.rayjob import Manifest, job_name, rayjob
from langdesign_training.runs import Progress, Run
from langdesign_training.saying import Said, listen
from langdesign_training.settings import KubernetesSettings

_ENDED_DEPLOYMENTS = {"Complete", "Failed", "ValidationFailed"}
_ENDED_JOBS = {"SUCCEEDED", "FAILED", "STOPPED"}
_log = logging.getLogger(__name__)


class KubernetesLauncher:
    """Starts runs as RayJobs, reads what they say from their submitters' logs, and is woken by a watch.

    Use it as an async context manager: it watches between entry and exit.

    Args:
        api: The Kubernetes API.
        settings: Where and on what runs run.
        program: The program and its first arguments.
        options: Further arguments, after those of the run.
        folder: Has a folder for each run, in the pods.
        registry: The registry of models, as the program's environment names it.
        poll: Seconds after which things are looked at again though no change was heard of.

    """

    def __init__(
        self,
        api: Api,
        settings: KubernetesSettings,
        program: Sequence[str],
        options: Sequence[str],
        folder: str,
        registry: str,
        *,
        poll: float = 10.0,
    ) -> None:
        self._api, self._settings = api, settings
        self._program, self._options = tuple(program), tuple(options)
        self._folder, self._registry, self._poll = folder.rstrip("/"), registry, poll
        self._wakers: dict[str, asyncio.Event] = {}

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching; the RayJobs go on."""
        self._watching.cancel()
        await asyncio.wait([self._watching])

    async def launch(self, run: Run) -> None:
        """Create a run's RayJob; where it is there already, change nothing."""
        manifest = rayjob(run, self._settings, self._program, self._folder, self._options, self._registry)
        await self._api.create(manifest)

    async def follow(self, run: Run) -> AsyncGenerator[Said | Ending, None]:
        """Yield all that a started program said, again when it said more, and its ending at last."""
        name = job_name(run)
        hearing = _Hearing(self._api, name, self._wakers.setdefault(name, asyncio.Event()), self._poll)
        told = hearing.said
        task = asyncio.create_task(hearing.listen())
        try:
            while (ending := await self._ending(hearing)) is None:
                if hearing.said != told:
                    told = hearing.said
                    yield told
                await hearing.pause()
            if hearing.said != told:
                yield hearing.said
            yield ending
        finally:
            task.cancel()
            await asyncio.wait([task])
            self._wakers.pop(name, None)

    async def stop(self, run: Run) -> None:
        """Delete a run's RayJob: its pods get SIGTERM, and their grace. Its results stay on the volume."""
        await self._api.delete(job_name(run))
        if waker := self._wakers.get(job_name(run)):
            waker.set()

    async def sweep(self, unfinished: Callable[[], Collection[Run]]) -> None:
        """Delete RayJobs that no unfinished run needs; ended ones stay for a while, to be looked at."""
        jobs, _ = await self._api.list()
        needed = {job_name(run) for run in unfinished()}
        for name, job in jobs.items():
            if name not in needed and not self._is_fresh(job):
                _log.info("an orphaned RayJob is deleted", extra={"job": name})
                await self._api.delete(name)

    async def _watch(self) -> None:
        """Wake whoever follows a RayJob when it changes; runs until it is cancelled."""
        version = ""
        while True:
            try:
                if not version:
                    _, version = await self._api.list()
                    self._wake(*self._wakers)
                async with aclosing(self._api.watch(version)) as events:
                    async for kind, job in events:
                        version = job["metadata"].get("resourceVersion", "")
                        if kind != "BOOKMARK":
                            self._wake(job["metadata"]["name"])
            except ExpiredError:
                version = ""
            except LaunchError as trouble:
                version = ""
                _log.warning("RayJobs cannot be watched now", extra={"reason": str(trouble)})
            await asyncio.sleep(min(1.0, self._poll))

    async def _ending(self, hearing: "_Hearing") -> Ending | None:
        """Return how a RayJob ended; None while it has not, or nobody can say."""
        try:
            job = await self._api.get(hearing.job)
            if job is None:
                return verdict(hearing.said) or Ending(How.FAILED, _VANISHED)
            if not _has_ended(job) and not _is_deleted(job):
                return None
            await hearing.catch_up()
            if not _has_ended(job):
                await self._api.delete(hearing.job)  # somebody wants its pods gone, and it waits for nothing
                return verdict(hearing.said) or Ending(How.FAILED, _VANISHED)
        except LaunchError as trouble:
            _log.warning(
                "a RayJob cannot be looked at now", extra={"job": hearing.job, "reason": str(trouble)}
            )
            return None
        return verdict(hearing.said) or _unsaid(job)

    def _is_fresh(self, job: Manifest) -> bool:
        ended = job.get("status", {}).get("endTime")
        if not _has_ended(job) or _is_deleted(job) or not ended:
            return False
        return datetime.now(UTC) - datetime.fromisoformat(ended) < timedelta(seconds=self._settings.keep)

    def _wake(self, *names: str) -> None:
        for name in names:
            if waker := self._wakers.get(name):
                waker.set()


_VANISHED = "its RayJob was deleted in the cluster; create the run again"


class _Hearing:
    """What a RayJob's program said so far, by its submitter's log."""

    def __init__(self, api: Api, job: str, waker: asyncio.Event, poll: float) -> None:
        self.job = job
        self.said = Said(Progress())
        self._api, self._waker, self._poll = api, waker, poll
        self._heard = 0  # lines

    async def listen(self) -> None:
        """Listen until cancelled; a log that breaks off is taken up where it did."""
        while True:
            try:
                await self._read(follow=True)
            except LaunchError as trouble:
                _log.info("a log cannot be read now", extra={"job": self.job, "reason": str(trouble)})
            await asyncio.sleep(self._poll)

    async def catch_up(self) -> None:
        """Hear what was said up to now."""
        await self._read(follow=False)

    async def pause(self) -> None:
        """Wait for a change, or for a while."""
        try:
            async with asyncio.timeout(self._poll):
                await self._waker.wait()
        except TimeoutError:
            return
        finally:
            self._waker.clear()

    async def _read(self, *, follow: bool) -> None:
        pod = await self._api.submitter(self.job)
        if pod is None:
            return
        async with aclosing(self._api.log(pod, follow=follow)) as lines:
            number = 0
            async for line in lines:
                number += 1
                if number > self._heard:
                    self._heard = number
                    self._hear(line)

    def _hear(self, line: bytes) -> None:
        said = listen(self.said, [line])
        if said != self.said:
            self.said = said
            self._waker.set()


def _has_ended(job: Manifest) -> bool:
    status = job.get("status", {})
    return status.get("jobDeploymentStatus") in _ENDED_DEPLOYMENTS or status.get("jobStatus") in _ENDED_JOBS


def _is_deleted(job: Manifest) -> bool:
    """Tell whether somebody deleted a RayJob, which stays for its end to be recorded."""
    return "deletionTimestamp" in job["metadata"]


def _unsaid(job: Manifest) -> Ending:
    """Return the ending of a RayJob whose program announced none."""
    status = job["status"]
    state, reason = status.get("jobStatus"), status.get("reason", "")
    if state == "SUCCEEDED":
        return Ending(How.SUCCEEDED)
    if reason == "DeadlineExceeded":
        return Ending(How.FAILED, "it took longer than a run may; make it smaller")
    if state == "STOPPED":
        return Ending(How.FAILED, "its job was stopped in the cluster; create the run again")
    if status.get("jobDeploymentStatus") == "ValidationFailed" or reason == "ValidationFailed":
        return Ending(How.FAILED, f"KubeRay refuses its RayJob: {status.get('message', 'without a reason')}")
    return Ending(How.INTERRUPTED)
