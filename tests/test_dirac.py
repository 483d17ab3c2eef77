"""The Dirac-GAN against published end points, numerical Jacobians, autograd through the book's losses, closed forms."""

import math

import numpy as np
import pytest
import torch

from ganlib import losses, penalties, theory

GAMES = {
    "minimax": ("minimax", {}),
    "non_saturating": ("non_saturating", {}),
    "clipped": ("wasserstein", {"limit": 1.0}),
    "wasserstein": ("wasserstein", {}),
    "gp": ("wasserstein_gp", {"weight": 0.5, "center": 0.3}),  # the paper's λ = 1: its penalty is λ/2 · (|ψ| − g₀)²
    "r1_weak": ("r1", {"weight": 0.3}),
    "r1_critical": ("r1", {"weight": 1.0}),
    "r1_strong": ("r1", {"weight": 3.0}),
    "r1_non_saturating": ("r1", {"weight": 0.3, "loss": "non_saturating"}),
    "r1_wasserstein": ("r1", {"weight": 0.5, "loss": "wasserstein"}),
    "consensus": ("consensus", {"weight": 1.0}),
    "noise": ("instance_noise", {"std": 0.7}),
    "more_noise": ("instance_noise", {"std": 1.0}),
}
SMOOTH = [name for name in GAMES if name != "gp"]


def game(name):
    return theory.dirac_field(GAMES[name][0], **GAMES[name][1])


def distance(path):
    return np.hypot(*path[-1])


# Start (1, 1) in the paper's signs, (1, -1) in ours; h = 0.2, 500 rounds, generator first; final distance
@pytest.mark.parametrize("name, together, in_turn, five", [
    ("minimax", 3.10, 1.42, 1.85), ("non_saturating", 0.640, 0.284, 0.139), ("clipped", 1.00, 1.02, 0.917),
    ("wasserstein", 2.6e4, 1.40, 1.06), ("gp", 0.425, 0.425, 0.300), ("r1_weak", 2.6e-6, 2.3e-7, 9e-34),
    ("r1_critical", 9.5e-22, 7.5e-17, 5e-12), ("r1_strong", 1.8e-4, 2.1e-4, 2.4e-4),
    ("r1_non_saturating", 2.2e-6, 1.5e-7, 4e-34), ("consensus", 2.6e-10, 1.7e-11, 11),
    ("noise", 5.7e-5, 4e-6, None), ("more_noise", 6.4e-11, 5.9e-12, None)])
def test_published_end_points(name, together, in_turn, five):
    settings = {"steps": 500, "lr": 0.2}
    found = [distance(theory.simultaneous(game(name), (1, -1), **settings)),
             distance(theory.alternating(game(name), (1, -1), generator_first=True, **settings)),
             distance(theory.alternating(game(name), (1, -1), generator_first=True, discriminator_steps=5, **settings))]
    digits = {"noise": 0.02, "more_noise": 0.02}.get(name, 0.03)
    assert found[:2] == pytest.approx([together, in_turn], rel=digits)
    assert found[2] < 1e-15 if five is None else found[2] == pytest.approx(five, rel=0.06)


@pytest.mark.parametrize("name", SMOOTH)
def test_jacobian_is_the_derivative_and_has_those_eigenvalues(name):
    field, e = game(name), 1e-4
    numerical = np.column_stack([(np.array(field(*(+e * axis))) - np.array(field(*(-e * axis)))) / (2 * e)
                                 for axis in np.eye(2)])
    assert np.allclose(numerical, field.jacobian, rtol=0, atol=1e-6)
    kind, parameters = GAMES[name]
    found, expected = theory.dirac_eigenvalues(kind, **parameters), np.linalg.eigvals(numerical).astype(complex)
    for value in expected:
        assert abs(found - value).min() < 1e-3 if "critical" in name else abs(found - value).min() < 1e-6


@pytest.mark.parametrize("weight, expected", [(0.6, -0.3 + 0.4j), (1.0, -0.5), (1.25, -0.25)])
def test_eigenvalues_of_r1(weight, expected):
    assert theory.dirac_eigenvalues("r1", weight=weight)[0] == pytest.approx(expected, abs=1e-7)
    same = theory.dirac_eigenvalues("instance_noise", std=math.sqrt(2 * weight))
    assert same == pytest.approx(theory.dirac_eigenvalues("r1", weight=weight), abs=1e-7)


