"""The routes. GET changes nothing but the trail; the one form (a person's number) changes nothing either."""

import json
from calendar import monthrange
from datetime import date
from pathlib import Path
from typing import Annotated, Final

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, Form, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from renkei.desk import files, person, runs, trailing, waits
from renkei.errors import RenkeiError, ReportUnknown
from renkei.ledger.tables import Trail
from renkei_airflow.pages import gates
from renkei_airflow.pages.answers import download, page, shown
from renkei_airflow.pages.desk import desk
from renkei_airflow.pages.gates import User

_STATIC: Final = {"desk.css": "text/css", "activity.js": "text/javascript"}
Day = Annotated[date | None, Query()]
Number = Annotated[int, Query(ge=1, le=100_000)]

app = FastAPI(
    title="renkei",
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
    # Nobody gets an answer here who has not logged on, not even that a page does not exist.
    dependencies=[Depends(get_user)],
)


@app.exception_handler(RenkeiError)
def refused(_: Request, error: RenkeiError) -> JSONResponse:
    """Answer with the sentence of an error of ours."""
    status = 404 if isinstance(error, ReportUnknown) else 409
    return JSONResponse({"detail": str(error)}, status_code=status)


@app.get("/static/{name}")
def static(name: str) -> FileResponse:
    """Return the style sheet or the script."""
    if name not in _STATIC:
        raise HTTPException(404)
    return FileResponse(
        Path(__file__).with_name("static") / name,
        media_type=_STATIC[name],
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"},
    )


@app.get("/reports/", dependencies=[gates.RUNS])
def report_list(  # noqa: PLR0913 - one parameter per filter
    request: Request,
    *,
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    kind: str = "",
    state: str = "",
    counterparty: str = "",
    waiting: bool = False,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
    year: Annotated[int, Query(ge=0, le=9999)] = 0,
) -> Response:
    """Show the runs: one sentence, the year's calendar, the table with its filters."""
    filters = runs.Filters(_day(first), _day(last), kind, state, counterparty, waiting)
    with desk().reading() as tx:
        known = runs.years(tx)
        chosen = year if year in known else (known[0] if known else desk().today.year)
        return page(
            request,
            "reports.html.j2",
            latest=runs.latest(tx),
            waiting_now=len(waits.waits(tx, desk().schemas, desk().settings.four_eyes, desk().today)),
            calendar=runs.calendar(tx, chosen),
            months=[[date(chosen, month, day) for day in range(1, monthrange(chosen, month)[1] + 1)]
                    for month in range(1, 13)],
            year=chosen,
            years=known,
            found=runs.runs(tx, filters, number),
            filters=filters,
            kinds=runs.kinds(tx),
            states=list(runs.RunState),
            peers=[desk().peers.by_id(each) for each in runs.counterparties(tx)],
        )  # fmt: skip


@app.get("/reports/{number}/", dependencies=[gates.RUNS])
def report(request: Request, number: int) -> Response:
    """Show a report within its page, with the downloads and the way to its run."""
    with desk().reading() as tx:
        return page(request, "report.html.j2", row=files.report_row(tx, number))


@app.get("/reports/{number}/page", dependencies=[gates.RUNS])
def report_page(number: int, user: User) -> Response:
    """Return the report itself, to be looked at."""
    with desk().reading() as tx:
        kept = files.report_file(tx, desk().settings.home, number, "html")
    desk().told(user, "report.opened", str(number), sha256=kept.sha256)
    return shown(kept)


@app.get("/reports/{number}/{form}", dependencies=[gates.RUNS])
def report_download(number: int, form: str, user: User) -> Response:
    """Download one form of a report: html, csv, json."""
    with desk().reading() as tx:
        kept = files.report_file(tx, desk().settings.home, number, form)
    desk().told(user, trailing.DOWNLOADED, str(number), form=form, sha256=kept.sha256)
    return download(kept)


@app.get("/dags/{dag_id}/runs/{run_id}/", dependencies=[gates.RUNS])
def reports_of_run(request: Request, dag_id: str, run_id: str) -> Response:
    """Show the reports of one DAG run."""
    with desk().reading() as tx:
        return page(request, "run.html.j2", rows=files.reports_of_run(tx, dag_id, run_id), dag_id=dag_id)


