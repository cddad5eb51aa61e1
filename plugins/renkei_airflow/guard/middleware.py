"""Ends a session after idle time and at its maximum, locks out after repeated failures, and puts all of it on record.

Airflow's own pages poll by themselves, and each call would keep its session alive. So a call counts as activity only
if a person did something: a link followed (the browser says so in `Sec-Fetch-User`), or a key or the pointer, which
`activity.js`, put into Airflow's page, tells at most twice a minute.
"""

from functools import partial
from typing import Any, Final

import anyio
from airflow.providers.fab.auth_manager.models import User
from airflow.utils.session import create_session

from renkei.clock import SystemClock
from renkei.desk.trailing import FAILED, LOGGED_ON
from renkei_airflow.guard.requests import (
    SESSION,
    TOKEN,
    Asked,
    Message,
    Receive,
    Scope,
    Send,
    answer,
    asked,
    key_of,
    read_body,
    set_cookies,
    user_name,
    without,
)
from renkei_airflow.guard.store import Store
from renkei_airflow.pages.desk import Desk, desk

ENDED: Final = "session.ended"
LOCKED: Final = "session.locked"
LOG_ON: Final = ("/auth/login", "/auth/login/", "/auth/token", "/auth/token/cli")
LOG_OFF: Final = ("/auth/logout", "/auth/logout/")
_UNKNOWN: Final = "unknown"
_TOO_MANY: Final = 429
_LOCKED_OUT: Final = (
    "ログオンの失敗が続いたため一時的に止めています。 / Locked out for a while after repeated failures."
)
_IS_OVER: Final = "時間が過ぎたためログオフしました。 / You were logged off; log on again."
_SCRIPT: Final = b'<script defer src="%s/renkei/static/activity.js"></script></head>'
_OURS: Final = ("/renkei/", "/api/", "/ui/", "/auth/", "/execution/", "/static/")


class SessionGuard:
    """ASGI middleware around the whole web server."""

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - any ASGI application
        self._app = app
        self._opened: tuple[Desk, Store] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or end its session."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = asked(scope)
        if request.method == "POST" and request.path in LOG_ON:
            await self._log_on(scope, receive, send, request)
        elif request.path in LOG_OFF:
            await self._run(self._end, request.key, "person")
            await self._app(scope, receive, send)
        elif (SESSION in request.cookies or request.by_cookie) and await self._run(self._is_over, request):
            await self._refuse(scope, send, request)
        elif request.navigates and not request.path.startswith(_OURS):
            await self._with_script(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _log_on(self, scope: Scope, receive: Receive, send: Send, request: Asked) -> None:
        body, again = await read_body(receive)
        typed = user_name(body, request.headers.get("content-type", ""))
        user = await self._run(_known_user, typed)
        if user != _UNKNOWN and await self._run(self._is_locked, user):
            await self._run(self._tell, FAILED, user, "locked out")
            await answer(send, 429, _LOCKED_OUT)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _TOO_MANY:
                # Airflow's own limit of tries: nobody has looked at the password, so it is no failure of the user's.
                await self._run(self._tell, FAILED, user, "too many tries")
            elif message["type"] == "http.response.start":
                cookies = set_cookies(message)
                good = bool(cookies.get(TOKEN)) if "login" in request.path else message["status"] < 300  # noqa: PLR2004
                await self._run(self._logged_on if good else self._failed, user, cookies.get(SESSION, ""))
            await send(message)

        await self._app(scope, again, watched)

    async def _refuse(self, scope: Scope, send: Send, request: Asked) -> None:
        root = str(scope.get("root_path", "")).rstrip("/")
        gone = [
            ("set-cookie", f"{name}=; Path={root or '/'}; Max-Age=0; HttpOnly; SameSite=Lax")
            for name in (TOKEN, SESSION)
        ]
        if request.navigates:
            await answer(send, 302, _IS_OVER, [("location", f"{root}/auth/login/"), *gone])
        else:
            await answer(send, 401, _IS_OVER, gone)

    async def _with_script(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the script into Airflow's one page."""
        root = str(scope.get("root_path", "")).rstrip("/").encode()
        started: Message = {}
        body = b""

        async def changed(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                started = message
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                page = body.replace(b"</head>", _SCRIPT % root, 1)
                headers = [(name, value) for name, value in started["headers"] if name.lower() != b"content-length"]
                await send({**started, "headers": [*headers, (b"content-length", str(len(page)).encode())]})
                await send({"type": "http.response.body", "body": page})

        await self._app(without(scope, "accept-encoding"), receive, changed)

    # --- what follows runs in a thread ----------------------------------------------------------------------

    async def _run(self, function: Any, *values: object) -> Any:  # noqa: ANN401 - what the function returns
        return await anyio.to_thread.run_sync(partial(function, *values))

    @property
    def _site(self) -> tuple[Desk, Store]:
        if self._opened is None:
            site = desk()
            self._opened = site, Store(site.settings.home / "sessions" / "sessions.sqlite")
        return self._opened

    def _is_over(self, request: Asked) -> bool:
        """Tell whether a session has ended, is idle for too long, or too old; note what a person does in it."""
        site, store = self._site
        if not request.key:
            # A token without the session that it was given for: half a log-on is none.
            return True
        session, now = store.session(request.key), _now()
        if session is None:
            # Before the log-on the cookie holds no session of ours; a token with it would be a stolen one.
            return request.by_cookie
        if session.ended:
            return True
        if now - session.began > site.settings.session_max_seconds:
            self._end(request.key, "maximum")
            return True
        if now - session.active > site.settings.session_idle_seconds:
            self._end(request.key, "idle")
            return True
        if request.by_hand:
            store.mark(request.key, now)
        return False

    def _is_locked(self, user: str) -> bool:
        return self._site[1].locked_until(user) > _now()

    def _logged_on(self, user: str, cookie: str) -> None:
        _, store = self._site
        store.forgive(user)
        if cookie:
            store.begin(key_of(cookie), user, _now())
        self._tell(LOGGED_ON, user, "browser" if cookie else "program")

    def _failed(self, user: str, _: str) -> None:
        site, store = self._site
        self._tell(FAILED, user, "refused")
        if user != _UNKNOWN:
            until = _now() + site.settings.lockout_minutes * 60
            if store.failed(user, site.settings.lockout_failures, until):
                self._tell(LOCKED, user, "repeated failures")

    def _end(self, key: str, why: str) -> None:
        store = self._site[1]
        session = store.session(key) if key else None
        if session is not None and store.end(key, why):
            self._tell(ENDED, session.user, why)

    def _tell(self, action: str, user: str, how: str) -> None:
        with self._site[0].ledger.transaction(actor=f"ui/{user}") as tx:
            tx.tell(action, user, {"how": how})


def _now() -> float:
    return SystemClock().now().timestamp()


def _known_user(typed: str) -> str:
    """Return the user's name as it is on record; what else was typed may be a password, and is not kept."""
    if not typed:
        return _UNKNOWN
    from sqlalchemy import func, select

    with create_session() as session:
        found = session.scalar(select(User.username).where(func.lower(User.username) == typed.lower()))
    return str(found) if found else _UNKNOWN
