"""A session ends when nobody works: proven in a real browser, with Airflow's own page polling all the while."""

import re
import sqlite3
import time
import urllib.parse
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from renkei.ledger.tables import Trail
from tests.support import web as web_server
from tests.support.site import Site
from tests.support.web import Web

IDLE = 6


@pytest.fixture(scope="module")
def impatient(lived: Site) -> Iterator[Web]:
    """The web server of a site where a few seconds without a person are idle time."""
    lived.write_settings(session_idle_seconds=IDLE, lockout_failures=3, session_max_seconds=25)
    # Airflow counts every try of an address, and these tests log on more often than people do.
    started = web_server.start(lived.home, FAB__AUTH_RATE_LIMIT="200 per 1 minute")
    yield started
    started.stop()
    lived.write_settings()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def log_in(page: Page, site: Web, role: str) -> None:
    """Log on by the form, as people do."""
    user = site.users[role]
    page.goto(f"{site.url}/auth/login/")
    page.fill("input[name=username]", user["username"])
    page.fill("input[name=password]", user["password"])
    page.click("[type=submit]")
    page.wait_for_url(lambda url: "/auth/login" not in url)


def told(lived: Site, action: str, how: str) -> list[str]:
    return [row.actor for row in lived.rows(Trail, action=action) if f'"{how}"' in row.facts]


def test_an_open_tab_that_polls_does_not_keep_a_session_alive(page: Page, impatient: Web, lived: Site) -> None:
    asked: list[float] = []
    log_in(page, impatient, "Operator")
    page.goto(f"{impatient.url}/dags/municipal_notices")
    page.on("request", lambda _: asked.append(time.monotonic()))
    page.evaluate("setInterval(() => fetch('/api/v2/dags'), 500)")
    began = time.monotonic()
    page.wait_for_url(lambda url: "/auth/login" in url, timeout=30_000)
    assert IDLE - 1 < time.monotonic() - began < IDLE + 8
    assert len(asked) > IDLE
    assert "ui/operator" in told(lived, "session.ended", "idle")


def test_a_person_at_work_stays_until_the_maximum(page: Page, impatient: Web, lived: Site) -> None:
    log_in(page, impatient, "Auditor")
    page.goto(f"{impatient.url}/renkei/reports/")
    began = time.monotonic()
    while "/auth/login" not in page.url and time.monotonic() - began < 40:
        page.wait_for_timeout(3_000)
        page.click("a[lang]")
        page.wait_for_load_state()
    assert 18 < time.monotonic() - began < 34
    assert "ui/auditor" in told(lived, "session.ended", "maximum")
    assert "ui/auditor" not in told(lived, "session.ended", "idle")


def test_a_key_in_airflows_page_counts(page: Page, impatient: Web, lived: Site) -> None:
    log_in(page, impatient, "Admin")
    with page.expect_request("**/renkei/activity") as sent:
        page.keyboard.press("Tab")
    answer = sent.value.response()
    assert answer is not None
    assert answer.status == 204
    # The page's own polling may hear of the end first and go to the log-on page by itself.
    page.evaluate("location.assign('/auth/logout')")
    page.wait_for_url(lambda url: "/auth/login" in url, timeout=30_000)
    assert "ui/admin" in told(lived, "session.ended", "person")


def test_repeated_failures_lock_a_user_out(page: Page, impatient: Web, lived: Site) -> None:
    for _ in range(3):
        page.goto(f"{impatient.url}/auth/login/")
        page.fill("input[name=username]", "operator")
        page.fill("input[name=password]", "wrong")
        page.click("[type=submit]")
        page.wait_for_load_state()
    user = impatient.users["Operator"]
    page.goto(f"{impatient.url}/auth/login/")
    page.fill("input[name=username]", user["username"])
    page.fill("input[name=password]", user["password"])
    with page.expect_response("**/auth/login/**") as refused:
        page.click("[type=submit]")
    assert refused.value.status == 429
    assert "ui/operator" in told(lived, "session.locked", "repeated failures")
    assert told(lived, "session.failed", "refused").count("ui/operator") == 3
    with sqlite3.connect(lived.home / "sessions" / "sessions.sqlite") as store:
        store.execute("DELETE FROM failures")


def test_a_name_nobody_has_is_not_kept(impatient: Web, lived: Site) -> None:
    body = '{"username": "my-pass-word", "password": "x"}'
    found = impatient.ask("POST", "/auth/token", body=body, headers={"Content-Type": "application/json"})
    assert found.status == 401
    assert "my-pass-word" not in "".join(row.actor + row.subject + row.facts for row in lived.rows(Trail))


def test_a_token_without_its_session_opens_nothing(page: Page, impatient: Web) -> None:
    log_in(page, impatient, "Auditor")
    (token,) = [each["value"] for each in page.context.cookies() if each["name"] == "_token"]
    for cookie in (f"_token={token}", f"_token={token}; session=made-up"):
        assert impatient.ask("GET", "/renkei/reports/", headers={"Cookie": cookie}).status == 401


def test_airflows_own_limit_of_tries_locks_nobody_out(lived: Site) -> None:
    """Whoever logs on too often in a minute waits; as no password was judged, it counts as no failure."""
    lived.write_settings(lockout_failures=2)
    site = web_server.start(lived.home, FAB__AUTH_RATE_LIMIT="1 per 1 hour")
    try:
        before = len(told(lived, "session.locked", "repeated failures"))
        shown = site.get("/auth/login/")
        (token,) = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', shown.body.decode())
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": shown.headers["set-cookie"].partition(";")[0],
        }
        form = urllib.parse.urlencode({"username": "chief", "password": "x", "csrf_token": token})
        statuses = [site.ask("POST", "/auth/login/", body=form, headers=headers).status for _ in range(5)]
        assert statuses[1:] == [429] * 4
        assert told(lived, "session.failed", "too many tries").count("ui/chief") == 4
        assert len(told(lived, "session.locked", "repeated failures")) == before
    finally:
        site.stop()
        lived.write_settings()
