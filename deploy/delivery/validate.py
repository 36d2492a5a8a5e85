"""Holds rendered manifests against the schema of every kind, and against what API servers refuse beside it.

python deploy/delivery/validate.py rendered/staging.yaml rendered/production.yaml

Kubernetes' own kinds have their schemas in the package kubernetes-validate, custom resources in
deploy/schemas; a kind that has a schema in neither is an error, and so is a field that a schema does not
name: an API server would drop it without a word.
"""

import argparse
import functools
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator

Manifest = Mapping[str, Any]
KUBERNETES = "1.37"
SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
"""Folder of the custom resources' schemas: `<group>/<kind>_<version>.json`."""
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


def problems(one: Manifest) -> list[str]:
    """Return all that is wrong with an object: by the schema of its kind, then by its values."""
    return _against_schema(one) or _against_values(one)


def _against_schema(one: Manifest) -> list[str]:
    custom = _custom_schema(one["kind"], one["apiVersion"])
    if custom is not None:
        return [f"{error.json_path}: {error.message}" for error in custom.iter_errors(one)]
    try:
        kubernetes_validate.validate(dict(one), KUBERNETES, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return [
            f"nothing knows the kind {one['kind']} of {one['apiVersion']}: add its schema to deploy/schemas"
        ]
    except kubernetes_validate.ValidationError as error:
        return [f"{error.json_path}: {error.message}"]
    return []


@functools.cache
def _custom_schema(kind: str, version: str) -> Draft202012Validator | None:
    """Return what validates a custom kind, closed to fields that its schema does not name."""
    group, _, number = version.rpartition("/")
    file = SCHEMAS / group / f"{kind.lower()}_{number}.json"
    return Draft202012Validator(_closed(json.loads(file.read_text("utf-8")))) if file.is_file() else None


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    copied = {name: _closed(one) for name, one in schema.items()}
    named = isinstance(copied.get("properties"), dict) and copied.get("type") == "object"
    if (
        named
        and "additionalProperties" not in copied
        and not schema.get("x-kubernetes-preserve-unknown-fields")
    ):
        # What every object has is of Kubernetes' own schema.
        free = "metadata" in copied["properties"] and copied["properties"]["metadata"] == {"type": "object"}
        copied["additionalProperties"] = False
        if free:
            copied["properties"]["metadata"] = {}
    return copied


def _against_values(one: Manifest) -> list[str]:
    """Return what no schema knows, each as "field: value": quantities, ports, names, exclusive fields."""
    name = one["metadata"]["name"]
    found = [] if SUBDOMAIN.fullmatch(name) else [f"metadata.name: {name}"]
    both = [fields for fields in EXCLUSIVE.get(one["kind"], ()) if fields <= one["spec"].keys()]
    found += [f"spec: {' and '.join(sorted(fields))}" for fields in both]
    return [*found, *_strange(one)]


def _strange(value: Any, field: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in AMOUNTS and isinstance(inner, Mapping):
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


def _is_quantity(value: Any) -> bool:
    return isinstance(value, int | float) or bool(QUANTITY.fullmatch(value))


def check(file: Path) -> list[str]:
    """Return a line for all that is wrong in a file of manifests; a file without any is wrong, too."""
    try:
        objects = [one for one in yaml.load_all(file.read_text("utf-8"), Loader=yaml.CSafeLoader) if one]
    except (OSError, yaml.YAMLError) as error:
        return [f"{file}: {' '.join(str(error).split())}"]
    if not objects or not all(map(_is_object, objects)):
        return [f"{file}: it is no list of manifests; `kubectl kustomize` renders them"]
    return [
        f"{file}: {one['kind']} {one['metadata']['name']}: {problem}"
        for one in objects
        for problem in problems(one)
    ]


def _is_object(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"apiVersion", "kind", "metadata"} <= value.keys()
        and isinstance(value["metadata"], dict)
        and "name" in value["metadata"]
    )


def main() -> None:
    """Check the files that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, help="rendered manifests, YAML")
    files = parser.parse_args().files
    wrong = [line for file in files for line in check(file)]
    if wrong:
        sys.exit("\n".join(wrong))
    sys.stdout.write(f"valid: {', '.join(map(str, files))}\n")


if __name__ == "__main__":
    main()
