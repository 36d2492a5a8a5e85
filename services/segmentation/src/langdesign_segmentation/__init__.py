"""Masks for referring expressions, served from Triton."""
