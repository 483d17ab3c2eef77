"""The GAN lab: its mixtures, densities and runs against ganlib and SciPy, what its presets promise, its page."""

import json

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from ganlib import losses, theory
from ganlib.data import Mixture
from ganlib.figures.lab import DATA, LIMIT, PRESETS, lab
from ganlib.figures.live import script
from ganlib.metrics import mode_coverage

SEEDS = range(1, 9)
MAP = 48


@pytest.fixture(scope="module")
def page(browser):
    """A page that knows `Run`, `Mixture` and all they stand on, and `run(settings)` with the lab's own data."""
    page = browser.new_page()
    page.add_script_tag(content=script("run", expose=True))
    data = {name: {"centers": mixture.centers.tolist(), "std": mixture.std} for name, (_, mixture) in DATA.items()}
    page.add_script_tag(content=f"const DATA = {json.dumps(data)};" """
      const run = (given) => new Run(given, DATA[given.data].centers, DATA[given.data].std);
      // What the lab says after so many steps.
      const after = (given, steps) => {
        const one = run(given);
        while (one.t < steps && one.step());
        const fakes = one.game.generate(one.z, SHOWN).slice();
        const slopes = one.game.generatorSlopes(fakes, SHOWN, one.real);
        let slope = 0;
        for (let i = 0; i < SHOWN; i++) slope += Math.hypot(slopes[2 * i], slopes[2 * i + 1]) / SHOWN;
        return { ...one.judge(), slope, dLoss: one.game.dLoss, gLoss: one.game.gLoss, t: one.t,
          largest: Math.max(...one.losses.map((l) => Math.abs(l[0]))) };
      };""")
    yield page
    page.close()


def settings(preset=None, **changes):
    return lab(preset, **changes).config["settings"]


def after(page, steps, preset=None, **changes):
    """What eight seeds show after so many steps: name → array of shape (8,)."""
    runs = [page.evaluate("([given, steps]) => after(given, steps)", [settings(preset, seed=seed, **changes), steps])
            for seed in SEEDS]
    assert all(run["t"] == steps for run in runs)
    return {name: np.array([run[name] for run in runs]) for name in runs[0]}


def test_density_and_coverage_are_ganlibs(page):
    for name, (_, mixture) in DATA.items():
        points = torch.randn(500, 2, generator=torch.Generator().manual_seed(1)).double() * 0.8
        found = page.evaluate("""([name, points]) => {
          const mixture = new Mixture(DATA[name].centers, DATA[name].std);
          return { density: points.map(([x, y]) => mixture.density(x, y)),
            wide: points.map(([x, y]) => mixture.density(x, y, 0.09)),
            ...mixture.coverage(points.flat(), points.length) };
        }""", [name, points.tolist()])
        exact = Mixture(mixture.centers.double(), mixture.std)
        exact.centers = mixture.centers.double()
        wide = Mixture(mixture.centers, (mixture.std**2 + 0.09) ** 0.5)
        np.testing.assert_allclose(found["density"], exact.density(points), rtol=1e-5, atol=1e-12)
        np.testing.assert_allclose(found["wide"], wide.density(points), rtol=1e-5)
        coverage = mode_coverage(points, mixture.centers, mixture.std)
        assert found["modes"] == coverage.modes
        assert found["good"] == pytest.approx(coverage.high_quality)


def test_samples_have_the_mixtures_moments(page):
    points = np.array(page.evaluate("""() => {
      const points = new Float32Array(40000);
      new Mixture(DATA.blobs.centers, DATA.blobs.std).sample(points, 20000, new Random(3));
      return [...points];
    }""")).reshape(-1, 2)
    mixture = DATA["blobs"][1]
    spread = (mixture.std**2 + 1.2**2) ** 0.5
    np.testing.assert_allclose(points.mean(0), 0, atol=4 * spread / 20000**0.5)
    np.testing.assert_allclose(points.std(0), [spread, mixture.std], rtol=0.02)


def densities(page, name, points):
    return page.evaluate("""([name, points]) => {
      const d = new Densities(new Mixture(DATA[name].centers, DATA[name].std), LIMIT, MAP);
      d.measure(points.flat(), points.length);
      return { p: [...d.p], q: [...d.q], best: [...d.best].map((v) => (Number.isNaN(v) ? null : v)), jsd: d.jsd };
    }""", [name, points.tolist()])


