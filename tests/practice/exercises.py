"""All exercises of the bank, for parametrised tests."""

import ast
import inspect

import pytest

from ganlib import practice
from ganlib.practice import Choice, Code, Diagnosis, Formula, Number

CHAPTERS = [practice.chapter(number) for number in practice.numbers()]
EXERCISES = [exercise for chapter in CHAPTERS for exercise in chapter]


def of_kind(*kinds):
    """A decorator: the test runs once for each exercise of these kinds."""
    found = [e for e in EXERCISES if isinstance(e, kinds)]
    return pytest.mark.parametrize("exercise", found, ids=[e.key for e in found])


def right(exercise):
    """The answer that the bank holds for right, as ``check`` takes it."""
    if isinstance(exercise, Code):
        return (exercise.reference,)
    call = ast.parse(exercise.solved).body[-1].value
    return tuple(ast.literal_eval(argument) for argument in call.args)


def wrong(exercise, mistake):
    """A known mistake as ``check`` takes it."""
    return (mistake.answer, right(exercise)[1]) if isinstance(exercise, Diagnosis) else (mistake.answer,)


def compiled(exercise, source):
    """A function from source, with the names that the reference's module has."""
    space = dict(inspect.getmodule(exercise.reference).__dict__)
    exec(source, space)
    return space[exercise.id]


__all__ = ["CHAPTERS", "EXERCISES", "Choice", "Code", "Diagnosis", "Formula", "Number", "compiled", "of_kind", "right",
           "wrong"]
