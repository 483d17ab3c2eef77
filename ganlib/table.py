"""Every loss with every penalty on one testbed, many seeds a cell: ``python -m ganlib.table`` (chapter 10).

The testbed is the ring of 8 Gaussians, two MLPs of 2-64-64, Adam, batch 64; all cells are trained with the same
number of steps, once with equal learning rates and once with a generator that learns twice as fast. The penalties'
weights were chosen once, in a small pilot (a few values, two losses, 8 seeds). Nothing is tuned per cell.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from scipy.stats import binom

from ganlib import __version__, checks, data, losses, metrics, penalties
from ganlib.games import Game
from ganlib.metrics import matched_distance
from ganlib.networks import MLP
from ganlib.training import Diverged, ensemble

RING = data.ring()
RECORDED = Path(__file__).with_suffix(".json")  # the full run that chapter 10 shows
STEPS, SEEDS = 1200, 16
QUICK_STEPS, QUICK_SEEDS = 40, 3
GAMMA = 0.3  # of R1 and R2; GP, centre 0 has the same strength, γ/2
LAMBDA, LIMIT = 0.1, 0.1  # of GP, centre 1, and of clipping
RATES: dict[str, tuple[float, float]] = {"equal": (1e-3, 1e-3), "G twice": (2e-3, 1e-3)}  # generator's, discriminator's
PENALTIES: dict[str, dict[str, Any]] = {  # what a Game, or the discriminator's MLP, is given
    "none": {},
    "clip": {"constraint": penalties.clip(LIMIT)},
    "spectral": {"spectral": True},
    "GP, centre 1": {"penalty": lambda critic, real, fake: penalties.gradient_penalty(critic, real, fake, LAMBDA)},
    "GP, centre 0": {"penalty": lambda critic, real, fake: penalties.gradient_penalty(critic, real, fake, GAMMA / 2,
                                                                                      center=0.0)},
    "R1": {"penalty": lambda critic, real, fake: penalties.r1(critic, real, GAMMA)},
    "R2": {"penalty": lambda critic, real, fake: penalties.r2(critic, fake, GAMMA)},
    "R1 + R2": {"penalty": lambda critic, real, fake: (penalties.r1(critic, real, GAMMA)
                                                       + penalties.r2(critic, fake, GAMMA))},
}
MEASURES = {"modes": 0.0, "high_quality": 0.0, "reverse_kl": math.inf, "distance": math.inf}  # worst: of a diverged run


class Cell(NamedTuple):
    """One entry of the table: names from `losses.ALL`, `PENALTIES` and `RATES`."""

    loss: str
    penalty: str
    rates: str


def cells(only: dict[str, Sequence[str]] | None = None) -> list[Cell]:
    """All cells, or those whose loss, penalty and rates are in ``only``: {"loss": ["hinge"], "rates": ["equal"]}."""
    only = only or {}
    return [Cell(loss, penalty, rates) for rates in only.get("rates", RATES) for loss in only.get("loss", losses.ALL)
            for penalty in only.get("penalty", PENALTIES)]


def game(cell: Cell) -> Game:
    """The game of a cell, untrained."""
    settings = dict(PENALTIES[checks.one_of("table", "penalty", cell.penalty, PENALTIES)])
    loss = losses.ALL[checks.one_of("table", "loss", cell.loss, losses.ALL)]
    critic = MLP(2, 64, 64, 1, spectral=settings.pop("spectral", False))
    return Game(MLP(2, 64, 64, 2), critic, latent=2, loss=loss, **settings)


def score(game: Game, seed: int) -> list[float]:
    """The four `MEASURES` of 2,500 samples, drawn from the seed (the distance: of 500, to 500 fresh data)."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        samples = game.generate(2500)
        return [*map(float, metrics.mode_coverage(samples, RING.centers, RING.std)),
                matched_distance(samples[:500], RING.sample(500))]


def run(cell: Cell, seeds: Sequence[int], steps: int) -> list[list[float] | None]:
    """Train a cell from every seed; per seed its `score`, or None if it diverged.

    One member that diverges ends its whole ensemble, so then the halves are run again, down to single seeds: every
    run that can finish does, and one that cannot is counted.
    """
    rates = RATES[checks.one_of("table", "rates", cell.rates, RATES)]
    try:
        histories = ensemble(game(cell), RING, seeds=seeds, steps=steps, batch=64, lr=rates, device="cpu",
                             progress=False)
    except Diverged:
        half = len(seeds) // 2
        return run(cell, seeds[:half], steps) + run(cell, seeds[half:], steps) if half else [None]
    return [score(h.game, h.seed) for h in histories]