def test_divergence_and_optimum_are_those_of_the_smoothed_densities(page):
    points = np.random.default_rng(0).normal(0.2, 0.6, (4096, 2)).clip(-1.7, 1.7)
    found = densities(page, "ring", points)
    edges = np.linspace(-LIMIT, LIMIT, MAP + 1)
    counts = np.histogram2d(points[:, 1], points[:, 0], [edges, edges])[0] / len(points)
    q = gaussian_filter(counts, 1, mode="constant", truncate=3)
    np.testing.assert_allclose(np.reshape(found["q"], (MAP, MAP)), q, atol=1e-12)
    p = np.reshape(found["p"], (MAP, MAP))
    cell = 2 * LIMIT / MAP
    inside, lost = theory.jensen_shannon(p / cell**2, q / cell**2, cell**2), max(0, 1 - p.sum()) + max(0, 1 - q.sum())
    assert found["jsd"] == pytest.approx(float(inside) + lost * np.log(2) / 2, abs=1e-9)
    both = p + q > 2e-6
    best = np.array([np.nan if v is None else v for v in found["best"]]).reshape(MAP, MAP)
    assert np.isnan(best[~both]).all()
    np.testing.assert_allclose(best[both], theory.optimal_discriminator(p, q)[both], atol=1e-6)


@pytest.mark.parametrize("name", DATA)
def test_divergence_is_near_its_ends_for_equal_and_for_disjoint_samples(page, name):
    mixture = DATA[name][1]
    torch.manual_seed(0)
    assert densities(page, name, mixture.sample(4096))["jsd"] < 0.012
    assert densities(page, name, torch.full((4096, 2), 1.75))["jsd"] == pytest.approx(np.log(2), abs=1e-3)
    assert densities(page, name, torch.full((4096, 2), 9.0))["jsd"] == pytest.approx(np.log(2), abs=1e-3)


@pytest.mark.parametrize("name", ["minimax", "non_saturating", "least_squares", "hinge"])
def test_the_optimum_shown_is_the_best_answer(page, name):
    """Where a share r of the samples is real, the logit that minimises the loss there reads as the D* shown."""
    shares = [0.1, 0.3, 0.45, 0.6, 0.9]
    optimum = page.evaluate("""([name, shares]) => READ[name] && shares.map(READ[name][1])""", [name, shares])
    logits = torch.linspace(-4, 4, 1601, dtype=torch.float64)
    for share, shown in zip(shares, optimum, strict=True):
        each = torch.stack([share * losses.ALL[name].discriminator(at[None], torch.tensor([0.0]).double())
                            + (1 - share) * losses.ALL[name].discriminator(torch.tensor([0.0]).double(), at[None])
                            for at in logits])
        best = float(logits[each.argmin()])
        read = page.evaluate("([name, l]) => READ[name][0](l)", [name, best])
        assert read == pytest.approx(shown, abs=0.01), share


def test_a_run_goes_back_to_any_step_bit_for_bit(page):
    same = page.evaluate("""(given) => {
      const one = run(given);
      const at = {};
      for (let t = 0; t <= 350; t++) {
        if ([0, 57, 100, 233, 350].includes(t)) at[t] = [...one.game.generator.parameters, one.game.dLoss];
        one.step();
      }
      return [233, 350, 57, 100, 0].map((t) => {
        one.to(t);
        const now = [...one.game.generator.parameters, one.game.dLoss];
        return one.t === t && now.every((v, i) => Object.is(v, at[t][i]));
      });
    }""", settings("wgan"))
    assert same == [True] * 5


def test_a_plan_decides_who_learns_and_a_change_forgets_what_came_after(page):
    found = page.evaluate("""(given) => {
      const one = run(given);
      const look = () => [[...one.game.generator.parameters].join(), [...one.game.discriminator.parameters].join()];
      const moved = (steps) => {
        const before = look();
        for (let i = 0; i < steps; i++) one.step();
        return look().map((now, i) => now !== before[i]);
      };
      const first = moved(150);
      one.learn("G");
      const second = [moved(1), one.plan, one.losses.length];
      one.to(120);
      one.learn("both");
      return { first, second, third: [moved(1), one.plan, one.losses.length, one.kept.length] };
    }""", settings(plan="0D"))
    assert found["first"] == [False, True]
    assert found["second"] == [[True, False], [[0, "D"], [150, "G"]], 151]
    assert found["third"] == [[True, True], [[0, "D"], [120, "both"]], 121, 2]


# --- What the presets' answers say, over eight seeds -----------------------------------------------------------

def test_first_finds_all_blobs_at_once(page):
    early, late = after(page, 100, "first"), after(page, 3000, "first")
    assert (early["modes"] >= 7).all() and (early["good"] < 0.2).all()
    assert (late["modes"] == 8).all() and (late["good"] > 0.75).all()
    assert ((late["dLoss"] > 1.1) & (late["dLoss"] < 1.4)).all()
    assert ((late["gLoss"] > 0.7) & (late["gLoss"] < 1.1)).all()


