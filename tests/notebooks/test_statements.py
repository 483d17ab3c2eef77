"""Every statement runs: in all notebooks, and the check itself on spoilt ones."""

import re

import pytest
from statements import statements, uncovered

from notebooks import ROOT, read

NOTEBOOKS = sorted((ROOT / "notebooks").rglob("[0-9]*.ipynb"))


@pytest.fixture(scope="module")
def known():
    return frozenset(name for path in NOTEBOOKS for _, name in statements(read(path)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_statement_has_its_claim(path, known):
    wrong = uncovered(read(path), path, known)
    assert not wrong, "\n".join([f"{path.relative_to(ROOT)}:", *wrong])


def test_the_sample_is_covered(sample, refreshed):
    assert [name for _, name in statements(sample)] == ["Theorem 2.1"]
    assert uncovered(sample, refreshed) == []


def text(cell_id, old, new):
    def spoil(nb):
        cell = next(cell for cell in nb.cells if cell.id == cell_id)
        assert old in cell.source, "the example does not fit the sample any more"
        cell.source = cell.source.replace(old, new)
    return spoil


def without_claims(nb):
    cell = next(cell for cell in nb.cells if cell.id == "check-the-optimum")
    cell.source = "\n".join(line for line in cell.source.splitlines() if not line.startswith("claim("))


def claim_before_statement(nb):
    nb.cells.insert(0, nb.cells.pop(next(i for i, c in enumerate(nb.cells) if c.id == "check-the-optimum")))


def only_in_ignored_cell(nb):
    next(cell for cell in nb.cells if cell.id == "check-the-optimum").metadata["tags"] = ["nbval-ignore-output"]


def no_output(nb):
    next(cell for cell in nb.cells if cell.id == "check-the-optimum").outputs = []


STATED = "**Theorem 2.1 (the optimal $D^*$).**"
SPOILT = {
    "claim removed": (without_claims, "Theorem 2.1 has no claim after it"),
    "claim before the statement": (claim_before_statement, "Theorem 2.1 has no claim after it"),
    "claim not compared": (only_in_ignored_cell, "only in cells whose output is not compared"),
    "claim never ran": (no_output, "has no ✓ in the stored output"),
    "claim in a comment": (text("check-the-optimum", 'claim(f"', '# claim(f"'), "Theorem 2.1 has no claim after it"),
    "claim of another statement": (text("check-the-optimum", "Theorem 2.1:", "Theorem 2.10:"), "names Theorem 2.10"),
    "claim without a condition": (text("walk-claims", "len(steps) == 100", "True"), "has no condition"),
    "second statement, no claim": (text("the-optimum", STATED, f"{STATED} **Rate 2.2 (speed).**"), "Rate 2.2 has no"),
    "number twice": (text("the-optimum", STATED, f"{STATED} **Lemma 2.1 (again).**"), "unique and increasing"),
    "number of another chapter": (text("the-optimum", "Theorem 2.1", "Theorem 3.1"), "the chapter's number"),
    "no title": (text("the-optimum", STATED, "**Theorem 2.1.**"), "not of the form"),
    "no full stop": (text("the-optimum", ").**", ")**"), "not of the form"),
    "underscores": (text("the-optimum", STATED, "__Theorem 2.1 (optimum).__"), "not of the form"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_notebook_is_caught(sample, refreshed, name):
    spoil, message = SPOILT[name]
    spoil(sample)
    assert re.search(re.escape(message), "\n".join(uncovered(sample, refreshed)))


def test_another_chapters_statement_may_be_claimed_again(sample, refreshed):
    text("walk-claims", 'claim("a', 'claim("Theorem 1.1: a')(sample)
    cell = next(cell for cell in sample.cells if cell.id == "walk-claims")
    cell.outputs[0].text = "✓ Theorem 1.1: a hundred steps were made\n"
    assert uncovered(sample, refreshed) != []
    assert uncovered(sample, refreshed, frozenset({"Theorem 1.1"})) == []


def test_a_statement_in_code_is_none(sample, refreshed):
    text("the-optimum", STATED, f"`**Theorem 2.9 (x).**` {STATED}\n\n```\n**Theorem 2.8 (y).**\n```\n")(sample)
    assert uncovered(sample, refreshed) == []
