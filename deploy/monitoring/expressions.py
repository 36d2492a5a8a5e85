"""What the manifests ask of Prometheus, and what an expression asks for."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import promql_parser as promql

Manifest = Mapping[str, Any]
NAMESPACE = "langdesign"
"""The namespace that dashboards are asked for."""
RANGE = "30s"
"""The range that dashboards are asked for, in place of Grafana's own."""
_FILTERS = frozenset({">", "<", ">=", "<=", "==", "!="})


@dataclass(frozen=True)
class Asked:
    """An expression, and who asks.

    Attributes:
        where: Such as ``alert EditsFail`` or ``edits: Slots``.
        text: PromQL.

    """

    where: str
    text: str

    @property
    def tree(self) -> Any:
        """The parsed expression.

        Raises:
            ValueError: It is no PromQL.

        """
        return promql.parse(self.text)

    @property
    def selectors(self) -> list[str]:
        """Every selector in it, such as ``up{job="a"}``, with the metric's name first."""
        return [str(one) for one in selectors(self.tree)]

    @property
    def unfiltered(self) -> str:
        """It without its outermost condition: what an alert looks at, whether or not it is to be told."""
        tree = self.tree
        while isinstance(tree, promql.ParenExpr) or _filters(tree):
            tree = tree.expr if isinstance(tree, promql.ParenExpr) else tree.lhs
        return str(tree)


def _filters(tree: Any) -> bool:
    return isinstance(tree, promql.BinaryExpr) and (str(tree.op) in _FILTERS or str(tree.op) == "unless")


def selectors(tree: Any) -> list[Any]:
    """Return every vector selector of a parsed expression, in order."""
    found: list[Any] = []

    def keep(node: Any) -> None:
        if isinstance(node, promql.VectorSelector):
            found.append(node)

    promql.walk(tree, keep)
    return found


def rules(manifests: Iterable[Manifest]) -> list[Mapping[str, Any]]:
    """Return every alert and recorded figure of rendered manifests."""
    return [
        rule
        for one in manifests
        if one["kind"] == "PrometheusRule"
        for group in one["spec"]["groups"]
        for rule in group["rules"]
    ]


def asked_by_rules(manifests: Iterable[Manifest]) -> Iterator[Asked]:
    """Return what alerts and recorded figures ask for."""
    for rule in rules(manifests):
        kind = "alert" if "alert" in rule else "record"
        yield Asked(f"{kind} {rule[kind]}", rule["expr"])


def asked_by_scaling(manifests: Iterable[Manifest]) -> Iterator[Asked]:
    """Return what the autoscaler asks for."""
    for one in manifests:
        if one["kind"] == "ScaledObject":
            for trigger in one["spec"]["triggers"]:
                if "query" in trigger["metadata"]:
                    yield Asked(
                        f"scaling {one['metadata']['name']} {trigger['name']}", trigger["metadata"]["query"]
                    )


def asked_by_dashboards(manifests: Iterable[Manifest]) -> Iterator[Asked]:
    """Return what every panel asks for, Grafana's variables filled in."""
    for one in manifests:
        if one["kind"] == "ConfigMap" and "grafana_dashboard" in one["metadata"].get("labels", {}):
            for file, text in one["data"].items():
                for panel in json.loads(text)["panels"]:
                    for target in panel["targets"]:
                        yield Asked(f"{file.removesuffix('.json')}: {panel['title']}", filled(target["expr"]))


def filled(expression: str) -> str:
    """Return a dashboard's expression with what Grafana puts in place of its variables."""
    return expression.replace("$__rate_interval", RANGE).replace("$namespace", NAMESPACE)


def asked(manifests: Iterable[Manifest]) -> list[Asked]:
    """Return all that rendered manifests ask of Prometheus."""
    everything = list(manifests)
    return [*asked_by_rules(everything), *asked_by_scaling(everything), *asked_by_dashboards(everything)]
