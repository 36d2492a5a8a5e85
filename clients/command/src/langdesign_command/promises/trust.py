"""Promises of what is kept, and kept apart: weights, data sets, tenants, the tree, and hostile models."""

from langdesign_command.promises.promise import Measure, Promise, Suite

TRUST = (
    Promise(
        15,
        "only what was signed is served",
        "A tampered, unsigned or pickled checkpoint never becomes ready; an alias goes back to the version "
        "before with no failed call.",
        (
            Measure("served", "wrong checkpoints that became ready", at_most=0, total=True),
            Measure("failed", "failed edits while an alias goes back", at_most=0, total=True),
            Measure(
                "rollout_failed", "failed edits over new weights and back", at_most=0, long=True, total=True
            ),
        ),
        (
            Suite(
                (
                    "services/model_server/tests/test_verification.py::"
                    "test_what_is_not_the_artifact_that_was_signed_never_becomes_ready",
                    "tests/integration/test_registered_versions.py::"
                    "test_an_alias_goes_back_to_the_earlier_version_with_no_failed_call",
                    "tests/reliability/test_rollout.py::test_new_weights_are_rolled_out_and_back_under_load",
                )
            ),
        ),
        note="One that a stranger signed is in the long form.",
    ),
    Promise(
        16,
        "a killed build ends as an unbroken one",
        "The build of a data set that is killed at any point resumes, and its result equals an unbroken one "
        "byte for byte.",
        (
            Measure("kills", "kills", at_least=5, total=True),
            Measure("different", "files that differ", at_most=0, total=True),
        ),
        (
            Suite(
                (
                    "training/dataset/tests/test_build.py::"
                    "test_a_build_killed_at_any_point_ends_byte_for_byte_like_an_unbroken_one",
                    "training/dataset/tests/test_build.py::"
                    "test_a_build_killed_at_every_single_file_operation_ends_like_an_unbroken_one",
                )
            ),
        ),
    ),
    Promise(
        17,
        "injected prompts escape nowhere",
        "Whatever a hostile language model answers to injected prompts, nothing leaves but what the schema "
        "allows.",
        (
            Measure("escapes", "schema escapes", at_most=0, total=True),
            Measure("tried", "answers tried", at_least=1, total=True),
        ),
        (
            Suite(
                (
                    "services/reference/tests/test_hostile_model.py::"
                    "test_no_answer_of_a_hostile_model_to_injected_instructions_escapes_the_schema",
                    "services/shared/triples/tests/language_model/test_hostile_model.py::"
                    "test_no_answer_of_a_hostile_model_escapes_the_schema",
                )
            ),
        ),
    ),
    Promise(
        18,
        "tenants see nothing of each other",
        "Another tenant's design, blob, edit or run is NOT_FOUND, on every method.",
        (
            Measure("methods", "methods asked for another's things", at_least=1, total=True),
            Measure("open", "methods that answered otherwise", at_most=0, total=True),
        ),
        (
            Suite(
                (
                    "services/design/tests/service/test_tenants.py::test_every_method_has_a_case",
                    "services/design/tests/service/test_tenants.py::"
                    "test_what_belongs_to_another_tenant_is_not_found_on_every_method",
                    "services/editing/tests/test_tenants.py::"
                    "test_what_belongs_to_another_tenant_is_not_found_on_every_method",
                    "services/segmentation/tests/test_segment.py::test_another_tenants_blob_is_not_found",
                    "services/training/tests/test_runs.py::"
                    "test_runs_of_another_tenant_are_not_found_by_any_method",
                )
            ),
        ),
        note="Methods are taken from the contracts, so that a new one without a case fails the test. "
        "Registered models belong to no tenant.",
    ),
    Promise(
        19,
        "no commit of a design is lost",
        "No acknowledged commit of the design store is lost at kill -9, and concurrent branches never "
        "corrupt the tree, on SQLite and on Postgres.",
        (
            Measure("lost", "acknowledged commits lost", at_most=0, total=True),
            Measure("commits", "commits acknowledged before kills", at_least=1, total=True),
        ),
        (
            Suite(
                (
                    "services/design/tests/store/test_killed.py::"
                    "test_no_acknowledged_commit_is_lost_when_writers_are_killed",
                    "services/design/tests/store/test_killed.py::test_thirty_rounds_of_kills_lose_no_commit",
                )
            ),
        ),
    ),
)
