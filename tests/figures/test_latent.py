"""The latent explorer: the browser draws what torch draws, in the frame too, and its questions have true answers."""

import json
import math
import re

import numpy as np
import pytest
import torch
from frames import frame_of, page_of, press, settled
from scipy.stats import chi
from torch import nn

from ganlib import pretrained
from ganlib.data import images
from ganlib.figures.latent import LIMITS, PRESETS, drawn, latent, packed, pictures, spherical, truncated, walk
from ganlib.figures.live import modules, script
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.networks.stylegan import StyleGenerator
from ganlib.studies.stylegan import GROUPS, brightness, exchanged

DRAW = """([config, inputs, styles]) => {
  const g = new Generator(config);
  const ws = g.styled ? inputs.map((z) => Array.from(g.map(z))) : [];
  const draw = (input) => Array.from(g.draw(input));
  return { ws, wasm: Boolean(g.layers[0].engine?.wasm ?? g.layers[0].main?.engine.wasm), latent: g.latent,
    pictures: inputs.map((z, i) => draw(ws.length ? g.layers.map(() => ws[i]) : z)),
    mixed: styles.map((list) => draw(list)) };
}"""


@pytest.fixture(scope="module")
def engine(browser):
    """A page in which the names of generator.js and latent_path.js can be called."""
    page = browser.new_page()
    page.add_script_tag(content=script("generator", expose=True))
    page.add_script_tag(content=script("latent_path", expose=True))
    yield page
    page.close()


@torch.no_grad()
def lively(kind, *arguments):
    """An untrained generator whose every number matters: offsets, statistics and the mean are not their start's."""
    torch.manual_seed(0)
    network = kind(*arguments)
    if isinstance(network, DCGANGenerator):
        for layer in network.layers:
            layer.weight.mul_(8)
        for _ in range(20):
            network(torch.randn(32, network.latent))
    for name, value in network.named_parameters():
        if name.endswith("bias"):
            value.add_(0.2 * torch.randn_like(value) * (100 if name.startswith("maps") else 1))
        if name.endswith("strength"):
            value.fill_(0.5)
    if isinstance(network, StyleGenerator):
        network.measure_mean(500)
    return network.eval()


MADE = {"dcgan_mnist": lambda: pretrained.load("dcgan_mnist"),
        "style_fashion": lambda: pretrained.load("style_fashion"),
        "small dcgan": lambda: pretrained.quantised(lively(DCGANGenerator, 5, (8, 4))),
        "odd dcgan": lambda: pretrained.quantised(lively(DCGANGenerator, 7, (6, 3))),
        "small style": lambda: pretrained.quantised(lively(StyleGenerator, 8, (12, 8, 4), 2)),
        "noisy style": lambda: pretrained.quantised(lively(StyleGenerator, 8, (12, 8, 4), 2, 0.9, True))}


@pytest.mark.parametrize("kernel", ["wasm", "plain"])
@pytest.mark.parametrize("name", MADE)
def test_the_browser_draws_what_torch_draws(name, kernel, browser):
    """At most 10⁻⁵ apart in each pixel of 32 pictures, with WebAssembly and without; noise inputs are at 0.

    Torch computes in double precision here: in single it is itself as far from that as the browser may be.
    """
    generator = MADE[name]()
    torch.manual_seed(4)
    z = torch.randn(32, generator.latent).double()
    styles = torch.empty(0)
    config = packed(generator)
    generator.double()
    with torch.no_grad():
        quiet = {"noise": "none"} if isinstance(generator, StyleGenerator) else {}
        expected = generator(z, **quiet).flatten(1)
        if isinstance(generator, StyleGenerator):
            if generator.noise:
                assert (generator(z) - generator(z)).abs().max() > 0.1, "noise would be seen"
            w = generator.mapping(z)
            styles = torch.stack([w.roll(i, 0) for i in range(6)], 1)[:8]  # six different ones in each picture
            mixed = generator.synthesis(styles, "none").flatten(1)
    page = browser.new_page()
    if kernel == "plain":
        page.evaluate("WebAssembly.Module = undefined")
    page.add_script_tag(content=script("generator", expose=True))
    got = page.evaluate(DRAW, [config, z.tolist(), styles.tolist()])
    page.close()
    assert got["wasm"] is (kernel == "wasm") and got["latent"] == generator.latent
    assert expected.std() > 0.2, "pictures, not one grey"
    assert np.abs(np.array(got["pictures"]) - expected.numpy()).max() <= 1e-5
    if isinstance(generator, StyleGenerator):
        assert np.abs(np.array(got["ws"]) - w.numpy()).max() <= 1e-6
        assert np.abs(np.array(got["mixed"]) - mixed.numpy()).max() <= 1e-5
        assert np.abs(mixed.numpy() - expected[:8].numpy()).max() > 0.1


