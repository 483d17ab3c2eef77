"""The Dirac-GAN to play with: the program's numbers against ganlib.theory, each answer measured, the page played."""

import itertools
import math
import re

import numpy as np
import pytest
import torch

from ganlib import losses, penalties, theory
from ganlib.figures.dirac import CHOICES, IN_TURN, PRESETS, WEIGHTS, _pair, _state, dirac, factors, game, path
from ganlib.figures.dirac import START as FIRST
from ganlib.figures.live import script

LOSSES, PENALTIES, UPDATES = (tuple(CHOICES[name]) for name in ("loss", "penalty", "updates"))
RATES, K, START = (0.1, 0.15), 2, (1.0, -0.7)

RUN = """([game, start, steps]) => {
  const states = [start];
  for (let n = 0; n < steps; n++) states.push(diracNext(game, states[n], states[Math.max(0, n - 1)]));
  return states;
}"""


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.set_content(f"<script>{script('dirac_field', expose=True)}</script>")
    yield page
    page.close()


def program(loss, penalty, updates, weight=None, lr=RATES, k=K):
    """A game in the program's words."""
    return {"loss": loss, "penalty": penalty, "weight": WEIGHTS[penalty] if weight is None else weight,
            "updates": updates, "h": lr[0], "ratio": lr[1] / lr[0], "k": k}


def run(page, played, start=START, steps=200):
    return np.array(page.evaluate(RUN, [played, start, steps]))


def moduli(page, played):
    return np.hypot(*np.array(page.evaluate("(game) => diracFactors(game)", played)).T)


def preset(name, **changes):
    settings = FIRST | PRESETS[name]["settings"] | changes
    return game(settings["loss"], settings["penalty"], settings["weight"] or 1.0), settings


def played(name, steps, **changes):
    field, settings = preset(name, **changes)
    return path(field, settings["start"], updates=settings["updates"], steps=steps, lr=_pair(settings["lr"]),
                discriminator_steps=settings["discriminator_steps"])


def size(name, **changes):
    field, settings = preset(name, **changes)
    return abs(factors(field.jacobian, updates=settings["updates"], lr=_pair(settings["lr"]))).max()


# --- the numbers ---

@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("updates", UPDATES)
def test_paths_are_those_of_theory(page, loss, penalty, updates):
    found = run(page, program(loss, penalty, updates))
    expected = path(game(loss, penalty, WEIGHTS[penalty]), START, updates=updates, steps=200, lr=RATES,
                    discriminator_steps=K)
    assert abs(expected[-1] - expected[0]).max() > 0.1
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name, loss, penalty, parameters", [
    ("minimax", "minimax", "none", {}), ("non_saturating", "non_saturating", "none", {}),
    ("wasserstein", "wasserstein", "none", {}), ("wasserstein", "wasserstein", "clipping", {"limit": 0.6}),
    ("wasserstein_gp", "wasserstein", "gradient_penalty", {"weight": 0.6}),
    ("r1", "minimax", "r1", {"weight": 0.6, "loss": "minimax"}),
    ("r1", "non_saturating", "r1", {"weight": 0.6, "loss": "non_saturating"}),
    ("r1", "wasserstein", "r1", {"weight": 0.6, "loss": "wasserstein"}),
    ("instance_noise", "minimax", "instance_noise", {"std": 0.6}),
    ("consensus", "minimax", "consensus", {"weight": 0.6})])
