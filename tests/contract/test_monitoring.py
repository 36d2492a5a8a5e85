"""Alerts, the autoscaler and dashboards ask for figures that exist, with labels and values that they have.

`make monitoring-check` asks a real Prometheus over running services the same; promtool tests the rules there.
"""

import importlib
import json
import re
import subprocess
import sys

import grpc
import promql_parser as promql
import pytest
from langdesign_chassis.metrics import CallMetrics, new_registry
from langdesign_design.metrics import DesignMetrics
from langdesign_design.nodes import NodeState
from langdesign_editing.events import NoOpReason, State
from langdesign_editing.metrics import OperationMetrics
from langdesign_edits.changes import ChangeReport
from langdesign_edits.preserve import Preserve
from langdesign_engine.metrics import EngineMetrics
from langdesign_reference.metrics import ReferenceMetrics
from langdesign_reference.plan import Reader
from langdesign_training.metrics import RunMetrics
from langdesign_training.runs import Kind, Progress, Run
from langdesign_training.runs import State as RunState

SCRAPED = {"namespace", "pod", "app_kubernetes_io_name", "app_kubernetes_io_part_of"}
"""Labels that the PodMonitor gives to every series."""
THEIRS = {
    "up": {},
    # Triton's, as its page showed them; `reason` among CANCELED, REJECTED, BACKEND, OTHER.
    "nv_inference_pending_request_count": {"model": {"edit", "segment"}, "version": {"1"}},
    "nv_inference_request_failure": {"model": {"segment"}, "version": {"1"}, "reason": set()},
    "nv_inference_request_success": {"model": {"edit", "segment"}, "version": {"1"}},
    "nv_gpu_utilization": {"gpu_uuid": set()},
    "nv_gpu_memory_used_bytes": {"gpu_uuid": set()},
    # Envoy's.
    "envoy_http_downstream_rq_xx": {
        "envoy_response_code_class": {"1", "2", "3", "4", "5"},
        "envoy_http_conn_manager_prefix": set(),
    },
}
"""Metrics of other programs, with their labels and the values that matter here."""


@pytest.fixture(scope="module")
def tool(root):
    """Return a function that imports a module of deploy/monitoring."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root / "deploy/monitoring"))
        yield importlib.import_module


@pytest.fixture(scope="module")
def expressions(tool):
    return tool("expressions")


@pytest.fixture(scope="module")
def dashboards(tool):
    return tool("dashboards")


@pytest.fixture(scope="module")
def production(combine):
    return combine("overlays/production")


@pytest.fixture(scope="module")
def exported(root, production, expressions):
    """Every metric there is, with its labels and their values: registries of services that saw everything."""
    found = {
        name: {label: set(values) for label, values in labels.items()} for name, labels in THEIRS.items()
    }
    for sample in (*samples_of_services(), *EngineMetrics().samples()):
        labels = found.setdefault(sample.name, {})
        for label, value in dict(sample.labels).items():
            labels.setdefault(label, set()).add(value)
    adapter = (root / "services/model_server/model_repository/edit/1/model.py").read_text()
    (restarts,) = re.findall(r'"(langdesign_supervisor_\w+)", "counter"', adapter)
    found[restarts] = {"model": {"edit"}}
    for rule in expressions.rules(production):
        if "record" in rule:
            found[rule["record"]] = {label: set() for label in grouping(promql.parse(rule["expr"]))}
    found["langdesign:no_ops:share"]["reason"] = found["langdesign_editing_no_ops_total"]["reason"]
    return found


def samples_of_services():
    registry = new_registry()
    calls = CallMetrics(registry)
    for code in grpc.StatusCode:
        calls.handled.labels("langdesign.reference.v1.ReferenceService", "PlanEdit", code.name).inc()
    calls.seconds.labels("langdesign.reference.v1.ReferenceService", "PlanEdit").observe(1)
    calls.in_flight.labels("langdesign.reference.v1.ReferenceService", "PlanEdit").set(1)
    operations = OperationMetrics(registry)
    for state in State:
        operations.ended(state, 1.0)
    for reason in NoOpReason:
        operations.changed_nothing(reason)
    for preserve in Preserve:
        operations.changed(ChangeReport.unchanged(16, preserve))
    nodes = DesignMetrics(registry)
    for state in NodeState:
        nodes.ended(state, 1.0)
    readers = ReferenceMetrics(registry)
    for reader in Reader:
        readers.read(reader)
    readers.asked("edits")
    runs = RunMetrics(registry)
    for kind in Kind:
        for state in RunState:
            runs.ended(Run("f", "ann", kind, "mini", {}, state, Progress(), "", False, (), 0, None, None))
    return [sample for family in registry.collect() for sample in family.samples]


def grouping(tree):
    """The labels that an expression's outermost aggregations keep."""
    found = []
    promql.walk(tree, lambda node: found.append(node) if isinstance(node, promql.AggregateExpr) else None)
    return {label for node in found if node.modifier for label in node.modifier.labels} - {"le"}


