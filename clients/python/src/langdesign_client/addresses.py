"""Where each service listens on one machine. Data; imports nothing."""

LOCAL_PORTS = {
    "instruction": 7001,
    "reference": 7002,
    "segmentation": 7003,
    "editing": 7004,
    "design": 7005,
    "training": 7006,
}
"""gRPC port of each service by its stem, as `langdesign up` starts them."""

LOCAL_ADDRESSES = {stem: f"127.0.0.1:{port}" for stem, port in LOCAL_PORTS.items()}
"""host:port of each service by its stem."""
