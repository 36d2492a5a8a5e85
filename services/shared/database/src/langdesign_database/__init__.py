"""Databases of services: opened, migrated, and used in transactions that lose nothing."""

from langdesign_database.migrating import migrate
from langdesign_database.opening import open_database

__all__ = ["migrate", "open_database"]
