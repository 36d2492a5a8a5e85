"""Grafana's dashboards, made from tables of panels: `python deploy/monitoring/dashboards.py [--check]`.

The files that it writes are part of the component `monitoring`. With `--check` it writes none, and fails
where one differs.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from panels import DASHBOARDS, Dashboard, Panel

FOLDER = Path(__file__).resolve().parents[1] / "components/monitoring/dashboards"

_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 3  # of a panel and of the 24 units of a row
_SOURCE = {"type": "prometheus", "uid": "${source}"}


def page(dashboard: Dashboard) -> dict[str, Any]:
    """Return a dashboard in the form that Grafana (10 or later) reads."""
    return {
        "uid": f"langdesign-{dashboard.name}",
        "title": dashboard.title,
        "tags": ["langdesign"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [_source(), _namespace()]},
        "panels": [_panel(place, panel) for place, panel in enumerate(dashboard.panels)],
    }


def _source() -> dict[str, Any]:
    return {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _namespace() -> dict[str, Any]:
    query = 'label_values(up{app_kubernetes_io_part_of="langdesign"}, namespace)'
    return {
        "name": "namespace",
        "label": "Namespace",
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": "namespace"},
        "refresh": 2,
        "sort": 1,
    }


def _panel(place: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(place, _COLUMNS)
    stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.note,
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": row * _HEIGHT},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "custom": {"lineWidth": 2, "fillOpacity": 20 if panel.stacked else 5, "stacking": stacking},
            },
            "overrides": [],
        },
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": chr(ord("A") + number), "datasource": _SOURCE, "expr": query, "legendFormat": legend}
            for number, (query, legend) in enumerate(panel.queries)
        ],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the dashboards, or say which differ from their tables."""
    parser = argparse.ArgumentParser(description="Make Grafana's dashboards.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file differs")
    check = parser.parse_args(arguments).check
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = []
    for dashboard in DASHBOARDS:
        file = FOLDER / f"{dashboard.name}.json"
        text = json.dumps(page(dashboard), indent=1) + "\n"
        if check and (not file.exists() or file.read_text() != text):
            stale.append(file.name)
        elif not check:
            file.write_text(text)
    if stale:
        print(f"{', '.join(stale)}: run `python deploy/monitoring/dashboards.py`", file=sys.stderr)  # noqa: T201 - its answer
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
