"""What do 16 seeds in one batch of matrices cost, in single runs?  python benchmarks/seeds.py

Both sides with one thread, as in the notebooks, and with two. Two threads slow a single run of so small a network down,
so the honest comparison of best with best is the third: 16 seeds with two threads, one seed with one.
"""

from collections.abc import Callable

import torch
from paired import ratios, store

from ganlib import data
from ganlib.games import Game
from ganlib.networks import MLP
from ganlib.training import ensemble, train

BATCH, SEEDS = 128, range(16)
SAME = {"steps": 200, "batch": BATCH, "device": "cpu", "progress": False}
RING = data.ring()


def game(hidden: int) -> Game:
    return Game(MLP(2, hidden, hidden, 2), MLP(2, hidden, hidden, 1), latent=2)


def with_threads(count: int, work: Callable[[], object]) -> Callable[[], object]:
    def run() -> None:
        torch.set_num_threads(count)
        work()
    return run


if __name__ == "__main__":
    rows, limits = {}, {}
    for hidden, limit in ((32, 2.5), (64, 5.0)):
        for many, single in ((1, 1), (2, 2), (2, 1)):
            case = f"16 seeds / 1 seed, 2-{hidden}-{hidden} game, batch {BATCH}, threads {many} / {single}"
            rows[case] = ratios(
                with_threads(many, lambda h=hidden: ensemble(game(h), RING, seeds=SEEDS, **SAME)),
                with_threads(single, lambda h=hidden: train(game(h), RING, **SAME)))
            limits[case] = limit
    store("seeds", "What do 16 seeds cost, in single runs?", rows, limits)
