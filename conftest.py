"""For all tests, and for `pytest --nbval notebooks` (one test a code cell, numbered from 0)."""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tools"))
os.environ.setdefault("OMP_NUM_THREADS", "1")     # before torch is imported; why: see tools/notebooks.py


def pytest_configure(config):
    scratch = tempfile.TemporaryDirectory(prefix="ganlib-")
    config.add_cleanup(scratch.cleanup)
    os.environ["GANLIB_PROGRESS"] = str(Path(scratch.name, "progress.json"))   # never the maintainer's own
    if getattr(config.option, "nbval", False) or getattr(config.option, "nbval_lax", False):
        from notebooks import ENVIRONMENT  # kernels run as they did when the outputs were stored
        os.environ.update(ENVIRONMENT)


def pytest_collection_modifyitems(items):
    for item in items:
        if hasattr(item, "output_timeout"):    # nbval waits only 5 s for a cell's output, too little for a busy machine
            item.output_timeout = 60


def pytest_sessionfinish(session, exitstatus):
    """In CI a skipped test is a failure: a missing tool must not pass for a green run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") == "true" and skipped and exitstatus == 0:
        print(f"\nCI=true, and {len(skipped)} skipped test(s): what they need is missing on this machine.")
        session.exitstatus = 1
