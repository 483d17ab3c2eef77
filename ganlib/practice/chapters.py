"""A chapter's exercises and its gate; the overview of all chapters."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import date

from ganlib.practice import bank
from ganlib.practice.choice import Choice
from ganlib.practice.exercise import Exercise
from ganlib.practice.progress import PROGRESS, is_due, where
from ganlib.practice.show import show

Gate = dict[str, tuple[int, tuple[str, ...]]]


class Chapter:
    """The exercises of one chapter, in order, by name (``ex.d_star``) and as a list.

    number:    "02", as in the names of the notebooks.
    exercises: the bank.
    gate:      group → (how many must be passed, of which).
    """

    def __init__(self, number: str, title: str, exercises: list[Exercise], gate: Gate):
        self.number, self.title, self.exercises, self.groups = number, title, exercises, gate
        self._by_id = {exercise.id: exercise for exercise in exercises}
        for exercise in exercises:
            exercise.chapter = number
            if hasattr(Chapter, exercise.id) or exercise.id in ("number", "title", "exercises", "groups"):
                raise ValueError(f"Chapter: an exercise cannot be called {exercise.id!r}")
        if len(self._by_id) < len(exercises):
            raise ValueError(f"Chapter {number}: two exercises have the same id")
        for group, (needed, ids) in gate.items():
            if not 1 <= needed <= len(ids) or set(ids) - set(self._by_id):
                raise ValueError(f"Chapter {number}: gate {group!r} needs {needed} of {ids}")

    def __iter__(self) -> Iterator[Exercise]:
        return iter(self.exercises)

    def __len__(self) -> int:
        return len(self.exercises)

    def __getitem__(self, name: str) -> Exercise:
        if name not in self._by_id:
            raise KeyError(f"chapter {self.number} has no exercise {name!r}; it has {', '.join(self._by_id)}")
        return self._by_id[name]

    def __getattr__(self, name: str) -> Exercise:
        if name.startswith("_") or name not in self.__dict__.get("_by_id", {}):
            raise AttributeError(f"chapter {self.__dict__.get('number')} has no exercise {name!r}; it has "
                                 f"{', '.join(self.__dict__.get('_by_id', {}))}")
        return self._by_id[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._by_id]

    def __repr__(self) -> str:
        return f"Chapter {self.number}, {self.title}: {', '.join(self._by_id)}"

    @property
    def concepts(self) -> list[Choice]:
        """The questions of the self-test."""
        return [e for e in self.exercises if isinstance(e, Choice) and e.concept]

    def passed(self, name: str) -> bool:
        """Has this learner passed the exercise?"""
        return bool(PROGRESS.entry(self[name].key)["first_pass"])

    def missing(self) -> list[str]:
        """What the gate still wants, in words; empty if it is open."""
        wanted = []
        for group, (needed, ids) in self.groups.items():
            open_ = [i for i in ids if not self.passed(i)]
            left = needed - (len(ids) - len(open_))
            if left > 0:
                wanted.append(f"{group}: {left} more of {', '.join(f'`{i}`' for i in open_)}")
        return wanted

    def gate(self) -> None:
        """Is the chapter done? Says what is missing; nothing is ever locked."""
        wanted = self.missing()
        if wanted:
            text = "🚪 **The gate is still closed.** Missing:\n\n" + "\n".join(f"- {line}" for line in wanted)
        else:
            text = f"🎉 **The gate is open:** chapter {self.number}, {self.title}, is yours."
        show(f"{text}\n\n{kept()}")


def kept() -> str:
    """Where the progress is, or why it is nowhere."""
    note = PROGRESS.note()
    return note if PROGRESS.unwritable else f"Progress is kept in {where()}. {note}".strip()


def numbers() -> list[str]:
    """All chapters that have exercises, the clinic last: "01", "02", …"""
    return sorted(m.name.removeprefix("ch") for m in pkgutil.iter_modules(bank.__path__))


def chapter(number: str | int) -> Chapter:
    """The exercises of a chapter: ``ex = practice.chapter("02")``, or of the failure clinic, ``"clinic"``.

    Errors: `ValueError` for a chapter that has none.
    """
    name = f"{number:02}" if isinstance(number, int) else str(number).strip().lower()
    name = name.zfill(2) if name.isdigit() else name
    if name not in numbers():
        raise ValueError(f"chapter: number must be one of {', '.join(numbers())}, got {number!r}")
    module = importlib.import_module(f"ganlib.practice.bank.{'ch' + name if name.isdigit() else name}")
    return module.CHAPTER


def report() -> None:
    """Where do I stand? A table over all chapters."""
    rows = ["| chapter | passed | without the solution | gate | due again |", "|---|---|---|---|---|"]
    for name in numbers():
        one = chapter(name)
        entries = [PROGRESS.entry(e.key) for e in one]
        passed, clean = (sum(bool(e[field]) for e in entries) for field in ("first_pass", "clean"))
        rows.append(f"| {name} {one.title} | {passed} of {len(one)} | {clean} | "
                    f"{'closed' if one.missing() else 'open'} | {sum(map(is_due, entries))} |")
    show("\n".join(rows) + f"\n\n{kept()}")


def due(today: date | None = None) -> list[Exercise]:
    """The exercises passed so long ago that they should be done again: after 1, 3, 7 and 21 days."""
    return [e for name in numbers() for e in chapter(name) if is_due(PROGRESS.entry(e.key), today)]


def review() -> None:
    """What is due again? An answer given once is forgotten; given four times at growing distances, it stays."""
    found = due()
    lines = [f"- chapter {e.chapter}, `{e.id}`: {e.title}" for e in found]
    show("Due again:\n\n" + "\n".join(lines) if found else "Nothing is due today.")
