"""D by hand: its numbers against ganlib.theory, its ascent, and the figure in a browser."""

import math

import numpy as np
import pytest

from ganlib import theory
from ganlib.figures.by_hand import PAIRS, PRESETS, by_hand, densities
from ganlib.figures.live import script

X, DX = theory.grid(-8, 8, 1600)
PLACES = np.linspace(-4, 4, 41)
SEED = 0


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.add_script_tag(content=script("by_hand_value", expose=True))
    page.evaluate("pairs => { window.boards = {}; for (const name in pairs) boards[name] = board(pairs[name]); }",
                  PAIRS)
    yield page
    page.close()


def value(page, pair, knots):
    return page.evaluate("([pair, knots]) => gameValue(boards[pair], knots).value", [pair, list(map(float, knots))])


def in_python(pair, knots):
    """V of the curve through these knots, by ganlib."""
    p, q = densities(pair, X)
    d = 1 / (1 + np.exp(-np.interp(X, PLACES, knots)))
    return theory.game_value(d, p, q, DX)


def climb(page, pair, knots, steps):
    """The knots after so many steps, and V before each and after the last."""
    return page.evaluate("""([pair, knots, steps]) => {
        const values = [];
        for (let i = 0; i < steps; i++) {
          values.push(gameValue(boards[pair], knots).value);
          knots = ascend(boards[pair], Float64Array.from(knots));
        }
        values.push(gameValue(boards[pair], knots).value);
        return [Array.from(knots), values]; }""", [pair, list(map(float, knots)), steps])


@pytest.mark.parametrize("pair", PAIRS)
def test_the_ceiling_is_the_value_of_d_star_and_two_jsd_minus_log_four(page, pair):
    p, q = densities(pair, X)
    ceiling = page.evaluate("pair => boards[pair].ceiling", pair)
    assert ceiling == pytest.approx(theory.game_value(theory.optimal_discriminator(p, q), p, q, DX), abs=1e-12)
    assert ceiling == pytest.approx(2 * theory.jensen_shannon(p, q, DX) - math.log(4), abs=1e-6)