def test_saturation_is_the_losses_and_not_the_discriminators(page):
    minimax, other = after(page, 1000, "saturation"), after(page, 1000, "saturation", loss="non_saturating")
    assert (minimax["slope"] < 0.02).all()
    assert (other["slope"] > 500 * minimax["slope"]).all()
    assert (minimax["dLoss"] == other["dLoss"]).all()
    freed, jumped = after(page, 3000, "saturation"), after(page, 3000, "saturation", loss="non_saturating")
    assert (freed["modes"] == 8).all() and np.median(freed["jsd"]) < np.median(jumped["jsd"])
    assert 1 <= (jumped["modes"] < 8).sum() <= 6


def test_collapse_is_not_seen_in_the_loss_and_is_cured_by_the_rates(page):
    hurt, well = after(page, 3000, "collapse"), after(page, 3000, "collapse", lr=(1e-3, 1e-2))
    assert (hurt["modes"] <= 5).all() and np.median(hurt["modes"]) <= 3
    assert (abs(hurt["dLoss"] - 2 * np.log(2)) < 0.05).all()
    assert (well["modes"] >= 7).all()


def test_a_critics_loss_is_progress_only_with_its_penalty(page):
    early, late = after(page, 250, "wgan"), after(page, 1500, "wgan")
    assert (early["dLoss"] < -0.25).all() and (late["dLoss"] > 0.6 * early["dLoss"]).all()
    steep = after(page, 1500, "wgan", penalty="none")
    assert (steep["largest"] > 4 * late["largest"]).all() and (steep["dLoss"] < 5 * early["dLoss"]).all()
    assert (late["modes"] == 8).all() and (steep["modes"] == 8).all()
    assert (steep["jsd"] < 2.5 * late["jsd"]).all()


def test_r1_keeps_a_gradient_where_the_discriminator_is_alone(page):
    with_r1, without = after(page, 500, "r1"), after(page, 500, "r1", penalty="none")
    assert (with_r1["slope"] > 30 * without["slope"]).all()
    assert (after(page, 2000, "r1", penalty="none")["jsd"] < after(page, 2000, "r1", weight=10.0)["jsd"]).all()


# --- The page --------------------------------------------------------------------------------------------------

@pytest.fixture
def frame(browser):
    """The function opens a lab in a page and gives its frame."""
    context = browser.new_context(viewport={"width": 800, "height": 1400}, reduced_motion="reduce")

    def opened(figure):
        page = context.new_page()
        page.set_content(figure.html)
        frame = page.frames[1]
        frame.wait_for_selector(".says", state="attached")
        return frame

    yield opened
    context.close()


def status(frame):
    return frame.locator(".says").text_content()


def test_every_control_begins_the_game_anew_and_no_setting_breaks_it(frame):
    opened = frame(lab())
    opened.get_by_role("button", name="One step").click()
    assert status(opened).startswith("Step 1:")
    selects = opened.locator("select")
    opened.locator("details").first.locator("summary").click()
    for i in range(selects.count()):
        label = selects.nth(i).locator("xpath=..").text_content()
        if label.startswith(("Speed", "Learning")):
            continue
        for value in selects.nth(i).locator("option").evaluate_all("all => all.map((o) => o.value)"):
            selects.nth(i).select_option(value)
            assert status(opened).startswith("Step 0:"), (label, value)
            opened.get_by_role("button", name="One step").click()
            assert status(opened).startswith("Step 1:") and "not finite" not in status(opened), (label, value)


def test_players_are_stepped_apart(frame):
    opened = frame(lab(k=2))
    update = opened.get_by_role("button", name="One update")
    said = []
    for _ in range(3):
        said.append(update.text_content())
        update.click()
    assert said == ["One update: D", "One update: D", "One update: G"]
    assert status(opened).startswith("Step 1:")
    opened.get_by_label("Learning").select_option("D")
    assert update.text_content() == "One update: D"
    opened.get_by_role("button", name="One step").click()
    assert update.text_content() == "One update: D" and status(opened).startswith("Step 2:")


def test_the_whole_state_is_in_the_link(frame):
    opened = frame(lab())
    opened.get_by_role("combobox", name="Loss").select_option("hinge")
    opened.get_by_role("button", name="Forward 100").click()
    opened.get_by_label("Learning").select_option("D")
    for _ in range(7):
        opened.get_by_role("button", name="One step").click()
    said = status(opened)
    opened.get_by_role("button", name="Link").click()
    text = opened.get_by_label("The state as text").input_value()
    assert "loss=hinge" in text and "plan=0both%2C100D" in text and "at=107" in text
    again = frame(lab("wgan"))
    again.evaluate("text => window.dispatchEvent(new MessageEvent('message', { source: parent, "
                   "data: { ganlib: true, theme: 'light', link: 'https://example.org/#lab', state: text } }))", text)
    again.wait_for_function("document.querySelector('.says').textContent.startsWith('Step 107:')")
    assert status(again) == said


