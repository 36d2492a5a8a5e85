"""The `segment` model in a real Triton."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as client
from langdesign_command.local.testing import running_triton
from langdesign_rela import Predictor
from langdesign_rela.random_weights import write_random_checkpoint

REPOSITORY = Path(__file__).parents[1] / "model_repository"
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
    variables = {"SEGMENT_MODEL_DIR": str(folder / "checkpoint")}
    with (
        running_triton(folder, [REPOSITORY / "segment"], variables) as running,
        client.InferenceServerClient(running.address) as server,
    ):
        yield server


def ask(triton, image, expressions, **parameters):
    texts = np.array([[text.encode() for text in expressions]], dtype=np.object_)
    inputs = []
    for name, value, kind in (("IMAGE", image[None], "UINT8"), ("EXPRESSIONS", texts, "BYTES")):
        inputs.append(client.InferInput(name, list(value.shape), kind))
        inputs[-1].set_data_from_numpy(value)
    answer = triton.infer("segment", inputs, client_timeout=60, parameters=parameters)
    return tuple(answer.as_numpy(name) for name in ("PROBABILITY", "NO_TARGET", "TRUNCATED", "UNKNOWN"))


def noise(height, width):
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_check_asks_for_no_work_and_spoils_no_other_request(triton):
    alone = ask(triton, noise(24, 24), EXPRESSIONS[:2])
    with ThreadPoolExecutor(12) as pool:
        checks = [pool.submit(ask, triton, noise(1, 1), ["a"], check=True) for _ in range(6)]
        others = [pool.submit(ask, triton, noise(24, 24), EXPRESSIONS[:2]) for _ in range(6)]
    for check in checks:
        assert [output.size for output in check.result()] == [0, 0, 0, 0]
    for other in others:
        np.testing.assert_allclose(other.result()[0], alone[0], atol=1e-4)


def test_eight_expressions_on_one_image_are_answered_as_the_predictor_answers(triton, folder):
    probability, no_target, truncated, unknown = ask(triton, noise(60, 80), EXPRESSIONS)
    expected = Predictor.from_folder(folder / "checkpoint").predict(noise(60, 80), EXPRESSIONS)
    assert probability.shape == (1, 8, 60, 80)
    np.testing.assert_allclose(probability[0], expected.probability, atol=1e-4)
    np.testing.assert_allclose(no_target[0], expected.no_target, atol=1e-4)
    assert truncated.tolist() == [[False] * 8]
    assert unknown.tolist() == [[b"[]"] * 8]


def test_an_expression_that_was_cut_is_told(triton):
    assert ask(triton, noise(20, 20), ["the chair", "the chair " * 20])[2].tolist() == [[False, True]]


def test_the_words_that_the_network_does_not_know_are_told_as_they_were_written(triton):
    unknown = ask(triton, noise(20, 20), ["the chair", "der Stuhl beside the Sitzpouf"])[3]
    assert [json.loads(words) for words in unknown[0]] == [[], ["der", "Stuhl", "Sitzpouf"]]


def test_requests_with_images_of_different_sizes_are_batched_and_each_gets_its_own_answer(triton):
    images = [noise(40 + index, 90 - index) for index in range(6)]
    alone = [ask(triton, image, EXPRESSIONS[:2]) for image in images]
    before = statistics(triton, len(images))
    with ThreadPoolExecutor(len(images)) as pool:
        together = list(pool.map(lambda image: ask(triton, image, EXPRESSIONS[:2]), images))
    after = statistics(triton, before.inference_count + len(images))
    for (ours, none, *_), (theirs, other, *_) in zip(together, alone, strict=True):
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
