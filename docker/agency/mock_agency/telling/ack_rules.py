"""Is an acknowledgement what it must be? Form, digests, order of answers, one final class per notice."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mock_agency.errors import AckWrong
from mock_agency.schemas import LAYOUT, Schemas
from mock_agency.telling.json_form import faults

ACCEPTED, PENDING, REFUSED, DUPLICATE = "accepted", "pending", "refused", "duplicate"
FAULTS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What the agency knows of the file that is answered: its row, its records in order, its sealings.

    `final` are the records whose final class earlier answers told; `answered`: an earlier answer named the classes.
    """

    file: sqlite3.Row
    records: Sequence[sqlite3.Row]
    sealings: Collection[str]
    final: Collection[int]
    answered: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified and judged acknowledgement; `classes`: record → class and whether it is final."""

    content: dict[str, Any]
    classes: Mapping[int, tuple[str, bool]] = field(default_factory=dict)


class AckRules:
    """The rules of `schemas/` for the ward's answers."""

    def __init__(self, schemas: Schemas) -> None:
        self._schema = schemas.table(f"exchange/layout-{LAYOUT}/acknowledgement.json")
        self._codes = {one["code"]: one["outcome"] for one in schemas.codes("acknowledgement_codes") or []}
        self._final = {one["code"]: one["final"] == "1" for one in schemas.codes("agency_notice_classes") or []}
        self._columns = {one.name for one in schemas.fields(f"exchange/layout-{LAYOUT}/agency_notices.json")}

    def read(self, data: bytes) -> dict[str, Any]:
        """Return the content of an answer whose form is as agreed; raises AckWrong."""
        try:
            text = data.decode("utf-8")
            content = json.loads(text)
        except ValueError:
            raise AckWrong("not UTF-8 JSON") from None
        if text != json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False) + "\n":
            raise AckWrong("keys not sorted and unique, or another indentation or ending")
        if found := list(faults(content, self._schema)):
            raise AckWrong(f"does not fit the schema at {'; '.join(found[:FAULTS_SHOWN])}")
        made: dict[str, Any] = content
        if self._codes.get(made["code"]) != made["outcome"]:
            raise AckWrong(f"code {made['code']} does not mean {made['outcome']}")
        return made

    def judge(self, content: dict[str, Any], asked: Asked) -> Answer:
        """Hold an answer against the file that it answers; raises AckWrong."""
        self._check_file(content, asked)
        records, outcome = content["records"], content["outcome"]
        if (outcome == DUPLICATE) != (content["first_seen"] is not None):
            raise AckWrong("first_seen belongs to a duplicate, and to nothing else")
        if outcome in (REFUSED, DUPLICATE):
            if records:
                raise AckWrong(f"{outcome}, and yet records")
            if (outcome == REFUSED) != (content["answer"] == 1):
                raise AckWrong("a refusal comes first and a duplicate never")
            return Answer(content)
        classes = self._classes(records, asked)
        waiting = len(asked.records) - len(set(asked.final) | {one for one, (_, final) in classes.items() if final})
        if (outcome == PENDING) != (waiting > 0):
            raise AckWrong(f"{outcome}, and {waiting} records without a final class")
        return Answer(content, classes)

    def _check_file(self, content: dict[str, Any], asked: Asked) -> None:
        if content["counterparty"] != asked.file["counterparty"]:
            raise AckWrong("the counterparty is not the one that sealed the file")
        if content["sealed_sha256"] not in asked.sealings:
            raise AckWrong("sealed_sha256 is of no file that was shown under this serial")
        digest = content["package_sha256"]
        if digest != asked.file["package_sha256"] and not (digest is None and content["outcome"] == REFUSED):
            raise AckWrong("package_sha256 is not that of the package")

    def _classes(self, records: Sequence[dict[str, Any]], asked: Asked) -> dict[int, tuple[str, bool]]:
        known = {row["record"]: row["notice_id"] for row in asked.records}
        numbers = [one["record"] for one in records]
        if not asked.answered and numbers != list(known):
            raise AckWrong("the first answer does not name every record in order")
        if asked.answered and (not numbers or numbers != sorted(set(numbers)) or not set(numbers) <= set(known)):
            raise AckWrong("a later answer names records of the file, each once, in order")
        found = {}
        for one in records:
            number, name = one["record"], one["class"]
            if one["notice_id"] != known[number]:
                raise AckWrong(f"record {number}: another notice_id")
            if name not in self._final:
                raise AckWrong(f"record {number}: no class of the list")
            if not set(one["items"]) <= self._columns:
                raise AckWrong(f"record {number}: items that are no columns")
            if number in asked.final:
                raise AckWrong(f"record {number}: it had its final class")
            if asked.answered and not self._final[name]:
                raise AckWrong(f"record {number}: a later answer with a class that is not final")
            found[number] = (name, self._final[name])
        return found
