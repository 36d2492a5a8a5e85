"""The engine's benchmark as tables."""

from typing import Any

from rich.console import Console
from rich.table import Table


def print_report(report: dict[str, Any], console: Console) -> None:
    """Print a table for each section that was measured."""
    workload = report["workload"]
    console.print(
        f"{workload['size']} at {workload['pixels']}x{workload['pixels']}, {workload['steps']} steps, "
        f"random weights, {report['dtype']}, {report['device']}: {report['edit_tflop']:.3g} TFLOP an edit, "
        f"matmul peak {report['peak_tflops']:.2f} TFLOP/s, peak memory {report['peak_memory_mib']:.0f} MiB"
    )
    for section, make in _TABLES.items():
        if section in report:
            console.print(make(report[section]))


def _latency(rows: dict[str, Any]) -> Table:
    table = _table("Latency at batch 1", "seconds", "spread of 3 windows", "x plain", "share of peak")
    for name, row in rows.items():
        table.add_row(
            name,
            f"{row['median']:.3f}",
            f"{row['spread']:.1%}",
            f"{row['ratio_to_plain']:.3f}",
            f"{row['share_of_peak']:.0%}",
        )
    return table


def _precision(rows: dict[str, Any]) -> Table:
    title = "Precision, and diffusers' own pipeline, in turn"
    table = _table(
        title, "s an edit", "steps/s", "processor s", "x as fast", "x less processor time", "PSNR dB"
    )
    for name, row in rows.items():
        table.add_row(
            name,
            f"{row['edit']:.3f}",
            f"{1 / row['step']:.2f}",
            f"{row['processor']:.3f}",
            f"{row['times_as_fast']:.2f}",
            f"{row['times_less_work']:.2f}",
            "equal" if row["psnr"] is None else f"{row['psnr']:.1f}",
        )
    return table


def _throughput(section: dict[str, Any]) -> Table:
    title = f"Throughput, Poisson arrivals at {section['offered']:.2f}/s"
    table = _table(title, "edits/s", "p50 s", "p95 s", first="slots")
    for slots, row in section["slots"].items():
        table.add_row(slots, f"{row['throughput']:.2f}", f"{row['p50']:.2f}", f"{row['p95']:.2f}")
    return table


def _batching(section: dict[str, Any]) -> Table:
    title = f"Batching at concurrency {section['concurrency']}"
    late = f"at {section['offered']:.2f}/s"
    table = _table(title, "edits/s saturated", "processor s an edit", f"p50 s {late}", f"p95 s {late}")
    for name in ("static", "step-level"):
        row = section[name]
        table.add_row(
            name,
            *(f"{row[key]:.2f}" for key in ("throughput", "processor", "p50", "p95")),
        )
    return table


_TABLES = {"latency": _latency, "precision": _precision, "throughput": _throughput, "batching": _batching}


def _table(title: str, *columns: str, first: str = "") -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table
