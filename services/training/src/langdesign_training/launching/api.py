"""The few calls to the Kubernetes API that runs need, on the official client; dictionaries in and out.

Fields that the client's models do not know are lost between read and replace, so RayJobs stay dictionaries.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from kubernetes.aio import client, config

from langdesign_training.launching.launcher import LaunchRefused, LaunchUnavailable
from langdesign_training.launching.rayjob import GROUP, OWNER, PLURAL, UNRECORDED, VERSION, Manifest
from langdesign_training.saying import MAX_LINE, LineSplitter
from langdesign_training.settings import KubernetesSettings

CONFLICT, GONE, NOT_FOUND = 409, 410, 404
_CALL, _STREAM = 30.0, 240  # seconds that a call, and a stream, may take
_MAX_EVENT = 16 * 1024 * 1024  # bytes of a watched object
_REFUSED = range(400, 500)
_LATER = {408, 409, 410, 429}


class ExpiredError(Exception):
    """The version to watch from is too old: list again."""


class Api:
    """RayJobs of this deployment, and the logs of their submitters.

    Args:
        connection: An open client.
        settings: The namespace, and the label of this deployment.

    """

    def __init__(self, connection: client.ApiClient, settings: KubernetesSettings) -> None:
        self._jobs, self._core = client.CustomObjectsApi(connection), client.CoreV1Api(connection)
        self._where = (GROUP, VERSION, settings.namespace, PLURAL)
        self._namespace, self._selector = settings.namespace, f"{OWNER}={settings.owner}"
        self._owner = settings.owner

    async def create(self, manifest: Manifest) -> None:
        """Create a RayJob; one that exists is as good."""
        try:
            await self._asked(
                self._jobs.create_namespaced_custom_object(*self._where, manifest, _request_timeout=_CALL)
            )
        except client.ApiException as error:
            if error.status != CONFLICT:
                raise _trouble(error) from error

    async def delete(self, name: str) -> None:
        """Delete a RayJob with its cluster, once nothing is left to record; one that is gone is as good."""
        job = await self.get(name)
        if job is None:
            return
        try:
            await self._release(name, job["metadata"])
            await self._asked(
                self._jobs.delete_namespaced_custom_object(
                    *self._where, name, propagation_policy="Background", _request_timeout=_CALL
                )
            )
        except client.ApiException as error:
            if error.status != NOT_FOUND:
                raise _trouble(error) from error

    async def _release(self, name: str, metadata: Manifest) -> None:
        """Take the own finalizer off a RayJob; one that others change meanwhile is a conflict."""
        kept = [one for one in metadata.get("finalizers", []) if one != UNRECORDED]
        if kept == metadata.get("finalizers", []):
            return
        change = {"metadata": {"finalizers": kept, "resourceVersion": metadata.get("resourceVersion")}}
        await self._asked(
            self._jobs.patch_namespaced_custom_object(
                *self._where,
                name,
                change,
                _content_type="application/merge-patch+json",  # the client's own choice is refused
                _request_timeout=_CALL,
            )
        )

    async def get(self, name: str) -> Manifest | None:
        """Return a RayJob; None where there is none."""
        call = self._jobs.get_namespaced_custom_object(*self._where, name, _request_timeout=_CALL)
        try:
            job: Manifest = await self._asked(call)
        except client.ApiException as error:
            if error.status != NOT_FOUND:
                raise _trouble(error) from error
            return None
        return job

    async def list(self) -> tuple[dict[str, Manifest], str]:
        """Return this deployment's RayJobs by name, and the version to watch from."""
        call = self._jobs.list_namespaced_custom_object(
            *self._where, label_selector=self._selector, _request_timeout=_CALL
        )
        try:
            found = await self._asked(call)
        except client.ApiException as error:
            raise _trouble(error) from error
        mine = {job["metadata"]["name"]: job for job in found["items"] if self._owns(job)}
        return mine, found["metadata"].get("resourceVersion", "")

    async def watch(self, version: str) -> AsyncGenerator[tuple[str, Manifest], None]:
        """Yield (type, RayJob) of changes since a version, until the server ends the stream.

        Raises:
            ExpiredError: the version is too old.
            LaunchUnavailable: the stream broke.

        """
        call = self._jobs.list_namespaced_custom_object_without_preload_content(
            *self._where,
            label_selector=self._selector,
            watch=True,
            resource_version=version or None,
            timeout_seconds=_STREAM,
            allow_watch_bookmarks=True,
            _request_timeout=_STREAM + _CALL,
        )
        async for line in self._lines(call, _MAX_EVENT):
            event = json.loads(line)
            if event["type"] == "ERROR":
                if event["object"].get("code") == GONE:
                    raise ExpiredError
                raise LaunchUnavailable(f"the watch of RayJobs broke: {event['object'].get('message')}")
            if event["type"] == "BOOKMARK" or self._owns(event["object"]):
                yield event["type"], event["object"]

    async def submitter(self, job: str) -> str | None:
        """Return the name of the newest pod that submits a RayJob; None before there is one."""
        call = self._core.list_namespaced_pod(
            self._namespace, label_selector=f"job-name={job}", _request_timeout=_CALL
        )
        try:
            pods = [
                pod
                for pod in (await self._asked(call)).items
                if (pod.metadata.labels or {}).get("job-name") == job
            ]
        except client.ApiException as error:
            raise _trouble(error) from error
        pods.sort(key=lambda pod: str(pod.metadata.creation_timestamp))
        return pods[-1].metadata.name if pods else None

    async def log(self, pod: str, *, follow: bool) -> AsyncGenerator[bytes, None]:
        """Yield the lines of a pod's log from its beginning; nothing where the pod is gone."""
        call = self._core.read_namespaced_pod_log_without_preload_content(
            pod, self._namespace, follow=follow, _request_timeout=_STREAM + _CALL
        )
        try:
            async for line in self._lines(call, MAX_LINE):
                yield line
        except ExpiredError:
            return

    def _owns(self, job: Manifest) -> bool:
        return bool(job["metadata"].get("labels", {}).get(OWNER) == self._owner)

    async def _asked(self, call: Any) -> Any:
        try:
            return await call
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise LaunchUnavailable(f"the Kubernetes API does not answer ({type(error).__name__})") from error

    async def _lines(self, call: Any, limit: int) -> AsyncGenerator[bytes, None]:
        response = await self._asked(call)
        try:
            if response.status in {GONE, NOT_FOUND}:
                raise ExpiredError
            if response.status != 200:
                raise LaunchUnavailable(f"the Kubernetes API answered {response.status}")
            splitter = LineSplitter(limit)
            async for chunk in response.content.iter_any():
                for line in splitter.split(chunk):
                    yield line
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise LaunchUnavailable(
                f"a stream of the Kubernetes API broke ({type(error).__name__})"
            ) from error
        finally:
            response.close()