def asked_anywhere(combine, expressions):
    places = (("overlays/production",), ("overlays/staging", "components/postgres", "components/autoscaling"))
    return [one for place in places for one in expressions.asked(combine(*place))]


def complaints(selector, exported):
    """What is wrong with a selector: its metric, a label, or a value that the label never has."""
    if selector.name not in exported:
        return [f"nobody exports {selector.name}"]
    labels, found = exported[selector.name], []
    for matcher in selector.matchers.matchers:
        if matcher.name in SCRAPED:
            continue
        if matcher.name not in labels:
            found.append(f"{selector.name} has no label {matcher.name}")
            continue
        # Of `A|B`, a misspelt B would go unnoticed.
        wanted = matcher.value.split("|") if re.fullmatch(r"\w+(\|\w+)+", matcher.value) else [matcher.value]
        patterns = wanted if "Re" in str(matcher.op) else [re.escape(one) for one in wanted]
        values = labels[matcher.name]
        never = [one for one in patterns if not any(re.fullmatch(one, value) for value in values)]
        found += [f"{matcher.name} of {selector.name} is never {one}" for one in never if values]
    return found


def test_every_expression_asks_for_a_metric_that_exists_by_labels_and_values_that_it_has(
    combine, expressions, exported
):
    for one in asked_anywhere(combine, expressions):
        for selector in expressions.selectors(one.tree):
            assert not complaints(selector, exported), one.where


@pytest.mark.parametrize(
    "text",
    [
        "langdesign_engine_edit_total",
        'langdesign_engine_edits_total{result="failed"}',
        'langdesign_engine_edits_total{outcome="faild"}',
        'grpc_server_handled_total{grpc_code=~"INTERNAL|UNKNOWNS"}',
        'langdesign_editing_changed_outside_bucket{le="0"}',
    ],
)
def test_what_is_misspelt_is_noticed(expressions, exported, text):
    (selector,) = expressions.selectors(promql.parse(text))
    assert len(complaints(selector, exported)) == 1


def test_failures_are_asked_of_no_model_whose_failures_triton_counts_as_successes(root, combine, expressions):
    configs = (root / "services/model_server/model_repository").glob("*/config.pbtxt")
    decoupled = {one.parent.name for one in configs if "decoupled: true" in one.read_text()}
    failures = [
        (one.where, selector)
        for one in asked_anywhere(combine, expressions)
        for selector in expressions.selectors(one.tree)
        if selector.name == "nv_inference_request_failure"
    ]
    assert decoupled
    assert {where.split()[0] for where, _ in failures} > {"alert"}
    for where, selector in failures:
        models = {matcher.value for matcher in selector.matchers.matchers if matcher.name == "model"}
        assert models, where
        assert not models & decoupled, where


def test_figures_are_told_by_labels_that_they_have(combine, expressions, exported):
    for one in asked_anywhere(combine, expressions):
        asked = expressions.selectors(one.tree)
        known = SCRAPED.union(*(exported[selector.name] for selector in asked))
        assert grouping(one.tree) <= known, f"{one.where}: {grouping(one.tree) - known}"


def test_one_deployments_figures_are_kept_apart_from_anothers(combine, expressions):
    """Two namespaces in one Prometheus: neither is scaled, nor blamed, by the other's figures."""
    for one in asked_anywhere(combine, expressions):
        if one.where.startswith(("alert", "record")):
            assert "namespace" in grouping(one.tree) or "langdesign:" in one.text, one.where
        else:
            for selector in expressions.selectors(one.tree):
                assert "namespace" in {matcher.name for matcher in selector.matchers.matchers}, one.where


def test_the_autoscaler_asks_for_its_own_namespace(manifests, namespace, expressions):
    for one in expressions.asked_by_scaling(manifests):
        for selector in expressions.selectors(one.tree):
            values = [each.value for each in selector.matchers.matchers if each.name == "namespace"]
            assert values == [namespace], one.where


