"""Total variation and the earth mover's distance against closed forms, SciPy's assignment and POT."""

import math

import numpy as np
import ot
import pytest
import torch
from scipy.optimize import linear_sum_assignment

from ganlib import theory


@pytest.mark.parametrize("shift, std", [(0.0, 1.0), (0.5, 0.3), (2.0, 1.0), (3.0, 0.3)])
def test_total_variation_of_two_gaussians(shift, std):
    x, dx = theory.grid(-10, 12, 22_000)
    found = theory.total_variation(theory.normal(x, 0, std), theory.normal(x, shift, std), dx)
    assert found == pytest.approx(math.erf(shift / (2 * math.sqrt(2) * std)), abs=1e-6)


def test_total_variation_of_sliding_uniforms_and_its_slope():
    x, dx = theory.grid(-1, 5, 6000)
    p = theory.uniform(x, 0, 1)
    for shift in (0.0, 0.25, 1.0, 3.0):
        found = theory.total_variation(p, theory.uniform(x, shift, shift + 1), dx)
        assert found == pytest.approx(min(shift, 1), abs=1e-12)
    share = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)  # q = (1 - share) p + share · elsewhere
    away = theory.uniform(torch.from_numpy(x), 3, 4)
    value = theory.total_variation(torch.from_numpy(p), (1 - share) * torch.from_numpy(p) + share * away, dx)
    value.backward()
    assert value.item() == pytest.approx(0.3, abs=1e-12) and share.grad.item() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("call, argument", [
    (lambda x, dx: theory.total_variation(theory.normal(x), 2 * theory.normal(x), dx), "q must integrate to 1"),
    (lambda x, dx: theory.total_variation(theory.normal(x), theory.normal(x)[1:], dx), "one common shape"),
    (lambda x, dx: theory.total_variation(theory.normal(x), -theory.normal(x), dx), "q is a density"),
    (lambda x, dx: theory.total_variation([1.0], theory.normal(x), dx), "p must be a NumPy array or a torch tensor"),
])
def test_total_variation_says_what_is_wrong(call, argument):
    with pytest.raises((TypeError, ValueError), match=argument):
        call(*theory.grid(-8, 8, 1000))


@pytest.mark.parametrize("seed", range(4))
def test_the_one_function_form_of_the_dual_agrees_with_pot(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((10, 2)), 1 + 2 * rng.standard_normal((14, 2))
    a, b = rng.dirichlet(np.ones(10)), rng.dirichlet(np.ones(14))
    solved = theory.optimal_transport(a, b, ot.dist(x, y, "euclidean"))
    assert solved.value == pytest.approx(ot.emd2(a, b, ot.dist(x, y, "euclidean")), abs=1e-10)

    def critic(points):  # one 1-Lipschitz function from two potentials, as in chapter 7
        return (ot.dist(points, y, "euclidean") - solved.g).min(1)

    assert a @ critic(x) - b @ critic(y) == pytest.approx(solved.value, abs=1e-9)
    places = np.concatenate([x, y, 3 * rng.standard_normal((200, 2))])
    rise = np.abs(np.subtract.outer(critic(places), critic(places)))
    assert (rise <= ot.dist(places, places, "euclidean") + 1e-6).all()


def test_equal_weights_make_an_assignment():
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((30, 2)), rng.standard_normal((30, 2)) + 1
    cost = ot.dist(x, y, "euclidean")
    solved = theory.optimal_transport(np.full(30, 1 / 30), np.full(30, 1 / 30), cost)
    assert solved.value == pytest.approx(cost[linear_sum_assignment(cost)].mean(), abs=1e-9)
    slack = cost - solved.f[:, None] - solved.g
    assert slack.min() > -1e-9 and slack[solved.plan > 1e-12].max() < 1e-9  # complementary slackness
