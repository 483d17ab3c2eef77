"""Every exercise of the bank: the right answer passes, the stub is no attempt, each known mistake is told its own why,
junk neither passes nor crashes. (What the clinic trains is in tests/clinic.)"""

import re
from collections import Counter

import numpy as np
import pytest
import sympy
import torch
from exercises import CHAPTERS, EXERCISES, Choice, Code, Diagnosis, Formula, Number, of_kind, right, wrong

ANY = (Formula, Number, Code, Choice)


def raises(*arguments, **keywords):
    raise ValueError("not today")


def rude(*arguments):
    raise SystemExit


JUNK = [0, 1, -1.5, float("nan"), float("inf"), True, "", " ", "?", "the discriminator", "p/(p+q", "1/0", "lambda: 0",
        "__import__('os')", "x" * 10_000, "(" * 400, [], {}, object(), lambda: 1, lambda *a: None, lambda *a: "text",
        lambda *a: (1, 2, 3), lambda *a: float("nan"), raises, rude, int, print, torch.nn.Linear(2, 2), torch.ones(3),
        np.zeros((2, 2)), b"bytes", 1j, "9**9**9**9", "exp(exp(exp(exp(9))))", ("a", "b"),
        sympy.Symbol("zeta"), range(3)]


@of_kind(*ANY)
@pytest.mark.parametrize("seed", range(8))
def test_the_right_answer_passes(exercise, seed, monkeypatch):
    monkeypatch.setenv("GANLIB_READER", str(seed))
    verdict = exercise.grade(*right(exercise), seed=seed)
    assert verdict.outcome == "pass", verdict
    assert exercise.explanation in verdict.message


@of_kind(*ANY, Diagnosis)
def test_the_stub_is_not_attempted_and_the_solved_cell_passes(exercise, capsys):
    space = {"ex": next(c for c in CHAPTERS if c.number == exercise.chapter)}
    exec(getattr(exercise, "needs", ""), space)
    exec(exercise.stub, space)
    assert capsys.readouterr().out.startswith("✏️ Not attempted yet.")
    if isinstance(exercise, Diagnosis):
        return  # tests/clinic trains them
    exec(exercise.solved, space)
    assert capsys.readouterr().out.startswith("✅ Correct.")


@of_kind(*ANY, Diagnosis)
def test_a_missing_answer_is_not_attempted(exercise):
    for nothing in ((), (None,), (...,), (None, "a")):
        assert exercise.grade(*nothing).outcome == "todo"


@of_kind(*ANY, Diagnosis)
@pytest.mark.parametrize("seed", range(3))
def test_each_known_mistake_gets_its_own_message(exercise, seed, monkeypatch):
    monkeypatch.setenv("GANLIB_READER", str(seed))
    for mistake in exercise.mistakes:
        verdict = exercise.grade(*wrong(exercise, mistake), seed=seed)
        assert verdict == ("fail", mistake.why, mistake.name)


@of_kind(*ANY, Diagnosis)
def test_junk_neither_passes_nor_crashes(exercise):
    answers = [(junk,) * (2 if isinstance(exercise, Diagnosis) else 1) for junk in JUNK]
    for answer in answers:
        verdict = exercise.grade(*answer)
        assert verdict.outcome in ("fail", "error", "todo"), answer
        assert verdict.message
        assert "Traceback" not in verdict.message
    assert exercise.grade("a", "b", "c", "d").outcome == "fail"


@of_kind(Number)
def test_a_number_can_be_told_from_its_mistakes_for_every_reader(exercise):
    """Neither a mistake within three tolerances of the right answer, nor two mistakes that are one."""
    for reader in range(40):
        for round_ in range(2):
            parameters = exercise.parameters(reader, round_)
            value = float(exercise.value(exercise.reference, parameters))
            others = [float(exercise.value(m.answer, parameters)) for m in exercise.mistakes]
            assert all(abs(o - value) > 3 * exercise.tolerance * abs(value) for o in others), (parameters, others)
            assert len({round(o, 9) for o in others}) == len(others), (parameters, others)


@of_kind(Number)
def test_readers_and_rounds_have_numbers_of_their_own(exercise):
    if exercise.draw:
        assert len({tuple(exercise.parameters(reader, 0).items()) for reader in range(40)}) > 3
        assert all(exercise.parameters(reader, 0) != exercise.parameters(reader, 1) for reader in range(10))
        assert exercise.parameters(5, 3) == exercise.parameters(5, 3)


@of_kind(*ANY, Diagnosis)
def test_texts(exercise):
    """Hints in steps, at least three mistakes with messages of their own, and nothing that does not typeset."""
    assert len(exercise.hints) >= (1 if isinstance(exercise, Choice) else 2)
    assert len(set(exercise.hints)) == len(exercise.hints) and all(len(h) > 15 for h in exercise.hints)
    whys, names = [m.why for m in exercise.mistakes], [m.name for m in exercise.mistakes]
    least = 1 if isinstance(exercise, Choice) else 3
    assert len(exercise.mistakes) >= least
    assert len(set(whys)) == len(whys) and len(set(names)) == len(names) and all(len(w) > 15 for w in whys)
    texts = [exercise.prompt, exercise.explanation, *exercise.hints, *whys]
    for options in ("options", "failures", "changes"):
        texts += [t for o in getattr(exercise, options, ()) for t in (o.text, o.reason)]
    for text in texts:
        bare = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
        assert bare.count("$") % 2 == 0, text
        for formula in re.findall(r"(?<!\$)\$([^$]+)\$(?!\$)", bare):
            assert formula == formula.strip() and "|" not in formula, text
        assert not re.search(r"[\t\x07\x08\x0b\x0c\r]", text), f"a TeX command lost its backslash: {text!r}"
        assert "<" not in re.sub(r"\$[^$]*\$", "", bare) or "<" in bare and not re.search(r"</?\w+>", bare), text
    assert exercise.prompt.strip() and exercise.explanation.strip()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.number)
def test_a_chapter_has_enough_of_each_level(chapter):
    if not chapter.number.isdigit():
        assert len(chapter) >= 10
        return
    levels = Counter(e.level for e in chapter if e not in chapter.concepts)
    assert levels["easy"] >= 3 and levels["medium"] >= 3 and levels["hard"] >= 2
    assert 4 <= len(chapter.concepts) <= 6
    assert all(len(q.options) >= 3 for q in chapter.concepts)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.number)
def test_every_exercise_counts_for_the_gate(chapter):
    counted = [i for _, ids in chapter.groups.values() for i in ids]
    assert sorted(counted) == sorted(e.id for e in chapter)


def test_there_are_enough_exercises():
    assert sum(1 for e in EXERCISES if e.chapter in ("01", "02", "03", "04")) >= 32
    assert len({e.key for e in EXERCISES}) == len(EXERCISES)