@asynccontextmanager
async def connected(settings: KubernetesSettings) -> AsyncIterator[Api]:
    """Connect to the cluster of the pod's account, or of a context of the kubeconfig.

    Raises:
        LaunchRefused: there is neither.

    """
    configuration = client.Configuration()
    try:
        if settings.context:
            await config.load_kube_config(  # type: ignore[no-untyped-call]  # published half typed
                context=settings.context, client_configuration=configuration
            )
        else:
            config.load_incluster_config(  # type: ignore[no-untyped-call]  # published half typed
                client_configuration=configuration
            )
    except (config.ConfigException, OSError) as error:
        raise LaunchRefused(f"no way to the Kubernetes API: {error}") from error
    async with client.ApiClient(configuration) as connection:
        yield Api(connection, settings)


def _trouble(error: client.ApiException) -> LaunchRefused | LaunchUnavailable:
    if error.status in _REFUSED and error.status not in _LATER:
        return LaunchRefused(f"Kubernetes refuses the run's RayJob ({error.status}: {_message(error)})")
    return LaunchUnavailable(f"the Kubernetes API answered {error.status}")


def _message(error: client.ApiException) -> str:
    try:
        return str(json.loads(error.body or "{}").get("message", error.reason))[:500]
    except ValueError:
        return str(error.reason)
