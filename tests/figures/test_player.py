"""The training player: what is decoded is what was recorded, within what is said; it fits; the page can be played."""

import base64
import functools
import gzip
import html
import io
import re

import numpy as np
import pytest
import torch
from frames import BOOK, clock, frame_of, page_of, press, settled, spoken
from PIL import Image
from torch import nn

from ganlib import data, diagnostics, losses, metrics
from ganlib.figures.encoding import arranged, numbers, packed
from ganlib.figures.live import script
from ganlib.figures.player import BUDGET, player
from ganlib.figures.recorder import recorder
from ganlib.games import Game
from ganlib.networks import MLP
from ganlib.training import History, ensemble, train

RING = data.ring()
DECODE = """async ({ data, parts }) => (await recordedParts(data, parts)).map((part) => {
  if (part instanceof Float32Array) return [...part];
  const canvas = new OffscreenCanvas(part.width, part.height);
  const c = canvas.getContext("2d");
  c.drawImage(part, 0, 0);
  return { size: [part.height, part.width], pixels: [...c.getImageData(0, 0, part.width, part.height).data] };
})"""


def game(loss=losses.non_saturating, **more):
    return Game(MLP(2, 32, 32, 2), MLP(2 * more.get("pack", 1), 32, 32, 1), latent=2, loss=loss, **more)


@functools.cache
def recorded(steps=1600, every=20):
    """Two runs of 256 samples and 80 visits after the untrained one, with two lines."""
    probes = recorder(RING) | {"modes": lambda g: metrics.mode_coverage(g.generate(500), RING.centers, RING.std).modes,
                               "accuracy": lambda g: diagnostics.accuracy(g, RING, 256)}
    return ensemble(game(), RING, seeds=[0, 1], steps=steps, lr=2e-3, probes=probes, probe_every=every, device="cpu")


def changed(history, **changes):
    """A copy with other probes; None takes one away."""
    probes = {name: value for name, value in (history.probes | changes).items() if value is not None}
    return History(history.game, history.seed, history.settings, history.discriminator_loss, history.generator_loss,
                   history.probe_steps, probes)


def pictures(visits=40, count=64, size=28, channels=1, seed=0):
    """A history of pictures that grow out of noise, and of noisy losses."""
    generator = np.random.default_rng(seed)
    digits = np.resize(data.mnist().images[:count].numpy(), (count, channels, size, size))
    share = np.linspace(0, 1, visits)[:, None, None, None, None] ** 0.5
    noise = generator.normal(size=(visits, count, channels, size, size)).clip(-1, 1)
    both = generator.normal(size=(2, 50 * (visits - 1)))
    return History(game(), 0, {}, *both, np.arange(visits) * 50,
                   {"samples": share * digits + (1 - share) * 0.6 * noise, "real": np.stack([digits] * visits)})


def recording_bytes(figure):
    """Everything the figure was given, as it stands in the output; found there, not computed as the player does."""
    page = re.search('srcdoc="([^"]*)"', figure.html)[1]
    return len(re.search("application/json&quot; id=&quot;config&quot;&gt;(.*?)&lt;/script&gt;", page)[1].encode())


@pytest.fixture(scope="module")
def decoder(browser):
    page = browser.new_page()
    page.set_content(f"<script>{script('decode', expose=True)}</script>")
    yield lambda config: page.evaluate(DECODE, {"data": config["data"], "parts": config["parts"]})
    page.close()


