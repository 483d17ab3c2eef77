"""A small style-based generator of garments in three ways, eight seeds each (chapter 17). 12 minutes of one core.

    plain       mixing regularisation, no penalty on path lengths
    path        the same with the path length penalty
    no mixing   as plain, but no picture of the training has two styles
"""

from typing import Any

import torch
from torch import Tensor

from ganlib import draws, metrics, pretrained
from ganlib.data import fashion_mnist
from ganlib.games import StyleGame, path_lengths
from ganlib.networks.dcgan import DCGANDiscriminator
from ganlib.networks.stylegan import LAYERS, StyleGenerator
from ganlib.studies import Study
from ganlib.training import History, cosine, train

STEPS, BATCH, LATENT, ROWS = 500, 32, 32, 1000
CHANNELS, WIDTHS = (32, 24, 12), (16, 32, 64)
GROUPS = ("coarse", "middle", "fine")  # of layers: at 7 × 7, at 14 × 14, at 28 × 28
VARIANTS: dict[str, dict[str, Any]] = {"plain": {}, "path": {"path_weight": 0.2}, "no mixing": {"mixing": 0.0}}


def game_of(mixing: float = 0.9, path_weight: float = 0.0) -> StyleGame:
    """The players of a variant, small enough for a notebook."""
    return StyleGame(StyleGenerator(LATENT, CHANNELS, noise=True, mixing=mixing),
                     DCGANDiscriminator(WIDTHS, batch_norm=False), latent=LATENT, r1=1.0, path_weight=path_weight)


def play(settings: dict[str, Any], seed: int, **more: Any) -> History:
    """Train a variant from a seed; more: arguments of `train`."""
    how: dict[str, Any] = {"steps": STEPS, "batch": BATCH, "lr": (cosine(1e-2, 1e-3), cosine(2e-3, 2e-4)),
                           "betas": (0.0, 0.99), "penalty_every": 8, "ema_decay": 0.99, "device": "cpu",
                           "progress": False}
    return train(game_of(**settings), fashion_mnist(), seed=seed, **how | more)


def crossed(generator: Any, w: Tensor) -> Tensor:
    """Pictures whose styles change, at a random layer, to those of the w before, as in mixing regularisation."""
    change = 1 + draws.integers(len(LAYERS) - 1, len(w))
    late = torch.arange(len(LAYERS)) >= change[:, None]  # (n, 6)
    return generator.synthesis(torch.where(late[:, :, None], w.roll(1, 0)[:, None], w[:, None]))


def brightness(x: Tensor) -> Tensor:
    """Mean grey of the article itself, from 0 to 1, of pictures (n, 1, 28, 28): (n,)."""
    inside = x > -0.7
    return ((x + 1) / 2 * inside).sum((1, 2, 3)) / inside.sum((1, 2, 3)).clamp_min(1)


def exchanged(generator: Any, a: Tensor, b: Tensor, group: str) -> Tensor:
    """Pictures of a (n, latent), with the styles of one group of layers from b."""
    styles = torch.stack([b if layer == group else a for layer in LAYERS], 1)  # (n, 6, latent)
    return torch.cat([generator.synthesis(part, "none") for part in styles.split(250)])


def shared_out(generator: Any, judge: Any, a: Tensor, b: Tensor) -> dict[str, list[float]]:
    """What each of `GROUPS` carries, if it alone comes from b: three numbers each.

    kept, taken: of the pairs whose classes differ, the share that still has the class of a, that now has that of b.
    light:       the correlation of the brightness with that of b.
    """
    whole, other = (torch.cat([generator.synthesis(part, "none") for part in w.split(250)]) for w in (a, b))
    first, second = judge(whole).argmax(1), judge(other).argmax(1)
    differ = first != second
    found: dict[str, list[float]] = {"kept": [], "taken": [], "light": []}
    for group in GROUPS:
        x = exchanged(generator, a, b, group)
        kind = judge(x).argmax(1)
        found["kept"].append(float((kind == first)[differ].float().mean()))
        found["taken"].append(float((kind == second)[differ].float().mean()))
        found["light"].append(float(torch.corrcoef(torch.stack([brightness(x), brightness(other)]))[0, 1]))
    return found


def measured(generator: Any, rows: int = ROWS) -> dict[str, Any]:
    """A generator in eval mode, judged by the network "classifier_fashion" and by its slopes.

    frechet:  distance of its pictures to as many test pictures. crossed: the same, of pictures with two styles.
    length:   mean path length at a fifth as many w. spread: their standard deviation over their mean.
    smooth:   perceptual path length at the ends of ways in w, 1 % of both tails left out.
    strength: size of the noise at each layer, five numbers.
    noise:    root mean square change of a pixel when only the noise is drawn anew, over that for another latent.
    And what `shared_out` says of half as many pairs.
    """
    judge: Any = pretrained.load("classifier_fashion")
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        w = generator.mapping(draws.normal(rows, generator.latent))
        x, again, two = generator.synthesis(w), generator.synthesis(w[:200]), crossed(generator, w)
        real = judge.features(fashion_mnist("test").images[:rows])
        lengths = path_lengths(generator.synthesis, w[:rows // 5]).detach()
        return {"frechet": metrics.frechet_distance(judge.features(x), real),
                "crossed": metrics.frechet_distance(judge.features(two), real),
                "length": float(lengths.mean()), "spread": float(lengths.std() / lengths.mean()),
                "smooth": metrics.path_length(generator, judge.features, where="end", pairs=200, trim=0.01).mean,
                "strength": [abs(float(layer.strength)) for layer in generator.layers[:-1]],
                "noise": float((again - x[:200]).square().mean().sqrt() / (x - x.roll(1, 0)).square().mean().sqrt()),
                **shared_out(generator, judge, w[:rows // 2], w[rows // 2:])}


def run(settings: dict[str, Any], seed: int) -> dict[str, Any]:
    """One run and what its averaged generator is like."""
    generator: Any = play(settings, seed).game.average
    return measured(generator.eval())


STUDY = Study(VARIANTS, range(8), run)
