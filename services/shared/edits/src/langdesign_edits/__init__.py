"""The words that every part says of an edit, from the client to the network."""
