"""What a Triton server answers over HTTP, where its command line says that it listens."""

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CHECK = "check"  # the request parameter by which both models know that there is no work to do


@dataclass(frozen=True)
class Triton:
    """A server on this machine.

    Attributes:
        host: Where its HTTP interface listens.
        port: Of that interface.
        timeout: Seconds that an answer may take.

    """

    host: str
    port: int
    timeout: float = 2.0

    @classmethod
    def of(cls, command: Sequence[str]) -> "Triton":
        """Return the server that a command line starts."""
        host = flag(command, "--http-address") or "127.0.0.1"
        return cls("127.0.0.1" if host == "0.0.0.0" else host, int(flag(command, "--http-port") or 8000))  # noqa: S104

    def ready(self) -> bool:
        """Return whether it says that all its models are loaded."""
        return self._ask("GET", "/v2/health/ready") is not None

    def inputs(self, model: str) -> frozenset[str]:
        """Return the names of a model's inputs; none where it does not answer."""
        config = self._ask("GET", f"/v2/models/{model}/config")
        return frozenset(one["name"] for one in json.loads(config)["input"]) if config else frozenset()

    def answers(self, model: str, inputs: frozenset[str]) -> bool:
        """Return whether the process of a model answers a request that asks for no work.

        A model with neither `PARAMETERS` nor `EXPRESSIONS` cannot be asked so, and is taken to answer.
        """
        if "PARAMETERS" in inputs:  # decoupled: over HTTP it answers as a stream of events alone
            parameters = json.dumps({"instruction": "a"})
            told = self._ask(
                "POST", f"/v2/models/{model}/generate_stream", {"PARAMETERS": parameters, _CHECK: True}
            )
            return told is not None and b'"EVENT"' in told
        if "EXPRESSIONS" in inputs:
            return self._ask("POST", f"/v2/models/{model}/infer", _NO_SEGMENTATION) is not None
        return bool(inputs)

    def executions(self, model: str) -> int:
        """Return how many batches of requests a model has answered; -1 where the server does not say."""
        told = self._ask("GET", f"/v2/models/{model}/stats")
        return sum(int(one["execution_count"]) for one in json.loads(told)["model_stats"]) if told else -1

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes | None:
        """Return what is answered with 200; None for any other answer, and for none in time."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return told if answer.status == http.client.OK else None


_NO_SEGMENTATION = {
    "parameters": {_CHECK: True},
    "inputs": [
        {"name": "IMAGE", "shape": [1, 1, 1, 3], "datatype": "UINT8", "data": [0, 0, 0]},
        {"name": "EXPRESSIONS", "shape": [1, 1], "datatype": "BYTES", "data": ["a"]},
    ],
}


def flag(command: Sequence[str], name: str) -> str | None:
    """Return the last value of a flag of a command line, ``--name=value``; None where it is not given."""
    values = [argument.partition("=")[2] for argument in command if argument.startswith(f"{name}=")]
    return values[-1] if values else None
