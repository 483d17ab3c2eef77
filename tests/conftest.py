"""For all tests: one thread, because the networks are tiny; no window, no progress bar."""

import matplotlib
import pytest
import torch

matplotlib.use("Agg")  # not by $MPLBACKEND, which the kernels of the notebook tests would inherit
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setenv("GANLIB_QUIET", "1")