@pytest.mark.parametrize("pair", PAIRS)
def test_densities_and_d_star_are_those_of_python(page, pair):
    p, q = densities(pair, X)
    found = page.evaluate("pair => ['x', 'p', 'q', 'best'].map((name) => Array.from(boards[pair][name], "
                          "(v) => Number.isNaN(v) ? null : v))", pair)
    best = theory.optimal_discriminator(p, q)
    for mine, theirs in zip(found, (X, p, q, best), strict=True):
        np.testing.assert_allclose(np.array(mine, dtype=float), theirs, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("pair", PAIRS)
def test_no_hand_beats_the_ceiling_and_v_is_ganlibs(page, pair):
    rng = np.random.default_rng(SEED)
    ceiling = page.evaluate("pair => boards[pair].ceiling", pair)
    hands = [rng.uniform(-6, 6, 41) * scale for scale in np.linspace(0, 1, 200)]
    hands += [np.cumsum(rng.normal(0, 0.7, 41)).clip(-6, 6) for _ in range(200)]
    values = page.evaluate("([pair, hands]) => hands.map((knots) => gameValue(boards[pair], knots).value)",
                           [pair, [hand.tolist() for hand in hands]])
    assert max(values) <= ceiling + 1e-12
    for i in range(0, 400, 40):
        assert values[i] == pytest.approx(in_python(pair, hands[i]), abs=1e-12)
    assert values[0] == pytest.approx(-math.log(4), abs=1e-6)   # D = 1/2


@pytest.mark.parametrize("pair", PAIRS)
def test_what_a_moved_knot_changes_is_its_slope_and_identity_2_3(page, pair):
    rng = np.random.default_rng(SEED)
    knots = rng.normal(0, 1, 41)
    slope = page.evaluate("([pair, knots]) => Array.from(gameValue(boards[pair], knots).slope)", [pair, knots.tolist()])
    for k in range(0, 41, 5):
        up, down = (knots + h * np.eye(41)[k] for h in (1e-4, -1e-4))
        assert (value(page, pair, up) - value(page, pair, down)) / 2e-4 == pytest.approx(slope[k], abs=1e-8)
    # The distance to the ceiling is the sum of what each place loses (chapter 2, identity 2.3).
    p, q = densities(pair, X)
    d, land = 1 / (1 + np.exp(-np.interp(X, PLACES, knots))), p + q > 0
    star = (p[land] / (p + q)[land]).clip(1e-300, 1)
    other = (q[land] / (p + q)[land]).clip(1e-300, 1)
    loss = (p + q)[land] * (star * np.log(star / d[land]) + other * np.log(other / (1 - d[land])))
    ceiling = page.evaluate("pair => boards[pair].ceiling", pair)
    assert ceiling - value(page, pair, knots) == pytest.approx(loss.sum() * DX, abs=1e-9)


@pytest.mark.parametrize("pair", PAIRS)
def test_every_step_of_the_ascent_climbs_and_it_comes_near_the_ceiling(page, pair):
    rng = np.random.default_rng(SEED)
    ceiling = page.evaluate("pair => boards[pair].ceiling", pair)
    for start in (np.zeros(41), rng.uniform(-6, 6, 41), rng.choice([-6.0, 6.0], 41)):
        knots, values = climb(page, pair, start, 1000)
        assert np.diff(values).min() >= -1e-13
        assert np.abs(knots).max() <= 6
        assert ceiling - values[-1] < 0.01
        assert np.isfinite(values).all()


def test_twenty_times_the_rate_would_not_climb(page):
    """So that the test above can fail."""
    knots = np.zeros(41)
    values = []
    for _ in range(30):
        values.append(value(page, "islands", knots))
        slope = page.evaluate("knots => Array.from(gameValue(boards.islands, knots).slope)", knots.tolist())
        knots = (knots + 20 * 8 * np.array(slope)).clip(-6, 6)
    assert np.diff(values).min() < -1e-6


def test_knots_survive_the_link(page):
    knots = np.random.default_rng(SEED).uniform(-6, 6, 41)
    knots[:2] = -6, 6
    text, back = page.evaluate("knots => { const t = packKnots(knots); return [t, Array.from(unpackKnots(t))]; }",
                               knots.tolist())
    assert len(text) == 82 and np.abs(np.array(back) - knots).max() <= 0.005 + 1e-12
    assert page.evaluate("Array.from(unpackKnots('zz!?'))")[:3] == [6, 0, 0]


# --- what the questions' answers claim


def test_first_says_what_is_so(page):
    p, q = densities("two-kinds", X)
    best = theory.optimal_discriminator(p, q)
    crossings = X[:-1][np.diff(np.sign(best - 0.5)) != 0]
    assert len(crossings) == 4 and (best > 0.5).tolist() == (p > q).tolist()
    assert crossings[0] < -1.5 < crossings[1] < crossings[2] < 1.5 < crossings[3]
    for times, there, wanted in ((3, X < 0, 3 / 4), (2, X > 0, 2 / 3)):
        i = np.where(there, np.abs(p / q - times), np.inf).argmin()
        assert best[i] == pytest.approx(wanted, abs=0.003)
    assert (p / q)[X > 0].max() < 2.2   # three times q on the left only
    knots, values = climb(page, "two-kinds", np.zeros(41), 200)
    ceiling = page.evaluate("boards['two-kinds'].ceiling")
    assert (values[-1] - values[0]) / (ceiling - values[0]) == pytest.approx(0.98, abs=0.005)
    off = np.abs(1 / (1 + np.exp(-np.array(knots))) - np.interp(PLACES, X, best))
    assert off[np.abs(PLACES) < 2.9].max() < 0.03 and off[np.abs(PLACES) > 3.1].max() > 0.2
    assert ((p + q) / 2)[np.abs(X) > 3].sum() * DX < 0.025


def test_off_support_says_what_is_so(page):
    rng = np.random.default_rng(SEED)
    knots = rng.normal(0, 1, 41)
    before = value(page, "islands", knots)
    sea = np.abs(PLACES) < 0.9
    moved = np.where(sea, rng.uniform(-6, 6, 41), knots)
    assert sea.sum() == 9 and value(page, "islands", moved) == pytest.approx(before, abs=1e-15)
    assert abs(value(page, "islands", knots + 0.1 * (np.arange(41) == 12)) - before) > 1e-4   # on land
    after, _ = climb(page, "islands", knots, 1000)
    land = (np.abs(PLACES) > 0.9) & (np.abs(PLACES) < 2.1)
    assert ((np.array(after) != knots) == land).all()
    d = 1 / (1 + np.exp(-np.array(after)))
    np.testing.assert_allclose(d[(PLACES > -2.1) & (PLACES < -0.9)], 0.75, atol=0.01)
    np.testing.assert_allclose(d[(PLACES > 0.9) & (PLACES < 2.1)], 0.25, atol=0.01)


def test_coin_says_what_is_so(page):
    assert page.evaluate("boards.equal.ceiling") == pytest.approx(-math.log(4), abs=1e-9)
    assert value(page, "equal", np.zeros(41)) == pytest.approx(page.evaluate("boards.equal.ceiling"), abs=1e-12)
    for k in range(10, 31):
        for h in (-0.5, 0.5):
            assert value(page, "equal", h * np.eye(41)[k]) < -math.log(4) - 1e-5


def test_perfect_says_what_is_so(page):
    assert page.evaluate("boards.disjoint.ceiling") == 0
    assert value(page, "disjoint", np.where(PLACES < 0, 6.0, -6.0)) == pytest.approx(-0.005, abs=0.0005)


# --- the Python side


def test_presets_and_what_replaces_them():
    figure = by_hand("off-support", pair="apart", scale="logit")
    assert (figure.config["pair"], figure.config["scale"], figure.config["lose"]) == ("apart", "logit", True)
    assert figure.config["questions"]["islands"]["answer"].startswith("Nothing.") and figure.config["pairs"] == PAIRS
    assert len(figure.config["questions"]) == len(PRESETS), "one question for each pair of densities"
    assert by_hand().config["questions"] == {}
    assert figure.picture.startswith(b"\x89PNG") and repr(figure) == figure.alt


@pytest.mark.parametrize("settings, message", [
    ({"preset": "last"}, "preset must be 'first' or"),
    ({"pair": "moons"}, "pair must be 'apart' or"),
    ({"scale": "log"}, "scale must be 'probability' or 'logit', got 'log'"),
    ({"reveal": 1}, "reveal must be True or False, got 1"),
    ({"id": ""}, "id must be small letters"),
])
def test_what_cannot_be_is_named(settings, message):
    with pytest.raises(ValueError) as error:
        by_hand(**settings)
    assert message in str(error.value)


@pytest.mark.parametrize("pair", PAIRS)
def test_every_pair_is_two_densities_and_has_a_picture(pair):
    p, q = densities(pair, X)
    assert p.sum() * DX == pytest.approx(1, abs=2e-7) and q.sum() * DX == pytest.approx(1, abs=2e-7)
    assert by_hand(pair=pair).picture.startswith(b"\x89PNG")


# --- in a browser


@pytest.fixture
def opened(bare):
    return lambda width=1000, **settings: bare(by_hand(**settings), width)


def says(frame):
    return frame.get_by_role("status").filter(has_text="V(D)").inner_text()


def drawn(frame):
    """The knots, as the link has them."""
    frame.get_by_role("button", name="Link").click()
    text = dict(part.split("=") for part in frame.get_by_label("The state as text").input_value().split("&"))["knots"]
    return [int(text[i:i + 2], 36) / 100 - 6 for i in range(0, 82, 2)]


def test_step_back_start_and_play(opened, page):
    pair = "two-kinds"
    ceiling = page.evaluate("pair => boards[pair].ceiling", pair)
    _, frame = opened(pair=pair)
    assert says(frame) == "D(0.0) = 0.500. V(D) = −1.386 nats: 0.0 % of the way from D = ½ to the ceiling."
    _, values = climb(page, pair, np.zeros(41), 11)
    steps = frame.get_by_label("time")
    frame.get_by_role("button", name="One step").click()
    assert f"V(D) = {values[1]:.3f}".replace("-", "−") in says(frame) and steps.inner_text() == "step 1"
    frame.get_by_role("button", name="Forward 10").click()
    assert f"V(D) = {values[11]:.3f}".replace("-", "−") in says(frame) and steps.inner_text() == "step 11"
    frame.get_by_role("button", name="Back 10").click()
    assert f"V(D) = {values[1]:.3f}".replace("-", "−") in says(frame) and steps.inner_text() == "step 1"
    frame.get_by_role("button", name="Play (space)").click()
    frame.get_by_label("time").filter(has_text="step 9").wait_for()
    frame.get_by_role("button", name="Pause (space)").click()
    assert "worse" not in says(frame)
    _, values = climb(page, pair, np.zeros(41), int(steps.inner_text().split()[1]))
    assert frame.locator("figcaption").nth(2).inner_text() == (
        f"V(D) = {values[-1]:.3f} nats, {ceiling - values[-1]:.3f} below the ceiling of {ceiling:.3f}. "
        "The bar begins at -3.".replace("-", "−"))
    frame.get_by_role("button", name="To the start").click()
    assert says(frame).startswith("D(0.0) = 0.500. V(D) = −1.386") and steps.inner_text() == "step 0"


def test_a_stroke_moves_the_knots_under_it_and_can_be_taken_back(opened):
    page, frame = opened(pair="apart")
    box = frame.locator("canvas").first.bounding_box()

    def at(x, y):
        """Where (x, D) is on the screen, inside the canvas's border."""
        return (box["x"] + 1 + (x + 4.15) / 8.3 * (box["width"] - 2),
                box["y"] + 1 + (1.06 - y) / 1.12 * (box["height"] - 2))

    page.mouse.move(*at(-3, 0.9))
    page.mouse.down()
    page.mouse.move(*at(1, 0.5))     # one event for twenty knots: those between are on the line
    page.mouse.up()
    knots = drawn(frame)
    wanted = np.zeros(41)
    wanted[5:26] = np.linspace(0.9, 0.5, 21)
    found = 1 / (1 + np.exp(-np.array(knots)))
    np.testing.assert_allclose(found[5:26], wanted[5:26], atol=0.01)
    assert knots[:5] == pytest.approx([0] * 5, abs=1e-9) and knots[26:] == pytest.approx([0] * 15, abs=1e-9)
    # V is what Python says of these knots (the link rounds them to 0.01).
    shown = float(says(frame).split("V(D) = ")[1].split(" ")[0].replace("−", "-"))
    assert shown == pytest.approx(in_python("apart", knots), abs=0.003)
    assert shown > -math.log(4) + 0.1
    frame.get_by_role("button", name="Back 10").click()
    assert drawn(frame) == pytest.approx([0] * 41, abs=1e-9)


def test_keys_choose_and_move_a_knot(opened):
    page, frame = opened(pair="apart")
    frame.locator("canvas").first.focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    wanted = 0.5 + 2 * 1.12 / 40
    assert says(frame).startswith(f"D(−0.4) = {wanted:.3f}.")
    knots = drawn(frame)
    assert knots[18] == pytest.approx(math.log(wanted / (1 - wanted)), abs=0.006) and knots[17] == knots[19] == 0
    frame.locator("canvas").first.focus()
    for _ in range(50):
        page.keyboard.press("ArrowRight")
    assert says(frame).startswith("D(4.0) = 0.500.")    # stays at the last


def test_sliders_do_the_same(opened):
    _, frame = opened()
    frame.get_by_role("slider", name="Knot").fill("10")
    frame.get_by_label("D there").fill("-6")
    assert says(frame).startswith("D(−2.0) = 0.002.") and "worse than D = ½" in says(frame)


def pixels(frame, nth):
    """A number for what is drawn."""
    return frame.locator("canvas").nth(nth).evaluate(
        "c => Array.from(c.toDataURL()).reduce((hash, v) => (Math.imul(hash, 31) + v.charCodeAt(0)) | 0, 0)")


def test_the_optimum_is_shown_on_demand_only(opened):
    _, frame = opened(pair="apart")
    frame.get_by_text("The numbers").click()
    cell = frame.locator("tbody tr").nth(20).locator("td")
    assert cell.nth(4).inner_text() == "?"
    hand, integrand = pixels(frame, 0), pixels(frame, 1)
    button = frame.get_by_role("button", name="Reveal D*")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert button.get_attribute("aria-pressed") == "true" and cell.nth(4).inner_text() == "0.496"
    assert pixels(frame, 0) != hand and pixels(frame, 1) == integrand
    frame.get_by_role("button", name="Show where I lose").click()
    assert pixels(frame, 1) != integrand
    button.click()
    assert pixels(frame, 0) == hand and cell.nth(4).inner_text() == "?"


def test_off_the_support_any_answer_is_shown_as_such(opened):
    _, frame = opened(pair="islands", reveal=True)
    frame.get_by_text("The numbers").click()
    frame.locator("tbody tr").first.wait_for()
    best = [row.split("\t")[4] for row in frame.locator("tbody tr").all_inner_texts()]
    assert best[20] == "any" and best[12] == "0.750" and best[27] == "0.250" and len(best) == 41


def test_another_pair_keeps_the_hand_and_moves_the_ceiling(opened, page):
    _, frame = opened(pair="apart")
    frame.get_by_label("D there").fill("1")
    before = drawn(frame)
    frame.get_by_role("combobox", name="Densities").select_option("equal")
    assert drawn(frame) == before and says(frame).endswith(": a loss: D = ½ was better.")
    caption = frame.locator("figcaption").nth(2).inner_text()
    assert caption.endswith("below the ceiling of −1.386. The bar begins at −3.")


def test_the_question_is_that_of_the_densities(opened):
    _, frame = opened(preset="first")
    asked, box = frame.locator(".question"), frame.get_by_role("combobox", name="Densities")
    for one in [*PRESETS.values(), PRESETS["first"]]:
        box.select_option(one["pair"])
        assert asked.all_inner_texts() == [one["question"]]
        assert frame.locator("details").first.locator("p").text_content() == one["answer"]
    box.select_option("apart")      # has none
    assert asked.count() == 0
    _, frame = opened(pair="two-kinds")     # nobody asked
    assert frame.locator(".question").count() == 0


def test_a_link_brings_the_question_of_its_densities(opened):
    page, frame = opened(preset="first")
    page.evaluate("""() => document.querySelector("iframe").contentWindow.postMessage(
        { ganlib: true, theme: "light", link: "x", state: "pair=equal" }, "*")""")
    frame.get_by_text(PRESETS["coin"]["question"]).wait_for()
    assert frame.locator(".question").count() == 1


def test_what_is_lost_is_named_when_it_is_drawn(opened):
    _, frame = opened()
    caption = frame.locator("figcaption").nth(1)
    assert caption.inner_text().endswith("q log(1 − D).")
    frame.get_by_role("button", name="Show where I lose").click()
    assert caption.inner_text().endswith("Dashed: the most it can be. Orange: what you lose.")


def test_against_an_equal_generator_half_is_said_to_be_the_best(opened):
    _, frame = opened(preset="coin")
    assert says(frame) == "D(0.0) = 0.500. V(D) = −1.386 nats: no D does better."


def test_a_link_restores_and_nonsense_in_it_does_no_harm(opened):
    page, frame = opened()
    send = """text => document.querySelector("iframe").contentWindow.postMessage(
        { ganlib: true, theme: "light", link: "x", state: text }, "*")"""
    page.evaluate(send, "pair=disjoint&scale=logit&reveal=true&chosen=0&knots=" + "xc" * 20 + "00" * 21)
    frame.get_by_role("status").filter(has_text="D(−4.0) = 0.998.").wait_for()
    assert frame.get_by_role("button", name="Reveal D*").get_attribute("aria-pressed") == "true"
    assert frame.get_by_role("combobox", name="Height").input_value() == "logit"
    page.evaluate(send, "pair=toString&scale=up&chosen=1e9&knots=!!")
    frame.get_by_role("status").filter(has_text="D(4.0) = 0.500.").wait_for()
    assert frame.get_by_role("combobox", name="Densities").input_value() == "apart"


@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_no_sideways_scrolling_on_a_phone(opened, preset):
    page, frame = opened(width=360, preset=preset)
    assert frame.locator("html").evaluate("e => e.scrollWidth") <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
