"""What a service's process is spared: libraries that it needs at certain settings or calls alone, or never.

Resident memory differs from run to run; what is imported does not, and most of the memory is that.
"""

import functools
import subprocess
import sys

import pytest

NEVER = {
    *("torch", "scipy", "pandas", "pyarrow", "transformers", "diffusers", "ray", "mlflow", "symspellpy"),
    "protovalidate",
}
"""Of the model server, of training, and of tests."""
AT_NEED = {
    "alembic": "tables of an older release",
    "c2pa": "a process that signs, for each picture",
    "cryptography": "tokens that are checked",
    "grpc_reflection.v1alpha.reflection": "a person who asks what is served",
    "obstore": "pictures that are stored",
    "opentelemetry.exporter": "a collector of traces",
    "sqlalchemy.ext.asyncio": "Postgres",
    "sqlalchemy.orm": "Postgres, through the one above",
}
"""Libraries, and what they come with."""
PICTURES = {"PIL"}
LOADED = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*sys.modules)
"""


@functools.cache
def loaded(service):
    command = [sys.executable, "-c", LOADED, f"langdesign_{service}.__main__"]
    return frozenset(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("service", ["reference", "segmentation", "editing", "design", "instruction"])
def test_a_service_starts_without_what_it_needs_at_times_or_never(service):
    assert sorted(loaded(service) & (NEVER | AT_NEED.keys())) == []


def test_the_reader_of_instructions_starts_without_what_pictures_need():
    assert sorted(loaded("reference") & PICTURES) == []


@pytest.mark.parametrize("service", ["reference", "segmentation", "editing", "design"])
def test_what_an_edit_passes_through_is_checked_by_one_library(service):
    """Pydantic would be a second one beside msgspec, and the tenth of such a process."""
    assert sorted(loaded(service) & {"pydantic", "pydantic_core", "pydantic_settings"}) == []


def test_operations_in_sqlite_are_kept_without_the_dialect_of_postgres():
    assert "sqlalchemy.dialects.postgresql" not in loaded("editing")
