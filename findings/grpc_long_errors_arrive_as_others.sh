#!/usr/bin/env bash
# grpcio 1.85.1: context.abort(INVALID_ARGUMENT, message) with a long message, as of a request with many wrong fields.
#
# Expected: the caller gets the code that the server gave, with the message whole or cut.
# Seen: status and message travel as metadata, which the receiver limits. Above 16 KiB every such error arrives as
# RESOURCE_EXHAUSTED ("Stream removed"), and from 8 KiB on some do, by chance, the more the longer: of 200 equal calls with
# 12,000 letters about half say INVALID_ARGUMENT, the others RESOURCE_EXHAUSTED. Details of grpcio-status count as well, and
# hold the message a second time: 6,000 letters and one detail are enough. A request that can never succeed is thus tried again
# by whoever retries what is exhausted, until it comes through as an error, and the fields are not told. Messages of the same
# size as an answer would pass (4 MiB).
#
# So messages and lists of violations are cut on the server, to a few thousand bytes together.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check grpcio==1.85.1 grpcio-status==1.85.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.rpc import code_pb2, status_pb2
from grpc_status import rpc_status


class Servicer(grpc.GenericRpcHandler):
    def service(self, call):
        def plain(request, context):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "x" * int(request))

        def rich(request, context):
            context.abort_with_status(rpc_status.to_status(status_pb2.Status(code=code_pb2.INVALID_ARGUMENT, message="x" * int(request))))

        return grpc.unary_unary_rpc_method_handler({"/edits/plain": plain, "/edits/rich": rich}[call.method])


server = grpc.server(ThreadPoolExecutor(2))
server.add_generic_rpc_handlers((Servicer(),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
seen = {}
with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
    for method, length in (("plain", 8_000), ("plain", 12_000), ("plain", 17_000), ("rich", 3_000), ("rich", 6_000)):
        codes = Counter()
        for _ in range(200):
            try:
                channel.unary_unary(f"/edits/{method}")(str(length).encode())
            except grpc.RpcError as error:
                codes[error.code().name] += 1
        seen[method, length] = codes
        print(f"{method}, a message of {length:,} letters, 200 calls:", dict(codes))
server.stop(0)
assert set(seen["plain", 8_000]) == set(seen["rich", 3_000]) == {"INVALID_ARGUMENT"}
assert set(seen["plain", 12_000]) == set(seen["rich", 6_000]) == {"INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"}, "no chance in it now"
assert set(seen["plain", 17_000]) == {"RESOURCE_EXHAUSTED"}, "long messages arrive now"
PYTHON
echo "seen: as described"
