"""Exact things against SciPy, SymPy-like closed forms and each other."""

import math

import numpy as np
import ot
import pytest
import scipy.stats
import sympy as sp
import torch

from ganlib import theory

X, DX = theory.grid(-12, 12, 6000)
PAIRS = {
    "shifted normals": (theory.normal(X, -1), theory.normal(X, 1)),
    "wide and narrow": (theory.normal(X, 0, 0.5), theory.normal(X, 1, 2)),
    "overlapping uniforms": (theory.uniform(X, -2, 1), theory.uniform(X, 0, 4)),
}


@pytest.fixture(params=PAIRS, ids=list(PAIRS))
def pair(request):
    return PAIRS[request.param]


def test_densities_match_scipy():
    np.testing.assert_allclose(theory.normal(X, 0.3, 1.7), scipy.stats.norm.pdf(X, 0.3, 1.7), atol=1e-15)
    assert theory.uniform(X, -2, 1).sum() * DX == pytest.approx(1, abs=1e-12)
    as_tensor = theory.normal(torch.from_numpy(X), 1.0)
    torch.testing.assert_close(as_tensor, torch.from_numpy(theory.normal(X, 1.0)), rtol=1e-14, atol=1e-300)


def test_optimal_discriminator_beats_every_perturbation(pair):
    p, q = pair
    best = theory.optimal_discriminator(p, q)
    value = theory.game_value(best, p, q, DX)
    rng = np.random.default_rng(0)
    for size in (1e-3, 0.1):
        other = np.clip(best + size * rng.standard_normal(len(X)), 1e-6, 1 - 1e-6)
        assert theory.game_value(other, p, q, DX) < value


def test_optimal_discriminator_is_above_half_exactly_where_the_data_are_denser(pair):
    p, q = pair
    d = theory.optimal_discriminator(p, q)
    seen = (p + q > 0) & (p != q)
    assert ((d > 0.5) == (p > q))[seen].all()  # peers' error: the inverted fraction


