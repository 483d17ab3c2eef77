"""The saturation slider's numbers against SciPy, torch, ganlib.theory and each other; then the figure in a browser."""

import math
from itertools import pairwise

import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats
import torch

from ganlib import losses, theory
from ganlib.figures.live import script
from ganlib.figures.saturation import CHOICES, FAR, LOSSES, PRESETS, measures, pulls, saturation

GRID = [(d, a, b) for d in (0.0, 0.1, 0.5, 1.5, 3.0) for a, b in ((0.3, 0.3), (0.15, 0.15), (0.3, 0.7), (1.0, 0.15))]
NAMES = ("jsd", "kl", "reverse", "w1", "centre", "mean")


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.add_script_tag(content=script("gaussians", expose=True))
    yield page
    page.close()


@pytest.fixture(scope="module")
def computed(page):
    """gaussianMeasures of the grid, from the browser."""
    return dict(zip(GRID, page.evaluate("list => list.map(([d, a, b]) => gaussianMeasures(d, a, b))", GRID),
                    strict=True))


def parts(d, a, b):
    """log p, log q, log D*, log(1 - D*) and the derivative of the logit, as functions of x."""
    def log_p(x): return scipy.stats.norm.logpdf(x, 0, a)
    def log_q(x): return scipy.stats.norm.logpdf(x, d, b)
    def log_d(x): return log_p(x) - np.logaddexp(log_p(x), log_q(x))
    def log_not(x): return log_q(x) - np.logaddexp(log_p(x), log_q(x))
    def slope(x): return -x / a**2 + (x - d) / b**2
    return log_p, log_q, log_d, log_not, slope


def integral(f, d, a, b):
    """Gauss-Legendre, 60 nodes on each piece between cuts where the integrands have their peaks."""
    low, high = min(-10 * a, d - 10 * b), max(10 * a, d + 10 * b)
    cuts = np.unique(np.concatenate([[low, high], np.linspace(-6 * a, 6 * a, 25), np.linspace(d - 6 * b, d + 6 * b, 25),
                                     np.linspace(0, d, 25)]))
    return sum(scipy.integrate.fixed_quad(f, low, high, n=60)[0] for low, high in pairwise(cuts))


# What the notes say for two Gaussians of width 0.3: JSD/log 2; minimax and non-saturating at the centre, in the mean.
@pytest.mark.parametrize("d, share, centre, mean, slope", [
    (0.5, 0.375, (1.11, 4.45), (1.56, 4.00), 0.779),
    (1.5, 0.975, (6.2e-5, 16.7), (0.158, 16.5), 0.0790),
    (3.0, 0.999999, (6.4e-21, 33.3), (1.5e-5, 33.3), 7.4e-6),
])
def test_the_known_table(computed, d, share, centre, mean, slope):
    m = computed[d, 0.3, 0.3]
    assert m["jsd"] / math.log(2) == pytest.approx(share, rel=1e-3)
    assert m["centre"][:2] == pytest.approx(centre, rel=7e-3)
    assert m["mean"][:2] == pytest.approx(mean, rel=1e-2)
    assert m["mean"][0] / 2 == pytest.approx(slope, rel=1e-2)
    assert m["kl"] == pytest.approx(d**2 / (2 * 0.3**2), rel=1e-12)
    assert (m["w1"], m["mean"][3]) == (d, 1)


