"""Which ingredient of the recipe for the grid of 25 does what?  python benchmarks/mixtures_ablation.py [row …]

The recipe of mixtures.py in a run half as long with batches half as large, and with rates that fall to 1e-5; then the
same with one thing changed at a time. 8 seeds each, the same for all; the published protocol (2,500 samples, 3 std).
Rows named on the command line are measured again, the others kept. All of them: half an hour of one core.
"""

import json
import statistics
import sys
from typing import Any

from mixtures import CASES, SEEDS, game, scores, settings
from paired import MACHINE, RESULTS

from ganlib import losses, penalties
from ganlib.games import Game
from ganlib.training import Diverged, cosine, ensemble

SHORT = CASES["grid of 25"]._replace(steps=4000, batch=512, lr=2e-3)
SETTINGS = settings(SHORT) | {"lr": cosine(SHORT.lr, 1e-5), "ema_decay": 0.995}


# What is changed, the game, and the settings that replace the recipe's.
VARIANTS: dict[str, tuple[Game, dict[str, Any]]] = {
    "nothing": (game(), {}),
    "leaky ReLU in G": (game(generator="leaky_relu"), {}),
    "tanh in D": (game(discriminator="tanh"), {}),
    "non-saturating loss": (game(loss=losses.non_saturating), {}),
    "R1 alone": (game(penalty=lambda critic, real, fake: penalties.r1(critic, real, 0.05)), {}),
    "no penalty": (game(penalty=None), {"penalty_weight": 1.0}),
    "penalty's weight stays at 4": (game(), {"penalty_weight": 4.0}),
    "penalty's weight stays at 0.3": (game(), {"penalty_weight": 0.3}),
    "momentum 0.5": (game(), {"betas": (0.5, 0.99)}),
    "rates fall to 5e-4, average 0.998": (game(), {"lr": cosine(SHORT.lr, 5e-4), "ema_decay": 0.998}),
    "rates stay at 2e-3": (game(), {"lr": 2e-3}),
    "rates from 6e-3": (game(), {"lr": cosine(6e-3, 1e-5)}),
    "rates from 5e-4": (game(), {"lr": cosine(5e-4, 1e-5)}),
    "batches of 64": (game(), {"batch": 64}),
    "one latent": (game(latent=1), {}),
    "two latents": (game(latent=2), {}),
}


def measure(variant: str) -> list[list[float]]:
    """Modes, high quality and reverse KL of every seed's average generator; the worst values if the runs diverged."""
    players, other = VARIANTS[variant]
    try:
        histories = ensemble(players, SHORT.mixture, seeds=SEEDS, **SETTINGS | other)
    except Diverged:
        return [[0, 0.0, float("inf")]] * len(SEEDS)
    return [list(found) for found in scores(histories, SHORT.mixture, average=True)]


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
    head = ["# Which ingredient of the recipe for the grid of 25 does what?", "",
            f"{SHORT.steps} steps of batch {SHORT.batch} (the full recipe: twice of both), rates from {SHORT.lr:g} "
            f"to 1e-5, average 0.995; {len(SEEDS)} seeds each, one thing changed at a time. "
            f"Median (least to greatest). {MACHINE}.",
            "", "| changed | modes | high quality, % | reverse KL |", "| --- | --- | --- | --- |"]
    for variant in wanted:
        rows[variant] = measure(variant)
        print(line(variant, rows[variant]), flush=True)
        RESULTS.mkdir(exist_ok=True)
        lines = [line(name, rows[name]) for name in VARIANTS if name in rows]
        (RESULTS / "mixtures_ablation.md").write_text("\n".join(head + lines) + "\n")
        path.write_text(json.dumps({"machine": MACHINE, "steps": SHORT.steps, "batch": SHORT.batch,
                                    "variants": {n: rows[n] for n in VARIANTS if n in rows}}, indent=1) + "\n")
