"""Settings of the training service, read once from the environment at start."""

import math
import shlex
import sys
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from langdesign_chassis.declaring import Check, Group, Settings, listed
from msgspec import Meta

from langdesign_training.recipes import KnownRecipes


def _finite(price: float) -> float:
    if not math.isfinite(price):
        raise ValueError("give a number of US dollars")
    return price


def _that_splits(command: str) -> str:
    shlex.split(command)  # raises ValueError at an open quote
    return command


def _named(presets: str) -> str:
    if not all(listed(presets)):
        raise ValueError("name presets, with commas between, such as tiny,mini,full")
    return presets


_Price = Annotated[float, Meta(ge=0), Check(_finite)]


class KubernetesSettings(Group, frozen=True):
    """How runs become RayJobs; for the launcher `kubernetes` alone."""

    namespace: str = "langdesign"
    """Where the RayJobs go."""
    owner: Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")] = "training"
    """Label value of this deployment's RayJobs; two deployments in one namespace need two."""
    context: str = ""
    """Context of the local kubeconfig; empty means the pod's own account."""
    image: str = "langdesign/specialise:0.1.0"
    """Image with Ray and the training code."""
    ray: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+\Z")] = "2.60.0"
    """Ray's version in the image; KubeRay probes the pods as this version wants it."""
    account: str = "specialise"
    """Service account of the pods."""
    queue: str = ""
    """Kueue's LocalQueue that admits the RayJobs; empty means none."""
    claim: str = "runs"
    """PersistentVolumeClaim (ReadWriteMany where there are workers) with the runs' folders."""
    secret: str = ""
    """Secret whose entries are variables of the pods, such as MLFLOW_TRACKING_TOKEN; it may be absent."""
    keys: str = ""
    """Secret that is mounted at /etc/langdesign/keys: private.pem and public.pem; empty means none."""
    workers: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Ray workers beside the head."""
    cpu: Annotated[str, Meta(pattern=r"^\d+(\.\d+)?m?\Z")] = "4"
    """Processors of each pod."""
    memory: str = "16Gi"
    """Memory of each pod."""
    gpus: Annotated[int, Meta(ge=0, le=64)] = 0
    """GPUs of each pod (nvidia.com/gpu)."""
    lifetime: Annotated[int, Meta(ge=60)] = 604_800
    """Seconds after which a RayJob is ended, whatever it does."""
    keep: Annotated[int, Meta(ge=0)] = 3600
    """Seconds that an ended RayJob is kept for looking at."""


class SpendingSettings(Group, frozen=True):
    """What a run may spend on language models, and at which prices; callers can only ask for less."""

    llm_model: str = ""
    """Language model that writes triples; empty means the recipe's."""
    llm_read_price: _Price = 0.0
    """US dollars for a million tokens of its prompts."""
    llm_write_price: _Price = 0.0
    """US dollars for a million tokens of its answers."""
    llm_tokens: Annotated[int, Meta(ge=0)] = 2_000_000
    """Tokens that the triples of a run may take at most; 0 for no bound."""
    llm_dollars: _Price = 10.0
    """US dollars that they may cost at most; 0 where the model costs nothing."""
    judge_endpoint: str = ""
    """Where the vision model is that judges pairs; empty means the recipe's."""
    judge_model: str = ""
    """Its name; empty means the recipe's, and those of the presets ask nobody."""
    judge_read_price: _Price = 0.0
    """US dollars for a million tokens that it reads."""
    judge_write_price: _Price = 0.0
    """US dollars for a million tokens that it writes."""
    judge_dollars: _Price = 10.0
    """US dollars that it may cost in a run at most; 0 where it costs nothing."""


class TrainingSettings(Settings, frozen=True):
    """Own settings have the prefix ``TRAINING_``."""

    env_prefix: ClassVar[str] = "TRAINING_"

    database: str = "sqlite:///.langdesign/training.sqlite"
    """Where runs are kept, by one process: `sqlite:///FILE` or `postgresql://user:password@host/name`."""
    registry: str = "sqlite:///.langdesign/registry/mlflow.db"
    """The registry of models: MLflow's address, or `sqlite:///FILE`."""
    launcher: Literal["process", "kubernetes"] = "process"
    """Where runs run: as processes beside this one, or as RayJobs of KubeRay."""
    command: Annotated[str, Check(_that_splits)] = ""
    """Program of a run, before its arguments; by default this Python's `-m langdesign_specialise`."""
    runs: Path = Path(".langdesign/runs")
    """Folder with a folder for each run, as the launched program sees it."""
    contexts: str = ""
    """Folder of the contexts, as the launched program sees it; empty means the program's own."""
    presets: Annotated[str, Check(_named)] = "tiny,mini,full"
    """Presets of recipes that the launched program has, commas between; runs of others are not created."""
    models: str = ""
    """Folder of the models that runs begin with; empty means the program's own."""
    keys: str = ""
    """Folder of the keys that sign what runs make; empty means the program's own."""
    concurrency: Annotated[int, Meta(ge=1, le=10_000)] = 1
    """Runs under way at once; the others wait."""
    grace: Annotated[float, Meta(gt=0)] = 30.0
    """Seconds that a cancelled program has to stop by itself."""
    spending: SpendingSettings = SpendingSettings()
    kubernetes: KubernetesSettings = KubernetesSettings()

    @property
    def recipes(self) -> KnownRecipes:
        """The recipes that runs can be ordered by."""
        return KnownRecipes(listed(self.presets), Path(self.contexts) if self.contexts else None)

    @property
    def program(self) -> tuple[str, ...]:
        """The program of a run: name and first arguments."""
        python = "python" if self.launcher == "kubernetes" else sys.executable
        return tuple(shlex.split(self.command)) or (python, "-m", "langdesign_specialise")

    @property
    def options(self) -> tuple[str, ...]:
        """Arguments of every run."""
        given = {"--contexts": self.contexts, "--models": self.models, "--keys": self.keys}
        return tuple(word for option, folder in given.items() if folder for word in (option, folder))
