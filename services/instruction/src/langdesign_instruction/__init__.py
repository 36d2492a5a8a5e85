"""Writes caption, instruction and edited caption for a context."""