def ranks(n: int, coverage: float = 0.95) -> tuple[int, float]:
    """The largest k whose k-th least and k-th greatest of n values enclose the median with probability ``coverage``.

    Returns k (1 if there is none so large) and the probability 1 − 2 P(Bin(n, ½) ≤ k − 1); n = 16: (4, 0.979).
    """
    k = max([k for k in range(1, n // 2 + 1) if 1 - 2 * binom.cdf(k - 1, n, 0.5) >= coverage], default=1)
    return k, float(1 - 2 * binom.cdf(k - 1, n, 0.5))


class Summary(NamedTuple):
    """What `summary` returns: of one measure in one cell, over the seeds."""

    median: float
    low: float  # the interval for the median by `ranks`
    high: float
    diverged: int


def values(entry: dict[str, Any], measure: str) -> np.ndarray:
    """One measure over a cell's seeds, shape (seeds,); a run that diverged has the worst value there is."""
    column = list(MEASURES).index(checks.one_of("table", "measure", measure, MEASURES))
    return np.array([MEASURES[measure] if r is None else r[column] for r in entry["runs"]])


def summary(entry: dict[str, Any], measure: str) -> Summary:
    """Median and interval of one measure over a cell's seeds."""
    found = np.sort(values(entry, measure))
    k, _ = ranks(len(found))
    return Summary(float(np.median(found)), float(found[k - 1]), float(found[-k]), entry["runs"].count(None))


def find(table: dict[str, Any], cell: Cell) -> dict[str, Any]:
    """The entry of a cell in a table."""
    for entry in table["cells"]:
        if Cell(entry["loss"], entry["penalty"], entry["rates"]) == cell:
            return entry
    raise ValueError(f"table: there is no cell {tuple(cell)} in this table")


def heat_map(axes: Axes, table: dict[str, Any], measure: str, rates: str, limits: tuple[float, float]) -> Any:
    """Medians as colours and numbers: losses down, penalties across; ∞ where most runs diverged."""
    grid = np.array([[summary(find(table, Cell(loss, penalty, rates)), measure).median for penalty in PENALTIES]
                     for loss in losses.ALL])  # (losses, penalties)
    better = "cividis" if MEASURES[measure] == 0 else "cividis_r"  # bright is good
    picture = axes.imshow(grid, cmap=better, vmin=limits[0], vmax=limits[1], aspect="auto")
    for (row, column), value in np.ndenumerate(grid):
        bright = (min(max(value, limits[0]), limits[1]) - limits[0]) / (limits[1] - limits[0])
        bright = bright if MEASURES[measure] == 0 else 1 - bright
        text = "∞" if math.isinf(value) else f"{value:.0f}" if measure == "modes" else f"{value:.2f}"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color="black" if bright > 0.5 else "white")
    axes.set_xticks(range(len(PENALTIES)), list(PENALTIES), rotation=35, ha="right")
    axes.set_yticks(range(len(losses.ALL)), [name.replace("_", " ") for name in losses.ALL])
    axes.grid(False)
    return picture


def load(path: str | Path = RECORDED) -> dict[str, Any]:
    """A table from its file; without a name the recorded full run."""
    try:
        table = json.loads(Path(path).read_text(encoding="utf-8"))
        table["manifest"], table["cells"][:0]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"table: {path} is not a table written by python -m ganlib.table") from error
    return table


def save(table: dict[str, Any], path: Path) -> None:
    """Write a table, whole or not at all."""
    whole = path.with_name(path.name + ".part")
    rows = ",\n".join(json.dumps(entry) for entry in table["cells"])
    whole.write_text(f'{{"manifest": {json.dumps(table["manifest"])},\n"cells": [\n{rows}\n]}}\n', encoding="utf-8")
    whole.replace(path)


def report(table: dict[str, Any], measure: str = "distance") -> str:
    """One measure as text, a block per pair of rates: median and interval of each cell, † for a diverged run."""
    lines = []
    known = {Cell(e["loss"], e["penalty"], e["rates"]): e for e in table["cells"]}
    for rates in dict.fromkeys(cell.rates for cell in known):
        columns = list(dict.fromkeys(cell.loss for cell in known))
        lines += [f"{measure}, learning rates: {rates}", " " * 12 + "".join(f"{loss:>20}" for loss in columns)]
        for penalty in dict.fromkeys(cell.penalty for cell in known):
            row = [_written(known.get(Cell(loss, penalty, rates)), measure) for loss in columns]
            lines.append(f"{penalty:12}" + "".join(f"{text:>20}" for text in row))
    return "\n".join(lines)


def _written(entry: dict[str, Any] | None, measure: str) -> str:
    if entry is None:
        return "–"
    median, low, high, diverged = summary(entry, measure)
    form = ".1f" if measure == "modes" else ".2f"
    return f"{median:{form}} ({low:{form}}–{high:{form}})" + "†" * bool(diverged)


def fill(table: dict[str, Any], wanted: Sequence[Cell], log: Callable[[str], object] = lambda text: None,
         output: Path | None = None) -> None:
    """Run the cells that the table does not hold yet; after each, the table so far is written to ``output``."""
    manifest = table["manifest"]
    present = {Cell(e["loss"], e["penalty"], e["rates"]) for e in table["cells"]}
    for i, cell in enumerate(wanted):
        if cell in present:
            continue
        start = time.process_time()
        runs = run(cell, manifest["seeds"], manifest["steps"])
        manifest["cpu_seconds"] = round(manifest["cpu_seconds"] + time.process_time() - start, 1)
        table["cells"].append({**cell._asdict(), "runs": [r and [round(v, 4) for v in r] for r in runs]})
        if output is not None:
            save(table, output)
        median, low, high, diverged = summary(table["cells"][-1], "distance")
        log(f"{i + 1}/{len(wanted)}  {cell.loss} · {cell.penalty} · {cell.rates}: distance {median:.3f} "
            f"({low:.3f}–{high:.3f})" + f", {diverged} diverged" * bool(diverged))


def new(seeds: Sequence[int], steps: int) -> dict[str, Any]:
    """An empty table with its manifest; ``floor`` is the distance of two samples of the data, mean of 16."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        floor = np.mean([matched_distance(RING.sample(500), RING.sample(500)) for _ in range(16)])
    versions = {"ganlib": __version__, "torch": torch.__version__, "numpy": np.__version__,
                "capability": torch.backends.cpu.get_cpu_capability()}
    weights = {"gamma": GAMMA, "lambda": LAMBDA, "clip": LIMIT}
    return {"manifest": {"date": date.today().isoformat(), **versions, "steps": steps, "seeds": list(seeds),
                         "rates": RATES, **weights, "measures": list(MEASURES), "floor": round(float(floor), 4),
                         "cpu_seconds": 0.0}, "cells": []}


def main(words: Sequence[str] | None = None) -> int:
    """The command. Errors are printed, and the exit status is 2."""
    parser = argparse.ArgumentParser(prog="python -m ganlib.table", description="Every loss with every penalty on "
                                     "the ring of 8; about ten minutes on one core. A file that holds a "
                                     "part of the same table is completed.")
    parser.add_argument("output", nargs="?", help="the JSON file to write (default: table.json; with --quick: none)")
    parser.add_argument("--quick", action="store_true", help="a few short runs a cell, under a minute: shows the "
                        "form, says nothing about the cells")
    parser.add_argument("--seeds", type=int, help=f"how many seeds (default {SEEDS}, with --quick {QUICK_SEEDS})")
    parser.add_argument("--steps", type=int, help=f"steps a run (default {STEPS}, with --quick {QUICK_STEPS})")
    parser.add_argument("--show", action="store_true", help="train nothing, print the recorded table (or output's)")
    asked = parser.parse_args(words)
    torch.set_num_threads(1)  # networks this small gain nothing from a second
    try:
        if asked.show:
            table = load(asked.output or RECORDED)
        else:
            seeds, steps = (QUICK_SEEDS, QUICK_STEPS) if asked.quick else (SEEDS, STEPS)
            seeds = seeds if asked.seeds is None else checks.count("table", "--seeds", asked.seeds)
            steps = steps if asked.steps is None else checks.count("table", "--steps", asked.steps)
            table = new(range(seeds), steps)
            output = None if asked.quick and not asked.output else Path(asked.output or "table.json")
            if output is not None and output.exists():
                table = _continued(output, table)
            fill(table, cells(), lambda text: print(text, file=sys.stderr, flush=True), output)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    for measure in ("modes", "distance"):
        print(report(table, measure), end="\n\n")
    k, sure = ranks(len(table["manifest"]["seeds"]))
    print(f"Median of {len(table['manifest']['seeds'])} seeds (interval of {sure:.1%} for it), "
          f"{table['manifest']['steps']} steps; {table['manifest']['cpu_seconds']:.0f} CPU-seconds.")
    print(f"Distance: W1 of 500 samples to 500 data; two samples of the data: {table['manifest']['floor']:.2f}.")
    return 0


def _continued(output: Path, table: dict[str, Any]) -> dict[str, Any]:
    """What the file holds, if it was made with the settings of ``table``."""
    found = load(output)
    for key in ("steps", "seeds", "gamma", "lambda", "clip"):
        if found["manifest"].get(key) != table["manifest"][key]:
            raise ValueError(f"table: {output} was made with {key} = {found['manifest'].get(key)}, this run has "
                             f"{table['manifest'][key]}; name another file, or remove it")
    return found


if __name__ == "__main__":
    sys.exit(main())
