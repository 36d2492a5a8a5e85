"""Databases of services: opened, migrated, and used in transactions that lose nothing."""

from langdesign_database.failures import unavailable
from langdesign_database.inserting import inserting
from langdesign_database.migrating import migrate
from langdesign_database.opening import open_database
from langdesign_database.transactions import Transactions, open_transactions

__all__ = ["Transactions", "inserting", "migrate", "open_database", "open_transactions", "unavailable"]
