"""Trains the reference service's tagger, which reads instructions beside the parser."""
