"""What the demo keeps and says: private files, sentences, the comparison of registers, the summary."""

import json
import os
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from demo_site import commands, processes, texts
from demo_site.agency_summary import Pair
from demo_site.airflow_site import USERS, configuration, roles
from demo_site.calls import environment
from demo_site.place import Place, write_private
from demo_site.registers import Agreement, agreement
from demo_site.summary import DayResult, table, write
from demo_site.texts import TEXTS, DemoError
from demo_site.watching import business_date, last_sentence


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def day(**changed: object) -> DayResult:
    facts: dict[str, object] = {
        "business_date": "2019-04-01",
        "serial": 5,
        "counterparty": "出入国在留管理庁長官",
        "counterparty_id": "isa",
        "counterparty_en": "Commissioner of the Immigration Services Agency",
        "notices": {"resident_records": 3, "residence_reports": 2, "certificates": 0},
        "accepted": 5,
        "refused": 0,
        "held": 1,
        "receipt": "accepted",
        "package_sha256": "a" * 64,
        "sealed_sha256": "b" * 64,
        "report": "reports/one.html",
    }
    return DayResult(**(facts | changed))  # type: ignore[arg-type]


class TestPrivateFiles:
    def test_what_is_remembered_is_for_the_owner_only(self, site: Place) -> None:
        site.remember("ports", {"ui": 1})
        assert site.read("ports") == {"ui": 1}
        assert mode(site.state / "ports.json") == 0o600

    def test_the_site_is_for_the_owner_only_from_its_first_folder_on(self, tmp_path: Path) -> None:
        one = Place(tmp_path / "one")
        with commands.alone(one):
            assert (mode(one.home), mode(one.state)) == (0o700, 0o700)

    def test_a_file_that_was_open_to_all_is_replaced_by_a_private_one(self, tmp_path: Path) -> None:
        path = tmp_path / "access.json"
        path.write_text("old")
        path.chmod(0o644)
        write_private(path, "new")
        assert (path.read_text(), mode(path)) == ("new", 0o600)
        assert [one.name for one in tmp_path.iterdir()] == ["access.json"]

    def test_secrets_are_made_once_for_each_site(self, tmp_path: Path) -> None:
        one, other = Place(tmp_path / "one"), Place(tmp_path / "other")
        name = "AIRFLOW__API_AUTH__JWT_SECRET"
        assert configuration(one, 1)[name] == configuration(one, 1)[name] != configuration(other, 1)[name]
        assert mode(one.airflow / "secrets.json") == 0o600


class TestEnvironment:
    def test_what_the_shell_says_about_python_and_airflow_does_not_reach_our_programs(
        self, site: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "True")
        monkeypatch.setenv("RENKEI_CLOCK", "real")
        found = environment(site)
        assert not {"PYTHONDONTWRITEBYTECODE", "AIRFLOW__CORE__LOAD_EXAMPLES", "RENKEI_CLOCK"} & found.keys()
        assert found["RENKEI_HOME"] == str(site.home)

    def test_the_api_stays_on_the_loopback_without_its_documentation(self, site: Place) -> None:
        found = configuration(site, 8080)
        assert found["AIRFLOW__API__HOST"] == "127.0.0.1"
        assert found["AIRFLOW__API__ENABLE_SWAGGER_UI"] == "False"
        assert found["AIRFLOW__API__EXPOSE_CONFIG"] == "False"

    def test_neither_role_of_ours_may_start_a_run(self) -> None:
        actions = {(one["action"], one["resource"]) for role in roles().values() for one in role}
        assert ("can_create", "DAG Runs") not in actions

    def test_of_persons_only_the_auditor_reads_the_audit_log(self) -> None:
        reads = {"action": "can_read", "resource": "Audit Logs"}
        assert [role for role, permissions in roles().items() if reads in permissions] == ["Auditor", "Witness"]
        assert "Witness" not in USERS.values()

    def test_the_outbox_has_a_schedule_only_where_the_site_stays(self, site: Place) -> None:
        ports = {"ui": 1, "moj": 2, "isa": 3}
        once, stays = (processes.commands(site, ports, polls=polls)["scheduler"][1] for polls in (False, True))
        assert once["RENKEI_AGENCY_POLL_MINUTES"] == "0"
        assert "RENKEI_AGENCY_POLL_MINUTES" not in stays


class TestTexts:
    @pytest.mark.parametrize("name", sorted(TEXTS))
    def test_each_stands_in_both_languages(self, name: str) -> None:
        ja, en = TEXTS[name]
        assert ja
        assert en or name == "user"

    def test_japanese_stands_first(self) -> None:
        assert texts.text("down") == "止めました / stopped"


