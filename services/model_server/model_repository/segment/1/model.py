"""Triton's side of referring segmentation: all waiting requests in one pass of the network."""

import json
import os
from pathlib import Path

import numpy as np
import torch
import triton_python_backend_utils as pb_utils
from langdesign_registry import verify_checkpoint
from langdesign_rela import InvalidInput, Predictor, Request


class TritonPythonModel:
    """One predictor."""

    def initialize(self, args):
        """Verify the checkpoint and load it."""
        config = json.loads(args["model_config"])["parameters"]
        options = {name: value["string_value"] for name, value in config.items()}
        gpu = args["model_instance_kind"] == "GPU"
        folder = Path(os.environ.get("SEGMENT_MODEL_DIR", options["model_dir"]))
        verify_checkpoint(folder, os.environ)
        self._predictor = Predictor.from_folder(
            folder,
            device=f"cuda:{args['model_instance_device_id']}" if gpu else "cpu",
            dtype=getattr(torch, options["dtype"]),
            max_expressions=int(options["max_expressions"]),
        )

    def execute(self, requests):
        """Answer each request, in order; a check costs no pass of the network."""
        jobs = [[] if _is_check(request) else _read(request) for request in requests]
        rows = [row for job in jobs for row in job]
        try:
            answers = iter(self._predictor.predict_many(rows) if rows else [])
        except InvalidInput:  # of one of them, which must not spoil the others
            return [self._alone(job) for job in jobs]
        return [_response([next(answers) for _ in job]) for job in jobs]

    def finalize(self):
        """End this process: to take down an interpreter with PyTorch in it costs seconds."""
        os._exit(0)

    def _alone(self, job):
        try:
            return _response(self._predictor.predict_many(job) if job else [])
        except InvalidInput as error:
            refusal = pb_utils.TritonError(str(error), pb_utils.TritonError.INVALID_ARG)
            return pb_utils.InferenceResponse(error=refusal)


_NOTHING = {
    "PROBABILITY": np.zeros((1, 0, 0, 0), np.float32),
    "NO_TARGET": np.zeros((1, 0), np.float32),
    "TRUNCATED": np.zeros((1, 0), np.bool_),
    "UNKNOWN": np.zeros((1, 0), np.object_),
}


def _is_check(request):
    """Whether a request asks for nothing but an answer, of no expression, to show that this process lives."""
    return json.loads(request.parameters() or "{}").get("check") is True


def _read(request):
    tensors = (pb_utils.get_input_tensor_by_name(request, name) for name in ("IMAGE", "EXPRESSIONS"))
    images, expressions = (tensor.as_numpy() for tensor in tensors)
    texts = [[text.decode(errors="replace") for text in row] for row in expressions]
    return [Request(image, row) for image, row in zip(images, texts, strict=True)]


def _response(answers):
    if not answers:
        return pb_utils.InferenceResponse([pb_utils.Tensor(*output) for output in _NOTHING.items()])
    outputs = {
        "PROBABILITY": np.stack([answer.probability for answer in answers]),
        "NO_TARGET": np.stack([answer.no_target for answer in answers]),
        "TRUNCATED": np.stack([answer.truncated for answer in answers]),
        "UNKNOWN": np.array([[json.dumps(words) for words in one.unknown] for one in answers], np.object_),
    }
    return pb_utils.InferenceResponse([pb_utils.Tensor(name, value) for name, value in outputs.items()])
