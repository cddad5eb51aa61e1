"""A run of the agency's direction as Airflow makes it (`dag.test`), against the running agency."""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from renkei.ledger.tables import Acknowledgement, AgencyNotice, ReportRow, Worklist
from tests.dags.conftest import connect, read_dag
from tests.dags.test_dag_test import run
from tests.support import airflow_home
from tests.support.agency_notices import told
from tests.support.extracts import ExtractBuilder
from tests.support.outbox import Outbox, inbound, sha256
from tests.support.site import BASELINE, Site

if TYPE_CHECKING:
    from airflow.sdk import DAG

DAY, NEXT = "2019-03-28", "2019-03-29"
ONE = "0000000001"
STEPS = {"fetch", "take_in", "match", "worklist", "acknowledge", "report"}
AGENCY = "agency_notices"
MARKED = {
    "name_roman": "QZXTOLD ROMAN",
    "name_kanji": "金糸雀通知",
    "card_number": "QY87654321QY",
    "birth_date": "1921-05-06",
}


@pytest.fixture
def dag(site: Site, monkeypatch: pytest.MonkeyPatch) -> "DAG":
    """The agency's DAG of the site."""
    airflow_home.migrated()
    connect(monkeypatch, site)
    return read_dag(monkeypatch, site.home, AGENCY)


@pytest.fixture
def outbox(site: Site, builder: ExtractBuilder) -> Outbox:
    """The agency's folder, a renewal for the first resident in it; no business date has been sent yet."""
    made = Outbox(site)
    made.send(1, [told(builder.residents[ONE], expiry_date="2024-06-30", card_number="ZZ00000001ZZ")])
    return made


def test_a_notice_goes_from_the_outbox_to_worklist_answer_and_report(dag: "DAG", site: Site, outbox: Outbox) -> None:
    assert run(dag, DAY) == dict.fromkeys((*STEPS, "run"), "success")
    (notice,) = site.rows(AgencyNotice)
    assert (notice.notice_class, notice.registry_number, notice.prepared) == ("to_apply", ONE, True)
    (listed,) = site.rows(Worklist)
    assert (listed.business_date.isoformat(), listed.lines) == (DAY, 1)
    assert [answer["records"][0]["class"] for answer in outbox.answers().values()] == ["to_apply"]
    assert [row.kind for row in site.rows(ReportRow)] == [AGENCY]


@pytest.mark.usefixtures("outbox")
def test_the_same_again_takes_in_and_answers_nothing_twice(dag: "DAG", site: Site) -> None:
    run(dag, DAY)
    assert run(dag, DAY, logical=f"{DAY}T12:30:00")["run"] == "success"
    assert [len(site.rows(table)) for table in (AgencyNotice, Acknowledgement, Worklist)] == [1, 1, 1]


