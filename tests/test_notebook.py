"""`claim` and `setup`, with which every notebook begins."""

import re

import numpy as np
import pytest
import sympy
import torch

import ganlib.notebook
from ganlib import ClaimError, claim, setup

TRUE = [True, np.bool_(True), np.array(True), np.array([True]), torch.tensor(True), torch.tensor([[True]]),
        torch.tensor(2.0) > 1, np.float64(2) > 1, sympy.true, sympy.Integer(2) > 1]
FALSE = [False, np.bool_(False), np.array([False]), torch.tensor(False), sympy.false]
NEITHER = [None, 1, 0, 1.0, "yes", "", [], [False], [True], (True,), {"x": True}, np.array(1), np.array(["a"]),
           np.array([True, True]), np.array([]), torch.tensor([True, True]), torch.tensor(1), torch.tensor([]),
           sympy.Symbol("x") > 1, sympy.Integer(1), bool, lambda: True]


@pytest.mark.parametrize("holds", TRUE, ids=repr)
def test_a_claim_that_holds_is_printed(holds, capsys):
    claim("Theorem 2.1: it holds", holds)
    assert capsys.readouterr().out == "✓ Theorem 2.1: it holds\n"


@pytest.mark.parametrize("holds", FALSE, ids=repr)
def test_a_claim_that_does_not_hold_raises(holds, capsys):
    with pytest.raises(ClaimError, match="^✗ it fails$"):
        claim("it fails", holds)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("holds", NEITHER, ids=repr)
def test_what_is_not_one_boolean_is_refused(holds, capsys):
    with pytest.raises(TypeError, match="claim: holds must be one boolean, got "):
        claim("it is unclear", holds)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", ["", "  ", None, True, 3])
def test_a_claim_needs_a_text(text):
    with pytest.raises(TypeError, match="claim: text must be a non-empty string, got "):
        claim(text, True)


def test_a_claim_error_is_an_assertion():
    assert issubclass(ClaimError, AssertionError)


def test_setup_says_ready_and_fixes_the_seed(capsys):
    setup()
    assert capsys.readouterr().out == "ganlib is ready.\n"
    first = torch.rand(3)
    setup()      # twice does no harm
    assert torch.equal(torch.rand(3), first)


def test_setup_names_everything_that_is_missing_or_too_old(monkeypatch):
    versions = {"torch": "2.9.1+cpu", "matplotlib": "3.9.4", "numpy": "2.10.0", "scipy": "1.13", "sympy": "9"}
    monkeypatch.setattr(ganlib.notebook, "find_spec", lambda name: None if name == "sympy" else object())
    monkeypatch.setattr(ganlib.notebook.metadata, "version", versions.__getitem__)
    with pytest.raises(ImportError, match="^ganlib cannot start:") as caught:
        setup()
    lines = str(caught.value).splitlines()
    assert [re.split(r"\W+", line)[1] for line in lines[1:-1]] == ["torch", "sympy", "matplotlib"]
    assert "torch is 2.9.1+cpu, the book needs 2.11 or newer" in lines[1]
    assert "sympy is missing" in lines[2]
    assert "restart the kernel" in lines[-1]


@pytest.mark.parametrize("found, new_enough", [
    ("2.11.0", True), ("2.11", True), ("2.13.0+cu128", True), ("3", True), ("2.12.0a0+git1", True), ("2.2.0", False),
    ("2.10.9", False), ("1.99", False)])
def test_setup_compares_versions_by_number(found, new_enough, monkeypatch):
    real = ganlib.notebook.metadata.version
    monkeypatch.setattr(ganlib.notebook.metadata, "version", lambda name: found if name == "torch" else real(name))
    if new_enough:
        setup()
    else:
        with pytest.raises(ImportError, match=f"torch is {re.escape(found)}"):
            setup()
