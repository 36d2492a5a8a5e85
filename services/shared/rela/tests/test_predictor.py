import dataclasses
import shutil

import numpy as np
import pytest
import torch
from langdesign_rela import (
    CheckpointError,
    InvalidInput,
    Predictor,
    Request,
    Segmentation,
    build,
    load_checkpoint,
)
from langdesign_rela.config import PRESETS, ResNetConfig
from langdesign_rela.predictor import default_rows

EXPRESSIONS = ["the red chair", "a lamp near the window", "all pillows on the bed"]


def test_probabilities_come_at_the_size_of_the_image(predictor, image):
    answer = predictor.predict(image, EXPRESSIONS)
    assert answer.probability.shape == (3, 70, 50)
    assert answer.probability.dtype == np.float32
    assert answer.no_target.shape == (3,)
    assert ((answer.probability >= 0) & (answer.probability <= 1)).all()
    assert ((answer.no_target > 0) & (answer.no_target < 1)).all()


def test_different_expressions_get_different_answers(predictor, image):
    answer = predictor.predict(image, EXPRESSIONS[:2])
    assert np.abs(answer.probability[0] - answer.probability[1]).max() > 1e-4


def test_an_expression_gets_the_same_answer_alone_and_among_others(predictor, image):
    together = predictor.predict(image, EXPRESSIONS)
    for index, expression in enumerate(EXPRESSIONS):
        alone = predictor.predict(image, [expression])
        np.testing.assert_allclose(together.probability[index], alone.probability[0], atol=1e-5)
        np.testing.assert_allclose(together.no_target[index], alone.no_target[0], atol=1e-5)


def test_images_of_different_sizes_share_a_batch(predictor, image):
    wide = np.random.default_rng(1).integers(0, 256, (30, 200, 3), dtype=np.uint8)
    first, second = predictor.predict_many([Request(image, EXPRESSIONS[:1]), Request(wide, EXPRESSIONS)])
    np.testing.assert_allclose(
        first.probability, predictor.predict(image, EXPRESSIONS[:1]).probability, atol=1e-5
    )
    assert second.probability.shape == (3, 30, 200)
    np.testing.assert_allclose(
        second.probability, predictor.predict(wide, EXPRESSIONS).probability, atol=1e-5
    )


def test_more_expressions_than_one_pass_takes_run_in_several(tiny_folder, predictor, image):
    small = Predictor.from_folder(tiny_folder, max_expressions=2)
    np.testing.assert_allclose(
        small.predict(image, EXPRESSIONS).probability,
        predictor.predict(image, EXPRESSIONS).probability,
        atol=1e-5,
    )


@pytest.mark.parametrize("rows", [1, 2])
def test_chunks_answer_like_one_batch(tiny_folder, image, rows):
    wide = np.random.default_rng(1).integers(0, 256, (30, 200, 3), dtype=np.uint8)
    requests = [Request(image, EXPRESSIONS), Request(wide, EXPRESSIONS[:2])]  # chunks cross the images
    chunked = Predictor.from_folder(tiny_folder, rows=rows).predict_many(requests)
    whole = Predictor.from_folder(tiny_folder, rows=5).predict_many(requests)
    for one, other in zip(chunked, whole, strict=True):
        np.testing.assert_allclose(one.probability, other.probability, atol=1e-5)
        np.testing.assert_allclose(one.no_target, other.no_target, atol=1e-5)


def test_what_no_expression_changes_is_computed_once_and_the_rest_in_chunks(tiny_folder, image):
    model = load_checkpoint(tiny_folder)
    sizes = {"look": [], "encode_words": [], "refer": []}

    def count(name, rows_of):
        part = getattr(model, name)

        def counted(*inputs):
            sizes[name].append(len(rows_of(inputs)))
            return part(*inputs)

        setattr(model, name, counted)

    for name, place in (("look", 0), ("encode_words", 0), ("refer", 1)):
        count(name, lambda inputs, place=place: inputs[place])
    tokenizer = Predictor.from_folder(tiny_folder)._tokenizer
    Predictor(model, tokenizer, rows=2).predict(image, EXPRESSIONS)
    assert sizes == {"look": [1], "encode_words": [3], "refer": [2, 1]}


def test_a_pass_is_cut_on_a_cpu_only_and_only_where_it_is_large():
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert default_rows(PRESETS["swin_tiny"], cpu, torch.float32) == 2
    assert default_rows(PRESETS["swin_tiny"], cpu, torch.bfloat16) == 4
    assert default_rows(PRESETS["mini"], cpu, torch.float32) > 64
    assert default_rows(PRESETS["swin_base"], gpu, torch.float32) > 64
    assert default_rows(PRESETS["r50"], cpu, torch.float32) > 64


def test_the_mask_is_the_argmax_of_the_published_code(tiny_folder, predictor):
    image = np.random.default_rng(2).integers(0, 256, (96, 96, 3), dtype=np.uint8)  # the network's own size
    model = load_checkpoint(tiny_folder)
    tokens = predictor._tokenizer.encode(EXPRESSIONS[:1])
    pixels = torch.from_numpy(image).permute(2, 0, 1)[None]
    with torch.inference_mode():
        stages = model.forward_stages(pixels, tokens.ids, tokens.mask)
    answer = predictor.predict(image, EXPRESSIONS[:1])
    argmax = stages["result.ref_seg"][0].argmax(dim=0).bool().numpy()
    sure = np.abs(answer.probability[0] - 0.5) > 1e-5
    assert sure.mean() > 0.9
    assert (answer.masks()[0] == argmax)[sure].all()
    logits = stages["predictor.nt_label"][0]
    assert answer.no_target[0] == pytest.approx(float(logits.softmax(0)[1]), abs=1e-6)


