"""A real Postgres, and a database of each kind."""

from langdesign_database.testing import empty_database  # noqa: F401 - a fixture
