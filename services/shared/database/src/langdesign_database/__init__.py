"""Databases of services: opened, migrated, and used in transactions that lose nothing."""
