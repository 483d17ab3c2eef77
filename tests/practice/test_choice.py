"""Questions with options, and diagnoses: what is understood, and that every option has its reason."""

import pytest

from ganlib.practice import Choice, Diagnosis, Option, Trial
from ganlib.practice.progress import PROGRESS

OPTIONS = (Option("one", False, "not one"), Option("two", True, "two it is"), Option("three", False, "not three"),
           Option("four", True, "four too"))


def question(options=OPTIONS, **fields):
    return Choice(id="q", title="Q", level="easy", prompt="?", hints=("h",), explanation="!", options=options, **fields)


@pytest.mark.parametrize("answer", ["bd", "db", "B, D", "b + d", ["b", "d"], ("d", "b"), {"b", "d"}, "b and d",
                                    "b/d", "[b, d]", "(b) (d)"])
def test_ways_to_say_it(answer):
    assert question().grade(answer).outcome == "pass"


@pytest.mark.parametrize("answer, says", [
    ("b", "1 more is"), ("a", "not one"), ("ac", "**c:** not three"), ("abd", "not one"), ("e", "Answer with a to d"),
    ("xyz", "Answer with"), ("", "Answer with"), (2, "a letter in quotes"), ([1, 2], "a letter in quotes"),
    (True, "a letter in quotes")])
def test_wrong_answers(answer, says):
    verdict = question().grade(answer)
    assert verdict.outcome == "fail" and says in verdict.message


@pytest.mark.parametrize("options, says", [
    (OPTIONS[:1], "2 to 8"), (OPTIONS[1:2] * 2, "some right and some wrong"), (OPTIONS[:1] * 2, "some right"),
    ((Option("one", True, ""), OPTIONS[0]), "needs a text and a reason"), (OPTIONS * 3, "2 to 8")])
def test_a_question_without_reasons_is_refused(options, says):
    with pytest.raises(ValueError, match=says):
        question(options)


def patient(trial, **fields):
    one = (Option("x", True, "x it is"), Option("y", False, "y it is not"))
    return Diagnosis(id="p", title="P", level="hard", prompt="?", hints=("h", "i"), explanation="So.", record="log",
                     failures=one, changes=OPTIONS, trial=trial, **fields)


def test_a_diagnosis_runs_what_was_chosen():
    ran = []

    def trial(i):
        ran.append(i)
        return Trial(i in (1, 3), f"report {i}")

    ward = patient(trial)
    assert ward.grade("b", "b") == ("fail", "y it is not", "diagnosed b") and ran == []
    verdict = ward.grade("a", "c")
    assert verdict.outcome == "fail" and "not three" in verdict.message and "report 2" in verdict.message
    verdict = ward.grade("a", "d")
    assert verdict.outcome == "pass" and all(t in verdict.message for t in ("report 3", "four too", "x it is", "So."))
    assert ran == [2, 3]


def test_two_changes_can_be_asked_for():
    ward = patient(lambda i: Trial(True, f"report {i}"), pick=2)
    assert ward.grade("a", "b").outcome == "fail"
    verdict = ward.grade("a", "bd")
    assert verdict.outcome == "pass" and "report 1" in verdict.message and "report 3" in verdict.message
    assert "Choose 2" in ward.lists


def test_a_cure_that_does_not_cure_is_not_called_one():
    verdict = patient(lambda i: Trial(False, "no better")).grade("a", "b")
    assert verdict.outcome == "fail" and "Please report" in verdict.message


def test_a_fault_of_ours_is_not_an_attempt_of_the_learner(capsys):
    def broken(position):
        raise KeyError("a file of the book is missing")

    ward = patient(broken)
    ward.check("a", "b")
    assert "fault of the book" in capsys.readouterr().out
    assert PROGRESS.entry(ward.key)["attempts"] == 0


@pytest.mark.parametrize("answer", [("a",), ("a", "b", "c"), ("ab", "b"), ("a", "bd"), (1, 2), ("z", "b")])
def test_a_diagnosis_says_how_to_answer(answer):
    verdict = patient(lambda i: Trial(True, "")).grade(*answer)
    assert verdict.outcome == "fail" and ("check(" in verdict.message or "Answer with" in verdict.message)


def test_a_diagnosis_with_two_failures_is_refused():
    with pytest.raises(ValueError, match="one failure is right"):
        Diagnosis(id="p", title="P", level="hard", prompt="?", hints=("h",), explanation="", record="",
                  failures=OPTIONS, changes=OPTIONS, trial=lambda i: Trial(True, ""))