def test_a_threshold_moves_the_mask(predictor, image):
    answer = predictor.predict(image, EXPRESSIONS[:1])
    assert answer.masks(0.0).all()
    assert not answer.masks(1.0).any()


def test_a_probability_at_the_threshold_is_inside():
    probability = np.array([[[0.25, 0.5, 0.75]]], np.float32)
    answer = Segmentation(probability, np.zeros(1, np.float32), np.zeros(1, np.bool_))
    assert answer.masks().tolist() == [[[False, True, True]]]
    assert answer.masks(0.75).tolist() == [[[False, False, True]]]


def test_an_image_of_one_pixel_is_answered(predictor):
    answer = predictor.predict(np.zeros((1, 1, 3), np.uint8), ["chair"])
    assert answer.probability.shape == (1, 1, 1)


def test_a_cut_expression_is_reported(predictor, image):
    answer = predictor.predict(image, ["chair", "chair " * 200])
    assert answer.truncated.tolist() == [False, True]


def test_a_checkpoint_that_lists_its_words_says_which_it_does_not_know(tiny_folder, tmp_path, image):
    folder = shutil.copytree(tiny_folder, tmp_path / "taught")
    (folder / "words.txt").write_text("chair\nred\n")
    answer = Predictor.from_folder(folder).predict(image, ["the rustic chair", "the red chairs"])
    plain = Predictor.from_folder(folder).predict(image, ["the chair", "the red chair"])
    assert answer.unknown == (("rustic",), ())
    np.testing.assert_allclose(answer.probability, plain.probability, atol=1e-6)


@pytest.mark.parametrize("text", [b"", b"\xff"])
def test_a_list_of_words_that_cannot_be_read_is_refused(tiny_folder, tmp_path, text):
    folder = shutil.copytree(tiny_folder, tmp_path / "damaged")
    (folder / "words.txt").write_bytes(text)
    with pytest.raises(CheckpointError, match=r"words\.txt"):
        Predictor.from_folder(folder)


def test_bf16_answers_like_fp32(tiny_folder, predictor, image):
    half = Predictor.from_folder(tiny_folder, dtype=torch.bfloat16)
    difference = (
        half.predict(image, EXPRESSIONS).probability - predictor.predict(image, EXPRESSIONS).probability
    )
    assert np.abs(difference).max() < 0.01


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_rgb_image_is_refused(predictor, bad):
    with pytest.raises(InvalidInput, match="give RGB as uint8"):
        predictor.predict(bad, ["chair"])


def test_a_request_without_expressions_is_refused_among_others(predictor, image):
    with pytest.raises(InvalidInput, match="Request 1 has no expression"):
        predictor.predict_many([Request(image, ["chair"]), Request(image, [])])


@pytest.fixture(scope="module")
def shallow():
    """A network with one layer of each kind: the compiler reads the code anew for every layer."""
    tiny = PRESETS["tiny"]
    return build(
        dataclasses.replace(
            tiny,
            backbone=dataclasses.replace(tiny.backbone, depths=(2, 1, 1, 1)),  # the second is shifted
            text=dataclasses.replace(tiny.text, layers=1),
            pixel_decoder=dataclasses.replace(tiny.pixel_decoder, layers=1),
            region_decoder=dataclasses.replace(tiny.region_decoder, layers=1),
        )
    ).eval()


@pytest.mark.parametrize("part", ["look", "refer", "encode_words"])
def test_every_part_compiles_without_a_graph_break(shallow, part):
    model = shallow
    images, ids = torch.rand(2, 3, 96, 96) * 255, torch.randint(5, 60, (3, 20))
    mask, image_of = torch.ones_like(ids), torch.tensor([0, 1, 1])
    with torch.no_grad():
        looked, words = model.look(images), model.encode_words(ids, mask)
        inputs = {
            "look": (images,),
            "refer": (looked, words, mask, image_of),
            "encode_words": (ids, mask),
        }[part]
        run = getattr(model, part)
        compiled = torch.compile(run, fullgraph=True, backend="eager")
        torch.testing.assert_close(compiled(*inputs), run(*inputs))


def test_a_compiled_predictor_runs_all_of_the_network_through_the_compiler(tiny_folder, image, monkeypatch):
    calls = []

    def compiler(part):
        def compiled(*inputs):
            calls.append(part.__name__)
            return part(*inputs)

        return compiled

    monkeypatch.setattr(torch, "compile", compiler)
    Predictor.from_folder(tiny_folder, compiled=True, rows=2).predict(image, EXPRESSIONS)
    assert calls == ["look", "encode_words", "refer", "refer"]


def test_a_resnet_shares_all_but_the_region_decoder():
    torch.manual_seed(0)
    backbone = ResNetConfig(depths=(1, 1, 1, 1), stem=4, width=8)
    model = build(dataclasses.replace(PRESETS["tiny"], backbone=backbone)).eval()
    torch.nn.init.normal_(model.region_decoder.words.weight)
    images, ids = torch.rand(2, 3, 64, 96) * 255, torch.randint(5, 60, (3, 20))
    mask, image_of = torch.ones_like(ids), torch.tensor([1, 0, 1])
    with torch.inference_mode():
        shared = model(images, ids, mask, image_of)
        apart = model(images[image_of], ids, mask)
    for ours, theirs in zip(shared, apart, strict=True):
        torch.testing.assert_close(ours, theirs)
    assert not torch.allclose(shared.masks[0], shared.masks[2])
