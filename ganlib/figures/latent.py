"""The latent explorer: walk through the latent space of a small image generator."""

import base64
import math
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from ganlib import checks, pretrained
from ganlib.figures.live import Live
from ganlib.figures.plots import images, new
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.networks.stylegan import LAYERS, EqualLinear, ModulatedLayer, StyleGenerator

SAMPLES = 12
PATHS = ("arc", "straight")
SOURCES = ("here", "A", "B")
LIMITS = {"dcgan": (0.25, 3.0), "style": (-1.0, 1.0)}  # of the truncation; the second: none

PRESETS: dict[str, dict[str, Any]] = {
    "chord": {
        "generator": "dcgan_mnist", "settings": {"a": 7, "b": 6},
        "title": "Straight or round",
        "question": "From the 2 to the 8: first on the arc, then straight. Halfway on the straight line z is shorter "
                    "than those that G was trained on. Will there be less white, more, or as much?",
        "answer": "More: 25 % of the picture halfway on the straight line, 14 % on the arc, 15 and 16 % at the ends. "
                  "Over 500 pairs it is 17.5 % against 13.0 %. Where z is short this G draws fat, blurred digits; the "
                  "arc keeps to the lengths it knows."},
    "centre": {
        "generator": "dcgan_mnist", "settings": {},
        "title": "The most probable z",
        "question": "The density of z is highest at 0. Drag the point to the centre of the plane: does G draw its best "
                    "digit there, an average one, or none?",
        "answer": "None, a grey mist. The density is highest at 0, but so little space is near it that ‖z‖ = 5.6 ± 0.7 "
                  "for 32 normal numbers; of the 3.6 million z of this training most likely not one was shorter than "
                  "2. What G does there nobody has ever looked at. Farther out than √32 the digits stay, and become "
                  "thin."},
    "truncation": {
        "generator": "dcgan_mnist", "settings": {},
        "title": "Truncation in z",
        "question": "BigGAN's trick: a zᵢ beyond a threshold is drawn again. Pull the threshold down to 0.5. Do the "
                    "twelve digits become cleaner and more alike?",
        "answer": "No: they go under in grey. At 0.5 the length of z is 1.6 instead of 5.6, where this G has never "
                  "been; and at 1.5 or 2 they are not nearer to real digits than without. Many models of Brock et al. "
                  "2019 could not bear truncation either, fewer with a penalty on the weights that they found for it."},
    "mixing": {
        "generator": "style_fashion", "settings": {"a": 11, "b": 10},
        "title": "Style mixing",
        "question": "A is a dark dress, B a bright boot, and the point is at A. Let only the fine styles come from B: "
                    "will it change the kind of article, the outline or the brightness? And the middle styles?",
        "answer": "The fine styles, those of the layers at 28 × 28, bring B's brightness and leave A's outline: over "
                  "300 pairs the brightness follows B's with a correlation of 0.9, and A's with 0.1. The middle ones, "
                  "at 14 × 14, change most: the outline is then nearer to B's. With the coarse ones, at 7 × 7, it "
                  "stays nearer to A's. Nobody told the layers to share the work like this."},
    "average": {
        "generator": "style_fashion", "settings": {},
        "title": "Truncation in W",
        "question": "Pull every w halfway to the mean: ψ = 0.5. What do the twelve samples gain, what do they lose, "
                    "and what is lost first? And what is there at ψ = 0, and at −1?",
        "answer": "At 0.5 they are more like each other, and hardly nearer to real pictures. Lost first are trousers: "
                  "of 600 samples 62 at ψ = 1, only 4 at 0.5. At 0 all are the picture of w̄, a pullover. At −1 each "
                  "is its opposite: none of 201 shoes is a shoe any more."},
    "two_ways": {
        "generator": "style_fashion", "settings": {"a": 3, "b": 10},
        "title": "In z or in w",
        "question": "From the pullover to the boot: on the arc in z, mapped to w, or straight in w. On which way does "
                    "the picture change less, all steps together? The numbers below can be added up.",
        "answer": "Straight in w: here 65 % against 82 %, and on about 9 of 10 ways between other samples, 51 % "
                  "against 64 % on average. A line in w is the shortest way there; the arc, mapped, bends. Karras et "
                  "al. 2019 made this a measure, perceptual path length."},
}