def test_weights_are_those_of_the_module_itself():
    """What is packed for the browser are the stored bytes, so nothing is rounded twice."""
    generator = pretrained.load("dcgan_mnist")
    with torch.no_grad():
        numbers, scale = pretrained.quantise(generator.layers[1].weight, 1)
        assert (numbers * scale - generator.layers[1].weight).abs().max() < 1e-7 * scale.max() * 127
    for name in ("dcgan_mnist", "style_fashion"):
        config = packed(pretrained.load(name))
        assert len(config["bytes"]) <= 180_000 and len(json.dumps(config)) < 195_000


def test_truncation_takes_the_first_draw_within(engine):
    """Against the definition: draw each entry until it is within; from the same stream of numbers."""
    draws = drawn(6, 3, 0.25)
    stream = torch.Generator().manual_seed(3)
    whole = []
    for sample in draws:
        for kept in sample:
            entry = [round(float(torch.randn((), generator=stream)), 4)]
            while abs(entry[-1]) > 0.25:
                entry.append(round(float(torch.randn((), generator=stream)), 4))
            whole.append(entry)
            assert set(kept) <= set(entry) and kept[0] == entry[0]
    for threshold in (0.25, 0.6, 1.0, 2.0, math.inf):
        expected = [next(v for v in entry if abs(v) <= threshold) for entry in whole]
        found = truncated(draws, threshold)
        assert found.flatten().tolist() == pytest.approx(expected) and found.abs().max() <= threshold
        got = engine.evaluate("([draws, t]) => draws.map((entries) => truncated(entries, t ?? Infinity))",
                              [draws, None if threshold == math.inf else threshold])
        assert np.array(got) == pytest.approx(found.numpy())
    assert [len(entry) for sample in drawn(6, 3) for entry in sample] == [1] * 72


def test_truncated_numbers_have_the_truncated_normal_distribution():
    z = torch.cat([truncated(drawn(32, seed, 0.5), 0.5) for seed in range(4)]).flatten()
    inside = torch.distributions.Normal(0, 1).cdf(torch.tensor(0.5)) * 2 - 1
    x = torch.linspace(-0.5, 0.5, 20001).double()
    density = torch.exp(-x.square() / 2) / math.sqrt(2 * math.pi) / inside
    variance = float((x.square() * density).sum() * (x[1] - x[0]))
    assert float(z.var()) == pytest.approx(variance, rel=0.06) and abs(float(z.mean())) < 0.03


def test_the_arc_has_equal_angles_and_lengths_between(engine):
    torch.manual_seed(0)
    a, b = torch.randn(2, 9).double()
    t = torch.linspace(0, 1, 7).double()
    points = spherical(a, b, t)
    assert torch.allclose(points[0], a) and torch.allclose(points[-1], b)
    units = points / points.norm(dim=1, keepdim=True)
    same = spherical(a / a.norm(), b / b.norm(), t)
    assert torch.allclose(same.norm(dim=1), torch.ones(7).double()), "ends on the sphere: all on the sphere"
    steps = torch.arccos((same[1:] * same[:-1]).sum(1))
    assert torch.allclose(steps, steps[:1].expand(6)), "equal angles"
    assert torch.linalg.matrix_rank(torch.cat([units, a[None], b[None]]), tol=1e-9) == 2
    got = engine.evaluate("([a, b, ts]) => ts.map((t) => spherical(a, b, t))", [a.tolist(), b.tolist(), t.tolist()])
    assert np.array(got) == pytest.approx(points.numpy())
    for end in (a, 2 * a):  # no plane is spanned: straight on
        expected = (1 - t)[:, None] * a + t[:, None] * end
        assert torch.allclose(spherical(a, end, t), expected)
        got = engine.evaluate("([a, b, ts]) => ts.map((t) => spherical(a, b, t))",
                              [a.tolist(), end.tolist(), t.tolist()])
        assert np.array(got) == pytest.approx(expected.numpy())


