"""Promises of the engine: speed, and what a result depends on."""

from langdesign_command.promises.promise import Bench, Measure, Promise, Suite

_EDITOR = "services/shared/editors/instruct_pix2pix/tests"
_ENGINE = "services/shared/engine/tests"
_ON_GPU = ("engine", "--device", "cuda", "--size", "sd15")

ENGINE = (
    Promise(
        1,
        "an edit's latency on an H100",
        "A 20-step, 512x512, regularised edit of Stable Diffusion 1.5's shapes takes at most 0.31 s at "
        "batch 1 on an H100; the goal is 0.20 s. Three windows lie within 10% of each other.",
        (
            Measure("seconds", "regularised edit at batch 1", "s", at_most=0.31),
            Measure("spread", "spread of three windows", "%", at_most=0.10),
        ),
        (
            Bench(
                (*_ON_GPU, "--only", "latency"),
                {
                    "seconds": ("latency", "regularised", "median"),
                    "spread": ("latency", "regularised", "spread"),
                },
                gpu=True,
            ),
        ),
        note="Weights are random and of the true shapes. The bench also prints the share of the GPU's peak.",
    ),
    Promise(
        2,
        "throughput of a saturated H100",
        "A saturated H100 does at least 5 such edits a second; the goal is 7.6.",
        (Measure("rate", "edits through 16 slots, offered 1.5x", "/s", at_least=5.0),),
        (
            Bench(
                (*_ON_GPU, "--only", "throughput"),
                {"rate": ("throughput", "slots", "16", "throughput")},
                gpu=True,
            ),
        ),
    ),
    Promise(
        3,
        "regularisation costs next to nothing",
        "A regularised edit takes at most 1.05 times a plain one, on CPU and GPU, measured in one run; and "
        "no map of L x L positions is ever allocated.",
        (
            Measure("ratio", "regularised over plain, paired, on the CPU", "x", at_most=1.05),
            Measure("largest", "largest tensor of a step, of L x L", "x", at_most=0.999),
            Measure("ratio_gpu", "regularised over plain, paired, on the GPU", "x", at_most=1.05),
        ),
        (
            Suite(
                (
                    f"{_EDITOR}/test_editor_in_engine.py::test_promise_3_no_attention_map_is_ever_held",
                    f"{_EDITOR}/test_regularisation.py::test_no_attention_map_is_ever_allocated",
                )
            ),
            Bench(
                ("engine", "--size", "mini", "--only", "latency"),
                {"ratio": ("latency", "regularised", "ratio_to_plain")},
            ),
            Bench(
                (*_ON_GPU, "--only", "latency"),
                {"ratio_gpu": ("latency", "regularised", "ratio_to_plain")},
                gpu=True,
            ),
        ),
        note="Where there is no GPU, the verdict is on the CPU's part alone.",
    ),
    Promise(
        4,
        "the bias is the explicit softmax",
        "Attention with the bias through SDPA equals the explicit softmax within 1e-5 in float32, and "
        "another region recompiles nothing.",
        (
            Measure("difference", "largest difference of any attention call", at_most=1e-5),
            Measure("recompiles", "recompiles for other regions", at_most=0),
        ),
        (
            Suite(
                (
                    f"{_EDITOR}/test_regularisation.py::test_every_attention_call_equals_the_explicit_softmax",
                    f"{_EDITOR}/test_regularisation.py::test_any_region_words_and_penalty_equal_the_explicit_softmax",
                    f"{_EDITOR}/test_regularisation.py::test_another_region_never_recompiles",
                )
            ),
        ),
    ),
    Promise(
        5,
        "a result is its request's alone",
        "An edit's result does not depend on what else is in the batch, or on when it joined.",
        (
            Measure("levels", "largest difference from alone, of 255", at_most=1),
            Measure("latents", "batched latents from solo ones, of the largest", at_most=1e-5),
        ),
        (
            Suite(
                (
                    f"{_EDITOR}/test_editor_in_engine.py::"
                    "test_promise_5_a_result_depends_neither_on_the_batch_nor_on_when_it_joined",
                    f"{_EDITOR}/test_batching.py::test_batched_and_solo_results_agree_to_rounding",
                )
            ),
        ),
        note="50 requests at random times, that differ in size, steps, sampler, region and preservation. "
        "What one level of 255 allows for is the rounding of the last bit.",
    ),
    Promise(
        11,
        "a cancel or a deadline stops at once",
        "A cancel or a deadline stops the engine within one step, whether the edit waits, is encoded, is "
        "denoised or is decoded, and through every service in between.",
        (Measure("further", "further steps", at_most=1),),
        (
            Suite(
                (
                    f"{_ENGINE}/test_stopping.py::test_promise_11_a_cancel_stops_the_engine_within_one_step",
                    f"{_ENGINE}/test_stopping.py::test_promise_11_a_deadline_stops_the_engine_within_one_step",
                    "tests/reliability/test_stopping.py::test_a_cancel_stops_the_engine_within_one_step",
                    "tests/reliability/test_stopping.py::"
                    "test_a_cancel_before_the_first_answer_stops_the_engine_too",
                    "tests/reliability/test_stopping.py::test_a_deadline_stops_the_engine_within_one_step",
                    "tests/integration/test_editing_with_triton.py::test_a_cancelled_edit_leaves_the_engine",
                    "tests/integration/test_editing_with_triton.py::test_a_deadline_reaches_the_engine",
                )
            ),
        ),
    ),
    Promise(
        24,
        "a batch rounds as a solo edit does",
        "Edits in one batch equal solo edits: in float32 to at most 1/255; in bfloat16 to at most what solo "
        "edits differ by that are computed in other batch sizes, which is printed.",
        (
            Measure("levels", "float32: largest difference, of 255", at_most=1),
            Measure("share", "bfloat16: batched over other batch sizes' difference", "x", at_most=1.0),
            Measure("solo", "bfloat16: other batch sizes' difference, of the largest latent"),
        ),
        (
            Suite(
                (
                    f"{_EDITOR}/test_rounding_of_batches.py::test_batched_edits_equal_solo_edits_in_float32",
                    f"{_EDITOR}/test_rounding_of_batches.py::"
                    "test_batched_edits_differ_in_bfloat16_as_solo_edits_of_other_batch_sizes_do",
                )
            ),
        ),
    ),
)
