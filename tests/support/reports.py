"""Reports of invented days, made by hand: a good one, one full of trouble, and every other state of a day."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from renkei.clock import TOKYO
from renkei.reports.model import (
    AgencyEquation,
    Ages,
    Answer,
    BehindGroup,
    CategoryTotal,
    ClockNote,
    CodeCount,
    DayState,
    DayStateName,
    Equations,
    ExtractFile,
    ExtractState,
    Family,
    FileState,
    Head,
    HeldGroup,
    HistoryDay,
    Intake,
    Label,
    LateNotice,
    LegalReference,
    Medium,
    Municipality,
    NoticeEquation,
    Notices,
    Outcome,
    PlannedGroup,
    ReasonCount,
    RefusedRecord,
    RegistryEquation,
    RunReport,
    SentFile,
    Subjects,
    TrailHead,
    Wait,
    WaitKind,
)

DAY = date(2019, 3, 28)
MOJ = Label("moj", "法務大臣", "Minister of Justice")
ACCEPTED = Label("R00", "受理", "accepted")
NOT_IN_REPERTOIRE = Label("R13", "文字集合の外の文字", "character outside the repertoire")
FOLLOWS = Label("R40", "先行記録の拒否に続く", "follows a refused record of the person")
OUTSIDE = Label("outside_repertoire", "文字集合の外の文字", "character outside the repertoire")
MOVE_IN = Label("domestic_move_in", "国内転入", "move in from another municipality")
MOVE_OUT = Label("domestic_move_out", "国内転出", "move out to another municipality")
MOVE = Label("move_within", "転居", "move inside the ward")
ARTICLE = Label("19-7", "入管法19条の7", "Immigration Act art. 19-7")
HANDED_OVER = Label("7-2", "特例法7条2項", "Special Act art. 7(2)")
HOUSEHOLD = Label("household_change", "世帯変更", "change of household")
BEFORE_ITS_DAY = Label("cancelled_before_its_day", "予定日前の取消し", "cancelled before its day")

A, B, C = Family.RESIDENT_RECORDS, Family.RESIDENCE_REPORTS, Family.CERTIFICATES


def digest(letter: str) -> str:
    """Return a digest that is easy to find again."""
    return letter * 64


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """Return an instant of a day in Tokyo."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO)


def head() -> Head:
    """Return the head of a report of Shinjuku on 2019-03-28."""
    return Head(
        municipality=Municipality("131041", "新宿区", "Shinjuku City"),
        business_date=DAY,
        counterparty=MOJ,
        agency_notice="法務省通知",
        references=(
            LegalReference(
                "a",
                "市町村通知(住民票の記載・消除・修正)",
                "出入国管理及び難民認定法61条の8の2",
                "出入国管理及び難民認定法施行令6条",
            ),
            LegalReference("d", "法務省通知", "住民基本台帳法30条の50", "住民基本台帳法施行令30条の30"),
            LegalReference("protection", "個人情報保護条例", "市区町村の個人情報保護条例"),
        ),
        subjects=Subjects(residents=42123, others=3),
        medium=Medium.LINE,
        run_reference="scheduled__2019-03-28T14:00:00+00:00",
        attempt=1,
        product_version="0.1.0",
        schemas_digest=digest("5"),
        clock=ClockNote(at(23), faked=True),
        trail_head=TrailHead(418, digest("7")),
    )


def intake() -> Intake:
    """Return a proven extract."""
    names = ("residents.csv", "events.csv", "certificates.csv", "residence_reports.csv")
    rows = (42123, 241, 1, 12)
    return Intake(
        state=ExtractState.PROVEN,
        correction=0,
        layout_version="1",
        cut_off=at(20),
        previous_cut_off=at(20, day=DAY - timedelta(days=1)),
        manifest_sha256=digest("a"),
        files=tuple(
            ExtractFile(name, count, count * 291 + 400, digest(str(number)))
            for number, (name, count) in enumerate(zip(names, rows, strict=True), 1)
        ),
        persons_compared=214,
        persons_proven=214,
        persons_open=0,
    )


