"""The practice notebooks: they are what the bank says, hold no solution, and solved they open every gate."""

import re

import practice_notebooks as writer
import pytest
from exercises import CHAPTERS, Code, Diagnosis, Formula

import notebooks as tool

THEORY = [c for c in CHAPTERS if c.number.isdigit()]
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.number)


@each_chapter
def test_the_notebook_is_what_the_bank_says(chapter):
    assert not writer.outdated(chapter), "run tools/practice_notebooks.py, then refresh notebooks/practice"


def test_there_is_no_other_notebook():
    assert {p.name for p in writer.FOLDER.glob("*.ipynb")} == {writer.file_of(c).name for c in CHAPTERS}


@each_chapter
def test_it_is_stored_untouched(chapter):
    outputs = {c.id: c.outputs for c in tool.read(writer.file_of(chapter)).cells if c.cell_type == "code"}
    for exercise in chapter:
        (output,) = outputs[writer.cell_id(exercise)]
        assert output.data["text/markdown"].startswith("✏️ Not attempted yet.")
    assert "gate is still closed" in outputs["gate"][0].data["text/markdown"]


@each_chapter
def test_it_holds_no_solution(chapter):
    nb = tool.read(writer.file_of(chapter))
    text = "\n".join(c.source + "".join(str(o) for o in c.get("outputs", [])) for c in nb.cells)
    squeezed = re.sub(r"\s", "", text)
    for exercise in chapter:
        assert exercise.solved.splitlines()[-1] not in text or isinstance(exercise, Code)
        if isinstance(exercise, Code):
            body = re.sub(r"\s", "", exercise.source.split(":\n", 1)[1])
            assert body not in squeezed
        if isinstance(exercise, Formula):
            assert f'"{exercise.reference}"' not in text


@pytest.mark.slow
@pytest.mark.parametrize("chapter", THEORY, ids=lambda c: c.number)
def test_solved_it_opens_the_gate(chapter, tmp_path):
    """Every stub replaced by the reference, run in a real kernel."""
    nb = writer.notebook(chapter, solved=True)
    for exercise in chapter:
        if isinstance(exercise, Diagnosis):  # what trains for long is really passed in tests/clinic
            cell = next(c for c in nb.cells if c.id == writer.cell_id(exercise))
            cell.source = ("from ganlib.practice.progress import PROGRESS\n"
                           f"PROGRESS.attempt('{exercise.key}', passed=True)")
    tool.execute(nb, tmp_path)
    shown = {c.id: [o.data["text/markdown"] for o in c.outputs if "text/markdown" in o.get("data", {})]
             for c in nb.cells if c.cell_type == "code"}
    trained = [e for e in chapter if isinstance(e, Diagnosis)]
    for exercise in (e for e in chapter if e not in trained):
        assert shown[writer.cell_id(exercise)][0].startswith("✅ **Correct.**"), exercise.id
    assert "The gate is open" in shown["gate"][0]


def test_a_notebook_that_lags_behind_is_noticed(monkeypatch):
    monkeypatch.setattr(CHAPTERS[0].exercises[0], "prompt", "Something else?")
    assert writer.outdated(CHAPTERS[0])
