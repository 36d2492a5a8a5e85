"""Which recipes a run can be ordered by, as far as this service, which holds no training code, is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from langdesign_chassis import errors


@dataclass(frozen=True)
class KnownRecipes:
    """Names of recipes: a preset's alone, or a context's and a preset's, `CONTEXT-PRESET`."""

    # Presets that the launched program has.
    presets: Sequence[str]
    # Folder of the contexts; where this service does not see it, the launched program alone knows them.
    contexts: Path | None = None

    def check(self, recipe: str, overrides: Mapping[str, str]) -> None:
        """Check that there is a recipe, and the context that it is for.

        Args:
            recipe: its name.
            overrides: settings that the caller changes, of which `context` is another way to name one.

        Raises:
            errors.InvalidArgument: there is none; the hint names those that there are.

        """
        context, _, preset = recipe.rpartition("-")
        if preset not in self.presets:
            raise errors.InvalidArgument(
                f"there is no recipe {recipe!r}",
                field="recipe",
                hint=f"give one of {', '.join(self.presets)}, or a context before it, as in "
                f"interior-{self.presets[0]}",
            )
        known = self._contexts()
        for field, name in (("recipe", context), ("overrides", overrides.get("context", ""))):
            if name and known and name not in known:
                raise errors.InvalidArgument(
                    f"there is no context {name!r}",
                    field=field,
                    hint=f"give one of {', '.join(known)}, or have its folder put beside those",
                )

    def _contexts(self) -> Sequence[str]:
        """Return the contexts that are there now; none where their folder is not seen."""
        found = self.contexts.glob("*/context.toml") if self.contexts else ()
        return sorted(path.parent.name for path in found)