def test_the_plane_holds_its_points(engine):
    torch.manual_seed(1)
    origin, a, b = torch.randn(3, 6).tolist()
    got = engine.evaluate("""([origin, a, b]) => {
      const plane = new LatentPlane(origin, a, b);
      const again = (p) => plane.point(...plane.place(p));
      return { axes: plane.axes, a: again(a), b: again(b), at: [a, b, origin].map((p) => plane.place(p)),
        same: new LatentPlane(a, a, a).axes, double: new LatentPlane(origin, a, a).axes };
    }""", [origin, a, b])
    assert got["a"] == pytest.approx(a) and got["b"] == pytest.approx(b)
    (ax, ay), (bx, by), centre = got["at"]
    assert ax > 0 and ay == pytest.approx(0, abs=1e-9) and by > 0 and centre == pytest.approx([0, 0])
    assert math.hypot(bx, by) == pytest.approx(math.dist(origin, b))
    for axes in (got["axes"], got["same"], got["double"]):
        assert np.array(axes) @ np.array(axes).T == pytest.approx(np.eye(2), abs=1e-9)


# In the frame

STRIP = """() => {
  const canvas = [...document.querySelectorAll("canvas")].at(-1);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const [across, down] = [canvas.width / (11 * 28), canvas.height / 28];
  return Array.from({ length: 11 }, (_, k) => Array.from({ length: 28 * 28 }, (_, i) => {
    const x = Math.floor((k * 28 + i % 28 + 0.5) * across);
    return data[4 * (Math.floor((Math.floor(i / 28) + 0.5) * down) * canvas.width + x)];
  }));
}"""


class Frame:
    """The figure in a page, and its settings as its own controls hold them."""

    def __init__(self, browser, folder, address, **given):
        live = latent(**given)
        (folder / "latent.html").write_text(page_of(live.html), encoding="utf-8")
        self.page = browser.new_page(viewport={"width": 1000, "height": 900})
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{address}/latent.html")
        self.frame = frame_of(self.page, live.id)
        settled(self.page)

    def choose(self, label, value):
        self.list(label).select_option(value)

    def list(self, label):
        return self.frame.get_by_role("combobox", name=label, exact=True)

    def slide(self, value):
        self.frame.get_by_role("slider").evaluate(
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }", str(value))

    def shows(self, expected):
        """Are these the pictures of the walk? While a slider moves they come a few at a time."""
        for _ in range(40):
            if agree(self.frame.evaluate(STRIP), expected):
                return True
            self.page.wait_for_timeout(50)
        return False

    def says(self):
        return self.frame.text_content("[role=status]")

    def close(self):
        self.page.close()
        assert not self.errors, self.errors


@pytest.fixture
def opened(browser, folder, address):
    frames = []

    def opening(**given):
        frames.append(Frame(browser, folder, address, **given))
        return frames[-1]

    yield opening
    for frame in frames:
        frame.close()


def strip_of(generator, seed=0, mixing=None, **how):
    """The eleven pictures in greys 0 … 255, by torch."""
    kind = "style" if isinstance(generator, StyleGenerator) else "dcgan"
    draws = drawn(generator.latent, seed, LIMITS[kind][0] if kind == "dcgan" else None)
    ends, points = walk(generator, draws, torch.linspace(0, 1, 11), **how)
    x = pictures(generator, points, ends, {"coarse": "here", "middle": "here", "fine": "here", **(mixing or {})})
    return (127.5 * (x + 1)).flatten(1).numpy()


def framed(got):
    """Without the pixels that the mark of the present place covers: those at the edge of a picture."""
    return np.array(got).reshape(11, 28, 28)[:, 2:-2, 2:-2]


def agree(got, expected):
    return np.abs(framed(got) - framed(expected)).max() <= 1.01


def test_dcgan_in_the_frame_draws_what_torch_draws(opened):
    frame, generator = opened(generator="dcgan_mnist", seed=5), pretrained.load("dcgan_mnist")
    how = {"a": 1, "b": 2, "path": "arc", "truncation": 3.0}
    assert frame.shows(strip_of(generator, 5, **how))
    for label, value, name in (("A", "4", "a"), ("B", "9", "b"), ("Way", "straight", "path")):
        before = strip_of(generator, 5, **how)
        frame.choose(label, value)
        how[name] = int(value) if value.isdigit() else value
        assert frame.shows(strip_of(generator, 5, **how))
        assert not agree(before, strip_of(generator, 5, **how)), "the choice matters"
    frame.slide(0.5)
    assert frame.shows(strip_of(generator, 5, **how | {"truncation": 0.5}))
    assert frame.list("coarse styles from").count() == 0


