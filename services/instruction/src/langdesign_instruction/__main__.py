"""The instruction service: `python -m langdesign_instruction`."""

from langdesign_chassis import run

from langdesign_instruction.service import NAME, register
from langdesign_instruction.settings import InstructionSettings


def main() -> None:
    """Serve until told to stop."""
    run("instruction", register, settings=InstructionSettings, services=[NAME], listen="127.0.0.1:7001")


if __name__ == "__main__":
    main()
