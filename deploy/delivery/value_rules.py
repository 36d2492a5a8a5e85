"""Which values an API server takes, where Kubernetes' schemas say only "a string" or "a number".

A rule has patterns of paths, which match from the path's end. A path starts with the object's kind;
`*` is any step, `a|b` one of several.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from value_forms import (
    Check,
    data_key,
    each,
    label,
    label_key,
    label_value,
    one_of,
    percentage,
    port_name,
    quantity,
    schedule,
    subdomain,
    variable,
    whole,
    written_as,
)

Path = tuple[str | int, ...]
Pattern = tuple[frozenset[str], ...]
_SERVERS = "Deployment|StatefulSet|DaemonSet|ReplicaSet"
_CONTAINERS = "containers|initContainers|ephemeralContainers"

RULES: tuple[tuple[str, Check], ...] = (
    # Enumerations. What always runs cannot restart only on failure, nor can what ends restart always.
    (f"{_SERVERS}.spec.template.spec.restartPolicy", one_of("Always")),
    ("Job|jobTemplate.spec.template.spec.restartPolicy", one_of("OnFailure", "Never")),
    (f"Pod.spec.restartPolicy {_CONTAINERS}.*.restartPolicy", one_of("Always", "OnFailure", "Never")),
    (f"{_CONTAINERS}.*.imagePullPolicy", one_of("Always", "IfNotPresent", "Never")),
    (f"{_CONTAINERS}.*.terminationMessagePolicy", one_of("File", "FallbackToLogsOnError")),
    # Listeners of a gateway have other protocols, and are no ports.
    ("ports.*.protocol", one_of("TCP", "UDP", "SCTP")),
    ("httpGet.scheme", one_of("HTTP", "HTTPS")),
    ("spec.dnsPolicy", one_of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")),
    ("spec.preemptionPolicy PriorityClass.preemptionPolicy", one_of("PreemptLowerPriority", "Never")),
    ("seccompProfile|appArmorProfile.type", one_of("RuntimeDefault", "Unconfined", "Localhost")),
    ("securityContext.fsGroupChangePolicy", one_of("OnRootMismatch", "Always")),
    ("emptyDir.medium", written_as(r"|Memory|HugePages(-\S+)?", "'' or 'Memory' or 'HugePages'")),
    ("volumeMounts.*.mountPropagation", one_of("None", "HostToContainer", "Bidirectional")),
    (
        "hostPath.type",
        written_as(r"|(Directory|File)(OrCreate)?|Socket|(Char|Block)Device", "'' or 'Directory' or 'File'"),
    ),
    ("tolerations.*.effect", one_of("", "NoSchedule", "PreferNoSchedule", "NoExecute")),
    ("taints.*.effect", one_of("NoSchedule", "PreferNoSchedule", "NoExecute")),
    ("tolerations.*.operator", one_of("Exists", "Equal")),
    (
        "preference.matchExpressions.*.operator nodeSelectorTerms.*.matchExpressions.*.operator",
        one_of("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
    ),
    (
        "selector|labelSelector|podSelector|namespaceSelector.matchExpressions.*.operator",
        one_of("In", "NotIn", "Exists", "DoesNotExist"),
    ),
    ("topologySpreadConstraints.*.whenUnsatisfiable", one_of("DoNotSchedule", "ScheduleAnyway")),
    ("topologySpreadConstraints.*.nodeAffinityPolicy|nodeTaintsPolicy", one_of("Honor", "Ignore")),
    ("Service.spec.type", one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")),
    ("Service.spec.sessionAffinity", one_of("None", "ClientIP")),
    ("Service.spec.externalTrafficPolicy|internalTrafficPolicy", one_of("Cluster", "Local")),
    ("Service.spec.ipFamilyPolicy", one_of("SingleStack", "PreferDualStack", "RequireDualStack")),
    ("Service.spec.ipFamilies.*", one_of("IPv4", "IPv6")),
    ("Deployment.spec.strategy.type", one_of("Recreate", "RollingUpdate")),
    ("StatefulSet|DaemonSet.spec.updateStrategy.type", one_of("OnDelete", "RollingUpdate")),
    ("StatefulSet.spec.podManagementPolicy", one_of("OrderedReady", "Parallel")),
    ("persistentVolumeClaimRetentionPolicy.whenDeleted|whenScaled", one_of("Retain", "Delete")),
    ("Ingress.spec.rules.*.http.paths.*.pathType", one_of("Exact", "Prefix", "ImplementationSpecific")),
    ("NetworkPolicy.spec.policyTypes.*", one_of("Ingress", "Egress")),
    ("CronJob.spec.concurrencyPolicy", one_of("Allow", "Forbid", "Replace")),
    ("Job|jobTemplate.spec.completionMode", one_of("NonIndexed", "Indexed")),
    (
        "spec.accessModes.*",
        one_of("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
    ),
    ("spec.volumeMode", one_of("Filesystem", "Block")),
    ("PersistentVolume.spec.persistentVolumeReclaimPolicy", one_of("Retain", "Delete", "Recycle")),
    ("StorageClass.reclaimPolicy", one_of("Retain", "Delete")),
    ("StorageClass.volumeBindingMode", one_of("Immediate", "WaitForFirstConsumer")),
    ("PodDisruptionBudget.spec.unhealthyPodEvictionPolicy", one_of("IfHealthyBudget", "AlwaysAllow")),
    ("scaleUp|scaleDown.selectPolicy", one_of("Max", "Min", "Disabled")),
    ("scaleUp|scaleDown.policies.*.type", one_of("Pods", "Percent")),
    (
        "HorizontalPodAutoscaler.spec.metrics.*.type",
        one_of("Resource", "ContainerResource", "Pods", "Object", "External"),
    ),
    ("RoleBinding|ClusterRoleBinding.subjects.*.kind", one_of("ServiceAccount", "User", "Group")),
    ("RoleBinding|ClusterRoleBinding.roleRef.kind", one_of("Role", "ClusterRole")),
    ("RoleBinding|ClusterRoleBinding.roleRef.apiGroup", one_of("rbac.authorization.k8s.io")),
    # Names: of DNS, for whatever gets an address or a folder.
    ("metadata.name", subdomain),
    ("Service|Namespace.metadata.name metadata.namespace", label),
    (f"{_CONTAINERS}.*.name volumes.*.name volumeMounts.*.name Service.spec.ports.*.name", label),
    ("spec.serviceAccountName|priorityClassName|runtimeClassName imagePullSecrets.*.name", subdomain),
    ("configMapRef|secretRef|configMapKeyRef|secretKeyRef|configMap.name", subdomain),
    ("secret.secretName persistentVolumeClaim.claimName", subdomain),
    (f"{_CONTAINERS}.*.ports.*.name ports.*.targetPort NetworkPolicy.spec.*.*.ports.*.port", port_name),
    ("httpGet|tcpSocket.port", port_name),
    (f"{_CONTAINERS}.*.env.*.name", variable),
    ("ConfigMap|Secret.data|binaryData|stringData", each(lambda _: None, data_key)),
    ("configMapKeyRef|secretKeyRef.key", data_key),
    # Labels, and what selects by them; annotations have their keys alone in common.
    ("metadata.labels matchLabels Service.spec.selector spec.nodeSelector", each(label_value, label_key)),
    ("metadata.annotations", each(lambda _: None, lambda key: label_key(key.lower()))),
    ("matchExpressions.*.key podAffinityTerm.topologyKey topologySpreadConstraints.*.topologyKey", label_key),
    # Quantities and counts.
    ("limits requests capacity", each(quantity)),
    ("emptyDir.sizeLimit resourceFieldRef.divisor", quantity),
    ("containerPort hostPort targetPort nodePort port endPort", whole(1, 2**16 - 1)),
    (
        "spec.replicas|minReadySeconds|revisionHistoryLimit|terminationGracePeriodSeconds|minReplicaCount",
        whole(0),
    ),
    ("spec.backoffLimit|parallelism|completions|ttlSecondsAfterFinished|activeDeadlineSeconds", whole(0)),
    ("CronJob.spec.successfulJobsHistoryLimit|failedJobsHistoryLimit|startingDeadlineSeconds", whole(0)),
    (
        "spec.idleReplicaCount|pollingInterval|cooldownPeriod|minReplicas "
        "updateStrategy.rollingUpdate.partition",
        whole(0),
    ),
    (
        "spec.progressDeadlineSeconds|maxReplicas|maxReplicaCount topologySpreadConstraints.*.maxSkew",
        whole(1),
    ),
    ("livenessProbe|readinessProbe|startupProbe.initialDelaySeconds", whole(0)),
    ("livenessProbe|readinessProbe|startupProbe.timeoutSeconds|periodSeconds|failureThreshold", whole(1)),
    ("readinessProbe.successThreshold", whole(1)),
    ("livenessProbe|startupProbe.successThreshold", whole(1, 1)),  # one success is life
    ("scaleUp|scaleDown.stabilizationWindowSeconds", whole(0, 3600)),
    ("scaleUp|scaleDown.policies.*.value", whole(1)),
    ("scaleUp|scaleDown.policies.*.periodSeconds", whole(1, 1800)),
    ("securityContext.runAsUser|runAsGroup|fsGroup", whole(0, 2**31 - 1)),
    ("volumes.*.*.defaultMode items.*.mode", whole(0, 0o777)),
    ("preferredDuringSchedulingIgnoredDuringExecution.*.weight", whole(1, 100)),
    ("sessionAffinityConfig.clientIP.timeoutSeconds", whole(1, 86400)),
    ("PodDisruptionBudget.spec.minAvailable|maxUnavailable rollingUpdate.maxSurge|maxUnavailable", whole(0)),
    (
        "PodDisruptionBudget.spec.minAvailable|maxUnavailable rollingUpdate.maxSurge|maxUnavailable",
        percentage,
    ),
    ("CronJob.spec.schedule", schedule),
)


def compiled(patterns: str) -> list[Pattern]:
    """Return patterns of paths as `matches` wants them."""
    return [tuple(frozenset(step.split("|")) for step in pattern.split(".")) for pattern in patterns.split()]


_RULES: dict[str, list[tuple[Pattern, Check]]] = {}
"""The rules by the last step of what they are of: few are looked at for each of thousands of values."""
for _patterns, _check in RULES:
    for _pattern in compiled(_patterns):
        for _name in _pattern[-1]:
            _RULES.setdefault(_name, []).append((_pattern, _check))


def wrong_values(one: Mapping[str, Any]) -> Iterator[str]:
    """Yield "path: value: what to write" for all values of an object that no API server takes."""
    for path, value in nodes(one, (one["kind"],)):
        for pattern, check in (*_RULES.get(str(path[-1]), ()), *_RULES["*"]):
            if matches(path, pattern) and (hint := check(value)):
                yield (
                    f"{written(path)}: {hint}"
                    if isinstance(value, dict)
                    else f"{written(path)}: {value}: {hint}"
                )


def nodes(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield all that a value consists of, with its path; null is as if it were not there."""
    if value is None:
        return
    yield path, value
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from nodes(inner, (*path, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from nodes(inner, (*path, at))


def matches(path: Path, pattern: Pattern) -> bool:
    """Return whether a path ends as a pattern says."""
    return len(path) >= len(pattern) and all(
        "*" in step or str(at) in step for at, step in zip(path[-len(pattern) :], pattern, strict=True)
    )


def written(path: Path) -> str:
    """Return a path as people write it, without the kind: `spec.ports[0].name`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path[1:]).lstrip(".")
