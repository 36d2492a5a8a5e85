"""The RayJob of a run, as a dictionary: a model of the client would lose fields that it does not know."""

import math
import shlex
from collections.abc import Sequence
from typing import Any

from kubernetes.utils.quantity import parse_quantity

from langdesign_training.launching.launcher import LaunchRefused, arguments
from langdesign_training.runs import Run
from langdesign_training.settings import KubernetesSettings

Manifest = dict[str, Any]
GROUP, VERSION, PLURAL = "ray.io", "v1", "rayjobs"
OWNER, RUN = "langdesign.dev/training", "langdesign.dev/run"
"""Labels: which deployment of this service made it, and for which run."""
UNRECORDED = "langdesign.dev/unrecorded"
"""Finalizer: whoever deletes a RayJob, it stays until this service has recorded how its run ended."""
_QUEUE = "kueue.x-k8s.io/queue-name"
_VOLUME, _MOUNT = "runs", "/var/lib/langdesign"
_KEYS = "/etc/langdesign/keys"
_USER = 10001


def job_name(run: Run) -> str:
    """Return the name of a run's RayJob: another one each time that it is started again."""
    return f"run-{run.id}-{len(run.interruptions)}"


def rayjob(
    run: Run,
    settings: KubernetesSettings,
    program: Sequence[str],
    folder: str,
    options: Sequence[str],
    registry: str,
) -> Manifest:
    """Return the manifest of a run's RayJob.

    Args:
        run: The run.
        settings: Where and on what it runs.
        program: The program and its first arguments.
        folder: Of all runs, in the pods.
        options: Further arguments, after those of the run.
        registry: The registry of models, as the program's environment names it.

    Raises:
        LaunchRefused: a word of the command would not reach the program as it is.

    """
    words = _plain([*program, *arguments(run, folder), *options])
    labels = {
        "app.kubernetes.io/part-of": "langdesign",
        "app.kubernetes.io/component": "run",
        OWNER: settings.owner,
    }
    labels[RUN] = run.id
    pod = _pod(settings, labels, registry)
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "RayJob",
        "metadata": {
            "name": job_name(run),
            "namespace": settings.namespace,
            "labels": labels | ({_QUEUE: settings.queue} if settings.queue else {}),
            "finalizers": [UNRECORDED],
            "annotations": {"langdesign.dev/kind": str(run.kind), "langdesign.dev/recipe": run.recipe},
        },
        "spec": {
            "entrypoint": " ".join(words),
            "submissionMode": "K8sJobMode",
            "shutdownAfterJobFinishes": True,
            "ttlSecondsAfterFinished": settings.keep,
            "activeDeadlineSeconds": settings.lifetime,
            "backoffLimit": 0,  # this service starts it again, where that makes sense
            "submitterConfig": {"backoffLimit": 0},
            "submitterPodTemplate": _submitter(settings, labels),
            "rayClusterSpec": {
                "rayVersion": settings.ray,
                "headGroupSpec": {"rayStartParams": {"dashboard-host": "0.0.0.0"}, "template": pod},  # noqa: S104
                **({"workerGroupSpecs": [_workers(settings, pod)]} if settings.workers else {}),
            },
        },
    }


def _plain(words: Sequence[str]) -> Sequence[str]:
    """Refuse words that a shell does not take as they are.

    Two shells read the command, the submitter's and that of Ray's job; between them Ray quotes it as Windows
    does, and no quoting passes through that.
    """
    for word in words:
        if shlex.quote(word) != word:
            raise LaunchRefused(
                f"{word[:200]!r} cannot be said to a program in a cluster; "
                "use letters, digits and @%+=:,./-_ alone"
            )
    return words


def _workers(settings: KubernetesSettings, pod: Manifest) -> Manifest:
    count = settings.workers
    return {
        "groupName": "workers",
        "replicas": count,
        "minReplicas": count,
        "maxReplicas": count,
        "rayStartParams": {},
        "template": pod,
    }


def _pod(settings: KubernetesSettings, labels: dict[str, str], registry: str) -> Manifest:
    amounts: Manifest = {"cpu": settings.cpu, "memory": settings.memory}
    if settings.gpus:
        amounts["nvidia.com/gpu"] = str(settings.gpus)
    container = {
        **_container("ray", settings),
        "env": [{"name": name, "value": value} for name, value in _environment(settings, registry).items()],
        "envFrom": [{"secretRef": {"name": settings.secret, "optional": True}}] if settings.secret else [],
        "resources": {"requests": amounts, "limits": amounts},
        "volumeMounts": [
            {"name": _VOLUME, "mountPath": _MOUNT},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of the pod's own
            {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108 - Ray's object store
        ],
    }
    volumes = [
        {"name": _VOLUME, "persistentVolumeClaim": {"claimName": settings.claim}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "20Gi"}},
        {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": settings.memory}},
    ]
    if settings.keys:
        container["volumeMounts"].append({"name": "keys", "mountPath": _KEYS, "readOnly": True})
        volumes.append({"name": "keys", "secret": {"secretName": settings.keys}})
    return {
        "metadata": {"labels": labels},
        "spec": {**_restricted(settings), "containers": [container], "volumes": volumes},
    }


def _environment(settings: KubernetesSettings, registry: str) -> dict[str, str]:
    """Return what a run's program reads of its surroundings; RAY_ADDRESS is Ray's to set."""
    amount = parse_quantity(settings.cpu)  # type: ignore[no-untyped-call]  # published half typed
    cores = str(max(1, math.floor(amount)))
    return {
        "LANGDESIGN_REGISTRY": registry,
        "SPECIALISE_WORKERS": cores,
        "SPECIALISE_MACHINES": str(1 + settings.workers),
        "OMP_NUM_THREADS": cores,  # libraries count the node's cores, not the pod's
    }


def _submitter(settings: KubernetesSettings, labels: dict[str, str]) -> Manifest:
    """Submit the job to the cluster and show the program's output as its log."""
    amounts = {"cpu": "500m", "memory": "512Mi"}
    container = {
        **_container("ray-job-submitter", settings),
        "resources": {"requests": amounts, "limits": amounts},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - a volume of the pod's own
    }
    volumes = [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}]
    spec = {**_restricted(settings), "restartPolicy": "Never", "containers": [container], "volumes": volumes}
    return {"metadata": {"labels": labels}, "spec": spec}


def _container(name: str, settings: KubernetesSettings) -> Manifest:
    return {
        "name": name,
        "image": settings.image,
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }


def _restricted(settings: KubernetesSettings) -> Manifest:
    """Return what every pod here has: the "restricted" standard, and no token of the cluster."""
    return {
        "serviceAccountName": settings.account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
