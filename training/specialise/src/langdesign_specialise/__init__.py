"""One command from a context to a registered specialist."""