def test_every_game_of_theory_is_among_them(page, name, loss, penalty, parameters):
    field = theory.dirac_field(name, **parameters)
    found = run(page, program(loss, penalty, "alternating", weight=0.6))
    assert np.allclose(found, theory.alternating(field, START, steps=200, lr=RATES, discriminator_steps=K),
                       rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("penalty", [name for name in PENALTIES if name != "clipping"])
@pytest.mark.parametrize("state", [(1.3, -0.8), (-0.4, 2.1)])
def test_velocities_are_slopes_of_the_books_losses(page, loss, penalty, state):
    weight = WEIGHTS[penalty]
    theta, psi = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in state)
    noise, share = (np.zeros(1), np.ones(1)) if penalty != "instance_noise" else (weight * theory.dirac.NODES,
                                                                                 theory.dirac.SHARES)
    zero = torch.zeros(1, 1, dtype=torch.float64)

    def critic(x):
        return psi * x

    forwards, up = 0.0, 0.0
    for node, part in zip(noise, share, strict=True):
        fake, real = theta + float(node), zero + float(node)
        g = losses.ALL[loss].generator(critic(fake.reshape(1, 1)))
        d = losses.ALL[loss].discriminator(critic(real), critic(fake.detach().reshape(1, 1)))
        forwards = forwards - part * torch.autograd.grad(g, theta, create_graph=True)[0]
        up = up - part * torch.autograd.grad(d, psi, create_graph=True)[0]
    if penalty == "r1":
        up = up - torch.autograd.grad(penalties.r1(critic, zero, weight=weight), psi)[0]
    if penalty == "gradient_penalty":
        extra = penalties.gradient_penalty(critic, zero.expand(4, 1), zero.expand(4, 1) + 1, weight)
        up = up - torch.autograd.grad(extra, psi)[0]
    if penalty == "consensus":
        # θ in D's loss is detached above, so its velocity's slope by θ is taken from its closed form
        own = -theta * (1.0 if loss == "wasserstein" else torch.sigmoid(psi * theta))
        assert own.item() == pytest.approx(up.item(), abs=1e-12)
        brake = torch.autograd.grad((forwards**2 + own**2) / 2, (theta, psi))
        forwards, up = forwards - weight * brake[0], own - weight * brake[1]
    found = page.evaluate("([game, x, y]) => diracVelocity(game, x, y)", [program(loss, penalty, UPDATES[0]), *state])
    assert found == pytest.approx((forwards.item(), up.item()), abs=1e-10)


@pytest.mark.parametrize("loss, together, in_turn, generator_first", [
    ("minimax", 3.05, 1.02, 0.99), ("non_saturating", 0.45, 0.20, 0.19), ("wasserstein", 20_959, 1.03, 0.98)])
def test_recorded_distances_after_two_thousand_rounds(page, loss, together, in_turn, generator_first):
    ends = [np.hypot(*run(page, program(loss, "none", updates, lr=(0.1, 0.1), k=1), (1, 0), 2000)[-1])
            for updates in UPDATES[:3]]
    assert ends == pytest.approx([together, in_turn, generator_first], rel=1e-5 if together > 1e4 else 1e-12, abs=0.006)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("updates", UPDATES[:2])
def test_r1_brings_all_of_them_in(page, loss, updates):
    far = run(page, program(loss, "r1", updates, weight=0.3, lr=(0.1, 0.1), k=1), (1, 0), 2000)
    assert np.hypot(*far[-1]) < 5e-4


# --- the eigenvalues ---

def numerical(field, e=1e-4):
    """The Jacobian of the velocities at (0, 0) by differences, (2, 2)."""
    return np.column_stack([(np.array(field(*(e * u))) - np.array(field(*(-e * u)))) / (2 * e) for u in np.eye(2)])


def differences(field, updates, e=1e-4):
    """The Jacobian at (0, 0) of one round of the stepper of ganlib.theory itself; with optimism of two states."""
    def ends(start):
        return path(field, start, updates=updates, steps=1, lr=RATES, discriminator_steps=K)[-1]

    if updates == "optimistic":
        move = np.diag(RATES) @ numerical(field)
        matrix = np.block([[np.eye(2) + 2 * move, -move], [np.eye(2), np.zeros((2, 2))]])
        first, now, then = path(field, (3e-5, -2e-5), updates=updates, steps=2, lr=RATES)
        assert (matrix @ [*now, *first])[:2] == pytest.approx(then, rel=1e-6)
        return matrix
    return np.column_stack([(ends(e * u) - ends(-e * u)) / (2 * e) for u in np.eye(2)])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("penalty", [name for name in PENALTIES if name != "gradient_penalty"])