@app.get("/waits/", dependencies=[gates.WAITS])
def waiting_list(request: Request) -> Response:
    """Show what waits for a person."""
    site = desk()
    with site.reading() as tx:
        found = waits.waits(tx, site.schemas, site.settings.four_eyes, site.today)
    return page(request, "waits.html.j2", waits=found, today=site.today)


@app.get("/worklists/", dependencies=[gates.PERSONS])
def worklist_list(request: Request) -> Response:
    """Show the worklists."""
    with desk().reading() as tx:
        return page(request, "worklists.html.j2", rows=files.worklists(tx))


@app.get("/worklists/{number}/{form}", dependencies=[gates.PERSONS])
def worklist_download(number: int, form: str, user: User) -> Response:
    """Download one form of a worklist: xlsx, csv, html."""
    with desk().reading() as tx:
        kept = files.worklist_file(tx, desk().settings.home, number, form)
    desk().told(user, "worklist.downloaded", str(number), form=form, sha256=kept.sha256)
    return download(kept)


@app.get("/person/", dependencies=[gates.PERSONS])
def person_form(request: Request) -> Response:
    """Show the form for a registry number."""
    return page(request, "person.html.j2", story=None, asked=False)


@app.post("/person/", dependencies=[gates.PERSONS])
def person_story(
    request: Request, user: User, registry_number: Annotated[str, Form(pattern=r"\s*[0-9]{10}\s*")]
) -> Response:
    """Show everything about one person; the number stands in no address, log or trail."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise HTTPException(403)
    site = desk()
    with site.reading() as tx:
        story = person.story(tx, site.schemas, registry_number.strip())
    site.told(user, trailing.LOOKED_UP, story.reference or "unknown", entries=len(story.entries))
    return page(request, "person.html.j2", story=story, asked=True)


@app.get("/trail/", dependencies=[gates.TRAIL])
def trail_list(
    request: Request,
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    actor: str = "",
    action: str = "",
    before: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show the audit trail, newest first, and the standard's analyses of the period."""
    wanted = trailing.Wanted(_day(first), _day(last), actor, action)
    with desk().reading() as tx:
        rows = trailing.rows(tx, wanted, before or None)
        found = trailing.analyses(tx, wanted) if wanted.first and wanted.last else None
        kept = files.bundles(tx)
        shown_rows = {"rows": rows, "per_page": trailing.PER_PAGE}
        return page(request, "trail.html.j2", **shown_rows, wanted=wanted, analyses=found, bundles=kept)


@app.get("/trail/bundles/{number}", dependencies=[gates.TRAIL])
def bundle_download(number: int, user: User) -> Response:
    """Download a signed bundle for auditors."""
    with desk().reading() as tx:
        kept = files.bundle_file(tx, desk().settings.home, number)
    desk().told(user, "audit.downloaded", str(number), sha256=kept.sha256)
    return download(kept)


@app.get("/trail/export", dependencies=[gates.TRAIL])
def trail_export(
    user: User,
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
) -> Response:
    """Download rows of the trail as JSON lines: number, hashes, instant, actor, action, subject, facts."""
    wanted = trailing.Wanted(_day(first), _day(last))
    with desk().reading() as tx:
        lines = [_line(row) for row in trailing.every_row(tx, wanted)]
    content = "".join(f"{line}\n" for line in lines).encode()
    name = "-".join(filter(None, ("trail", first, last))) + ".jsonl"
    desk().told(user, "trail.exported", name, rows=len(lines))
    return download(files.Kept(name, "application/jsonl", content, ""))


@app.post("/activity", status_code=204)
def activity() -> None:
    """Nothing: the guard of the sessions has seen it."""


@app.get("/{path:path}")
def unknown(path: str) -> Response:
    """Answer what there is not, to whoever has logged on."""
    del path
    raise HTTPException(404)


def _line(row: Trail) -> str:
    facts = {
        "number": row.number,
        "previous_hash": row.previous_hash,
        "hash": row.hash,
        "at": row.at.isoformat(),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "facts": row.facts,
    }
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)


def _day(text: str) -> date | None:
    """Return the date of a filter; an empty field does not filter."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise HTTPException(422, "YYYY-MM-DD") from None
