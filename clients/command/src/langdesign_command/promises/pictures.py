"""Promises of pictures: what is kept, what is certified, and what large ones cost."""

from langdesign_command.promises.promise import Bench, Measure, Promise, Suite

_BENCH_SET = ("langdesign_scenes", "render", "out/scenes/bench", "--families", "80", "--seed", "1001")

PICTURES = (
    Promise(
        6,
        "strict keeps every pixel outside",
        "With `preserve=strict` no pixel differs outside the feathered mask, for any mask and seed; where "
        "there is no target, the very bytes of the input come back.",
        (
            Measure("differing", "pixels that differ outside", at_most=0, total=True),
            Measure("altered", "no-ops whose bytes differ", at_most=0, total=True),
        ),
        (
            Suite(
                (
                    "services/shared/editors/instruct_pix2pix/tests/test_preservation.py::"
                    "test_strict_changes_no_pixel_outside_the_feathered_mask",
                    "services/editing/tests/test_edit.py::"
                    "test_an_edit_without_any_target_brings_back_the_very_bytes_and_says_why",
                )
            ),
        ),
    ),
    Promise(
        14,
        "bad pictures hurt nobody",
        "Pictures of one pixel, bombs, truncated ones, ones of another magic, animated, CMYK, 16-bit, "
        "rotated by EXIF, with a huge ICC profile, JPEG 2000: each is handled rightly or is "
        "INVALID_ARGUMENT, the same process lives on, and no path or address is in the message.",
        (
            Measure("taken", "bad pictures that were taken", at_most=0, total=True),
            Measure("told", "messages with a path or an address", at_most=0, total=True),
            Measure("lost", "decoders lost", at_most=0, total=True),
        ),
        (
            Suite(
                (
                    "services/shared/media/tests/test_guard.py::"
                    "test_every_bad_picture_is_refused_with_a_hint_and_the_decoder_lives_on",
                    "services/shared/media/tests/test_guard.py::"
                    "test_each_accepted_format_is_decoded_as_pillow_decodes_it",
                    "services/shared/media/tests/test_guard.py::test_a_picture_of_one_pixel_is_decoded",
                    "services/shared/media/tests/test_guard.py::test_modes_other_than_rgb_are_converted",
                    "services/shared/media/tests/test_guard.py::"
                    "test_sixteen_bits_a_channel_keep_their_high_byte",
                    "services/shared/media/tests/test_guard.py::test_exif_orientation_is_applied",
                    "services/shared/media/tests/test_guard.py::test_a_huge_colour_profile_is_ignored",
                    "services/shared/media/tests/test_fuzzing.py::"
                    "test_any_mutation_of_a_picture_is_a_picture_or_refused",
                    "services/editing/tests/test_odd_pictures.py::"
                    "test_every_bad_picture_is_an_invalid_argument_and_the_service_lives_on",
                )
            ),
        ),
    ),
    Promise(
        20,
        "a picture's size is its file's affair",
        "A picture of any size up to 48 megapixels costs at most 1.25 times the engine's time of one of the "
        "working size; and a small edit beside a large one waits at most one of its steps.",
        (
            Measure("ratio", "engine's time, 48 megapixels over working size", "x", at_most=1.25),
            Measure("waited", "steps of a large edit that small ones waited for", at_most=1),
        ),
        (
            Suite(
                (
                    "services/shared/engine/tests/test_batching.py::"
                    "test_a_large_edit_holds_small_ones_up_for_one_of_its_steps_and_not_for_each_of_theirs",
                )
            ),
            Bench(
                ("photo", "--megapixels", "48", "--repeats", "5"),
                {"ratio": ("ratio", "engine")},
                needs=_BENCH_SET,
            ),
        ),
        note="The ratio is paired and of the embedded family; the rest of an edit (decoding, putting back, "
        "encoding) grows with the picture, and `langdesign bench photo` prints it.",
    ),
    Promise(
        23,
        "absence is certified where it is known",
        "A certificate of absence is false in at most 2% of cases, and is never given for a word or a "
        "language that nobody here knows.",
        (
            Measure("false", "false certificates", "%", at_most=0.02),
            Measure("unknown", "certificates for unknown words", at_most=0, total=True),
            Measure("foreign", "certificates in unknown languages", at_most=0, total=True),
        ),
        (
            Suite(
                (
                    "tests/integration/test_unknown_words.py::"
                    "test_no_absence_is_certified_of_a_word_that_nobody_taught",
                    "tests/integration/test_unknown_words.py::"
                    "test_no_absence_is_certified_in_a_language_that_nobody_reads",
                )
            ),
            Bench(("regions",), {"false": ("figures", "false certificates", "mean")}, needs=_BENCH_SET),
        ),
        note="The share is that of the embedded family's segmentation on LangDesign-Bench, whose rooms it "
        "has not seen. For any common kind that a room lacks it still finds one in a third of rooms: its "
        "card has the figure.",
    ),
)
