"""Perceptual path length against closed forms (linear and square generators) and torchmetrics."""

import copy
import importlib
import math

import pytest
import torch
from scipy.integrate import quad
from torch import nn

from ganlib import pretrained
from ganlib.metrics import path_length
from ganlib.metrics.path_length import great_circle
from ganlib.networks.stylegan import StyleGenerator


class Linear:
    """w = z, pictures A w + b."""

    def __init__(self, latent=6, seed=0):
        stream = torch.Generator().manual_seed(seed)
        self.latent, self.matrix = latent, torch.randn(8, latent, generator=stream, dtype=torch.float64)

    def mapping(self, z):
        return z

    def synthesis(self, w):
        return (w @ self.matrix.T + 1).view(-1, 2, 2, 2)

    __call__ = synthesis


class Square(Linear):
    """One latent number, one pixel: its square."""

    def __init__(self):
        self.latent = 1

    def synthesis(self, w):
        return w.square()[:, :, None, None]


def near(found, expected, errors=4.0):
    assert abs(found.mean - expected) < errors * found.standard_error + 1e-6 * expected, (found, expected)
    assert found.standard_error < 0.05 * expected


def test_linear_in_w_it_is_twice_the_squared_frobenius_norm():
    """E ‖M (w₂ − w₁)‖² = 2 ‖M‖² for w from N(0, I), at every t."""
    features = nn.Sequential(nn.Flatten(), nn.Linear(8, 5))
    generator = Linear()
    with torch.no_grad():
        slope = features[1].weight.double() @ generator.matrix
    found = [path_length(generator, features, where=where, pairs=4000) for where in ("full", "end")]
    near(found[0], 2 * slope.square().sum().item())
    assert found[1].mean == pytest.approx(found[0].mean, rel=1e-6)
    same = [path_length(generator, features, where="end", epsilon=e, pairs=300).mean for e in (1e-4, 1e-2, 1.0)]
    assert same == pytest.approx([same[0]] * 3, rel=1e-6), "and for steps of every length"


@pytest.mark.parametrize("where", ["full", "end"])
def test_linear_in_z_the_squared_angle_is_a_factor(where):
    """On the sphere of radius √d the speed is √d θ in a uniform direction: E = ‖M‖² E θ², θ's density ∝ sin^(d−2) θ."""
    generator, d = Linear(), 6
    weight = quad(lambda a: math.sin(a) ** (d - 2), 0, math.pi)[0]
    angle = quad(lambda a: a ** 2 * math.sin(a) ** (d - 2), 0, math.pi)[0] / weight
    found = path_length(generator, lambda x: x, space="z", where=where, pairs=6000, seed=2)
    near(found, generator.matrix.square().sum().item() * angle)


@pytest.mark.parametrize("where, expected", [("full", 8.0), ("end", 16.0)])
def test_a_square_is_faster_at_its_ends(where, expected):
    """4 E w² (b − a)², with w = a at the end, and at t between: ∫ 4 (1 − 3t + 3t²) · 4 dt = 8."""
    found = path_length(Square(), lambda x: x, where=where, pairs=60_000)
    assert abs(found.mean - expected) < 4 * found.standard_error < 0.2 * expected


def test_torchmetrics_agrees(monkeypatch):
    module = importlib.import_module("torchmetrics.functional.image.perceptual_path_length")
    monkeypatch.setattr(module, "_TORCHVISION_AVAILABLE", True)  # it is asked for, but only LPIPS needs it
    mine, judge = StyleGenerator(32, (12, 8, 4)), pretrained.load("classifier_fashion")
    network = copy.deepcopy(mine).double().eval()

    class Generator(nn.Module):
        def sample(self, rows):  # w, between which theirs goes straight
            return network.mapping(torch.randn(rows, 32).double())

        def forward(self, w):
            return 127.5 * (network.synthesis(w) + 1)

    class Distance(nn.Module):
        def forward(self, x, y):
            return (features(x) - features(y)).square().sum(1)

    features = pretrained.load("classifier_fashion").double().features
    for trim, lower, upper in ((0.0, None, None), (0.05, 0.05, 0.95)):
        torch.manual_seed(3)
        expected, _, kept = module.perceptual_path_length(Generator(), num_samples=200, sim_net=Distance(),
                                                          lower_discard=lower, upper_discard=upper)
        found = path_length(mine, judge.features, where="end", pairs=200, trim=trim, seed=3)
        # By their quantiles one number more is left out above or below.
        assert found.mean == pytest.approx(expected.item(), rel=1e-4 if trim == 0 else 0.01)
        assert abs(len(kept) - 200 * (1 - 2 * trim)) <= 1


