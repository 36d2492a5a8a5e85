#!/usr/bin/env bash
# Triton 2.51 (nvidia-pytriton 0.7.0 carries the server), its Python backend, and gRPC calls that have ended by their deadline.
#
# Expected: a deadline travels with a gRPC call and Triton knows cancelled requests (its metrics have reason="CANCELED"), so that
# what still waits in a model's queue when its client has given up is dropped.
# Seen: of a model without dynamic_batching everything is executed, one after the other, for nobody, after a deadline as after a
# client's own cancel, and all of it counts as a success. With six callers that wait for 0.2 s and come again, a model that takes
# 0.5 s is busy for ever with what nobody waits for, while its metrics show no failure. "dynamic_batching {}" drops what has not
# yet reached the model and counts it as cancelled, also where a batch is a single request.
#
# So every model has dynamic_batching, and one that works for long looks at request.is_cancelled() itself.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps nvidia-pytriton==0.7.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "tritonclient[grpc]==2.73.0" numpy==1.26.4
cd "$folder"
cat > configured.sh <<'SHELL'
mkdir -p "models/$1/1"
cp model.py "models/$1/1/"
cat > "models/$1/config.pbtxt" <<CONFIG
backend: "python"
max_batch_size: 1
input [{name: "x" data_type: TYPE_INT32 dims: [1]}]
output [{name: "y" data_type: TYPE_INT32 dims: [1]}]
instance_group [{kind: KIND_CPU count: 1}]
$2
CONFIG
SHELL
cat > model.py <<'PYTHON'
import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        time.sleep(0.5 * len(requests))
        return [pb_utils.InferenceResponse([pb_utils.Tensor("y", pb_utils.get_input_tensor_by_name(request, "x").as_numpy())])
                for request in requests]
PYTHON
bash configured.sh plain ""
bash configured.sh batched "dynamic_batching {}"
PATH="$folder/venv/bin:$PATH" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { tail -n 30 "$folder/log"; exit 1; }
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
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


def counted(model):
    """Requests that Triton counts as executed, as successes and as cancelled."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics").read().decode()
    lines = (r"nv_inference_count{%s", r"nv_inference_request_success{%s", r'nv_inference_request_failure{%s,reason="CANCELED"')
    return tuple(int(re.search(line % f'model="{model}"' + r".*} (\d+)", text)[1]) for line in lines)


def given_up(model, how):
    """What Triton counts of six calls at once whose clients wait for 0.2 s, where each takes the model 0.5 s."""
    before, ends = counted(model), []
    tensor = InferInput("x", [1, 1], "INT32")
    tensor.set_data_from_numpy(np.zeros((1, 1), np.int32))
    timeout = {"client_timeout": 0.2} if how == "deadline" else {}
    calls = [client.async_infer(model, [tensor], lambda result, error: ends.append(error), **timeout) for _ in range(6)]
    time.sleep(0.2)
    if how == "cancel":
        for call in calls:
            call.cancel()
    time.sleep(5)
    assert len(ends) == 6 and all(ends), ends
    return ends[0].status().split(".")[-1], *(after - first for after, first in zip(counted(model), before))


try:
    while server.poll() is None:
        try:
            if client.is_server_ready():
                break
        except InferenceServerException:
            pass
        time.sleep(0.5)
    seen = {(model, how): given_up(model, how) for model in ("plain", "batched") for how in ("deadline", "cancel")}
finally:
    server.terminate()
    server.wait()
for (model, how), counts in seen.items():
    print(f"{model}, six calls ended by {how} after 0.2 s (%s): %d executed, %d successes, %d cancelled" % counts)
    if model == "plain":
        assert counts[1:] == (6, 6, 0), "what nobody waits for is dropped now"
    else:
        assert counts[3] > 0 and counts[1] + counts[3] == 6
PYTHON
echo "seen: as described"
