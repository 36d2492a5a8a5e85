"""Which fields an API server refuses together, or without others: choices, orders, references in a pod."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from value_forms import amount
from value_rules import compiled, matches, nodes, written

Node = Mapping[str, Any]
Wrong = Iterator[tuple[str, str]]
"""Where below the node, empty for the node itself, and what to write."""
Relation = Callable[[Node], Wrong]
_PODS = compiled("template.spec Pod.spec")
_MOUNTS = compiled("volumeMounts|volumeDevices.*")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def at_most_one(*fields: str) -> Relation:
    """Return a relation of fields that exclude each other."""

    def check(node: Node) -> Wrong:
        found = [name for name in fields if node.get(name) is not None]
        if len(found) > 1:
            yield "", f"{' and '.join(found)}: write one of them"

    return check


def exactly_one(*fields: str) -> Relation:
    """Return a relation of fields that exclude each other, of which one is needed."""

    def check(node: Node) -> Wrong:
        if all(node.get(name) is None for name in fields):
            yield "", f"write one of {', '.join(fields)}"
        yield from at_most_one(*fields)(node)

    return check


def only_with(field: str, choice: str, value: str, default: str) -> Relation:
    """Return a relation of a field that only one value of another one, which has a default, goes with."""

    def check(node: Node) -> Wrong:
        chosen = node.get(choice, default)
        if node.get(field) is not None and chosen != value:
            yield field, f"leave it out with {choice} {chosen}, or write {choice} {value}"

    return check


def ordered(least: str, most: str) -> Relation:
    """Return a relation of two numbers, neither of which needs to be there."""

    def check(node: Node) -> Wrong:
        low, high = node.get(least), node.get(most)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            yield least, f"{low} is more than {most} {high}: write at most that"

    return check


def _one_source(volume: Node) -> Wrong:
    yield from at_most_one(*(name for name in volume if name != "name"))(volume)


def _moves(update: Node) -> Wrong:
    if all(update.get(field) in {0, "0%"} for field in ("maxSurge", "maxUnavailable")):
        yield "", "maxSurge and maxUnavailable are 0, which replaces no pod: write 1 for one of them"


def _alone(peer: Node) -> Wrong:
    if "ipBlock" in peer and len(peer) > 1:
        yield "ipBlock", "write it and the selector beside it as two peers"


def _within_limits(resources: Node) -> Wrong:
    limits = resources.get("limits") or {}
    for name, asked in (resources.get("requests") or {}).items():
        low, high = amount(asked), amount(limits.get(name))
        if low is not None and high is not None and low > high:
            yield f"requests.{name}", f"{asked} is more than the limit {limits[name]}: write at most that"


def _selects_its_own(spec: Node) -> Wrong:
    labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    for name, value in (spec["selector"].get("matchLabels") or {}).items():
        if labels.get(name) != value:
            yield f"selector.matchLabels.{name}", f"{value}: write it in template.metadata.labels, too"


def _ends(spec: Node) -> Wrong:
    if "restartPolicy" not in spec:
        yield "restartPolicy", "it is Always by default, and jobs end: write OnFailure or Never"


def _served_ports(spec: Node) -> Wrong:
    ports = spec.get("ports") or []
    if len(ports) > 1 and not all(port.get("name") for port in ports):
        yield "ports", "write a name for each where there are several"
    yield from _twice("ports", [port.get("name") for port in ports])


def _twice(place: str, names: list[Any]) -> Wrong:
    for name, count in Counter(name for name in names if name).items():
        if count > 1:
            yield place, f"{name} is there {count} times: write another for each"


def _pod(spec: Node) -> Wrong:
    containers = [
        (f"{field}[{at}]", one) for field in _CONTAINERS for at, one in enumerate(spec.get(field) or ())
    ]
    volumes = [volume["name"] for volume in spec.get("volumes") or ()]
    yield from _twice("volumes", volumes)
    yield from _twice("containers", [one["name"] for _, one in containers])
    for place, one in containers:
        yield from _twice(f"{place}.ports", [port.get("name") for port in one.get("ports") or ()])
        yield from _twice(
            f"{place}.volumeMounts", [mount["mountPath"] for mount in one.get("volumeMounts") or ()]
        )


def _mounts(spec: Node, claims: set[str]) -> Wrong:
    known = claims | {volume["name"] for volume in spec.get("volumes") or ()}
    hint = f"write it in volumes, or one of {', '.join(sorted(known)) or 'none yet'}"
    for path, mount in nodes({field: spec.get(field) for field in _CONTAINERS}, ("",)):
        if any(matches(path, pattern) for pattern in _MOUNTS) and mount["name"] not in known:
            yield f"{written(path)}.name", f"{mount['name']}: the pod has no such volume; {hint}"


RELATIONS: tuple[tuple[str, Relation], ...] = (
    ("env.*", at_most_one("value", "valueFrom")),
    (
        "env.*.valueFrom",
        exactly_one("configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef", "fileKeyRef"),
    ),
    ("envFrom.*", exactly_one("configMapRef", "secretRef")),
    ("spec.volumes.*", _one_source),
    ("projected.sources.*", _one_source),
    ("livenessProbe|readinessProbe|startupProbe", exactly_one("exec", "httpGet", "tcpSocket", "grpc")),
    ("lifecycle.postStart|preStop", exactly_one("exec", "httpGet", "tcpSocket", "sleep")),
    ("Deployment.spec.strategy", only_with("rollingUpdate", "type", "RollingUpdate", "RollingUpdate")),
    ("StatefulSet.spec.updateStrategy", only_with("rollingUpdate", "type", "RollingUpdate", "RollingUpdate")),
    ("Service.spec", only_with("sessionAffinityConfig", "sessionAffinity", "ClientIP", "None")),
    ("Deployment|DaemonSet.spec.*.rollingUpdate", _moves),
    ("PodDisruptionBudget.spec", at_most_one("minAvailable", "maxUnavailable")),
    ("NetworkPolicy.spec.*.*.from|to.*", _alone),
    ("NetworkPolicy.spec.*.*.ports.*", ordered("port", "endPort")),
    ("HorizontalPodAutoscaler.spec", ordered("minReplicas", "maxReplicas")),
    ("ScaledObject.spec", ordered("minReplicaCount", "maxReplicaCount")),
    ("resources", _within_limits),
    ("Deployment|StatefulSet|DaemonSet.spec", _selects_its_own),
    ("Job|jobTemplate.spec.template.spec", _ends),
    ("Service.spec", _served_ports),
    ("template.spec Pod.spec", _pod),
)
_RELATIONS = [(pattern, relation) for patterns, relation in RELATIONS for pattern in compiled(patterns)]


def wrong_relations(one: Mapping[str, Any]) -> Iterator[str]:
    """Yield "path: fields: what to write" for all that does not go together, or lacks what it needs."""
    claims = {
        claim["metadata"]["name"] for claim in (one.get("spec") or {}).get("volumeClaimTemplates") or ()
    }
    for path, node in nodes(one, (one["kind"],)):
        if not isinstance(node, Mapping):
            continue
        found = [
            wrong for pattern, relation in _RELATIONS if matches(path, pattern) for wrong in relation(node)
        ]
        if any(matches(path, pattern) for pattern in _PODS):
            found += _mounts(node, claims)
        yield from (f"{written((*path, *filter(None, [below])))}: {told}" for below, told in found)
