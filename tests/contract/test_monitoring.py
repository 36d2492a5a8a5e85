"""Alerts and the autoscaler ask for figures that exist."""

import re

import pytest
from langdesign_chassis.metrics import CallMetrics
from prometheus_client import CollectorRegistry

NAMES = re.compile(r"\b(?:grpc_server|langdesign|nv)_[a-z_]+\b")
TRITON = {
    "nv_inference_pending_request_count",
    "nv_inference_request_failure",
}  # of its metrics documentation


@pytest.fixture(scope="module")
def exported(root):
    registry = CollectorRegistry()
    CallMetrics(registry)
    chassis = {name for family in registry.collect() for name in (family.name, f"{family.name}_total")}
    # Read as text: importing the engine takes torch, and seconds.
    engine = root / "services/shared/engine/src/langdesign_engine/metrics.py"
    return chassis | set(re.findall(r'"(langdesign_engine_\w+)"', engine.read_text())) | TRITON


def asked(manifests):
    for one in manifests:
        if one["kind"] == "PrometheusRule":
            yield from (rule["expr"] for group in one["spec"]["groups"] for rule in group["rules"])
        if one["kind"] == "ScaledObject":
            yield from (trigger["metadata"].get("query", "") for trigger in one["spec"]["triggers"])


def test_every_figure_exists(manifests, exported):
    for expression in asked(manifests):
        # Label names are of the same form: leave out those of `by (...)` and of matchers.
        names = set(NAMES.findall(re.sub(r"by \([^)]*\)|\{[^}]*\}", "", expression)))
        assert names <= exported, f"{names - exported} in {expression}"


def test_every_alert_says_what_to_do(manifests):
    rules = [
        rule
        for one in manifests
        if one["kind"] == "PrometheusRule"
        for group in one["spec"]["groups"]
        for rule in group["rules"]
    ]
    for rule in rules:
        assert {"summary", "hint"} <= rule["annotations"].keys(), rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_every_pod_has_the_port_that_is_scraped(manifests, pods):
    endpoints = {
        endpoint["port"]
        for one in manifests
        if one["kind"] == "PodMonitor"
        for endpoint in one["spec"]["podMetricsEndpoints"]
    }
    for name, pod in pods.items():
        assert endpoints <= {port["name"] for port in pod["containers"][0]["ports"]}, name
