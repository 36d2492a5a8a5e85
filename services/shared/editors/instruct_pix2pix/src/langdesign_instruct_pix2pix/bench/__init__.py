"""Benchmarks that pair what they compare in one run."""
