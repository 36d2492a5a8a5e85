"""Asks a real Prometheus over a local run all that the manifests ask: `python deploy/monitoring/check.py`.

It starts every service (`langdesign up`) and Debian's Prometheus, lets edits succeed, change nothing, fail
and be cancelled, kills the models' processes once, and fails where an expression of an alert, figure,
the autoscaler or a dashboard has no answer. promtool tests the rules before. `--record FILE` keeps what the
dashboards show, for picture.py.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import expressions
import load
import yaml
from expressions import Asked
from langdesign_client import Connection
from langdesign_command.local import stack
from prometheus import SCRAPE, Prometheus, running, write_rules

ROOT = Path(__file__).resolve().parents[2]
OVERLAY = ROOT / "deploy/overlays/production"
TESTS = Path(__file__).parent / "rules_test.yaml"
PICTURE = ROOT / "clients/command/src/langdesign_command/samples/bedroom.png"
_READY = 900.0  # seconds that the services' start may take on a busy machine
_SETTLE = 3 * SCRAPE  # seconds until what happened last is in what Prometheus answers

NOT_HERE = {
    "nv_gpu_utilization": "there is no GPU",
    "nv_gpu_memory_used_bytes": "there is no GPU",
}
"""Metrics that a machine like this one does not have."""
RARE = {
    'grpc_code="RESOURCE_EXHAUSTED"': "nobody is turned away at this load",
    'grpc_code=~"INTERNAL|UNKNOWN|UNAVAILABLE|DATA_LOSS"': "edits outlive the model server that is killed",
}
"""Matchers of what does not happen here, though the metric is there."""


@dataclass(frozen=True)
class Answer:
    """What Prometheus knows of an expression.

    Attributes:
        asked: The expression.
        series: How many it has, without its outermost condition.
        silent: Its selectors that have none, but should.
        excused: Why it may have none.

    """

    asked: Asked
    series: int
    silent: tuple[str, ...]
    excused: str

    @property
    def good(self) -> bool:
        """Whether it asks for what is there."""
        return not self.silent and (self.series > 0 or bool(self.excused))


def answer(prometheus: Prometheus, asked: Asked) -> Answer:
    """Ask for an expression, and for each of its selectors."""
    excuses = [why for name, why in {**NOT_HERE, **RARE}.items() if name in asked.text]
    silent = [one for one in asked.selectors if not prometheus.series(f"count({one})") and not _excused(one)]
    return Answer(asked, len(prometheus.series(asked.unfiltered)), tuple(silent), "; ".join(excuses))


def _excused(selector: str) -> bool:
    return any(one in selector for one in (*NOT_HERE, *RARE))


def manifests() -> list[Mapping[str, Any]]:
    """Return production's objects, as for the namespace that dashboards are asked for."""
    kubectl = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or "kubectl"
    rendered = subprocess.run(
        [kubectl, "kustomize", str(OVERLAY)], capture_output=True, text=True, check=True
    )
    text = rendered.stdout.replace(
        'namespace="langdesign-production"', f'namespace="{expressions.NAMESPACE}"'
    )
    return list(yaml.safe_load_all(text))


def test_rules(rule_file: Path, folder: Path) -> None:
    """Let promtool check the rules, and test them.

    Raises:
        subprocess.CalledProcessError: A rule is wrong; promtool has said which.

    """
    tests = folder / "rules_test.yaml"
    tests.write_text(TESTS.read_text().replace("RULES", str(rule_file)))
    for command in (["check", "rules", str(rule_file)], ["test", "rules", str(tests)]):
        subprocess.run(["promtool", *command], check=True)


