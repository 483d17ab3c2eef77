"""A chapter's exercises by name, its gate, and the overview from the command line."""

import subprocess
import sys

import pytest
from exercises import CHAPTERS, Diagnosis, right

from ganlib import practice
from ganlib.practice import Chapter
from ganlib.practice.__main__ import main
from ganlib.practice.progress import PROGRESS

EX = practice.chapter("02")


@pytest.mark.parametrize("name", ["02", "2", 2, " 02 "])
def test_a_chapter_by_its_number(name):
    assert practice.chapter(name) is EX


@pytest.mark.parametrize("name", ["99", "two", None, 2.5, -1, ""])
def test_a_chapter_without_exercises(name):
    with pytest.raises(ValueError, match="number must be one of"):
        practice.chapter(name)


def test_exercises_by_name_and_in_order():
    assert EX.d_star is EX["d_star"] and [e.id for e in EX][0] == "equal_everywhere" and len(EX) == len(list(EX))
    assert "d_star" in dir(EX) and "d_star" in repr(EX)
    with pytest.raises(AttributeError, match="chapter 02 has no exercise 'd_stat'; it has equal_everywhere"):
        _ = EX.d_stat
    with pytest.raises(KeyError, match="no exercise"):
        EX["d_stat"]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.number)
def test_the_gate_opens_with_the_right_answers_and_not_before(chapter, capsys):
    chapter.gate()
    assert "still closed" in capsys.readouterr().out
    for exercise in chapter:
        if isinstance(exercise, Diagnosis):  # trained in tests/clinic
            PROGRESS.attempt(exercise.key, passed=True)
        else:
            exercise.check(*right(exercise))
    assert chapter.missing() == []
    capsys.readouterr()
    chapter.gate()
    assert "The gate is open" in capsys.readouterr().out


def test_the_gate_says_what_is_missing(capsys):
    EX.d_star.check("p/(p + q)")
    EX.gate()
    out = capsys.readouterr().out
    assert "derivation: 2 more of `integrand_derivative`, `unequal_shares`" in out
    assert "code: 1 more of `density_ratio`, `kl_estimate`" in out
    assert "$GANLIB_PROGRESS" in out


@pytest.mark.parametrize("gate", [{"g": (1, ("nobody",))}, {"g": (3, ("d_star",))}, {"g": (0, ("d_star",))}])
def test_a_gate_that_cannot_be_opened_is_refused(gate):
    with pytest.raises(ValueError, match="needs"):
        Chapter("02", "T", [EX.d_star], gate)
    EX.d_star.chapter = "02"


def test_names_must_be_free():
    with pytest.raises(ValueError, match="same id"):
        Chapter("02", "T", [EX.d_star, EX.d_star], {})


def test_the_command_line(own_progress, capsys):
    EX.d_star.check("p/(p + q)")
    capsys.readouterr()

    def run(*words):
        status = main(list(words))
        return status, *capsys.readouterr()

    assert f"| 02 The optimal discriminator | 1 of {len(EX)} |" in run("report")[1]
    assert "Nothing is due" in run("review")[1]
    assert "still closed" in run("gate", "02")[1]
    text = run("export")[1].strip()
    assert run("import", text) == (0, "Merged.\n", "")
    for words in ((), ("nothing",), ("gate", "99"), ("import", "x")):
        status, out, error = run(*words)
        assert status == 2 and error and not out


def test_it_runs_as_a_module(own_progress):
    done = subprocess.run([sys.executable, "-m", "ganlib.practice", "report"], capture_output=True, text=True)
    assert "| 02 The optimal discriminator |" in done.stdout and not done.stderr