def drawn(latent: int, seed: int, least: float | None = None) -> list[list[list[float]]]:
    """`SAMPLES` latents: for each entry the numbers drawn from N(0, 1) one after the other, until one is ≤ ``least``.

    Only those smaller than all before them are kept, because the first one within a threshold is always among them;
    so every threshold down to ``least`` is served. None: the first number alone. Rounded to four decimals.
    """
    stream = torch.Generator().manual_seed(seed)
    kept: list[list[list[float]]] = []
    for _ in range(SAMPLES):
        kept.append([])
        for _ in range(latent):
            entry = [round(float(torch.randn((), generator=stream)), 4)]
            while least is not None and abs(entry[-1]) > least:
                value = round(float(torch.randn((), generator=stream)), 4)
                if abs(value) < abs(entry[-1]):
                    entry.append(value)
            kept[-1].append(entry)
    return kept


def truncated(draws: list[list[list[float]]], threshold: float = math.inf) -> Tensor:
    """The truncation trick in z: of each entry the first draw of absolute value ≤ threshold, (samples, latent).

    Source: Brock, Donahue & Simonyan 2019, section 3.1 (values beyond the threshold are drawn again).
    """
    return torch.tensor([[next((v for v in entry if abs(v) <= threshold), entry[-1]) for entry in sample]
                         for sample in draws])


