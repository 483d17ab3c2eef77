"""The kernel distance against torchmetrics and a double loop; its mean over samples is the true value."""

import itertools

import numpy as np
import pytest
import torch
from torchmetrics.image.kid import KernelInceptionDistance

from ganlib.metrics import kernel, kernel_distance


class Given(torch.nn.Module):
    """For torchmetrics: the pictures are the features already."""

    def forward(self, x):
        return x


def samples(n, m, d, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(n, d, generator=generator, dtype=torch.float64),
            torch.randn(m, d, generator=generator, dtype=torch.float64) * 1.2 + 0.1)


@pytest.mark.parametrize("settings, theirs", [({}, {}), ({"degree": 2, "scale": 0.3, "offset": 2.0},
                                                         {"degree": 2, "gamma": 0.3, "coef": 2.0})])
def test_torchmetrics_agrees(settings, theirs):
    x, y = samples(300, 300, 32)
    reference = KernelInceptionDistance(Given(), subsets=1, subset_size=300, **theirs).set_dtype(torch.float64)
    reference.update(x, real=True)
    reference.update(y, real=False)
    assert kernel_distance(x, y, **settings) == pytest.approx(float(reference.compute()[0]), rel=1e-9)


def test_a_double_loop_over_pairs_gives_the_same():
    x, y = (part.numpy() for part in samples(7, 5, 3))

    def k(a, b):
        return (np.dot(a, b) / 3 + 1) ** 3

    own = [np.mean([k(a, b) for a, b in itertools.permutations(part, 2)]) for part in (x, y)]
    across = np.mean([k(a, b) for a in x for b in y])
    assert kernel_distance(x, y) == pytest.approx(sum(own) - 2 * across, rel=1e-12)


def test_blocks_make_no_difference(monkeypatch):
    x, y = samples(130, 70, 4)
    whole = kernel_distance(x, y)
    monkeypatch.setattr(kernel, "BLOCK", 16)
    assert kernel_distance(x, y) == pytest.approx(whole, rel=1e-9)


def test_no_kernel_matrix_is_kept(monkeypatch):
    sizes = []
    split = torch.Tensor.split
    monkeypatch.setattr(torch.Tensor, "split", lambda self, size: [sizes.append(len(part)) or part
                                                                   for part in split(self, size)])
    kernel_distance(*samples(3000, 2500, 2))
    assert max(sizes) == kernel.BLOCK and len(sizes) == 3 + 3 + 3


def test_it_is_unbiased_and_the_diagonal_would_bias_it():
    """Degree 1: the true MMD² is scale · ‖μ − ν‖², here 2 · 0.04."""
    true, found, with_diagonal = 2 * 0.04, [], []
    for seed in range(400):
        x, y = (torch.from_numpy(np.random.default_rng([seed, i]).normal(0.2 * i, 1.0, (20, 1))) for i in (0, 1))
        found.append(kernel_distance(x, y, degree=1, scale=2.0))
        with_diagonal.append(2 * float((x.mean(0) - y.mean(0)).square().sum()))
    error = np.std(found) / len(found) ** 0.5
    assert abs(np.mean(found) - true) < 4 * error
    assert np.mean(with_diagonal) - true > 4 * error  # by 2 · (1 + 1)/20 = 0.2
    assert min(found) < 0


@pytest.mark.parametrize("x, y, settings, message", [
    (torch.zeros(5), torch.zeros(5, 1), {}, r"kernel_distance: x must have 2 dimensions, got shape \(5,\)"),
    (torch.zeros(5, 2), torch.zeros(5, 3), {}, "one number of features, got 2 and 3"),
    (torch.zeros(5, 2), torch.zeros(1, 2), {}, "y must have at least 2 samples, got 1"),
    (torch.zeros(5, 2), torch.zeros(5, 2) / 0, {}, "y must be finite"),
    (torch.zeros(5, 2), torch.zeros(5, 2), {"degree": 0}, "degree must be a whole number of at least 1, got 0"),
    (torch.zeros(5, 2), torch.zeros(5, 2), {"scale": 0.0}, "scale must be a finite number above 0"),
    (torch.zeros(5, 2), torch.zeros(5, 2), {"offset": -1.0}, "offset must be a finite number at least 0"),
])
def test_bad_values_are_named(x, y, settings, message):
    with pytest.raises(ValueError, match=message):
        kernel_distance(x, y, **settings)
