"""A notebook runs alone in an empty folder, offline, in a Python that has no ganlib: the setup cell brings it.

One small notebook goes all the way here, the imports of all are tried in the same Python; whole chapters run
alone in `python tools/notebooks.py alone notebooks`, before a release.
"""

import ast
import os
import subprocess
from pathlib import Path

import pytest
from rules import code, python

from notebooks import ROOT, fresh_python, package_copy, read, run_alone, stranger

pytestmark = pytest.mark.slow  # they build a Python of their own
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("[0-9]*.ipynb"))


@pytest.fixture(scope="module")
def elsewhere(refreshed, tmp_path_factory):
    """A folder with a Python in which the sample has run alone."""
    work = tmp_path_factory.mktemp("elsewhere")
    package_copy(work)
    interpreter = fresh_python(work / "venv")
    assert ganlib_of(interpreter, work) == "None", "ganlib must not be there before"
    assert run_alone(refreshed, interpreter, work)
    return work


def ganlib_of(interpreter, folder):
    look = "import importlib.util as u; s = u.find_spec('ganlib'); print(s and s.origin)"
    return subprocess.run([interpreter, "-c", look], cwd=folder, env=os.environ | stranger(folder), text=True,
                          capture_output=True, check=True).stdout.strip()


def files(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*")
            if p.is_file() and "__pycache__" not in p.parts and p.name != "py.typed"}


def test_the_setup_cell_installs_the_whole_package(elsewhere, tmp_path):
    origin = Path(ganlib_of(str(elsewhere / "venv" / "bin" / "python"), tmp_path))
    assert elsewhere / "venv" in origin.parents
    assert files(ROOT / "ganlib") - files(origin.parent) == set(), "missing in pyproject.toml"


def test_every_notebooks_imports_work_there(elsewhere, tmp_path):
    cells = [cell for path in NOTEBOOKS for cell in code(read(path)) if cell.id != "setup"]
    lines = dict.fromkeys(ast.unparse(node) for cell in cells for node in ast.walk(ast.parse(python(cell)))
                          if isinstance(node, ast.Import | ast.ImportFrom))
    run = subprocess.run([elsewhere / "venv" / "bin" / "python", "-c", "\n".join(lines)], cwd=tmp_path, text=True,
                         env=os.environ | stranger(tmp_path), capture_output=True)
    assert run.returncode == 0, run.stderr[-2000:]


def test_running_alone_leaves_nothing_in_the_repository(elsewhere):
    assert not (ROOT / "build").exists()


def test_a_notebook_that_needs_a_neighbour_fails(elsewhere, sample, capsys):
    from notebooks import write

    sample.cells = sample.cells[:1] + [c for c in sample.cells if c.id == "expression"]
    sample.cells[-1].source = "open('../02_sample.ipynb').read()"
    path = elsewhere / "03_neighbour.ipynb"
    write(sample, path)
    assert not run_alone(path, str(elsewhere / "venv" / "bin" / "python"), elsewhere)
    assert "FAILED alone, cell expression" in capsys.readouterr().out
