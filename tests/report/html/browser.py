"""A headless Chromium that notes what it was asked to load and what its console said."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
DRIVER = shutil.which("chromedriver")

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="no Chromium with its driver here: `apt-get install chromium chromium-driver`",
)

_ARGUMENTS = ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")


class Browser:
    """One page at a time, as wide and in such colours as is asked for."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def open(self, path: Path, width: int = 1280, scheme: str = "light", media: str = "") -> None:
        """Opens a file, after forgetting what was logged before."""
        self._driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        for kind in ("browser", "performance"):
            self._driver.get_log(kind)
        # Fragments alone would not load the page again.
        self._driver.get("about:blank")
        self._driver.get(path.as_uri())

    def run(self, script: str, *arguments: object) -> Any:
        return self._driver.execute_script(script, *arguments)

    def run_async(self, script: str) -> Any:
        return self._driver.execute_async_script(script)

    def press_tab(self) -> None:
        key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
        for kind in ("keyDown", "keyUp"):
            self._driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": kind, **key})

    def complaints(self) -> list[str]:
        """What the console said."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The address of everything that was asked for."""
        events = [json.loads(e["message"])["message"] for e in self._driver.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]


@contextmanager
def chromium() -> Iterator[Browser]:
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    # Chromium's sandbox refuses the superuser, who runs tests in containers.
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


def accessible(browser: Browser) -> list[Any]:
    """What axe-core finds wrong with the open page, contrast included: rule, help, and elements."""
    browser.run(files("axe_core_python").joinpath("axe.min.js").read_text("utf-8"))
    found: list[Any] = browser.run_async(
        """const done = arguments[arguments.length - 1];
        axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations
            .map(one => [one.id, one.help, one.nodes.slice(0, 3).map(n => n.html)])))"""
    )
    return found