def test_points_of_ones_own(frame):
    opened = frame(lab())
    assert not opened.get_by_label("Points").is_visible()
    opened.get_by_label("Data").select_option("own")
    opened.get_by_label("Points").fill("0,0 1,1 7,7 nonsense 0.5,")
    opened.get_by_label("Points").blur()
    assert " of 2 modes" in status(opened)
    opened.locator("canvas").first.click(position={"x": 60, "y": 60})
    assert " of 3 modes" in status(opened)
    opened.get_by_role("button", name="Clear").click()
    assert " of 1 modes" in status(opened)
    opened.get_by_role("button", name="One step").click()
    assert status(opened).startswith("Step 1:")


def test_a_diverging_game_says_so_and_can_be_rewound(frame):
    opened = frame(lab(loss="wasserstein", lr=(1e-3, 1e30), activation="relu"))
    opened.get_by_role("button", name="Forward 100").click()
    assert status(opened).startswith("Diverged")
    opened.get_by_role("button", name="To the start").click()
    assert status(opened).startswith("Step 0:")


@pytest.mark.parametrize(("wrong", "words"), [
    ({"preset": "nonsense"}, "preset must be 'first' or"), ({"data": "spiral"}, "data must be 'ring' or"),
    ({"data": Mixture([[0.0, 5.0]], 0.1)}, "centers in"), ({"data": Mixture([[0.0]], 0.1)}, "in the plane"),
    ({"data": Mixture([[0.0, 0.0], [1.0, 0.0]], 0.1, [0.2, 0.8])}, "equal weights"),
    ({"loss": "log"}, "loss must be 'minimax' or"), ({"penalty": "gp"}, "penalty must be 'none' or"),
    ({"k": 0}, "k must be a whole number"), ({"lr": 0.1}, "lr must be a pair"), ({"lr": (0.1, -1.0)}, "lr must be"),
    ({"betas": (0.5, 1.0)}, "betas must be"), ({"plan": "300D"}, "plan must be"), ({"weight": -1}, "weight must be"),
    ({"seed": 2**64}, "seed must be at most"), ({"plan": 3}, "plan must be"),
    ({"activation": "gelu"}, "activation must be"), ({"id": "Lab 1"}, "id must be"),
])
def test_wrong_settings_are_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        lab(**wrong)


def test_unknown_setting_is_a_type_error():
    with pytest.raises(TypeError, match="unknown setting 'rate', expected data, latent"):
        lab(rate=0.1)


def test_a_mixture_of_ones_own_is_data(frame):
    opened = frame(lab(data=Mixture([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], 0.2)))
    opened.get_by_role("button", name="One step").click()
    assert status(opened).startswith("Step 1: ") and " of 3 modes" in status(opened)
    assert opened.get_by_label("Data").input_value() == "given"


@pytest.mark.parametrize("text", ["k=1000000000&at=1", "at=1e15", "latent=1e9", "hidden=0", "layers=-3", "batch=1e12",
                                  "seed=1e300", "lrG=-1", "loss=toString", "data=__proto__", "penalty=nothing",
                                  "plan=nonsense", "weight=NaN", "activation=eval", "points=%00"])
def test_no_link_stops_the_lab(frame, text):
    opened = frame(lab())
    opened.evaluate("text => window.dispatchEvent(new MessageEvent('message', { source: parent, "
                    "data: { ganlib: true, theme: 'light', link: 'https://example.org/#lab', state: text } }))", text)
    opened.wait_for_function("document.querySelector('.says').textContent.startsWith('Step ')")
    opened.get_by_role("button", name="To the start").click()
    opened.get_by_role("button", name="One step").click()
    assert status(opened).startswith("Step 1:")


def test_a_single_update_and_a_change_of_plan_can_be_replayed(page):
    """An update of a step that is not whole is taken back when the plan changes."""
    assert page.evaluate("""(given) => {
      const one = run(given);
      one.step();
      one.update();
      one.learn("G");
      one.step();
      const now = [...one.game.generator.parameters, ...one.game.discriminator.parameters].join();
      one.to(0);
      one.to(2);
      return now === [...one.game.generator.parameters, ...one.game.discriminator.parameters].join();
    }""", settings(k=2))


def test_a_generator_of_dead_units_can_be_drawn():
    assert lab(hidden=1, activation="relu").picture


def test_presets_ask_and_answer():
    assert all("?" in preset.question and len(preset.answer) > 80 for preset in PRESETS.values())
    assert lab("wgan").config["settings"]["k"] == 5 and lab("wgan", k=1).config["settings"]["k"] == 1


def test_drawing_the_picture_takes_no_random_numbers():
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    lab()
    assert torch.equal(torch.rand(1), expected)