def test_the_model_server_scales_by_pending_edits_and_their_wait_from_one_replica_on(production):
    (scaler,) = (
        one["spec"]
        for one in production
        if one["kind"] == "ScaledObject" and one["metadata"]["name"] == "model-server"
    )
    triggers = {one["name"]: one for one in scaler["triggers"]}
    assert scaler["minReplicaCount"] == 1
    assert "langdesign:engine_pending:edits" in triggers["pending-edits"]["metadata"]["query"]
    assert "langdesign:engine_wait:seconds" in triggers["queue-time"]["metadata"]["query"]
    # A wait is no sum that replicas share.
    assert triggers["queue-time"]["metricType"] == "Value"


def test_every_alert_says_how_bad_it_is_and_has_a_page_of_what_to_do(production, expressions, root):
    alerts = [rule for rule in expressions.rules(production) if "alert" in rule]
    pages = root / "deploy/monitoring/runbooks"
    for rule in alerts:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"].keys() == {"summary", "runbook_url"}, rule["alert"]
        assert rule["annotations"]["runbook_url"].endswith(f"/deploy/monitoring/runbooks/{rule['alert']}.md")
    assert {rule["alert"] for rule in alerts} == {page.stem for page in pages.glob("*.md")} - {"README"}


def test_the_pages_name_what_there_is(root, production, expressions, services):
    names = {rule["alert"] for rule in expressions.rules(production) if "alert" in rule}
    workloads = {
        one["metadata"]["name"] for one in production if one["kind"] in {"Deployment", "StatefulSet"}
    }
    for page in (root / "deploy/monitoring/runbooks").glob("*.md"):
        text = page.read_text()
        assert set(re.findall(r"\]\((\w+)\.md\)", text)) <= names, page.name
        named = set(re.findall(r"(?:deployment|statefulset)/([\w-]+)", text)) - {"NAME"}
        assert named <= workloads, page.name
        kinds = dict(re.findall(r"(deployment|statefulset)/([\w-]+)", text))
        for kind, name in kinds.items():
            there = [one["kind"].lower() for one in production if one["metadata"]["name"] == name]
            assert name == "NAME" or kind in there, f"{page.name}: {name} is no {kind}"
        for path in re.findall(r"`(components/[\w/.-]+|overlays/[\w/.-]+)`", text):
            assert (root / "deploy" / path).exists(), f"{page.name}: {path}"


def test_every_alert_has_a_test_of_what_tells_it(root, production, expressions):
    tests = (root / "deploy/monitoring/rules_test.yaml").read_text()
    alerts = {rule["alert"] for rule in expressions.rules(production) if "alert" in rule}
    assert set(re.findall(r"alertname: (\w+)\n\s+eval_time: \w+\n\s+exp_alerts:\n", tests)) == alerts
    # promtool passes a case in which an alert that does not exist keeps still.
    assert set(re.findall(r"alertname: (\w+)", tests)) == alerts


def test_the_dashboards_are_those_of_their_tables(root, dashboards):
    done = subprocess.run(
        [sys.executable, root / "deploy/monitoring/dashboards.py", "--check"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {file.stem for file in dashboards.FOLDER.glob("*.json")} == {
        one.name for one in dashboards.DASHBOARDS
    }


def test_dashboards_are_found_by_the_sidecar_and_have_no_two_panels_in_one_place(production):
    (found,) = (one for one in production if one["metadata"]["name"] == "dashboards")
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    for text in found["data"].values():
        page = json.loads(text)
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in page["panels"]]
        assert len(set(places)) == len(places)


def test_monitors_and_rules_carry_the_label_of_the_place(manifests):
    """By which the Prometheus operator finds them; without it, it passes them over."""
    found = [
        one["metadata"]["labels"]["release"]
        for one in manifests
        if one["kind"] in {"PodMonitor", "PrometheusRule"}
    ]
    assert set(found) <= {"kube-prometheus-stack"}


def test_every_pod_has_the_port_that_is_scraped(manifests, pods):
    endpoints = {
        endpoint["port"]
        for one in manifests
        if one["kind"] == "PodMonitor"
        for endpoint in one["spec"]["podMetricsEndpoints"]
    }
    for name, pod in pods.items():
        if endpoints and name != "vllm":  # a program of others, whose page is the port that it serves
            assert endpoints <= {port["name"] for port in pod["containers"][0]["ports"]}, name
