"""Days under a real scheduler (LocalExecutor, SQLite), each of which somebody's day looks like.

One story, told once for all tests here: the schedule begins on a Saturday while two earlier days were never run, so
its days end at once, each naming what is in the way. A backwards backfill runs the two; its task is killed while it
publishes. Sunday's extract is broken; it is mended, and Sunday is cleared while Monday is due.

Every personal field of the extracts holds a marked value, and none of them may leave its place.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from renkei.ledger.tables import Day, NoticeAttempt, ReportRow
from tests.support.airflow_home import ROOT
from tests.support.extracts import ExtractBuilder, reseal
from tests.support.scheduler import Airflow, running
from tests.support.site import BASELINE, Site, make_site

pytestmark = pytest.mark.timeout(480)
FIRST, SECOND, SATURDAY, SUNDAY, MONDAY = (
    "2019-03-28",
    "2019-03-29",
    "2019-03-30",
    "2019-03-31",
    "2019-04-01",
)
MARKED = {
    "name_roman": "QZXCANARY ROMAN",
    "name_kanji": "金糸雀印",
    "common_name": "金糸雀印通称",
    "birth_date": "1923-04-05",
    "card_number": "QX98765432QZ",
    "address": "東京都新宿区金糸雀印町九丁目87番65号",
    "former_address": "金糸雀印旧住所国",
}
NUMBERS = ("0098765431", "0098765432")
MOVED = "東京都新宿区金糸雀印坂六丁目54番32号"
CANARY_DAG = '''
"""Raises every named error while marked values stand around it, read where they lie. airflow dag"""

import logging
import os
from pathlib import Path

from airflow.sdk import dag, task


@dag(dag_id="canary_errors", schedule=None)
def canary_errors():
    @task
    def raise_all():
        from renkei import errors

        known = [each for each in vars(errors).values() if isinstance(each, type)]
        kinds = [each for each in known if issubclass(each, errors.RenkeiError)]
        register = Path(os.environ["RENKEI_HOME"], "extracts", "2019-03-27", "residents.csv")
        person = register.read_text(encoding="utf-8")
        for kind in kinds:
            try:
                try:
                    raise ValueError(f"cell {person}")
                except ValueError:
                    raise kind(serial=1, name="131041-00000001.zip.pgp") from None
            except errors.RenkeiError:
                logging.getLogger(__name__).exception("a step ended")
        print("raised", len(kinds))
        try:
            raise ValueError(f"cell {person}")
        except ValueError:
            raise errors.HostKeyChanged(peer="isa", found="-") from None

    raise_all()


canary_errors()
'''
KILLED_ONCE = '''
"""The product's DAG, whose first publishing is killed just after the effect. airflow dag"""

import os
import signal
from pathlib import Path

from renkei.ledger.observers import OBSERVERS, Effect

MARKER = Path({marker!r})


def kill_once(effect, moment, subject):
    if effect is Effect.PUBLISH and moment == "after" and not MARKER.exists():
        MARKER.touch()
        os.kill(os.getpid(), signal.SIGKILL)


