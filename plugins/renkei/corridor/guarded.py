"""Whether a site's pins and secrets are in its own hands: another account that writes the pins chooses the peer."""

import stat
from pathlib import Path
from typing import Final

from renkei.errors import SettingInvalid
from renkei.settings import FILE_NAME, Settings

_WRITABLE: Final = stat.S_IWGRP | stat.S_IWOTH
_OPEN: Final = stat.S_IRWXG | stat.S_IRWXO


def check_guarded(settings: Settings) -> None:
    """Raise `SettingInvalid` for what others can write, and for secrets that others can read."""
    for name, path in (
        ("HOME", settings.home),
        (FILE_NAME, settings.home / FILE_NAME),
        ("PEERS_FILE", settings.peers_file),
    ):
        if _mode(path) & _WRITABLE:
            raise SettingInvalid(name=name, rule="writable by its owner only: chmod go-w")
    for name, path in (
        ("REFERENCE_KEYS", settings.reference_keys),
        ("GNUPG_HOME", settings.gnupg_home),
        ("EXTRACTS", settings.extracts),
    ):
        # A folder that only its owner enters guards all that is in it.
        if all(_mode(each) & _OPEN for each in (path, path.parent)):
            raise SettingInvalid(name=name, rule="readable by its owner only: chmod go-rwx")


def _mode(path: Path) -> int:
    # What is not there is told by whoever needs it.
    try:
        return path.stat().st_mode
    except OSError:
        return 0
