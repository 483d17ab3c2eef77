"""The study of DCGAN's guidelines: its variants are what they are called, and its measures tell good from bad."""

import pytest
import torch
from torch import nn

from ganlib import losses, studies
from ganlib.data import mnist
from ganlib.games import Game
from ganlib.studies import dcgan


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_one_batch_mixes_the_statistics():
    variant = dcgan.VARIANTS["one batch in D"]
    play, real = dcgan.game(variant), mnist().images[:16]
    torch.manual_seed(1)
    found = play.discriminator_loss(real)
    torch.manual_seed(1)
    with torch.no_grad():
        logits = play.discriminator(torch.cat([real, play.generator(torch.randn(16, dcgan.LATENT))]))
    assert torch.equal(found.detach(), losses.non_saturating.discriminator(logits[:16], logits[16:]))
    torch.manual_seed(1)
    apart = Game.discriminator_loss(play, real)
    assert abs(found - apart) > 1e-3


def test_every_variant_changes_something():
    usual = dcgan.VARIANTS["all guidelines"]
    assert usual == {}
    assert len({repr(variant) for variant in dcgan.VARIANTS.values()}) == len(dcgan.VARIANTS) == 9
    for variant in dcgan.VARIANTS.values():
        assert set(variant) <= {"generator", "discriminator", "betas", "together", "low"}
        play = dcgan.game(variant)
        assert play.discriminator(play.generate(4)).shape == (4, 1)
    without = dcgan.game(dcgan.VARIANTS["no batch norm"])
    assert not any(isinstance(m, nn.BatchNorm2d) for player in (without.generator, without.discriminator)
                   for m in player.modules())


def test_the_judge_knows_real_digits_from_worse():
    digits = mnist().images[:2000]
    real = dcgan.judged(digits)
    assert real["frechet"] < 3 and real["precision"] > 0.8 and real["recall"] > 0.8 and real["class_kl"] < 0.02
    noisy = dcgan.judged((digits + 0.5 * torch.randn(digits.shape)).clamp(-1, 1))
    assert noisy["frechet"] > 5 * real["frechet"] and noisy["precision"] < real["precision"]
    few = dcgan.judged(mnist().only((0, 1)).images[:2000])
    assert few["recall"] < 0.6 and few["class_kl"] > 1 and few["frechet"] > 5 * real["frechet"]


def test_pixels_from_0_are_brought_back():
    variant = dcgan.VARIANTS["pixels in [0, 1]"]
    assert variant["low"] == 0.0
    seen = {}

    class Kept(Game):
        def discriminator_loss(self, real):
            seen["least"] = min(seen.get("least", 1.0), float(real.min()))
            return super().discriminator_loss(real)

    def stub(_):
        return Kept(dcgan.DCGANGenerator(dcgan.LATENT, dcgan.WIDTHS), dcgan.DCGANDiscriminator(dcgan.WIDTHS[::-1]),
                    latent=dcgan.LATENT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dcgan, "STEPS", 1)
        patch.setattr(dcgan, "game", stub)
        dcgan.trained(variant, 0)
        assert seen["least"] == 0.0
        dcgan.trained({}, 0)
        assert seen["least"] == -1.0


def test_the_record_is_complete():
    record = studies.recorded("dcgan")
    assert list(record) == list(dcgan.VARIANTS)
    for measures in record.values():
        assert {key: value.shape for key, value in measures.items()} == dict.fromkeys(
            ("frechet", "precision", "recall", "class_kl", "seconds"), (8,))
