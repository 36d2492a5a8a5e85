"""A real Prometheus over a local run, with the labels that the operator's PodMonitor gives."""

import contextlib
import json
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from expressions import NAMESPACE

SCRAPE = 2  # seconds
_PATIENCE = 60.0  # seconds until it answers


class Prometheus:
    """A server that answers.

    Args:
        address: host:port.

    """

    def __init__(self, address: str) -> None:
        self._address = address

    def ready(self) -> bool:
        """Return whether it answers."""
        try:
            with urllib.request.urlopen(f"http://{self._address}/-/ready", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def series(self, expression: str) -> list[dict[str, Any]]:
        """Return the series that an expression has now.

        Raises:
            RuntimeError: Prometheus does not take the expression; the message says why.

        """
        return self._ask("query", query=expression)

    def over_time(self, expression: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """Return an expression's series between two moments, seconds since 1970, every `step` seconds."""
        return self._ask("query_range", query=expression, start=start, end=end, step=step)

    def _ask(self, what: str, **parameters: Any) -> list[dict[str, Any]]:
        url = f"http://{self._address}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{parameters['query']}: {json.load(error)['error']}") from error
        return result


def configuration(pages: Mapping[str, str], rule_file: Path) -> dict[str, Any]:
    """Return a configuration that reads the metrics pages, ``host:port/path`` by the workload's name."""
    return {
        "global": {"scrape_interval": f"{SCRAPE}s", "evaluation_interval": f"{SCRAPE}s"},
        "rule_files": [str(rule_file)],
        "scrape_configs": [
            {
                "job_name": name,
                "metrics_path": f"/{page.partition('/')[2]}",
                "static_configs": [{"targets": [page.partition("/")[0]], "labels": _labels(name)}],
            }
            for name, page in pages.items()
        ],
    }


def _labels(name: str) -> dict[str, str]:
    return {
        "namespace": NAMESPACE,
        "pod": f"{name}-0",
        "container": name,
        "app_kubernetes_io_name": name,
        "app_kubernetes_io_part_of": "langdesign",
    }


def write_rules(rules: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write rules as Prometheus reads them; the operator's have more around them."""
    file.write_text(
        yaml.safe_dump({"groups": [{"name": "langdesign", "rules": list(rules)}]}, sort_keys=False)
    )


@contextlib.contextmanager
def running(folder: Path, pages: Mapping[str, str], rule_file: Path, address: str) -> Iterator[Prometheus]:
    """Run Prometheus in a folder, and end it.

    Raises:
        RuntimeError: It does not start; the message names its log.

    """
    settings, log = folder / "prometheus.yml", folder / "prometheus.log"
    settings.write_text(yaml.safe_dump(configuration(pages, rule_file)))
    command = [
        "prometheus",
        f"--config.file={settings}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with log.open("wb") as told, subprocess.Popen(command, stdout=told, stderr=told) as process:
        try:
            server, end = Prometheus(address), time.monotonic() + _PATIENCE
            while not server.ready():
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"Prometheus does not start: see {log}")
                time.sleep(0.2)
            yield server
        finally:
            process.terminate()
