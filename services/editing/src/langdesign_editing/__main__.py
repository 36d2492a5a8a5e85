"""Runs the editing service."""

from langdesign_chassis import run

from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register


def main() -> None:
    """Serve until SIGTERM."""
    run("editing", register, settings=EditingSettings, services=[SERVICE], listen="127.0.0.1:7004")


if __name__ == "__main__":
    main()
