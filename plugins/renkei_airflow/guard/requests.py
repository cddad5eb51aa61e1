"""A request and an answer as the guard looks at them, and the answers that it gives itself."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TOKEN: Final = "_token"  # noqa: S105 - the name of a cookie
SESSION: Final = "session"
_LARGEST_FORM: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says: method, path below the root, headers, cookies."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    cookies: dict[str, str] = field(repr=False)

    @property
    def by_cookie(self) -> bool:
        """Whether a browser asks on the strength of its cookies, and not a program by its own token."""
        return TOKEN in self.cookies and not self.headers.get("authorization", "").lower().startswith("bearer ")

    @property
    def key(self) -> str:
        """Return the digest of the session's cookie; empty without one."""
        return key_of(self.cookies.get(SESSION, ""))

    @property
    def navigates(self) -> bool:
        """Whether a page is asked for, as against a call from within one."""
        return self.method == "GET" and "text/html" in self.headers.get("accept", "")

    @property
    def by_hand(self) -> bool:
        """Whether a person did something: followed a link, or the page's script saw a key or the pointer."""
        clicked = self.headers.get("sec-fetch-mode") == "navigate" and self.headers.get("sec-fetch-user") == "?1"
        return clicked or (self.method == "POST" and self.headers.get("x-renkei-activity") == "1")


def asked(scope: Scope) -> Asked:
    """Take a request apart."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")).rstrip("/"))
    return Asked(str(scope["method"]), path, headers, _cookies([headers.get("cookie", "")]))


def set_cookies(message: Message) -> dict[str, str]:
    """Return the cookies that an answer sets, by name."""
    return _cookies(value.decode("latin-1") for name, value in message["headers"] if name.lower() == b"set-cookie")


def key_of(cookie: str) -> str:
    """Return the digest under which a session is known."""
    return hashlib.sha256(cookie.encode()).hexdigest() if cookie else ""


async def read_body(receive: Receive) -> tuple[bytes, Receive]:
    """Read a small body whole, and return it with a `receive` that gives it again."""
    body, more = b"", True
    while more and len(body) <= _LARGEST_FORM:
        message = await receive()
        body += message.get("body", b"")
        more = bool(message.get("more_body"))
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


def user_name(body: bytes, content_type: str) -> str:
    """Return the user name that somebody logs on with; empty where there is none."""
    try:
        if "json" in content_type:
            told = json.loads(body)
            return str(told.get("username", "")) if isinstance(told, dict) else ""
        return parse_qs(body.decode()).get("username", [""])[0]
    except ValueError:
        return ""


async def answer(send: Send, status: int, text: str, headers: Iterable[tuple[str, str]] = ()) -> None:
    """Give an answer of the guard's own."""
    body = json.dumps({"detail": text}, ensure_ascii=False).encode()
    lines = [("content-type", "application/json; charset=utf-8"), ("cache-control", "no-store"), *headers]
    encoded = [(name.encode(), value.encode()) for name, value in lines]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def without(scope: Scope, *names: str) -> Scope:
    """Return a request without some headers."""
    gone = {name.encode() for name in names}
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() not in gone]}


def _cookies(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        try:
            found |= {name: each.value for name, each in SimpleCookie(line).items()}
        except CookieError:
            continue
    return found
