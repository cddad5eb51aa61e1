"""Hostile files on demand."""

FAULTS: dict[str, str] = {}
