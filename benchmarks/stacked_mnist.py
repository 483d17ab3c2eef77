"""How many of the 1000 modes of Stacked MNIST survive a discriminator of a quarter the generator's width?

    python benchmarks/stacked_mnist.py            all rows, every seed that is not yet in the results
    python benchmarks/stacked_mnist.py gan        one row

The small-discriminator protocol of Metz et al. 2017 on one core: their networks, with batch norm in the generator only;
25,600 samples, whose three channels a digit classifier names; a mode counts if one sample shows it. A classifier names
anything, so beside the count stands how far the digits are from real ones, and two controls that no one trained. A run
takes two or three minutes (the long rows ten and twenty) instead of their 500,000 steps; one that was cut short goes on
from its checkpoint. Results are written after each run.
"""

import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from paired import MACHINE, RESULTS
from torch import Tensor, nn
from torch.nn import functional

from ganlib import data, draws, losses, metrics, penalties, pretrained
from ganlib.games import Game, Penalty
from ganlib.networks.stacked import StackedDiscriminator, StackedGenerator
from ganlib.training import Diverged, cosine, train

SAMPLES, AT_ONCE = 25_600, 512
LATENT = 256
COLUMNS = {"modes": 0, "kl": 2, "frechet": 0}  # of the report, and the places that are printed
WORK = Path(tempfile.gettempdir(), "ganlib-stacked-mnist")  # checkpoints of unfinished runs


