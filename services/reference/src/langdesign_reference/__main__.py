"""The reference service: `python -m langdesign_reference`."""

from langdesign_chassis import run

from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.wiring import SERVICE, register


def main() -> None:
    """Serve until told to stop."""
    run("reference", register, settings=ReferenceSettings, services=[SERVICE], listen="127.0.0.1:7002")


if __name__ == "__main__":
    main()