@pytest.mark.parametrize("updates", UPDATES)
@pytest.mark.parametrize("weight", [0.4, 3.0])
def test_eigenvalues_of_a_round(page, loss, penalty, updates, weight):
    field, played = game(loss, penalty, weight), program(loss, penalty, updates, weight=weight)
    found = page.evaluate("(game) => diracFactors(game)", played)
    values = np.array(found) @ [1, 1j]
    expected = np.linalg.eigvals(differences(field, updates))
    assert len(values) == len(expected) == (4 if updates == "optimistic" else 2)
    assert (np.diff(abs(values)) <= 1e-12).all()
    assert np.poly(values) == pytest.approx(np.poly(expected), abs=1e-6)  # sets are compared by their polynomials
    ours = factors(field.jacobian, updates=updates, lr=RATES, discriminator_steps=K)
    assert np.poly(values) == pytest.approx(np.poly(ours), abs=1e-10)
    jacobian = np.array(page.evaluate("(game) => diracJacobian(game)", played))
    assert np.allclose(jacobian, numerical(field), rtol=0, atol=1e-6)
    assert np.allclose(jacobian, field.jacobian, rtol=0, atol=1e-12)
    mu = np.array(page.evaluate("(game) => diracEigenvalues(diracJacobian(game))", played)) @ [1, 1j]
    assert np.poly(mu) == pytest.approx(np.poly(jacobian), abs=1e-12)


def test_eigenvalues_are_those_of_theory(page):
    for name, penalty, key in (("r1", "r1", "weight"), ("consensus", "consensus", "weight"),
                               ("instance_noise", "instance_noise", "std")):
        for value in (0.3, 1.0, 2.5):
            found = page.evaluate("(game) => diracEigenvalues(diracJacobian(game))",
                                  program("minimax", penalty, "simultaneous", weight=value))
            assert np.array(found) @ [1, 1j] == pytest.approx(theory.dirac_eigenvalues(name, **{key: value}), abs=1e-7)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_gradient_penalty_has_none(page, loss):
    played = program(loss, "gradient_penalty", "simultaneous")
    assert page.evaluate("(game) => [diracJacobian(game), diracFactors(game)]", played) == [None, None]
    assert game(loss, "gradient_penalty", 0.2).jacobian is None


@pytest.mark.parametrize("loss, penalty, updates, weight, h, k, words", [
    ("wasserstein", "none", "simultaneous", 1, 0.1, 1, "spirals out, the distance doubles in 139 rounds"),
    ("wasserstein", "none", "alternating", 1, 0.1, 1, "circles"),
    ("wasserstein", "none", "alternating", 1, 2.0, 1, "goes out, step by step"),
    ("wasserstein", "none", "generator_first", 1, 1.1, 4, "jumps from side to side, outwards, the"),
    ("minimax", "none", "alternating", 1, 0.1, 1, "circles, to first order"),
    ("minimax", "r1", "simultaneous", 0.3, 0.1, 1, "spirals in, the distance halves in 50 rounds"),
    ("minimax", "r1", "simultaneous", 3, 0.1, 1, "goes straight in, the distance halves in "),
    ("minimax", "r1", "alternating", 2.4, 0.8, 1, "jumps from side to side, to first order"),
    ("minimax", "r1", "simultaneous", 2.5, 1, 1, "jumps from side to side, outwards, the"),
    ("wasserstein", "none", "extragradient", 1, 0.3, 1, "spirals in, "),
    ("wasserstein", "none", "optimistic", 1, 0.6, 1, "spirals out, ")])
