"""Many seeds of what takes too long for a notebook: trained once, recorded, and trained again by one command.

    python -m ganlib.studies NAME          trains what is missing in ganlib/studies/NAME.json (all, if it is deleted)

A study is a module ``ganlib/studies/NAME.py`` that defines ``STUDY``. What it records belongs to its code: after a
change of the module, other than in comments and documentation, the record is refused and has to be made anew.
"""

import ast
import hashlib
import importlib
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from ganlib import checks, pretrained

FOLDER = Path(__file__).parent


class Study(NamedTuple):
    """Every variant trained from every seed.

    variants: name → whatever ``run`` needs to know of it.
    run:      (the variant's value, seed) → name → number, or a list of numbers, what was measured at the end.
    """

    variants: dict[str, Any]
    seeds: Sequence[int]
    run: Callable[[Any, int], dict[str, Any]]


def names() -> tuple[str, ...]:
    """The studies there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("[a-z]*.py")))


def study(name: str) -> Study:
    """A study by its name. Errors: `ValueError` for a name that does not exist."""
    checks.one_of("studies.study", "name", name, names())
    return importlib.import_module(f"ganlib.studies.{name}").STUDY


def recorded(name: str) -> dict[str, dict[str, np.ndarray]]:
    """What was measured: variant → measure → one row a seed, shape (seeds,) or (seeds, …), in the study's order.

    Errors: `ValueError` for a name that does not exist, or if the record is missing, unfinished or of other code.
    """
    whole, record = study(name), _read(name)
    if record["code"] != fingerprint(name):
        raise ValueError(f"studies.recorded: {name}.json was recorded by other code than {name}.py; make it anew: "
                         f"delete it and run python -m ganlib.studies {name}")
    found = {}
    for variant in whole.variants:
        rows = record["runs"].get(variant, {})
        missing = [seed for seed in whole.seeds if str(seed) not in rows]
        if missing:
            raise ValueError(f"studies.recorded: {name}.json lacks {variant!r} with seeds {missing}; go on with "
                             f"python -m ganlib.studies {name}")
        first = rows[str(whole.seeds[0])]
        found[variant] = {key: np.array([rows[str(seed)][key] for seed in whole.seeds]) for key in first}
    return found


def make(name: str, progress: bool = True) -> None:
    """Train what is missing in the record, one run after the other, and write each down as soon as it is done."""
    whole, record = study(name), _read(name)
    if record["code"] != fingerprint(name):
        record = {"code": fingerprint(name), "runs": {}}
    for seed in whole.seeds:
        for variant, value in whole.variants.items():
            rows = record["runs"].setdefault(variant, {})
            if str(seed) in rows:
                continue
            start = time.process_time()
            rows[str(seed)] = {key: _rounded(measure) for key, measure in whole.run(value, seed).items()}
            rows[str(seed)]["seconds"] = round(time.process_time() - start, 1)  # of processor time
            record |= {"torch": torch.__version__.split("+")[0], "date": time.strftime("%Y-%m-%d")}
            _write(name, record)
            if progress:
                print(f"{name}: {variant}, seed {seed}: {rows[str(seed)]}", flush=True)


def fingerprint(name: str) -> str:
    """A short sum of the study's code, its lines without those that are empty, only a comment, or documentation, and
    of the trained networks that it names, because a new judge judges otherwise."""
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    lines = [line if line.strip() and not line.strip().startswith("#") else "" for line in source.splitlines()]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            text = node.body[0]
            assert text.end_lineno is not None
            lines[text.lineno - 1:text.end_lineno] = [""] * (text.end_lineno - text.lineno + 1)
    lines += [pretrained.record(model)["sha256"] for model in pretrained.names() if f'"{model}"' in source]
    return hashlib.sha256("\n".join(filter(None, lines)).encode()).hexdigest()[:16]


def _rounded(measure: Any) -> Any:
    return [_rounded(one) for one in measure] if isinstance(measure, list | tuple) else float(f"{float(measure):.5g}")


def _read(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"code": fingerprint(name), "runs": {}}


def _write(name: str, record: dict[str, Any]) -> None:
    """Whole or not at all, one line a run."""
    runs = ",\n".join(f'  {json.dumps(variant)}: {{\n' + ",\n".join(
        f"   {json.dumps(seed)}: {json.dumps(row)}" for seed, row in rows.items()) + "\n  }"
        for variant, rows in record["runs"].items() if rows)
    head = "".join(f" {json.dumps(key)}: {json.dumps(value)},\n" for key, value in record.items() if key != "runs")
    part = FOLDER / f".{name}.json.part"
    part.write_text(f'{{\n{head} "runs": {{\n{runs}\n }}\n}}\n', encoding="utf-8")
    os.replace(part, FOLDER / f"{name}.json")
