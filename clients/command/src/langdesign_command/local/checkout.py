"""The folders of a checkout that a local run needs."""

from pathlib import Path

from langdesign_command.errors import StartError

_MODEL_REPOSITORY = Path("services/model_server/model_repository")


def find_root(start: Path | None = None) -> Path:
    """Return the root of the checkout that holds `start` (by default the working folder) or this package.

    Raises:
        StartError: there is none.

    """
    for folder in (start or Path.cwd(), Path(__file__)):
        for candidate in (folder, *folder.resolve().parents):
            if (candidate / _MODEL_REPOSITORY).is_dir():
                return candidate.resolve()
    raise StartError(
        "No checkout of LangDesign here",
        hint="run this in a clone of the repository, or in a folder below it",
    )


def model_repository(root: Path) -> Path:
    """Return the folder with Triton's models."""
    return root / _MODEL_REPOSITORY
