"""The page of a night in a browser: by keyboard, on a phone, in the dark, to a screen reader, on paper, live."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
import sample_nights as nights
import sample_reports as sample
from browsing import MISSING, browser, complaints, faults, see
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from test_night_page import BIDI, EVIL, spoiled

from redactfuzz.model.night import FindingMeasured, Life, NightEnded, NightEvent, Why
from redactfuzz.report.night.digest import digest
from redactfuzz.report.night.live import Server
from redactfuzz.report.night.page import html
from redactfuzz.report.night.told import Told

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
Show = Callable[..., WebDriver]
MEASURED = FindingMeasured("bbbb33334444", "a", sample.MEASURED)


def page(events: tuple[NightEvent, ...], *, live: bool = False) -> str:
    measured = (MEASURED,) if events else ()  # of a night of which nothing is known that is not either
    return html(digest(Told.of(2, (*events, *measured)), [Told.of(1, nights.FIRST)]), live=live)


@pytest.fixture(scope="module")
def driver() -> Iterator[WebDriver]:
    with browser() as driver:
        yield driver


@pytest.fixture
def show(driver: WebDriver, tmp_path: Path) -> Show:
    def shown(
        events: tuple[NightEvent, ...], fragment: str = "", *, dark: bool = False, width: int = 1280
    ) -> WebDriver:
        path = tmp_path / "page.html"
        path.write_text(page(events), "utf-8")
        driver.get("about:blank")
        complaints(driver)
        see(driver, dark=dark, width=width)
        driver.get(f"{path.as_uri()}{fragment}")
        return driver

    return shown


def open_all(driver: WebDriver) -> None:
    driver.execute_script("for (const each of document.querySelectorAll('details')) each.open = true;")


def current(driver: WebDriver) -> list[WebElement]:
    return driver.find_elements(By.CSS_SELECTOR, "tr[aria-current=step]")


@pytest.mark.parametrize(
    "events",
    [nights.SECOND, nights.ALARMED, nights.EMPTY, nights.many(), spoiled(EVIL), spoiled(BIDI)],
    ids=["second", "alarmed", "empty", "200", "html", "bidi"],
)
def test_the_console_stays_empty_whatever_is_on_it(show: Show, events: tuple[NightEvent, ...]) -> None:
    driver = show(events)
    open_all(driver)
    assert complaints(driver) == []
    assert driver.find_element(By.TAG_NAME, "h1").text == digest(Told.of(2, events)).headline


def test_the_console_is_looked_at(driver: WebDriver) -> None:
    driver.get("data:text/html,<script>throw Error('seen')</script>")
    assert "seen" in "".join(complaints(driver))


def test_the_keyboard_opens_a_finding_and_steps_through_it(show: Show) -> None:
    driver = show(nights.SECOND)
    article = driver.find_element(By.ID, "f-bbbb33334444")
    article.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    steps = article.find_element(By.CSS_SELECTOR, ".stepper .scroll")
    assert driver.switch_to.active_element == article.find_element(By.TAG_NAME, "summary")
    rows = article.find_elements(By.CSS_SELECTOR, "tr.at")
    driver.execute_script("arguments[0].focus()", steps)

    def press(key: str) -> tuple[int, str]:
        driver.switch_to.active_element.send_keys(key)
        (at,) = current(driver)
        return rows.index(at), article.find_element(By.CLASS_NAME, "now").text

    assert press(Keys.ARROW_DOWN)[0] == 0
    at, said = press(Keys.ARROW_DOWN)
    assert at == 1
    assert said.startswith(f"2 of {len(rows)}: scrubber: ring.py:13 self.known")
    assert press("k")[0] == 0
    assert press(Keys.ARROW_UP)[0] == 0
    at, said = press("c")
    assert "crash" in (rows[at].get_attribute("class") or "")
    assert "CRASH strikes here" in said
    assert "Meanwhile: scrubber after ring.py:17" in said
    at, said = press("w")
    assert "in the race window" in said
    assert press(Keys.END)[0] == press("j")[0] == len(rows) - 1
    assert press(Keys.HOME)[0] == 0
    assert driver.find_element(By.CSS_SELECTOR, ".now").get_attribute("aria-live") == "polite"


def test_each_button_is_reached_by_tab_and_shows_where_the_focus_is(show: Show) -> None:
    driver = show(nights.SECOND)
    article = driver.find_element(By.ID, "f-bbbb33334444")
    article.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    seen = []
    for _ in range(7):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        here = driver.switch_to.active_element
        outline = driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", here)
        seen.append((here.text.partition("\n")[0] if here.tag_name == "button" else here.tag_name, outline))
    assert [name for name, _ in seen][:6] == ["First", "Back", "Next", "Window", "Crash", "div"]
    assert {outline for _, outline in seen} == {"solid"}


def test_the_first_tab_leads_past_what_is_the_same_each_night(show: Show) -> None:
    driver = show(nights.SECOND)
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert driver.switch_to.active_element.text == "Skip to the findings"
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert driver.switch_to.active_element.get_attribute("id") == "findings"


def test_a_link_opens_what_it_leads_to(show: Show) -> None:
    driver = show(nights.SECOND, "#f-cccc55556666")
    assert driver.find_element(By.CSS_SELECTOR, "#f-cccc55556666 details").get_attribute("open") == "true"
    assert driver.find_element(By.CSS_SELECTOR, "#f-bbbb33334444 details").get_attribute("open") is None
    driver.find_element(By.CSS_SELECTOR, ".scenarios a").click()
    assert driver.find_element(By.CSS_SELECTOR, "#t1 details").get_attribute("open") == "true"


def test_findings_are_filtered_by_words(show: Show) -> None:
    driver = show(nights.many())
    driver.find_element(By.ID, "filter").send_keys("regressed module_00")
    shown = [each for each in driver.find_elements(By.CLASS_NAME, "finding") if each.is_displayed()]
    assert len(shown) == 2
    assert driver.find_element(By.ID, "filtered").text == "2 of 200"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("events", [nights.ALARMED, nights.many(3), nights.EMPTY], ids=["alarmed", "3", "empty"])
def test_axe_finds_no_fault(show: Show, events: tuple[NightEvent, ...], width: int, dark: bool) -> None:
    driver = show(events, dark=dark, width=width)
    open_all(driver)
    found = faults(driver)
    assert [(each["impact"], each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_axe_is_asked(driver: WebDriver) -> None:
    driver.get("data:text/html,<title>x</title><img src='data:,'><p style='color:%23eee'>pale</p>")
    assert {"image-alt", "color-contrast"} <= {each["id"] for each in faults(driver)}


@pytest.mark.parametrize(
    "events", [nights.ALARMED, spoiled("n" * 100_000), nights.many(3)], ids=["alarmed", "huge", "3"]
)
def test_on_a_phone_only_tables_scroll_sideways(show: Show, events: tuple[NightEvent, ...]) -> None:
    driver = show(events, width=360)
    open_all(driver)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [1280, 360])
def test_the_likelihood_is_a_curve_with_its_labels_apart_and_a_table_as_wide_as_it_needs(
    show: Show, width: int
) -> None:
    driver = show(nights.SECOND, "#f-bbbb33334444", width=width)
    open_all(driver)
    article = driver.find_element(By.ID, "f-bbbb33334444")
    chart = article.find_element(By.CSS_SELECTOR, "figure.chart svg")
    assert (chart.get_attribute("aria-label") or "").startswith("Likelihood: How often it comes about")
    labels = chart.find_elements(By.TAG_NAME, "text")
    assert {"0 %", "50 %", "100 %", "no return"} <= {each.text for each in labels}
    assert overlapping(labels) == []
    assert all(inside(each, chart) for each in labels)
    table = article.find_element(By.CSS_SELECTOR, ".odds table")
    step, odds = table.find_elements(By.CSS_SELECTOR, "tbody tr:first-child > *")
    assert (step.text, odds.text.partition(",")[0]) == ("0", "0 of 20")
    assert step.rect["width"] < 150
    note = article.find_element(By.CSS_SELECTOR, ".odds .note")
    assert "Wilson" in note.text
    assert inside(note, article)


def overlapping(labels: list[WebElement]) -> list[tuple[str, str]]:
    def apart(one: dict[str, int], other: dict[str, int]) -> bool:
        return any(
            one[at] + one[size] <= other[at] or other[at] + other[size] <= one[at]
            for at, size in (("x", "width"), ("y", "height"))
        )

    pairs = itertools.combinations(labels, 2)
    return [(one.text, other.text) for one, other in pairs if not apart(one.rect, other.rect)]


def inside(one: WebElement, other: WebElement) -> bool:
    here, there = one.rect, other.rect
    return bool(there["x"] <= here["x"] and here["x"] + here["width"] <= there["x"] + there["width"] + 1)


def test_light_and_dark_differ(show: Show) -> None:
    paper = "return getComputedStyle(document.body).backgroundColor"
    assert show(nights.SECOND).execute_script(paper) != show(nights.SECOND, dark=True).execute_script(paper)


def test_on_paper_everything_is_open_and_afterwards_as_before(show: Show) -> None:
    driver = show(nights.SECOND, "#f-bbbb33334444")
    opened = "return [...document.querySelectorAll('details')].filter((each) => each.open).length"
    everything = len(driver.find_elements(By.TAG_NAME, "details"))
    driver.execute_script("addEventListener('afterprint', () => 0); dispatchEvent(new Event('beforeprint'))")
    assert driver.execute_script(opened) == everything > 3
    driver.execute_script("dispatchEvent(new Event('afterprint'))")
    assert driver.execute_script(opened) == 1


def test_without_script_all_of_it_can_be_read(show: Show, driver: WebDriver) -> None:
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(nights.SECOND)
        article = driver.find_element(By.ID, "f-bbbb33334444")
        article.find_element(By.TAG_NAME, "summary").click()
        assert "CRASH strikes here" in article.text
        assert "Next" not in article.text
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def test_a_live_page_is_renewed_where_nobody_is_and_what_is_open_stays_open(driver: WebDriver) -> None:
    nightly = [nights.KILLED]
    with (server := Server(0, lambda: (len(nightly),), lambda: page(nightly[-1], live=True))).running():
        server.period = 0.05
        see(driver)
        driver.get(f"http://127.0.0.1:{server.port}/#f-bbbb33334444")
        heading = "return document.querySelector('h1').textContent"
        assert "3 findings" in driver.execute_script(heading)
        driver.find_element(By.CSS_SELECTOR, "#f-bbbb33334444 .scroll").send_keys(Keys.ARROW_DOWN)
        more = nights.met(6, Life.NEW, attrs.evolve(nights.CROWDED, scenario=nights.LOST), "eeee99990000")
        nightly.append((*nights.KILLED, more))
        assert until(lambda: "4 findings" in driver.execute_script(heading))
        assert len(current(driver)) == 1  # somebody is there
        assert driver.find_elements(By.ID, "f-eeee99990000") == []
        driver.execute_script("document.activeElement.blur()")
        nightly.append((*nightly[-1], NightEnded(nights.BEGAN, Why.TIME, 9.0)))
        assert until(lambda: bool(driver.find_elements(By.ID, "f-eeee99990000")))
        assert driver.find_element(By.CSS_SELECTOR, "#f-bbbb33334444 details").get_attribute("open") == "true"
        assert complaints(driver) == []