@pytest.mark.parametrize("std, expected", [(0.7, -0.1225 + 0.4848j), (1.0, -0.25 + 0.4330j)])
def test_eigenvalues_of_instance_noise(std, expected):
    assert theory.dirac_eigenvalues("instance_noise", std=std)[0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("loss", ["minimax", "non_saturating", "wasserstein"])
@pytest.mark.parametrize("state", [(1.0, -1.0), (-0.4, 2.5), (3.0, 0.7)])
def test_velocities_are_the_slopes_of_the_books_losses(loss, state):
    theta, psi = (torch.tensor([[v]], dtype=torch.float64, requires_grad=True) for v in state)
    data = torch.zeros(1, 1, dtype=torch.float64)

    def critic(x):
        return psi * x

    pair = losses.ALL[loss]
    forwards = -torch.autograd.grad(pair.generator(critic(theta)), theta)[0].item()
    up = -torch.autograd.grad(pair.discriminator(critic(data), critic(theta.detach())), psi)[0].item()
    assert theory.dirac_field(loss)(*state) == pytest.approx((forwards, up), abs=1e-12)
    extra = -torch.autograd.grad(penalties.r1(critic, data, weight=0.8), psi)[0].item()
    assert theory.dirac_field("r1", weight=0.8, loss=loss)(*state) == pytest.approx((forwards, up + extra), abs=1e-12)


def test_gradient_penalty_is_the_slope_of_the_books_penalty():
    psi = torch.tensor([-1.7], dtype=torch.float64, requires_grad=True)
    penalty = penalties.gradient_penalty(lambda x: psi * x, torch.zeros(4, 1).double(), torch.ones(4, 1).double(), 3.0)
    extra = -torch.autograd.grad(penalty, psi)[0].item()
    assert theory.dirac_field("wasserstein_gp", weight=3.0)(0.5, -1.7) == pytest.approx((-1.7, -0.5 + extra), abs=1e-12)


def test_instance_noise_is_an_expectation():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((2, 2_000_000))
    theta, psi, std = 0.8, -1.2, 0.5
    fake, real = theta + std * noise[0], std * noise[1]
    forwards, up = theory.dirac_field("instance_noise", std=std)(theta, psi)
    assert forwards == pytest.approx((psi / (1 + np.exp(-psi * fake))).mean(), abs=1e-3)
    assert up == pytest.approx((real / (1 + np.exp(psi * real)) - fake / (1 + np.exp(-psi * fake))).mean(), abs=2e-3)


def test_consensus_descends_the_speed():
    state = torch.tensor([0.9, -0.6], dtype=torch.float64, requires_grad=True)
    s = torch.sigmoid(state[0] * state[1])
    half = ((state[1] * s) ** 2 + (state[0] * s) ** 2) / 2
    brake = torch.autograd.grad(half, state)[0].numpy()
    expected = np.array(theory.dirac_field("minimax")(0.9, -0.6)) - 0.7 * brake
    assert theory.dirac_field("consensus", weight=0.7)(0.9, -0.6) == pytest.approx(tuple(expected), abs=1e-12)


@pytest.mark.parametrize("h", [0.01, 0.2, 1.0, 2.0])
def test_simultaneous_steps_grow_by_the_closed_form(h):
    path = theory.simultaneous(game("minimax"), (1e-6, 0), steps=15, lr=h)
    growth = np.hypot(*path[1:].T) / np.hypot(*path[:-1].T)
    assert growth == pytest.approx(math.sqrt(1 + h * h / 4), abs=1e-6)
    assert (growth > 1).all()


@pytest.mark.parametrize("k, h", [(1, 0.2), (1, 1.9), (5, 0.2), (3, 0.5)])
def test_alternating_steps_stay_on_an_ellipse(k, h):
    assert math.sqrt(k) * h < 2
    theta, psi = theory.alternating(game("wasserstein"), (1, -1), steps=2000, lr=h, discriminator_steps=k).T
    kept = k * theta**2 + psi**2 - k * h * theta * psi
    assert kept == pytest.approx(kept[0], rel=1e-9)
    beyond = theory.alternating(game("wasserstein"), (1, -1), steps=200, lr=2.05 / math.sqrt(k), discriminator_steps=k)
    assert distance(beyond) > 1e6


def test_two_rates_and_order_of_the_players():
    one = theory.alternating(game("minimax"), (0.3, 0.4), steps=1, lr=(0.1, 0.5))
    psi = 0.4 - 0.5 * 0.3 / (1 + math.exp(-0.12))
    assert one[1] == pytest.approx([0.3 + 0.1 * psi / (1 + math.exp(-psi * 0.3)), psi], abs=1e-12)
    first = theory.alternating(game("wasserstein"), (0.3, 0.4), steps=1, lr=(0.1, 0.5), generator_first=True)
    assert first[1] == pytest.approx([0.34, 0.4 - 0.5 * 0.34], abs=1e-12)
    both = theory.simultaneous(game("wasserstein"), (0.3, 0.4), steps=1, lr=(0.1, 0.5))
    assert both[1] == pytest.approx([0.34, 0.25], abs=1e-12)


@pytest.mark.parametrize("alpha", [0.05, 0.3, 0.5, 0.57])
def test_looking_ahead_has_the_closed_moduli(alpha):
    game_ = game("wasserstein")  # turning 1, so that the learning rate is α
    ahead = np.hypot(*theory.extragradient(game_, (1, 0), steps=40, lr=alpha).T)
    assert ahead[1:] / ahead[:-1] == pytest.approx(math.sqrt(1 - alpha**2 + alpha**4), abs=1e-12)
    roots = np.roots([1, -(1 + 2j * alpha), 1j * alpha])
    guess = np.hypot(*theory.optimistic(game_, (1, 0), steps=800, lr=alpha).T)
    assert abs(roots).max() < 1
    assert (guess[-1] / guess[600]) ** (1 / 200) == pytest.approx(abs(roots).max(), abs=2e-3)


def test_optimistic_diverges_beyond_its_limit_and_extragradient_beyond_its():
    limit = 1 / math.sqrt(3)
    assert distance(theory.optimistic(game("wasserstein"), (1, 0), steps=2000, lr=limit + 0.01)) > 1e3
    assert distance(theory.optimistic(game("wasserstein"), (1, 0), steps=2000, lr=limit - 0.01)) < 1e-3
    assert distance(theory.extragradient(game("wasserstein"), (1, 0), steps=2000, lr=1.01)) > 1e3
    assert distance(theory.extragradient(game("wasserstein"), (1, 0), steps=2000, lr=0.99)) < 1e-3


def test_flow_keeps_the_circle_and_clips():
    path = theory.flow(game("minimax"), (1, -1), time=30)
    assert np.hypot(*path.T) == pytest.approx(math.sqrt(2), abs=1e-6)
    quarter = theory.flow(game("wasserstein"), (0, 0.5), time=math.pi / 2)
    assert quarter[-1] == pytest.approx([0.5, 0], abs=1e-9)  # clockwise
    clipped = theory.flow(theory.dirac_field("wasserstein", limit=0.5), (1, -1), time=30, steps=6000)
    assert abs(clipped[1:, 1]).max() <= 0.5
    assert distance(clipped) == pytest.approx(0.5, abs=5e-3)


def test_a_field_takes_arrays():
    theta, psi = np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-2, 2, 4))
    for name in GAMES:
        forwards, up = game(name)(theta, psi)
        assert forwards.shape == up.shape == (4, 5)
        assert (forwards[1, 3], up[1, 3]) == pytest.approx(game(name)(theta[1, 3], psi[1, 3]), abs=1e-12)


