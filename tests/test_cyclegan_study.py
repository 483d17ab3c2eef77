"""The study of unpaired translation: its measures give what is known beforehand for translators that are known."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from ganlib.data import garments
from ganlib.games import UnpairedTranslation
from ganlib.pretrained.recipes import cyclegan_fashion as recipe
from ganlib.studies import cyclegan


class Turn(nn.Module):
    """Points (n, 2) turned by so many fifths of a circle, and stretched."""

    def __init__(self, fifths, stretch=1.0):
        super().__init__()
        angle = 2 * math.pi * fifths / 5
        turn = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        self.matrix = nn.Parameter(stretch * torch.tensor(turn))

    def forward(self, x):
        return x @ self.matrix.T


def rings(there, back):
    return UnpairedTranslation(nn.ModuleDict({"ab": there, "ba": back}),
                               nn.ModuleDict({"a": nn.Linear(2, 1), "b": nn.Linear(2, 1)}))


def test_a_ring_that_is_turned_and_turned_back():
    found = cyclegan.measured_ring(rings(Turn(2), Turn(-2)))
    assert found["goes"] == [[2, 3, 4, 0, 1], [3, 4, 0, 1, 2]]
    assert found["agree"] == [1, 1] and min(found["hit"]) > 0.99 and max(found["cycle"]) < 1e-6


def test_a_ring_that_does_not_come_back():
    found = cyclegan.measured_ring(rings(Turn(1), Turn(1, stretch=2)))
    assert max(found["hit"][1:]) < 0.01 < 0.99 < found["hit"][0] and min(found["cycle"]) > 0.5


def test_the_two_rings_are_drawn_apart():
    torch.manual_seed(0)
    a, b = cyclegan.TwoRings().sample(2000)
    together = (cyclegan.where(a) == cyclegan.where(b)).double().mean()
    assert abs(together - 0.2) < 0.04


def test_shade_is_the_grey_of_the_chest():
    images = torch.full((3, 1, 28, 28), -1.0)
    images[1:, :, 8:20, 10:18] = 0.0
    images[2, :, 8:20, 10:14] = 1.0
    assert recipe.shade(images).tolist() == [0, 0.5, 0.5]
    assert recipe.shade(images.flip(-1)).tolist() == [0, 0.5, 0.5]
    with pytest.raises(TypeError):
        recipe.shade(images.numpy())


def test_rank_correlation_is_spearmans():
    from scipy.stats import spearmanr
    x, y = torch.randn(2, 50, generator=torch.Generator().manual_seed(1))
    assert recipe.rank_correlation(x, x.exp()) == pytest.approx(1)
    assert recipe.rank_correlation(x, -x**3) == pytest.approx(-1)
    assert recipe.rank_correlation(x, x + y) == pytest.approx(spearmanr(x, x + y).statistic)


def test_translators_that_do_nothing():
    torch.manual_seed(0)
    found = recipe.translated({"ab": nn.Identity(), "ba": nn.Identity()})
    assert found["cycle"] == found["moved"] == [0, 0]
    assert max(found["style"]) < 0.1 and np.allclose(found["shade"], 1)
    expected = recipe.NOISE * math.sqrt(2 / math.pi)  # E |n|
    assert np.allclose(found["noisy"], expected, rtol=0.01) and np.allclose(found["steady"], expected, rtol=0.01)


class Always(nn.Module):
    """One picture for every input."""

    def __init__(self, picture):
        super().__init__()
        self.picture = picture

    def forward(self, x):
        return self.picture.expand_as(x)


def test_translators_that_always_answer_the_same():
    data = garments(split="test")
    judge_wants = {"ab": Always(data.b[1:2]), "ba": Always(data.a[1:2])}
    found = recipe.translated(judge_wants)
    assert found["style"][0] in (0, 1) and min(found["cycle"]) > 0.1
    assert found["noisy"] == found["steady"] == [0, 0]


def test_what_the_variants_are():
    assert list(cyclegan.STUDY.variants) == [*cyclegan.GARMENTS, *cyclegan.RINGS] and len(cyclegan.STUDY.seeds) == 8
    short = cyclegan.play(cyclegan.GARMENTS["identity"], seed=0, steps=1)
    assert set(short.game.weights) == {"adversarial", "cycle", "identity"} and short.game.weights["identity"] == 2.5
    assert cyclegan.play_ring(cyclegan.RINGS["ring free"], seed=0, steps=1).game.weights["cycle"] == 0
