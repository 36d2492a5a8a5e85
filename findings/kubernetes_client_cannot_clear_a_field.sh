#!/usr/bin/env bash
# kubernetes 37.0.2 (the Python client), a patch made of its models.
#
# Expected: V1DeploymentSpec(paused=None) in a merge patch takes the field away, as null does in JSON (RFC 7396).
# Seen: whatever is None is left out of what is sent, whether it was set to None or never mentioned, so that the patch is
# empty, the server answers 200, and nothing has changed. A dict keeps its None, and takes the field away. A custom object,
# which has no model, can be cleared for that reason, and a Deployment made of models cannot.
#
# So patches that take something away are dicts.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check kubernetes==37.0.2
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from kubernetes import client

bodies = []


class Server(BaseHTTPRequestHandler):
    def do_PATCH(self):
        bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
api = client.CoreV1Api(client.ApiClient(client.Configuration(host=f"http://127.0.0.1:{server.server_port}")))
modelled = client.V1Service(spec=client.V1ServiceSpec(external_name=None, session_affinity="None"))
plain = {"spec": {"externalName": None, "sessionAffinity": "None"}}
for body in (modelled, plain):
    api.patch_namespaced_service("page", "rooms", body)
    print(f"{type(body).__name__:10} sent as {json.dumps(bodies[-1])}")
server.shutdown()
assert "externalName" not in bodies[0]["spec"], "a model's None is sent now"
assert bodies[1]["spec"]["externalName"] is None
PYTHON
echo "seen: as described"
