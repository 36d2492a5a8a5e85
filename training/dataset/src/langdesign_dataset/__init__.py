"""Image pairs for instruction-based editing: made from triples, filtered, sharded, with their provenance."""
