#!/usr/bin/env bash
# grpcio 1.85.1: a client with healthCheckConfig in its service config, and a server that says NOT_SERVING.
#
# Expected: with client-side health checking switched on, a server that says it does not serve gets no calls.
# Seen: under the default policy, pick_first, the setting is accepted and without effect: no Watch is ever sent, and calls go to the
# server as if it had said nothing. Under round_robin the same config holds them back (UNAVAILABLE, "backend unhealthy"), also
# with a single server. A model server that drains, or whose model died, goes on to be asked by clients that "check health".
#
# So healthCheckConfig comes with {"loadBalancingConfig": [{"round_robin": {}}]}, also for one address.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check grpcio==1.85.1 grpcio-health-checking==1.85.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import json
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import HealthServicer


class Counted(HealthServicer):
    watches = 0

    def Watch(self, *arguments, **options):
        self.watches += 1
        return super().Watch(*arguments, **options)


health = Counted()
server = grpc.server(ThreadPoolExecutor(4))
health_pb2_grpc.add_HealthServicer_to_server(health, server)
echo = grpc.unary_unary_rpc_method_handler(lambda request, context: request)
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("edits.Edits", {"Edit": echo})])
port = server.add_insecure_port("127.0.0.1:0")
server.start()


def called(policy):
    """What a call ends in, and how many watches the server has seen for it."""
    config = {"healthCheckConfig": {"serviceName": ""}, **({"loadBalancingConfig": [{policy: {}}]} if policy else {})}
    options = [("grpc.service_config", json.dumps(config)), ("grpc.use_local_subchannel_pool", 1)]
    before = health.watches
    with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        try:
            channel.unary_unary("/edits.Edits/Edit")(b"paint the wall", timeout=20)
            end = "answered"
        except grpc.RpcError as error:
            end = error.code().name
    return end, health.watches - before


seen = {}
for status in ("NOT_SERVING", "SERVING"):
    health.set("", health_pb2.HealthCheckResponse.ServingStatus.Value(status))
    for policy in (None, "pick_first", "round_robin"):
        seen[status, policy] = called(policy)
        print(f"{status}, {policy or 'no policy'}: %s, %d watches" % seen[status, policy])
assert seen["NOT_SERVING", "round_robin"][0] == "UNAVAILABLE" and seen["SERVING", "round_robin"][0] == "answered"
assert seen["NOT_SERVING", None] == seen["NOT_SERVING", "pick_first"] == ("answered", 0), "pick_first checks health now"
server.stop(0)
PYTHON
echo "seen: as described"
