"""Lines of the worklist from the ledger's proposals and the registry's rows, in words (schemas/worklist)."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from renkei.corridor.agency_base import agency_items
from renkei.ledger.tables import AgencyNotice
from renkei.matching import Forms, ToldNotice, holds
from renkei.schemas import Schemas
from renkei.worklist import Line, Person
from renkei.worklist.texts import said

_BEFORE: Final = "_before"


class Lines:
    """Makes the lines of one business date."""

    def __init__(self, schemas: Schemas, day: date) -> None:
        self._schemas = schemas
        self._items = agency_items(schemas, day)
        self._forms = Forms(schemas, day)
        self._classes = schemas.codes("agency_notice_classes")
        self._reasons = schemas.codes("agency_notice_reasons")
        rules = [*schemas.csv("rules/matching_rules.csv"), *schemas.csv("rules/agency_content_rules.csv")]
        self._rules = {row["id"]: row["ja"] for row in rules}
        table = schemas.table("registry", schemas.layout_on(day, "registry"), "residents")
        self._titles = {str(column["name"]): str(column["title"]) for column in table["fields"]}

    def rank(self, line: Line) -> int:
        """Return the place of a line's class on the list."""
        return list(self._classes).index(line.code)

    def of(self, row: AgencyNotice, living: Mapping[str, str] | None) -> Line:
        """Return the line of a proposal; `living` is the person's row in the registry now, None without one."""
        notice = ToldNotice.of((row.serial, row.record_number), row.content, self._items)
        code = str(row.notice_class)
        items = self._to_correct(row, notice, living)
        return Line(
            notice_class=self._classes[code]["ja"],
            prepared=row.prepared and living is not None,
            notice_id=row.notice_id,
            serial=row.serial,
            record=row.record_number,
            reason=self._reasons[row.reason]["ja"],
            reason_code=row.reason,
            event_date=row.event_date,
            since=row.since,
            evidence=self._evidence(row),
            to_do=self._classes[code]["next_step_ja"],
            code=code,
            registry_number=row.registry_number or "",
            candidates=tuple(row.candidates or ()),
            items=items,
            item_names=tuple(self._titles[item] for item in items),
            now=tuple(living[item] if living else "" for item in items),
            told=tuple(notice.after[item] for item in items),
            person=_person(living) if living else None,
            ends=notice.ends,
            told_of=_told_of(row.content),
        )

    def _to_correct(self, row: AgencyNotice, notice: ToldNotice, living: Mapping[str, str] | None) -> tuple[str, ...]:
        """Return the items that differ from what the agency says, those in conflict among them."""
        if living is None:
            return notice.told
        told = [
            item
            for item in notice.told
            if (living[item] != notice.after[item] if notice.ends else not holds(notice, living, self._forms, [item]))
        ]
        conflicts = [item for item in row.fields or () if item in self._items and item not in told]
        return tuple(item for item in self._items if item in {*told, *conflicts})

    def _evidence(self, row: AgencyNotice) -> str:
        rule, *agreed = [str(each) for each in row.evidence or ()] or [""]
        names = "・".join(self._titles[item] for item in agreed)
        found = self._rules.get(rule, "")
        first = said("agreed", rule=found, items=names).ja if names else found
        why = self._rules.get(row.rule or "", "") if row.rule != rule else ""
        return "。".join(part for part in (first, why) if part)


def _person(row: Mapping[str, str]) -> Person:
    protected = row["protected"] == "1"
    return Person(
        name_roman=row["name_roman"],
        name_kanji=row["name_kanji"],
        birth_date=row["birth_date"] or row["birth_date_wording"],
        sex=row["sex"],
        nationality=row["nationality"],
        address="" if protected else row["address"],
        protected=protected,
    )


def _told_of(content: Mapping[str, str]) -> Person:
    def value(item: str) -> str:
        return content[item] or content[f"{item}{_BEFORE}"]

    return Person(
        name_roman=value("name_roman"),
        name_kanji=value("name_kanji"),
        birth_date=value("birth_date") or value("birth_date_wording"),
        sex=value("sex"),
        nationality=value("nationality"),
        address="",
        protected=False,
    )
