#!/usr/bin/env bash
# onnxruntime 1.32.0 on the CPU, quantize_dynamic(): the same input with one NaN for a model and for its quantised copy.
#
# Expected: NaN stays NaN. A server that looks for it in what a model gives (a broken picture, an overflow some layers earlier)
# needs no other check for the smaller copy; with a scale from the least and greatest value one expects all of the row to become
# NaN.
# Seen: DynamicQuantizeLinear takes least and greatest as if it were not there, and writes it as a number, the row's least here.
# The quantised model gives ordinary numbers, those of an input with another value in that place, and the check finds nothing;
# the plain model gives NaN throughout.
#
# So what enters a quantised model is checked by isfinite() before.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1


def run(path, values):
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.array([values], np.float32)})[0].ravel()


weights = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
graph = helper.make_graph(
    [helper.make_node("MatMul", ["x", "w"], ["y"])], "graph", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])], [numpy_helper.from_array(weights, "w")])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), "plain.onnx")
quantize_dynamic("plain.onnx", "quantised.onnx")
whole, broken = [0.5, 0.125, -0.25, 1.0], [0.5, np.nan, -0.25, 1.0]
for path in ("plain.onnx", "quantised.onnx"):
    print(f"{path}: {run(path, whole)}, with NaN in the second place {run(path, broken)}")
print("with the least value there instead:", run("quantised.onnx", [0.5, -0.25, -0.25, 1.0]))
assert np.allclose(run("quantised.onnx", whole), run("plain.onnx", whole), atol=0.05)
assert np.isnan(run("plain.onnx", broken)).all()
assert np.isfinite(run("quantised.onnx", broken)).all(), "NaN stays now"
PYTHON
echo "seen: as described"
