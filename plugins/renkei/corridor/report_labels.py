"""The names of codes in a report, from `schemas/` and the error tree: each exists there once per language."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

from renkei import errors
from renkei.ledger.states import OpenItemKind
from renkei.ledger.tables import Notice, OpenItem
from renkei.reports.model import Family, Label, ReasonCount
from renkei.schemas import Schemas

_SNAKE = re.compile(r"(?<!^)(?=[A-Z])")


class Labels:
    """Looks up what a code is called on a day."""

    def __init__(self, schemas: Schemas, day: date) -> None:
        self.schemas = schemas
        self.day = day

    def cause(self, notice: Notice) -> Label:
        """Return why a notice was derived: event reason (a), cited article (b, c)."""
        if notice.family == Family.RESIDENT_RECORDS:
            return self.reason(notice.event_reason or "")
        return self.article(notice.article or "")

    def reason(self, code: str) -> Label:
        """Return an event reason."""
        found = self.schemas.event_reason(code, self.day)
        return Label(_code(code), found.ja if found else "不明な異動事由", _words(code))

    def article(self, cite: str) -> Label:
        """Return a cited article: its numbers are its code."""
        numbers = re.findall(r"[0-9]{1,2}", cite)
        code = "-".join(numbers[:2]) if len(numbers) > 1 else "article"
        return Label(code, cite or "条文不明", f"article {code}")

    def silent(self, rule: str) -> Label:
        """Return why an event made no notice, or one was never told."""
        found = self.schemas.silent_rule(rule)
        return Label(_code(rule), found.ja or rule, found.en or rule)

    def hold(self, rule: str) -> Label:
        """Return a rule by which a record is held."""
        found = self.schemas.hold_rule(rule)
        return Label(_code(rule), found.ja or rule, found.en or rule)

    def receipt(self, code: str) -> Label:
        """Return a code of the agency's receipt."""
        row = self.schemas.codes("receipt_codes").get(code)
        return Label(code, row["ja"], row["en"]) if row else Label("unknown", "不明な処理結果", "unknown code")

    def category(self, code: str) -> Label:
        """Return a resident category."""
        row = self.schemas.codes("resident_categories").get(code)
        return Label(_code(code), row["ja"], row["en"]) if row else Label("unknown", "不明な区分", "unknown")

    def agency_class(self, found: str) -> Label:
        """Return a class of agency notices."""
        row = self.schemas.codes("agency_notice_classes")[found]
        return Label(str(found), row["ja"], row["en"])

    def agency_step(self, found: str) -> tuple[str, str]:
        """Return what a person does next about an agency notice of a class, in Japanese and English."""
        row = self.schemas.codes("agency_notice_classes")[found]
        return row["next_step_ja"], row["next_step_en"]

    def error(self, name: str) -> Label:
        """Return an error of the library by its class name, with its own sentence."""
        found = getattr(errors, name, errors.RenkeiError)
        return Label(_SNAKE.sub("_", name).lower()[:64], _bare(found.ja), _bare(found.en))

    def late(self, rule: str) -> Label:
        """Return why a notice took more than one day."""
        for row in self.schemas.csv("rules/late_reasons.csv"):
            if row["id"] == rule:
                return Label(rule, row["ja"], row["en"])
        return Label("unknown", "不明", "unknown")

    def open_rule(self, item: OpenItem) -> Label:
        """Return the rule or code for which an item is open."""
        return self.receipt(item.rule) if item.kind == OpenItemKind.REFUSED else self.hold(item.rule)

    def next_step(self, item: OpenItem) -> tuple[str, str]:
        """Return what a person does next about an open item, in Japanese and English."""
        if item.kind == OpenItemKind.REFUSED:
            row = self.schemas.codes("receipt_codes").get(item.rule, {})
            return row.get("next_step_ja") or "相手方へ照会する", row.get("next_step_en") or "ask the agency"
        rule = self.schemas.hold_rule(item.rule)
        return rule.next_step_ja or "内容を確かめて判断する", rule.next_step_en or "check it and decide"

    def counted(self, pairs: Iterable[tuple[str, Label]]) -> tuple[ReasonCount, ...]:
        """Count by family and label, in the order of families and codes."""
        counts = Counter(pairs)
        order = sorted(counts, key=lambda pair: (list(Family).index(Family(pair[0])), pair[1].code))
        return tuple(ReasonCount(Family(family), label, counts[family, label]) for family, label in order)


def _code(text: str) -> str:
    return text if re.fullmatch(r"[a-z][a-z0-9_.-]{0,63}", text) else "unknown"


def _words(code: str) -> str:
    return code.replace("_", " ") or "unknown"


def _bare(sentence: str) -> str:
    """Return a sentence without its fields: a report says which day and file it is about elsewhere."""
    return re.sub(r"\{[a-z_]+\}", "…", sentence)