@pytest.mark.parametrize("call, message", [
    (lambda: theory.dirac_field("gan"), "dirac_field: name must be 'minimax' or"),
    (lambda: theory.dirac_field("r1", loss="hinge"), "dirac_field: loss must be"),
    (lambda: theory.dirac_field("r1", weight=-1), "dirac_field: weight must be a finite number at least 0, got -1"),
    (lambda: theory.dirac_field("wasserstein", limit=0), "dirac_field: limit"),
    (lambda: theory.dirac_eigenvalues("wasserstein_gp"), "dirac_eigenvalues: name must be a game with a Jacobian"),
    (lambda: theory.simultaneous(game("minimax"), (1, 2, 3), steps=1, lr=0.1), "simultaneous: start must be two"),
    (lambda: theory.alternating(game("minimax"), (1, 2), steps=1, lr=0), "alternating: lr must be"),
    (lambda: theory.alternating(game("minimax"), (1, 2), steps=1, lr=0.1, discriminator_steps=0),
     "alternating: discriminator_steps"),
    (lambda: theory.optimistic(game("minimax"), (1, 2), steps=-1, lr=0.1), "optimistic: steps"),
    (lambda: theory.flow(game("minimax"), (1, 2), time=0), "flow: time"),
])
def test_errors_say_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
