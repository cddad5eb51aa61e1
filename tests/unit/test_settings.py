"""Settings: the site's file, overridden by the environment; nothing wrong passes unseen."""

from datetime import date
from pathlib import Path

import pytest

from renkei.errors import SettingInvalid, SettingMissing
from renkei.settings import Settings

NEEDED = {"RENKEI_MUNICIPALITY": "131041", "RENKEI_WARD_FINGERPRINT": "A" * 40}


def load(home: Path, **environment: str) -> Settings:
    return Settings.load(home, {**NEEDED, **environment})


class TestPlaces:
    def test_everything_lies_under_the_home(self, tmp_path: Path) -> None:
        found = load(tmp_path)
        places = [
            found.extracts,
            found.work_dir,
            found.sealed_dir,
            found.reports_dir,
            found.quarantine_dir,
            found.peers_file,
            found.reference_keys,
            found.gnupg_seal_home,
            found.gnupg_open_home,
        ]
        assert [path.relative_to(tmp_path).as_posix() for path in places] == [
            "extracts",
            "work",
            "sealed",
            "reports",
            "quarantine",
            "peers.toml",
            "keys/reference-keys",
            "keys/gnupg-seal",
            "keys/gnupg-open",
        ]
        assert found.ledger_url == f"sqlite:///{tmp_path}/ledger/ledger.sqlite"

    def test_schemas_are_the_repositorys_unless_named(self, tmp_path: Path) -> None:
        assert (load(tmp_path).schemas_dir / "counterparties.toml").is_file()
        assert load(tmp_path, RENKEI_SCHEMAS="mine").schemas_dir == tmp_path / "mine"

    def test_a_relative_path_lies_under_the_home_an_absolute_one_where_it_says(self, tmp_path: Path) -> None:
        found = load(tmp_path, RENKEI_SEALED_DIR="safe/sealed", RENKEI_EXTRACTS=str(tmp_path.parent))
        assert (found.sealed_dir, found.extracts) == (tmp_path / "safe/sealed", tmp_path.parent)

    def test_the_home_comes_from_the_environment(self, tmp_path: Path) -> None:
        assert Settings.load(environ={**NEEDED, "RENKEI_HOME": str(tmp_path)}).home == tmp_path
        with pytest.raises(SettingMissing) as caught:
            Settings.load(environ=NEEDED)
        assert caught.value.refs == {"name": "HOME"}


class TestFile:
    def test_the_environment_overrides_it(self, tmp_path: Path) -> None:
        (tmp_path / "renkei.toml").write_text(
            'municipality = "131041"\nreceipt_deadline = 30\npoke_seconds = 5\n'
            'schedule_start = 2019-03-28\nfour_eyes = ["waive"]\n',
            encoding="utf-8",
        )
        found = load(tmp_path, RENKEI_RECEIPT_DEADLINE="90", RENKEI_SCHEDULE_END="2019-04-03")
        assert (found.receipt_deadline, found.poke_seconds) == (90, 5)
        assert (found.schedule_start, found.schedule_end) == (date(2019, 3, 28), date(2019, 4, 3))
        assert found.four_eyes == ("waive",)

    @pytest.mark.parametrize(
        "text", ["recipt_deadline = 5", "home = 'x'", "not toml", "schedule_start = 2019-03-28T10:00:00"]
    )
    def test_an_unknown_key_or_a_broken_file_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "renkei.toml").write_text(text, encoding="utf-8")
        with pytest.raises(SettingInvalid):
            load(tmp_path)


class TestValues:
    @pytest.mark.parametrize("name", NEEDED)
    def test_what_has_no_default_must_be_given(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(SettingMissing):
            Settings.load(tmp_path, {key: value for key, value in NEEDED.items() if key != name})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("MUNICIPALITY", "13104"),
            ("WARD_FINGERPRINT", "a" * 40),
            ("LEDGER_URL", "mysql://somewhere"),
            ("RECEIPT_DEADLINE", "0"),
            ("EXTRACT_DEADLINE", "soon"),
            ("POKE_SECONDS", "-1"),
            ("CLOCK", "tomorrow"),
            ("SCHEDULE_START", "2019-02-30"),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_name(self, tmp_path: Path, name: str, value: str) -> None:
        with pytest.raises(SettingInvalid) as caught:
            load(tmp_path, **{f"RENKEI_{name}": value})
        assert caught.value.refs["name"] == name

    def test_the_ledgers_password_is_never_shown(self, tmp_path: Path) -> None:
        url = "postgresql+psycopg://renkei:hidden@db/ledger"
        assert "hidden" not in repr(load(tmp_path, RENKEI_LEDGER_URL=url))
