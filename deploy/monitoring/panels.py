"""What the dashboards show, as tables of panels. Every query is for one namespace, ``$namespace``."""

from collections.abc import Sequence
from dataclasses import dataclass

INTERVAL = "$__rate_interval"
"""What Grafana puts a range in place of, wide enough for two scrapes."""
_NS = 'namespace="$namespace"'


@dataclass(frozen=True)
class Panel:
    """One plot over time.

    Attributes:
        title: What it shows.
        unit: Grafana's name of the unit, such as ``s`` or ``percentunit``.
        queries: PromQL and the legend of its series.
        note: What a reader should know, shown at the title.
        stacked: Whether the series add up to something.

    """

    title: str
    unit: str
    queries: Sequence[tuple[str, str]]
    note: str = ""
    stacked: bool = False


@dataclass(frozen=True)
class Dashboard:
    """A page of panels; its name is that of its file."""

    name: str
    title: str
    panels: Sequence[Panel]


def _rate(metric: str, by: str, matchers: str = "") -> str:
    inner = f"{_NS},{matchers}" if matchers else _NS
    return f"sum by ({by}) (rate({metric}{{{inner}}}[{INTERVAL}]))"


def _sum(metric: str, by: str) -> str:
    return f"sum by ({by}) ({metric}{{{_NS}}})"


def _quantile(share: float, metric: str, by: str = "", matchers: str = "") -> str:
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({share}, {_rate(f'{metric}_bucket', labels, matchers)})"


def _ratio(over: str, under: str) -> str:
    """Of two sums that are told apart by the namespace; nothing where there is nothing to divide by."""
    return f"{over} / ({under} > 0)"


EDITS = Dashboard(
    "edits",
    "LangDesign: edits",
    (
        Panel(
            "Edits ended",
            "ops",
            [(_rate("langdesign_editing_seconds_count", "state"), "{{state}}")],
            stacked=True,
        ),
        Panel(
            "From the call to the result",
            "s",
            [
                (_quantile(share, "langdesign_editing_seconds", matchers='state="succeeded"'), legend)
                for share, legend in ((0.5, "median"), (0.95, "95%"), (0.99, "99%"))
            ],
        ),
        Panel("Edits under way", "short", [(_sum("langdesign_editing_running", "pod"), "{{pod}}")]),
        Panel(
            "Changed nothing",
            "percentunit",
            [(f"langdesign:no_ops:share{{{_NS}}}", "{{reason}}")],
            note="Of the edits that succeeded within half an hour. no_target is certified absence.",
            stacked=True,
        ),
        Panel(
            "Edits that changed pixels outside their region",
            "percentunit",
            [
                (
                    "1 - "
                    + _rate("langdesign_editing_changed_outside_bucket", "preserve", 'le="0.0"')
                    + f" / ({_rate('langdesign_editing_changed_outside_count', 'preserve')} > 0)",
                    "{{preserve}}",
                )
            ],
            note="strict promises none.",
        ),
        Panel(
            "Instructions read by",
            "ops",
            [(_rate("langdesign_reference_plans_total", "reader"), "{{reader}}")],
            stacked=True,
        ),
        Panel(
            "Questions to the language model",
            "ops",
            [(_rate("langdesign_reference_language_model_questions_total", "outcome"), "{{outcome}}")],
            stacked=True,
        ),
        Panel(
            "Designs",
            "short",
            [
                (_sum("langdesign_design_running", "namespace"), "edits seen to"),
                (_sum("langdesign_design_watchers", "namespace"), "watchers"),
            ],
        ),
        Panel(
            "Runs",
            "short",
            [(_sum("langdesign_training_running", "namespace"), "under way")],
        ),
    ),
)

