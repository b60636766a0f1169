"""A browser without a window, for tests of pages."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver

MISSING = "" if shutil.which("chromedriver") else "there is no chromedriver: apt-get install chromium chromium-driver"

_PATIENCE = 300
"""Seconds: axe-core takes long for a large page on a machine that has other things to do."""


@contextlib.contextmanager
def browser() -> Iterator[WebDriver]:
    """One that has never been used. Nothing of it stays."""
    options = Options()
    for each in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(each)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(prefix="redactfuzz-browser-", ignore_cleanup_errors=True) as profile:
        options.add_argument(f"--user-data-dir={profile}")
        driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        try:
            driver.set_page_load_timeout(60)
            driver.set_script_timeout(_PATIENCE)
            executor = driver.command_executor
            assert not isinstance(executor, str)
            executor.client_config.timeout = _PATIENCE
            yield driver
        finally:
            driver.quit()


def see(driver: WebDriver, *, dark: bool = False, width: int = 1280, height: int = 900, scale: float = 1.0) -> None:
    """As somebody sees it who prefers this, on a screen of this size."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def complaints(driver: WebDriver) -> list[str]:
    """What the console holds by now: errors, and what a policy has refused."""
    return [each["message"] for each in driver.get_log("browser") if each["level"] in ("SEVERE", "WARNING")]


def faults(driver: WebDriver) -> list[dict[str, Any]]:
    """What axe-core finds on the page as it is now: each with its ``impact``, and where."""
    files = metadata.distribution("axe-playwright-python").files or []
    (source,) = [Path(str(each.locate())) for each in files if each.name == "axe.min.js"]
    driver.execute_script(source.read_text("utf-8"))
    found = driver.execute_async_script(
        "const done = arguments[0]; axe.run(document).then(done, (error) => done({error: `${error}`}));"
    )
    assert "error" not in found, found["error"]
    assert found["passes"]
    return [json.loads(json.dumps(each)) for each in found["violations"]]
