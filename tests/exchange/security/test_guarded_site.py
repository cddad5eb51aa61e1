"""What other accounts of the machine may do at a site: nothing to its pins, no look at its secrets."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from renkei.corridor.guarded import check_guarded
from renkei.errors import ForeignKeyInHome, GnupgUnusable, SettingInvalid
from renkei.settings import Settings
from tests.support.agency import Ward, import_keys
from tests.support.site import Site


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site as an installation makes it."""
    home = tmp_path / "home"
    for folder in (home, home / "keys", home / "keys" / "gnupg-seal", home / "keys" / "gnupg-open", home / "extracts"):
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

    @pytest.mark.parametrize("place", ["keys/reference-keys", "keys/gnupg-seal", "keys/gnupg-open", "extracts"])
    def test_are_read_by_the_owner_only(self, settings: Settings, place: str) -> None:
        path = settings.home / place
        path.chmod(0o755)
        check_guarded(settings)
        path.parent.chmod(0o755)
        with pytest.raises(SettingInvalid, match="go-rwx"):
            check_guarded(settings)


class TestKeys:
    """A GnuPG home serves one direction: the half of the ward's key that it needs, and the pinned public keys."""

    HOMES = ("gnupg_seal_home", "gnupg_open_home")

    def test_each_half_of_the_wards_secret_key_lies_in_its_own_home(self, site: Site) -> None:
        assert self.secrets(site.settings.gnupg_seal_home) == [("sec", "+", "sc")]
        assert self.secrets(site.settings.gnupg_open_home) == [("sec", "#", "sc"), ("ssb", "+", "e")]

    @staticmethod
    def secrets(home: Path) -> list[tuple[str, str, str]]:
        """Return type, place (`+` here, `#` elsewhere) and own use of each secret key of a home."""
        line = ["gpg", "--homedir", str(home), "--batch", "--with-colons", "--list-secret-keys"]
        listed = subprocess.run(line, check=True, capture_output=True, text=True).stdout
        rows = [row.split(":") for row in listed.splitlines() if row.startswith(("sec:", "ssb:"))]
        return [(row[0], row[14], re.sub("[A-Z]", "", row[11])) for row in rows]

    def test_a_day_leaves_no_agent_in_either(self, site: Site) -> None:
        site.tomorrow().event("0000000001", "move_within", address="東京都新宿区戸塚町一丁目2番3号")
        assert site.deliver(site.extract()).complete
        for home in (site.settings.gnupg_seal_home, site.settings.gnupg_open_home):
            assert list(home.glob("S.gpg-agent*")) == []

    @pytest.mark.parametrize("name", HOMES)
    def test_a_key_of_a_stranger_stops_every_step(self, site: Site, ward_keys: Ward, name: str) -> None:
        (other,) = (getattr(site.settings, each) for each in self.HOMES if each != name)
        import_keys(getattr(site.settings, name), ward_keys.openpgp.read_bytes())
        with pytest.raises(ForeignKeyInHome) as caught, site.house("2019-03-28"):
            pass
        assert caught.value.refs == {"name": name.upper(), "fingerprint": ward_keys.fingerprint}
        import_keys(other, ward_keys.openpgp.read_bytes())
        site.drop_key(ward_keys.fingerprint)
        with site.house("2019-03-28"):
            pass

    def test_a_key_that_was_pinned_once_may_stay_one_that_is_pinned_no_more_may_not(self, site: Site) -> None:
        peers, moj = site.home / "peers.toml", site.agency.fingerprint("moj")
        text = peers.read_text(encoding="utf-8")
        later = f'"{moj}", valid_to = 2019-03-02 }}, {{ fingerprint = "{"F" * 40}"'
        peers.write_text(text.replace(f'"{moj}"', later), encoding="utf-8")
        with site.house("2019-03-28"):
            pass
        peers.write_text(text.replace(moj, "F" * 40), encoding="utf-8")
        with pytest.raises(ForeignKeyInHome, match=moj), site.house("2019-03-28"):
            pass

    def test_one_home_for_both_directions_is_refused(self, settings: Settings) -> None:
        link = settings.home / "keys" / "same"
        link.symlink_to(settings.gnupg_seal_home)
        with pytest.raises(SettingInvalid, match="GNUPG_OPEN_HOME"):
            check_guarded(replace(settings, gnupg_open_home=link))

    def test_a_keyring_that_gpg_cannot_read_is_no_empty_one(self, site: Site) -> None:
        (site.settings.gnupg_open_home / "pubring.kbx").write_bytes(b"no keyring" * 100)
        with pytest.raises(GnupgUnusable), site.house("2019-03-28"):
            pass
