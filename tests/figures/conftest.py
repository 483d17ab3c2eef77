"""A folder of pages, on a local server and on disk."""

import shutil

import pytest
from frames import COMPANION
from servers import served


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where pages are put; the book's own script and style are there."""
    folder = tmp_path_factory.mktemp("pages")
    for name in ("companion.js", "companion.css"):
        shutil.copy(COMPANION / name, folder)
    return folder


@pytest.fixture(scope="session")
def address(folder):
    """The folder on a local server, as an address without the last slash."""
    with served(folder) as address:
        yield address


@pytest.fixture
def bare(browser):
    """Opens a figure in a bare page: (page, frame). No error may have come when the test ends."""
    pages, errors = [], []

    def go(figure, width=1000):
        page = browser.new_page(viewport={"width": width, "height": 900})
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.set_content(f"<!doctype html><body style='margin:0'>{figure.html}</body>")
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Link").wait_for()
        return page, frame

    yield go
    for page in pages:
        page.close()
    assert errors == []
