"""Each text exists once per language, and every one is used."""

import json
import string
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from renkei.reports import phrases
from renkei.reports.model import DaySummary, Outcome
from renkei.reports.phrases import Phrase, phrase, short_day, spoken
from renkei.reports.render_csv import render_csv
from renkei.reports.render_html import render_html
from renkei.reports.summary import summary_table
from tests.support import reconciliations as agency_samples
from tests.support import reports as samples


def load(language: str) -> dict[str, str]:
    folder = Path(phrases.__file__).parent / "texts"
    read: dict[str, str] = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
    return read


def asked_for(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


class Watched(Mapping[str, str]):
    """Texts that remember which of them were asked for."""

    def __init__(self, language: str) -> None:
        self.texts, self.used = load(language), set[str]()

    def __getitem__(self, key: str) -> str:
        self.used.add(key)
        return self.texts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def test_both_languages_have_the_same_keys() -> None:
    assert list(load("ja")) == list(load("en"))


def test_both_languages_fill_the_same_fields() -> None:
    japanese, english = load("ja"), load("en")

    assert {key: asked_for(japanese[key]) for key in japanese} == {key: asked_for(english[key]) for key in english}


def test_the_keys_are_sorted_so_that_a_newcomer_finds_them() -> None:
    assert sorted(load("ja")) == list(load("ja"))


def test_every_text_is_used_by_a_view(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = {language: Watched(language) for language in phrases.LANGUAGES}
    monkeypatch.setattr(phrases, "texts", lambda language: watched[language])

    for report in (*samples.every_state().values(), *agency_samples.reconciliations().values()):
        render_html(report)
        render_csv(report)
    summary_table([DaySummary(samples.DAY, 1, samples.MOJ, 1, 0, 0, 1, 0, 0, Outcome.ACCEPTED)])

    assert set(load("ja")) == watched["ja"].used
    assert set(load("en")) == watched["en"].used


class TestSpoken:
    def test_a_date_is_japanese_for_japanese_readers(self) -> None:
        assert Phrase("平成31年4月30日", "2019-04-30") == spoken(date(2019, 4, 30))
        assert Phrase("令和元年5月1日", "2019-05-01") == spoken(date(2019, 5, 1))

    def test_an_instant_is_shown_in_tokyo(self) -> None:
        assert "2019-03-28 20:00:00" == spoken(samples.intake().cut_off).ja

    def test_a_number_has_thousands(self) -> None:
        assert Phrase("42,157", "42,157") == spoken(42157)

    def test_both_languages_in_one_line(self) -> None:
        assert "法務大臣 / Minister of Justice" == str(spoken(samples.MOJ))
        assert "227" == str(spoken(227))

    def test_month_and_day(self) -> None:
        assert Phrase("3月28日", "28 March") == short_day(samples.DAY)

    def test_an_unknown_text_is_a_fault_that_is_seen(self) -> None:
        with pytest.raises(KeyError):
            phrase("page.unheard_of")
