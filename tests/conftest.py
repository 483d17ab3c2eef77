"""For all tests: one thread, because the networks are tiny; no window, no progress bar; a browser, if there is one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import pytest
import torch
from playwright.sync_api import Browser, sync_playwright

HINT = "no Chromium: apt-get install chromium, or .venv/bin/playwright install chromium"
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]   # nothing outside can be reached

matplotlib.use("Agg")  # not by $MPLBACKEND, which the kernels of the notebook tests would inherit
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setenv("GANLIB_QUIET", "1")


@contextmanager
def chromium() -> Iterator[Browser | None]:
    """Debian's Chromium or Playwright's own, or None where there is neither."""
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
        path = shutil.which("chromium") or shutil.which("chromium-browser") or (str(own) if own.exists() else None)
        browser = path and playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser or None
        if browser:
            browser.close()


@pytest.fixture(scope="session")
def browser():
    with chromium() as browser:
        if browser is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(HINT)
        yield browser
