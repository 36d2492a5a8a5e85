#!/usr/bin/env bash
# opentelemetry-sdk 1.45.2: a span that is given more than 128 attributes or events.
#
# Expected: what comes beyond the limit is dropped, as OpenTelemetry's specification has it for attributes ("discard that attribute"): a
# span keeps how it began.
# Seen: the newest stay, and each one beyond the limit drops the oldest. Those are what a span is looked for by, set at its
# start: the method, the tenant, the seed, the edit's name. A span that notes something for each object or step it meets, 129 of them in
# a large picture, is no longer found by any of these, and the traces that are missing are those of the large pictures. Of 200 events
# the first 72 are gone, the start of the work among them. Attributes at least say so in the log; events do not.
#
# So what grows with the picture goes into one attribute, a list, and the limits are set (OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from opentelemetry.sdk.trace import TracerProvider

tracer = TracerProvider().get_tracer("finding")


def kept(objects):
    """Return which of its first attributes a span still has, and its first event."""
    with tracer.start_as_current_span("edit", attributes={"rpc.method": "Edit", "tenant": "oak", "seed": 7}) as span:
        span.add_event("begun")
        for number in range(objects):
            span.set_attribute(f"object.{number}", "chair")
            span.add_event(f"object {number}")
    names = [name for name in ("rpc.method", "tenant", "seed") if name in span.attributes]
    assert len(span.attributes) <= 128 and len(span.events) <= 128
    return names, span.events[0].name


seen = {objects: kept(objects) for objects in (100, 127, 200)}
for objects, (names, event) in seen.items():
    print(f"with {objects} objects: of the first attributes {names or 'none'}, the first event is {event!r}")
assert seen[100] == (["rpc.method", "tenant", "seed"], "begun")
assert seen[127] == (["seed"], "begun"), "the first ones stay now"
assert seen[200] == ([], "object 72")
PYTHON
echo "seen: as described"
