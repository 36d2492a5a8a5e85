"""Where runs run. A launcher starts a run's program, tells what it says, and stops it."""

from langdesign_training.launching.launcher import Ending, How, Launcher, LaunchRefused, LaunchUnavailable

__all__ = ["Ending", "How", "LaunchRefused", "LaunchUnavailable", "Launcher"]