def test_the_verdict(page, loss, penalty, updates, weight, h, k, words):
    played = program(loss, penalty, updates, weight=weight, lr=(h, h), k=k)
    found = page.evaluate("(game) => diracVerdict(diracFactors(game), game.loss === 'wasserstein')", played)
    assert found["words"].startswith(words) and (found["words"] == words or words.endswith((" ", "the")))
    assert found["size"] == pytest.approx(moduli(page, played).max(), abs=1e-12)
    states = path(game(loss, penalty, weight), (1e-13, 3e-14), updates=updates, steps=60, lr=(h, h),
                  discriminator_steps=k)
    growth = np.hypot(*states[-1]) / np.hypot(*states[0])
    if "step by step" in words:
        assert growth > 10
    elif "circles" in words or "first order" in words:
        assert 0.3 < growth < 3
    else:
        assert abs(math.log(growth) / 60 - math.log(found["size"])) < 0.05 * abs(math.log(found["size"])) + 0.01
        assert (growth > 1) == ("out" in words)


# --- the answers ---

def test_at_least_five_questions_with_answers():
    assert len(PRESETS) >= 5
    for one in PRESETS.values():
        assert one["question"].endswith("?") and len(one["answer"]) > 100


def test_answer_together():
    for h in (0.001, 0.1, 1.0):
        r = np.hypot(*played("together", 50, lr=h).T)
        assert r[1:] / r[:-1] == pytest.approx(math.sqrt(1 + h * h), rel=1e-9)
    assert np.hypot(*played("together", 2000)[-1]) == pytest.approx(21_000, rel=0.005)


def test_answer_in_turn():
    r = np.hypot(*played("in_turn", 5000).T)
    assert abs(r - 1).max() < 0.03 and abs(r - 1).max() > 0.02
    assert size("in_turn") == pytest.approx(1, abs=1e-12)
    field, lr = preset("in_turn")[0], (0.1, 0.3)
    first, second = (np.linalg.eigvals(np.column_stack([path(field, u, updates=who, steps=1, lr=lr)[-1]
                                                        for u in np.eye(2)])) for who in IN_TURN)
    assert np.poly(first) == pytest.approx(np.poly(second), abs=1e-12)


def test_answer_non_saturating():
    assert size("non_saturating") > 1.001
    slow = np.hypot(*theory.flow(preset("non_saturating")[0], (1.5, 1.0), time=100).T)
    assert slow[-1] < 0.4 * slow[0] and slow[-1] > 0.1
    for start in ((1.5, 1.0), (0.1, 0.1)):
        r = np.hypot(*played("non_saturating", 5000, start=start).T)
        assert r[-500:] == pytest.approx(math.sqrt(0.2), rel=0.03)
    assert math.sqrt(0.2) == pytest.approx(0.45, abs=0.005)


def test_answer_r1():
    assert math.log(0.5) / math.log(size("r1")) == pytest.approx(50, abs=1)
    assert np.hypot(*played("r1", 2000)[-1]) < 1e-11
    weights = np.linspace(0.05, 5, 397)
    sizes = [size("r1", weight=w) for w in weights]
    best = int(np.argmin(sizes))
    assert weights[best] == pytest.approx(1, abs=0.02)
    assert (np.diff(sizes[best:]) > 0).all() and sizes[-1] > 0.99


def test_answer_too_far():
    field, settings = preset("too_far")
    values = factors(field.jacobian, updates="simultaneous", lr=(1.0, 1.0))
    assert values.real.min() < -1 and abs(values.imag).max() == 0
    psi = played("too_far", 60)[-20:, 1]
    assert (psi[1:] * psi[:-1] < 0).all() and (abs(psi[1:]) > abs(psi[:-1])).all()
    for weight, comes_in in ((0.26, True), (0.24, False), (2.12, True), (2.13, False)):
        assert (size("too_far", weight=weight) < 1) == comes_in


