"""Settings of the training service, read once from the environment at start."""

import shlex
import sys
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from langdesign_training.recipes import KnownRecipes


class KubernetesSettings(BaseModel):
    """How runs become RayJobs; for the launcher `kubernetes` alone."""

    model_config = {"extra": "forbid", "frozen": True, "use_attribute_docstrings": True}

    namespace: str = "langdesign"
    """Where the RayJobs go."""
    owner: str = Field("training", pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    """Label value of this deployment's RayJobs; two deployments in one namespace need two."""
    context: str = ""
    """Context of the local kubeconfig; empty means the pod's own account."""
    image: str = "langdesign/specialise:0.1.0"
    """Image with Ray and the training code."""
    ray: str = Field("2.60.0", pattern=r"^\d+\.\d+\.\d+$")
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
    workers: int = Field(0, ge=0, le=1000)
    """Ray workers beside the head."""
    cpu: str = Field("4", pattern=r"^\d+(\.\d+)?m?$")
    """Processors of each pod."""
    memory: str = "16Gi"
    """Memory of each pod."""
    gpus: int = Field(0, ge=0, le=64)
    """GPUs of each pod (nvidia.com/gpu)."""
    lifetime: int = Field(604_800, ge=60)
    """Seconds after which a RayJob is ended, whatever it does."""
    keep: int = Field(3600, ge=0)
    """Seconds that an ended RayJob is kept for looking at."""


class SpendingSettings(BaseModel):
    """What a run may spend on language models, and at which prices; callers can only ask for less."""

    model_config = {"extra": "forbid", "frozen": True, "use_attribute_docstrings": True}

    llm_model: str = ""
    """Language model that writes triples; empty means the recipe's."""
    llm_read_price: float = Field(0.0, ge=0, allow_inf_nan=False)
    """US dollars for a million tokens of its prompts."""
    llm_write_price: float = Field(0.0, ge=0, allow_inf_nan=False)
    """US dollars for a million tokens of its answers."""
    llm_tokens: int = Field(2_000_000, ge=0)
    """Tokens that the triples of a run may take at most; 0 for no bound."""
    llm_dollars: float = Field(10.0, ge=0, allow_inf_nan=False)
    """US dollars that they may cost at most; 0 where the model costs nothing."""
    judge_endpoint: str = ""
    """Where the vision model is that judges pairs; empty means the recipe's."""
    judge_model: str = ""
    """Its name; empty means the recipe's, and those of the presets ask nobody."""
    judge_read_price: float = Field(0.0, ge=0, allow_inf_nan=False)
    """US dollars for a million tokens that it reads."""
    judge_write_price: float = Field(0.0, ge=0, allow_inf_nan=False)
    """US dollars for a million tokens that it writes."""
    judge_dollars: float = Field(10.0, ge=0, allow_inf_nan=False)
    """US dollars that it may cost in a run at most; 0 where it costs nothing."""


class TrainingSettings(BaseSettings):
    """Own settings have the prefix ``TRAINING_``."""

    model_config = SettingsConfigDict(
        env_prefix="TRAINING_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        frozen=True,
        use_attribute_docstrings=True,
    )

    database: str = "sqlite:///.langdesign/training.sqlite"
    """Where runs are kept, by one process: `sqlite:///FILE` or `postgresql://user:password@host/name`."""
    registry: str = "sqlite:///.langdesign/registry/mlflow.db"
    """The registry of models: MLflow's address, or `sqlite:///FILE`."""
    launcher: Literal["process", "kubernetes"] = "process"
    """Where runs run: as processes beside this one, or as RayJobs of KubeRay."""
    command: str = ""
    """Program of a run, before its arguments; by default this Python's `-m langdesign_specialise`."""
    runs: Path = Path(".langdesign/runs")
    """Folder with a folder for each run, as the launched program sees it."""
    contexts: str = ""
    """Folder of the contexts, as the launched program sees it; empty means the program's own."""
    presets: str = "tiny,mini,full"
    """Presets of recipes that the launched program has, commas between; runs of others are not created."""
    models: str = ""
    """Folder of the models that runs begin with; empty means the program's own."""
    keys: str = ""
    """Folder of the keys that sign what runs make; empty means the program's own."""
    concurrency: int = Field(1, ge=1, le=10_000)
    """Runs under way at once; the others wait."""
    grace: float = Field(30.0, gt=0)
    """Seconds that a cancelled program has to stop by itself."""
    spending: SpendingSettings = Field(default_factory=lambda: SpendingSettings.model_validate({}))
    kubernetes: KubernetesSettings = Field(default_factory=lambda: KubernetesSettings.model_validate({}))

    @field_validator("command")
    @classmethod
    def _splits(cls, command: str) -> str:
        shlex.split(command)  # raises ValueError at an open quote
        return command

    @field_validator("presets")
    @classmethod
    def _names_presets(cls, presets: str) -> str:
        if not all(name.strip() for name in presets.split(",")):
            raise ValueError("name presets, with commas between, such as tiny,mini,full")
        return presets

    @property
    def recipes(self) -> KnownRecipes:
        """The recipes that runs can be ordered by."""
        presets = tuple(name.strip() for name in self.presets.split(","))
        return KnownRecipes(presets, Path(self.contexts) if self.contexts else None)

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
