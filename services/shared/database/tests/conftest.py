"""A real Postgres, and a database of each kind."""

import pytest
from langdesign_database.testing import postgres_server


@pytest.fixture(scope="session")
def postgres():
    """A Postgres server."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def address(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/folder/nodes.sqlite"
    return request.getfixturevalue("postgres").new_database()
