"""Whether a site's pins and secrets are in its own hands: another account that writes the pins chooses the peer.

A GnuPG home serves one direction and holds no key but the ward's and the pinned counterparties': what is not there can
neither be sealed for nor believed.
"""

import stat
from pathlib import Path
from typing import Final

from renkei.envelope import public_keys
from renkei.errors import ForeignKeyInHome, SettingInvalid
from renkei.peers import Peers
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
        ("GNUPG_SEAL_HOME", settings.gnupg_seal_home),
        ("GNUPG_OPEN_HOME", settings.gnupg_open_home),
        ("EXTRACTS", settings.extracts),
    ):
        # A folder that only its owner enters guards all that is in it.
        if all(_mode(each) & _OPEN for each in (path, path.parent)):
            raise SettingInvalid(name=name, rule="readable by its owner only: chmod go-rwx")
    if settings.gnupg_seal_home.resolve() == settings.gnupg_open_home.resolve():
        raise SettingInvalid(name="GNUPG_OPEN_HOME", rule="another folder than GNUPG_SEAL_HOME")


def check_keys(settings: Settings, peers: Peers) -> None:
    """Raise `ForeignKeyInHome` for a public key that is neither the ward's nor pinned in peers.toml, at any date."""
    pinned = {key.fingerprint for peer in peers.peers for key in peer.openpgp} | {settings.ward_fingerprint}
    for name in ("gnupg_seal_home", "gnupg_open_home"):
        for fingerprint in sorted(public_keys(getattr(settings, name)) - pinned):
            raise ForeignKeyInHome(name=name.upper(), fingerprint=fingerprint)


def _mode(path: Path) -> int:
    # What is not there is told by whoever needs it.
    try:
        return path.stat().st_mode
    except OSError:
        return 0