def test_style_in_the_frame_draws_what_torch_draws(opened):
    frame, generator = opened(generator="style_fashion", seed=2), pretrained.load("style_fashion")
    how, mixing = {"a": 1, "b": 2, "path": "arc", "truncation": 1.0}, {}
    assert frame.shows(strip_of(generator, 2, **how))
    frame.choose("Way", "straight")
    assert frame.shows(strip_of(generator, 2, **how | {"path": "straight"}))
    frame.choose("Way", "arc")
    for group, source in (("coarse", "A"), ("middle", "B"), ("fine", "A")):
        before = strip_of(generator, 2, mixing, **how)
        frame.choose(f"{group} styles from", source)
        mixing[group] = source
        assert frame.shows(strip_of(generator, 2, mixing, **how)), group
        assert not agree(before, strip_of(generator, 2, mixing, **how)), group
    frame.slide(-0.5)
    assert frame.shows(strip_of(generator, 2, mixing, **how | {"truncation": -0.5}))


BIG = """() => {
  const canvas = document.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const size = canvas.width / 28;
  return Array.from({ length: 784 }, (_, i) => data[4 * (Math.floor((Math.floor(i / 28) + 0.5) * size) * canvas.width
    + Math.floor((i % 28 + 0.5) * size))]);
}"""


def test_step_play_and_drag(opened):
    frame, generator = opened(generator="dcgan_mnist"), pretrained.load("dcgan_mnist")
    inside = frame.frame
    draws = drawn(32, 0, 0.25)

    def big(t):
        _, point = walk(generator, draws, torch.tensor([t]), a=1, b=2, path="arc", truncation=3.0)
        with torch.no_grad():
            return (127.5 * (generator(point) + 1)).flatten().numpy()

    assert np.abs(np.array(inside.evaluate(BIG)) - big(0.0)).max() <= 1.01
    for _ in range(3):
        press(inside, "step")
    assert np.abs(np.array(inside.evaluate(BIG)) - big(0.03)).max() <= 1.01
    assert "t = 0.03 on the way from A to B" in frame.says()
    press(inside, "play")
    frame.choose("Speed", "4")
    inside.get_by_role("button", name="Play (space)").wait_for(timeout=10_000)  # it stops where the way ends
    assert "t = 1.00" in frame.says() and np.abs(np.array(inside.evaluate(BIG)) - big(1.0)).max() <= 1.01

    pad = inside.locator("canvas").nth(1)
    box = pad.bounding_box()
    pad.click(position={"x": box["width"] / 2, "y": box["height"] / 2})  # the centre, z = 0
    with torch.no_grad():
        zero = (127.5 * (generator(torch.zeros(1, 32)) + 1)).flatten().numpy()
    assert "Off the walk, ‖z‖ = 0.0" in frame.says()
    # A click is on a whole pixel, up to half of one beside the centre.
    assert np.abs(np.array(inside.evaluate(BIG)) - zero).mean() < 3 and np.abs(big(1.0) - zero).mean() > 10
    pad.focus()
    frame.page.keyboard.press("ArrowRight")
    assert "‖z‖ = 0.4" in frame.says(), "a step to the right is 1/40 of the plane's width"
    press(inside, "step")
    assert "t = 1.00 on the way" in frame.says(), "a step leads back to the walk"

    strip = inside.locator("canvas").nth(3)
    wide = strip.bounding_box()["width"]
    strip.click(position={"x": wide * 5.5 / 11, "y": 10})
    assert "t = 0.50" in frame.says()
    strip.focus()
    frame.page.keyboard.press("ArrowLeft")
    assert "t = 0.47" in frame.says() or "t = 0.48" in frame.says()
    shelf = inside.locator("canvas").nth(2)
    box = shelf.bounding_box()
    shelf.click(position={"x": box["width"] * 2.5 / 4, "y": box["height"] * 1.5 / 3})  # the third of the second row
    assert frame.list("B").input_value() == "7"
    assert shelf.get_attribute("aria-label").endswith("A is sample 1, B is sample 7.")