@pytest.mark.parametrize("point", GRID, ids=str)
def test_divergences_match_gauss_legendre(computed, point):
    d, a, b = point
    log_p, log_q, log_d, log_not, _ = parts(*point)
    m = computed[point]
    jsd = integral(lambda x: (np.exp(log_p(x)) * (math.log(2) + log_d(x))
                              + np.exp(log_q(x)) * (math.log(2) + log_not(x))) / 2, *point)
    assert m["jsd"] == pytest.approx(jsd, rel=1e-9, abs=1e-13)
    x, dx = theory.grid(-10, 13, 30_000)
    p, q = theory.normal(x, 0.0, a), theory.normal(x, d, b)
    assert m["jsd"] == pytest.approx(theory.jensen_shannon(p, q, dx), rel=1e-9, abs=1e-13)
    for name, x_p, x_q in (("kl", log_p, log_q), ("reverse", log_q, log_p)):
        kl = integral(lambda x, f=x_p, g=x_q: np.exp(f(x)) * (f(x) - g(x)), *point)
        assert m[name] == pytest.approx(kl, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("point", GRID, ids=str)
def test_w1_is_the_area_between_the_distribution_functions_and_between_quantiles(computed, point):
    d, a, b = point
    x, dx = theory.grid(-12, 15, 200_000)
    area = np.abs(scipy.stats.norm.cdf(x, 0, a) - scipy.stats.norm.cdf(x, d, b)).sum() * dx
    assert computed[point]["w1"] == pytest.approx(area, abs=1e-7)
    u = (np.arange(20_000) + 0.5) / 20_000
    z = scipy.stats.norm.ppf(u)
    assert computed[point]["w1"] == pytest.approx(theory.wasserstein_1d(a * z, d + b * z), abs=1e-4)


@pytest.mark.parametrize("point", [point for point in GRID if point[0] > 0], ids=str)
def test_mean_gradients_match_gauss_legendre_to_their_own_digits(computed, point):
    """Relative, also where the value is 1e-21."""
    _, log_q, log_d, log_not, slope = parts(*point)
    weights = (lambda x: log_d(x), lambda x: log_not(x), lambda x: log_d(x) + 2 * log_not(x))
    for found, weight in zip(computed[point]["mean"], weights, strict=False):
        wanted = integral(lambda x, w=weight: -np.exp(log_q(x) + w(x)) * slope(x), *point)
        assert found == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize("j, name", list(enumerate(("minimax", "non_saturating", "least_squares"))))
def test_gradients_are_those_of_ganlibs_losses(computed, j, name):
    """Autograd through the samples d + b·z, D* held fixed; the mean over z by quadrature."""
    z = torch.linspace(-9, 9, 401, dtype=torch.float64)
    weights = theory.normal(z) * (z[1] - z[0])
    for d, a, b in ((0.5, 0.3, 0.3), (1.5, 0.3, 0.7), (0.1, 1.0, 0.15)):
        at = torch.tensor(d, dtype=torch.float64, requires_grad=True)

        def loss(x, d=d, a=a, b=b):
            logit = ((x - d) / b).square() / 2 - (x / a).square() / 2 + math.log(b / a)
            # Least squares scores by D itself, the two others by the logit.
            return losses.ALL[name].generator((torch.sigmoid(logit) if name == "least_squares" else logit)[None])

        (mean,) = torch.autograd.grad(sum(w * loss(at + b * t) for w, t in zip(weights, z, strict=True)), at)
        (centre,) = torch.autograd.grad(loss(at), at)
        assert computed[d, a, b]["mean"][j] == pytest.approx(float(mean), rel=1e-6)
        assert computed[d, a, b]["centre"][j] == pytest.approx(float(centre), rel=1e-9)


@pytest.mark.parametrize("point", [point for point in GRID if point[0] > 0], ids=str)
def test_the_mean_minimax_gradient_is_twice_the_slope_of_the_jsd(computed, point):
    """Central differences of JSD; of W1, for the critic's."""
    d, a, b = point
    h = 1e-3 * min(a, b)
    high, low = measures(d + h, a, b), measures(d - h, a, b)
    assert computed[point]["mean"][0] == pytest.approx((high.jsd - low.jsd) / h, rel=1e-3, abs=1e-10)
    assert computed[point]["mean"][3] == pytest.approx((high.w1 - low.w1) / (2 * h), abs=1e-6)


def test_the_critics_pull_is_that_of_the_sign_of_the_distribution_functions(page):
    for d, a, b in ((0.5, 0.3, 0.3), (1.0, 0.3, 0.7), (1.0, 0.7, 0.3)):
        x = np.linspace(-3, 5, 81) + 0.013  # no corner falls on a point
        found = page.evaluate("([xs, d, a, b]) => xs.map((x) => gaussianPulls(x, d, a, b)[3])", [x.tolist(), d, a, b])
        rises = np.sign(scipy.stats.norm.logcdf(x, d, b) - scipy.stats.norm.logcdf(x, 0, a))
        rises = np.where(x > 2, -np.sign(scipy.stats.norm.logsf(x, d, b) - scipy.stats.norm.logsf(x, 0, a)), rises)
        np.testing.assert_array_equal(found, -rises)


@pytest.mark.parametrize("point", GRID, ids=str)
def test_pythons_picture_has_the_browsers_numbers(computed, point):
    wanted, found = measures(*point), computed[point]
    for name in NAMES:
        np.testing.assert_allclose(found[name], getattr(wanted, name), rtol=1e-9, atol=1e-13)


def test_erf_is_scipys(page):
    x = np.linspace(-7, 7, 561)
    np.testing.assert_allclose(page.evaluate("xs => xs.map(erf)", x.tolist()), scipy.special.erf(x), rtol=1e-14,
                               atol=1e-300)


# --- what the questions' answers claim


def descend(loss, steps, d, a=0.3, b=0.3, rate=0.005):
    for _ in range(steps):
        d = max(0.0, d - rate * measures(d, a, b).mean[LOSSES.index(loss)])
    return d


def test_flat_says_what_is_so():
    assert saturation("flat").config.items() >= {"data": 0.3, "generated": 0.3, "at": "mean", "axis": "linear"}.items()
    share = {d: measures(d, 0.3, 0.3).jsd / math.log(2) for d in (1.5, 2.0, 3.0)}
    # The picture's 250 px are 3.6 high: what is left to grow beyond 2 is less than half a pixel.
    assert share[1.5] == pytest.approx(0.975, abs=5e-4) and 0 < (share[3.0] - share[2.0]) * 250 / 3.6 < 0.5
    for d in (0.5, 1.5, 3.0):
        m = measures(d, 0.3, 0.3)
        assert m.kl == pytest.approx(12.5 * (d / 1.5)**2) and m.reverse == pytest.approx(m.kl) and m.w1 == d


def test_which_moves_says_what_is_so():
    assert PRESETS["which-moves"]["shift"] == 1.5
    reached = {loss: round(descend(loss, 100, 1.5), 2) for loss in LOSSES}
    assert reached == {"minimax": 1.41, "non-saturating": 0.04, "least squares": 1.47, "Wasserstein": 1.0}
    assert descend("Wasserstein", 50, 1.5) == pytest.approx(1.25)   # always at the same pace
    assert max(3 - descend(loss, 100, 3.0) for loss in ("minimax", "least squares")) < 1e-4
    m = measures(1.5, 0.3, 0.3)
    assert f"{m.centre[0]:.0e} {m.mean[0]:.2f}" == "6e-05 0.16"
    # D* of most samples is almost 0; a few in the tail give the gradient.
    z, dz = theory.grid(-8, 8, 16_000)
    x, weights = 1.5 + 0.3 * z, theory.normal(z) * dz
    d = theory.optimal_discriminator(theory.normal(x, 0.0, 0.3), theory.normal(x, 1.5, 0.3))
    assert weights[d < 0.01].sum() > 0.9
    share = pulls(x, 1.5, 0.3, 0.3)[:3] * weights
    assert (share[0, z < -1.8].sum() > 0.9 * share[0].sum()) and weights[z < -1.8].sum() < 0.05
    np.testing.assert_allclose(share[2], share[0] * (1 - d)**2, atol=1e-12)
    np.testing.assert_allclose(share[0], d * weights * 1.5 / 0.3**2, atol=1e-12)


def test_slope_one_says_what_is_so():
    for d in (0.5, 3.0):
        assert measures(d, 0.3, 0.3).mean[3] == measures(d, 0.3, 0.3).centre[3] == 1
    assert measures(0.5, 0.3, 0.3).centre[0] == pytest.approx(1.1, abs=0.02)
    assert 0 < measures(3.0, 0.3, 0.3).centre[0] < 1e-20
    assert saturation("slope-one").config["at"] == "centre"
    different = [measures(d, 0.3, 0.7) for d in (0.0, 0.1, 0.5, 1.0, 3.0)]
    slopes = [m.mean[3] for m in different]
    assert different[0].w1 > 0.3 and slopes[0] == 0 and slopes[1] < 0.2 and slopes[-1] > 1 - 1e-9
    assert slopes == sorted(slopes) and [m.centre[3] for m in different[1:]] == [1] * 4


# --- the Python side


def test_presets_and_what_replaces_them():
    figure = saturation("which-moves", shift=2, at="centre")
    assert (figure.config["shift"], figure.config["play"], figure.config["at"]) == (2, "minimax", "centre")
    assert figure.config["question"].endswith("then choose each under Play.")
    assert figure.picture.startswith(b"\x89PNG") and repr(figure) == figure.alt
    assert saturation().picture == saturation().picture


@pytest.mark.parametrize("settings, message", [
    ({"preset": "dark"}, "preset must be 'flat' or 'which-moves' or 'slope-one', got 'dark'"),
    ({"shift": -1}, "shift must be a finite number at least 0, got -1"),
    ({"shift": 3.5}, "shift must be at most 3, got 3.5"),
    ({"data": 0.1}, "data must be a finite number at least 0.15, got 0.1"),
    ({"generated": 2}, "generated must be at most 1, got 2"),
    ({"play": "hinge"}, "play must be 'slide' or 'minimax'"),
    ({"at": "tail"}, "at must be 'mean' or 'centre', got 'tail'"),
    ({"id": "A 1"}, "id must be small letters"),
])
def test_what_cannot_be_is_named(settings, message):
    with pytest.raises(ValueError) as error:
        saturation(**settings)
    assert message in str(error.value)


# --- in a browser


@pytest.fixture
def opened(bare):
    return lambda width=1000, **settings: bare(saturation(**settings), width)


def says(frame):
    return frame.get_by_role("status").filter(has_text="Shift").inner_text()


def test_step_play_back_and_start(opened):
    page, frame = opened()
    assert says(frame).startswith("Shift 0.00.")
    frame.get_by_role("button", name="One step").click()
    assert says(frame).startswith("Shift 0.02.")
    frame.get_by_role("button", name="Forward 10").click()
    assert says(frame).startswith("Shift 0.22.")
    frame.get_by_role("button", name="Back 10").click()
    assert says(frame).startswith("Shift 0.02.")
    frame.get_by_role("combobox", name="Speed").select_option("4")
    frame.get_by_role("button", name="Play (space)").click()
    frame.get_by_role("status").filter(has_text=f"Shift {FAR:.2f}.").wait_for()   # plays to its end and stops there
    assert frame.get_by_role("button", name="Play (space)").is_visible()
    assert "JSD / log 2 is 1.00" in says(frame)
    frame.get_by_role("button", name="To the start").click()
    assert says(frame).startswith("Shift 0.00.")


def test_a_loss_that_plays_goes_down_and_back_by_the_same_way(opened):
    _, frame = opened(shift=1.5, play="non-saturating")
    for _ in range(10):
        frame.get_by_role("button", name="Forward 10").click()
    assert says(frame).startswith(f"Shift {descend('non-saturating', 100, 1.5):.2f} after 100 steps of non-saturating.")
    frame.get_by_role("button", name="Back 10").click()
    assert says(frame).startswith(f"Shift {descend('non-saturating', 90, 1.5):.2f} after 90 steps")
    frame.get_by_role("combobox", name="Play").select_option("Wasserstein")     # starts where the last one did
    assert says(frame).startswith("Shift 1.50 after 0 steps of Wasserstein.")
    frame.get_by_role("button", name="Forward 10").click()
    assert says(frame).startswith("Shift 1.45 after 10 steps")


def test_sliders_keys_and_the_table(opened):
    page, frame = opened(shift=1.5)
    frame.get_by_text("The numbers").click()
    row = frame.locator("tbody tr").first
    assert row.inner_text().split("\t") == ["1.50 now", "0.975", "12.5", "12.5", "1.50", "0.158", "6.2e−5", "16.5",
                                            "16.7", "0.0568", "6.2e−5", "1.00", "1.00"]
    assert frame.locator("tbody tr").count() == 7
    frame.get_by_label("Shift d").focus()
    page.keyboard.press("ArrowLeft")
    assert says(frame).startswith("Shift 1.48.") and row.inner_text().startswith("1.48 now")
    frame.get_by_label("Std of generated").fill("0.6")
    m = measures(1.48, 0.3, 0.6)
    assert f"JSD / log 2 is {m.jsd / math.log(2):.3f}" in says(frame)
    frame.get_by_role("button", name="One step").focus()
    page.keyboard.press("Home")
    assert says(frame).startswith("Shift 0.00.")


def test_hidden_curves_tell_nothing_until_they_are_asked_for(opened):
    _, frame = opened(preset="which-moves")
    assert says(frame) == "Shift 1.50 after 0 steps of minimax."
    captions = frame.locator("figcaption")
    assert "minimax ?" in captions.nth(2).inner_text() and "W₁ ?" in captions.nth(1).inner_text()
    frame.get_by_text("The numbers").click()
    rows = frame.locator("tbody tr")
    assert rows.nth(0).inner_text().split("\t") == ["1.50 now", *"?" * 12]
    assert {tuple(text.split("\t")[1:]) for text in rows.all_inner_texts()} == {("?",) * 12}
    frame.get_by_role("combobox", name="Curves").select_option("whole")
    assert rows.nth(0).inner_text().split("\t")[1] == "0.975"
    assert "minimax 0.158" in captions.nth(2).inner_text() and "non-saturating 16.5" in says(frame)


def green(frame, nth):
    """How many pixels of a picture's right half have the colour of JSD and minimax."""
    return frame.locator("canvas").nth(nth).evaluate("""c => {
        const { data } = c.getContext("2d").getImageData(c.width / 2, 0, c.width / 2, c.height);
        let n = 0;
        for (let i = 0; i < data.length; i += 4) n += data[i] === 0 && data[i + 1] === 158 && data[i + 2] === 115;
        return n; }""")


def test_curves_as_far_as_seen_are_drawn_no_further(opened):
    _, frame = opened(curves="seen", shift=0.5)
    assert (green(frame, 1), green(frame, 2)) == (0, 0)
    frame.get_by_label("Shift d").fill("2.5")
    far = green(frame, 1), green(frame, 2)
    frame.get_by_label("Shift d").fill("0.5")       # what has been seen stays
    assert min(green(frame, 1), green(frame, 2)) > 50
    frame.get_by_role("combobox", name="Curves").select_option("whole")
    assert green(frame, 1) > far[0] > 50 and green(frame, 2) > far[1] > 50
    frame.get_by_role("combobox", name="Curves").select_option("hidden")
    assert (green(frame, 1), green(frame, 2)) == (0, 0)


def test_captions_say_what_is_drawn(opened):
    _, frame = opened()
    captions = frame.locator("figcaption")
    assert captions.nth(2).inner_text().startswith("Size of the gradient, mean over q")
    assert captions.nth(0).inner_text().endswith("for that sample alone.")
    frame.get_by_role("combobox", name="Curve over x").select_option("critic")
    assert captions.nth(0).inner_text().endswith("The critic is scaled to the picture's height.")


@pytest.mark.parametrize("width", [360, 640, 1000])
@pytest.mark.parametrize("shift", [0, 2, 3])
def test_the_name_of_the_samples_is_not_cut_off(opened, shift, width):
    """Words drawn again to see where they end."""
    page, frame = opened(width=width)
    frame.locator("canvas").nth(0).evaluate("""c => {
        const context = c.getContext("2d"), write = context.fillText.bind(context);
        context.fillText = (words, x, y) => {
          const to = x + (context.textAlign === "left" ? context.measureText(words).width : 0);
          if (words.includes("q generated")) window.named = { x, to, wide: c.clientWidth };
          write(words, x, y);
        }; }""")
    frame.get_by_label("Shift d").fill("1")     # so that the next is a change
    frame.get_by_label("Shift d").fill(str(shift))
    found = frame.locator("html").evaluate("() => window.named")
    assert 0 < found["x"] and found["to"] < found["wide"]


def test_the_link_holds_the_state(opened):
    _, frame = opened(preset="which-moves", generated=0.5)
    frame.get_by_role("combobox", name="Gradient").select_option("centre")
    frame.get_by_role("button", name="Link").click()
    text = frame.get_by_label("The state as text").input_value()
    assert text == ("shift=1.5&data=0.3&generated=0.5&play=minimax&at=centre&teacher=discriminator&axis=linear"
                    "&curves=hidden")


def test_a_link_restores_and_nonsense_in_it_does_no_harm(opened):
    page, frame = opened()
    send = """text => document.querySelector("iframe").contentWindow.postMessage(
        { ganlib: true, theme: "light", link: "x", state: text }, "*")"""
    page.evaluate(send, "shift=2&generated=0.45&play=Wasserstein&at=centre")
    frame.get_by_role("status").filter(has_text="Shift 2.00 after 0 steps of Wasserstein.").wait_for()
    assert "at the centre of q" in says(frame)
    page.evaluate(send, "shift=99&data=0&play=hinge&axis=&other=1")
    frame.get_by_role("status").filter(has_text="Shift 3.00.").wait_for()
    assert frame.get_by_label("Std of data").input_value() == "0.15"
    assert frame.get_by_role("combobox", name="Divergences").input_value() == "linear"


@pytest.mark.parametrize("name", list(CHOICES))
def test_every_choice_in_python_is_one_in_the_figure(opened, name):
    labels = {"play": "Play", "at": "Gradient", "teacher": "Curve over x", "axis": "Divergences",
              "curves": "Curves"}
    _, frame = opened()
    box = frame.get_by_role("combobox", name=labels[name])
    assert tuple(box.locator("option").evaluate_all("os => os.map(o => o.value)")) == CHOICES[name]
    for value in CHOICES[name]:
        box.select_option(value)


@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_no_sideways_scrolling_on_a_phone(opened, preset):
    page, frame = opened(width=360, preset=preset)
    assert frame.locator("html").evaluate("e => e.scrollWidth") <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_pulls_of_python_are_those_of_the_browser(page):
    x = np.linspace(-2, 4, 61) + 0.01
    found = page.evaluate("xs => xs.map((x) => gaussianPulls(x, 1.5, 0.3, 0.45))", x.tolist())
    np.testing.assert_allclose(np.array(found).T, pulls(x, 1.5, 0.3, 0.45), rtol=1e-9)
