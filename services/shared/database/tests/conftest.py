"""A real Postgres, and a database of each kind."""

from langdesign_database.testing import empty_database, postgres  # noqa: F401 - fixtures