MODEL_SERVER = Dashboard(
    "model-server",
    "LangDesign: model server",
    (
        Panel(
            "Slots",
            "short",
            [
                (_sum("langdesign_engine_slots_used", "namespace"), "used"),
                (_sum("langdesign_engine_slots", "namespace"), "in all"),
            ],
        ),
        Panel(
            "Queue",
            "short",
            [
                (_sum("langdesign_engine_queue_length", "namespace"), "waiting"),
                (_sum("langdesign_engine_queue_limit", "namespace"), "may wait"),
            ],
        ),
        Panel("Wait for a slot", "s", [(f"langdesign:engine_wait:seconds{{{_NS}}}", "mean")]),
        Panel(
            "Edits ended in the engine",
            "ops",
            [(_rate("langdesign_engine_edits_total", "outcome"), "{{outcome}}")],
            stacked=True,
        ),
        Panel(
            "Edits in a step",
            "short",
            [
                (
                    _ratio(
                        _rate("langdesign_engine_edit_steps_total", "namespace"),
                        _rate("langdesign_engine_steps_total", "namespace"),
                    ),
                    "mean batch",
                )
            ],
            note="How well steps are shared: 1 means that every edit steps alone.",
        ),
        Panel(
            "A step takes",
            "s",
            [
                (
                    _ratio(
                        _rate("langdesign_engine_step_seconds_total", "namespace"),
                        _rate("langdesign_engine_steps_total", "namespace"),
                    ),
                    "mean",
                )
            ],
        ),
        Panel(
            "Where the engine's time goes",
            "percentunit",
            [
                (_rate("langdesign_engine_step_seconds_total", "namespace"), "steps"),
                (_rate("langdesign_engine_encode_seconds_total", "namespace"), "encoding"),
                (_rate("langdesign_engine_decode_seconds_total", "namespace"), "decoding"),
            ],
            stacked=True,
        ),
        Panel(
            "Triton's requests",
            "ops",
            [
                (_rate("nv_inference_request_success", "model"), "{{model}}: answered"),
                (_rate("nv_inference_request_failure", "model", 'model="segment"'), "{{model}}: failed"),
                (_rate("langdesign_engine_edits_total", "namespace", 'outcome="failed"'), "edit: failed"),
            ],
            note="Triton counts an edit as answered whatever became of it; the failed ones are the engine's.",
        ),
        Panel(
            "Started again in place",
            "short",
            [(f"max by (pod) (langdesign_supervisor_restarts_total{{{_NS}}})", "{{pod}}")],
        ),
        Panel("GPU in use", "percentunit", [(f"nv_gpu_utilization{{{_NS}}}", "{{pod}}")]),
        Panel("GPU memory", "bytes", [(f"nv_gpu_memory_used_bytes{{{_NS}}}", "{{pod}}")]),
    ),
)

SERVICES = Dashboard(
    "services",
    "LangDesign: services",
    (
        Panel(
            "Calls",
            "ops",
            [(_rate("grpc_server_handled_total", "app_kubernetes_io_name"), "{{app_kubernetes_io_name}}")],
            stacked=True,
        ),
        Panel(
            "Calls that did not end well",
            "ops",
            [
                (
                    _rate(
                        "grpc_server_handled_total", "app_kubernetes_io_name, grpc_code", 'grpc_code!="OK"'
                    ),
                    "{{app_kubernetes_io_name}} {{grpc_code}}",
                )
            ],
            stacked=True,
        ),
        Panel(
            "One call in twenty takes longer than",
            "s",
            [
                (
                    _quantile(0.95, "grpc_server_handling_seconds", "app_kubernetes_io_name"),
                    "{{app_kubernetes_io_name}}",
                )
            ],
            note="Watches last as long as somebody watches.",
        ),
        Panel(
            "Calls in progress",
            "short",
            [(_sum("grpc_server_in_flight", "app_kubernetes_io_name"), "{{app_kubernetes_io_name}}")],
        ),
        Panel("Memory", "bytes", [(_sum("process_resident_memory_bytes", "pod"), "{{pod}}")]),
        Panel("Processor", "short", [(_rate("process_cpu_seconds_total", "pod"), "{{pod}}")]),
        Panel(
            "Requests at the gateway",
            "ops",
            [
                (
                    _rate("envoy_http_downstream_rq_xx", "envoy_response_code_class"),
                    "{{envoy_response_code_class}}xx",
                )
            ],
            stacked=True,
        ),
        Panel(
            "Pods that answer",
            "short",
            [(_sum("up", "app_kubernetes_io_name"), "{{app_kubernetes_io_name}}")],
            stacked=True,
        ),
    ),
)

DASHBOARDS = (EDITS, MODEL_SERVER, SERVICES)
