"""Every numbered statement of a notebook has its claim, and every claim that names a statement has its statement."""

import ast
import re
from pathlib import Path

from nbformat import NotebookNode
from rules import IGNORED, calls_to_claim, prose, tags

KINDS = "Theorem|Proposition|Identity|Rate|Lemma|Corollary"
STATEMENT = re.compile(rf"\*\*({KINDS})\s+(\d+)\.(\d+) \(.+?\)\.\*\*", re.DOTALL)
NEARLY = re.compile(rf"(?:\*\*|__)\s*({KINDS})\s+[\d.]+")
NAMED = re.compile(rf"({KINDS}) \d+\.\d+(?=:)")


def statements(nb: NotebookNode) -> list[tuple[int, str]]:
    """(cell, "Theorem 2.1") for each statement, in the order of the text."""
    return [(index, f"{found[1]} {found[2]}.{found[3]}") for index, cell in enumerate(nb.cells)
            if cell.cell_type == "markdown" for found in STATEMENT.finditer(prose(cell.source))]


def claims(nb: NotebookNode) -> list[tuple[int, str, ast.expr | None]]:
    """(cell, beginning of the text that is written in the source, condition) of each claim."""
    found = []
    for index, cell in enumerate(nb.cells):
        for call in calls_to_claim(cell) if cell.cell_type == "code" else ():
            arguments = dict(zip(("text", "holds"), call.args, strict=False))
            arguments |= {word.arg: word.value for word in call.keywords if word.arg}
            text = arguments.get("text")
            if isinstance(text, ast.JoinedStr):
                text = text.values[0] if text.values else None
            known = text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""
            found.append((index, known, arguments.get("holds")))
    return found


def uncovered(nb: NotebookNode, path: Path, elsewhere: frozenset[str] = frozenset()) -> list[str]:
    """What is wrong between a notebook's statements and its claims; ``elsewhere``: other chapters' statements."""
    wrong = []
    chapter = re.match(r"\d+", path.name)
    made = statements(nb)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            text = prose(cell.source)
            for found in NEARLY.finditer(text):
                if not STATEMENT.match(text, found.start()):
                    wrong.append(f"cell {cell.id}: {found[0]!r} is bold but not of the form **Theorem 2.1 (…).**")
    numbers = [tuple(map(int, name.split()[1].split("."))) for _, name in made]
    for (_, name), number in zip(made, numbers, strict=True):
        if chapter and number[0] != int(chapter[0]):
            wrong.append(f"{name} does not begin with the chapter's number")
    if numbers != sorted(set(numbers)):
        wrong.append(f"numbers must be unique and increasing, got {', '.join(name for _, name in made)}")

    said = claims(nb)
    for index, name in made:
        following = [(i, text) for i, text, _ in said if i > index and text.startswith(f"{name}: ")]
        if not following:
            wrong.append(f"{name} has no claim after it")
        elif all(IGNORED in tags(nb.cells[i]) or "nbval-skip" in tags(nb.cells[i]) for i, _ in following):
            wrong.append(f"{name} has its claim only in cells whose output is not compared")
    for index, text, condition in said:
        cell = nb.cells[index]
        printed = "".join(o.text for o in cell.outputs if o.get("name") == "stdout").splitlines()
        if not any(line.startswith("✓ " + text.split("\n")[0].rstrip()) for line in printed):
            wrong.append(f"cell {cell.id}: the claim {text[:60]!r} has no ✓ in the stored output")
        if (named := NAMED.match(text)) and named[0] not in elsewhere | {name for _, name in made}:
            wrong.append(f"cell {cell.id}: a claim names {named[0]}, which is not stated")
        if condition is None or isinstance(condition, ast.Constant):
            wrong.append(f"cell {cell.id}: the claim {text[:60]!r} has no condition")
    return wrong
