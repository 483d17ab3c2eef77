"""What do 16 seeds in one batch of matrices cost, in single runs?  python benchmarks/seeds.py"""

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


if __name__ == "__main__":
    rows, limits = {}, {}
    for hidden, limit in ((32, 2.5), (64, 5.0)):
        case = f"16 seeds / 1 seed, 2-{hidden}-{hidden} game, batch {BATCH}"
        rows[case] = ratios(
            lambda h=hidden: ensemble(game(h), RING, seeds=SEEDS, **SAME),
            lambda h=hidden: train(game(h), RING, **SAME))
        limits[case] = limit
    store("seeds", "What do 16 seeds cost, in single runs?", rows, limits)