def test_the_great_circle():
    a, b, t = torch.randn(50, 7), torch.randn(50, 7), torch.rand(50, 1)
    c, d = great_circle(a, b, torch.zeros(50, 1)), great_circle(a, b, torch.ones(50, 1))
    between = great_circle(a, b, t)
    assert torch.allclose(between.norm(dim=1), torch.full((50,), math.sqrt(7)), atol=1e-4)
    assert torch.allclose(nn.functional.cosine_similarity(c, a), torch.ones(50), atol=1e-5)
    assert torch.allclose(nn.functional.cosine_similarity(d, b), torch.ones(50), atol=1e-5)
    whole, part = (torch.arccos(nn.functional.cosine_similarity(c, x).clamp(-1, 1)) for x in (d, between))
    assert torch.allclose(part, t[:, 0] * whole, atol=2e-3), "at even speed"


def test_noise_inputs_are_the_same_at_both_ends():
    network = StyleGenerator(8, (8, 8, 4), noise=True)
    still = path_length(network, nn.Flatten(), pairs=100)
    with torch.no_grad():
        for layer in network.layers[:-1]:
            layer.strength.fill_(0.1)
    moved = path_length(network, nn.Flatten(), pairs=100)
    assert moved.mean == pytest.approx(still.mean, rel=0.2) and moved.mean != still.mean


def test_it_changes_nothing_and_the_seed_decides():
    network, judge = StyleGenerator(8, (8, 8, 4)), pretrained.load("classifier_fashion")
    before = torch.get_rng_state()
    found = [path_length(network, judge.features, pairs=60, seed=seed, space=space).mean
             for seed, space in ((0, "w"), (0, "w"), (1, "w"), (0, "z"))]
    assert torch.equal(torch.get_rng_state(), before) and network.training
    assert next(network.parameters()).dtype == torch.float32 == next(judge.parameters()).dtype
    assert found[0] == found[1] and len(set(found)) == 3
    assert path_length(network.eval(), judge.features, pairs=60, space="z").mean == found[3], "no styles are mixed"


def test_trim_leaves_out_both_ends():
    whole, cut = (path_length(Square(), lambda x: x, where="end", pairs=1000, trim=trim) for trim in (0.0, 0.1))
    torch.manual_seed(0)
    distances = []
    for _ in range(4):  # the same numbers, in the same order
        a, b, _ = torch.randn(250, 1), torch.randn(250, 1), torch.rand(250, 1)
        distances.append(((a + 1e-4 * (b - a)).double() ** 2 - a.double() ** 2).square() / 1e-8)
    values = torch.cat(distances).flatten().sort().values
    assert cut.mean == pytest.approx(values[100:-100].mean().item(), rel=1e-2)
    assert whole.mean == pytest.approx(values.mean().item(), rel=1e-2) and cut.mean < whole.mean


@pytest.mark.parametrize("settings, kind, message", [
    ({"space": "x"}, ValueError, "path_length: space must be 'z' or 'w', got 'x'"),
    ({"where": "middle"}, ValueError, "path_length: where must be 'full' or 'end', got 'middle'"),
    ({"pairs": 1}, ValueError, "path_length: pairs must be a whole number of at least 2, got 1"),
    ({"epsilon": 0.0}, ValueError, "path_length: epsilon must be a finite number above 0, got 0.0"),
    ({"trim": 0.5}, ValueError, "path_length: trim must be .* below 0.5, got 0.5"),
    ({"generator": nn.Linear(2, 2)}, ValueError, "path_length: generator.latent must be a whole number .* got None"),
    ({"generator": pretrained.load("dcgan_mnist")}, TypeError, "must have a method mapping for space='w', got DCGAN"),
    ({"features": lambda x: x * math.nan}, ValueError, "path_length: the distances must be finite"),
])
def test_errors_say_what_came(settings, kind, message):
    settings = {"generator": Linear(), "features": lambda x: x, "pairs": 4} | settings
    with pytest.raises(kind, match=message):
        path_length(settings.pop("generator"), settings.pop("features"), **settings)
