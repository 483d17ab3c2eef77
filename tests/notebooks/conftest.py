"""The notebooks of the book, and a small one on which the rules are tried out."""

import copy
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sample import SAMPLE

import notebooks as tool


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory) -> Path:
    """The sample, executed and stored by the tool itself."""
    path = tmp_path_factory.mktemp("sample") / "notebooks" / "02_sample.ipynb"
    path.parent.mkdir()
    tool.write(tool.from_py(SAMPLE), path)
    assert tool.refresh(path)
    return path


@pytest.fixture
def sample(refreshed):
    """The executed sample, to be spoilt at will."""
    return copy.deepcopy(tool.read(refreshed))


@pytest.fixture(scope="session", autouse=True)
def ganlib_from_here():
    """Kernels in temporary folders find this ganlib, whether or not it is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(tool.ROOT), os.environ.get("PYTHONPATH")])))
        yield
