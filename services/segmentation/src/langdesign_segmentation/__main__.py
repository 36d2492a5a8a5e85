"""The segmentation service: `python -m langdesign_segmentation`."""

from langdesign_chassis import run

from langdesign_segmentation.settings import SegmentationSettings
from langdesign_segmentation.wiring import SERVICE, register


def main() -> None:
    """Serve until told to stop."""
    run("segmentation", register, settings=SegmentationSettings, services=[SERVICE], listen="127.0.0.1:7003")


if __name__ == "__main__":
    main()