def test_answer_clipping():
    states = played("clipping", 3000)
    wall = abs(states[:, 1]) == 1
    leaves = np.flatnonzero(wall[:-1] & ~wall[1:])
    first = leaves[0]
    assert states[first, 1] == -1 and states[first + 1, 0] < 0 < states[first - 2, 0]  # θ has just changed its sign
    assert np.hypot(*states[-2000:].T) == pytest.approx(1, abs=0.04)
    inside = played("clipping", 3000, start=(0.3, 0.4))
    assert abs(inside[:, 1]).max() < 0.6
    assert np.array_equal(inside, played("clipping", 3000, start=(0.3, 0.4), penalty="none"))


def test_answer_gradient_penalty():
    states = played("gradient_penalty", 5000)
    assert abs(states[-1000:, 0]).max() == pytest.approx(1.3, abs=0.05)
    assert np.hypot(*states[-1000:].T).min() > 5 * np.hypot(*states[0])
    starts = ((0.2, 0.1), (1.0, 0.0), (-2.0, 2.0), (0.3, -2.4))
    for weight, start in itertools.product((1.0, 1.5, 3.0, 6.0, 9.5, 9.9), starts):
        end = played("gradient_penalty", 5000, weight=weight, start=start)[-1]
        assert abs(end) == pytest.approx([2 * weight, 0], abs=1e-3)
    for weight, start in itertools.product((10.0, 11.0, 12.0), starts):  # from 1/h on it keeps moving
        end = played("gradient_penalty", 5000, weight=weight, start=start)[-500:]
        assert np.ptp(end[:, 1]) > 0.1


def test_answer_two_rates():
    for rates in ((0.1, 1.0), (1.0, 0.1), (math.sqrt(0.1), math.sqrt(0.1))):
        assert np.poly(factors(preset("two_rates")[0].jacobian, updates="alternating", lr=rates)) == pytest.approx(
            [1, -1.9, 1], abs=1e-12)
    assert size("two_rates", lr=(0.5, 7.9)) == pytest.approx(1, abs=1e-12) and size("two_rates", lr=(0.5, 8.1)) > 1.1
    slow, fast = (np.hypot(*played("two_rates", 500, penalty="r1", weight=0.1, lr=lr)[-1]) for lr in (0.1, (0.1, 1.0)))
    assert fast * 1000 < slow
    halves = [math.log(0.5) / math.log(size("two_rates", penalty="r1", weight=0.1, lr=lr)) for lr in ((0.1, 1.0), 0.1)]
    assert halves == pytest.approx([13, 138], abs=0.5)
    assert WEIGHTS["r1"] == 0.3 and PRESETS["two_rates"]["answer"].count("which opens at γ = 0.3") == 1


def test_answer_ahead():
    for h in (0.1, 0.3, 0.9, 0.99, 1.01, 1.5):
        assert size("ahead", lr=h) == pytest.approx(math.sqrt(1 - h**2 + h**4), abs=1e-12)
        assert (size("ahead", lr=h) < 1) == (h < 1)
        assert (size("ahead", lr=h, updates="optimistic") < 1) == (h < 1 / math.sqrt(3))
    assert math.log(size("ahead", lr=0.3)) / math.log(size("ahead", lr=0.03)) == pytest.approx(100, rel=0.1)


# --- Python ---

def test_settings_reach_the_program():
    given = dirac(loss="minimax", penalty="r1", updates="alternating", lr=(0.1, 0.5), discriminator_steps=3,
                  start=(-1, 2), span=4).config["given"]
    assert given == {"loss": "minimax", "penalty": "r1", "weight": 0.3, "updates": "alternating", "h": 0.1,
                     "ratio": 5.0, "k": 3, "theta": -1, "psi": 2, "span": 4, "t": 0, "question": ""}
    assert dirac("clipping").config["given"]["question"] == "clipping"
    changed = dirac("too_far", penalty="consensus").config["given"]
    assert (changed["h"], changed["weight"], changed["question"]) == (1.0, 1.0, "")
    assert dirac("too_far", lr=0.5).config["given"]["weight"] == 2.5


