"""How long does a check take, as a share of the second that a learner may wait?  python benchmarks/checks.py

For every exercise but the trained ones: its right answer and each known mistake, as `check` judges them; the slowest
of all is the figure. The clinic's checks train five seeds: their limit is 20 seconds each, and a few patients are
tried (all with the argument --all).
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "practice"))
from exercises import EXERCISES, Diagnosis, right, wrong
from paired import store


def share(exercise, answer, limit: float) -> float:
    begin = time.perf_counter()
    exercise.grade(*answer)
    return (time.perf_counter() - begin) / limit


if __name__ == "__main__":
    os.environ["GANLIB_PROGRESS"] = str(Path(tempfile.mkdtemp(), "progress.json"))
    quick = [e for e in EXERCISES if not isinstance(e, Diagnosis)]
    trained = [e for e in EXERCISES if isinstance(e, Diagnosis)]
    for exercise in quick:
        exercise.grade(*right(exercise))      # the first check of a process also imports and compiles
    answers = [(e, a) for e in quick for a in (right(e), *(wrong(e, m) for m in e.mistakes))]
    rows = {"a check / 1 s, all exercises": [share(e, a, 1.0) for e, a in answers]}
    limits = {"a check / 1 s, all exercises": 1.0}
    chosen = trained if "--all" in sys.argv else trained[:3]
    if chosen:
        rows["a clinic check / 20 s"] = [share(e, right(e), 20.0) for e in chosen]
        limits["a clinic check / 20 s"] = 1.0
    store("checks", "How long does a learner wait for a verdict?", rows, limits)