@pytest.mark.usefixtures("outbox")
def test_a_line_that_fails_is_not_a_day_without_notices(
    dag: "DAG", site: Site, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    connect(monkeypatch, site, host_key="ssh-ed25519 AAAA")
    states = run(dag, DAY)
    assert (states["fetch"], states["take_in"], states["report"]) == ("failed", "upstream_failed", "failed")
    assert states["run"] == "failed"
    assert f"{DAY} の受信は途中で止まりました" in "".join(capfd.readouterr())
    assert len(site.rows(ReportRow)) == 1


@pytest.mark.usefixtures("outbox")
def test_a_matching_that_fails_leaves_the_run_red(dag: "DAG", site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    residents = site.extracts / BASELINE / "residents.csv"
    residents.write_bytes(residents.read_bytes() + b"\n")
    states = run(dag, DAY)
    assert (states["take_in"], states["match"], states["acknowledge"]) == ("success", "failed", "upstream_failed")
    assert (states["report"], states["run"]) == ("failed", "failed")
    assert f"{DAY} の受信は途中で止まりました" in "".join(capfd.readouterr())
    assert not site.rows(Acknowledgement)


def test_a_bad_file_fails_the_report_when_the_good_one_was_answered(
    dag: "DAG", site: Site, outbox: Outbox, capfd: pytest.CaptureFixture[str]
) -> None:
    sealed = outbox.sealed(outbox.package(2))
    outbox.put(2, sealed[: len(sealed) // 2])
    states = run(dag, DAY)
    assert {name for name, state in states.items() if state != "success"} == {"report", "run"}
    assert "通番 00000002)を取り込めませんでした" in "".join(capfd.readouterr())
    assert [file.state for file in inbound(site)] == ["acknowledged", "quarantined"]
    assert len(site.rows(ReportRow)) == 1
    previous = inbound(site)[0].package_sha256
    outbox.put(2, outbox.sealed(outbox.package(2, previous=previous)))
    assert run(dag, NEXT)["run"] == "success"


def test_a_missing_serial_fails_the_report_after_its_time(
    dag: "DAG", site: Site, builder: ExtractBuilder, capfd: pytest.CaptureFixture[str]
) -> None:
    outbox = Outbox(site)
    first = outbox.send(1, [told(builder.residents[ONE], expiry_date="2024-06-30")])
    outbox.send(3, previous=sha256(first))
    assert run(dag, DAY)["run"] == "success"
    states = run(dag, NEXT)
    assert {name for name, state in states.items() if state != "success"} == {"report", "run"}
    assert "通番 00000002" in "".join(capfd.readouterr())
    assert inbound(site)[0].state == "acknowledged"


@pytest.mark.usefixtures("outbox")
def test_marking_success_takes_nothing_in_and_the_day_can_still_be_run(dag: "DAG", site: Site) -> None:
    states = run(dag, DAY, mark_success_pattern="fetch|take_in|match|worklist|acknowledge")
    assert (states["report"], states["run"]) == ("failed", "failed")
    assert not site.rows(AgencyNotice)
    assert run(dag, DAY, logical=f"{DAY}T12:30:00")["run"] == "success"


class TestPersonalData:
    """What the agency tells of a person stands in the ledger, on the worklist and in the store, and nowhere else."""

    def test_airflow_its_logs_and_what_a_task_prints_hold_none(
        self, dag: "DAG", site: Site, builder: ExtractBuilder, capfd: pytest.CaptureFixture[str]
    ) -> None:
        outbox = Outbox(site)
        person = builder.residents[ONE]
        marked = told(person, "name_change", name_roman=MARKED["name_roman"], card_number=MARKED["card_number"])
        unknown = told({**person, **MARKED, "card_number": "QY87654322QY"}, expiry_date="2024-06-30")
        wrong = told({**person, **MARKED, "card_number": "QY87654323"}, expiry_date="2024-06-30")
        digest = sha256(outbox.send(1, [marked, unknown, wrong]))
        # A form that fails, with marked values in it: the row lacks a field.
        row = ",".join(MARKED.values()).encode() + b"\n"
        outbox.put(2, outbox.sealed(outbox.package(2, previous=digest, content=row)))
        states = run(dag, DAY)
        assert (states["acknowledge"], states["report"]) == ("success", "failed")
        assert sorted(str(row.notice_class) for row in site.rows(AgencyNotice)) == [
            "not_acceptable",
            "to_apply",
            "waits_for_us",
        ]
        said = "".join(capfd.readouterr())
        assert "通番 00000002" in said
        home = airflow_home.migrated()
        everywhere = [said.encode(), *(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())]
        assert [value for value in self.values() for text in everywhere if value in text] == []
        assert self.xcoms(home)
        kept = {folder.name for folder in site.home.iterdir() if self.found_in(folder)}
        assert kept <= {"extracts", "inbound", "ledger", "worklists"}
        assert {"inbound", "ledger"} <= kept

    @staticmethod
    def values() -> list[bytes]:
        return [text for value in MARKED.values() for text in (value.encode(), ascii(value)[1:-1].encode())]

    def found_in(self, folder: Path) -> bool:
        paths = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else [folder]
        return any(value in path.read_bytes() for path in paths for value in self.values())

    @staticmethod
    def xcoms(home: Path) -> int:
        """Count what the tasks left in Airflow's database: an empty one would prove nothing."""
        with sqlite3.connect(home / "airflow.db") as database:
            return int(database.execute("SELECT count(*) FROM xcom WHERE dag_id = 'agency_notices'").fetchone()[0])
