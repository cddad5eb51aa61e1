"""What other accounts of the machine may do at a site: nothing to its pins, no look at its secrets."""

from pathlib import Path

import pytest

from renkei.corridor.guarded import check_guarded
from renkei.errors import SettingInvalid
from renkei.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site as an installation makes it."""
    home = tmp_path / "home"
    for folder in (home, home / "keys", home / "keys" / "gnupg", home / "extracts"):
        folder.mkdir(mode=0o700)
    for name in ("renkei.toml", "peers.toml", "keys/reference-keys"):
        (home / name).touch(mode=0o600)
    return Settings.load(home, {"RENKEI_MUNICIPALITY": "131041", "RENKEI_WARD_FINGERPRINT": "A" * 40})


class TestPins:
    """Whoever can write them chooses the peer."""

    @pytest.mark.parametrize("place", [".", "renkei.toml", "peers.toml"])
    @pytest.mark.parametrize("bit", [0o020, 0o002])
    def test_are_written_by_the_owner_only(self, settings: Settings, place: str, bit: int) -> None:
        path = settings.home / place
        check_guarded(settings)
        path.chmod(path.stat().st_mode | bit)
        with pytest.raises(SettingInvalid, match="go-w"):
            check_guarded(settings)

    def test_may_be_read(self, settings: Settings) -> None:
        settings.home.chmod(0o755)
        settings.peers_file.chmod(0o644)
        check_guarded(settings)


class TestSecrets:
    """Keys and extracts are read by one account; a private folder around them is as good."""

    @pytest.mark.parametrize("place", ["keys/reference-keys", "keys/gnupg", "extracts"])
    def test_are_read_by_the_owner_only(self, settings: Settings, place: str) -> None:
        path = settings.home / place
        path.chmod(0o755)
        check_guarded(settings)
        path.parent.chmod(0o755)
        with pytest.raises(SettingInvalid, match="go-rwx"):
            check_guarded(settings)
