"""The design service: trees of edits whose pictures never drift."""
