"""How a page or a file goes out: escaped, not kept by any cache, loading nothing from anywhere."""

import base64
import hashlib
import re
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from renkei.desk.files import Kept
from renkei_airflow.pages.words import words

_BASE: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_STYLE: Final = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
_DOWNLOADED: Final = "default-src 'none'; sandbox"


def page(request: Request, name: str, **values: Any) -> HTMLResponse:  # noqa: ANN401 - whatever a template shows
    """Return a page in the reader's language: `?lang=en`, else Japanese."""
    said = words(request.query_params.get("lang", "ja"))
    values |= {"w": said, "here": request.url.path, "query": dict(request.query_params), "root": _root(request)}
    headers = {**_BASE, "Content-Security-Policy": _POLICY}
    return HTMLResponse(_environment().get_template(name).render(**values), headers=headers)


def download(kept: Kept) -> Response:
    """Return a kept file as an attachment."""
    named = f"attachment; filename=\"{kept.name}\"; filename*=UTF-8''{quote(kept.name)}"
    headers = {**_BASE, "Content-Disposition": named, "Content-Security-Policy": _DOWNLOADED}
    return Response(kept.content, media_type=kept.media, headers=headers)


def shown(kept: Kept) -> Response:
    """Return a kept page to be looked at: its own style is allowed by its digest, nothing else is."""
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"
        for style in _STYLE.findall(kept.content)
    )
    policy = f"default-src 'none'; style-src {digests or 'none'}; base-uri 'none'; frame-ancestors 'self'"
    return Response(kept.content, media_type=kept.media, headers={**_BASE, "Content-Security-Policy": policy})


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("renkei_airflow.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
