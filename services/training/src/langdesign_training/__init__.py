"""Runs that specialise the editor, and the registry of models."""
