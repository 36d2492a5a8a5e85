"""The training loop that every recipe shares: resumable, bounded in time, equal however often it is cut.

FOLDER/checkpoints/   see `checkpoints`
FOLDER/model/         the model as the task saves it, with averaged weights, as of the last checkpoint
FOLDER/log.jsonl      a line for every `log_every` steps, and one for each validation; a run that goes on
                      drops the lines of steps after its checkpoint, and writes the same ones again
FOLDER/report.json    how far the training is (`LoopReport`)
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from langdesign_diffusion.precision import multiplies_bfloat16
from torch import Tensor, nn

from .averaging import Average
from .checkpoints import Progress, Training, clear, resume, save
from .disk import writing
from .drafts import drafted
from .errors import TrainingError
from .finite import not_finite, some
from .journal import Journal, Tracker
from .optimizing import new_optimizer
from .parts import Parts
from .processes import Alone, Processes
from .signals import interruptions
from .task import Named, Task

_HOPELESS = 20  # steps in a row without a finite gradient
_CALMER = (  # rate and precision are part of the recipe: a folder begun with others refuses them
    "begin a new training (another --out) with a lower learning rate, or in float32 (bf16 off)"
)

Stopped = Literal["running", "done", "minutes", "signal"]


@dataclass(frozen=True)
class LoopSettings:
    """How long and how fast."""

    steps: int  # of the whole training; the schedule ends there
    learning_rate: float  # at the peak
    warmup: int = 200  # steps of linear warm-up
    floor: float = 0.05  # of the cosine, over the peak
    betas: tuple[float, float] = (0.9, 0.99)  # of AdamW
    weight_decay: float = 0.01  # of matrices and kernels; vectors never decay
    clip: float = 1.0  # norm that the gradient is clipped to
    ema: float = 0.999  # decay of the weights' average
    seed: int = 0  # of torch's generator, which dropout draws from
    bf16: bool = False  # autocast to bfloat16, where the device multiplies it itself
    channels_last: bool = True  # memory format of convolutions
    device: str = "cpu"  # where the task's module is
    threads: int | None = None  # of torch on the CPU; None leaves them
    minutes: float | None = None  # stop cleanly after so many in this run
    checkpoint_minutes: float = 5.0  # between checkpoints
    log_every: int = 50  # steps
    validate_every: int = 1000  # steps

    def rate(self, step: int) -> float:
        """Return the learning rate of a step (from 0) over the peak's: linear warm-up, then a cosine."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        done = min(1.0, (step - self.warmup) / max(1, self.steps - self.warmup))
        return self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * done))


@dataclass(frozen=True)
class LoopReport:
    """How far a training is."""

    step: int  # optimizer steps done
    steps: int  # of the whole training
    samples: int  # seen
    seconds: float  # spent, over all runs
    skipped: int  # steps whose gradient was not finite
    recipe: str  # digest
    stopped: Stopped  # why this run ended; "running" if it has not, or was killed
    metrics: dict[str, float] = field(default_factory=dict)  # of the last validation
    precision: str = "float32"  # that this run computed in, or "bfloat16" (autocast)


def train(
    task: Task,
    settings: LoopSettings,
    folder: Path,
    *,
    recipe: str = "",
    parts: int = 1,
    processes: Processes | None = None,
    tracker: Tracker | None = None,
    progress: Callable[[float], None] | None = None,
) -> LoopReport:
    """Train until the steps are done, the minutes are spent, or SIGTERM or Ctrl-C comes.

    A folder with checkpoints is continued. On the CPU a training that was cut and continued ends with the
    very weights, and the very log of losses, of one that was not, provided that the data are equal and
    that both processors multiply bfloat16, or neither.

    Args:
        task: what is trained.
        settings: how.
        folder: of this training; made if it is missing.
        recipe: digest of the recipe; a folder begun with another is refused.
        parts: that each process trains its share of a batch in, one after another; saves memory.
        processes: that train together; None for this one alone.
        tracker: also told what the log is told.
        progress: called after each step with the share of the steps that is done.

    Raises:
        ResumeError: the folder's checkpoints do not fit.
        StorageError: the disk is full, or cannot be written; the last whole checkpoint is kept.
        TrainingError: a loss is not finite, gradients stay without finite numbers, or the task's batches
            cannot be divided.

    """
    folder.mkdir(parents=True, exist_ok=True)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    with torch.random.fork_rng(devices=[]), interruptions() as interrupted:
        torch.manual_seed(settings.seed)
        run = _Run(task, settings, folder, recipe, parts, processes or Alone())
        return run.to_end(interrupted, tracker, progress or (lambda _share: None))