def sent(serial: int = 1, records: int = 227) -> SentFile:
    """Return a published and receipted file."""
    return SentFile(
        serial=serial,
        counterparty=MOJ,
        state=FileState.RECEIPTED,
        package_sha256=digest("b"),
        previous_sha256=None if serial == 1 else digest("c"),
        sealed_sha256=digest("d"),
        size=88213,
        signer_fingerprint="A1" * 20,
        recipient_fingerprint="B2" * 20,
        algorithms=("AES256", "SHA512", "Ed25519", "Cv25519"),
        records=records,
        counts=(
            (
                ReasonCount(A, MOVE_IN, records - 92),
                ReasonCount(B, ARTICLE, 91),
                ReasonCount(C, HANDED_OVER, 1),
            )
            if records
            else ()
        ),
        sealed_at=at(21, 2),
        published_at=at(21, 3),
    )


def answer(serial: int = 1, records: int = 227) -> Answer:
    """Return a receipt that accepts everything."""
    return Answer(
        serial=serial,
        outcome=Outcome.ACCEPTED,
        code=Label("F00", "受領", "accepted"),
        receipt_sha256=digest("e"),
        received_at=at(21, 5),
        verified_at=at(21, 6),
        codes=(CodeCount(ACCEPTED, records),) if records else (),
    )


def history(days: int = 30) -> tuple[HistoryDay, ...]:
    """Return days with quiet weekends and some trouble, ending on DAY."""
    made = []
    for back in range(days - 1, -1, -1):
        day = DAY - timedelta(days=back)
        weekend = day.weekday() >= 5
        accepted = 0 if weekend else 150 + (day.day * 37) % 110
        made.append(HistoryDay(day, accepted, 3 if back == 11 else 0, 0 if weekend else (day.day * 7) % 5))
    return (*made[:-1], HistoryDay(DAY, 227, 0, 0)) if made else ()


def good_day() -> RunReport:
    """Return a day on which everything was accepted."""
    return RunReport(
        head=head(),
        day=DayState(DayStateName.SEALED),
        intake=intake(),
        notices=Notices(
            derived=(
                ReasonCount(A, MOVE_IN, 62),
                ReasonCount(A, MOVE, 41),
                ReasonCount(A, MOVE_OUT, 32),
                ReasonCount(B, ARTICLE, 91),
                ReasonCount(C, HANDED_OVER, 1),
            ),
            silent=(ReasonCount(A, HOUSEHOLD, 14),),
            planned=(PlannedGroup(date(2019, 4, 2), 7), PlannedGroup(date(2019, 5, 1), 2)),
        ),
        sent=(sent(),),
        answers=(answer(),),
        equations=Equations(
            RegistryEquation(42101, 62, 40, 42123),
            NoticeEquation(0, 241, 0, 227, 0, 0, 14, 0),
            AgencyEquation(
                42123,
                42123,
                0,
                (
                    CategoryTotal(
                        Label("mid_to_long_term", "中長期在留者", "mid- to long-term resident"), 41000, 41000
                    ),
                    CategoryTotal(Label("special_permanent", "特別永住者", "special permanent resident"), 1123, 1123),
                ),
            ),
        ),
        ages=Ages(notices=227, median_tenths=0, worst_days=1),
        history=history(),
    )