def both(weight: float) -> Penalty:
    """R1 + R2."""
    def penalty(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> Tensor:
        return penalties.r1(critic, real, weight) + penalties.r2(critic, fake, weight)
    return penalty


class Row(NamedTuple):
    title: str
    seeds: range
    share: float = 0.25  # of the generator's widths, the discriminator's
    loss: losses.Loss = losses.non_saturating
    penalty: Penalty | None = None
    pack: int = 1
    settings: dict[str, Any] = {}  # other than SETTINGS


# The discriminator is the faster one to the end: what it can tell apart at one time is little, so it has to move.
SETTINGS: dict[str, Any] = {"steps": 3000, "batch": 64, "lr": (cosine(2e-3, 1e-4), cosine(4e-3, 2e-3)),
                            "betas": (0.0, 0.9), "ema_decay": 0.998, "device": "cpu", "progress": False}
GAMMA = 10.0  # from 1, 10 and 100; it, Adam's second number (.5 to .99) and the steps were chosen with seeds 11 and 12
MODERN: dict[str, Any] = {"loss": losses.relativistic, "penalty": both(GAMMA)}
ROWS = {
    "modern": Row("relativistic + R1 + R2, D = ¼ G", range(5), **MODERN),
    "modern chosen": Row("the same, seeds it was chosen with", range(11, 13), **MODERN),
    "modern long": Row("the first, 12,000 steps with β₂ = 0.99", range(5), **MODERN,
                       settings={"steps": 12_000, "betas": (0.0, 0.99)}),
    "modern longer": Row("the first, 24,000 steps with β₂ = 0.99", range(5), **MODERN,
                         settings={"steps": 24_000, "betas": (0.0, 0.99)}),
    "gan": Row("non-saturating GAN, D = ¼ G", range(3)),
    "pac4": Row("the same in packs of 4", range(3), pack=4),
    "penalised": Row("non-saturating GAN + R1 + R2, D = ¼ G", range(3), penalty=both(GAMMA)),
    "modern half": Row("relativistic + R1 + R2, D = ½ G", range(3), share=0.5, **MODERN),
    "gan half": Row("non-saturating GAN, D = ½ G", range(3), share=0.5),
}

# Metz et al. 2017, table 1 (unrolled, 50 runs of 500,000 updates of batch 128); Lin et al. 2018, table 4 (PacGAN).
PUBLISHED = {
    "D = ¼ G": [("DCGAN (Metz)", "30.6 ± 20.7", 5.99), ("unrolled, 1 step", "65.4", 5.91),
                ("unrolled, 5 steps", "236.4 ± 63.3", 4.67), ("unrolled, 10 steps", "327.2 ± 74.7", 4.66),
                ("DCGAN (Lin)", "78.5 ± 17.6", 5.21), ("PacDCGAN2", "484.5 ± 33", 2.61),
                ("PacDCGAN3", "601.3 ± 32", 2.00), ("PacDCGAN4", "667.4 ± 29", 1.81)],
    "D = ½ G": [("DCGAN (Metz)", "628 ± 141", 2.58), ("unrolled, 1 step", "523.6", 2.44),
                ("unrolled, 5 steps", "732 ± 45", 1.66), ("unrolled, 10 steps", "817.4 ± 38", 1.43),
                ("DCGAN (Lin)", "487.7", 2.24), ("PacDCGAN2", "840.7 ± 16", 1.00),
                ("PacDCGAN3", "866.6 ± 12", 0.90), ("PacDCGAN4", "820.2", 1.15)],
    "other networks, D not small": [
        ("GAN + R1 + R2 (Huang et al. 2024)", "693", 0.9270), ("relativistic + R1 + R2 (R3GAN, same)", "1000", 0.0781)],
}


@torch.no_grad()
def measured(draw: Callable[[int], Tensor], judge: Any, real: metrics.Moments) -> dict[str, Any]:
    """Of 25,600 samples: modes, KL(shares ‖ 1/1000), the rarest digit's share in a channel, and a distance.

    frechet: of the single channels to real digits, whose features in the judge have the moments ``real``.
    """
    torch.manual_seed(0)
    named, moments = [], metrics.Moments()
    for _ in range(SAMPLES // AT_ONCE):
        features = judge.features(draw(AT_ONCE).reshape(-1, 1, 28, 28))
        moments.update(features)
        named.append(judge.head(features).argmax(1).view(-1, 3))
    digits = torch.cat(named)  # (n, 3)
    share = torch.bincount(digits @ torch.tensor([100, 10, 1]), minlength=1000).double() / SAMPLES
    channels = torch.stack([torch.bincount(channel, minlength=10) for channel in digits.T]) / SAMPLES
    return {"modes": int((share > 0).sum()), "kl": float(torch.special.xlogy(share, 1000 * share).sum()),
            "rarest_digit": float(channels.min()), "frechet": metrics.frechet_distance(moments, real)}


def smooth_noise(rows: int) -> Tensor:
    """White noise, averaged over 7 × 7 pixels and stretched again: blobs, the same for every digit there is."""
    return (7 * functional.avg_pool2d(draws.normal(rows, 3, 28, 28), 7, 1, 3)).clamp(-1, 1)


REAL = data.stacked_mnist("test")  # read once: a draw of quarters would read the file each time


def quarters(rows: int) -> Tensor:
    """Stacks of test digits, each quarter of each channel from another one: strokes that do not belong together."""
    four = REAL.sample(4 * rows).view(4, rows, 3, 2, 14, 2, 14)  # half above, half to the left
    parts = [[four[2 * i + j, :, :, i, :, j] for j in range(2)] for i in range(2)]
    return torch.cat([torch.cat(row, -1) for row in parts], -2)


UNTRAINED: dict[str, Callable[[int], Tensor]] = {
    "real stacks (test digits)": REAL.sample,
    "quarters of four real digits each": quarters, "smooth noise": smooth_noise}


def game(row: Row) -> Game:
    players = nn.ModuleList([StackedGenerator(LATENT, batch_norm=True), StackedDiscriminator(row.share, row.pack)])
    players.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a sixth faster on a CPU
    return Game(*players, latent=LATENT, loss=row.loss, penalty=row.penalty, pack=row.pack)


def measure(name: str, seed: int, judge: nn.Module, real: metrics.Moments) -> dict[str, Any]:
    """One run: train, measure."""
    row, stacks, work = ROWS[name], data.stacked_mnist(), WORK / f"{name} {seed}".replace(" ", "-")
    whole, start, players = not work.exists(), time.process_time(), game(row)
    try:
        history = train(players, stacks, seed=seed, checkpoint=work, **SETTINGS | row.settings)
    except Diverged as error:
        return {"diverged": str(error), "modes": 0, "kl": math.log(1000), "frechet": math.inf}  # as bad as can be
    if history.interrupted:
        sys.exit(1)
    seconds = {"seconds": round(time.process_time() - start, 1)} if whole else {}  # not of a run that was resumed
    last = measured(players.generate, judge, real)
    return {**measured(lambda rows: players.generate(rows, average=True), judge, real),
            **{f"{key}_without_average": last[key] for key in COLUMNS},
            "discriminator_loss": float(history.discriminator_loss[-500:].mean()), **seconds}


def mean(values: list[float], places: int) -> str:
    spread = f" ± {statistics.stdev(values):.{places}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{places}f}{spread}"


def report(content: dict[str, Any]) -> str:
    lines = ["# How many of the 1000 modes of Stacked MNIST survive a small discriminator?", "",
             f"{SAMPLES:,} samples a run, classified by the book's own digit classifier. Ours: embedded digits, "
             f"{SETTINGS['steps']:,} steps of batch {SETTINGS['batch']}, one core; mean ± standard deviation over the "
             "seeds. Distance: Fréchet, of single digits to the 10,000 training digits in the classifier's features. "
             f"Published: 500,000 steps of batch 128. {content['machine']}.", "",
             "| game | modes | KL | distance | seeds |", "|---|---|---|---|---|"]
    lines += [f"| {title} | {' | '.join(f'{found[key]:.{places}f}' for key, places in COLUMNS.items())} | |"
              for title, found in content["untrained"].items()]
    for name, row in ROWS.items():
        if runs := list(content["runs"].get(name, {}).values()):
            numbers = [mean([run[key] for run in runs], places) for key, places in COLUMNS.items()]
            lines.append(f"| {row.title} | {' | '.join(numbers)} | {len(runs)} |")
    for share, rows in PUBLISHED.items():
        lines += ["", f"Published, {share}:", "", "| | modes | KL |", "|---|---|---|"]
        lines += [f"| {who} | {found} | {kl:.2f} |" for who, found, kl in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(ROWS)
    if unknown := set(wanted) - set(ROWS):
        sys.exit(f"no such row: {', '.join(sorted(unknown))}; there are: {', '.join(ROWS)}")
    path, judge = RESULTS / "stacked_mnist.json", pretrained.load("classifier_mnist")
    real = metrics.Moments().update(metrics.by_batches(judge.features, data.mnist().images))
    RESULTS.mkdir(exist_ok=True)
    if not path.exists():
        untrained = {title: measured(draw, judge, real) for title, draw in UNTRAINED.items()}
        content = {"machine": MACHINE, "untrained": untrained, "runs": {}}
        path.write_text(json.dumps(content, indent=1) + "\n")
    for name in wanted:
        for seed in ROWS[name].seeds:
            if str(seed) not in json.loads(path.read_text())["runs"].get(name, {}):
                run = measure(name, seed, judge, real)
                content = json.loads(path.read_text())  # as it is now: another row may be under way on another core
                content["runs"].setdefault(name, {})[str(seed)] = run
                print(name, seed, run, flush=True)
                path.write_text(json.dumps(content, indent=1) + "\n")
                (RESULTS / "stacked_mnist.md").write_text(report(content))
