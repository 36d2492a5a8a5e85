"""The design service: `python -m langdesign_design`."""

from langdesign_chassis import run

from langdesign_design.settings import DesignSettings
from langdesign_design.wiring import SERVICE, register


def main() -> None:
    """Serve until told to stop."""
    run("design", register, settings=DesignSettings, services=[SERVICE], listen="127.0.0.1:7005")


if __name__ == "__main__":
    main()