def spherical(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """From a to b (latent,) along the great circle, at t (n,): (n, latent). Source: White 2016, section 2.1."""
    angle = torch.arccos((a @ b / (a.norm() * b.norm())).clamp(-1, 1))
    t = t[:, None]
    if angle.sin() <= 1e-6:
        return (1 - t) * a + t * b
    return (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()


@torch.no_grad()
def walk(generator: DCGANGenerator | StyleGenerator, draws: list[list[list[float]]], t: Tensor, *, a: int, b: int,
         path: str, truncation: float) -> tuple[Tensor, Tensor]:
    """Both ends, (2, latent), and the points at t of the way from sample a to sample b, (n, latent).

    They are z, or w of a style generator, truncated.
    """
    if isinstance(generator, StyleGenerator):
        z = truncated(draws)[[a - 1, b - 1]]
        ends = generator.truncate(generator.mapping(z), truncation)
        if path == "arc":
            return ends, generator.truncate(generator.mapping(spherical(z[0], z[1], t)), truncation)
    else:
        ends = truncated(draws, math.inf if truncation == LIMITS["dcgan"][1] else truncation)[[a - 1, b - 1]]
        if path == "arc":
            return ends, spherical(ends[0], ends[1], t)
    return ends, (1 - t[:, None]) * ends[0] + t[:, None] * ends[1]


@torch.no_grad()
def pictures(generator: DCGANGenerator | StyleGenerator, points: Tensor, ends: Tensor,
             mixing: dict[str, str]) -> Tensor:
    """Pictures at z or w (n, latent), the styles of a style generator mixed: from the point, from A or from B."""
    if isinstance(generator, DCGANGenerator):
        return generator(points)
    sources = {"here": points, "A": ends[:1].expand_as(points), "B": ends[1:].expand_as(points)}
    return generator.synthesis(torch.stack([sources[mixing[group]] for group in LAYERS], 1), noise="none")


class _Writer:
    """Weights in the order in which js/generator.js reads them."""

    def __init__(self) -> None:
        self.bytes: list[np.ndarray] = []
        self.floats: list[np.ndarray] = []

    def kernel(self, weight: Tensor, gain: float = 1.0) -> None:
        """(out, in) as (in, out); (in, out, height, width) as (in, height, width, out); the scales before."""
        numbers, scale = pretrained.quantise(weight, 0 if weight.dim() == 2 else 1)
        self.number(scale.flatten() * gain)
        self.bytes.append((numbers.T if numbers.dim() == 2 else numbers.permute(0, 2, 3, 1)).numpy())

    def number(self, values: Tensor) -> None:
        self.floats.append(values.numpy())

    def packed(self) -> dict[str, str]:
        def text(parts: list[np.ndarray], kind: str) -> str:
            return base64.b64encode(np.concatenate([p.ravel() for p in parts]).astype(kind).tobytes()).decode()
        return {"bytes": text(self.bytes, "i1"), "floats": text(self.floats, "<f4")}


@torch.no_grad()
def packed(generator: DCGANGenerator | StyleGenerator) -> dict[str, Any]:
    """A generator as the JSON that class Generator of js/generator.js takes.

    A dense layer is [inputs, outputs], a convolution [inputs, outputs, kernel, stride, side of its input].
    """
    writer = _Writer()

    def dense(layer: EqualLinear) -> list[int]:
        writer.kernel(layer.weight, layer.gain)
        writer.number(layer.bias * layer.rate)
        return [layer.weight.shape[1], layer.weight.shape[0]]

    def convolution(weight: Tensor, bias: Tensor, stride: int, side: int, gain: float = 1.0) -> list[int]:
        writer.kernel(weight, gain)
        writer.number(bias)
        return [*weight.shape[:3], stride, side]

    def styled(layer: ModulatedLayer, side: int) -> list[Any]:
        style = dense(layer.style)
        return [style, convolution(layer.weight, layer.bias, layer.stride, side, layer.gain), layer.demodulate]

    if isinstance(generator, DCGANGenerator):
        layers: list[Any] = [convolution(layer.weight, layer.bias, layer.stride[0], side)
                             for layer, side in zip(generator.layers, (1, 7, 14), strict=True)]
        return {"kind": "dcgan", "latent": generator.latent, "layers": layers, **writer.packed()}
    writer.number(generator.mean_w)
    maps = [dense(layer) for layer in generator.maps]
    writer.kernel(generator.constant)
    layers = [styled(layer, side) for layer, side in zip(generator.layers, (7, 7, 14, 14, 28, 28), strict=True)]
    return {"kind": "style", "latent": generator.latent, "maps": maps, "layers": layers, **writer.packed()}


def picture(samples: Tensor, way: Tensor) -> Figure:
    """The samples in two rows, and the way from A to B."""
    fig, axes = new(1, 2, width=6.8, height=1.6, layout="constrained", gridspec_kw={"height_ratios": (2, 1)})
    images(samples, SAMPLES // 2, axes=axes[0])
    images(way, len(way), axes=axes[1])
    axes[0].set_title(f"{len(samples)} samples", fontsize=9)
    axes[1].set_title("from A to B", fontsize=9)
    return fig


def latent(preset: str | None = None, *, generator: str | nn.Module | None = None, seed: int | None = None,
           a: int | None = None, b: int | None = None, path: str | None = None, truncation: float | None = None,
           coarse: str | None = None, middle: str | None = None, fine: str | None = None, id: str = "latent") -> Live:
    """Walk through the latent space of a small image generator (chapters 11, 14 and 17).

    preset:     a question of `PRESETS`, with its generator and settings; what else is given goes over them, and then
                nothing is asked.
    generator:  a name of `ganlib.pretrained`, or a DCGANGenerator or StyleGenerator of one's own, of which a copy with
                8-bit weights is shown, with its noise inputs at 0.
    seed:       of the 12 latents from N(0, I) that are the samples.
    a, b:       numbers of the samples, 1 to 12, between which to walk.
    path:       ``arc``, along the great circle in z (White 2016; mapped to w), or ``straight``, in z or in w.
    truncation: DCGANGenerator: entries with |zᵢ| above it are drawn again (Brock et al. 2019), 0.25 to 3, where 3 is
                none. StyleGenerator: ψ in w̄ + ψ (w − w̄) (Karras et al. 2019, appendix B), −1 to 1.
    coarse, middle, fine: of a StyleGenerator, whose styles the layers at 7 × 7, 14 × 14 and 28 × 28 get: of the point
                (``here``), of ``A`` or of ``B`` (style mixing, Karras et al. 2019, section 3.1).
    Errors:     `ValueError` or `TypeError` names the argument, what came and what was expected.
    """
    mixing = {"coarse": coarse, "middle": middle, "fine": fine}
    given = {"generator": generator, "seed": seed, "a": a, "b": b, "path": path, "truncation": truncation, **mixing}
    own = {name: value for name, value in given.items() if value is not None}
    asked = {} if preset is None else PRESETS[checks.one_of("latent", "preset", preset, PRESETS)]
    source = own.get("generator", asked.get("generator", "dcgan_mnist"))
    if isinstance(source, nn.Module):
        if not isinstance(source, DCGANGenerator | StyleGenerator):
            raise TypeError("latent: generator must be a DCGANGenerator, a StyleGenerator or a name of "
                            f"ganlib.pretrained, got {type(source).__name__}")
        if source.latent < 2:
            raise ValueError(f"latent: generator must have at least 2 latent dimensions, got {source.latent}")
        if getattr(source, "upsample", False):
            raise ValueError("latent: generator must have transposed convolutions only, got one with upsample=True")
        model: Any = pretrained.quantised(source)
        title = "pictures"
    else:
        known = pretrained.names("DCGANGenerator", "StyleGenerator")
        model = pretrained.load(checks.one_of("latent", "generator", source, known))
        title = pretrained.record(source)["title"]
    kind = "style" if isinstance(model, StyleGenerator) else "dcgan"
    least, most = LIMITS[kind]
    if kind == "dcgan" and (named := [name for name, value in mixing.items() if value is not None]):
        raise ValueError(f"latent: {named[0]} is for a StyleGenerator, got it with a DCGANGenerator")
    start = {"a": 1, "b": 2, "path": PATHS[0], "truncation": most, "coarse": "here", "middle": "here", "fine": "here"}
    now = start | (asked.get("settings", {}) if asked.get("generator") == source else {}) | own
    now = {name: now[name] for name in start}
    for name in ("a", "b"):
        if checks.count("latent", name, now[name]) > SAMPLES:
            raise ValueError(f"latent: {name} must be a sample from 1 to {SAMPLES}, got {now[name]}")
    checks.one_of("latent", "path", now["path"], PATHS)
    for name in mixing:
        checks.one_of("latent", name, now[name], SOURCES)
    if not least <= checks.number("latent", "truncation", now["truncation"]) <= most:
        raise ValueError(f"latent: truncation must be from {least:g} to {most:g}, got {now['truncation']!r:.80}")
    draws = drawn(model.latent, checks.count("latent", "seed", seed or 0, least=0), least if kind == "dcgan" else None)

    # The questions name samples, so they are for the samples that they were written for.
    questions = {} if seed else {
        name: {"title": one["title"], "question": one["question"], "answer": one["answer"],
               "settings": start | one["settings"]} for name, one in PRESETS.items() if one["generator"] == source}
    config: dict[str, Any] = {"generator": packed(model), "samples": draws, "questions": questions,
                              "given": now | {"question": preset if preset and not own else ""}}
    ends, points = walk(model, draws, torch.linspace(0, 1, 11), a=now["a"], b=now["b"], path=now["path"],
                        truncation=now["truncation"])
    several = torch.cat([walk(model, draws, torch.zeros(1), a=i + 1, b=i + 1, path="straight",
                              truncation=now["truncation"])[1] for i in range(SAMPLES)])
    shown = pictures(model, several, ends, dict.fromkeys(mixing, "here"))
    way = pictures(model, points, ends, {name: now[name] for name in mixing})
    asks = bool(config["given"]["question"])
    heights = (730 + 40 * (kind == "style") + 70 * asks, 975 + 95 * (kind == "style") + 135 * asks)
    return Live("latent", config, title="The latent space: walk from one picture to another",
                alt=f"{title[0].upper()}{title[1:]} drawn by a small generator: {SAMPLES} samples, and below them "
                    f"eleven pictures on the way from sample {now['a']} to sample {now['b']}.",
                picture=picture(shown, way), id=id, heights=heights)
