"""Every route and every role: who may see what, and what an answer carries."""

import hashlib
import json
import re

import pytest

from renkei.ledger.tables import ReportRow, Trail
from tests.support.site import Site
from tests.support.web import Web, plain

EVERYBODY = {"Admin": 200, "Operator": 200, "Auditor": 200, "": 401}
TRAIL = {"Admin": 200, "Operator": 403, "Auditor": 200, "": 401}
PERSONS = {"Admin": 200, "Operator": 200, "Auditor": 403, "": 401}
NOBODY = {"Admin": 404, "Operator": 404, "Auditor": 404, "": 401}
PAGES = {
    "/renkei/reports/": EVERYBODY,
    "/renkei/reports/1/": EVERYBODY,
    "/renkei/reports/1/page": EVERYBODY,
    "/renkei/reports/1/html": EVERYBODY,
    "/renkei/reports/1/csv": EVERYBODY,
    "/renkei/reports/1/json": EVERYBODY,
    "/renkei/dags/municipal_notices/runs/cli__test/": EVERYBODY,
    "/renkei/waits/": EVERYBODY,
    "/renkei/worklists/": PERSONS,
    "/renkei/person/": PERSONS,
    "/renkei/trail/": TRAIL,
    "/renkei/trail/export": TRAIL,
    "/renkei/static/desk.css": EVERYBODY,
    "/renkei/docs": NOBODY,
    "/renkei/redoc": NOBODY,
    "/renkei/openapi.json": NOBODY,
    "/renkei/reports/1/exe": NOBODY,
    "/renkei/reports/99999/": NOBODY,
    "/renkei/reports/99999/json": NOBODY,
    "/renkei/static/..%2fapp.py": NOBODY,
    "/renkei/worklists/1/xlsx": {"Admin": 404, "Operator": 404, "Auditor": 403, "": 401},
}
CHANGES = {
    ("POST", "/api/v2/dags/municipal_notices/dagRuns", '{"logical_date": null}'),
    ("POST", "/api/v2/backfills", ('{"dag_id": "municipal_notices", "from_date": "2019-03-28T00:00:00Z", '
     '"to_date": "2019-03-29T00:00:00Z"}')),
    ("POST", "/api/v2/dags/municipal_notices/clearTaskInstances", '{"dry_run": true}'),
    ("PATCH", "/api/v2/dags/municipal_notices", '{"is_paused": false}'),
    ("POST", "/api/v2/pools", '{"name": "more", "slots": 9}'),
    ("GET", "/api/v2/connections", ""),
    ("GET", "/api/v2/variables", ""),
    ("GET", "/auth/fab/v1/users", ""),
}  # fmt: skip


@pytest.mark.parametrize("role", ["Admin", "Operator", "Auditor", ""])
@pytest.mark.parametrize("path", PAGES)
def test_who_may_see_what(web: Web, path: str, role: str) -> None:
    assert PAGES[path][role] == web.get(path, role).status


