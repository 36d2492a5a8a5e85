"""The training service: `python -m langdesign_training`."""

from langdesign_chassis import run

from langdesign_training.settings import TrainingSettings
from langdesign_training.wiring import SERVICES, register


def main() -> None:
    """Serve until told to stop."""
    run("training", register, settings=TrainingSettings, services=SERVICES, listen="127.0.0.1:7006")


if __name__ == "__main__":
    main()
