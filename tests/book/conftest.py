"""The built site on a local server. ``make book`` builds it."""

from pathlib import Path

import pytest
from built import SITE
from servers import Kept, served


@pytest.fixture(scope="session")
def site() -> Path:
    if not (SITE / "index.html").is_file():
        pytest.fail("there is no built book in _build/html: run make book first", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def address(site):
    with served(site, Kept) as address:
        yield address
