"""T-shirts to pullovers and back, by a CycleGAN without pairs (chapter 16). 13 minutes of one core."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks, draws, metrics, pretrained
from ganlib.data import fashion_mnist, garments
from ganlib.games import UnpairedTranslation
from ganlib.networks.translation import PatchDiscriminator, ResidualTranslator
from ganlib.pretrained.recipe import Recipe
from ganlib.training import cosine, train

A, B = "T-shirt/top", "Pullover"
WIDTH, BLOCKS, CHANNELS = 16, 3, (16, 32, 64)  # the judges see patches of 34 × 34: whole garments, and the padding
CYCLE, POOL, NOISE = 5.0, 50, 0.1
TRAINING: dict[str, Any] = {"seed": 0, "steps": 9000, "batch": 4, "lr": cosine(1e-3, 5e-5), "betas": (0.5, 0.99),
                            "ema_decay": 0.995}


def players(width: int, blocks: int, channels: tuple[int, ...]) -> tuple[nn.ModuleDict, nn.ModuleDict]:
    """Two translators and two judges of grey pictures."""
    return (nn.ModuleDict({way: ResidualTranslator(width=width, blocks=blocks) for way in ("ab", "ba")}),
            nn.ModuleDict({name: PatchDiscriminator(channels=channels) for name in ("a", "b")}))


def shade(images: Tensor) -> Tensor:
    """How light the cloth is: the median of the middle of the picture as ink from 0 to 1, (n,).

    images: grey pictures (n, 1, 28, 28) in [−1, 1]; rows 8 to 19 and columns 10 to 17 are chest on every garment.
    """
    checks.tensor("shade", "images", images, dims=4)
    return (images[:, 0, 8:20, 10:18].flatten(1).median(1).values + 1) / 2


def rank_correlation(x: Tensor, y: Tensor) -> float:
    """Spearman's: the correlation of the ranks of x and y, (n,) each; equal numbers are ranked as they come."""
    ranks = torch.stack([v.double().argsort(stable=True).argsort().double() for v in (x, y)])
    return float(torch.corrcoef(ranks)[0, 1])


@torch.no_grad()
def translated(translators: Any, split: str = "test") -> dict[str, list[float]]:
    """What two translators, "ab" and "ba", do to the embedded garments of a split: two numbers each, from a and from b.

    cycle:  E |F(G(a)) − a| and E |G(F(b)) − b|, per pixel of pictures in [−1, 1].
    style:  the share that the network "classifier_fashion" takes for the other kind after the translation.
    shade:  the rank correlation of `shade` before and after.
    moved:  E |G(a) − a| and E |F(b) − b|.
    noisy:  E |F(G(a) + n) − F(G(a))| and so on, for n ~ N(0, 0.1²).
    steady: the same for real pictures, E |F(b + n) − F(b)| and E |G(a + n) − G(a)|.
    """
    data, judge, classes = garments(A, B, split), pretrained.load("classifier_fashion"), fashion_mnist(split).classes
    found: dict[str, list[float]] = {key: [] for key in ("cycle", "style", "shade", "moved", "noisy", "steady")}
    for x, other, way, home, kind in ((data.a, data.b, "ab", "ba", B), (data.b, data.a, "ba", "ab", A)):
        y = translators[way](x)
        again, of_real = translators[home](y), translators[home](other)
        shaken = translators[home](y + NOISE * draws.normal(*y.shape))
        real_shaken = translators[home](other + NOISE * draws.normal(*other.shape))
        for key, value in (("cycle", (again - x).abs().mean()),
                           ("style", (judge(y).argmax(1) == classes.index(kind)).double().mean()),
                           ("shade", rank_correlation(shade(x), shade(y))), ("moved", (y - x).abs().mean()),
                           ("noisy", (shaken - again).abs().mean()), ("steady", (real_shaken - of_real).abs().mean())):
            found[key].append(float(value))
    return found


def make(work: Path) -> nn.Module:
    game = UnpairedTranslation(*players(WIDTH, BLOCKS, CHANNELS), cycle=CYCLE, pool=POOL)
    if train(game, garments(A, B, size="full"), checkpoint=work, device="cpu", **TRAINING).interrupted:
        raise KeyboardInterrupt
    assert game.average is not None
    return game.average.eval()


@torch.no_grad()
def samples(networks: Any) -> Tensor:
    """The grid, (64, 1, 28, 28): eight test T-shirts and what becomes of them, eight more, and pullovers likewise."""
    data, rows = garments(A, B, "test"), []
    for x, way in ((data.a[:16], "ab"), (data.b[:16], "ba")):
        y = networks[way](x)
        rows += [x[:8], y[:8], x[8:], y[8:]]
    return torch.cat(rows)


def measure(networks: Any) -> dict[str, Any]:
    """As `translated`, and how far translations are from real garments, with as many real ones beside them."""
    train_data, data = garments(A, B), garments(A, B, "test")
    features = pretrained.load("classifier_fashion").features
    made, real = (networks["ab"](data.a), networks["ba"](data.b)), (data.b, data.a)
    others = (train_data.b[:len(data.b)], train_data.a[:len(data.a)])
    frechet = {name: [metrics.frechet_distance(features(x), features(y)) for x, y in zip(some, real, strict=True)]
               for name, some in (("generated", made), ("floor", others))}
    return {**translated(networks), "frechet": frechet,
            "what": " ".join(str(translated.__doc__).split()) + " frechet: Fréchet distance of the 200 translations "
                    "(generated) and of 200 training garments (floor) to the 200 test garments of that kind, in the "
                    "features of the classifier."}


RECIPE = Recipe(
    title="T-shirts to pullovers and back", data="fashion_mnist, the 6,000 T-shirts and 6,000 pullovers of the full "
    "training set", make=make, samples=samples, measure=measure,
    settings={"loss": "least_squares", "cycle": CYCLE, "identity": 0.0, "pool": POOL,
              "generator": f"ResidualTranslator(width={WIDTH}, blocks={BLOCKS}), twice",
              "discriminator": f"PatchDiscriminator(channels={CHANNELS}), twice", **TRAINING},
    note="Trained on the full set, which is not part of the package. The networks are the moving average.")
