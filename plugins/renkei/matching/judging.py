"""What a notice asks of the record of the person found: its class (schemas/codes/agency_notice_classes.csv)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from renkei.matching.cascade import NOBODY, Match, agreeing, name_relation
from renkei.matching.forms import Forms
from renkei.matching.notice import CARD, NAMES, WHO, ToldNotice

NOT_YET_HERE: Final = "not_yet_here"
LATER_TAKEN_IN: Final = "later_taken_in"
CONTRADICTED: Final = "contradicted_in_file"
ANOTHER_PERSON: Final = "another_person"
ANOTHER_VALUE: Final = "another_value"
TWIN: Final = "twin"
EX_OFFICIO: Final = "gone_ex_officio"
_TEXTS: Final = frozenset({*NAMES, "birth_date_wording"})
_CATEGORY: Final = "resident_category"
_SPECIAL: Final = "special_permanent"
_SEPARATOR: Final = "|"


@dataclass(frozen=True, slots=True)
class Case:
    """All that a class hangs on.

    row           the person's living row, items that its category never carries being empty; None without one
    gone          the rule that tells how the record ended, empty where it lives
    own           the rule that tells what of the ward's own keeps the person waiting, or empty
    newcomer      the event lies so few days back that the person may not have reported yet
    late          a later notice was taken in before
    contradicted  items of which another notice of the file tells another value
    ahead         item → value that proposals still open will have brought about
    """

    notice: ToldNotice
    match: Match
    row: Mapping[str, str] | None = field(default=None, repr=False)
    gone: str = ""
    own: str = ""
    newcomer: bool = False
    late: bool = False
    contradicted: tuple[str, ...] = ()
    ahead: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The class with its rule, the items it hangs on, and the evidence: the rule of the match, items that agreed."""

    notice_class: str
    rule: str
    fields: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    prepared: bool = False


def judge(case: Case, forms: Forms) -> Judgement:
    """Return the class of a notice; nothing is ever applied to candidates or to a deleted record."""
    match = case.match
    if match.registry_number is None:
        return _of_nobody(case)
    if case.row is None:
        return _of_gone(case)
    evidence = (match.rule, *agreeing(case.notice, case.row, forms))
    if case.own:
        return Judgement("waits_for_us", case.own, evidence=evidence)
    if case.late:
        return Judgement("out_of_order", LATER_TAKEN_IN, case.notice.told, evidence)
    if case.contradicted:
        return Judgement("conflict", CONTRADICTED, case.contradicted, evidence)
    if match.twin is not None:
        return Judgement("conflict", TWIN, (CARD, *NAMES), evidence)
    return _of_living(case, case.row, evidence, forms)


def holds(notice: ToldNotice, row: Mapping[str, str], forms: Forms, items: Iterable[str] | None = None) -> bool:
    """Tell whether a living record has everything as a notice told it; a loss leaves no living record."""
    told = notice.told if items is None else items
    return not notice.ends and all(_is(notice, item, row[item], notice.after[item], forms) for item in told)


def _of_nobody(case: Case) -> Judgement:
    evidence = (case.match.rule,) if case.match.rule != NOBODY else ()
    if case.newcomer:
        return Judgement("waits_for_us", NOT_YET_HERE, evidence=evidence)
    return Judgement("not_found", case.match.rule, evidence=evidence)


def _of_gone(case: Case) -> Judgement:
    evidence = (case.match.rule, CARD) if case.notice.cards else (case.match.rule,)
    if case.notice.ends and case.gone == EX_OFFICIO:
        return Judgement("already_so", case.gone, evidence=evidence)
    return Judgement("moved_away", case.gone, evidence=evidence)


def _of_living(case: Case, row: Mapping[str, str], evidence: tuple[str, ...], forms: Forms) -> Judgement:
    notice, rule = case.notice, case.match.rule
    other = tuple(item for item in WHO if not _one_of(notice, item, row[item], forms))
    if other:
        return Judgement("conflict", ANOTHER_PERSON, other, evidence)
    if holds(notice, row, forms):
        return Judgement("already_so", rule, evidence=evidence)
    wrong = tuple(
        item
        for item in notice.told
        if not _one_of(notice, item, row[item], forms)
        and not _one_of(notice, item, case.ahead.get(item, row[item]), forms)
    )
    if wrong:
        return Judgement("conflict", ANOTHER_VALUE, wrong, evidence)
    return Judgement("to_apply", rule, evidence=evidence, prepared=_may_be_prepared(case, row, forms))


def _may_be_prepared(case: Case, row: Mapping[str, str], forms: Forms) -> bool:
    """Standard 4.5.6: never for special permanent residents; nor where names contradict, or a list would mislead."""
    notice = case.notice
    special = _SPECIAL in {row[_CATEGORY], *notice.values(_CATEGORY)}
    clear = not any(_SEPARATOR in value for item in notice.told for value in (row[item], notice.after[item]))
    return not special and clear and name_relation(notice, row, forms) != "differ"


def _one_of(notice: ToldNotice, item: str, value: str, forms: Forms) -> bool:
    return any(_is(notice, item, value, each, forms) for each in (notice.was(item), notice.after[item]))


def _is(notice: ToldNotice, item: str, value: str, wanted: str, forms: Forms) -> bool:
    """Compare a value; texts on their compared copies, unless the notice changes nothing but the spelling."""
    if value == wanted:
        return True
    if item not in _TEXTS:
        return False
    before, after = forms.compared(notice.was(item)), forms.compared(notice.after[item])
    spelling = before == after and item in notice.told and wanted == notice.after[item]
    return not spelling and forms.compared(value) == forms.compared(wanted)