# ---- recording
class Tilted(nn.Module):
    """l(x, y) = x + 10 y, and of a pack the mean of that."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([1.0, 10.0]))

    def forward(self, x):
        return (x.unflatten(1, (-1, 2)) @ self.weight).mean(1, keepdim=True)


@pytest.mark.parametrize("pack", [1, 2])
def test_the_map_is_the_discriminator_at_the_pixels_centres(pack):
    players = Game(MLP(2, 8, 2), Tilted(), latent=2, pack=pack)
    found = recorder(RING, map_points=4, limit=2)["map"](players)
    ticks = torch.tensor([-1.5, -0.5, 0.5, 1.5])
    assert torch.allclose(found, ticks[None, :] + 10 * ticks[:, None]), "rows are y from below, columns x"


def test_recorder_records():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    probes = recorder(RING, points=10, map_points=8)
    assert torch.equal(before, torch.get_rng_state()), "torch's own numbers are left alone"
    history = train(game(), RING, steps=4, probes=probes, probe_every=2, device="cpu")
    shapes = {name: value.shape for name, value in history.probes.items()}
    assert shapes == {"samples": (3, 10, 2), "real": (3, 10, 2), "map": (3, 8, 8), "limit": (3,)}
    assert (history.probes["real"] == history.probes["real"][0]).all()
    for mixture in (RING, data.grid()):
        limit = recorder(mixture)["limit"](None)
        most = float(mixture.sample(20_000).abs().max())
        assert most < limit < 1.6 * most
    kept = train(game(), RING, steps=2, probes=recorder(RING, average=True), ema_decay=0.5, device="cpu")
    torch.manual_seed(0)
    assert np.array_equal(kept.probes["samples"][-1], kept.game.generate(256, average=True).numpy())
    assert set(recorder(data.mnist())) == {"samples", "real"}
    assert recorder(data.mnist())["real"](None).shape == (64, 1, 28, 28)


def test_recorder_errors():
    with pytest.raises(TypeError, match="recorder: data must have a method sample.*got list"):
        recorder([1, 2])
    with pytest.raises(ValueError, match=r"what data.sample returns must be points \(n, 2\) or pictures.*\(1, 1\)"):
        recorder(data.line())
    for wrong in ({"points": 0}, {"map_points": 1}, {"limit": 0}):
        with pytest.raises(ValueError, match=f"recorder: {next(iter(wrong))} must be"):
            recorder(RING, **wrong)


# ---- what is written down can be read
@pytest.mark.parametrize("kind", ["random", "slow", "smooth", "slow and smooth", "constant", "two planes"])
def test_numbers_come_back(kind, decoder):
    generator = np.random.default_rng(0)
    t, y, x = np.mgrid[0:12, 0:9, 0:7]
    still = generator.uniform(size=(1, 9, 7))
    values = {"random": generator.uniform(size=(12, 9, 7)), "slow": still + 0.002 * t,
              "smooth": np.sin(7 * t) + 0.3 * x + 0.2 * y, "slow and smooth": np.sin(t / 20) * x + y * t / 30,
              "constant": np.full((12, 9, 7), 0.25), "two planes": generator.uniform(size=(12, 9, 7))}[kind]
    bits = 12 if kind == "two planes" else 7
    low, high = values.min(), values.max()
    part = numbers(values, low, high, bits, (0,), (1, 2), (0, 1, 2))
    found = np.array(decoder(packed([part]))[0]).reshape(values.shape)
    assert np.abs(found - values).max() <= (high - low) / (2**bits - 1) / 2 + 1e-6
    expected = {"random": (), "two planes": (), "slow": (0,), "smooth": (1, 2), "slow and smooth": (0, 1, 2),
                "constant": ()}
    assert part[1]["along"] == expected[kind], "each way of writing is tried"
    assert part[1]["planes"] == (2 if kind == "two planes" else 1)


def matched(samples, found):
    """Which sample each decoded one is, by its whole path (visits, 2): the recording has an order of its own."""
    paths, read = (x.transpose(1, 0, 2).reshape(x.shape[1], -1) for x in (samples, found))
    order = np.abs(paths[None] - read[:, None]).max(2).argmin(1)
    assert sorted(order) == list(range(len(order))), "each sample is there once"
    return order


def check_points(figure, histories, read):
    """All numbers of all visits, within half a step of the recording; returns the greatest errors."""
    config, seen = figure.config, {}
    for run, history in zip(config["runs"], histories, strict=True):
        parts = {name: (config["parts"][run[name]], np.array(read[run[name]]))
                 for name in ("points", "real", "map", "mean", "band")}
        own = np.isin(history.probe_steps, config["steps"])
        limit = config["limit"]
        probability = torch.sigmoid(torch.from_numpy(history.probes["map"])).numpy()
        description, found = parts["points"]
        samples = history.probes["samples"][own][:, :run["samples"]].clip(-limit, limit)
        order = matched(samples, found.reshape(description["shape"]))
        wanted = {"points": samples[:, order], "map": probability[own],
                  "real": history.probes["real"][0].clip(-limit, limit)}
        edges = np.linspace(0, history.steps, 201).round().astype(int)
        assert (np.diff(edges) == history.steps // 200).all()
        both = np.stack([history.discriminator_loss, history.generator_loss]).reshape(2, 200, -1)
        wanted["mean"] = both.mean(2)
        wanted["band"] = np.stack([both.min(2), both.max(2)], 1).reshape(4, 200)
        for name, values in wanted.items():
            description, found = parts[name]
            assert description["shape"] == values.shape
            error = np.abs(found.reshape(values.shape) - values).max()
            assert error <= description["step"] / 2 + 1e-6, name
            seen[name] = max(seen.get(name, 0), error)
    return seen


def test_one_run_is_decoded_within_the_stated_error(decoder):
    (first, _) = recorded()
    figure = player(first)
    errors = check_points(figure, [first], decoder(figure.config))
    limit = figure.config["limit"]
    assert errors["points"] <= limit / 4095 + 1e-6 and errors["map"] <= 1 / 254 + 1e-6
    assert 0 < errors["mean"] < 1e-4
    assert np.abs(first.probes["samples"]).max() > limit, "there are samples outside, which are put on the edge"
    said = re.search(r"positions to ±([\d.]+), D to ±([\d.]+)", figure.config["note"])
    assert float(said[1]) == pytest.approx(limit / 4095, rel=0.5) and float(said[2]) == pytest.approx(1 / 254, rel=0.05)


def test_two_runs_fit_whole(decoder):
    """The default: 256 samples, the map of 32 × 32, 80 visits and the one before, two runs."""
    figure = player(recorded())
    assert recording_bytes(figure) <= BUDGET == 150_000
    assert figure.config["steps"] == list(range(0, 1601, 20)), "no visit is left out"
    assert [run["samples"] for run in figure.config["runs"]] == [256, 256]
    assert figure.config["note"].startswith("Shown: 81 of 81 recorded steps, 256 of 256 samples, positions to ±")
    read = decoder(figure.config)
    errors = check_points(figure, recorded(), read)
    assert errors["points"] <= figure.config["limit"] / 255 + 1e-6 and errors["map"] <= 1 / 126 + 1e-6
    real = [run["real"] for run in figure.config["runs"]]
    assert real[0] == real[1] and len(read) == 9, "what is equal is stored once"


def test_what_does_not_fit_is_thinned_and_it_is_said(decoder):
    """Samples without rhyme or reason, four times: precision first, then visits, always the first and the last."""
    (first, _) = recorded()
    noise = np.random.default_rng(0).uniform(-1, 1, (81, 256, 2))
    histories = [changed(first, samples=noise * (i + 1) / 4) for i in range(4)]
    figure = player(histories, labels=list("abcd"))
    assert 0.9 * BUDGET < recording_bytes(figure) <= BUDGET
    steps = figure.config["steps"]
    assert 10 < len(steps) < 81 and steps[0] == 0 and steps[-1] == 1600 and set(steps) < set(range(0, 1601, 20))
    assert figure.config["note"].startswith(f"Shown: {len(steps)} of 81 recorded steps")
    check_points(figure, histories, decoder(figure.config))
    gaps = np.diff(steps)
    assert gaps.max() - gaps.min() <= 20, "evenly"


def test_few_pictures_are_kept_without_loss(decoder):
    history = pictures(visits=5, count=10)
    figure = player(history)
    read = decoder(figure.config)
    (run,) = figure.config["runs"]
    assert len(run["sheets"]) == 5 and "every pixel as recorded to 1/255" in figure.config["note"]
    sources = [*history.probes["samples"], history.probes["real"][0]]
    for place, source in zip([*run["sheets"], figure.config["real"]], sources, strict=True):
        rows, columns = read[place]["size"]
        assert (rows, columns) == (3 * 28, 4 * 28)
        pixels = np.array(read[place]["pixels"]).reshape(rows, columns, 4)
        assert (pixels[..., 3] == 255).all() and (pixels[..., :1] == pixels[..., :3]).all()
        for i, picture in enumerate(source):
            r, c = 28 * (i // 4), 28 * (i % 4)
            assert np.array_equal(pixels[r:r + 28, c:c + 28, 0], np.rint((picture[0].clip(-1, 1) + 1) * 127.5)), i


def test_many_pictures_fit_with_the_stated_error(decoder):
    """64 pictures of 28 × 28 at 40 visits: at least 20 visits stay, each with at least 16 pictures."""
    history = pictures()
    figure = player(history)
    assert recording_bytes(figure) <= BUDGET
    said = re.match(r"Shown: (\d+) of 40 recorded steps, (\d+) of 64 pictures, pixels to ±([\d.]+) of 255",
                    figure.config["note"])
    visits, count, stated = int(said[1]), int(said[2]), float(said[3])
    assert visits >= 20 and count >= 16 and stated < 25
    read = decoder(figure.config)
    (run,) = figure.config["runs"]
    assert len(run["sheets"]) == visits == len(figure.config["steps"])
    squares = []
    for place, step in zip([*run["sheets"], figure.config["real"]], [*figure.config["steps"], None], strict=True):
        source = history.probes["real"][0] if step is None else history.probes["samples"][step // 50]
        wanted = arranged(source[:count]).astype(float)
        found = np.array(read[place]["pixels"], float).reshape(*wanted.shape, 4)[..., 0]
        squares.append(np.square(found - wanted).mean())
    measured = np.sqrt(np.mean(squares))
    assert measured == pytest.approx(stated, abs=0.15) and measured > 1


def test_few_visits_keep_all_and_lose_pictures():
    figure = player(pictures(visits=12))
    assert recording_bytes(figure) <= BUDGET and len(figure.config["steps"]) == 12
    assert re.search(r"12 of 12 recorded steps, (16|25|36|49) of 64 pictures", figure.config["note"])


def test_colours_stay_colours():
    """A picture with three channels, through WebP and back."""
    history = pictures(visits=2, count=1, channels=3, size=8)
    history.probes["samples"][:] = np.array([1.0, -1.0, 0.0])[:, None, None]
    figure = player(changed(history, real=None))
    with gzip.open(io.BytesIO(base64.b64decode(figure.config["data"]))) as file:
        content = file.read()
    with Image.open(io.BytesIO(content[:figure.config["parts"][0]])) as image:
        assert image.size == (8, 8) and image.convert("RGB").getpixel((3, 5)) == (255, 0, 128)
    assert figure.config["real"] is None


def test_the_same_history_gives_the_same_bytes():
    once, again = player(recorded()), player([changed(history) for history in recorded()])
    assert once.html == again.html
    assert player(pictures(visits=3, count=4)).html == player(pictures(visits=3, count=4)).html
    assert player(recorded()[1]).html != player(recorded()[0]).html


# ---- what is shown
def test_a_critic_has_an_order_and_no_probability(decoder):
    history = train(game(losses.wasserstein), RING, steps=20, probes=recorder(RING), probe_every=5, device="cpu")
    figure = player(history)
    (run,) = figure.config["runs"]
    found = np.array(decoder(figure.config)[run["map"]]).reshape(5, 32, 32)
    assert (found.min((1, 2)) == 0).all() and np.allclose(found.max((1, 2)), 1)
    scores = history.probes["map"]
    assert np.corrcoef(found[2].ravel(), scores[2].ravel())[0, 1] > 0.9999
    assert "critic's score" in figure.config["key"] and "Dotted" not in figure.config["key"] and run["levels"] == []
    usual = player(recorded()[0]).config
    assert usual["runs"][0]["levels"] == pytest.approx([2 * np.log(2), np.log(2)])
    assert "orange says real" in usual["key"] and "Dotted" in usual["key"]


def test_a_history_without_map_or_real_samples():
    """As chapter 6 records: samples alone, and more of them than are shown."""
    history = train(game(), RING, steps=20, probes={"samples": lambda g: g.generate(300)}, probe_every=5, device="cpu")
    figure = player(history)
    (run,) = figure.config["runs"]
    assert run["map"] is None and run["real"] is None and "256 of 300 samples" in figure.config["note"]
    shown = np.abs(history.probes["samples"])
    assert np.mean(shown <= figure.config["limit"]) > 0.97
    assert "Crosses are generated" in figure.config["key"] and "Behind" not in figure.config["key"]
    assert player(history, real=RING, limit=3).config["limit"] == 3
    assert player(history, samples=7).config["runs"][0]["samples"] == 7
    given = player(history, real=RING.sample(50)).config
    assert given["parts"][given["runs"][0]["real"]]["shape"] == (50, 2)


def test_lines_are_the_probes_with_one_number_a_visit():
    (first, second) = recorded()
    config = player([first, changed(second, accuracy=None)]).config
    assert config["names"] == ["modes"], "those that all runs have"
    assert config["runs"][1]["lines"] == [second.probes["modes"].tolist()]
    bad = changed(first, extra=np.array([[np.nan]] + [[0.123456]] * 80))
    assert player(bad, lines=["extra"]).config["runs"][0]["lines"][0][:2] == [None, 0.1235]
    assert player(first, lines=[]).config["names"] == []


def test_errors():
    (first, second) = recorded()
    for wrong in ([], [first] * 5, "history", [first, 3], 3, None):
        with pytest.raises(ValueError, match="history must be one History, or two to four"):
            player(wrong)
    with pytest.raises(ValueError, match=r"'samples' is missing.*record it with train\(…, probes=figures.recorder"):
        player(changed(first, samples=None))
    with pytest.raises(ValueError, match=r"'limit' is missing; record it with.*or give limit="):
        player(changed(first, limit=None))
    assert player(changed(first, limit=None), limit=1.5).config["limit"] == 1.5
    with pytest.raises(ValueError, match=r"must be points \(n, 2\) or pictures.*got shape \(256, 3\)"):
        player(changed(first, samples=np.zeros((81, 256, 3))))
    with pytest.raises(ValueError, match="samples of one shape"):
        player([first, changed(second, samples=np.zeros((81, 4, 1, 8, 8)))])
    with pytest.raises(ValueError, match="probe 'samples' must be finite"):
        player(changed(first, samples=np.full((81, 256, 2), np.nan)))
    with pytest.raises(ValueError, match=r"'map' must have shape \(visits, m, m\)"):
        player(changed(first, map=np.zeros((81, 5, 6))))
    with pytest.raises(ValueError, match="limit must be that of the recorded maps and one for all, got 1.6 and 3"):
        player(first, limit=3)
    with pytest.raises(ValueError, match="labels must be 2 strings"):
        player([first, second], labels=["one"])
    with pytest.raises(ValueError, match="lines must be .* got .'nothing'.; there are: modes, accuracy"):
        player(first, lines=["nothing"])
    with pytest.raises(ValueError, match="samples must be a whole number of at least 1"):
        player(first, samples=0)
    with pytest.raises(ValueError, match=r"real must have samples like those generated, shape \(2,\), got \(1, 28"):
        player(first, real=data.mnist())
    with pytest.raises(ValueError, match="real must be finite"):
        player(first, real=np.full((5, 2), np.nan))
    with pytest.raises(ValueError, match="limit is for points"):
        player(pictures(visits=2, count=2), limit=1)
    with pytest.raises(ValueError, match="id must be small letters"):
        player(first, id="The player")


def test_what_cannot_fit_is_an_error():
    (first, _) = recorded()
    noise = np.random.default_rng(0)
    much = changed(first, samples=noise.uniform(-1, 1, (81, 20_000, 2)))
    with pytest.raises(ValueError, match=r"takes [\d,]+ bytes at its coarsest, and of 150,000 not even 5 visits can"):
        player(much, samples=20_000)
    large = pictures(visits=3, count=16)
    large.probes["samples"] = noise.uniform(-1, 1, (3, 16, 3, 256, 256))
    with pytest.raises(ValueError, match="bytes at its coarsest"):
        player(changed(large, real=None))


def test_texts():
    figure = player(recorded(), question="Which?", answer="This.")
    assert figure.config["question"] == "Which?" and "question" in html.unescape(figure.html)
    assert repr(figure) == figure.alt and not re.search(r"\d", figure.alt)
    assert Image.open(io.BytesIO(figure.picture)).width > 600
    assert player(recorded()[0], alt="Eight heaps of samples are found, one after another.").alt.startswith("Eight")


# ---- the page
def opened(browser, folder, address, figure, script=""):
    """A page with the figure, and the errors it has; the script runs first inside the frame."""
    text = figure.html.replace("&lt;style&gt;", f"&lt;script&gt;{html.escape(script)}&lt;/script&gt;&lt;style&gt;")
    (folder / f"{figure.id}.html").write_text(page_of(text, head=BOOK), encoding="utf-8")
    page = browser.new_page(viewport={"width": 900, "height": 900})
    page.set_default_timeout(8000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/{figure.id}.html")
    return page, errors


@pytest.fixture(scope="module")
def played(browser, folder, address):
    (first, second) = recorded()
    ended = History(second.game, 1, {}, second.discriminator_loss[:810], second.generator_loss[:810],
                    second.probe_steps[:41], {name: probe[:41] for name, probe in second.probes.items()})
    page, errors = opened(browser, folder, address, player([first, ended], labels=["whole", "ended"], id="two-runs"))
    yield frame_of(page, "two-runs")
    assert not errors, errors
    page.close()


def says(frame):
    return frame.text_content("[role=status]")


def losses_said(text):
    return [float(x.replace("−", "-")) for x in re.findall(r"loss (−?[\d.]+)", text)]


def means(history, step):
    """Of the stretch of 200 in which the step lies, as the figure says."""
    width = history.steps / 200
    i = int(min(step, history.steps - 1) / width)
    part = slice(int(i * width), int((i + 1) * width))
    return [history.discriminator_loss[part].mean(), history.generator_loss[part].mean()]


def captions(frame):
    return frame.locator("figcaption").all_text_contents()


def test_steps_and_what_is_said(played):
    (first, second) = recorded()
    press(played, "start")
    assert clock(played) == 0 and says(played).startswith("Step 0 of 1,600: whole: D loss ")
    press(played, "step")
    press(played, "step")
    assert clock(played) == 40
    press(played, "forward")
    assert clock(played) == 200 and says(played).startswith("Step 200 of 1,600: ")
    ended = [loss[198:202].mean() for loss in (second.discriminator_loss, second.generator_loss)]
    assert losses_said(says(played)) == pytest.approx(means(first, 200) + ended, abs=0.02)
    modes = [int(m) for m in re.findall(r"modes (\d+)", says(played))]
    assert modes == [int(h.probes["modes"][10]) for h in (first, second)]
    press(played, "back")
    assert clock(played) == 40


def test_one_run_says_its_own_losses(browser, folder, address):
    (first, _) = recorded()
    page, errors = opened(browser, folder, address, player(first, id="one-run"))
    frame = frame_of(page, "one-run")
    slider = frame.get_by_role("slider", name="Step")
    for visit in (0, 7, 33, 80):
        slider.evaluate("(e, v) => { e.value = v; e.oninput(); }", visit)
        step = 20 * visit
        assert clock(frame) == step and losses_said(says(frame)) == pytest.approx(means(first, step), abs=6e-4)
        samples = first.probes["samples"][visit]
        outside = int((np.abs(samples).max(1) > first.probes["limit"][0]).sum())
        caption = captions(frame)[0]
        assert caption == ("samples" if outside == 0 else f"samples, {outside} of 256 outside, at the edge")
    frame.get_by_text("Numbers at every recorded step").click()
    rows = frame.locator("tbody tr")
    rows.nth(80).wait_for()
    assert rows.count() == 81
    cells = rows.nth(33).locator("td").all_text_contents()
    assert cells[0] == "660" and int(cells[3]) == first.probes["modes"][33]
    assert [float(c) for c in cells[1:3]] == pytest.approx(means(first, 660), abs=6e-4)
    page.close()
    assert not errors


def test_a_run_that_ended_stays_where_it_was(played):
    press(played, "start")
    played.get_by_role("slider", name="Step").evaluate("(e) => { e.value = 40; e.oninput(); }")
    assert not any("as at step" in caption for caption in captions(played))
    press(played, "step")
    late = [caption for caption in captions(played) if "as at step 800" in caption]
    assert len(late) == 1 and late[0].startswith("ended: samples")


def test_play_goes_on_and_begins_again_at_the_end(played):
    played.get_by_role("slider", name="Step").evaluate("(e) => { e.value = 77; e.oninput(); }")
    press(played, "play")
    played.wait_for_function("document.querySelector('[role=status]').textContent.startsWith('Step 1,600')")
    assert clock(played) == 1600
    press(played, "play")
    played.wait_for_function("parseInt(document.querySelector('output[aria-label=time]').textContent.slice(5)) < 400")
    press(played, "pause")
    assert 0 <= clock(played) < 800


def test_the_cursor_is_dragged(played):
    press(played, "start")
    canvas = played.locator("canvas.drag").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    mouse = played.page.mouse
    mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 30)
    mouse.down()
    assert clock(played) == 400
    mouse.move(box["x"] + box["width"] * 0.756, box["y"] + 40)
    mouse.up()
    assert clock(played) == 1220, "the nearest visit"
    mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
    assert clock(played) == 1220
    assert "at step 1,220" in canvas.get_attribute("aria-label")


def test_keys_move_the_slider_and_the_zoomed_picture(played):
    press(played, "start")
    slider = played.get_by_role("slider", name="Step")
    slider.focus()
    keyboard = played.page.keyboard
    keyboard.press("ArrowRight")
    assert clock(played) == 20 and slider.get_attribute("aria-valuetext") == "20"
    keyboard.press("End")
    assert clock(played) == 1600
    pictures = played.locator("canvas[aria-label*=samples]")

    def seen():
        return [canvas.evaluate("(e) => e.toDataURL()") for canvas in pictures.all()]

    whole = seen()
    played.get_by_role("button", name="Zoom in (+)").click()
    zoomed = seen()
    pictures.first.focus()
    keyboard.press("ArrowLeft")
    moved = seen()
    for first, second, third in zip(whole, zoomed, moved, strict=True):
        assert len({first, second, third}) == 3, "both show the same part"
    assert len(whole) == 2 and clock(played) == 1600
    for _ in range(2):
        played.get_by_role("button", name="Zoom out (−)").click()
    assert seen() == whole


def test_ticks_and_lines_change_the_picture(played):
    played.get_by_role("slider", name="Step").evaluate("(e) => { e.value = 30; e.oninput(); }")
    canvases = played.locator("canvas")
    plain = [canvas.evaluate("(e) => e.toDataURL()") for canvas in canvases.all()]
    for name in ("real samples", "D's map", "last moves of 24 samples"):
        tick = played.get_by_label(name)
        tick.click()
        now = [canvas.evaluate("(e) => e.toDataURL()") for canvas in canvases.all()]
        assert [a != b for a, b in zip(plain, now, strict=True)] == [True, False, False] * 2, name
        tick.click()
    played.get_by_role("combobox", name="Line").select_option("accuracy")
    assert [c for c in captions(played) if "accuracy" in c] == ["whole: accuracy", "ended: accuracy"]
    now = [canvas.evaluate("(e) => e.toDataURL()") for canvas in canvases.all()]
    assert [a != b for a, b in zip(plain, now, strict=True)] == [False, False, True] * 2
    played.get_by_role("combobox", name="Line").select_option("modes")


def test_the_map_is_the_right_way_up(browser, folder, address):
    """A discriminator that says real at the upper right only: orange there, purple elsewhere."""
    (first, _) = recorded()
    logits = np.full((81, 32, 32), -8.0)
    logits[:, 16:, 16:] = 8
    figure = player(changed(first, map=logits, samples=np.zeros((81, 1, 2)), real=None), id="upper-right")
    page, errors = opened(browser, folder, address, figure)
    frame = frame_of(page, "upper-right")
    settled(frame)
    colours = frame.locator("canvas").first.evaluate("""(e) => [[0.3, 0.2], [0.7, 0.2], [0.3, 0.8], [0.7, 0.8]].map(
      ([x, y]) => [...e.getContext("2d").getImageData(x * e.width, y * e.height, 1, 1).data])""")
    orange = [r > b for r, _, b, _ in colours]
    assert orange == [False, True, False, False]
    page.close()
    assert not errors


def test_the_link_holds_the_state(played):
    page = played.page
    press(played, "start")
    played.get_by_role("slider", name="Step").evaluate("(e) => { e.value = 30; e.oninput(); }")
    played.get_by_label("D's map").click()
    played.get_by_role("button", name="Link", exact=True).click()
    state = page.evaluate("location.hash").removeprefix("#two-runs?")
    assert "step=600" in state and "map=false" in state
    page.evaluate("history.replaceState(null, '', location.pathname)")
    press(played, "start")
    played.get_by_label("D's map").click()
    other = state.replace("600", "633").replace("map=false", "map=true")
    for text, step, ticked in ((state, 600, False), (other, 620, True)):
        page.evaluate("hash => { location.hash = hash; }", f"two-runs?{text}")
        played.wait_for_function("step => document.querySelector('input[type=range]').ariaValueText === step",
                                 arg=str(step))
        assert clock(played) == step and played.get_by_label("D's map").is_checked() is ticked
    page.evaluate("history.replaceState(null, '', location.pathname)")


def test_it_is_quiet_while_it_plays(played):
    press(played, "start")
    assert spoken(played, lambda: press(played, "play"), 400) == []
    assert len(spoken(played, lambda: press(played, "pause"))) == 1


@pytest.mark.parametrize("script, words", [
    ("Response.prototype.arrayBuffer = () => new Promise(() => {});", "Loading the recording …"),
    ("delete window.DecompressionStream;", "This browser cannot unpack the recording."),
])
def test_before_the_recording_is_there(script, words, browser, folder, address):
    page, errors = opened(browser, folder, address, player(recorded()[0], id="waiting"), script=script)
    frame = page.wait_for_selector("iframe").content_frame()
    frame.wait_for_function("words => document.querySelector('[role=status]')?.textContent === words", arg=words)
    for act in ("step", "forward", "back", "start", "play"):
        press(frame, act)
    frame.get_by_text("Numbers at every recorded step").click()
    frame.get_by_role("region", name="Numbers at every recorded step").wait_for()
    frame.get_by_label("real samples").click()
    settled(frame)
    assert says(frame) == words and frame.locator("tbody tr").count() == 0
    page.close()
    assert not errors


def test_pictures_in_the_page(browser, folder, address):
    """The sheet is drawn without smoothing: a canvas has the recorded greys and no others."""
    history = pictures(visits=3, count=4, size=8)
    for visit, rows in enumerate((3, 4, 5)):
        history.probes["samples"][visit] = np.where(np.arange(8)[:, None] < rows, 1.0, -1.0)
    page, errors = opened(browser, folder, address, player(changed(history, real=None), id="pictures"))
    frame = frame_of(page, "pictures")
    settled(frame)
    white = []
    for _ in range(3):
        greys = frame.locator("canvas").first.evaluate("""(e) => [...e.getContext("2d").getImageData(
          0, 0, e.width, e.height).data].filter((_, i) => i % 4 === 0)""")
        assert set(greys) == {0, 255}
        white.append(np.mean(greys) / 255)
        press(frame, "step")
    assert white == pytest.approx([3 / 8, 4 / 8, 5 / 8], abs=0.01)
    assert captions(frame)[0] == "generated"
    page.close()
    assert not errors
