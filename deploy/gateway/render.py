"""Fills `envoy.yaml` in: from settings to the configuration of one Envoy, which knows the page's index."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from settings import Authentication, Settings, host_and_port

TEMPLATE = Path(__file__).with_name("envoy.yaml")
ALIVE, READY = "/alive", "/healthz"
"""200 while the gateway takes requests, and while it does and reaches the services that the page needs."""

_TYPE = "type.googleapis.com/envoy.extensions."
_NEEDED = ("design", "editing")
_KEPT = 32 * 2**20
"""Bytes of a request that are kept until a service answers: more than a phone's photo has."""
_COMPRESSED = [
    "application/javascript", "application/json", "application/manifest+json", "application/wasm",
    "image/svg+xml", "text/css", "text/html", "text/javascript", "text/plain",
]  # fmt: skip
_LOGGED = {
    "time": "%START_TIME%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "method": "%REQ(:METHOD)%",
    "path": "%PATH(NQ)%",
    "protocol": "%PROTOCOL%",
    "status": "%RESPONSE_CODE%",
    "grpc_status": "%TRAILER(GRPC-STATUS)%",
    "why": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "received": "%BYTES_RECEIVED%",
    "sent": "%BYTES_SENT%",
    "ms": "%DURATION%",
    "service": "%UPSTREAM_CLUSTER%",
    "replica": "%UPSTREAM_HOST%",
    "request": "%REQ(X-REQUEST-ID)%",
    "traceparent": "%REQ(TRACEPARENT)%",
    "agent": "%REQ(USER-AGENT)%",
}
Node = dict[str, Any]


def render(settings: Settings) -> str:
    """Return Envoy's configuration, YAML."""
    index = (settings.page / "index.html").resolve()
    values = {
        "admin": _address(settings.admin),
        "listen": _address(settings.listen),
        "proxies": settings.proxies,
        "access_log": _access_log() if settings.access_log else [],
        "origins": [{"exact": origin} for origin in settings.origins],
        "heap": settings.heap_bytes,
        "too_large": settings.body_bytes + 1,
        "too_large_text": f"larger than {settings.body_bytes} bytes",
        "config": json.dumps(_page_config(settings)),
        "files": f"{index.parent}/",
        "index": str(index),
        "policy": content_security_policy(index.read_text(encoding="utf-8")),
        "filters": _filters(settings),
        "clusters": _clusters(settings),
    }
    filled = {name: json.dumps(value) for name, value in values.items()}
    filled["routes"] = "\n".join(
        f"                        - {json.dumps(_route(stem))}" for stem in settings.services
    )
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(filled)
    return text if settings.metrics is None else text.replace("  listeners:\n", _metrics(settings.metrics), 1)


