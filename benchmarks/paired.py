"""Two ways of doing the same work, timed in turn (A B A B …), so that a noisy machine disturbs both alike."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

RESULTS = Path(__file__).parent / "results"
MACHINE = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}"
torch.set_num_threads(1)  # as in the notebooks; two threads of a tiny network mostly wait for each other


def ratios(a: Callable[[], object], b: Callable[[], object], rounds: int = 7) -> list[float]:
    """seconds(a) / seconds(b) of each round, after one round that does not count. Wall time; the order alternates."""
    found = []
    for i in range(rounds + 1):
        seconds = {}
        for work in (a, b) if i % 2 else (b, a):
            start = time.perf_counter()
            work()
            seconds[work] = time.perf_counter() - start
        found.append(seconds[a] / seconds[b])
    return found[1:]


def store(name: str, question: str, rows: dict[str, list[float]], limits: dict[str, float]) -> None:
    """Write the ratios as JSON and as a table in Markdown to ``results/``, and print the table."""
    lines = [f"# {question}", "", f"Ratios of wall time, paired in one run. {MACHINE}.", "",
             "| case | median | least | greatest | limit |", "|---|---|---|---|---|"]
    content: dict[str, Any] = {"question": question, "machine": MACHINE, "cases": {}}
    for case, values in rows.items():
        median = statistics.median(values)
        lines.append(f"| {case} | {median:.3f} | {min(values):.3f} | {max(values):.3f} | {limits[case]:.2f} |")
        content["cases"][case] = {"ratios": [round(v, 4) for v in values], "median": round(median, 4),
                                  "limit": limits[case]}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text("\n".join(lines) + "\n")
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
    print("\n".join(lines))
