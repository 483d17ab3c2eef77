"""Which ingredient of the recipe for the grid of 25 does what?  python benchmarks/mixtures_ablation.py [row …]

The recipe of mixtures.py in a run half as long with batches half as large, and with rates that fall to 1e-5; then the
same with one thing changed at a time. 8 seeds each, the same for all; the published protocol (2,500 samples, 3 std).
Rows named on the command line are measured again, the others kept. All of them: half an hour of one core.
"""

import json
import os
import platform
import statistics
import sys
from typing import Any

import torch
from mixtures import CASES, SAMPLES, SEEDS, Case, game, r1_and_r2, settings
from paired import RESULTS

from ganlib import losses, metrics, penalties
from ganlib.games import Game
from ganlib.networks import MLP
from ganlib.training import Diverged, cosine, ensemble

GRID = CASES["grid of 25"].mixture
SHORT = Case(GRID, 4000, 512, 2e-3, (25, 0.95, 0.02))
SETTINGS = settings(SHORT) | {"lr": cosine(SHORT.lr, 1e-5), "ema_decay": 0.995}


def changed(generator: str = "tanh", discriminator: str = "relu", latent: int = 4, loss: Any = losses.relativistic,
            penalty: Any = r1_and_r2) -> Game:
    """The recipe's game with one part exchanged."""
    return Game(MLP(latent, 64, 64, 64, 2, activation=generator), MLP(2, 64, 64, 64, 1, activation=discriminator),
                latent=latent, loss=loss, penalty=penalty)


# What is changed, the game, and the settings that replace the recipe's.
VARIANTS: dict[str, tuple[Game, dict[str, Any]]] = {
    "nothing": (game(), {}),
    "leaky ReLU in G": (changed(generator="leaky_relu"), {}),
    "tanh in D": (changed(discriminator="tanh"), {}),
    "non-saturating loss": (changed(loss=losses.non_saturating), {}),
    "R1 alone": (changed(penalty=lambda critic, real, fake: penalties.r1(critic, real, 0.05)), {}),
    "no penalty": (changed(penalty=None), {"penalty_weight": 1.0}),
    "penalty's weight stays at 4": (game(), {"penalty_weight": 4.0}),
    "penalty's weight stays at 0.3": (game(), {"penalty_weight": 0.3}),
    "momentum 0.5": (game(), {"betas": (0.5, 0.99)}),
    "rates fall to 5e-4, average 0.998": (game(), {"lr": cosine(SHORT.lr, 5e-4), "ema_decay": 0.998}),
    "rates stay at 2e-3": (game(), {"lr": 2e-3}),
    "rates from 6e-3": (game(), {"lr": cosine(6e-3, 1e-5)}),
    "rates from 5e-4": (game(), {"lr": cosine(5e-4, 1e-5)}),
    "batches of 64": (game(), {"batch": 64}),
    "one latent": (changed(latent=1), {}),
    "two latents": (changed(latent=2), {}),
}


def measure(variant: str) -> list[list[float]]:
    """Modes, high quality and reverse KL of every seed's average generator; the worst values if the runs diverged."""
    players, other = VARIANTS[variant]
    try:
        histories = ensemble(players, GRID, seeds=SEEDS, **SETTINGS | other)
    except Diverged:
        return [[0, 0.0, float("inf")]] * len(SEEDS)
    torch.manual_seed(0)
    return [[*metrics.mode_coverage(h.game.generate(SAMPLES, True), GRID.centers, GRID.std)] for h in histories]


def line(variant: str, found: list[list[float]]) -> str:
    cells = []
    for values, form, scale in zip(zip(*found, strict=True), ("g", ".1f", ".4f"), (1, 100, 1), strict=True):
        middle, low, high = (scale * f(values) for f in (statistics.median, min, max))
        cells.append(f"{middle:{form}} ({low:{form}} to {high:{form}})")
    return f"| {variant} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(VARIANTS)
    if unknown := set(wanted) - set(VARIANTS):
        sys.exit(f"no such row: {', '.join(sorted(unknown))}; there are: {', '.join(VARIANTS)}")
    path = RESULTS / "mixtures_ablation.json"
    rows = json.loads(path.read_text())["variants"] if path.exists() else {}
    machine = (f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
               f"torch {torch.__version__}")
    head = ["# Which ingredient of the recipe for the grid of 25 does what?", "",
            f"{SHORT.steps} steps of batch {SHORT.batch} (the full recipe: twice of both), rates from {SHORT.lr:g} "
            f"to 1e-5, average 0.995; {len(SEEDS)} seeds each, one thing changed at a time. "
            f"Median (least to greatest). {machine}.",
            "", "| changed | modes | high quality, % | reverse KL |", "| --- | --- | --- | --- |"]
    for variant in wanted:
        rows[variant] = measure(variant)
        print(line(variant, rows[variant]), flush=True)
        RESULTS.mkdir(exist_ok=True)
        lines = [line(name, rows[name]) for name in VARIANTS if name in rows]
        (RESULTS / "mixtures_ablation.md").write_text("\n".join(head + lines) + "\n")
        path.write_text(json.dumps({"machine": machine, "steps": SHORT.steps, "batch": SHORT.batch,
                                    "variants": {n: rows[n] for n in VARIANTS if n in rows}}, indent=1) + "\n")
