"""What an instruction refers to: operation and referring expressions, as spans."""