def test_zoom_shows_a_smaller_part_of_the_plane(opened):
    """The point halfway between the plane's centre and its edge comes nearer by what was zoomed, and goes back."""
    frame = opened(generator="dcgan_mnist").frame
    pad = frame.locator("canvas").nth(1)

    def dragged():
        box = pad.bounding_box()
        pad.click(position={"x": 0.75 * box["width"], "y": 0.5 * box["height"]})
        return float(re.search(r"the point at \((-?[\d.]+),", pad.get_attribute("aria-label"))[1].replace("−", "-"))

    far = dragged()
    for _ in range(2):
        frame.get_by_role("button", name="Zoom in").click()
    near = dragged()
    assert near == pytest.approx(far / 1.5**2, abs=0.06) and far > 3
    for _ in range(4):
        frame.get_by_role("button", name="Zoom out").click()
    assert dragged() == pytest.approx(far, abs=0.06)


def test_table_says_lengths_and_changes(opened):
    frame, generator = opened(generator="dcgan_mnist"), pretrained.load("dcgan_mnist")
    frame.frame.locator("summary", has_text="The walk in numbers").click()
    frame.frame.locator("tbody tr").first.wait_for()
    rows = [row.split("\t") for row in frame.frame.locator("tbody").inner_text().splitlines()]
    draws = drawn(32, 0, 0.25)
    _, points = walk(generator, draws, torch.linspace(0, 1, 11), a=1, b=2, path="arc", truncation=3.0)
    with torch.no_grad():
        x = generator(points)
    assert [float(row[1]) for row in rows] == pytest.approx(points.norm(dim=1).tolist(), abs=0.006)
    change = (x[1:] - x[:-1]).abs().mean((1, 2, 3)) * 50
    assert [float(row[2].split()[0]) for row in rows[1:]] == pytest.approx(change.tolist(), abs=0.06)


def test_every_preset_opens_with_its_question(opened):
    for name, preset in PRESETS.items():
        frame = opened(preset=name)
        assert frame.frame.text_content(".question") == preset["question"]
        assert frame.list("Question").input_value() == name
        frame.frame.locator("summary", has_text="What happens").click()
        assert preset["answer"] in frame.frame.locator("details").first.inner_text()


# What the answers say, measured

def nearest(x, real):
    return torch.cdist(x.flatten(1), real.images.flatten(1)).min(1)


def summed(x):
    """All changes from picture to picture together, in % of the way from black to white."""
    return float((x[1:] - x[:-1]).abs().mean((1, 2, 3)).sum()) * 50


def white(x):
    """The share of white in pictures, in %."""
    return (x + 1).mean((1, 2, 3)) * 50


@torch.no_grad()
def test_answer_of_chord():
    generator, draws = pretrained.load("dcgan_mnist"), drawn(32, 0, 0.25)
    t = torch.tensor([0.0, 0.5, 1.0])
    how = {"a": 7, "b": 6, "truncation": 3.0}
    arc, straight = (white(generator(walk(generator, draws, t, path=path, **how)[1])) for path in ("arc", "straight"))
    assert straight.tolist() == pytest.approx([15, 25, 16], abs=0.5)
    assert arc.tolist() == pytest.approx([15, 14, 16], abs=0.5)
    torch.manual_seed(0)
    z = torch.randn(1000, 32)
    half = torch.tensor([0.5])
    on_arc = torch.cat([spherical(a, b, half) for a, b in zip(z[:500], z[500:], strict=True)])
    assert float(white(generator((z[:500] + z[500:]) / 2)).mean()) == pytest.approx(17.5, abs=0.3)
    assert float(white(generator(on_arc)).mean()) == pytest.approx(13.0, abs=0.3)


