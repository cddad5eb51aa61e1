"""The scenarios by name."""

from typing import Final

NORMAL: Final = "normal"
BUSY_APRIL: Final = "busy_april"
SYSTEM_MIGRATION: Final = "system_migration"
HOSTILE: Final = "hostile"
SCENARIOS: Final = (NORMAL, BUSY_APRIL, SYSTEM_MIGRATION, HOSTILE)
