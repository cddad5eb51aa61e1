"""One self-contained page that every reader can use, on screen, on paper and by ear."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from renkei.reports.chart import chart
from renkei.reports.model import HistoryDay, Label, Reconciliation, RunReport
from renkei.reports.render_html import render_html
from tests.support import reconciliations as agency_samples
from tests.support import reports as samples

EVERY_STATE: dict[str, RunReport | Reconciliation] = {
    **samples.every_state(),
    **{f"reconciliation, {name}": report for name, report in agency_samples.reconciliations().items()},
}
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>&{{7*7}}'
VOID = {"meta", "input", "br", "line", "rect", "link", "img"}


class Page(HTMLParser):
    """A page taken apart: its tags in order, their attributes, the text that stands in each."""

    def __init__(self, report: RunReport | Reconciliation) -> None:
        super().__init__()
        self.source = render_html(report).decode()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((tuple(self.open), data.strip()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self) -> str:
        return " ".join(text for path, text in self.texts if "style" not in path)


@pytest.fixture(params=EVERY_STATE)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(EVERY_STATE[request.param])


class TestSelfContained:
    def test_every_tag_is_closed(self, page: Page) -> None:
        assert ([], []) == (page.unbalanced, page.open)

    def test_nothing_is_loaded_and_nothing_runs(self, page: Page) -> None:
        loading = {"script", "link", "img", "iframe", "object", "embed", "base", "form"}

        assert not loading & {tag for tag, _ in page.tags}
        assert not re.search(r"@import|url\((?!#)|https?:|src=|\bon[a-z]+=", page.source)

    def test_the_same_report_gives_the_same_page(self) -> None:
        assert render_html(samples.good_day()) == render_html(samples.good_day())


class TestReadable:
    def test_it_has_its_landmarks_once(self, page: Page) -> None:
        counted = Counter(tag for tag, _ in page.tags)

        assert [1, 1, 1, 1] == [counted[tag] for tag in ("header", "main", "footer", "h1")]

    def test_every_section_is_named_by_its_heading(self, page: Page) -> None:
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        named = [section["aria-labelledby"] for section in page.all("section")]

        assert len(ids) == len(set(ids))
        assert set(named) <= set(ids)

    def test_every_heading_of_a_table_has_its_scope(self, page: Page) -> None:
        assert {"col", "row", "rowgroup"} >= {attributes.get("scope") for attributes in page.all("th")}

    def test_the_switch_is_two_named_choices_with_japanese_first(self, page: Page) -> None:
        first, second = page.all("input")

        assert ("radio", "show-ja") == (first["type"], first["id"])
        assert ("radio", "show-en") == (second["type"], second["id"])
        assert "checked" in first
        assert "checked" not in second
        assert "ja" == page.all("html")[0]["lang"]

    def test_both_languages_stand_side_by_side_everywhere(self, page: Page) -> None:
        spoken = [attributes["lang"] for tag, attributes in page.tags if attributes.get("class") == "t"]

        assert ["ja", "en"] * (len(spoken) // 2) == spoken

    def test_the_chart_can_be_heard(self) -> None:
        page = Page(samples.good_day())
        (drawing,) = page.all("svg")

        assert "img" == drawing["role"]
        assert "chart-title chart-desc" == drawing["aria-labelledby"]
        assert "直近30日の受理・拒否・保留の件数" in page.text()

    def test_the_table_beside_the_chart_has_its_30_days(self) -> None:
        text = Page(samples.good_day()).text()

        assert all(day.day.isoformat() in text for day in samples.history())


class TestSays:
    def test_the_head_states_the_connection(self) -> None:
        text = Page(samples.good_day()).text()

        for said in (
            "法務大臣",
            "法務省通知",
            "出入国管理及び難民認定法61条の8の2",
            "出入国管理及び難民認定法施行令6条",
            "① 区域内に住所を有する外国人住民 42,123人",
            "居住地を有する者 3人",
            "総合行政ネットワーク LGWAN",
            "平成31年3月28日(2019-03-28)",
            "scheduled__2019-03-28T14:00:00+00:00",
            "5" * 64,
            "業務日付に合わせた時計",
        ):
            assert said in text

    def test_what_was_sent_and_answered(self) -> None:
        text = Page(samples.troubled_day()).text()

        for said in (
            "00000002",
            "b" * 64,
            "c" * 64,
            "d" * 64,
            "e" * 64,
            "A1" * 20,
            "B2" * 20,
            "AES256",
            "R13",
            "R40",
        ):
            assert said in text

    def test_what_waits_has_its_next_step(self) -> None:
        text = Page(samples.troubled_day()).text()

        for said in (
            "字形を対応表で置き換え、登録簿を修正する",
            "look for the event in the registry",
            "name_kanji",
            "9日",
        ):
            assert said in text

    def test_held_notices_show_items_and_code_points_only(self) -> None:
        text = Page(samples.troubled_day()).text()

        assert "U+9AD9" in text
        assert "\u9ad9" not in text

    def test_the_equations_say_whether_they_close(self) -> None:
        assert 3 == Page(samples.good_day()).text().count("✓ 一致")
        assert 3 == Page(samples.refused_day()).text().count("✕ 不一致")

    def test_late_notices_have_their_reason(self) -> None:
        text = Page(samples.troubled_day()).text()

        assert "00000002 -5" in text.replace("-5", " -5")
        assert "保留されていた" in text
        assert "回線停止" in text

    def test_age_is_shown_in_days(self) -> None:
        assert "0.5日" in Page(samples.troubled_day()).text().replace(" ", "")

    def test_an_empty_file_is_explained(self) -> None:
        assert "0件のファイルを送り" in Page(EVERY_STATE["empty file"]).text()


class TestHostile:
    def report(self) -> RunReport:
        """Return a report with a hostile text in every field that takes free text."""
        base = samples.troubled_day()
        label = Label("moj", HOSTILE, HOSTILE)
        return replace(
            base,
            head=replace(
                base.head,
                counterparty=label,
                agency_notice=HOSTILE,
                municipality=replace(base.head.municipality, ja=HOSTILE, en=HOSTILE),
                references=(replace(base.head.references[0], ja=HOSTILE, law=HOSTILE, order=HOSTILE),),
            ),
            day=replace(base.day, blocked_by=label),
            intake=replace(samples.intake(), refused_rule=label),
            notices=replace(
                base.notices,
                derived=(replace(base.notices.derived[0], reason=label),),
                silent=(replace(base.notices.silent[0], reason=label),),
                never_told=(replace(base.notices.never_told[0], reason=label),),
                held=(replace(base.notices.held[0], rule=label),),
            ),
            sent=(replace(samples.sent(2), counterparty=label, counts=base.notices.derived[:1]),),
            answers=(
                replace(
                    base.answers[0],
                    code=label,
                    codes=(replace(base.answers[0].codes[0], code=label),),
                    refused=(replace(base.answers[0].refused[0], code=label),),
                ),
            ),
            ages=replace(base.ages, late=(replace(base.ages.late[0], reason=label),)),
            waits=(replace(base.waits[0], rule=label, next_step_ja=HOSTILE, next_step_en=HOSTILE),),
        )

    def test_it_is_shown_as_text(self) -> None:
        page = Page(self.report())

        assert ([], []) == (page.unbalanced, page.open)
        assert not {"script", "img"} & {tag for tag, _ in page.tags}
        assert "<script" not in page.source
        assert "{{7*7}}" in page.text()
        assert HOSTILE in " ".join(text for _, text in page.texts)


class TestChart:
    def test_a_column_is_as_high_as_its_number(self) -> None:
        tall, small = chart([HistoryDay(samples.DAY, 200, 0, 0), HistoryDay(samples.DAY, 100, 0, 0)]).bars

        assert tall.height == pytest.approx(2 * small.height, abs=0.02)

    def test_refused_stands_on_accepted_and_held_on_refused(self) -> None:
        accepted, refused, held = chart([HistoryDay(samples.DAY, 60, 30, 10)]).bars

        assert ["accepted", "refused", "held"] == [accepted.kind, refused.kind, held.kind]
        assert accepted.y == pytest.approx(refused.y + refused.height, abs=0.02)
        assert refused.y == pytest.approx(held.y + held.height, abs=0.02)

    def test_one_refused_record_is_seen_beside_hundreds(self) -> None:
        drawn = {bar.kind: bar.height for bar in chart([HistoryDay(samples.DAY, 900, 1, 0)]).bars}

        assert drawn["refused"] >= 2

    def test_a_day_without_notices_has_no_column(self) -> None:
        assert () == chart([HistoryDay(samples.DAY, 0, 0, 0)]).bars

    @pytest.mark.parametrize(
        ("top", "levels"),
        [
            (0, ["0", "1"]),
            (3, ["0", "1", "2", "3"]),
            (232, ["0", "100", "200", "300"]),
            (1900, ["0", "500", "1,000", "1,500", "2,000"]),
        ],
    )
    def test_levels_are_round_and_few(self, top: int, levels: list[str]) -> None:
        assert levels == [mark.text for mark in chart([HistoryDay(samples.DAY, top, 0, 0)]).levels]

    def test_nothing_leaves_the_picture(self) -> None:
        drawn = chart(samples.history())

        assert all(drawn.left <= bar.x and bar.x + bar.width <= drawn.right for bar in drawn.bars)
        assert all(0 <= bar.y and bar.y + bar.height <= drawn.height for bar in drawn.bars)

    def test_small_bars_on_a_full_column_stay_inside(self) -> None:
        drawn = chart([HistoryDay(samples.DAY, 39_998, 1, 1)])

        assert min(bar.y for bar in drawn.bars) >= 0