@pytest.mark.parametrize("name", PRESETS)
def test_picture_and_text(name):
    live = dirac(name)
    assert live.picture.startswith(b"\x89PNG") and len(live.picture) > 10_000
    assert 100 < len(live.alt) < 500 and not re.search(r"\d\.\d", live.alt)
    for text, least in ((live.config["questions"][name]["question"], 40), (live.html, 30_000)):
        assert len(text) > least


@pytest.mark.parametrize("settings, message", [
    ({"preset": "gan"}, "dirac: preset must be 'together' or"), ({"loss": "hinge"}, "dirac: loss must be 'minimax' or"),
    ({"penalty": "r2"}, "dirac: penalty must be 'none' or"), ({"updates": "both"}, "dirac: updates must be"),
    ({"weight": 0}, "dirac: weight must be from 0.01 to 20, got 0"), ({"weight": "1"}, "dirac: weight must be a fin"),
    ({"lr": 0}, "dirac: lr must be a finite number above 0, got 0"), ({"lr": 9}, "dirac: lr must be from 0.001 to 5"),
    ({"lr": (0.001, 1)}, "dirac: lr, D's over G's, must be from 0.01 to 100, got 1000"),
    ({"lr": (1, 2, 3)}, "dirac: lr must be a finite number"), ({"span": 30}, "dirac: span must be from 0.8 to 25"),
    ({"discriminator_steps": 0}, "dirac: discriminator_steps must be a whole number"),
    ({"discriminator_steps": 21}, "dirac: discriminator_steps must be from 1 to 20, got 21"),
    ({"start": (1, 2, 3)}, "dirac: start must be two numbers"), ({"start": (1, math.nan)}, "dirac: start must be a"),
    ({"start": (1, 26)}, "dirac: start must be from -25 to 25, got 26"), ({"id": "My figure"}, "dirac: id must be")])