@pytest.mark.parametrize("role", ["Operator", "Auditor"])
@pytest.mark.parametrize(("method", "path", "body"), sorted(CHANGES))
def test_only_an_admin_changes_anything(web: Web, method: str, path: str, body: str, role: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert 403 == web.ask(method, path, role=role, body=body, headers=headers).status
    assert 401 == web.ask(method, path, body=body, headers=headers).status


@pytest.mark.parametrize("role", ["Operator", "Auditor"])
def test_the_navigation_has_our_pages(web: Web, role: str) -> None:
    plugins = plain(web.get("/api/v2/plugins", role))["plugins"]
    (ours,) = [each for each in plugins if each["name"] == "renkei"]
    assert {"実行レポート / Run reports", "判断待ち / What waits"} <= {each["name"] for each in ours["external_views"]}
    assert all(each["href"].endswith("/") for each in ours["external_views"])


def test_a_page_loads_nothing_and_is_not_kept(web: Web) -> None:
    found = web.get("/renkei/reports/", "Auditor")
    policy = found.headers["content-security-policy"]
    assert ("nosniff", "no-store") == (found.headers["x-content-type-options"], found.headers["cache-control"])
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert [b'<script defer src="/renkei/static/activity.js">'] == re.findall(rb"<script[^>]*>", found.body)


@pytest.mark.parametrize("form", ["html", "csv", "json"])
def test_a_download_is_the_file_that_the_ledger_knows_and_stands_in_the_trail(web: Web, lived: Site, form: str) -> None:
    (row,) = [each for each in lived.rows(ReportRow) if each.id == 3]
    before = len(lived.rows(Trail, action="report.downloaded"))
    found = web.get(f"/renkei/reports/3/{form}", "Auditor")
    assert row.sha256[form] == hashlib.sha256(found.body).hexdigest()
    assert found.headers["content-disposition"].startswith("attachment; ")
    told = lived.rows(Trail, action="report.downloaded")[before:]
    assert [("ui/auditor", "3", form)] == [(each.actor, each.subject, json.loads(each.facts)["form"]) for each in told]


def test_a_report_that_was_changed_is_refused(web: Web, lived: Site) -> None:
    (row,) = [each for each in lived.rows(ReportRow) if each.id == 2]
    path = lived.home / row.path_csv
    written = path.read_bytes()
    path.write_bytes(written + b"x")
    try:
        found = web.get("/renkei/reports/2/csv", "Auditor")
    finally:
        path.write_bytes(written)
    assert 409 == found.status
    assert "renkei verify" in found.body.decode()


class TestReports:
    def test_the_sentence_tells_the_latest_day(self, web: Web) -> None:
        text = web.get("/renkei/reports/", "Operator").body.decode()
        assert "通番 00000007 を送信" in text
        assert "受領を確認" in text

    def test_filters_narrow_the_table(self, web: Web) -> None:
        everything = web.get("/renkei/reports/?lang=en", "Operator").body.decode()
        april = web.get(
            "/renkei/reports/?lang=en&from=2019-04-01&counterparty=isa&state=done", "Operator"
        ).body.decode()
        assert [f"{number:08d}" in everything for number in range(1, 8)] == [True] * 7
        assert [f"<td>{number:08d}</td>" in april for number in range(1, 8)] == [False] * 4 + [True] * 3

    def test_nobody_breaks_out_of_a_filter(self, web: Web) -> None:
        found = web.get("/renkei/reports/?kind=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "Operator")
        assert b"<script>" not in found.body


class TestPerson:
    def test_a_look_up_tells_what_was_sent_and_shows_no_number(self, web: Web, lived: Site) -> None:
        from renkei.ledger.tables import Notice

        number = next(each.registry_number for each in lived.rows(Notice) if each.state == "accepted")
        before = len(lived.rows(Trail, action="person.looked_up"))
        found = web.post_form("/renkei/person/", "Operator", registry_number=number)
        text = found.body.decode()
        assert 200 == found.status
        assert "通知の作成" in text
        assert "受理" in text
        assert number not in text
        (told,) = lived.rows(Trail, action="person.looked_up")[before:]
        assert "ui/operator" == told.actor
        assert number not in told.subject + told.facts

    def test_an_auditor_looks_nobody_up(self, web: Web) -> None:
        assert 403 == web.post_form("/renkei/person/", "Auditor", registry_number="0000000001").status

    def test_another_site_cannot_ask(self, web: Web) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site"}
        sent = web.ask("POST", "/renkei/person/", role="Operator", body="registry_number=0000000001", headers=headers)
        assert 403 == sent.status


def test_the_trail_is_exported_whole(web: Web, lived: Site) -> None:
    rows = len(lived.rows(Trail))
    lines = web.get("/renkei/trail/export", "Auditor").body.decode().splitlines()
    assert list(range(1, rows + 1)) == [json.loads(line)["number"] for line in lines]
    text = web.get("/renkei/trail/?from=2019-01-01&to=2099-12-31", "Auditor").body.decode()
    assert "操作の分析" in text
