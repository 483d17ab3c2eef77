"""Every test has a progress file and a reader of its own."""

import pytest

from ganlib.practice import progress


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    path = tmp_path / "mine" / "progress.json"
    monkeypatch.setenv("GANLIB_PROGRESS", str(path))
    monkeypatch.setenv("GANLIB_READER", "0")
    monkeypatch.setattr(progress.PROGRESS, "entries", {})
    monkeypatch.setattr(progress.PROGRESS, "reader_", None)
    monkeypatch.setattr(progress.PROGRESS, "kept_in", None)
    monkeypatch.setattr(progress.PROGRESS, "unwritable", "")
    monkeypatch.setattr(progress.PROGRESS, "set_aside", "")
    return path
