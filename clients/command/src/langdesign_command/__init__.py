"""The `langdesign` command: `cli` reads its line, `local` runs services here, `demo` shows them at work."""
