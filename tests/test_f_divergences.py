"""f-divergences: conjugates against a numerical supremum, values against the other divergences, the bound."""

import math

import numpy as np
import pytest
import torch

from ganlib import theory
from ganlib.theory import F_DIVERGENCES

X, DX = theory.grid(-9, 10, 4000)
P, Q = theory.normal(X, 0.0, 1.0), theory.normal(X, 0.6, 1.2)
U = torch.logspace(-2, 2, 41, dtype=torch.float64)


@pytest.fixture(params=F_DIVERGENCES, ids=list(F_DIVERGENCES))
def row(request):
    return F_DIVERGENCES[request.param]


def test_slope_is_the_derivative_and_f_is_convex(row):
    u = U.clone().requires_grad_()
    (slope,) = torch.autograd.grad(row.f(u).sum(), u)
    torch.testing.assert_close(slope, row.slope(U), rtol=1e-9, atol=1e-12)
    assert (row.slope(U).diff() > 0).all()


def test_conjugate_is_the_supremum(row):
    t = row.slope(U[5:-5])  # (31,)
    u = torch.logspace(-3, 3, 20_001, dtype=torch.float64)
    supremum = (u * t[:, None] - row.f(u)).max(1).values
    torch.testing.assert_close(row.conjugate(t), supremum, rtol=1e-5, atol=1e-5)


def test_fenchel_equality(row):
    torch.testing.assert_close(row.conjugate(row.slope(U)), U * row.slope(U) - row.f(U), rtol=1e-9, atol=1e-9)


def test_activation_turns_a_logit_into_the_best_critic_and_stays_in_the_domain(row):
    v = torch.linspace(-30, 30, 121, dtype=torch.float64)
    torch.testing.assert_close(row.activation(v), row.slope(v.exp()), rtol=1e-9, atol=1e-12)
    inside = row.activation(v[v <= 30])
    assert (inside <= row.top).all() and (row.activation(v[v.abs() < 8]) < row.top).all()


def test_value_at_equal_densities(row):
    expected = -math.log(4) if row.name == "gan" else 0.0
    assert theory.f_divergence(P, P, DX, row.name) == pytest.approx(expected, abs=1e-9)
    assert row.f(torch.ones(1, dtype=torch.float64)).item() == pytest.approx(expected, abs=1e-12)


def test_values_are_those_of_the_other_functions():
    f = {name: theory.f_divergence(P, Q, DX, name) for name in F_DIVERGENCES}
    assert f["kl"] == pytest.approx(theory.kullback_leibler(P, Q, DX), abs=1e-12)
    assert f["reverse_kl"] == pytest.approx(theory.kullback_leibler(Q, P, DX), abs=1e-12)
    assert f["jensen_shannon"] == pytest.approx(theory.jensen_shannon(P, Q, DX), abs=1e-12)
    assert f["gan"] == pytest.approx(2 * theory.jensen_shannon(P, Q, DX) - math.log(4), abs=1e-9)
    assert f["gan"] == pytest.approx(theory.game_value(theory.optimal_discriminator(P, Q), P, Q, DX), abs=1e-12)
    assert f["pearson"] == pytest.approx(((P - Q) ** 2 / Q).sum() * DX, abs=1e-12)  # q below, not p
    assert f["hellinger"] == pytest.approx(((np.sqrt(P) - np.sqrt(Q)) ** 2).sum() * DX, abs=1e-12)


def test_closed_form_of_two_gaussians():
    p, q = theory.normal(X, 0.0, 1.0), theory.normal(X, 0.5, 1.0)
    assert theory.f_divergence(p, q, DX, "kl") == pytest.approx(0.125, abs=1e-9)
    assert theory.f_divergence(p, q, DX, "pearson") == pytest.approx(math.expm1(0.25), abs=1e-9)
    assert theory.f_divergence(p, q, DX, "hellinger") == pytest.approx(2 - 2 * math.exp(-0.25 / 8), abs=1e-9)


def test_bound_is_tight_at_the_best_critic_and_below_it_elsewhere(row):
    value = theory.f_divergence(P, Q, DX, row.name)
    logit = torch.log(torch.from_numpy(P / Q))
    best = row.activation(logit).numpy()
    assert theory.variational_bound(best, P, Q, DX, row.name) == pytest.approx(value, abs=1e-9)
    rng = np.random.default_rng(0)
    for size in (0.01, 0.3):
        other = row.activation(logit + size * torch.from_numpy(rng.standard_normal(len(X)))).numpy()
        assert theory.variational_bound(other, P, Q, DX, row.name) < value


def test_tensors_keep_their_gradient(row):
    p, q = torch.from_numpy(P), torch.from_numpy(Q)
    v = torch.zeros(len(X), dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(theory.variational_bound(row.activation(v), p, q, DX, row.name), v)
    u = torch.ones(1, dtype=torch.float64, requires_grad=True)
    (second,) = torch.autograd.grad(row.slope(u).sum(), u)
    torch.testing.assert_close(slope, second * (p - q) * DX, rtol=1e-9, atol=1e-15)  # w(0) = f''(1)


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match="name must be 'kl' or"):
        theory.f_divergence(P, Q, DX, "jeffreys")
    with pytest.raises(ValueError, match="q must be positive on the whole grid, got 0 at"):
        theory.f_divergence(P, theory.uniform(X, -9, -9 + 400 * DX), DX, "kl")
    with pytest.raises(ValueError, match="critic must stay below 0"):
        theory.variational_bound(np.ones_like(X), P, Q, DX, "gan")
    with pytest.raises(ValueError, match="critic must be finite"):
        theory.variational_bound(np.full_like(X, np.nan), P, Q, DX, "kl")
