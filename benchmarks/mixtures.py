"""Does one recipe cover the published mixtures?  python benchmarks/mixtures.py [grid] [ring]

The grid of 25 and the ring of 8 Gaussians by the published protocol (2,500 samples, 3 std), 8 seeds in one batch. What
is printed is the mean over the seeds, with every seed beside it, the CPU time of all 8 together, and the targets.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from paired import MACHINE, RESULTS
from torch import Tensor

from ganlib import data, losses, metrics, penalties
from ganlib.data.mixtures import Mixture
from ganlib.games import Game, Penalty
from ganlib.networks import MLP
from ganlib.training import History, cosine, ensemble

SEEDS = range(8)
SAMPLES = 2500
MINUTES = 10  # CPU time for all seeds of one mixture
CEILING = 0.9889  # share of a perfect sampler's draws within 3 std in two dimensions, 1 − e^(−4.5)


class Case(NamedTuple):
    mixture: Mixture
    steps: int
    batch: int
    lr: float  # of both players, at the start
    target: tuple[int, float, float]  # what the mean over the seeds must reach: modes, high quality, reverse KL


CASES = {
    "grid of 25": Case(data.grid(), 8000, 1024, 2.5e-3, (25, 0.95, 0.02)),
    "ring of 8": Case(data.ring(std=0.01), 3000, 512, 4e-3, (8, 0.95, 0.01)),
}

# Srivastava et al. 2017 (VEEGAN), table 1, 5 runs; Lin et al. 2018 (PacGAN), table 1, 10 runs. Their protocol: 100,000
# points, 400,000 updates, 4 hidden layers of 400 with batch norm against a maxout discriminator, 2,500 samples, 3 std.
PUBLISHED = {
    "grid of 25": [("GAN (VEEGAN)", 3.3, 0.005, None), ("Unrolled 5 (VEEGAN)", 23.6, 0.16, None),
                   ("VEEGAN", 24.6, 0.40, None), ("GAN (PacGAN)", 17.3, 0.948, 0.70), ("PacGAN2", 23.8, 0.913, 0.13),
                   ("PacGAN4", 24.8, 0.936, 0.04)],
    "ring of 8": [("GAN (VEEGAN)", 1.0, 0.993, None), ("Unrolled 5 (VEEGAN)", 7.6, 0.356, None),
                  ("VEEGAN", 8.0, 0.529, None), ("GAN (PacGAN)", 6.3, 0.982, 0.45), ("PacGAN2", 7.9, 0.956, 0.07),
                  ("PacGAN4", 7.8, 0.959, 0.07)],
}


def r1_and_r2(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> Tensor:
    return penalties.r1(critic, real, 0.05) + penalties.r2(critic, fake, 0.05)


def game(*, latent: int = 4, generator: str = "tanh", discriminator: str = "relu",
         loss: losses.Loss = losses.relativistic, penalty: Penalty | None = r1_and_r2) -> Game:
    """The recipe: tanh makes the steps between 25 islands, ReLU's kinks let the slope change within 0.05."""
    return Game(MLP(latent, 64, 64, 64, 2, activation=generator), MLP(2, 64, 64, 64, 1, activation=discriminator),
                latent=latent, loss=loss, penalty=penalty)


def settings(case: Case) -> dict[str, Any]:
    return {"steps": case.steps, "batch": case.batch, "betas": (0.0, 0.99),
            "penalty_weight": cosine(4.0, 0.3),  # first a smooth slope to all modes, then their edges
            "lr": cosine(case.lr, 5e-4), "ema_decay": 0.998,  # the threads thin to the end; the average calms the rest
            "device": "cpu", "progress": False}


def scores(histories: Sequence[History], mixture: Mixture, average: bool) -> list[metrics.ModeCoverage]:
    """The published protocol, for the generators of all seeds: the average ones or the last ones."""
    torch.manual_seed(0)
    return [metrics.mode_coverage(h.game.generate(SAMPLES, average), mixture.centers, mixture.std) for h in histories]


