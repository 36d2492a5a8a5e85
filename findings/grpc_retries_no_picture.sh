#!/usr/bin/env bash
# grpcio 1.85.1: a retryPolicy in the service config, and requests that carry a picture.
#
# Expected: {"maxAttempts": 5, "retryableStatusCodes": ["UNAVAILABLE"]} holds for every unary call of the methods that it names.
# Seen: a request of more than 256 KiB is tried once, and its UNAVAILABLE comes back at once. A call can only be sent again while it
# is kept, and so much is kept (the channel's option grpc.per_rpc_retry_buffer_size). In a rollout the small requests of a method
# are tried again and those with a picture fail; the error does not tell that it was not tried again.
#
# So a channel for pictures sets the buffer to its largest message, which it then holds in memory for each call under way.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check grpcio==1.85.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import json
from concurrent import futures

import grpc

MIB = 1024 * 1024
attempts = []


class UnavailableTwice(grpc.GenericRpcHandler):
    """Serve every method, refusing the first two attempts of a call."""

    def service(self, details):
        def answer(request, context):
            attempts.append(len(request))
            if len(attempts) < 3:
                context.abort(grpc.StatusCode.UNAVAILABLE, "draining")
            return b"done"

        return grpc.unary_unary_rpc_method_handler(answer)


retry = {
    "maxAttempts": 5,
    "initialBackoff": "0.02s",
    "maxBackoff": "0.05s",
    "backoffMultiplier": 1,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
config = ("grpc.service_config", json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": retry}]}))
server = grpc.server(futures.ThreadPoolExecutor(2), options=[("grpc.max_receive_message_length", -1)])
server.add_generic_rpc_handlers((UnavailableTwice(),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()


def tried(size, *options):
    """Return how a request of so many bytes ends, and after how many attempts."""
    attempts.clear()
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[config, *options]) as channel:
        try:
            channel.unary_unary("/rooms/Edit")(bytes(size), timeout=30)
            end = "OK"
        except grpc.RpcError as error:
            end = error.code().name
    print(f"{size / MIB:5.2f} MiB {dict(options) or ''}: {end} after {len(attempts)}")
    return end, len(attempts)


assert tried(MIB // 5) == ("OK", 3)
assert tried(MIB // 3) == ("UNAVAILABLE", 1), "larger requests are tried again now"
assert tried(3 * MIB) == ("UNAVAILABLE", 1)
assert tried(3 * MIB, ("grpc.per_rpc_retry_buffer_size", 4 * MIB)) == ("OK", 3)
server.stop(None).wait()
PYTHON
echo "seen: as described"
