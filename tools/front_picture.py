"""The picture on the front page, made by the book's own code:  python tools/front_picture.py

Five moments of one game: what the discriminator believes (colour), and where the generator's samples are (dots).
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import torch

from ganlib import data, figures
from ganlib.games import Game
from ganlib.networks import MLP
from ganlib.training import train

TARGET = Path(__file__).resolve().parent.parent / "book" / "_static" / "front.png"
MOMENTS = (0, 200, 400, 1000, 3000)
LIMIT = 1.7


def main() -> None:
    ring = data.ring(modes=8, std=0.1)
    game = Game(MLP(2, 32, 32, 2, activation="tanh"), MLP(2, 32, 32, 1, activation="tanh"), latent=2)
    ticks = torch.linspace(-LIMIT, LIMIT, 120)
    places = torch.cartesian_prod(ticks, ticks)
    run = train(game, ring, steps=MOMENTS[-1], lr=(1e-3, 3e-3), device="cpu", probe_every=200, probes={
        "samples": lambda g: g.generate(700),
        "belief": lambda g: torch.sigmoid(g.discriminator(places)).reshape(120, 120).T})
    fig, axes = figures.new(len(MOMENTS), width=2.1, height=2.35)
    for ax, step in zip(axes, MOMENTS, strict=True):
        visit = list(run.probe_steps).index(step)
        ax.imshow(run.probes["belief"][visit], origin="lower", extent=(-LIMIT, LIMIT, -LIMIT, LIMIT), cmap="PuOr_r",
                  vmin=0.1, vmax=0.9, interpolation="bilinear")
        x, y = run.probes["samples"][visit].T
        ax.scatter(x, y, s=3.5, c="black", alpha=0.75, linewidths=0)
        ax.set(xlim=(-LIMIT, LIMIT), ylim=(-LIMIT, LIMIT), xticks=[], yticks=[])
        ax.set_title(f"step {step:,}", fontsize=11)
        for side in ax.spines.values():
            side.set_visible(False)
    fig.savefig(TARGET, dpi=160, facecolor="white", metadata={"Software": None})


if __name__ == "__main__":
    main()
