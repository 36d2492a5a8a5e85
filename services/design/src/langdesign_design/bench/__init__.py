"""What composing costs, measured."""
