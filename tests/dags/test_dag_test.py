"""A day as Airflow runs it (`dag.test`), against the running agency, with Connections as an operator makes them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import renkei_airflow.runs

from renkei.ledger.tables import Day, ReportRow
from tests.dags.conftest import connect
from tests.support.extracts import ExtractBuilder
from tests.support.site import Site

if TYPE_CHECKING:
    from airflow.sdk import DAG

DAY, NEXT = "2019-03-28", "2019-03-29"


def run(dag: "DAG", day: str | None, *, logical: str | None = None, **arguments: Any) -> dict[str, str]:
    """Run one day by hand and return the state of each task, the run's own under `run`."""
    import pendulum

    conf = {} if day is None else {"business_date": day}
    when = pendulum.parse(logical or f"{day or DAY}T12:00:00", tz="Asia/Tokyo")
    ended = dag.test(logical_date=when, run_conf=conf, **arguments)
    states = {each.task_id: str(each.state) for each in ended.get_task_instances()}
    return {**states, "run": str(ended.state.value)}


@pytest.fixture
def days(site: Site, builder: ExtractBuilder) -> Site:
    """Two days' extracts."""
    day = builder.next_day().event("0000000001", "move_within", address="東京都新宿区四谷1番1号")
    day.write(site.extracts)
    day.next_day().write(site.extracts)
    return site


def test_a_day_goes_from_extract_to_receipt(dag: "DAG", days: Site) -> None:
    assert set(run(dag, DAY).values()) == {"success"}
    assert (days.file(1).state, days.file(1).outcome) == ("receipted", "accepted")
    assert len(days.rows(ReportRow)) == 1


def test_the_same_day_again_sends_nothing_and_reports_again(dag: "DAG", days: Site) -> None:
    run(dag, DAY)
    assert set(run(dag, DAY, logical=f"{NEXT}T12:00:00").values()) == {"success"}
    assert len(days.rows(ReportRow)) == 2
    assert [1] == [file["serial"] for file in days.agency.status()["files"]]


@pytest.mark.usefixtures("days")
@pytest.mark.parametrize("other", [{"port": 1}, {"host": "localhost"}, {"host_key": "ssh-ed25519 AAAA"}])
def test_a_connection_that_leads_elsewhere_is_refused(
    dag: "DAG", site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, other: dict[str, object]
) -> None:
    connect(monkeypatch, site, **other)
    states = run(dag, DAY)
    assert (states["seal"], states["publish"], states["run"]) == ("success", "failed", "failed")
    assert not list(site.agency.folder("moj", "inbox").iterdir())
    assert site.file(1).state == "sealed"
    del caplog


def test_an_earlier_day_in_the_way_ends_the_run_at_once(
    dag: "DAG", days: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    states = run(dag, NEXT)
    assert (states["seal"], states["publish"], states["run"]) == ("failed", "upstream_failed", "failed")
    assert f"先に {DAY} を片付けてください" in "".join(capfd.readouterr())
    assert {NEXT: "requested"} == {row.business_date.isoformat(): row.state.value for row in days.rows(Day)}
    assert run(dag, DAY)["run"] == "success"
    assert [1, 2] == [days.file(1).serial, days.file(2).serial]
    assert days.file(2).state == "receipted"


def test_an_extract_that_does_not_come_is_an_alarm(
    dag: "DAG", site: Site, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(renkei_airflow.runs, "_waited", lambda: timedelta(days=1))
    states = run(dag, DAY)
    assert (states["seal"], states["run"]) == ("failed", "failed")
    assert f"{DAY} の抽出が期限" in "".join(capfd.readouterr())
    assert states["report"] == "failed"
    assert len(site.rows(ReportRow)) == 1


@pytest.mark.usefixtures("days")
def test_a_receipt_that_does_not_come_is_an_alarm(
    dag: "DAG", site: Site, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    site.agency.fault("late", looks=99)
    monkeypatch.setattr(renkei_airflow.runs, "_waited", lambda: timedelta(days=1))
    states = run(dag, DAY)
    assert (states["publish"], states["receipt"], states["run"]) == ("success", "failed", "failed")
    assert "通番 00000001 の受領通知が期限" in "".join(capfd.readouterr())
    site.agency.heal()
    monkeypatch.undo()


@pytest.mark.usefixtures("days")
def test_marking_success_delivers_nothing(dag: "DAG", site: Site) -> None:
    states = run(dag, DAY, mark_success_pattern="seal|publish|receipt")
    assert (states["report"], states["run"]) == ("failed", "failed")
    assert not site.rows(Day)


@pytest.mark.usefixtures("days")
def test_a_manual_run_without_its_day_is_refused(dag: "DAG", site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(dag, None)["run"] == "failed"
    assert "業務日が必要です" in "".join(capfd.readouterr())
    assert not site.rows(Day)