def test_errors_say_what_came(settings, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        dirac(**settings)


# --- the page ---

class Played:
    """The figure on a page, with what a reader does to it."""

    def __init__(self, browser, live, width=1000):
        self.errors, self.page = [], browser.new_page(viewport={"width": width, "height": 1400})
        self.page.set_default_timeout(5000)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.set_content(f"<body style='margin:0'>{live.html}</body>")
        self.frame = self.page.frame_locator("iframe")
        self.time = self.frame.get_by_label("time")
        self.time.wait_for()

    def round(self):
        return int(self.time.inner_text().removeprefix("round "))

    def press(self, name):
        self.frame.get_by_role("button", name=name).click()

    def pick(self, label, value):
        self.frame.get_by_role("combobox", name=label).select_option(value)

    def says(self):
        return self.frame.locator("p[role=status]").all_inner_texts()  # the verdict, the state

    def picture(self):
        return self.frame.locator("canvas").first.evaluate("(canvas) => canvas.toDataURL()")

    def message(self, **data):
        self.page.evaluate("(data) => document.querySelector('iframe').contentWindow.postMessage("
                           "{ ganlib: true, link: 'page.html', ...data }, '*')", data)
        self.page.wait_for_timeout(200)

    def state(self):
        self.press("Link")
        value = self.frame.get_by_label("The state as text, to copy").input_value()
        return dict(pair.split("=") for pair in value.split("?")[-1].split("&"))


@pytest.fixture
def figure(browser):
    one = Played(browser, dirac("together"))
    yield one
    assert one.errors == []
    one.page.close()


def test_the_bar_plays(figure):
    figure.page.wait_for_timeout(300)
    assert figure.round() == 0  # it does not start by itself
    figure.press("To the start")
    empty = figure.picture()
    figure.press("One step")
    assert figure.round() == 1
    figure.press("Forward 100")
    assert figure.round() == 101 and figure.picture() != empty
    figure.press("Back 100")
    assert figure.round() == 1
    figure.press("Play")
    figure.page.wait_for_timeout(700)
    figure.press("Pause")
    assert figure.round() > 10
    figure.press("To the start")
    assert figure.round() == 0 and figure.picture() == empty


def test_the_page_shows_the_numbers_of_theory(figure):
    for _ in range(3):
        figure.press("Forward 100")
    states = played("together", 300)
    theta, psi, r = (f"{v:.3f}".replace("-", "−") for v in (*states[-1], np.hypot(*states[-1])))
    verdict, status = figure.says()
    assert f"Round 300: θ = {theta}, ψ = {psi}, distance r = {r}" in status
    assert f"|m| = {math.sqrt(1.01):.5f} > 1: it spirals out, the" in verdict
    figure.frame.get_by_text("The path in numbers").click()
    row = figure.frame.locator("tbody tr").nth(5)
    row.wait_for()
    cells = row.locator("td").all_inner_texts()
    assert cells == ["150", *(f"{v:.4f}".replace("-", "−") for v in (*states[150], np.hypot(*states[150])))]


def test_every_change_plays_the_same_rounds_anew(figure):
    figure.press("Forward 100")
    figure.pick("Updates", "alternating")
    assert "= 1: it circles." in figure.says()[0] and figure.round() == 100
    expected = played("in_turn", 100)[-1]
    assert f"θ = {expected[0]:.3f}".replace("-", "−") in figure.says()[1]
    figure.pick("Loss", "minimax")
    figure.pick("Penalty or remedy", "r1")
    assert figure.frame.get_by_role("slider", name="γ").input_value() == "-0.52"  # 0.3, a power of ten
    assert "< 1: it spirals in," in figure.says()[0]
    slider = figure.frame.get_by_label("step h")
    slider.fill("0")
    assert figure.state()["h"] == "1" and "m = 0.725 ± 0.418i" in figure.says()[0]
    figure.pick("Penalty or remedy", "gradient_penalty")
    assert "No Jacobian" in figure.says()[0]


@pytest.mark.parametrize("weight, k, ratio, updates", [
    (1.0, 1, 10, "alternating"), (0.1, 1, 10, "alternating"), (0.1, 1, 10, "simultaneous"), (0.1, 5, 2, "alternating"),
    (0.1, 5, 2, "simultaneous"), (0.1, 1, 0.5, "extragradient")])
def test_infinitely_small_steps_are_the_limit_of_small_ones(browser, weight, k, ratio, updates):
    one = Played(browser, dirac(penalty="r1", weight=weight, discriminator_steps=k, lr=(0.1, 0.1 * ratio),
                                updates=updates))
    found = re.search(r"μ = (\S+) (±|and) (\S+?)i?: it comes in", one.says()[0].replace("−", "-"))
    a, b = float(found[1]), float(found[3])
    small = factors(game("wasserstein", "r1", weight).jacobian, updates=updates, lr=(1e-6, 1e-6 * ratio),
                    discriminator_steps=k)
    values = [complex(a, b), complex(a, -b)] if found[2] == "±" else [a, b]
    assert np.poly(values) == pytest.approx(np.poly((small - 1) / 1e-6), abs=0.005)
    one.page.close()


def test_noise_that_changes_nothing_is_said_to(figure):
    figure.pick("Penalty or remedy", "instance_noise")
    assert figure.says()[0].endswith("Noise changes nothing here: the logit is a straight line, and its mean does not "
                                     "feel it.")
    figure.pick("Loss", "minimax")
    assert "changes nothing" not in figure.says()[0]
    figure.pick("Loss", "wasserstein")
    figure.pick("Penalty or remedy", "r1")
    assert "changes nothing" not in figure.says()[0] and ": it comes in." in figure.says()[0]


def test_captions_name_what_is_drawn(figure):
    captions = [text.replace("\u2060", "") for text in figure.frame.locator("figcaption").all_inner_texts()]
    assert captions[3:] == ["Distance r; dashed: r₀|m|ⁿ", "Data ●, samples × and their push, logit ψx"]


def test_k_counts_only_where_players_take_turns(figure):
    k = figure.frame.get_by_label("D's steps k")
    assert k.is_disabled()
    figure.pick("Updates", "generator_first")
    assert k.is_enabled()


def test_the_start_is_chosen_by_hand_and_by_keys(figure):
    figure.press("Forward 100")
    plane = figure.frame.locator("canvas").first
    box = plane.bounding_box()
    before = figure.picture()
    plane.click(position={"x": 0.75 * box["width"], "y": 0.25 * box["height"]})
    state = figure.state()
    assert (float(state["theta"]), float(state["psi"])) == pytest.approx((1.25, 1.25), abs=0.03)
    assert figure.picture() != before and figure.round() == 100
    plane.focus()
    figure.page.keyboard.press("ArrowLeft")
    figure.page.keyboard.press("ArrowDown")
    moved = figure.state()
    assert float(moved["theta"]) == pytest.approx(float(state["theta"]) - 5 / 40, abs=1e-9)
    assert float(moved["psi"]) == pytest.approx(float(state["psi"]) - 5 / 40, abs=1e-9)
    assert figure.round() == 100  # the arrow keys moved the start, not the time


def test_it_stops_when_it_has_left_for_good(figure):
    figure.frame.get_by_label("step h").fill("0.3")
    figure.press("Forward 100")
    assert figure.round() < 100 and "It has left" in figure.says()[1]
    figure.press("Play")
    figure.page.wait_for_timeout(200)
    assert figure.frame.get_by_role("button", name="Play").count() == 1  # it paused by itself
    figure.frame.get_by_label("step h").fill("-1")
    assert "It has left" not in figure.says()[1]


def test_questions_bring_their_settings_and_answers(figure):
    for name, one in PRESETS.items():
        figure.press("One step")
        figure.pick("Question", name)
        assert figure.round() == 0
        assert figure.frame.get_by_text(one["question"]).is_visible()
        figure.frame.get_by_text("What happens, and why").click()
        assert figure.frame.get_by_text(one["answer"]).is_visible()
        state, expected = figure.state(), _state(FIRST | one["settings"])
        for key, value in expected.items():
            assert state[key] == value if isinstance(value, str) else float(state[key]) == pytest.approx(value)
        for label, key in (("Loss", "loss"), ("Penalty", "penalty"), ("Updates", "updates")):  # the controls follow
            assert figure.frame.get_by_role("combobox", name=label).input_value() == expected[key]
        assert 10 ** float(figure.frame.get_by_label("step h").input_value()) == pytest.approx(expected["h"], rel=0.03)
    figure.pick("Question", "")
    assert figure.frame.locator(".question").count() == 0


def test_a_link_brings_the_state_back(figure):
    figure.pick("Question", "r1")
    figure.press("Forward 100")
    figure.press("Zoom in")
    state, status = figure.state(), figure.says()
    text = "&".join(f"{key}={value}" for key, value in state.items())
    figure.pick("Question", "clipping")
    assert figure.says() != status
    figure.message(theme="light", state=text)
    assert figure.state() == state and figure.says() == status
    figure.message(theme="light", state="loss=toString&h=-3&weight=1e9&k=2.6&t=7.2&psi=99&span=0&question=none&x=1")
    wild = figure.state()
    assert wild | {"question": ""} == state | {"loss": "wasserstein", "penalty": "none", "weight": "20", "k": "3",
                                              "h": "0.001", "t": "7", "psi": "25", "span": "0.8", "theta": "1",
                                              "updates": "simultaneous", "question": ""}
    assert figure.round() == 7


def test_dark_theme_and_zoom_repaint(figure):
    light = figure.picture()
    figure.message(theme="dark")
    dark = figure.picture()
    assert dark != light
    figure.press("Zoom out")
    assert figure.picture() != dark


def test_narrow_pages_need_no_sideways_scrolling(browser):
    one = Played(browser, dirac("gradient_penalty"), width=360)
    assert one.frame.locator("html").evaluate("(page) => page.scrollWidth") <= 360
    for button in one.frame.get_by_role("button").all():
        box = button.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    assert one.errors == []
    one.page.close()
