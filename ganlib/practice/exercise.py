"""What an exercise is: a question that knows its answer, the usual wrong answers, and why each of them is wrong."""

import io
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ganlib import checks
from ganlib.practice.progress import PROGRESS
from ganlib.practice.show import show

LEVELS = ("easy", "medium", "hard")


class Verdict(NamedTuple):
    """What `Exercise.grade` says of an answer."""

    outcome: str  # "pass", "fail", "todo" (not attempted), "error" (the learner's code raised), "fault" (ours did)
    message: str  # the why, Markdown
    mistake: str = ""  # name of the known mistake that the answer was recognised as


class Mistake(NamedTuple):
    """A wrong answer that people really give, and what it must be told."""

    name: str
    answer: Any
    why: str


class Wrong(Exception):
    """Raised by a check; the message tells the learner what is wrong."""


class Failed(Exception):
    """The learner's own code raised; the message tells them where and how."""


class Untouched(Exception):
    """The stub is still there."""


class OutOfTime(BaseException):
    """Not an `Exception`, so that an ``except Exception`` in the learner's loop does not swallow it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt Python code that runs longer, by `OutOfTime`. Works in the main thread of Linux and macOS."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)  # and again, should something have swallowed the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass(kw_only=True, eq=False, repr=False)
class Exercise:
    """The part that all kinds share; `Formula`, `Number`, `Code`, `Choice` and `Diagnosis` say how to judge.

    id:          how a reader calls it, ``ex.d_star``; letters, digits and underscores.
    level:       "easy", "medium" or "hard".
    prompt, hints, explanation: Markdown with formulas; hints go from a nudge to nearly the answer.
    mistakes:    wrong answers that people give, each with its own message.
    explanation: shown after a right answer and with the solution: why it is right.
    """

    id: str
    title: str
    level: str
    prompt: str
    hints: tuple[str, ...]
    explanation: str
    mistakes: tuple[Mistake, ...] = ()
    seconds: float = 10.0  # the learner's code may take this long
    chapter: str = field(default="", init=False)  # set by `Chapter`

    def __post_init__(self) -> None:
        checks.one_of("Exercise", "level", self.level, LEVELS)
        if not self.id.isidentifier():
            raise ValueError(f"Exercise: id must be letters, digits and underscores, got {self.id!r}")

    def __repr__(self) -> str:
        """Without the answer."""
        return f"{self.key}, {self.title} ({self.level}); ex.{self.id}.ask() shows the question"

    # --- What each kind says --------------------------------------------------------------------------------

    def judge(self, *answer: Any, seed: int) -> str:
        """Raise `Wrong` or `Failed`, or return what to add to the explanation (mostly nothing)."""
        raise NotImplementedError

    def recognise(self, *answer: Any, seed: int) -> Mistake | None:
        """The known mistake that behaves like a wrong answer."""
        return None

    @property
    def stub(self) -> str:
        """The code cell of the practice notebook, unanswered."""
        raise NotImplementedError

    @property
    def solved(self) -> str:
        """The same cell with a right answer."""
        raise NotImplementedError

    @property
    def solution(self) -> str:
        """The right answer and why, Markdown."""
        raise NotImplementedError

    @property
    def given(self) -> str:
        """What belongs to this reader's question only, such as its numbers, Markdown; empty for most."""
        return ""

    # --- What a reader calls --------------------------------------------------------------------------------

    @property
    def key(self) -> str:
        """Its name in the progress file: "02.d_star"."""
        return f"{self.chapter}.{self.id}"

    def grade(self, *answer: Any, seed: int = 0) -> Verdict:
        """Judge an answer: no display, no file, and it never raises (Ctrl-C excepted).

        seed: the random inputs on which code is tried.
        """
        todo = Verdict("todo", ("Not attempted yet. " + self.given).strip())
        if not answer or any(part is None or part is ... for part in answer):
            return todo
        try:
            with time_limit(self.seconds):
                return Verdict("pass", (self.judge(*answer, seed=seed) + " " + self.explanation).strip())
        except Untouched:
            return todo
        except Wrong as wrong:
            reason = str(wrong)
        except Failed as failed:
            return Verdict("error", str(failed))
        except OutOfTime:
            return Verdict("error", f"Still running after {self.seconds:g} seconds, so I stopped it. Is there a loop "
                                    f"that never ends?")
        except Exception as error:
            what = f"{type(error).__name__}: {str(error)[:120]}"
            return Verdict("fault", f"I stumbled over this answer ({what}). That is a fault of the book: please "
                                    "report it. No attempt was counted.")
        try:
            with time_limit(self.seconds), redirect_stdout(io.StringIO()):  # the learner's prints were seen once
                mistake = self.recognise(*answer, seed=seed)
        except (Exception, OutOfTime):
            mistake = None
        return Verdict("fail", mistake.why, mistake.name) if mistake else Verdict("fail", reason)

    def check(self, *answer: Any) -> None:
        """Is this right? Shows the verdict and, where it is wrong, why; remembers the attempt."""
        verdict = self.grade(*answer)
        entry = PROGRESS.entry(self.key)
        text = {"pass": "✅ **Correct.** ", "fail": "❌ **Not yet.** ", "todo": "✏️ ", "fault": "⚠️ ",
                "error": "⚠️ **Your code did not run to its end.** "}[verdict.outcome] + verdict.message
        if verdict.outcome not in ("pass", "fault") and entry["hints"] < len(self.hints):
            text += (" " if verdict.outcome == "todo" else "\n\n") + f"A hint: `ex.{self.id}.hint()`"
        if verdict.outcome not in ("todo", "fault"):
            PROGRESS.attempt(self.key, passed=verdict.outcome == "pass")
        note = PROGRESS.note()
        show(f"{text}\n\n{note}" if note else text)

    def ask(self) -> None:
        """Show the question again."""
        show(f"**{self.title}** ({self.level})\n\n{self.prompt}" + (f"\n\n{self.given}" if self.given else ""))

    def hint(self) -> None:
        """Show the next hint; after the last one, the last again."""
        seen = min(PROGRESS.entry(self.key)["hints"] + 1, len(self.hints))
        PROGRESS.update(self.key, hints=seen)
        more = "" if seen < len(self.hints) else f"\n\nThat was the last one. `ex.{self.id}.show_solution()`"
        show(f"💡 **Hint {seen} of {len(self.hints)}.** {self.hints[seen - 1]}{more}")

    def show_solution(self, really: bool = False) -> None:
        """Show the answer, after at least one attempt or with ``really=True``. A pass after that is not "clean"."""
        entry = PROGRESS.entry(self.key)
        if not (really or entry["attempts"]):
            show(f"🔒 Try it first: a wrong attempt teaches more than a right solution read. A hint: "
                 f"`ex.{self.id}.hint()`. If you must: `ex.{self.id}.show_solution(really=True)`")
            return
        text = f"**Solution.** {self.solution}"
        PROGRESS.update(self.key, solution_seen=True)
        show(text + self._after_solution())

    def _after_solution(self) -> str:
        return ""

    def new(self) -> None:
        """Ask for another round of the question."""
        show("This question has no numbers to draw anew; it stays as it is.")
