"""Markdown in a notebook, plain text elsewhere, and never an answer by accident."""

from exercises import EXERCISES, Formula, Number, of_kind

from ganlib import practice
from ganlib.practice.show import Text


def test_the_plain_twin_keeps_powers():
    text = Text("✅ **Right.** Write `a**2*b**2`, **not** `a`:\n\n```python\nx = a**2 + b**2\n```")
    assert repr(text) == "✅ Right. Write `a**2*b**2`, not `a`:\n\n```python\nx = a**2 + b**2\n```"
    assert text._repr_markdown_() == text.markdown


def test_in_ipython_it_is_markdown():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            shell.run_cell("from ganlib import practice\npractice.chapter('02').d_star.check('q/(p + q)')\n1 + 1")
        data = captured.outputs[0].data
        assert data["text/markdown"].startswith("❌ **Not yet.** Upside down.")
        assert data["text/plain"].startswith("❌ Not yet. Upside down.")
    finally:
        InteractiveShell.clear_instance()


@of_kind(practice.Exercise)
def test_looking_at_an_exercise_gives_nothing_away(exercise):
    shown = repr(exercise)
    assert exercise.title in shown and exercise.explanation not in shown
    assert not any(hint in shown or "Mistake(" in shown for hint in exercise.hints)
    if isinstance(exercise, (Formula, Number)) and len(exercise.reference) > 3:
        assert exercise.reference not in shown


@of_kind(practice.Exercise)
def test_the_question_can_be_asked_again(exercise, capsys):
    exercise.ask()
    out = capsys.readouterr().out
    assert exercise.title in out and exercise.level in out
    assert not any(hint in out for hint in exercise.hints)


def test_numbers_are_shown_with_the_question(capsys):
    next(e for e in EXERCISES if e.key == "02.density_times").ask()
    assert "Your numbers: c = " in capsys.readouterr().out
