"""``python -m ganlib.pretrained``: list the models; ``make NAME``; ``measure NAME …``; ``check [NAME …]``."""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from ganlib import checks, pretrained
from ganlib.pretrained import checking, making
from ganlib.pretrained import recipe as recipes


def numbers(value: Any, name: str = "") -> list[str]:
    """The single numbers of a record's measures, as "name 1.23"; lists and text are left out."""
    if isinstance(value, dict):
        return [text for key, one in value.items() for text in numbers(one, f"{name}.{key}" if name else key)]
    return [f"{name} {value:g}"] if isinstance(value, int | float) and name not in ("seed", "samples") else []


def show() -> None:
    """What there is, what was measured, and what has a recipe only."""
    for name in pretrained.names():
        about = pretrained.record(name)
        print(f"{name}: {about['title']}; {about['parameters']:,} parameters, {about['bytes']:,} bytes")
        print(f"    {', '.join(numbers(about['quality']))}")
    for name in sorted(set(recipes.names()) - set(pretrained.names())):
        print(f"{name}: {recipes.find(name).title}; not made yet")


def check(wanted: Sequence[str]) -> bool:
    """Check these models, print a table, return whether all is well."""
    rows = {name: checking.check(name) if name in pretrained.names() else {"file": "not made yet: make it"}
            for name in wanted}
    width = max(len(name) for name in rows)
    print(f"{'model':{width}}  file  record  grid  quality")
    for name, row in rows.items():
        marks = ["–" if part not in row else "✗" if row[part] else "✓" for part in checking.PARTS]
        print(f"{name:{width}}  {marks[0]:4}  {marks[1]:6}  {marks[2]:4}  {marks[3]}")
    problems = [f"{name}, {part}: {text}" for name, row in rows.items() for part, text in row.items() if text]
    print("\n".join(problems) if problems else "All are what their records say.")
    return not problems


def main(words: Sequence[str] | None = None) -> int:
    """The command. 1 if a check failed; 2 after an error, which is printed; 130 if it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m ganlib.pretrained",
                                     description="The small trained networks of the book; without words: a list.")
    commands = parser.add_subparsers(dest="command")
    one = commands.add_parser("make", help="train a model by its recipe, measure it and store it")
    one.add_argument("name")
    one.add_argument("--work", type=Path, help="keep checkpoints in this folder and go on from them "
                     "(default: a temporary one, removed when all is done)")
    one.add_argument("--to", type=Path, help="write the files into this folder instead of the package")
    several = commands.add_parser("measure", help="draw and measure the stored models anew, after a change of a recipe")
    several.add_argument("names", nargs="+")
    several.add_argument("--once", action="store_true", help="also what takes an hour, such as FID")
    checked = commands.add_parser("check", help="is everything as recorded? (exit status 1: no)")
    checked.add_argument("names", nargs="*")
    asked = parser.parse_args(words)
    try:
        if asked.command == "make":
            before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: the time spent is kept
            scratch = Path(tempfile.gettempdir(), f"ganlib-make-{asked.name}")
            try:
                making.make(asked.name, asked.work or scratch, asked.to)
            finally:
                signal.signal(signal.SIGTERM, before)
            shutil.rmtree(scratch, ignore_errors=True)
        elif asked.command == "measure":
            for name in asked.names:
                making.remeasure(name, asked.once)
        elif asked.command == "check":
            known = sorted({*recipes.names(), *pretrained.names()})
            wanted = [checks.one_of("pretrained check", "NAME", name, known) for name in asked.names] or known
            return 0 if check(wanted) else 1
        else:
            show()
    except KeyboardInterrupt:
        print("Interrupted: nothing was stored.", file=sys.stderr)
        return 130
    except (ValueError, TypeError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    torch.set_num_threads(1)  # networks this small gain little from a second
    sys.exit(main())
