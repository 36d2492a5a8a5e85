#!/usr/bin/env bash
# Triton 2.51 (nvidia-pytriton 0.7.0 carries the server), SIGTERM, and calls that come while it ends.
#
# Expected: a server that ends says UNAVAILABLE, which is what clients, service configs and meshes try again elsewhere, or closes its
# connections (GOAWAY); so a rollout of several servers loses nothing.
# Seen: models are unloaded first, and for as long as one of them still works (its request of four seconds here, up to
# --exit-timeout-secs) gRPC stays open and every call ends as NOT_FOUND, "unknown model", of a model that is there and was ready
# a moment ago: an error of the request by gRPC's own table, which retry policies leave alone. Only server_ready says UNAVAILABLE.
#
# So servers are taken out of rotation before SIGTERM (a preStop hook that waits), and NOT_FOUND of a known model is tried again.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps nvidia-pytriton==0.7.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "tritonclient[grpc]==2.73.0" numpy==1.26.4
cd "$folder"
mkdir -p models/slow/1 models/quick/1
cat > model.py <<'PYTHON'
import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        answers = []
        for request in requests:
            seconds = pb_utils.get_input_tensor_by_name(request, "seconds").as_numpy()
            time.sleep(int(seconds[0]))
            answers.append(pb_utils.InferenceResponse([pb_utils.Tensor("slept", seconds)]))
        return answers
PYTHON
for model in slow quick; do
  cp model.py "models/$model/1/"
  cat > "models/$model/config.pbtxt" <<'CONFIG'
backend: "python"
max_batch_size: 0
input [{name: "seconds" data_type: TYPE_INT32 dims: [1]}]
output [{name: "slept" data_type: TYPE_INT32 dims: [1]}]
instance_group [{kind: KIND_CPU count: 1}]
CONFIG
done
PATH="$folder/venv/bin:$PATH" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { tail -n 30 "$folder/log"; exit 1; }
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from pathlib import Path

import numpy as np
from tritonclient.grpc import InferenceServerClient, InferInput
from tritonclient.utils import InferenceServerException

wheel = Path(importlib.util.find_spec("pytriton").submodule_search_locations[0])
shutil.copytree(wheel / "tritonserver/backends/python", "backend/python")
version = f"{sys.version_info.major}.{sys.version_info.minor}"
shutil.copy(wheel / f"tritonserver/python_backend_stubs/{version}/triton_python_backend_stub", "backend/python")
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
grpc, http, metrics = (opened.getsockname()[1] for opened in sockets)
for opened in sockets:
    opened.close()
libraries = f"{wheel.parent / 'nvidia_pytriton.libs'}:{sysconfig.get_config_var('LIBDIR')}"
server = subprocess.Popen(
    [wheel / "tritonserver/bin/tritonserver", "--model-repository=models", "--backend-directory=backend",
     f"--grpc-port={grpc}", f"--http-port={http}", f"--metrics-port={metrics}", "--http-address=127.0.0.1",
     "--grpc-address=127.0.0.1", "--metrics-address=127.0.0.1", f"--backend-config=python,shm-region-prefix-name=finding-{grpc}-"],
    stdout=sys.stderr, env={**os.environ, "LD_LIBRARY_PATH": libraries})
client = InferenceServerClient(f"127.0.0.1:{grpc}")


def tensor(seconds):
    made = InferInput("seconds", [1], "INT32")
    made.set_data_from_numpy(np.array([seconds], np.int32))
    return [made]


def ended(call):
    """What a call ends in: nothing, or its status and message."""
    try:
        call()
    except InferenceServerException as error:
        return error.status().split(".")[-1], error.message()
    return "OK", ""


try:
    while server.poll() is None:
        try:
            if client.is_server_ready():
                break
        except InferenceServerException:
            pass
        time.sleep(0.5)
    assert ended(lambda: client.infer("quick", tensor(0))) == ("OK", "")
    last = []
    client.async_infer("slow", tensor(4), lambda result, error: last.append(error))
    time.sleep(0.5)
    server.terminate()
    seen, ready = Counter(), Counter()
    while not last:
        seen[ended(lambda: client.infer("quick", tensor(0)))] += 1
        ready[ended(client.is_server_ready)] += 1
        time.sleep(0.05)
finally:
    server.terminate()
    server.wait()
print("the call that was under way:", last[0] or "answered")
for name, counts in (("calls of the other model", seen), ("server_ready", ready)):
    for (status, message), number in counts.items():
        print(f"{name}, while it ended: {number} x {status} {message}")
assert last == [None]
assert sum(number for (status, _), number in seen.items() if status == "NOT_FOUND") > sum(seen.values()) / 2, "it is UNAVAILABLE now"
PYTHON
echo "seen: as described"