def content_security_policy(index: str) -> str:
    """Return the policy of the page: what it loads is its own, and of scripts in its text these alone run."""
    scripts = re.findall(r"<script>(.*?)</script>", index, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    own = " ".join(["'self'", *(f"'sha256-{digest}'" for digest in digests)])
    # The tree and the picture place what they draw by style attributes.
    return (
        f"default-src 'self'; script-src {own}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' blob: data:; connect-src 'self' blob: data:; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _page_config(settings: Settings) -> Node:
    file = settings.page / "config.json"
    found: Node = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {
        **{"models": list(settings.models), "samples": []},
        **found,
        "auth": "none" if settings.authentication is None else "token",
        "maxRequestBytes": settings.body_bytes,
    }


def _address(text: str) -> Node:
    host, port = host_and_port(text)
    return {"address": "127.0.0.1" if host == "localhost" else host, "port_value": port}


def _typed(name: str, kind: str, **fields: Any) -> Node:
    return {"name": name, "typed_config": {"@type": _TYPE + kind, **fields}}


def _access_log() -> list[Node]:
    kind = "access_loggers.stream.v3.StdoutAccessLog"
    return [_typed("envoy.access_loggers.stdout", kind, log_format={"json_format": _LOGGED})]


def _route(stem: str) -> Node:
    """Lead a service's methods to it. Edits take minutes and a watch never ends: callers set deadlines.

    Envoy's own timeout, 15 s by default, would end a unary call with a status that clients retry, and cut a
    stream. It tries again only what no service has seen, and at another replica: that one stops is known only
    from the next look at its health. A request that is to be tried again is kept; larger ones are not.
    """
    others = _typed(
        "envoy.retry_host_predicates.previous_hosts", "retry.host.previous_hosts.v3.PreviousHostsPredicate"
    )
    retries = {
        "retry_on": "connect-failure,refused-stream",
        "num_retries": 5,
        "retry_host_predicate": [others],
        "host_selection_retry_max_attempts": 30,
    }
    route = {"cluster": stem, "timeout": "0s", "idle_timeout": "0s", "retry_policy": retries}
    match = {"prefix": f"/langdesign.{stem}.v1."}
    return {"match": match, "route": route, "request_body_buffer_limit": _KEPT}


def _filters(settings: Settings) -> list[Node]:
    needed = {stem: {"value": 1} for stem in _NEEDED if stem in settings.services}
    files = {"manager_config": {"thread_pool": {"thread_count": 1}}}
    return [
        _health(ALIVE, {}),
        _health(READY, {"cluster_min_healthy_percentages": needed}),
        _typed("envoy.filters.http.cors", "filters.http.cors.v3.Cors"),
        _safe_headers(cross_origin=bool(settings.origins)),
        *([_rate_limit(settings)] if settings.rate else []),
        *([_jwt(settings.authentication)] if settings.authentication else []),
        _compressor("gzip", "Gzip", {"memory_level": 8, "window_bits": 15}),
        _compressor("brotli", "Brotli", {"quality": 5}, preferred=True),
        _typed("envoy.filters.http.grpc_web", "filters.http.grpc_web.v3.GrpcWeb"),
        _typed("envoy.filters.http.file_server", "filters.http.file_server.v3.FileServerConfig", **files),
        _typed("envoy.filters.http.router", "filters.http.router.v3.Router", suppress_envoy_headers=True),
    ]


def _health(path: str, fields: Node) -> Node:
    kind = "filters.http.health_check.v3.HealthCheck"
    headers = [{"name": ":path", "string_match": {"exact": path}}]
    return _typed("envoy.filters.http.health_check", kind, pass_through_mode=False, headers=headers, **fields)


def _safe_headers(*, cross_origin: bool) -> Node:
    """Set headers of every answer by a filter: what a route adds misses the answers of the file server."""
    headers = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-resource-policy": "cross-origin" if cross_origin else "same-origin",
    }
    action = "OVERWRITE_IF_EXISTS_OR_ADD"
    mutations = [
        {"append": {"header": {"key": key, "value": value}, "append_action": action}}
        for key, value in headers.items()
    ]
    kind = "filters.http.header_mutation.v3.HeaderMutation"
    return _typed("envoy.filters.http.header_mutation", kind, mutations={"response_mutations": mutations})


def _compressor(name: str, message: str, fields: Node, *, preferred: bool = False) -> Node:
    library = _typed(name, f"compression.{name}.compressor.v3.{message}", **fields)
    common = {"min_content_length": 1024, "content_type": _COMPRESSED}
    kind = "filters.http.compressor.v3.Compressor"
    fields = {"compressor_library": library, "choose_first": preferred}
    return _typed(
        "envoy.filters.http.compressor", kind, response_direction_config={"common_config": common}, **fields
    )


def _rate_limit(settings: Settings) -> Node:
    """Count requests by client address (a /64 of IPv6), in this process alone; a stream counts once."""
    each = max(1, round(settings.rate))
    bucket = {"max_tokens": settings.burst, "tokens_per_fill": each, "fill_interval": "1s"}
    always = {"default_value": {"numerator": 100}}
    action = {"masked_remote_address": {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": 64}}
    return _typed(
        "envoy.filters.http.local_ratelimit",
        "filters.http.local_ratelimit.v3.LocalRateLimit",
        stat_prefix="gateway",
        token_bucket=bucket,
        filter_enabled=always,
        filter_enforced=always,
        rate_limited_as_resource_exhausted=True,
        rate_limits=[{"actions": [action]}],
        descriptors=[{"entries": [{"key": "masked_remote_address"}], "token_bucket": bucket}],
        max_dynamic_descriptors=10_000,
        always_consume_default_token_bucket=False,
    )


def _jwt(authentication: Authentication) -> Node:
    """Check tokens before anything reaches a service, which checks them and their scopes again."""
    if "://" in authentication.jwks:
        uri = {"uri": authentication.jwks, "cluster": "issuer", "timeout": "5s"}
        # Fetched at start, and again before they are too old; a failure is tried again each second.
        ahead = {"fast_listener": False, "failed_refetch_duration": "1s"}
        lifetime = f"{authentication.lifetime:g}s"
        keys: Node = {"remote_jwks": {"http_uri": uri, "cache_duration": lifetime, "async_fetch": ahead}}
    else:
        watched = {"path": str(Path(authentication.jwks).parent)}
        keys = {"local_jwks": {"filename": authentication.jwks, "watched_directory": watched}}
    provider = {
        "issuer": authentication.issuer,
        "audiences": [authentication.audience],
        "clock_skew_seconds": round(authentication.leeway),
        "require_expiration": True,
        "forward": True,
        **keys,
    }
    return _typed(
        "envoy.filters.http.jwt_authn",
        "filters.http.jwt_authn.v3.JwtAuthentication",
        providers={"issuer": provider},
        rules=[{"match": {"prefix": "/langdesign."}, "requires": {"provider_name": "issuer"}}],
        bypass_cors_preflight=True,
    )


def _clusters(settings: Settings) -> list[Node]:
    clusters = [_service(stem, addresses) for stem, addresses in settings.services.items()]
    if settings.metrics is not None:
        clusters.append(_cluster("admin", settings.admin))
    if settings.authentication is not None and "://" in settings.authentication.jwks:
        clusters.append(_issuer(settings.authentication.jwks))
    return clusters


def _cluster(name: str, *addresses: str) -> Node:
    endpoints = [{"endpoint": {"address": {"socket_address": _address(address)}}} for address in addresses]
    return {
        "name": name,
        "type": "STRICT_DNS",
        "dns_lookup_family": "V4_PREFERRED",
        "connect_timeout": "2s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def _service(stem: str, addresses: Sequence[str]) -> Node:
    """Take every address of the name for a replica; one that says NOT_SERVING gets nothing new."""
    http2 = {"connection_keepalive": {"interval": "20s", "timeout": "5s"}}
    check = {
        "timeout": "2s",
        "interval": "1s",
        "no_traffic_interval": "1s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "grpc_health_check": {},
    }
    return _cluster(stem, *addresses) | {
        "dns_refresh_rate": "2s",
        "ignore_health_on_host_removal": True,
        "lb_policy": "LEAST_REQUEST",
        # With none that says SERVING, any is better than a refusal. What is known counts at once: Envoy would
        # gather it for a second, while the one that it holds healthy ends.
        "common_lb_config": {"healthy_panic_threshold": {"value": 1}, "update_merge_window": "0s"},
        "health_checks": [check],
        "outlier_detection": _refusing(),
        "circuit_breakers": {"thresholds": [{"max_requests": 10_000, "max_pending_requests": 1000}]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": _TYPE + "upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http2_protocol_options": http2},
            }
        },
    }


def _refusing() -> Node:
    """Take a replica that refused out of rotation at once, until it says SERVING or a second is over.

    The looks at health are a second apart. In between, one replica that started is not known to be healthy,
    and another that ended is: all tries of a call would go to the latter. The last one is never taken out.
    """
    unused = ("consecutive_5xx", "consecutive_gateway_failure", "success_rate", "local_origin_success_rate")
    return {
        "split_external_local_origin_errors": True,
        "consecutive_local_origin_failure": 1,
        "enforcing_consecutive_local_origin_failure": 100,
        **{f"enforcing_{name}": 0 for name in unused},
        "interval": "1s",
        "base_ejection_time": "1s",
        "max_ejection_time": "1s",
        "max_ejection_percent": 99,
    }


def _issuer(jwks: str) -> Node:
    parts = urlsplit(jwks)
    host = parts.hostname or ""
    trusted = {"trusted_ca": {"filename": "/etc/ssl/certs/ca-certificates.crt"}}
    names = [{"san_type": "DNS", "matcher": {"exact": host}}]
    context = {"validation_context": {**trusted, "match_typed_subject_alt_names": names}}
    tls = "transport_sockets.tls.v3.UpstreamTlsContext"
    return _cluster("issuer", f"{host}:{parts.port or 443}") | {
        "transport_socket": _typed("envoy.transport_sockets.tls", tls, sni=host, common_tls_context=context)
    }


def _metrics(address: str) -> str:
    route = {"cluster": "admin", "prefix_rewrite": "/stats/prometheus"}
    host = {"name": "metrics", "domains": ["*"], "routes": [{"match": {"path": "/metrics"}, "route": route}]}
    router = _typed("envoy.filters.http.router", "filters.http.router.v3.Router")
    manager = _typed(
        "envoy.filters.network.http_connection_manager",
        "filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="metrics",
        route_config={"virtual_hosts": [host]},
        http_filters=[router],
    )
    listener = {
        "name": "metrics",
        "address": {"socket_address": _address(address)},
        "filter_chains": [{"filters": [manager]}],
    }
    return f"  listeners:\n    - {json.dumps(listener)}\n"