class _Run:
    """One run of a training."""

    def __init__(
        self, task: Task, settings: LoopSettings, folder: Path, recipe: str, parts: int, processes: Processes
    ) -> None:
        self._task, self._settings, self._folder, self._processes = task, settings, folder, processes
        self._parts = Parts(task, parts, processes)
        self._bf16 = settings.bf16 and multiplies_bfloat16(settings.device)
        if settings.channels_last:
            task.trained.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._training = Training(
            task.trained,
            Average(task.trained, settings.ema),
            new_optimizer(task, settings.learning_rate, settings.betas, settings.weight_decay),
            Progress(recipe=recipe),
        )
        if self._writes:
            clear(folder)
        processes.highest(0)  # nobody reads before what a killed run moved aside is back
        resume(self._training, folder)
        processes.highest(0)  # nobody writes before all have read
        self._earlier = self._training.progress.seconds
        self._began = self._saved_at = time.monotonic()
        self._metrics: dict[str, float] = _last_metrics(folder)
        self._validated_at: int | None = None  # step, in this run
        self._bad = 0  # steps in a row without a finite gradient

    @property
    def _writes(self) -> bool:
        return self._processes.rank == 0

    def to_end(
        self, interrupted: threading.Event, tracker: Tracker | None, tell: Callable[[float], None]
    ) -> LoopReport:
        progress, settings = self._training.progress, self._settings
        self._task.trained.train()
        log = self._folder / "log.jsonl" if self._writes else None
        begun = (progress.step, self._training.unlogged)
        with Journal(log, settings.steps, self._task.batch_size, begun, tracker) as journal:
            stopped = self._stopped(interrupted)
            while stopped is None:
                losses = self._step(progress.step)
                journal.step(progress.step, losses, settings.learning_rate * settings.rate(progress.step - 1))
                if progress.step % settings.log_every == 0:
                    journal.flush(progress.step, progress.seconds)
                if progress.step % settings.validate_every == 0:
                    self._validate(journal)
                if time.monotonic() - self._saved_at >= 60 * settings.checkpoint_minutes:
                    self._checkpoint()
                tell(progress.step / settings.steps)
                stopped = self._stopped(interrupted)
            self._checkpoint()
            if stopped != "signal" and self._validated_at != progress.step:
                self._validate(journal)
                self._save_model()  # with what the validation chose
        return self._report(stopped)

    def _stopped(self, interrupted: threading.Event) -> Stopped | None:
        """Return why the run is to end, the same in all processes."""
        self._training.progress.seconds = self._earlier + time.monotonic() - self._began
        if self._training.progress.step >= self._settings.steps:
            return "done"
        minutes = self._settings.minutes
        spent = minutes is not None and time.monotonic() - self._began >= 60 * minutes
        reasons: tuple[Stopped | None, ...] = (None, "minutes", "signal")
        return reasons[self._processes.highest(2 if interrupted.is_set() else int(spent))]

    def _step(self, step: int) -> Mapping[str, Tensor]:
        settings, optimizer, progress = self._settings, self._training.optimizer, self._training.progress
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * settings.rate(step)
        losses = self._processes.mean(self._backward(step))
        parameters = [one for group in optimizer.param_groups for one in group["params"]]
        self._processes.average_gradients(parameters)
        norm = nn.utils.get_total_norm([one.grad for one in parameters if one.grad is not None])
        if self._usable(norm):
            nn.utils.clip_grads_with_norm_(parameters, settings.clip, norm)
            optimizer.step()
            self._training.average.update(step)
        optimizer.zero_grad()
        progress.step += 1
        progress.samples += self._task.batch_size
        return {**losses, "gradient": norm}

    def _backward(self, step: int) -> Mapping[str, Tensor]:
        """Add up the gradients of this process's parts of a batch; return the mean losses."""
        settings = self._settings
        parts, found = self._parts.of(self._task.batch(step)), []
        for part in parts:
            with torch.autocast(torch.device(settings.device).type, torch.bfloat16, enabled=self._bf16):
                losses = self._task.losses(part)
            self._check(losses, part)
            (losses["total"] / len(parts)).backward()  # type: ignore[no-untyped-call]
            found.append({name: value.detach() for name, value in losses.items()})
        if len(found) == 1:
            return found[0]
        return {name: torch.stack([one[name] for one in found]).mean() for name in found[0]}

    def _check(self, losses: Mapping[str, Tensor], part: Any) -> None:
        """End where a loss is not finite: bfloat16 has float32's range, so that no step heals it."""
        bad = [name for name, value in losses.items() if not torch.isfinite(value)]
        if not bad:
            return
        weights = not_finite(self._task.trained, lambda one: one)
        names = self._task.suspects(part) if isinstance(self._task, Named) else ()
        raise TrainingError(
            f"At step {self._training.progress.step + 1} the loss {', '.join(bad)} was not finite"
            + (f", on the samples {some(names)}" if names else "")
            + (f"; the weights {some(weights)} are not finite either" if weights else "")
            + f"; look at those samples, or {_CALMER}"
        )

    def _usable(self, norm: Tensor) -> bool:
        """Say whether a gradient is finite; a single one that is not is passed over, as bfloat16's may be."""
        finite = bool(torch.isfinite(norm))
        self._bad = 0 if finite else self._bad + 1
        self._training.progress.skipped += not finite
        if self._bad >= _HOPELESS:
            where = not_finite(self._task.trained, lambda one: one.grad)
            raise TrainingError(
                f"The gradient was not finite for {_HOPELESS} steps, to step "
                f"{self._training.progress.step + 1}, in {some(where)}; {_CALMER}"
            )
        return finite

    def _validate(self, journal: Journal) -> None:
        if not self._writes:
            return
        self._metrics = self._with_average(lambda: dict(self._task.validate()))
        self._validated_at = self._training.progress.step
        journal.validation(self._training.progress.step, self._metrics)

    def _checkpoint(self) -> None:
        if not self._writes:
            return
        save(self._training, self._folder)
        self._save_model()
        self._report("running")
        self._saved_at = time.monotonic()

    def _save_model(self) -> None:
        if not self._writes:
            return
        place = self._folder / "model"
        with writing(f"The model {place}"), drafted(place) as draft:
            self._with_average(lambda: self._task.save(draft, ema=True))

    def _with_average(self, action: Any) -> Any:
        """Act on the averaged model, leaving neither weights, mode nor generator other than they were."""
        module = self._task.trained
        with torch.random.fork_rng(devices=[]), torch.no_grad(), self._training.average.in_place():
            module.eval()
            try:
                return action()
            finally:
                module.train()

    def _report(self, stopped: Stopped) -> LoopReport:
        progress = asdict(self._training.progress)
        precision = "bfloat16" if self._bf16 else "float32"
        report = LoopReport(
            steps=self._settings.steps,
            precision=precision,
            stopped=stopped,
            metrics=self._metrics,
            **progress,
        )
        if not self._writes:
            return report
        text = json.dumps(asdict(report), indent=2) + "\n"
        draft = self._folder / ".report.json"
        with writing(str(self._folder / "report.json")):
            draft.write_text(text, "utf-8")
            draft.replace(self._folder / "report.json")
        return report


def _last_metrics(folder: Path) -> dict[str, float]:
    try:
        return dict(json.loads((folder / "report.json").read_text("utf-8"))["metrics"])
    except (OSError, ValueError, KeyError):
        return {}  # a training that has not been validated yet
