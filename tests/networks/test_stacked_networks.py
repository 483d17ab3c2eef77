"""The networks of Stacked MNIST: the sizes of their source, their start, and what the benchmark counts."""

import itertools
import json
import math
import runpy
from pathlib import Path

import pytest
import torch
from torch import nn

from ganlib import data, metrics
from ganlib.networks.stacked import GAIN, StackedDiscriminator, StackedGenerator

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def widths(network, kind):
    return [(m.in_channels, m.out_channels) for m in network.modules() if isinstance(m, kind)]


def test_the_sizes_of_the_source():
    generator, discriminator = StackedGenerator(), StackedDiscriminator()
    assert widths(generator, nn.ConvTranspose2d) == [(64, 32), (32, 16), (16, 8)]
    assert widths(discriminator, nn.Conv2d) == [(3, 2), (2, 4), (4, 8)]
    assert widths(StackedDiscriminator(0.5), nn.Conv2d) == [(3, 4), (4, 8), (8, 16)]
    assert sum(p.numel() for p in discriminator.parameters()) == 557
    x = generator(torch.randn(4, 256))
    assert x.shape == (4, 3, 28, 28) and x.abs().max() <= 1
    assert discriminator(x).shape == (4, 1)
    assert StackedDiscriminator(pack=4)(x.view(1, 12, 28, 28)).shape == (1, 1)


@pytest.mark.parametrize("make", [lambda: StackedGenerator(batch_norm=True), lambda: StackedDiscriminator(0.5, pack=2)])
def test_arguments_and_reset_give_the_same_network(make):
    torch.manual_seed(3)
    one = make()
    after = torch.get_rng_state()
    start = {key: value.clone() for key, value in one.state_dict().items()}
    twin = type(one)(**one.arguments)
    with torch.no_grad():
        for value in twin.state_dict().values():
            value.fill_(7)
    torch.manual_seed(3)
    twin.reset_parameters()
    assert torch.equal(torch.get_rng_state(), after), "building takes the same random numbers"
    assert all(torch.equal(value, start[key]) for key, value in twin.state_dict().items())


@torch.no_grad()
def test_the_start_keeps_the_size():
    """Also through transposed convolutions, whose fan-in is not the one torch takes."""
    generator = StackedGenerator(64, (64, 64, 64, 64))
    x, sizes = torch.randn(200, 64), []
    for layer in generator.layers:
        x = layer(x)
        sizes += [x[..., 1:-1, 1:-1].square().mean().sqrt()] if isinstance(layer, nn.ConvTranspose2d) else []
    assert all(float(size) == pytest.approx(GAIN, rel=0.2) for size in sizes)


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return runpy.run_path(str(BENCHMARKS / "stacked_mnist.py"))


class Judge(nn.Module):
    """A picture of one grey value v shows the digit 10 v."""

    def features(self, x):
        return x.mean((1, 2, 3))[:, None]

    def head(self, features):
        return -(features * 10 - torch.arange(10)).abs()


def test_modes_are_counted_as_published(benchmark):
    def stacks(rows, digits):
        return (digits[torch.randint(len(digits), (rows,))] / 10)[..., None, None].expand(rows, 3, 28, 28)

    real = metrics.Moments().update(torch.arange(10)[:, None] / 10)
    every = torch.cartesian_prod(*[torch.arange(10)] * 3).float()
    found = benchmark["measured"](lambda rows: stacks(rows, every), Judge(), real)
    assert found["modes"] == 1000 and found["kl"] == pytest.approx(999 / 51_200, rel=0.15)
    assert 0.09 < found["rarest_digit"] < 0.1 and found["frechet"] < 1e-3
    few = benchmark["measured"](lambda rows: stacks(rows, torch.tensor([[1.0, 2, 3], [1, 2, 4]])), Judge(), real)
    assert few["modes"] == 2 and few["rarest_digit"] == 0
    assert few["kl"] == pytest.approx(math.log(500), abs=1e-3)
    spread = math.sqrt((0.01 + 0.04 + 0.09 + 0.01 + 0.04 + 0.16) / 6 - (13 / 60)**2)
    assert few["frechet"] == pytest.approx((13 / 60 - 0.45)**2 + (spread - math.sqrt(11 / 120))**2, abs=1e-3)


def test_controls_that_no_one_trained(benchmark):
    """Noise is smooth and stays in range; a quarter is that of a real digit, its neighbour is not of the same one."""
    noise = benchmark["smooth_noise"](100)
    assert noise.shape == (100, 3, 28, 28) and noise.abs().max() == 1
    near, far = ((noise[..., k:] - noise[..., :-k]).square().mean() for k in (1, 14))
    assert near < far / 4
    pictures = benchmark["quarters"](2).reshape(6, 28, 28).double()
    digits = data.mnist("test").images[:, 0].double()  # cdist by a product of matrices rounds
    for rows, columns in itertools.product((slice(14), slice(14, 28)), repeat=2):
        distance = torch.cdist(pictures[:, rows, columns].flatten(1), digits[:, rows, columns].flatten(1))
        assert distance.min(1).values.max() < 1e-5
    assert torch.cdist(pictures.flatten(1), digits.flatten(1)).min() > 1


def test_the_chapter_prints_the_recorded_results(benchmark):
    """Every row of the table in chapter 18 is one of the benchmark's report, which is that of its stored numbers."""
    content = json.loads((BENCHMARKS / "results" / "stacked_mnist.json").read_text())
    assert {name: list(map(int, runs)) for name, runs in content["runs"].items()} == {
        name: list(row.seeds) for name, row in benchmark["ROWS"].items()}
    report = (BENCHMARKS / "results" / "stacked_mnist.md").read_text()
    assert benchmark["report"](content) == report
    cells = json.loads((BENCHMARKS.parent / "notebooks" / "18_modern.ipynb").read_text())["cells"]
    ours = "".join(next(cell["source"] for cell in cells if cell["id"] == "stacked-ours"))
    table = [line for line in ours.splitlines() if line.startswith("|")]
    assert table == [line for line in report.partition("Published, ")[0].splitlines() if line.startswith("|")]


@pytest.mark.parametrize("make, message", [
    (lambda: StackedGenerator(0), "StackedGenerator: latent must be a whole number of at least 1, got 0"),
    (lambda: StackedGenerator(8, (4, 4)), r"StackedGenerator: widths must be four, at 4, 7, 14 and 28 pixels, got \(4"),
    (lambda: StackedDiscriminator(0), "StackedDiscriminator: share must be a finite number above 0, got 0"),
    (lambda: StackedDiscriminator(pack=0), "StackedDiscriminator: pack must be a whole number of at least 1, got 0"),
    (lambda: StackedGenerator(8)(torch.zeros(2, 7)), r"expected latents of shape \(n, 8\), got \(2, 7\)"),
    (lambda: StackedDiscriminator(pack=2)(torch.zeros(2, 3, 28, 28)), r"expected pictures of shape \(n, 6, 28, 28\)"),
])
def test_errors_say_what_came(make, message):
    with pytest.raises(ValueError, match=message):
        make()
