"""Questions with a list of answers, each of which knows why it is right or wrong; and patients to be cured."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ganlib.practice.exercise import Exercise, Mistake, Wrong
from ganlib.practice.show import show

LETTERS = "abcdefgh"


class Option(NamedTuple):
    """One of the answers offered."""

    text: str  # Markdown
    right: bool
    reason: str  # why it is right or wrong, Markdown; every option has one


def _checked(where: str, options: tuple[Option, ...]) -> None:
    if not 2 <= len(options) <= len(LETTERS) or not any(o.right for o in options) or all(o.right for o in options):
        raise ValueError(f"{where}: options must be 2 to {len(LETTERS)}, some right and some wrong, got {len(options)}")
    if not all(o.text.strip() and o.reason.strip() for o in options):
        raise ValueError(f"{where}: every option needs a text and a reason")


def listed(options: tuple[Option, ...]) -> str:
    """The options as a Markdown list with letters."""
    return "\n".join(f"- **{letter}.** {option.text}" for letter, option in zip(LETTERS, options, strict=False))


def chosen(answer: Any, options: tuple[Option, ...]) -> list[int]:
    """The positions of the options named by "b", "ac", ["a", "c"] …; `Wrong` for anything else."""
    parts = [answer] if isinstance(answer, str) else answer
    known = LETTERS[: len(options)]
    if not isinstance(parts, (list, tuple, set, frozenset)) or not all(isinstance(part, str) for part in parts):
        raise Wrong(f"Answer with a letter in quotes, {known[0]} to {known[-1]}, such as `\"b\"`.")
    plain = re.sub(r"\b(and|answer|option)\b", " ", " ".join(parts).lower())
    letters = [c for c in plain if c not in " ,;.:()[]+&/"]
    if not letters or any(c not in known for c in letters):
        raise Wrong(f"Answer with {known[0]} to {known[-1]} in quotes, such as `\"b\"`; I got `{''.join(parts)[:20]}`.")
    return sorted({known.index(c) for c in letters})


def _reasons(options: tuple[Option, ...]) -> str:
    """Why each option is right or wrong, as a Markdown list."""
    return "\n".join(f"- **{letter}** is {'right' if option.right else 'wrong'}: {option.reason}"
                     for letter, option in zip(LETTERS, options, strict=False))


def _mistakes(what: str, options: tuple[Option, ...]) -> tuple[Mistake, ...]:
    """The wrong options as known mistakes, each told its own reason."""
    return tuple(Mistake(f"{what} {letter}", letter, option.reason)
                 for letter, option in zip(LETTERS, options, strict=False) if not option.right)


def _letters(options: tuple[Option, ...]) -> str:
    return "".join(letter for letter, option in zip(LETTERS, options, strict=False) if option.right)


@dataclass(kw_only=True, eq=False, repr=False)
class Choice(Exercise):
    """The answer is one option, or all that are right.

    concept: asked at the end of the chapter's page too, as a self-test.
    """

    options: tuple[Option, ...]
    concept: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _checked(f"Choice {self.id}", self.options)
        self.mistakes = _mistakes("chose", self.options)

    @property
    def many(self) -> bool:
        """Is more than one option right?"""
        return sum(option.right for option in self.options) > 1

    def judge(self, *answer: Any, seed: int) -> str:
        if len(answer) != 1:
            raise Wrong('One answer, please; several letters go into one text: `"ac"`.')
        picked = chosen(answer[0], self.options)
        wrong = [i for i in picked if not self.options[i].right]
        if wrong:
            raise Wrong(" ".join(f"**{LETTERS[i]}:** {self.options[i].reason}" for i in wrong))
        missing = sum(option.right for option in self.options) - len(picked)
        if missing:
            raise Wrong(f"What you chose is right, but {missing} more {'is' if missing == 1 else 'are'}.")
        return " ".join(self.options[i].reason for i in picked)

    def recognise(self, *answer: Any, seed: int) -> Mistake | None:
        picked = chosen(answer[0], self.options) if len(answer) == 1 else None
        return next((m for m in self.mistakes if picked == chosen(m.answer, self.options)), None)

    @property
    def stub(self) -> str:
        how = "all right letters in quotes" if self.many else "a letter in quotes"
        return f"ex.{self.id}.check(...)      # {how}"

    @property
    def solved(self) -> str:
        return f'ex.{self.id}.check("{_letters(self.options)}")'

    @property
    def solution(self) -> str:
        return f"**{_letters(self.options)}**\n\n{_reasons(self.options)}\n\n{self.explanation}"

    def ask(self) -> None:
        show(f"**{self.title}** ({self.level})\n\n{self.prompt}\n\n{listed(self.options)}")


class Trial(NamedTuple):
    """What came of a change."""

    cured: bool
    report: str  # the measurement in words, Markdown


@dataclass(kw_only=True, eq=False, repr=False)
class Diagnosis(Exercise):
    """A run that fails: name the failure, choose what to change, and see the change tried.

    record:   the symptoms: a log, statistics of samples, Markdown.
    figure:   draws and shows the samples, with `ganlib.figures`.
    failures: what it may be; one is right.
    changes:  what may be done; ``pick`` of them are asked for, and right are those that cure it.
    trial:    position of a change → trains with it, over several seeds.
    """

    record: str
    failures: tuple[Option, ...]
    changes: tuple[Option, ...]
    trial: Callable[[int], Trial]
    figure: Callable[[], None] | None = None
    pick: int = 1
    seconds: float = 120.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _checked(f"Diagnosis {self.id}", self.failures)
        _checked(f"Diagnosis {self.id}", self.changes)
        if sum(o.right for o in self.failures) != 1 or sum(o.right for o in self.changes) < self.pick:
            raise ValueError(f"Diagnosis {self.id}: one failure is right, and at least {self.pick} changes")
        self.mistakes = _mistakes("diagnosed", self.failures)

    def judge(self, *answer: Any, seed: int) -> str:
        how = f"`ex.{self.id}.check(failure, change)`, such as `ex.{self.id}.check(\"a\", \"{LETTERS[: self.pick]}\")`"
        if len(answer) != 2:
            raise Wrong(f"I need two answers: {how}.")
        failure, changes = chosen(answer[0], self.failures), chosen(answer[1], self.changes)
        if len(failure) != 1 or len(changes) != self.pick:
            raise Wrong(f"I need one failure and {self.pick} change{'s' * (self.pick > 1)}: {how}.")
        if not self.failures[failure[0]].right:
            raise Wrong(self.failures[failure[0]].reason)
        reports, wrong, broken = [], [], []
        for i in changes:
            cured, report = self.trial(i)
            reports.append(f"\n- {self.changes[i].text} {report}")
            if not self.changes[i].right:
                wrong.append(self.changes[i].reason)
            elif not cured:
                broken.append(self.changes[i].text)
        tried = f"\n\nI tried it on five seeds:\n{''.join(reports)}\n\n"
        if wrong:
            raise Wrong(f"The diagnosis is right. {' '.join(wrong)}{tried}")
        if broken:
            raise Wrong(f"You are right, and yet it did not help on this machine. Please report that.{tried}")
        return self.failures[failure[0]].reason + " " + " ".join(self.changes[i].reason for i in changes) + tried

    def recognise(self, *answer: Any, seed: int) -> Mistake | None:
        failure = chosen(answer[0], self.failures) if len(answer) == 2 else None
        return next((m for m in self.mistakes if failure == chosen(m.answer, self.failures)), None)

    @property
    def stub(self) -> str:
        return f"ex.{self.id}.check(..., ...)      # failure, change: letters in quotes"

    @property
    def solved(self) -> str:
        return f'ex.{self.id}.check("{_letters(self.failures)}", "{_letters(self.changes)[: self.pick]}")'

    @property
    def solution(self) -> str:
        return (f"\n\nThe failure:\n\n{_reasons(self.failures)}\n\nThe change:\n\n{_reasons(self.changes)}"
                f"\n\n{self.explanation}")

    def ask(self) -> None:
        show(f"**{self.title}** ({self.level})\n\n{self.prompt}\n\n{self.lists}")

    def examine(self) -> None:
        """Show the symptoms."""
        show(self.record)
        if self.figure is not None:
            self.figure()

    @property
    def lists(self) -> str:
        """What may be wrong and what may be changed, Markdown."""
        many = "" if self.pick == 1 else f" Choose {self.pick}."
        return (f"**What is wrong?**\n\n{listed(self.failures)}\n\n"
                f"**What do you change?**{many}\n\n{listed(self.changes)}")