def troubled_day() -> RunReport:
    """Return a day with refusals, holds, late notices and matters that wait."""
    base = good_day()
    partly = replace(
        answer(2),
        outcome=Outcome.PARTLY,
        code=Label("F01", "一部受領", "accepted in part"),
        codes=(CodeCount(ACCEPTED, 225), CodeCount(NOT_IN_REPERTOIRE, 1), CodeCount(FOLLOWS, 1)),
        refused=(
            RefusedRecord(17, NOT_IN_REPERTOIRE, ("name_kanji",), 12),
            RefusedRecord(18, FOLLOWS, ()),
        ),
    )
    return replace(
        base,
        head=replace(base.head, attempt=2, run_reference="manual__2019-03-28T14:05:00.123456+00:00"),
        day=DayState(DayStateName.SEALED),
        intake=replace(intake(), correction=1, persons_proven=213, persons_open=1),
        notices=replace(
            base.notices,
            held=(HeldGroup(OUTSIDE, ("name_kanji",), ("U+9AD9",), 1, (11,)),),
            behind=(BehindGroup(11, 2),),
            never_told=(ReasonCount(A, BEFORE_ITS_DAY, 2),),
            supplement=4,
        ),
        sent=(sent(2),),
        answers=(partly,),
        equations=replace(
            base.equations,
            notices=NoticeEquation(3, 241, 1, 227, 1, 2, 14, 2),
            agency=AgencyEquation(42123, 42121, 2),
        ),
        ages=Ages(
            notices=227,
            median_tenths=5,
            worst_days=9,
            late=(
                LateNotice(A, 2, 5, date(2019, 3, 19), DAY, 9, Label("held", "保留されていた", "it was held")),
                LateNotice(B, 2, 6, date(2019, 3, 25), None, 3, Label("line_down", "回線停止", "the line was down")),
            ),
        ),
        waits=(
            Wait(
                11,
                WaitKind.HOLD,
                OUTSIDE,
                ("name_kanji",),
                date(2019, 3, 19),
                date(2019, 3, 19),
                9,
                "字形を対応表で置き換え、登録簿を修正する",
                "replace the character by the table and correct the registry",
            ),
            Wait(
                12,
                WaitKind.REFUSED,
                NOT_IN_REPERTOIRE,
                ("name_kanji",),
                DAY,
                DAY,
                0,
                "字形を置き換える",
                "replace the character form",
            ),
            Wait(
                13,
                WaitKind.DIFFERENCE,
                Label("no_event", "異動のない変化", "changed without an event"),
                ("expiry_date", "period_of_stay"),
                DAY,
                DAY,
                0,
                "登録簿で異動の有無を確かめる",
                "look for the event in the registry",
            ),
        ),
    )


def without_file(**changes: object) -> RunReport:
    """Return a day that has no file, with changes to the report."""
    bare = RunReport(head=replace(head(), subjects=None), day=DayState(DayStateName.REQUESTED))
    return replace(bare, **changes)  # type: ignore[arg-type]


def with_file(state: FileState) -> RunReport:
    """Return a day whose file has no receipt yet."""
    file = replace(sent(), state=state, published_at=None)
    if state is FileState.EXPORTED:
        file = replace(file, exported_at=at(22))
    return replace(good_day(), sent=(file,), answers=())


def refused_day() -> RunReport:
    """Return a day whose file was refused whole."""
    code = Label("F10", "署名を確認できない", "signature not acceptable")
    refused = replace(answer(), outcome=Outcome.REFUSED, code=code, codes=())
    day_item = Wait(21, WaitKind.DAY, code, (), DAY, DAY, 0, "署名鍵を確認する", "check the signing key")
    file_item = replace(day_item, open_item=22, kind=WaitKind.FILE)
    broken = Equations(RegistryEquation(10, 1, 0, 12), NoticeEquation(0, 5, 0, 4, 0, 0, 0, 0), AgencyEquation(9, 12, 1))
    return replace(good_day(), answers=(refused,), waits=(day_item, file_item), equations=broken)


def every_state() -> dict[str, RunReport]:
    """Return one report for every state that the report has words for."""
    blocked = Label("day_held", "人数が半減しています。", "half the residents are gone.")
    real = replace(head(), clock=ClockNote(at(23), faked=False), medium=Medium.MEDIA)
    refused_extract = replace(
        intake(), state=ExtractState.REFUSED, refused_rule=Label("rows", "行数の相違", "rows differ")
    )
    baseline = replace(intake(), state=ExtractState.BASELINE, previous_cut_off=None)
    late_only = Ages(notices=1, late=troubled_day().ages.late)
    return {
        "good": good_day(),
        "troubled": troubled_day(),
        "refused": refused_day(),
        "no extract": without_file(),
        "extract refused": without_file(intake=refused_extract),
        "baseline": replace(good_day(), intake=baseline, sent=(), answers=()),
        "baseline, nobody counted": without_file(intake=baseline),
        "not sealed": without_file(intake=intake()),
        "waived": without_file(day=DayState(DayStateName.WAIVED)),
        "blocked": without_file(day=DayState(DayStateName.REQUESTED, blocked)),
        "blocked by a day": without_file(day=DayState(DayStateName.OPEN, blocked, DAY - timedelta(days=2))),
        "empty file": replace(good_day(), sent=(sent(3, 0),), answers=(answer(3, 0),), notices=Notices(), head=real),
        "late, not receipted": replace(good_day(), ages=late_only),
        **{state.value: with_file(state) for state in FileState},
    }
