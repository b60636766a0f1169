"""How fast the page of a night with 200 findings is in a browser, as ``docs/results/night_page.md``.

``night_page.py --images DIR`` takes the pictures of ``docs/images`` of a night directory instead.
"""

from __future__ import annotations

import base64
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT / each) for each in ("ci/bench", "tests/e2e/pages", "tests/unit/report/night")]

import sample_nights as nights  # noqa: E402
from browsing import browser, complaints, faults, see  # noqa: E402
from selenium.webdriver.chrome.webdriver import WebDriver  # noqa: E402
from shared import record  # noqa: E402

from redactfuzz.model.night import NightEvent  # noqa: E402
from redactfuzz.night import journal  # noqa: E402
from redactfuzz.report.night.digest import Digest, digest  # noqa: E402
from redactfuzz.report.night.markdown import markdown  # noqa: E402
from redactfuzz.report.night.page import html  # noqa: E402
from redactfuzz.report.night.told import Told  # noqa: E402

ROUNDS = 7
AIM = "<= 2 s"
_LOADED = "return performance.getEntriesByType('navigation')[0].loadEventEnd"
_PAINTED = """const done = arguments[0];
new PerformanceObserver((list) => done(list.getEntries()[0].startTime)).observe({type: 'paint', buffered: true});"""
_OPEN = """const done = arguments[0], began = performance.now();
for (const each of document.querySelectorAll('details')) each.open = true;
requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));"""
_FEW = "for (const each of [...document.querySelectorAll('details')].slice(0, 3)) each.open = true;"
"""All of them would take axe-core minutes: they are alike."""
_MEASURED = """const chart = document.querySelector('.finding figure.chart');
chart.closest('details').open = true;
chart.closest('.inside').querySelector('details.odds').open = true;"""
_AROUND = """const inside = document.querySelector('.finding figure.chart').closest('.inside');
const chart = inside.querySelector('figure.chart').previousElementSibling.getBoundingClientRect();
const odds = inside.querySelector('details.odds').getBoundingClientRect(), all = inside.getBoundingClientRect();
return {x: all.x, y: chart.y + scrollY - 16, width: all.width, height: odds.bottom - chart.y + 32};"""
"""Where the likelihood of the first finding stands that has one."""
_WHOLE = {"captureBeyondViewport": True}
_FILTER = """const done = arguments[0], began = performance.now(), field = document.getElementById('filter');
field.value = 'regressed 01';
field.dispatchEvent(new Event('input', {bubbles: true}));
requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));"""


def made(events: tuple[NightEvent, ...]) -> Digest:
    """What its pages say."""
    return digest(Told.of(2, events), [Told.of(1, nights.FIRST)])


def seconds(what: Callable[[], object]) -> float:
    """Median time of some calls."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return median(taken)


def measure(driver: WebDriver, page: Path) -> dict[str, float]:
    """Medians, in seconds, of a page that is opened anew each time."""
    taken: dict[str, list[float]] = {"first paint": [], "loaded": [], "filtered": [], "everything opened": []}
    for _ in range(ROUNDS):
        driver.get("about:blank")
        driver.get(page.as_uri())
        taken["loaded"].append(driver.execute_script(_LOADED) / 1000)
        taken["first paint"].append(driver.execute_async_script(_PAINTED) / 1000)
        taken["filtered"].append(driver.execute_async_script(_FILTER) / 1000)
        taken["everything opened"].append(driver.execute_async_script(_OPEN) / 1000)
    return {name: median(each) for name, each in taken.items()}


def main() -> None:
    """Without an argument: the figures."""
    events = nights.many()
    one = made(events)
    text, job = html(one), markdown(one)
    writing = seconds(lambda: html(made(events)))
    with tempfile.TemporaryDirectory() as folder, browser() as driver:
        page = Path(folder, "page.html")
        page.write_text(text, "utf-8")
        see(driver)
        taken = measure(driver, page)
        said = complaints(driver)
        driver.refresh()
        driver.execute_script(_FEW)
        found = faults(driver)
        agent = driver.capabilities["browserVersion"]
    rows = [
        ("in the browser: first paint", f"{taken['first paint']:.2f} s", "-"),
        ("in the browser: loaded", f"{taken['loaded']:.2f} s", AIM),
        ("in the browser: findings filtered", f"{taken['filtered']:.2f} s", "-"),
        ("in the browser: all 200 findings opened at once", f"{taken['everything opened']:.2f} s", "-"),
        ("messages on the console", len(said), "0"),
        ("faults that axe-core finds, three findings open", len(found), "0"),
        ("page, bytes", len(text.encode()), "-"),
        ("Markdown, bytes", len(job.encode()), "< 100,000"),
        ("events to page", f"{writing:.2f} s", "-"),
    ]
    intro = (
        "A night with 200 findings, half of them with 14 steps and half with 113, and 200 scenarios "
        f"(`tests/unit/report/night/sample_nights.py`), as one file in Chromium {agent}; medians of {ROUNDS}.\n\n"
    )
    outro = "\n\nHow it looks: [light](../images/night-light.png), [dark](../images/night-dark.png), "
    outro += "[on a phone](../images/night-phone.png)."
    data = {"seconds": taken, "console": said, "faults": [each["id"] for each in found], "bytes": len(text.encode())}
    record.save(
        "night_page", "The page of a night", f"{intro}{record.table(('', 'measured', 'aim'), rows)}{outro}", data
    )


def images(folder: Path) -> None:
    """The last night of a directory, in the light, in the dark, and on a phone."""
    *before, last = [Told.of(each.number, each.events) for each in journal.nights(folder)]
    sizes = {"light": (False, 1280, 1800), "dark": (True, 1280, 1800), "phone": (False, 390, 1500)}
    with tempfile.TemporaryDirectory() as scratch, browser() as driver:
        page = Path(scratch, "page.html")
        page.write_text(html(digest(last, before)), "utf-8")
        for name, (dark, width, height) in sizes.items():
            see(driver, dark=dark, width=width)
            driver.get("about:blank")
            driver.get(page.as_uri())
            driver.execute_script("document.querySelector('.finding details').open = true")
            stepper = driver.find_element("css selector", ".finding .scroll")
            stepper.send_keys("c")
            driver.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
            top = (
                0 if name != "phone" else driver.execute_script("return document.querySelector('#findings').offsetTop")
            )
            clip = {"x": 0, "y": top, "width": width, "height": height, "scale": 1}
            taken = driver.execute_cdp_cmd("Page.captureScreenshot", {**_WHOLE, "clip": clip})
            _save(name, taken)
        see(driver, width=1280)
        driver.get(page.as_uri())
        driver.execute_script(_MEASURED)
        clip = {**driver.execute_script(_AROUND), "scale": 1}
        _save("likelihood", driver.execute_cdp_cmd("Page.captureScreenshot", {**_WHOLE, "clip": clip}))


def _save(name: str, taken: dict[str, str]) -> None:
    (ROOT / "docs" / "images" / f"night-{name}.png").write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--images"]:
        images(Path(sys.argv[2]))
    else:
        main()
