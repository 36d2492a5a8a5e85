"""Triton's side of the editing engine: requests in, events out."""

import json
import os
import threading
import time
from pathlib import Path

import langdesign_engine as engine
import triton_python_backend_utils as pb_utils
from langdesign_registry import verify_checkpoint

_PATIENCE = 2.0  # seconds that the engine has to end, and all callers to be told: a step may take longer


class TritonPythonModel:
    """One engine; each request is followed by a thread of its own."""

    def initialize(self, args):
        """Verify the checkpoint, load it, warm up, and begin to export the engine's metrics."""
        config = {k: v["string_value"] for k, v in json.loads(args["model_config"])["parameters"].items()}
        folder = Path(os.environ.get(f"{args['model_name'].upper()}_MODEL_DIR", config["model_dir"]))
        name = verify_checkpoint(folder, os.environ)
        device = f"cuda:{args['model_instance_device_id']}" if args["model_instance_kind"] == "GPU" else "cpu"
        options = engine.EngineOptions.from_json(config["engine"])
        # A model whose engine died must not stay ready: its process ends, and Triton is started again.
        self._engine = engine.start_engine(folder, device, options, name=name, on_death=lambda: os._exit(1))
        self._families = {}
        self._followers = set()
        self._count_restarts(args["model_name"])
        self._export = engine.MetricsExport(self._engine.metrics, self._new_metric)

    def execute(self, requests):
        """Check a request, or submit it and follow it in a thread; its tensors are gone once this returns."""
        for request in requests:
            sender = request.get_response_sender()
            try:
                tensors = {tensor.name(): tensor.as_numpy() for tensor in request.inputs()}
                if engine.wants_check(request.parameters()):
                    self._send(sender, engine.check_message(self._engine, tensors))
                    sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
                    continue
                ticket = engine.submit_message(self._engine, tensors, request.parameters())
            except Exception as error:  # noqa: BLE001 - the caller hears of every failure
                self._fail(sender, error)
            else:
                follower = threading.Thread(target=self._follow, args=(ticket, sender), daemon=True)
                self._followers.add(follower)
                follower.start()

    def finalize(self):
        """End what is left, and this process.

        Nobody waits for a step that goes on, and taking down an interpreter with PyTorch in it costs seconds
        of Triton's exit timeout.
        """
        self._export.close()
        ending = threading.Thread(target=self._engine.close, kwargs={"drain": False}, daemon=True)
        ending.start()
        until = time.monotonic() + _PATIENCE  # for all of them: each its own would outlast the exit timeout
        for thread in (ending, *self._followers):
            thread.join(max(0.0, until - time.monotonic()))
        os._exit(0)

    def _follow(self, ticket, sender):
        try:
            for event in ticket.events(wanted=lambda: not sender.is_cancelled()):
                self._send(sender, engine.event_message(event))
            sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
        except Exception as error:  # noqa: BLE001 - the caller hears of every failure
            self._fail(sender, error)
        finally:
            self._followers.discard(threading.current_thread())

    def _fail(self, sender, error):
        pb_utils.Logger.log_warn(f"a request failed: {error!r}")
        self._send(sender, engine.error_message(error))
        sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    def _send(self, sender, message):
        sender.send(pb_utils.InferenceResponse([pb_utils.Tensor(*item) for item in message.items()]))

    def _count_restarts(self, model):
        """Show how often the supervisor has started this server again: it has no page of its own."""
        labels = {"model": model}
        metric = self._new_metric(
            "langdesign_supervisor_restarts_total", "counter", "Starts of Triton again in place", labels
        )
        metric.increment(int(os.environ.get("LANGDESIGN_SUPERVISOR_RESTARTS", "0")))
        self._restarts = metric  # Triton shows it while it lives

    def _new_metric(self, name, kind, description, labels):
        if name not in self._families:
            kind = getattr(pb_utils.MetricFamily, kind.upper())
            self._families[name] = pb_utils.MetricFamily(name=name, description=description, kind=kind)
        return self._families[name].Metric(labels=dict(labels))
