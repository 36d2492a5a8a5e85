"""A cluster without nodes: kmock's Kubernetes API, and a hand that does what KubeRay does."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import yaml
from langdesign_training.settings import KubernetesSettings

NAMESPACE = "langdesign"


@dataclass
class Cluster:
    """The fake API, and what KubeRay would do to RayJobs."""

    kmock: object
    jobs: object  # kubernetes.aio.client.CustomObjectsApi
    core: object  # CoreV1Api of the same
    where: tuple = ("ray.io", "v1", NAMESPACE, "rayjobs")
    logs: dict[str, bytes] = field(default_factory=dict)

    async def names(self):
        found = await self.jobs.list_namespaced_custom_object(*self.where)
        return [job["metadata"]["name"] for job in found["items"]]

    async def job(self, count=1):
        """The newest of so many RayJobs, once they are there."""
        async with asyncio.timeout(10):
            while len(names := await self.names()) < count:  # noqa: ASYNC110 - the service changes it
                await asyncio.sleep(0.01)
        assert len(names) == count, names
        return names[-1]

    async def status(self, job, **status):
        await self.jobs.patch_namespaced_custom_object_status(
            *self.where, job, {"status": status}, _content_type="application/merge-patch+json"
        )

    async def change(self, job, metadata):
        await self.jobs.patch_namespaced_custom_object(
            *self.where, job, {"metadata": metadata}, _content_type="application/merge-patch+json"
        )

    async def submit(self, job, log):
        """Start the pod that submits a job, with what its program says; `logs` may say more later."""
        pod, self.logs[job] = f"{job}-abcde", log
        self.kmock[f"get /api/v1/namespaces/{NAMESPACE}/pods/{pod}/log"] << (lambda: self.logs[job])
        labels = {"job-name": job}
        metadata = {"name": pod, "namespace": NAMESPACE, "labels": labels}
        spec = {"containers": [{"name": "ray-job-submitter"}]}
        await self.core.create_namespaced_pod(NAMESPACE, {"metadata": metadata, "spec": spec})
        await self.status(job, jobDeploymentStatus="Running", jobStatus="RUNNING")

    async def finish(self, job, log, *, state="SUCCEEDED", **status):
        if job in self.logs:
            self.logs[job] = log
        else:
            await self.submit(job, log)
        deployment = "Complete" if state == "SUCCEEDED" else "Failed"
        await self.status(job, jobDeploymentStatus=deployment, jobStatus=state, **status)

    async def delete(self, job):
        await self.jobs.delete_namespaced_custom_object(*self.where, job)


@pytest.fixture(scope="session")
def client():
    """The official client, which takes seconds to import."""
    from kubernetes.aio import client

    return client


@pytest.fixture
async def connection(kmock, client):
    kmock.resources["ray.io/v1/rayjobs"] = {"namespaced": True, "kind": "RayJob"}
    kmock.resources["v1/pods"] = {"namespaced": True, "kind": "Pod"}
    async with client.ApiClient(client.Configuration(host=str(kmock.url).rstrip("/"))) as opened:
        yield opened


@pytest.fixture
def cluster(kmock, connection, client):
    return Cluster(kmock, client.CustomObjectsApi(connection), client.CoreV1Api(connection))


@pytest.fixture
def settings():
    return KubernetesSettings(namespace=NAMESPACE, image="langdesign/specialise:1.2.3")


@pytest.fixture
def launching(connection, settings):
    """Makes a launcher on the cluster, in an `async with`; a second one is that of a restarted service."""
    from langdesign_training.launching.api import Api
    from langdesign_training.launching.kubernetes import KubernetesLauncher

    @asynccontextmanager
    async def make(**options):
        program = ("python", "-m", "langdesign_specialise")
        api = Api(connection, settings)
        registry = "https://mlflow.example.com"
        launcher = KubernetesLauncher(
            api, settings, program, ("--models", "/models"), "/runs", registry, poll=options.get("poll", 0.1)
        )
        async with launcher:
            yield launcher

    return make


@pytest.fixture
def kubeconfig(kmock, connection, tmp_path):
    """A kubeconfig with the fake cluster as its context `fake`."""
    path = tmp_path / "kubeconfig"
    path.write_text(
        yaml.safe_dump(
            {
                "clusters": [{"name": "fake", "cluster": {"server": str(kmock.url).rstrip("/")}}],
                "users": [{"name": "fake", "user": {}}],
                "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "fake"}}],
            }
        )
    )
    return path
