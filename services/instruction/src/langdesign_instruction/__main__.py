"""The instruction service: `python -m langdesign_instruction`."""

from langdesign_chassis import run

from langdesign_instruction.settings import InstructionSettings
from langdesign_instruction.wiring import SERVICE, register


def main() -> None:
    """Serve until told to stop."""
    run("instruction", register, settings=InstructionSettings, services=[SERVICE], listen="127.0.0.1:7001")


if __name__ == "__main__":
    main()