class TestRegisters:
    def test_equal_ones_agree(self) -> None:
        assert agreement({"k1-a": {"x": "1"}}, {"k1-a": {"x": "1"}}, frozenset()) == Agreement(1, 0, 0)

    def test_a_value_a_missing_and_a_surplus_person_each_count(self) -> None:
        ours = {"k1-a": {"x": "1"}, "k1-b": {"x": "1"}}
        theirs = {"k1-a": {"x": "2"}, "k1-c": {"x": "1"}}
        assert agreement(ours, theirs, frozenset()) == Agreement(3, 3, 0)

    def test_open_persons_are_left_out_and_counted(self) -> None:
        found = agreement({"k1-a": {"x": "1"}}, {"k1-a": {"x": "2"}}, frozenset({"k1-a"}))
        assert found == Agreement(0, 0, 1)
        assert found.agree

    def test_a_planned_person_is_open_only_where_the_registers_differ(self) -> None:
        ours = {"k1-a": {"x": "1"}, "k1-b": {"x": "1"}}
        theirs = {"k1-a": {"x": "1"}, "k1-b": {"x": "2"}}
        assert agreement(ours, theirs, frozenset(), frozenset(ours)) == Agreement(1, 0, 1)


class TestSummary:
    def test_the_file_has_the_fields_that_are_promised(self, site: Place) -> None:
        site.home.mkdir()
        write(site, [day()], Agreement(10, 0, 2), [Pair("to_apply", "to_apply", 7)])
        found = json.loads(site.summary.read_text(encoding="utf-8"))
        assert found["registers_agree"] is True
        assert found["open_persons"] == 2
        assert found["agency_notices"] == [{"expected": "to_apply", "found": "to_apply", "count": 7}]
        assert sorted(found["days"][0]) == sorted(
            [
                "business_date",
                "serial",
                "counterparty",
                "notices",
                "accepted",
                "refused",
                "held",
                "receipt",
                "package_sha256",
                "sealed_sha256",
                "report",
            ]
        )

    @pytest.mark.parametrize(
        ("changed", "good"),
        [
            ({}, True),
            ({"receipt": None, "accepted": 0}, False),
            ({"accepted": 4, "refused": 1, "receipt": "partly"}, False),
            ({"accepted": 4}, False),
            ({"serial": None, "receipt": None}, False),
        ],
    )
    def test_a_day_is_good_only_when_every_notice_was_accepted_and_receipted(
        self, changed: dict[str, object], good: bool
    ) -> None:
        assert day(**changed).good is good

    def test_the_table_names_the_day_and_the_counterparty(self) -> None:
        shown = table(
            [day(), day(business_date="2019-04-02", serial=None, counterparty=None, receipt=None, report=None)]
        )
        assert "2019-04-01" in shown
        assert "00000005" in shown
        assert "出入国在留管理庁長官" in shown
        assert "2019-04-02" in shown


class TestWatching:
    def test_a_run_belongs_to_the_tokyo_day_of_its_logical_date(self) -> None:
        assert business_date({"logical_date": "2019-03-31T15:00:00Z"}) == date(2019, 4, 1)

    def test_a_run_by_hand_has_one_only_if_the_demo_named_it_so(self) -> None:
        assert business_date({"logical_date": None, "dag_run_id": "manual__2019-04-01T00:00:00+00:00"}) is None
        assert business_date({"logical_date": None, "dag_run_id": "demo__2019-04-01"}) == date(2019, 4, 1)

    def test_the_sentence_is_that_of_the_last_exception_in_the_log(self, tmp_path: Path) -> None:
        log = tmp_path / "attempt=1.log"
        details = [{"exc_type": "DayWaits", "exc_value": "先に 3 月 28 日を / settle 28 March first"}]
        lines = [{"event": "starts"}, {"event": "failed", "error_detail": details}, {"event": "ends"}]
        log.write_text("not JSON\n" + "\n".join(map(json.dumps, lines)), encoding="utf-8")
        assert last_sentence(log) == "先に 3 月 28 日を / settle 28 March first"

    def test_without_a_log_there_is_none(self, tmp_path: Path) -> None:
        assert last_sentence(tmp_path / "none.log") == ""


class TestProcesses:
    def test_a_pid_that_somebody_else_has_now_is_not_ours(self, site: Place) -> None:
        site.remember("processes", {"scheduler": {"pid": os.getpid(), "born": "1"}})
        assert processes.alive(site) == {}

    def test_stop_ends_the_program_and_its_group(self, site: Place) -> None:
        sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
        script = f"import subprocess, time; subprocess.Popen({sleeps}); time.sleep(60)"
        process = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
        site.remember("processes", {"agency": {"pid": process.pid, "born": processes.born(process.pid)}})
        assert processes.stop(site)
        assert processes.alive(site) == {}
        assert not processes.stop(site)
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)

    def test_a_second_command_on_the_same_site_is_told(self, site: Place) -> None:
        with commands.alone(site), pytest.raises(DemoError, match="another make run"), commands.alone(site):
            pass