@torch.no_grad()
def test_answer_of_centre():
    generator = pretrained.load("dcgan_mnist")
    assert generator(torch.zeros(1, 32)).abs().max() < 0.8, "no pixel is nearly black or white"
    assert chi.mean(32) == pytest.approx(5.6, abs=0.05) and chi.std(32) == pytest.approx(0.7, abs=0.05)
    settings = pretrained.record("dcgan_mnist")["settings"]
    seen = 2 * settings["steps"] * settings["batch"]  # one batch for each player
    assert seen == pytest.approx(3.6e6, rel=0.02) and seen * chi.cdf(2, 32) < 0.01
    torch.manual_seed(0)
    z = torch.randn(500, 32)
    z = z / z.norm(dim=1, keepdim=True) * math.sqrt(32)
    far, near = generator(1.5 * z), generator(z)
    assert white(far).mean() < 0.85 * white(near).mean(), "thin"
    real = images.mnist()
    assert nearest(far, real)[0].median() < nearest(near, real)[0].median() + 0.5, "still digits"


@torch.no_grad()
def test_answer_of_truncation():
    generator, real = pretrained.load("dcgan_mnist"), images.mnist()
    draws = [sample for seed in range(25) for sample in drawn(32, seed, 0.25)]
    z = {threshold: truncated(draws, threshold) for threshold in (0.5, 1.5, 2.0, math.inf)}
    assert float(z[0.5].norm(dim=1).mean()) == pytest.approx(1.6, abs=0.05)
    assert float(z[math.inf].norm(dim=1).mean()) == pytest.approx(5.6, abs=0.05)
    x = {threshold: generator(point) for threshold, point in z.items()}
    grey = {threshold: float((picture.abs() < 0.8).float().mean()) for threshold, picture in x.items()}
    assert grey[0.5] > 0.7 > 0.2 > grey[math.inf]
    distance = {threshold: float(nearest(picture, real)[0].median()) for threshold, picture in x.items()}
    assert min(distance[1.5], distance[2.0]) > distance[math.inf] - 0.05 and distance[0.5] > 1.5 * distance[math.inf]


@pytest.fixture(scope="module")
def fashion():
    generator = pretrained.load("style_fashion")
    torch.manual_seed(0)
    z = torch.randn(600, 32)
    with torch.no_grad():
        return generator, images.fashion_mnist(), z, generator.mapping(z)


@torch.no_grad()
def test_answer_of_mixing(fashion):
    generator, _, _, w = fashion
    a, b = w[:300], w[300:]

    def outline(x):
        return x > -0.7

    def overlap(x, y):
        x, y = outline(x), outline(y)
        return float(((x & y).sum((1, 2, 3)) / (x | y).sum((1, 2, 3)).clamp_min(1)).mean())

    def follows(x, y):
        return float(torch.corrcoef(torch.stack([brightness(x), brightness(y)]))[0, 1])

    whole, other = generator.synthesis(a, "none"), generator.synthesis(b, "none")
    mixed = {group: exchanged(generator, a, b, group) for group in GROUPS}
    assert follows(mixed["fine"], other) == pytest.approx(0.9, abs=0.04)
    assert follows(mixed["fine"], whole) == pytest.approx(0.1, abs=0.04)
    assert overlap(mixed["fine"], whole) > 0.75 > 0.6 > overlap(mixed["fine"], other)
    assert overlap(mixed["middle"], other) > overlap(mixed["middle"], whole) + 0.05
    assert overlap(mixed["coarse"], whole) > overlap(mixed["coarse"], other) + 0.05
    changed = {group: float((x - whole).abs().mean()) for group, x in mixed.items()}
    assert changed["middle"] == max(changed.values())


@torch.no_grad()
def test_answer_of_average(fashion):
    generator, real, _, w = fashion
    x = {psi: generator.synthesis(generator.truncate(w, psi), "none") for psi in (1.0, 0.5, 0.0, -1.0)}
    distance, place = zip(*(nearest(pictures_, real) for pictures_ in x.values()), strict=True)
    kinds = {psi: real.labels[p] for psi, p in zip(x, place, strict=True)}
    assert abs(distance[1].median() - distance[0].median()) < 0.1, "hardly nearer to real pictures"
    assert torch.pdist(x[0.5].flatten(1)).mean() < 0.9 * torch.pdist(x[1.0].flatten(1)).mean(), "more alike"
    whole, half = (torch.bincount(kinds[psi], minlength=10) for psi in (1.0, 0.5))
    trousers, pullover = (real.classes.index(name) for name in ("Trouser", "Pullover"))
    assert int(whole[trousers]) == pytest.approx(62, abs=3) and int(half[trousers]) == pytest.approx(4, abs=2)
    assert int((half / whole).argmin()) == trousers, "lost first"
    assert torch.pdist(x[0.0].flatten(1)).max() < 1e-3 and set(kinds[0.0].tolist()) == {pullover}
    shoes = torch.tensor([real.classes.index(name) for name in ("Sandal", "Sneaker", "Ankle boot")])
    shod = torch.isin(kinds[1.0], shoes)
    assert int(shod.sum()) == pytest.approx(201, abs=4) and not torch.isin(kinds[-1.0], shoes)[shod].any()


