"""Train a generator that is part of the package and write ``ganlib/pretrained/NAME.safetensors`` and its manifest.

For the maintainer; nobody else needs it. One recipe a generator, below; the data are the embedded images.

    python tools/train_pretrained.py dcgan_mnist                  up to 25 minutes of one core
    python tools/train_pretrained.py dcgan_mnist --work FOLDER    keep checkpoints there, go on from them
    python tools/train_pretrained.py dcgan_mnist --grid FILE.png  also draw 64 samples of what was stored

The same recipe on another processor or version of torch ends in another generator of about the same quality.
"""

import argparse
import hashlib
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganlib import figures, losses, penalties, pretrained
from ganlib.data import images
from ganlib.games import Game
from ganlib.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from ganlib.networks.stylegan import StyleGenerator
from ganlib.training import cosine, train
from ganlib.training.schedules import written

DATA = {"mnist": images.mnist, "fashion_mnist": images.fashion_mnist}
RECIPES: dict[str, dict[str, Any]] = {
    "dcgan_mnist": {
        "title": "handwritten digits", "generator": DCGANGenerator, "data": "mnist", "r1": 1.0, "seed": 1,
        "settings": {"steps": 28_000, "batch": 64, "lr": cosine(1e-3, 1e-4), "betas": (0.5, 0.99),
                     "penalty_every": 8, "ema_decay": 0.999},
    },
    "style_fashion": {
        "title": "articles of clothing", "generator": StyleGenerator, "data": "fashion_mnist", "r1": 1.0, "seed": 1,
        "settings": {"steps": 14_000, "batch": 32, "lr": (cosine(2e-3, 2e-4), cosine(1e-3, 1e-4)),
                     "betas": (0.0, 0.99), "penalty_every": 8, "ema_decay": 0.999},
    },
}
WIDTHS = (32, 64, 128)  # of the discriminator, which has no batch norm, because R1 takes slopes per sample
SAMPLES = 2000


def trained(recipe: dict[str, Any], work: Path) -> tuple[torch.nn.Module, float]:
    """The moving average of the generator's parameters, and the seconds of processor time it took."""
    game = Game(recipe["generator"](), DCGANDiscriminator(WIDTHS, batch_norm=False), latent=32,
                loss=losses.non_saturating,
                penalty=lambda critic, real, fake: penalties.r1(critic, real, weight=recipe["r1"]))
    clock, start = work / "seconds.json", time.process_time()
    train(game, DATA[recipe["data"]](), seed=recipe["seed"], checkpoint=work, device="cpu", **recipe["settings"])
    seconds = time.process_time() - start + (json.loads(clock.read_text()) if clock.exists() else 0)
    clock.write_text(json.dumps(seconds))
    assert game.average is not None
    return game.average, seconds


@torch.no_grad()
def settled(generator: Any) -> Any:
    """What the averaged parameters need besides: batch norm's statistics measured anew, or the mean of w."""
    torch.manual_seed(0)
    if isinstance(generator, StyleGenerator):
        generator.measure_mean()
        return generator.eval()
    for norm in generator.norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
    generator.train()
    for _ in range(50):
        generator(torch.randn(200, generator.latent))
    return generator.eval()


def frechet(a: Tensor, b: Tensor) -> float:
    """Fréchet distance of two sets of features (n, d), each taken as Gaussian (Dowson & Landau 1982)."""
    one, other = torch.cov(a.T), torch.cov(b.T)
    root = torch.linalg.eigvals(one @ other).real.clamp_min(0).sqrt().sum()
    return float((a.mean(0) - b.mean(0)).square().sum() + one.trace() + other.trace() - 2 * root)


@torch.no_grad()
def quality(generator: Any, name: str) -> dict[str, Any]:
    """What can be said without a trained classifier; `manifest.json` holds it."""
    real, test = DATA[name](), DATA[name]("test")
    torch.manual_seed(1)
    samples = torch.cat([generator(z) for z in torch.randn(SAMPLES, generator.latent).split(200)])
    pixels, other, fake = (x.flatten(1).double() for x in (real.images, test.images, samples))
    middle = pixels.mean(0)
    axes = torch.linalg.svd(pixels - middle, full_matrices=False).Vh[:64].T
    fake_distance, nearest = torch.cdist(fake, pixels).min(1)
    other_distance = torch.cdist(other, pixels).min(1).values
    distance = {"generated": frechet((fake - middle) @ axes, (other - middle) @ axes),
                "training": frechet((pixels[:SAMPLES] - middle) @ axes, (other - middle) @ axes)}
    return {
        "samples": SAMPLES,
        "frechet_pixels": {key: round(value, 2) for key, value in distance.items()},
        "nearest_class": torch.bincount(real.labels[nearest], minlength=len(real.classes)).tolist(),
        "nearest_distance": {"generated": round(float(fake_distance.median()), 2),
                             "test": round(float(other_distance.median()), 2)},
        "what": "frechet_pixels: Fréchet distance to the 2,000 test images on the first 64 principal components of the "
                "training pixels, of the samples and of 2,000 training images (the floor). nearest_class: samples "
                "whose nearest training image, pixel by pixel, has each class. nearest_distance: median distance to "
                "the nearest training image, of samples and of test images. None of them is FID.",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--grid", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    recipe = RECIPES[given.name]
    with tempfile.TemporaryDirectory() as scratch:
        average, seconds = trained(recipe, given.work or Path(scratch))
    whole = settled(average)
    generator = pretrained.quantised(whole)
    packed = pretrained.pack(generator)
    (pretrained.FOLDER / f"{given.name}.safetensors").write_bytes(packed)
    path = pretrained.FOLDER / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    manifest[given.name] = {
        "title": recipe["title"], "kind": type(generator).__name__, "arguments": pretrained.arguments(generator),
        "parameters": sum(p.numel() for p in generator.parameters()),
        "bytes": len(packed), "sha256": hashlib.sha256(packed).hexdigest(),
        "data": f"{recipe['data']}, the 10,000 embedded training images",
        "loss": "non_saturating", "r1": recipe["r1"],
        "discriminator": f"DCGANDiscriminator({WIDTHS}, batch_norm=False)",
        "seed": recipe["seed"], "settings": {key: written(value) for key, value in recipe["settings"].items()},
        "seconds": round(seconds), "torch": torch.__version__.split("+")[0],
        "quality": quality(generator, recipe["data"]),
        "before_quantisation": quality(whole, recipe["data"])["frechet_pixels"]["generated"],
    }
    ordered = {name: manifest[name] for name in RECIPES if name in manifest}
    path.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if given.grid:
        torch.manual_seed(2)
        with torch.no_grad():
            drawn = figures.images(generator(torch.randn(64, generator.latent)), 8)
        assert drawn is not None
        drawn.savefig(given.grid, dpi=110)


if __name__ == "__main__":
    main()
