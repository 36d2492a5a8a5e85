"""The editing service: localised edits as resumable operations."""
