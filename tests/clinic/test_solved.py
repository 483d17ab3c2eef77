"""The solved copies of the practice notebooks that train something: every change asked for cures, every gate opens."""

import practice_notebooks as writer
import pytest

import notebooks as tool
from ganlib import practice
from ganlib.practice.clinic import Patient

TRAINED = [c for c in map(practice.chapter, practice.numbers()) if any(isinstance(e, Patient) for e in c)]


@pytest.mark.parametrize("chapter", TRAINED, ids=lambda c: c.number)
def test_solved_it_opens_the_gate(chapter, tmp_path, monkeypatch):
    monkeypatch.setenv("GANLIB_READER", "0")  # as the kernels have it
    monkeypatch.setenv("GANLIB_PROGRESS", str(tmp_path / "progress.json"))
    nb = writer.notebook(chapter, solved=True)
    tool.execute(nb, tmp_path)
    shown = {c.id: [o.data["text/markdown"] for o in c.outputs if "text/markdown" in o.get("data", {})]
             for c in nb.cells if c.cell_type == "code"}
    for exercise in chapter:
        assert shown[writer.cell_id(exercise)][0].startswith("✅ **Correct.**"), exercise.id
    assert "The gate is open" in shown["gate"][0]
