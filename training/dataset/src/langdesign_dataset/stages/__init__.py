"""The stages of a build: each turns tasks into blocks, and a task's block depends on nothing but the task."""