@torch.no_grad()
def test_answer_of_two_ways(fashion):
    generator, _, z, w = fashion
    t = torch.linspace(0, 1, 11)
    draws = drawn(32, 0)

    def drawn_at(points):
        return summed(generator.synthesis(points, "none"))

    here = {path: drawn_at(walk(generator, draws, t, a=3, b=10, path=path, truncation=1.0)[1])
            for path in ("arc", "straight")}
    assert here == pytest.approx({"arc": 82, "straight": 65}, abs=0.6)
    arc = [drawn_at(generator.mapping(spherical(z[i], z[100 + i], t))) for i in range(100)]
    straight = [drawn_at((1 - t[:, None]) * w[i] + t[:, None] * w[100 + i]) for i in range(100)]
    assert np.mean(arc) == pytest.approx(64, abs=1) and np.mean(straight) == pytest.approx(51, abs=1)
    assert sum(a > b for a, b in zip(arc, straight, strict=True)) >= 85


# In Python

def test_output():
    live = latent()
    assert len(live.html) < 330_000, "weights at most 250 KB, the picture and the program besides"
    assert modules("latent")[-1] == "latent" and live.picture.startswith(b"\x89PNG")
    assert latent().html == live.html, "the same every time"
    assert live.alt.startswith("Handwritten digits drawn by a small generator: 12 samples")


def test_own_generators():
    live = latent(generator=lively(StyleGenerator, 8, (12, 8, 4), 2), seed=3, fine="B")
    assert live.config["generator"]["kind"] == "style" and live.config["given"]["fine"] == "B"
    assert live.alt.startswith("Pictures drawn by") and live.config["questions"] == {}
    own = lively(DCGANGenerator, 5, (8, 4))
    own.train()
    assert latent(generator=own).config["generator"]["kind"] == "dcgan"
    assert own.training and own.norms, "only a copy is changed"


@pytest.mark.parametrize("given, kind, message", [
    ({"preset": "flying"}, ValueError, "latent: preset must be '.*, got 'flying'"),
    ({"generator": "gpt"}, ValueError, "latent: generator must be 'dcgan_mnist' or 'style_fashion', got 'gpt'"),
    ({"generator": nn.Linear(2, 2)}, TypeError, "latent: generator must be a DCGANGenerator, a StyleGenerator or a "
                                                "name of ganlib.pretrained, got Linear"),
    ({"generator": DCGANGenerator(1)}, ValueError, "latent: generator must have at least 2 latent dimensions, got 1"),
    ({"generator": DCGANGenerator(3, (4, 4), upsample=True)}, ValueError,
     "latent: generator must have transposed convolutions only, got one with upsample=True"),
    ({"generator": "classifier_mnist"}, ValueError, "latent: generator must be '.*, got 'classifier_mnist'"),
    ({"seed": -1}, ValueError, "latent: seed must be a whole number of at least 0, got -1"),
    ({"a": 0}, ValueError, "latent: a must be a whole number of at least 1, got 0"),
    ({"b": 13}, ValueError, "latent: b must be a sample from 1 to 12, got 13"),
    ({"path": "spiral"}, ValueError, "latent: path must be 'arc' or 'straight', got 'spiral'"),
    ({"truncation": 0.1}, ValueError, "latent: truncation must be from 0.25 to 3, got 0.1"),
    ({"truncation": 1.5, "generator": "style_fashion"}, ValueError, "truncation must be from -1 to 1, got 1.5"),
    ({"fine": "C", "generator": "style_fashion"}, ValueError, "fine must be 'here' or 'A' or 'B', got 'C'"),
    ({"coarse": "A"}, ValueError, "latent: coarse is for a StyleGenerator, got it with a DCGANGenerator"),
    ({"id": "No"}, ValueError, "id must be small letters"),
])
def test_errors_name_the_argument(given, kind, message):
    with pytest.raises(kind, match=message):
        latent(**given)
