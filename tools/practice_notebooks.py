"""The practice notebooks, written from the bank of exercises (ganlib/practice/bank), which is their one source.

    python tools/practice_notebooks.py                write those that differ from the bank, without outputs
    python tools/practice_notebooks.py only 07 08     of these chapters only
    python tools/practice_notebooks.py solved FOLDER  write copies with all exercises solved, to open every gate

After the first, `python tools/notebooks.py refresh notebooks/practice` stores their outputs.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from set_repo import ROOT

from ganlib import practice
from ganlib.practice.choice import Choice, Diagnosis, listed
from notebooks import NotebookNode, from_py, normal_form, read, write

FOLDER = ROOT / "notebooks" / "practice"
HOW = """\
Each exercise has a cell that ends in `ex.….check(...)`. Put your answer in the place of `...` and run the cell: you are
told at once whether it is right and, where it is not, why. For the first one below, `ex.{first}.hint()` gives a hint,
then the next, and `ex.{first}.show_solution()` the solution, once you have tried. Formulas and letters go in quotes;
any equivalent form of a formula is accepted. What you have done is remembered, and the last cell says whether the gate
is open. Skip what you like and come back: nothing is locked, and `practice.review()` knows what is due again."""


def file_of(chapter: practice.Chapter) -> Path:
    """The practice notebook of a chapter: it has the chapter's own file name."""
    if not chapter.number.isdigit():
        return FOLDER / "failure_clinic.ipynb"
    (own,) = (ROOT / "notebooks").glob(f"{chapter.number}_*.ipynb")
    return FOLDER / own.name


def prompt(exercise: practice.Exercise) -> str:
    """The question as Markdown."""
    return exercise.prompt + (f"\n\n{listed(exercise.options)}" if isinstance(exercise, Choice) else "")


def title(chapter: practice.Chapter) -> str:
    """Of the practice page."""
    return f"{int(chapter.number)} Practice: {chapter.title}" if chapter.number.isdigit() else chapter.title


def needs(chapter: practice.Chapter) -> list[str]:
    """The import lines of the notebook."""
    wanted = {line for e in chapter if isinstance(e, practice.Code) for line in e.needs.splitlines()}
    return [*sorted(wanted, key=lambda line: (line.startswith("from"), line)), *[""] * bool(wanted),
            "from ganlib import practice"]


def _markdown(name: str, text: str) -> str:
    return f"# %% [markdown] id={name}\n" + "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def _code(name: str, text: str) -> str:
    return f"# %% id={name}\n{text}"


def cell_id(exercise: practice.Exercise, part: str = "") -> str:
    """Of the code cell that checks it; with "-text" that of its question."""
    return exercise.id.replace("_", "-") + part


def notebook(chapter: practice.Chapter, solved: bool = False) -> NotebookNode:
    """The practice notebook of a chapter without outputs, every exercise untouched or every one solved."""
    number = f"{int(chapter.number)} " if chapter.number.isdigit() else ""
    of_what = f"chapter {number}({chapter.title})" if number else "the failure clinic, where GANs are cured"
    before = f"These exercises belong to [chapter {number.strip()}](../{file_of(chapter).name}).\n\n" if number else (
        "Here lie GANs that fail, each in its own way, as they do in practice. Read the symptoms, name the failure, "
        "change one thing. The check trains your choice over five seeds, which takes some seconds, and says what came "
        "of it.\n\n")
    parts = [
        f"# description: Practice for {of_what}: {len(chapter)} exercises that say why an answer is wrong, and a gate.",
        _markdown("practice", f"# {title(chapter)}\n\n{before}{HOW.format(first=chapter.exercises[0].id)}"),
        "# %% setup",
        _code("chapter", "\n".join([*needs(chapter), "", f'ex = practice.chapter("{chapter.number}")']))]
    for exercise in chapter:
        text = f"## {exercise.title}\n\n*{exercise.level}*\n\n{prompt(exercise)}"
        parts.append(_markdown(cell_id(exercise, "-text"), text))
        if isinstance(exercise, Diagnosis):
            parts.append(_code(cell_id(exercise, "-symptoms"), f"ex.{exercise.id}.examine()"))
            parts.append(_markdown(cell_id(exercise, "-choices"), exercise.lists))
        parts.append(_code(cell_id(exercise), exercise.solved if solved else exercise.stub))
    parts += [_markdown("the-gate", "## The gate\n\nIs it open?"), _code("gate", "ex.gate()")]
    return from_py("\n\n".join(parts) + "\n", file_of(chapter).name)


def outdated(chapter: practice.Chapter) -> bool:
    """Does the stored notebook differ from what the bank says, outputs apart?"""
    path = file_of(chapter)
    if not path.exists():
        return True
    stored, wanted = read(path), notebook(chapter)

    def content(nb: NotebookNode) -> list:
        return [nb.metadata.get("myst"), *((c.id, c.cell_type, c.source) for c in nb.cells if c.id != "setup")]
    return content(stored) != content(wanted)


def main(words: list[str]) -> int:
    os.environ.setdefault("GANLIB_READER", "0")      # the reader whose numbers the solved copies know
    chapters = [practice.chapter(number) for number in practice.numbers()]
    match words:
        case [] | ["only", *_]:
            FOLDER.mkdir(exist_ok=True)
            wanted = [chapter for chapter in chapters if not words or chapter.number in words[1:]]
            for chapter in filter(outdated, wanted):
                write(notebook(chapter), file_of(chapter))
                print(f"{file_of(chapter).relative_to(ROOT)}: written, run `tools/notebooks.py refresh` on it")
        case ["solved", folder]:
            Path(folder).mkdir(parents=True, exist_ok=True)
            for chapter in chapters:
                write(normal_form(notebook(chapter, solved=True)), Path(folder) / file_of(chapter).name)
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
