"""The report in a real browser: the switch, the keyboard, contrast, narrow screens, A4 paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from renkei.reports.write import write_once
from tests.support import reports as samples

# Every visible text whose contrast with the colour behind it is below WCAG AA: 4.5, or 3 for large text.
TOO_PALE = """
() => {
  const rgb = (text) => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.checkVisibility() || node.closest("title, desc")) continue;
    const style = getComputedStyle(node);
    const ink = rgb(node.closest("svg") ? style.fill : style.color);
    const [high, low] = [light(ink), light(behind(node))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if ((high + 0.05) / (low + 0.05) < (large ? 3 : 4.5)) found.push(walk.currentNode.data.trim());
  }
  return found;
}
"""


@pytest.fixture(params=["good", "troubled"])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Open a written report in a context that runs no script of the page and has no network."""
    written = write_once(samples.every_state()[request.param], tmp_path)
    context = browser.new_context(java_script_enabled=False, offline=True, locale="ja-JP")
    opened = context.new_page()
    opened.goto(written.html.as_uri())
    yield opened
    context.close()


def test_it_opens_in_japanese(page: Page) -> None:
    assert page.get_by_role("heading", name="市町村通知 連携報告").is_visible()
    assert not page.get_by_text("Municipal notices: report of the exchange").is_visible()


def test_the_switch_turns_the_whole_page_to_english_and_back(page: Page) -> None:
    page.get_by_role("radio", name="English").check()
    assert page.get_by_role("heading", name="Municipal notices: report of the exchange").is_visible()
    assert page.locator('.t[lang="ja"]:visible').count() == 0

    page.get_by_role("radio", name="日本語").check()
    assert page.locator('.t[lang="en"]:visible').count() == 0


def test_the_switch_is_reached_and_turned_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "#main"

    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")

    assert page.get_by_role("radio", name="English").is_checked()
    assert page.get_by_role("heading", name="State of the day").is_visible()


def test_the_switch_is_named_for_a_screen_reader(page: Page) -> None:
    assert page.get_by_role("group", name="表示言語").get_by_role("radio").count() == 2


def test_the_chart_is_named_for_a_screen_reader(page: Page) -> None:
    assert page.get_by_role("img", name=re.compile("直近30日の受理・拒否・保留の件数")).is_visible()


def test_every_text_has_the_contrast_of_wcag_aa(page: Page) -> None:
    assert page.evaluate(TOO_PALE) == []


@pytest.mark.parametrize("width", [1280, 800, 390])
def test_nothing_is_cut_off_at_the_side(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a4_paper_takes_it_without_the_switch_and_with_room_for_seals(page: Page) -> None:
    page.emulate_media(media="print")

    assert not page.get_by_role("radio", name="English").is_visible()
    assert page.get_by_text("課長", exact=True).is_visible()
    assert 1 < len(re.findall(rb"/Type /Page\b", page.pdf(prefer_css_page_size=True))) <= 6