def measure(case: Case) -> tuple[list[list[metrics.ModeCoverage]], float]:
    """What every seed's average generator reaches, and its last one; the CPU seconds that training them all took."""
    start = time.process_time()
    histories = ensemble(game(), case.mixture, seeds=SEEDS, **settings(case))
    seconds = time.process_time() - start
    return [scores(histories, case.mixture, average) for average in (True, False)], seconds


def means(found: list[metrics.ModeCoverage]) -> list[float]:
    return [sum(values) / len(found) for values in zip(*found, strict=True)]


def report(name: str, case: Case) -> dict[str, Any]:
    (found, last), seconds = measure(case)
    modes, quality, kl = means(found)
    enough = case.target
    met = {f"modes = {enough[0]}": modes == enough[0], f"high quality >= {enough[1]}": quality >= enough[1],
           f"reverse KL <= {enough[2]}": kl <= enough[2], f"CPU minutes <= {MINUTES}": seconds <= 60 * MINUTES}
    return {"steps": case.steps, "batch": case.batch, "lr": case.lr, "cpu_seconds": round(seconds, 1),
            "modes": modes, "high_quality": quality, "reverse_kl": kl,
            "without_average": dict(zip(metrics.ModeCoverage._fields, means(last), strict=True)),
            "seeds": [{"seed": s, **f._asdict()} for s, f in zip(SEEDS, found, strict=True)],
            "ceiling_high_quality": CEILING, "floor_reverse_kl": (len(case.mixture.centers) - 1) / (2 * SAMPLES),
            "published": PUBLISHED[name], "met": met}


def table(name: str, row: dict[str, Any]) -> list[str]:
    def line(*cells: Any) -> str:
        return "| " + " | ".join(map(str, cells)) + " |"

    def numbers(who: str, modes: float, quality: float, kl: float | None) -> str:
        return line(who, f"{modes:g}", f"{100 * quality:.1f}", "–" if kl is None else f"{kl:.4f}")

    return [f"## {name.capitalize()}", "",
            f"{len(row['seeds'])} seeds together: {row['steps']} steps of batch {row['batch']}, "
            f"learning rates from {row['lr']:g}, {row['cpu_seconds']:.0f} CPU-seconds.", "",
            line("", "modes", "high quality, %", "reverse KL"), line("---", "---", "---", "---"),
            *(numbers(f"seed {s['seed']}", s["modes"], s["high_quality"], s["reverse_kl"]) for s in row["seeds"]),
            numbers("**mean**", row["modes"], row["high_quality"], row["reverse_kl"]),
            numbers("mean of the last generators, not averaged", *row["without_average"].values()),
            line("perfect sampler", len(CASES[name].mixture.centers), f"{100 * CEILING:.1f}",
                 f"{row['floor_reverse_kl']:.4f}"),
            *(numbers(*cells) for cells in row["published"]), "",
            *(f"- {what}: {'met' if yes else '**not met**'}" for what, yes in row["met"].items()), ""]


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["grid", "ring"]
    path = RESULTS / "mixtures.json"
    rows: dict[str, Any] = json.loads(path.read_text())["cases"] if path.exists() else {}
    for name, case in CASES.items():
        if name.split()[0] in chosen:
            rows[name] = report(name, case)
            print("\n".join(table(name, rows[name])), flush=True)
    lines = ["# Does one recipe cover the published mixtures?", "",
             f"2,500 samples a seed, high quality within 3 std. {MACHINE}.",
             "Published rows: 2,500 samples and 3 std too, but 400,000 updates of batch 100 and larger networks with "
             "batch norm; means of 5 runs (VEEGAN's table 1) or 10 (PacGAN's).", ""]
    lines += [text for name in CASES if name in rows for text in table(name, rows[name])]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "mixtures.md").write_text("\n".join(lines).rstrip() + "\n")
    path.write_text(json.dumps({"machine": MACHINE, "cases": rows}, indent=1) + "\n")
