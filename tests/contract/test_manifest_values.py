"""Values that an API server refuses and schemas do not: each is told with its path and what to write."""

import copy
from typing import Any

import pytest

POD = "spec.template.spec"
MAIN = f"{POD}.containers.0"
POD_OF_A_JOB = {"restartPolicy": "Never", "containers": [{"name": "one", "image": "one"}]}
JOB = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "metadata": {"name": "job"},
    "spec": {"schedule": "17 4 * * 1", "jobTemplate": {"spec": {"template": {"spec": POD_OF_A_JOB}}}},
}
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "peers"},
    "spec": {
        "podSelector": {},
        "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 80, "endPort": 90}]}],
    },
}


@pytest.fixture
def find(combine):
    """Finds an object of a kind, rendered for production or below, that has all of a path's parents."""

    def found(kind: str, path: str = "") -> dict[str, Any]:
        for one in [*combine("overlays/production"), JOB, POLICY]:
            if one["kind"] == kind and _holder(one, path) is not None:
                return copy.deepcopy(one)
        raise LookupError(f"{kind} with what holds {path}")

    return found


def _holder(one: Any, path: str) -> Any:
    """Return the map or list that has, or may have, the value at a path; None if the object has none."""
    for step in path.split(".")[:-1]:
        try:
            one = one[int(step) if step.isdigit() else step]
        except (KeyError, IndexError):
            return None
    return one


def _plant(one: dict[str, Any], path: str, value: Any) -> None:
    last = path.rpartition(".")[2]
    _holder(one, path)[int(last) if last.isdigit() else last] = value


@pytest.mark.parametrize(
    ("kind", "path", "wrong", "hint"),
    [
        ("Deployment", "spec.strategy.type", "Recreated", "'Recreate' or 'RollingUpdate'"),
        ("StatefulSet", "spec.updateStrategy", {"type": "Rolling"}, "'OnDelete' or 'RollingUpdate'"),
        ("Deployment", f"{POD}.restartPolicy", "OnFailure", "'Always'"),
        ("Deployment", f"{MAIN}.imagePullPolicy", "Allways", "'Always' or 'IfNotPresent' or 'Never'"),
        ("Deployment", f"{MAIN}.ports.0.protocol", "HTTP", "'TCP' or 'UDP' or 'SCTP'"),
        ("Service", "spec.ports.0.protocol", "tcp", "'TCP'"),
        ("Service", "spec.type", "Clusterip", "'ClusterIP'"),
        ("Service", "spec.sessionAffinity", "ClientIp", "'ClientIP'"),
        ("NetworkPolicy", "spec.policyTypes", ["ingress"], "'Ingress' or 'Egress'"),
        ("PersistentVolumeClaim", "spec.accessModes.0", "ReadWrite", "'ReadWriteOnce'"),
        ("Deployment", f"{POD}.tolerations", [{"effect": "NoStart"}], "'NoSchedule'"),
        ("Deployment", f"{POD}.tolerations", [{"operator": "In"}], "'Exists' or 'Equal'"),
        ("Deployment", f"{POD}.topologySpreadConstraints.0.whenUnsatisfiable", "Ignore", "'ScheduleAnyway'"),
        ("CronJob", "spec.concurrencyPolicy", "Never", "'Forbid'"),
        ("CronJob", "spec.jobTemplate.spec.template.spec.restartPolicy", "Always", "'OnFailure' or 'Never'"),
        ("RoleBinding", "subjects.0.kind", "Serviceaccount", "'ServiceAccount'"),
        ("Deployment", f"{MAIN}.name", "Main_One", "a-z, 0-9 and '-'"),
        ("Deployment", "metadata.name", "Bad_Name", "a-z, 0-9, '-' and '.'"),
        ("Service", "metadata.name", "a.b", "at most 63 of a-z, 0-9 and '-'"),
        ("Deployment", f"{MAIN}.ports.0.name", "GRPC", "at most 15"),
        ("Deployment", f"{MAIN}.ports.0.name", "metrics-of-a-pod", "at most 15"),
        ("Deployment", f"{MAIN}.ports.0.name", "8080", "a letter"),
        ("Service", "spec.ports.0.name", "GRPC", "a-z, 0-9 and '-'"),
        ("Service", "spec.ports.0.targetPort", "GRPC", "at most 15"),
        ("Deployment", "metadata.labels", {"team": "big design"}, "at most 63 of A-Z"),
        ("Deployment", "metadata.labels", {"of/the/team": "design"}, "a key"),
        ("Service", "spec.selector", {"app": "-x"}, "a letter or digit at both ends"),
        ("ConfigMap", "data", {"a b": "c"}, "a key"),
        ("Deployment", f"{MAIN}.resources.limits", {"memory": "1.5 GB"}, "a quantity like"),
        ("Deployment", f"{MAIN}.resources.requests", {"memory": "-1Gi"}, "a quantity of 0 or more"),
        ("PersistentVolumeClaim", "spec.resources.requests", {"storage": "-1"}, "a quantity of 0 or more"),
        ("Deployment", "spec.replicas", -1, "0 or more"),
        ("ScaledObject", "spec.minReplicaCount", -1, "0 or more"),
        ("Deployment", f"{MAIN}.readinessProbe.periodSeconds", 0, "1 or more"),
        ("Deployment", f"{MAIN}.livenessProbe.successThreshold", 2, "from 1 to 1"),
        ("Deployment", f"{MAIN}.ports.0.containerPort", 70000, "from 1 to 65535"),
        ("Service", "spec.ports.0.port", 0, "from 1 to 65535"),
        ("PodDisruptionBudget", "spec", {"minAvailable": "half"}, "a percentage like"),
    ],
)
def test_a_value_that_an_api_server_refuses_is_told(validate, find, kind, path, wrong, hint):
    told = _planted(validate, find(kind, path), path, wrong)
    assert any(line.startswith(_place(path)) and hint in line for line in told), told


