"""Model versions as signed artifacts, and the MLflow registry that names them (no torch, no gRPC)."""
