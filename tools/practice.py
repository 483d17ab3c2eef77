"""The practice notebooks, written from the bank of exercises (ganlib/practice/bank), which is their one source.

    python tools/practice.py                write notebooks/practice/*.ipynb, where the bank has changed, without outputs
    python tools/practice.py solved FOLDER  write copies with all exercises solved, which must open every gate

After the first, `python tools/notebooks.py refresh notebooks/practice` stores their outputs.
"""

import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]
os.environ.setdefault("GANLIB_READER", "0")
from notebooks import NotebookNode, from_py, normal_form, read, write
from set_repo import ROOT

from ganlib import practice
from ganlib.practice.choice import Choice, Diagnosis, listed

FOLDER = ROOT / "notebooks" / "practice"
HOW = """Each exercise has a cell that ends in `ex.….check(...)`. Put your answer in the place of `...` and run the cell: you
are told at once whether it is right and, where it is not, why. `{hint}` gives the next hint,
`{solution}` the solution once you have tried. Formulas go in quotes; any equivalent form is
accepted. What you have done is remembered, and the last cell says whether the chapter's gate is open.
Start at the top, skip what you like, and come back: `practice.review()` knows what is due again."""


def file_of(chapter: practice.Chapter) -> Path:
    """The practice notebook of a chapter: it has the chapter's own file name."""
    if not chapter.number.isdigit():
        return FOLDER / "failure_clinic.ipynb"
    (own,) = (ROOT / "notebooks").glob(f"{chapter.number}_*.ipynb")
    return FOLDER / own.name


def prompt(exercise: practice.Exercise) -> str:
    """The question as Markdown."""
    if isinstance(exercise, Diagnosis):
        return exercise.question
    return exercise.prompt + (f"\n\n{listed(exercise.options)}" if isinstance(exercise, Choice) else "")


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
    of_what = f"chapter {int(chapter.number)}, {chapter.title}" if number else "the failure clinic, where GANs are cured"
    how = HOW.format(hint=f"ex.{chapter.exercises[0].id}.hint()", solution=f"ex.{chapter.exercises[0].id}.show_solution()")
    beside = file_of(chapter).name
    before = f"These exercises belong to [chapter {int(chapter.number)}](../{beside}). " if number else (
        "Here lie GANs that fail, each in its own way, as they do in practice. Read the symptoms, name the failure, "
        "change one thing. The check trains your choice over five seeds, which takes some seconds, and says what came "
        "of it. ")
    parts = [
        f"# description: Practice for {of_what}: {len(chapter)} exercises that say why an answer is wrong, and a gate.",
        _markdown("practice", f"# {number}Practice: {chapter.title[0].lower() + chapter.title[1:]}\n\n{before}{how}"),
        "# %% setup",
        _code("chapter", f'from ganlib import practice\n\nex = practice.chapter("{chapter.number}")')]
    for exercise in chapter:
        text = f"## {exercise.title}\n\n*{exercise.level}*\n\n{prompt(exercise)}"
        parts.append(_markdown(cell_id(exercise, "-text"), text))
        if isinstance(exercise, Diagnosis):
            parts.append(_code(cell_id(exercise, "-symptoms"), f"ex.{exercise.id}.examine()"))
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
    chapters = [practice.chapter(number) for number in practice.numbers()]
    match words:
        case []:
            FOLDER.mkdir(exist_ok=True)
            for chapter in filter(outdated, chapters):
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