def test_optimal_discriminator_is_undefined_where_nobody_is():
    d = theory.optimal_discriminator(np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    assert np.isnan(d[0]) and d[1] == 1 and d[2] == 0


def test_value_is_twice_the_divergence_minus_log_4(pair):
    p, q = pair
    value = theory.game_value(theory.optimal_discriminator(p, q), p, q, DX)
    assert value == pytest.approx(2 * theory.jensen_shannon(p, q, DX) - math.log(4), abs=1e-7)  # peers drop the 2


def test_divergences_match_scipy_and_closed_forms():
    p, q = PAIRS["wide and narrow"]
    closed = math.log(2 / 0.5) + (0.5**2 + 1) / (2 * 2**2) - 0.5
    assert theory.kullback_leibler(p, q, DX) == pytest.approx(closed, abs=1e-9)
    assert theory.entropy(p, DX) == pytest.approx(scipy.stats.norm(0, 0.5).entropy(), abs=1e-9)
    m = (p + q) / 2
    halves = (scipy.stats.entropy(p, m) + scipy.stats.entropy(q, m)) / 2
    assert theory.jensen_shannon(p, q, DX) == pytest.approx(halves, abs=1e-8)  # SciPy adds the tails the grid cuts


def test_divergences_at_the_bounds():
    p, far = theory.uniform(X, -3, -1), theory.uniform(X, 1, 3)
    assert theory.jensen_shannon(p, p, DX) == 0 and theory.kullback_leibler(p, p, DX) == 0
    assert theory.jensen_shannon(p, far, DX) == pytest.approx(math.log(2), abs=1e-12)
    assert theory.kullback_leibler(p, far, DX) == math.inf


def test_tensors_come_out_as_tensors_with_gradient():
    x = torch.from_numpy(X)
    shift = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    value = theory.kullback_leibler(theory.normal(x, 0.0), theory.normal(x, shift), DX)
    value.backward()
    assert value.item() == pytest.approx(0.125, abs=1e-9) and shift.grad.item() == pytest.approx(0.5, abs=1e-9)
    assert isinstance(theory.optimal_discriminator(x.exp(), x.exp()), torch.Tensor)
    assert isinstance(theory.jensen_shannon(*PAIRS["shifted normals"], DX), float)


@pytest.mark.parametrize("n, m", [(1, 1), (5, 5), (7, 12), (30, 4)])
def test_wasserstein_1d_matches_scipy(n, m):
    rng = np.random.default_rng(n)
    x, y = rng.standard_normal(n), 1 + 2 * rng.standard_normal(m)
    assert theory.wasserstein_1d(x, y) == pytest.approx(scipy.stats.wasserstein_distance(x, y), abs=1e-12)
    assert theory.wasserstein_1d(rng.permutation(x), y) == pytest.approx(theory.wasserstein_1d(y, x), abs=1e-12)


def test_wasserstein_1d_has_the_gradient_of_a_shift():
    x = torch.randn(50, dtype=torch.float64)
    shift = torch.tensor(9.0, dtype=torch.float64, requires_grad=True)
    theory.wasserstein_1d(x, x + shift).backward()
    assert shift.grad.item() == pytest.approx(1, abs=1e-12)


def test_optimal_transport_matches_pot_and_its_own_dual():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((9, 2)), rng.standard_normal((13, 2))
    a, b, cost = rng.dirichlet(np.ones(9)), rng.dirichlet(np.ones(13)), ot.dist(x, y, "euclidean")
    solved = theory.optimal_transport(a, b, cost)
    assert solved.value == pytest.approx(ot.emd2(a, b, cost), abs=1e-10)
    assert solved.value == pytest.approx(a @ solved.f + b @ solved.g, abs=1e-9)  # strong duality
    assert (solved.f[:, None] + solved.g <= cost + 1e-9).all()
    np.testing.assert_allclose(solved.plan.sum(1), a, atol=1e-10)
    np.testing.assert_allclose(solved.plan.sum(0), b, atol=1e-10)


GOOD = PAIRS["shifted normals"]


@pytest.mark.parametrize("call, argument", [
    (lambda: theory.kullback_leibler(GOOD[0], GOOD[1] * 2, DX), "q must integrate to 1"),
    (lambda: theory.kullback_leibler(GOOD[0], GOOD[1], 2 * DX), "p must integrate to 1"),
    (lambda: theory.jensen_shannon(GOOD[0], GOOD[1][:-1], DX), "one common shape"),
    (lambda: theory.jensen_shannon(GOOD[0], -GOOD[1], DX), "q is a density"),
    (lambda: theory.jensen_shannon(GOOD[0], np.full_like(X, np.nan), DX), "q must be finite"),
    (lambda: theory.jensen_shannon(GOOD[0], GOOD[1], -1), "dx must be"),
    (lambda: theory.game_value(np.full_like(X, 1.5), *GOOD, DX), r"d must be a probability .* got 1.5"),
    (lambda: theory.game_value(np.full_like(X, np.nan), *GOOD, DX), "d must be a probability"),
    (lambda: theory.optimal_discriminator(np.array([]), np.array([])), "p is empty"),
    (lambda: theory.wasserstein_1d(np.zeros((2, 2)), np.zeros(3)), "x must have 1 dimensions"),
    (lambda: theory.wasserstein_1d(np.zeros(0), np.zeros(3)), "x is empty"),
    (lambda: theory.optimal_transport([0.5, 0.6], [1.0], [[1.0], [1.0]]), "a must be weights"),
    (lambda: theory.optimal_transport([0.5, 0.5], [1.0], [[1.0, 1.0]]), "cost must be"),
    (lambda: theory.grid(1, 1), "high must be a finite number above 1"),
    (lambda: theory.grid(0, 1, 0), "points must be a whole number"),
    (lambda: theory.normal(X, 0, -1), "std must be"),
])
def test_bad_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def test_bad_types_are_named():
    with pytest.raises(TypeError, match="p must be a NumPy array or a torch tensor, got list"):
        theory.kullback_leibler([1.0], np.ones(1), 1.0)
    with pytest.raises(TypeError, match="q must hold real numbers"):
        theory.kullback_leibler(np.ones(1), np.array(["a"]), 1.0)


def test_the_symbolic_twins_are_the_numeric_functions():
    from ganlib.theory import symbolic as s

    a, b = GOOD
    def on_grid(expression):
        return sp.lambdify((s.p, s.q), expression)(a, b)
    np.testing.assert_allclose(on_grid(s.optimal_discriminator), theory.optimal_discriminator(a, b), rtol=1e-12)
    value = on_grid(s.integrand.subs(s.d, s.optimal_discriminator)).sum() * DX
    assert value == pytest.approx(theory.game_value(theory.optimal_discriminator(a, b), a, b, DX), abs=1e-9)
    assert on_grid(s.jensen_shannon).sum() * DX == pytest.approx(theory.jensen_shannon(a, b, DX), abs=1e-9)
    assert on_grid(s.kullback_leibler).sum() * DX == pytest.approx(theory.kullback_leibler(a, b, DX), abs=1e-9)
    assert sp.solve(sp.diff(s.integrand, s.d), s.d) == [s.optimal_discriminator]
    assert sp.simplify(1 / (1 + sp.exp(-s.optimal_logit)) - s.optimal_discriminator) == 0
