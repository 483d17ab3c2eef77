"""For all tests: one thread, because the networks are tiny; no window, no progress bar; a browser, if there is one."""

import os
import shutil
from pathlib import Path

import matplotlib
import pytest
import torch

HINT = "no Chromium: apt-get install chromium, or .venv/bin/playwright install chromium"
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]   # nothing outside can be reached

matplotlib.use("Agg")  # not by $MPLBACKEND, which the kernels of the notebook tests would inherit
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setenv("GANLIB_QUIET", "1")


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
        path = shutil.which("chromium") or shutil.which("chromium-browser") or (str(own) if own.exists() else None)
        if path is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(HINT)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
