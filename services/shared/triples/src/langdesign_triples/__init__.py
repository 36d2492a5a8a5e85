"""Caption, instruction and edited caption, written for a context by agents and checked (no torch, no gRPC)."""