@contextlib.contextmanager
def services(offset: int, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run every service in a folder, and end them.

    Raises:
        RuntimeError: They do not start; the message names their log.

    """
    command = [str(Path(sys.executable).with_name("langdesign")), "up", "--json"]
    places = ["--port-offset", str(offset), "--data", str(folder / "services")]
    log = folder / "services.log"
    with log.open("w") as told:
        process = subprocess.Popen([*command, *places], stdout=told, stderr=told, text=True)
        try:
            end = time.monotonic() + _READY
            while '"ready": true' not in log.read_text():
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"the services do not start:\n{log.read_text()[-2000:]}")
                time.sleep(1)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def pages(offset: int) -> dict[str, str]:
    """Return the metrics pages of a local run, by the workloads' names in the cluster."""
    found = {}
    for service in stack.SERVICES:
        name = {"triton": "model-server"}.get(service.name, service.name)
        if "metrics" in service.ports:
            found[name] = f"{stack.HOST}:{service.ports['metrics'] + offset}/metrics"
        if "admin" in service.ports:  # Envoy's, which in the cluster shows the same as /metrics
            found[name] = f"{stack.HOST}:{service.ports['admin'] + offset}/stats/prometheus"
    return found


def happen(connection: Connection, services: subprocess.Popen[str], seconds: float) -> None:
    """Let everything happen that figures tell of, for so many seconds."""
    calls = load.Load(connection, PICTURE)
    try:
        load.fail_a_run(connection)
        time.sleep(seconds * 0.6)
        killed = load.kill_stubs(services.pid)
        _say(f"killed {killed} processes of models")
        time.sleep(seconds * 0.4)
    finally:
        calls.close()
    for what, count in sorted(calls.outcomes.items()):
        _say(f"{count:5d}  {what}")


def record(prometheus: Prometheus, asked: Sequence[Mapping[str, Any]], began: float, file: Path) -> None:
    """Keep what the dashboards show of a time, as JSON."""
    end = time.time()
    step = max(SCRAPE, (end - began) / 240)
    shown = []
    for panel in asked:
        series = [
            {
                "legend": legend_of(target["legendFormat"], one["metric"]),
                "points": [[float(at), float(value)] for at, value in one["values"]],
            }
            for target in panel["targets"]
            for one in prometheus.over_time(expressions.filled(target["expr"]), began, end, step)
        ]
        unit, stacking = (panel["fieldConfig"]["defaults"][key] for key in ("unit", "custom"))
        stacked = stacking["stacking"]["mode"] == "normal"
        shown.append({"title": panel["title"], "unit": unit, "stacked": stacked, "series": series})
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"began": began, "end": end, "panels": shown}))


def legend_of(form: str, labels: Mapping[str, str]) -> str:
    """Return a legend with its labels filled in, as Grafana does."""
    for name, value in labels.items():
        form = form.replace(f"{{{{{name}}}}}", value)
    return form


def panels(objects: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the panels of every dashboard of rendered manifests."""
    (dashboards,) = (one for one in objects if one["metadata"]["name"] == "dashboards")
    return [panel for text in dashboards["data"].values() for panel in json.loads(text)["panels"]]


def tell(answers: Sequence[Answer]) -> bool:
    """Print a line for each expression; return whether all are good."""
    for one in answers:
        state = "ok" if one.good and one.series else "-" if one.good else "NOTHING"
        why = "; ".join(one.silent) or (one.excused if not one.series else "")
        _say(f"{state:8} {one.series:4d} series  {one.asked.where}" + (f"  ({why})" if why else ""))
    bad = [one for one in answers if not one.good]
    _say(f"{len(answers)} expressions, {len(bad)} without an answer")
    return not bad


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check; return 1 where an expression has no answer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port-offset", type=int, default=5000, help="added to every port of the local run")
    parser.add_argument("--seconds", type=float, default=120.0, help="of load")
    parser.add_argument("--record", type=Path, help="JSON file for what the dashboards show")
    chosen = parser.parse_args(arguments)
    if missing := [one for one in ("prometheus", "promtool") if not shutil.which(one)]:
        _say(f"{' and '.join(missing)} not found: install Prometheus (Debian: apt-get install prometheus)")
        return 1
    objects = manifests()
    with tempfile.TemporaryDirectory(prefix="langdesign-monitoring-") as name:
        folder = Path(name)
        rule_file = folder / "rules.yaml"
        write_rules(expressions.rules(objects), rule_file)
        test_rules(rule_file, folder)
        offset = chosen.port_offset
        with services(offset, folder) as process:
            address = f"{stack.HOST}:{9090 + offset}"
            with running(folder, pages(offset), rule_file, address) as prometheus:
                began = time.time()
                happen(Connection(_callable(offset)), process, chosen.seconds)
                time.sleep(_SETTLE)
                good = tell([answer(prometheus, one) for one in expressions.asked(objects)])
                if chosen.record:
                    record(prometheus, panels(objects), began, chosen.record)
    return 0 if good else 1


def _callable(offset: int) -> dict[str, str]:
    return {
        name: at for name, at in stack.addresses(offset).items() if name not in {"triton", "llama", "gateway"}
    }


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
