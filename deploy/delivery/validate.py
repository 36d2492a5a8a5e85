"""Holds rendered manifests against the schema of every kind, and against what API servers refuse beside it.

python deploy/delivery/validate.py rendered/staging.yaml rendered/production.yaml

Kubernetes' own kinds have their schemas in the package kubernetes-validate, custom resources in
deploy/schemas; a kind that has a schema in neither is an error, and so is a field that a schema does not
name: an API server would drop it without a word.
"""

import argparse
import functools
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate import utils
from relation_rules import wrong_relations
from value_rules import wrong_values

Manifest = Mapping[str, Any]
KUBERNETES = "1.37"
SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
"""Folder of the custom resources' schemas: `<group>/<kind>_<version>.json`."""
# The library reads its schemas, megabytes of them, for each object.
utils.schema_contents = functools.cache(utils.schema_contents)


def problems(one: Manifest) -> list[str]:
    """Return all that is wrong with an object: by its kind's schema, then by values and relations."""
    return _against_schema(one) or [*wrong_values(one), *wrong_relations(one)]


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
