"""The design service: trees of edits whose pictures never drift.

`servicer` has the contract's methods in groups (`design_methods`, `node_methods`, `edit_methods`,
`picture_methods`, `archive_methods`), `sql_store` the designs, `composing` their pictures. `running` shares
running nodes out among replicas, `node_edits` sees each to its end at the editing service, `watching` tells
whoever follows, `replaying` does edits again, and `wiring` puts it all together.
"""