OBSERVERS.append(kill_once)
exec(compile(Path({real!r}).read_text(encoding="utf-8"), {real!r}, "exec"))
'''


@dataclass
class Story:
    """What was seen on the way."""

    site: Site
    airflow: Airflow
    killed: bool = False
    at_first: dict[str, str] = field(default_factory=dict)
    after_backfill: dict[str, str] = field(default_factory=dict)
    at_last: dict[str, str] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)


def write_days(builder: ExtractBuilder, site: Site) -> Path:
    """Write the extracts of five days, an event on each; return Sunday's folder, which is broken."""
    day, folder = builder, site.extracts
    for number, name in enumerate((FIRST, SECOND, SATURDAY, SUNDAY, MONDAY)):
        day = day.next_day()
        day.event(NUMBERS[number % 2], "move_within", address=f"{MOVED}{number}")
        folder = day.write(site.extracts)
        if name == SUNDAY:
            broken = folder
            (broken / "events.csv").write_bytes((broken / "events.csv").read_bytes() + b"\n")
    return broken


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    builder = ExtractBuilder(BASELINE, baseline=True)
    builder.resident(NUMBERS[0], **MARKED).resident(NUMBERS[1], **MARKED | {"card_number": "QX98765433QZ"})
    site = make_site(Path(tempfile.mkdtemp(prefix="s-")), builder=builder)
    folder = tmp_path_factory.mktemp("airflow")
    try:
        site.write_settings(schedule_start=SATURDAY, schedule_end=MONDAY)
        broken = write_days(builder, site)
        dags = folder / "dags"
        dags.mkdir()
        marker = folder / "killed"
        real = str(ROOT / "dags" / "municipal_notices.py")
        (dags / "municipal_notices.py").write_text(KILLED_ONCE.format(marker=str(marker), real=real), encoding="utf-8")
        (dags / "canary_errors.py").write_text(CANARY_DAG, encoding="utf-8")
        with running(folder / "home", dags, environment_of(site)) as airflow:
            told = Story(site, airflow)
            tell(told, broken)
            told.killed = marker.exists()
            yield told
    finally:
        site.remove()


def environment_of(site: Site) -> dict[str, str]:
    found = {"RENKEI_HOME": str(site.home)}
    for name in ("moj", "isa"):
        extra = {"host_key": site.agency.host_key(name), "key_file": str(site.ward.ssh_private)}
        connection = {
            "conn_type": "sftp",
            "host": "127.0.0.1",
            "port": site.agency.port(name),
            "login": site.agency.login,
            "extra": extra,
        }
        found[f"AIRFLOW_CONN_RENKEI_{name.upper()}"] = json.dumps(connection)
    return found


def tell(story: Story, broken: Path) -> None:
    """Let it happen."""
    airflow = story.airflow
    ended = {"success", "failed"}
    airflow.unpause("municipal_notices")
    airflow.wait(lambda: len(airflow.states()) == 3 and set(airflow.states().values()) <= ended)
    story.at_first = airflow.states()
    airflow.backfill(FIRST, SECOND, backwards=True)
    airflow.unpause("canary_errors")
    airflow.trigger("canary_errors")
    airflow.wait(lambda: len(airflow.states()) == 5 and set(airflow.states().values()) <= ended)
    story.after_backfill = airflow.states()
    content = (broken / "events.csv").read_bytes()
    (broken / "events.csv").write_bytes(content.removesuffix(b"\n"))
    reseal(broken)
    airflow.clear(SUNDAY)
    airflow.wait(lambda: airflow.states()[SUNDAY] == "success")
    for day, state in airflow.states().items():
        if state == "failed":
            airflow.clear(day)
    airflow.wait(lambda: set(airflow.states().values()) == {"success"})
    story.at_last = airflow.states()
    airflow.wait(lambda: set(airflow.states("canary_errors").values()) <= ended)
    story.unfinished = [each["task_id"] for each in airflow.tasks() if each["state"] not in {"success", "skipped"}]


def test_days_behind_one_that_never_ran_end_at_once(story: Story) -> None:
    assert {SATURDAY: "failed", SUNDAY: "failed", MONDAY: "failed"} == story.at_first


def test_a_backwards_backfill_leaves_no_run_queued(story: Story) -> None:
    assert story.after_backfill[FIRST] == "success"
    assert set(story.after_backfill.values()) <= {"success", "failed"}


def test_whoever_settles_a_day_seals_the_ones_behind_it(story: Story) -> None:
    assert [FIRST, SECOND, SATURDAY, SUNDAY, MONDAY] == [
        story.site.file(serial).business_date.isoformat() for serial in range(1, 6)
    ]


def test_at_last_no_run_is_left_queued_or_running(story: Story) -> None:
    assert set(story.at_last.values()) == {"success"}
    assert len(story.at_last) == 5
    assert not story.unfinished


def test_every_day_is_receipted(story: Story) -> None:
    assert {"sealed"} == {row.state.value for row in story.site.rows(Day)}
    for serial in range(1, 6):
        file = story.site.file(serial)
        assert (file.state, file.outcome) == ("receipted", "accepted"), serial


def test_a_killed_task_is_tried_again_and_nothing_goes_twice(story: Story) -> None:
    assert story.killed
    tries = [each["try_number"] for each in story.airflow.tasks() if each["task_id"] == "publish"]
    assert max(tries) >= 2
    files = story.site.agency.status()["files"]
    assert [1, 2, 3, 4, 5] == sorted(file["serial"] for file in files)
    attempts = story.site.rows(NoticeAttempt)
    assert len({each.notice_id for each in attempts}) == len(attempts) == 5


def test_each_run_and_attempt_has_its_report(story: Story) -> None:
    rows = story.site.rows(ReportRow)
    assert len(rows) >= 8
    assert len({row.path_html for row in rows}) == len(rows)


class TestPersonalData:
    """A marked value stands in the extracts and in the ledger, and nowhere else."""

    @staticmethod
    def marked() -> dict[str, list[bytes]]:
        """Each marked value in every spelling: as it is, and as JSON escapes it."""
        values = {**MARKED, "moved": MOVED, "other_card": "QX98765433QZ", "one": NUMBERS[0], "two": NUMBERS[1]}
        return {
            name: [value.encode(), json.dumps(value).strip('"').encode(), value.encode("utf-16-le")]
            for name, value in values.items()
        }

    def found_in(self, *places: Path) -> list[str]:
        found = []
        for place in places:
            for folder, _, names in os.walk(place):
                for name in names:
                    path = Path(folder) / name
                    content = str(path).encode() + (path.read_bytes() if path.is_file() else b"")
                    found += [
                        f"{path}: {field}"
                        for field, spelled in self.marked().items()
                        if any(each in content for each in spelled)
                    ]
        return found

    def test_the_search_finds_what_is_there(self, story: Story) -> None:
        assert {"extracts", "ledger"} <= {
            Path(hit).relative_to(story.site.home).parts[0]
            for hit in self.found_in(story.site.extracts, story.site.home / "ledger")
        }

    def test_airflow_knows_none(self, story: Story) -> None:
        """Its whole home: logs, metadata database with XCom and rendered fields, the programs' own output."""
        home = story.airflow.home
        assert (home / "airflow.db").is_file()
        assert list((home / "logs").rglob("*.log"))
        assert not self.found_in(home)

    def test_reports_work_folders_and_the_sealed_store_hold_none(self, story: Story) -> None:
        places = [each for each in story.site.home.iterdir() if each.name not in {"extracts", "ledger", "keys"}]
        assert {"reports", "sealed", "work"} <= {each.name for each in places}
        assert not self.found_in(*places)
        assert not [entry for entry in (story.site.home / "work").iterdir() if entry.is_dir()]

    def test_every_named_error_was_raised_among_marked_values(self, story: Story) -> None:
        logs = [path.read_text(encoding="utf-8") for path in (story.airflow.home / "logs").rglob("*.log")]
        told = [text for text in logs if "raised" in text and "a step ended" in text]
        assert told
        assert "HostKeyChanged" in told[0]
