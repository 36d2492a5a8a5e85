"""The `segment` model in a real Triton."""

import os
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as client
from langdesign_client.local.triton import TritonPorts, lay_out_backend, triton_command
from langdesign_rela import Predictor
from langdesign_rela.random_weights import write_random_checkpoint

REPOSITORY = Path(__file__).parents[1] / "model_repository"
START_TIMEOUT = 120.0
EXPRESSIONS = [
    f"the {colour} {thing}" for colour in ("red", "blue") for thing in ("chair", "lamp", "rug", "bed")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A checkpoint folder with tiny random weights."""
    folder = tmp_path_factory.mktemp("segment")
    write_random_checkpoint("tiny", folder / "checkpoint")
    return folder


@pytest.fixture(scope="module")
def triton(folder):
    """A client of a Triton that serves `segment`."""
    shutil.copytree(REPOSITORY / "segment", folder / "models" / "segment")
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in range(3)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        ports = TritonPorts(*(one.getsockname()[1] for one in sockets))
    environment = {**os.environ, "SEGMENT_MODEL_DIR": str(folder / "checkpoint"), "OMP_NUM_THREADS": "1"}
    backends = lay_out_backend(folder / "backends")
    argv, environment = triton_command(folder / "models", backends, environment, ports=ports)
    log = folder / "triton.log"
    with log.open("w") as output:
        process = subprocess.Popen(argv, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        with client.InferenceServerClient(f"127.0.0.1:{ports.grpc}") as server:
            wait_until_ready(server, process, log)
            yield server
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(server, process, log):
    end = time.monotonic() + START_TIMEOUT
    while True:
        try:
            if server.is_server_ready():
                return
        except client.InferenceServerException:
            pass  # it does not listen yet
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"Triton did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.1)


def ask(triton, image, expressions):
    texts = np.array([[text.encode() for text in expressions]], dtype=np.object_)
    inputs = []
    for name, value, kind in (("IMAGE", image[None], "UINT8"), ("EXPRESSIONS", texts, "BYTES")):
        inputs.append(client.InferInput(name, list(value.shape), kind))
        inputs[-1].set_data_from_numpy(value)
    answer = triton.infer("segment", inputs, client_timeout=60)
    return answer.as_numpy("PROBABILITY"), answer.as_numpy("NO_TARGET"), answer.as_numpy("TRUNCATED")


def noise(height, width):
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_eight_expressions_on_one_image_are_answered_as_the_predictor_answers(triton, folder):
    probability, no_target, truncated = ask(triton, noise(60, 80), EXPRESSIONS)
    expected = Predictor.from_folder(folder / "checkpoint").predict(noise(60, 80), EXPRESSIONS)
    assert probability.shape == (1, 8, 60, 80)
    np.testing.assert_allclose(probability[0], expected.probability, atol=1e-4)
    np.testing.assert_allclose(no_target[0], expected.no_target, atol=1e-4)
    assert truncated.tolist() == [[False] * 8]


def test_an_expression_that_was_cut_is_told(triton):
    assert ask(triton, noise(20, 20), ["the chair", "the chair " * 20])[2].tolist() == [[False, True]]


def test_requests_with_images_of_different_sizes_are_batched_and_each_gets_its_own_answer(triton):
    images = [noise(40 + index, 90 - index) for index in range(6)]
    alone = [ask(triton, image, EXPRESSIONS[:2]) for image in images]
    before = statistics(triton, len(images))
    with ThreadPoolExecutor(len(images)) as pool:
        together = list(pool.map(lambda image: ask(triton, image, EXPRESSIONS[:2]), images))
    after = statistics(triton, before.inference_count + len(images))
    for (ours, none, _), (theirs, other, _) in zip(together, alone, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
        np.testing.assert_allclose(none, other, atol=1e-4)
    inferences = after.inference_count - before.inference_count
    assert after.execution_count - before.execution_count < inferences


def statistics(triton, inferences):
    """Return what Triton counts, once it has counted so many inferences: it counts after it answers."""
    end = time.monotonic() + 10
    while True:
        counted = triton.get_inference_statistics("segment").model_stats[0]
        if counted.inference_count >= inferences:
            return counted
        assert time.monotonic() < end, counted
        time.sleep(0.02)


def test_an_expression_without_a_word_is_an_invalid_argument_and_spoils_no_other_request(triton):
    with ThreadPoolExecutor(2) as pool:
        bad = pool.submit(ask, triton, noise(20, 20), ["chair", " "])
        good = pool.submit(ask, triton, noise(30, 30), ["chair"])
        assert good.result()[0].shape == (1, 1, 30, 30)
        with pytest.raises(client.InferenceServerException, match="holds no word") as refusal:
            bad.result()
    assert refusal.value.status() == "StatusCode.INVALID_ARGUMENT"
