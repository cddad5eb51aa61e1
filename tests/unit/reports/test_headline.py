"""One sentence says how the day stands."""

from dataclasses import replace

import pytest

from renkei.reports.headline import Tone, headline
from renkei.reports.model import FileState
from tests.support import reconciliations as agency_samples
from tests.support import reports as samples


def test_an_accepted_day() -> None:
    told = headline(samples.good_day())

    assert Tone.GOOD is told.tone
    assert ["3月28日: 通番 00000001 を法務大臣へ送信、227件、受領確認済みです。"] == [it.ja for it in told.sentences]
    assert ["28 March: serial 00000001 sent to the Minister of Justice, 227 records, receipt verified."] == [
        it.en for it in told.sentences
    ]


def test_refused_records_and_what_waits_are_told() -> None:
    told = headline(samples.troubled_day())

    assert Tone.TROUBLE is told.tone
    assert "227件のうち2件が拒否されています。" in told.sentences[0].ja
    assert "担当者の対応待ちが3件あります。" == told.sentences[1].ja


def test_a_file_refused_whole_names_the_code() -> None:
    told = headline(samples.refused_day())

    assert "法務大臣に拒否されました(署名を確認できない)。" in told.sentences[0].ja
    assert "was refused by the Minister of Justice (signature not acceptable)." in told.sentences[0].en


@pytest.mark.parametrize(
    ("state", "tone", "words"),
    [
        (FileState.PREPARED, Tone.WAITING, "送信はこれからです"),
        (FileState.SEALED, Tone.WAITING, "送信はこれからです"),
        (FileState.SENDING, Tone.WAITING, "送信はこれからです"),
        (FileState.PUBLISHED, Tone.WAITING, "受領通知を待っています"),
        (FileState.UNKNOWN, Tone.TROUBLE, "届いたかどうか不明です"),
        (FileState.EXPORTED, Tone.WAITING, "媒体に書き出しました"),
    ],
)
def test_a_file_without_receipt_is_never_called_received(state: FileState, tone: Tone, words: str) -> None:
    told = headline(samples.with_file(state))

    assert tone is told.tone
    assert words in told.sentences[0].ja
    assert "受領確認済み" not in told.sentences[0].ja


@pytest.mark.parametrize(
    ("day", "tone", "words"),
    [
        ("no extract", Tone.WAITING, "3月28日: 抽出データがまだありません。"),
        ("extract refused", Tone.TROUBLE, "3月28日: 抽出データを受け付けられません(行数の相違)。"),
        (
            "baseline",
            Tone.GOOD,
            "3月28日: 基準となる抽出データ(42,123人)を受け入れました。送る通知はありません。",
        ),
        ("not sealed", Tone.WAITING, "3月28日: 抽出データを受け取りました。封緘はこれからです。"),
        ("waived", Tone.WAITING, "3月28日: 職員の決定により、この日は送信しません。"),
        ("blocked", Tone.TROUBLE, "3月28日: 送信していません。人数が半減しています。"),
        (
            "blocked by a day",
            Tone.TROUBLE,
            "3月28日: 先に3月26日の処理を終える必要があるため、送信していません。",
        ),
        ("empty file", Tone.GOOD, "3月28日: 通番 00000003 を法務大臣へ送信、0件、受領確認済みです。"),
    ],
)
def test_a_day_without_notices_says_why(day: str, tone: Tone, words: str) -> None:
    told = headline(samples.every_state()[day])

    assert (tone, [words]) == (told.tone, [it.ja for it in told.sentences])


def test_each_file_has_its_sentence() -> None:
    report = replace(
        samples.good_day(),
        sent=(samples.sent(1), samples.sent(2)),
        answers=(samples.answer(1),),
    )

    told = headline(report)

    assert Tone.WAITING is headline(replace(report, answers=(samples.answer(1),))).tone
    assert ["00000001", "00000002"] == [it.ja.split()[2] for it in told.sentences]


class TestReconciliation:
    def test_a_quiet_day_is_good(self) -> None:
        told = headline(agency_samples.reconciliation())

        assert Tone.GOOD is told.tone
        assert ["3月28日: 相手方からの通知を 15 件取り込みました。完結 10 件、未処理 12 件。"] == [
            sentence.ja for sentence in told.sentences
        ]

    def test_a_gap_a_quarantine_an_unanswered_file_and_a_difference_are_told(self) -> None:
        told = headline(agency_samples.troubled_reconciliation())

        assert Tone.TROUBLE is told.tone
        assert 5 == len(told.sentences)
        assert "Serial 00000004 of the agency has been missing for 2 days; later files wait." == told.sentences[1].en
