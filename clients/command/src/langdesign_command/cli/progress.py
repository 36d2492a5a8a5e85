"""How far an edit is, on stderr."""

from langdesign_command.cli.session import Session


class Bar:
    """Progress on stderr: what is known first, then the denoising steps."""

    def __init__(self, here: Session) -> None:
        from rich.progress import (  # noqa: PLC0415 - slow to import
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=here.console(),
            transient=True,
        )
        self._task = self._progress.add_task("reading the instruction", total=None)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, done: int, steps: int) -> None:
        """Show how many denoising steps are done."""
        self._progress.update(self._task, description="editing", completed=done, total=steps)

    def say(self, *lines: str) -> None:
        """Print lines above the bar; from now on, what is going on is the editing."""
        self._progress.update(self._task, description="editing")
        for line in lines:
            self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