@pytest.mark.parametrize(
    ("kind", "path", "wrong", "told"),
    [
        (
            "Deployment",
            f"{MAIN}.env",
            [{"name": "A", "value": "b", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
            "[0]: value and valueFrom: write one of them",
        ),
        ("Deployment", f"{MAIN}.env", [{"name": "A", "valueFrom": {}}], "[0].valueFrom: write one of config"),
        (
            "Deployment",
            f"{POD}.volumes.0",
            {"name": "a", "emptyDir": {}, "configMap": {"name": "b"}},
            ": emptyDir and configMap: write one of them",
        ),
        (
            "Deployment",
            f"{MAIN}.readinessProbe",
            {"tcpSocket": {"port": 1}, "exec": {"command": ["a"]}},
            ": exec and tcpSocket: write one of them",
        ),
        ("Deployment", f"{MAIN}.readinessProbe", {"periodSeconds": 1}, ": write one of exec, httpGet"),
        (
            "Deployment",
            "spec.strategy",
            {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}},
            ".rollingUpdate: leave it out with type Recreate, or write type RollingUpdate",
        ),
        (
            "Deployment",
            "spec.strategy.rollingUpdate",
            {"maxSurge": 0, "maxUnavailable": "0%"},
            ": maxSurge and maxUnavailable are 0",
        ),
        (
            "Deployment",
            f"{MAIN}.volumeMounts",
            [{"name": "nowhere", "mountPath": "/a"}],
            "[0].name: nowhere: the pod has no such volume; write it in volumes",
        ),
        (
            "StatefulSet",
            f"{POD}.initContainers",
            [{"name": "a", "image": "a", "volumeMounts": [{"name": "nowhere", "mountPath": "/a"}]}],
            "[0].volumeMounts[0].name: nowhere: the pod has no such volume; write it in volumes",
        ),
        (
            "Deployment",
            f"{POD}.volumes",
            [{"name": "a"}, {"name": "a"}],
            ": a is there 2 times: write another",
        ),
        (
            "Deployment",
            f"{MAIN}.resources",
            {"requests": {"memory": "2Gi"}, "limits": {"memory": "2G"}},
            ".requests.memory: 2Gi is more than the limit 2G: write at most that",
        ),
        (
            "Deployment",
            "spec.selector.matchLabels",
            {"app": "other"},
            ".app: other: write it in template.metadata.labels",
        ),
        ("Service", "spec.ports", [{"port": 1}, {"port": 2}], ": write a name for each"),
        ("ScaledObject", "spec.minReplicaCount", 10000, ": 10000 is more than maxReplicaCount"),
        ("PodDisruptionBudget", "spec", {"minAvailable": 1, "maxUnavailable": 1}, ": minAvailable and max"),
        (
            "NetworkPolicy",
            "spec.ingress.0.ports.0",
            {"port": 9, "endPort": 1},
            ".port: 9 is more than endPort 1",
        ),
        (
            "NetworkPolicy",
            "spec.ingress.0.from.0",
            {"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}},
            ".ipBlock: write it and the selector beside it as two peers",
        ),
        (
            "CronJob",
            "spec.jobTemplate.spec.template.spec",
            {"containers": [{"name": "one", "image": "one"}]},
            ".restartPolicy: it is Always by default, and jobs end: write OnFailure or Never",
        ),
    ],
)
def test_fields_that_do_not_go_together_are_told(validate, find, kind, path, wrong, told):
    assert any(
        line.startswith(_place(path) + told) for line in _planted(validate, find(kind, path), path, wrong)
    )


def test_a_scaler_of_pods_has_no_least_above_its_most(validate):
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "one"}}
    scaler["spec"] = {
        "scaleTargetRef": {"kind": "Deployment", "name": "one"},
        "minReplicas": 2,
        "maxReplicas": 2,
    }
    told = _planted(validate, scaler, "spec.minReplicas", 3)
    assert told == ["spec.minReplicas: 3 is more than maxReplicas 2: write at most that"]


def _planted(validate, one, path, wrong):
    """What is told of a valid object once something wrong is planted in it."""
    assert not validate.problems(one)
    _plant(one, path, wrong)
    return validate.problems(one)


def _place(path):
    return "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in path.split("."))[1:]


@pytest.mark.parametrize(
    ("schedule", "hint"),
    [
        ("17 4 * * 1", ""),
        ("*/5 0-23/2 1,15 jan-MAR sun", ""),
        ("@daily", ""),
        ("@every 1h30m", ""),
        ("daily-ish", "five fields"),
        ("0 4 * *", "five fields"),
        ("60 4 * * 1", "minute"),
        ("0 24 * * *", "hour"),
        ("0 0 0 * *", "day of the month"),
        ("0 0 1 13 *", "month"),
        ("0 0 * * 7", "day of the week"),
        ("*/0 4 * * *", "minute"),
        ("30-10 4 * * *", "minute"),
    ],
)
def test_a_schedule_is_one_of_cron(validate, find, schedule, hint):
    job = find("CronJob")
    job["spec"]["schedule"] = schedule
    told = validate.problems(job)
    assert bool(told) is bool(hint)
    assert all(line.startswith(f"spec.schedule: {schedule}: ") and hint in line for line in told)


@pytest.mark.parametrize("amount", ["100m", "1.5Gi", "1E3", 2, 0.5, "0"])
def test_a_quantity_is_taken_in_every_form(validate, find, amount):
    one = find("Deployment", f"{MAIN}.resources.limits")
    _plant(one, f"{MAIN}.resources", {"limits": {"memory": amount}})
    assert not validate.problems(one)
