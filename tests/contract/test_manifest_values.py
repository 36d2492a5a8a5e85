"""Values that an API server refuses and schemas do not: quantities, ports, names, exclusive fields."""

import copy

import pytest


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
def test_what_an_api_server_refuses_is_noticed(validate, kind, path, wrong, combine):
    objects = combine("overlays/production")
    one = copy.deepcopy(next(one for one in objects if one["kind"] == kind))
    assert not validate.problems(one)
    *parents, last = path.split(".")
    at = one
    for step in parents:
        at = at[int(step) if step.isdigit() else step]
    at[last] = wrong
    assert validate.problems(one)


def test_a_disruption_budget_has_one_bound(validate):
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}}
    budget["spec"] = {"minAvailable": 1}
    assert not validate.problems(budget)
    budget["spec"]["maxUnavailable"] = 1
    assert validate.problems(budget)


@pytest.mark.parametrize(("schedule", "fits"), [("17 4 * * 1", True), ("@daily", True), ("daily-ish", False)])
def test_a_schedule_is_one_of_cron(validate, schedule, fits):
    pod = {"restartPolicy": "Never", "containers": [{"name": "one", "image": "one"}]}
    job = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "job"}}
    job["spec"] = {"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    assert bool(validate.problems(job)) is not fits
