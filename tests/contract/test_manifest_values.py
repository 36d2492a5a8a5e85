"""Values that an API server refuses and schemas do not: quantities, ports, names, exclusive fields."""

import copy
import re

import pytest

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(rf"(?=.{{1,253}}$){LABEL.pattern}(\.{LABEL.pattern})*")
QUANTITY = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+|E[+-]?\d+|[numkMGTPE]|[KMGTPE]i)?")
CRON = re.compile(r"(@(yearly|annually|monthly|weekly|daily|hourly))|(\S+\s+){4}[\d*/,\-A-Za-z]+")
AMOUNTS = {"limits", "requests", "capacity"}  # maps of quantities
SIZES = {"sizeLimit", "divisor"}
PORTS = {"containerPort", "hostPort", "targetPort", "nodePort", "port"}
CHOICES = {
    "imagePullPolicy": {"Always", "IfNotPresent", "Never"},
    "restartPolicy": {"Always", "OnFailure", "Never"},
    "protocol": {"TCP", "UDP", "SCTP", "HTTP", "HTTPS", "TLS"},
    "concurrencyPolicy": {"Allow", "Forbid", "Replace"},
    "podManagementPolicy": {"OrderedReady", "Parallel"},
    "whenUnsatisfiable": {"DoNotSchedule", "ScheduleAnyway"},
    "terminationMessagePolicy": {"File", "FallbackToLogsOnError"},
    "dnsPolicy": {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"},
}
EXCLUSIVE = {"PodDisruptionBudget": ({"minAvailable", "maxUnavailable"},)}


def strange(one):
    """Return what an API server would refuse of an object, each as "field: value"."""
    name = one["metadata"]["name"]
    found = [] if SUBDOMAIN.fullmatch(name) else [f"metadata.name: {name}"]
    both = [fields for fields in EXCLUSIVE.get(one["kind"], ()) if fields <= one["spec"].keys()]
    found += [f"spec: {' and '.join(sorted(fields))}" for fields in both]
    return [*found, *_strange(one)]


def _strange(value, field=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in AMOUNTS and isinstance(inner, dict):
                yield from (
                    f"{name}.{key}: {amount}" for key, amount in inner.items() if not _is_quantity(amount)
                )
            elif name in SIZES and not _is_quantity(inner):
                yield f"{name}: {inner}"
            else:
                yield from _strange(inner, name)
    elif isinstance(value, list):
        if field in {"containers", "initContainers"}:
            yield from (f"{field}.name: {one['name']}" for one in value if not LABEL.fullmatch(one["name"]))
        for inner in value:
            yield from _strange(inner, field)
    elif (
        (field in PORTS and isinstance(value, int) and not 0 < value < 2**16)
        or (field in CHOICES and value not in CHOICES[field])
        or (field == "schedule" and not CRON.fullmatch(value))
    ):
        yield f"{field}: {value}"


def _is_quantity(value):
    return isinstance(value, int | float) or bool(QUANTITY.fullmatch(value))


def test_nothing_that_an_api_server_refuses_is_in_a_manifest(manifests):
    found = {f"{one['kind']} {one['metadata']['name']}": strange(one) for one in manifests}
    assert not {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.parametrize(
    ("kind", "path", "wrong"),
    [
        ("Deployment", "spec.template.spec.containers.0.resources.limits.memory", "1.5 GB"),
        ("Deployment", "spec.template.spec.containers.0.ports.0.containerPort", 70000),
        ("Deployment", "spec.template.spec.containers.0.imagePullPolicy", "Allways"),
        ("Deployment", "spec.template.spec.containers.0.name", "Main_One"),
        ("Deployment", "metadata.name", "Bad_Name"),
        ("Service", "spec.ports.0.port", 0),
    ],
)
def test_what_an_api_server_refuses_is_noticed(kind, path, wrong, combine):
    objects = combine("overlays/production")
    one = copy.deepcopy(next(one for one in objects if one["kind"] == kind))
    assert not strange(one)
    *parents, last = path.split(".")
    at = one
    for step in parents:
        at = at[int(step) if step.isdigit() else step]
    at[last] = wrong
    assert strange(one)


def test_a_disruption_budget_has_one_bound():
    budget = {"kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": {"minAvailable": 1}}
    assert not strange(budget)
    budget["spec"]["maxUnavailable"] = 1
    assert strange(budget)


@pytest.mark.parametrize(("schedule", "fits"), [("17 4 * * 1", True), ("@daily", True), ("daily-ish", False)])
def test_a_schedule_is_one_of_cron(schedule, fits):
    job = {"kind": "CronJob", "metadata": {"name": "job"}, "spec": {"schedule": schedule}}
    assert bool(strange(job)) is not fits
