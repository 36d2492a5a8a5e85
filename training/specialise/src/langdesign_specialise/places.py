"""Where a run finds what it starts from, and where it registers what it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .errors import RecipeError

CONTEXTS = Path("contexts")
MODELS = Path("deploy/models/mini")
DATA = Path(".langdesign")

NEEDED = ("edit", "generate", "segment", "clip", "dino")


@dataclass(frozen=True)
class Places:
    """Folders and addresses of a run."""

    contexts: Path = CONTEXTS  # a folder for each context
    models: Path = MODELS  # base editor, generator, ReLA, CLIP and DINO, a folder each
    registry: str = f"sqlite:///{DATA}/registry/mlflow.db"  # of MLflow
    keys: Path = DATA / "keys"  # of signatures; a pair is made where there is none
    workers: int = 2  # processes of what runs in parallel, on each machine
    llm_base_url: str = ""  # OpenAI chat-completions endpoint; "" where no language model writes
    llm_api_key: str = field(default="none", repr=False)  # of the endpoint
    ray: str = ""  # address of a Ray cluster that makes the pairs and tunes; "" does it on this machine
    machines: int = 1  # of that cluster
    device: str = ""  # of every model; "": the CPU, and for the tuning what its recipe says
    judge_key: str = field(default="", repr=False)  # of the judge's endpoint, where a recipe asks one
    run: str = ""  # resource name of the run, "runs/..."; "" where no service started it
    reviewed: Path | None = None  # labels of a review page; they filter the pairs before anything is tuned
    bench: tuple[str, Path] | None = None  # name and place of a public set that both editors are judged on

    @property
    def tuning_workers(self) -> int:
        """Workers that share the tuning: one on each machine of a cluster; 1 tunes on this machine."""
        return self.machines if self.ray else 1

    def model(self, name: str) -> Path:
        """Return the folder of a model."""
        return self.models / name

    def check(self, context: str) -> None:
        """Look whether everything is there, before any work.

        Raises:
            RecipeError: a model or the context is missing.

        """
        missing = [name for name in NEEDED if not self.model(name).is_dir()]
        if missing:
            raise RecipeError(
                f"{self.models} lacks {', '.join(missing)}; give --models a folder that holds "
                f"{', '.join(NEEDED)}, as deploy/models/mini does"
            )
        if not (self.contexts / context).is_dir():
            known = sorted(
                path.name for path in self.contexts.glob("*/") if (path / "context.toml").is_file()
            )
            raise RecipeError(
                f"There is no context {context!r} in {self.contexts}; "
                f"choose one of {', '.join(known) or 'none'}, or give --contexts"
            )
