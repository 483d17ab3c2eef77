"""The training player: a recorded run to scrub through, its samples, the discriminator's map and the losses.

`recorder` makes the probes, `player` shows what they recorded:

    history = train(game, data, steps=4000, probes=figures.recorder(data), probe_every=50)
    figures.player(history)

The probes it knows by name, for V visits; all but the first may be missing:

    samples  (V, n, 2) points or (V, n, 1 or 3, H, W) pictures in [−1, 1], from the same n latents at each visit
    real     the same for the data, the same samples at each visit
    map      (V, m, m) logits of the discriminator at the centres of m × m pixels over [−limit, limit]², row 0 lowest
    limit    (V,) the map's limit, the same at each visit
    others   if they are one number a visit, lines over the steps

What the figure shows is rounded. Positions: to 2¹² down to 2⁸ places over [−limit, limit], as many as fit, so that
they are off by at most limit/4095 up to limit/255; samples outside are put on the edge. Probabilities: by at most
1/254 or 1/126. Losses: of more than 200 steps the means over 200 stretches, and as a band the least and the greatest
of each, all to 1/65534 of their range. Pictures: WebP, without loss if that fits.
"""

import base64
import gzip
import html
import io
import json
import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from ganlib import checks, draws
from ganlib.figures import plots
from ganlib.figures.live import Live
from ganlib.games import Game
from ganlib.training import History

BUDGET = 150_000  # bytes of everything recorded, as they stand in the output
PRECISIONS = ((12, 7), (11, 7), (10, 7), (10, 6), (9, 6), (8, 6))  # bits of a coordinate, of a probability
QUALITIES = (None, 90, 75, 60, 45)  # of WebP; None is without loss
BINS = 200  # points of a loss curve
VISITS = 20  # pictures are left out until so many visits fit
LEAST = 5  # visits worth showing
LOGISTIC = ("minimax", "non_saturating")  # losses whose logit l means D = σ(l); of others only the order is shown
RECORD = "record it with train(…, probes=figures.recorder(data))"
ALT = {"points": "A training run at its first, middle and last recorded step: real samples as circles and generated "
                 "samples as crosses over the discriminator's map, and both players' losses against the step.",
       "pictures": "Pictures that the generator makes of the same latents at the first, middle and last recorded step "
                   "of a training run, and both players' losses against the step."}


# ---- recording
def _drawn(data: Any, rows: int) -> np.ndarray:
    """The same ``rows`` samples each time; torch's global generator is left as it was."""
    with torch.random.fork_rng(), draws.alone():
        torch.manual_seed(0)
        return data.sample(rows).detach().cpu().numpy()


def _kind(function: str, name: str, samples: np.ndarray) -> str:
    """Of samples (n, …): "points" or "pictures"."""
    if samples.ndim == 2 and samples.shape[1] == 2:
        return "points"
    if samples.ndim == 4 and samples.shape[1] in (1, 3):
        return "pictures"
    raise ValueError(f"{function}: {name} must be points (n, 2) or pictures (n, 1 or 3, H, W), "
                     f"got shape {samples.shape}")


def recorder(data: Any, points: int | None = None, map_points: int = 32, limit: float | None = None,
             average: bool = False) -> dict[str, Callable[[Game], Any]]:
    """Probes for `train` and `ensemble` that record what `player` shows; join others to them with ``|``.

    data:       what the game is trained on, samples (n, 2) or (n, 1 or 3, H, W).
    points:     how many samples; left out, 256 points or 64 pictures.
    map_points: pixels along a side of the discriminator's map (points only).
    limit:      the map is over [−limit, limit]²; left out, a third more than the data's largest coordinate.
    average:    record the generator's moving average, which ``ema_decay`` keeps.
    """
    if not hasattr(data, "sample"):
        raise TypeError(f"recorder: data must have a method sample(rows), got {type(data).__name__}")
    checks.count("recorder", "map_points", map_points, least=2)
    kind = _kind("recorder", "what data.sample returns", _drawn(data, 1))
    rows = checks.count("recorder", "points", points if points is not None else 256 if kind == "points" else 64)
    real = _drawn(data, rows)
    probes: dict[str, Callable[[Game], Any]] = {"samples": lambda game: game.generate(rows, average),
                                                "real": lambda game: real}
    if kind == "pictures":
        return probes
    side = (math.ceil(13.3 * float(np.abs(_drawn(data, 1024)).max())) / 10 if limit is None
            else checks.number("recorder", "limit", limit, above=0))
    ticks = side * ((2 * torch.arange(map_points) + 1) / map_points - 1)
    places = torch.cartesian_prod(ticks, ticks).flip(1)  # (map_points², 2), second coordinate slowest

    def seen(game: Game) -> Tensor:
        with torch.no_grad():  # where the discriminator judges packs, packs of equal points
            logits = game.discriminator(places.to(**game.place).repeat(1, game.pack))
        return logits.reshape(map_points, map_points)

    return probes | {"map": seen, "limit": lambda game: side}


# ---- what is shown
@dataclass
class _Show:
    """Everything but how exact, and at which visits."""

    runs: list[History]
    labels: list[str]
    kind: str
    shown: int  # samples at a visit
    reals: list[np.ndarray | None]  # one a run, (n, …)
    limit: float | None  # of points
    orders: list[np.ndarray]  # of points, one a run
    lines: list[str]

    @property
    def steps(self) -> np.ndarray:
        """Of all visits of all runs."""
        return np.unique(np.concatenate([run.probe_steps for run in self.runs]))


def player(history: History | Sequence[History], *, labels: Sequence[str] | None = None, real: Any = None,
           limit: float | None = None, lines: Sequence[str] | None = None, samples: int | None = None,
           question: str = "", answer: str = "", title: str = "A recorded training run", alt: str | None = None,
           id: str = "player") -> Live:
    """A recorded run, or up to four side by side, to play, to step through and to drag.

    history:  what `train` returned, or several of them, such as members of an `ensemble`.
    labels:   the runs' names; left out, their seeds where there are several.
    real:     real samples (n, 2) or (n, 1 or 3, H, W), or data to draw them from; left out, what was recorded.
    limit:    show [−limit, limit]²; left out, what was recorded, or what holds nearly all samples.
    lines:    which probes with one number a visit to draw; left out, all that all runs have.
    samples:  how many of the samples of a visit; left out, at most 256 points or 64 pictures.
    question, answer: to think about before playing; the answer is folded.
    alt:      what the picture shows, where the program cannot run; left out, what it shows in general.

    Everything recorded takes at most 150,000 bytes of the output. If it does not fit, positions and pictures lose
    precision first; then pictures are left out, then visits. The figure says what it shows, and how exactly.

    Errors: `ValueError` that says which probe is missing and how to record it, or that even less does not fit.
    """
    show = _show(history, labels, real, limit, lines, samples)
    config = _fitted(show, {"question": question, "answer": answer})
    return Live("player", config, title=title, alt=alt or ALT[show.kind], picture=_picture(show, config["steps"]),
                id=id, heights=_heights(show, config))


def _show(history: Any, labels: Any, real: Any, limit: Any, lines: Any, samples: Any) -> _Show:
    runs = [history] if isinstance(history, History) else list(history)
    if not 1 <= len(runs) <= 4 or not all(isinstance(run, History) for run in runs):
        raise ValueError(f"player: history must be one History, or two to four of them, got {history!r:.80}")
    if labels is None:
        labels = [f"seed {run.seed}" for run in runs] if len(runs) > 1 else [""]
    if isinstance(labels, str) or len(labels) != len(runs) or not all(isinstance(label, str) for label in labels):
        raise ValueError(f"player: labels must be {len(runs)} strings, one for each history, got {labels!r:.80}")
    for run in runs:
        if not run.steps:
            raise ValueError("player: history must have at least one step, got one without")
        if "samples" not in run.probes:
            raise ValueError(f"player: the probe 'samples' is missing from the history of seed {run.seed}, which has "
                             f"{', '.join(run.probes) or 'none'}; {RECORD}")
    shapes = [run.probes["samples"].shape for run in runs]
    kind = _kind("player", "each visit to the probe 'samples'", runs[0].probes["samples"][0])
    if len({shape[2:] for shape in shapes}) > 1:
        raise ValueError(f"player: all histories must have samples of one shape, got {', '.join(map(str, shapes))}")
    rows = samples if samples is not None else 256 if kind == "points" else 64
    show = _Show(runs, list(labels), kind, min(checks.count("player", "samples", rows), *(s[1] for s in shapes)),
                 [], None, [], [])
    for run in runs:
        checks.numbers("player", "the probe 'samples'", run.probes["samples"], dims=len(shapes[0]), dtype=torch.float64)
        given = run.probes["real"][0] if real is None and "real" in run.probes else real
        if given is not None:
            given = _drawn(given, show.shown) if hasattr(given, "sample") else np.asarray(given)
            if given.shape[1:] != shapes[0][2:]:
                raise ValueError(f"player: real must have samples like those generated, shape {shapes[0][2:]}, "
                                 f"got {given.shape[1:]}")
        show.reals.append(given[:show.shown] if given is not None else None)
    if kind == "points":
        show.limit = _limit(show, limit)
        show.orders = [_order(run.probes["samples"][:, :show.shown].clip(-show.limit, show.limit)) for run in runs]
    elif limit is not None:
        raise ValueError(f"player: limit is for points; these samples are pictures, got limit={limit!r}")
    show.lines = _lines(runs, lines)
    return show


def _limit(show: _Show, limit: Any) -> float:
    recorded = {float(run.probes["limit"][0]) for run in show.runs if "limit" in run.probes}
    if limit is not None:
        recorded.add(checks.number("player", "limit", limit, above=0))
    mapped = [run for run in show.runs if "map" in run.probes]
    for run in mapped:
        if run.probes["map"].ndim != 3 or run.probes["map"].shape[1] != run.probes["map"].shape[2]:
            raise ValueError("player: the probe 'map' must have shape (visits, m, m), the discriminator's logits, got "
                             f"{run.probes['map'].shape}; {RECORD}")
        checks.numbers("player", "the probe 'map'", run.probes["map"], dims=3, dtype=torch.float64)
    if mapped and not recorded:
        raise ValueError(f"player: the probe 'map' lies over [−limit, limit]², but 'limit' is missing; {RECORD}, "
                         "or give limit=…")
    if mapped and len(recorded) > 1:
        raise ValueError("player: limit must be that of the recorded maps and one for all, got "
                         f"{' and '.join(f'{one:g}' for one in sorted(recorded))}; give recorder the same limit=…")
    if limit is not None or recorded:
        return float(limit) if limit is not None else max(recorded)
    extents = [float(np.abs(real).max()) for real in show.reals if real is not None]
    extents += [float(np.quantile(np.abs(run.probes["samples"]), 0.98)) for run in show.runs]
    return math.ceil(11 * max(extents)) / 10


def _order(points: np.ndarray) -> np.ndarray:
    """An order of points (visits, n, 2) in which each is followed by the nearest one left, over all visits together.

    What moves together then stands together, and the differences to the one before are small: 40 % of the bytes.
    """
    paths = points.transpose(1, 0, 2).reshape(points.shape[1], -1)  # (n, 2·visits)
    if len(paths) > 2048:
        return np.arange(len(paths))
    left = np.arange(1, len(paths))
    order = [0]
    while len(left):
        nearest = int(np.abs(paths[left] - paths[order[-1]]).sum(1).argmin())
        order.append(int(left[nearest]))
        left = np.delete(left, nearest)
    return np.array(order)


def _lines(runs: list[History], lines: Any) -> list[str]:
    def scalar(run: History, name: str) -> bool:
        return name in run.probes and run.probes[name].size == len(run.probe_steps)

    found = [name for name in runs[0].probes if name not in ("samples", "real", "map", "limit")
             and all(scalar(run, name) for run in runs)]
    if lines is None:
        return found
    if isinstance(lines, str) or not set(lines) <= set(found):
        raise ValueError("player: lines must be a list of probes with one number a visit in all histories, "
                         f"got {lines!r}; there are: {', '.join(found) or 'none'}")
    return list(lines)


# ---- how it is written down
class _Parts:
    """Bytes one after another, and for each part what js/decode.js must know about it."""

    def __init__(self) -> None:
        self.known: list[Any] = []
        self.content: list[bytes] = []

    def add(self, content: bytes, description: Any) -> int:
        """Its place; what is there already is not added again."""
        for i, (known, there) in enumerate(zip(self.known, self.content, strict=True)):
            if known == description and there == content:
                return i
        self.known.append(description)
        self.content.append(content)
        return len(self.known) - 1

    def numbers(self, values: np.ndarray, low: float, high: float, bits: int, *differences: tuple[int, ...]) -> int:
        """Values rounded to 2^bits places over [low, high], as differences along those axes that take least."""
        step = (high - low) / (2**bits - 1)
        whole = np.rint((values.clip(low, high) - low) / step).astype(np.int64) if step else np.zeros(values.shape, int)
        best: tuple[bytes, Any] | None = None
        for along in ((), *differences):
            stored = whole
            for axis in along:
                stored = np.diff(stored, axis=axis, prepend=0)
            if along:
                stored = (stored << 1) ^ (stored >> 63)  # 0, −1, 1, −2 … become 0, 1, 2, 3 …
            planes = 1 if stored.max() < 256 else 2
            content = b"".join((stored >> 8 * i & 255).astype(np.uint8).tobytes() for i in range(planes))
            if best is None or len(zlib.compress(content)) < len(zlib.compress(best[0])):
                best = content, {"shape": values.shape, "low": low, "step": step, "along": along, "planes": planes}
        assert best is not None
        return self.add(*best)

    def text(self) -> str:
        """All of it; equal parts give equal text."""
        return base64.b64encode(gzip.compress(b"".join(self.content), 9, mtime=0)).decode()


def _bytes(config: dict[str, Any]) -> int:
    return len(html.escape(json.dumps(config, ensure_ascii=False, separators=(",", ":"))).encode())


def _fitted(show: _Show, words: dict[str, Any]) -> dict[str, Any]:
    """The finest recording that is within the budget together with these words."""
    every = np.arange(len(show.steps))
    pictures = _Pictures(show) if show.kind == "pictures" else None
    finest: list[dict[str, Any]] = ([{"bits": bits} for bits in PRECISIONS] if pictures is None else
                                    [{"pictures": pictures, "quality": q, "count": show.shown} for q in QUALITIES])
    size = 0
    for i, precision in enumerate(finest):
        if i and i < len(finest) - 1 and size > 3 * BUDGET:
            continue  # a step or two less will not do
        config = words | _config(show, every, **precision)
        if (size := _bytes(config)) <= BUDGET:
            return config
    coarsest, whole = finest[-1], size
    counts = [show.shown] + [n * n for n in range(8, 3, -1) if n * n < show.shown]
    for count in counts if pictures is not None else [show.shown]:
        # A tenth more than what should fit, then fewer.
        visits = min(len(every), int(1.1 * len(every) * BUDGET / whole * show.shown / count))
        least = min(len(every), LEAST if count == counts[-1] or pictures is None else VISITS)
        while visits >= least:
            some = np.linspace(0, len(every) - 1, visits).round().astype(int)
            config = words | _config(show, some, **coarsest | ({"count": count} if pictures is not None else {}))
            if (size := _bytes(config)) <= BUDGET:
                return config
            visits = min(visits - 1, int(visits * BUDGET / size))
    raise ValueError(f"player: the recording takes {whole:,} bytes at its coarsest, and of {BUDGET:,} not even {LEAST} "
                     "visits can be made; show fewer histories or samples (samples=…), or record a smaller map")


class _Pictures:
    """Sheets of pictures as WebP, each made once."""

    def __init__(self, show: _Show) -> None:
        self.show = show
        self.made: dict[Any, tuple[bytes, float]] = {}

    def sheet(self, run: int | None, visit: int, count: int, quality: int | None) -> tuple[bytes, float]:
        """Its file, and the mean squared error of its pixels in 0 … 255; run None is the real pictures."""
        if (key := (run, visit, count, quality)) not in self.made:
            some = self.show.reals[visit] if run is None else self.show.runs[run].probes["samples"][visit]
            assert some is not None
            pixels = arranged(some[:count])
            file = io.BytesIO()
            how: dict[str, Any] = {"lossless": True} if quality is None else {"quality": quality}
            Image.fromarray(pixels).save(file, "WEBP", method=4, **how)
            with Image.open(file) as image:
                kept = np.asarray(image.convert("L" if pixels.ndim == 2 else "RGB"), float)
            self.made[key] = file.getvalue(), float(np.square(kept - pixels).mean())
        return self.made[key]


def arranged(pictures: np.ndarray) -> np.ndarray:
    """Pictures (n, 1 or 3, H, W) in [−1, 1] on one sheet of bytes, (rows·H, columns·W) or with 3 colours last."""
    n, channels, height, width = pictures.shape
    columns = math.ceil(math.sqrt(n))
    rows = -(-n // columns)
    full = np.full((rows * columns, channels, height, width), -1.0)
    full[:n] = pictures.clip(-1, 1)
    sheet = full.reshape(rows, columns, channels, height, width).transpose(0, 3, 1, 4, 2)
    sheet = np.rint((sheet.reshape(rows * height, columns * width, channels) + 1) * 127.5).astype(np.uint8)
    return sheet[..., 0] if channels == 1 else sheet


def _config(show: _Show, visits: np.ndarray, *, bits: tuple[int, int] = (0, 0), pictures: _Pictures | None = None,
            quality: int | None = None, count: int = 0) -> dict[str, Any]:
    """What js/player.js starts from, for these visits (places in ``show.steps``)."""
    parts = _Parts()
    steps = show.steps[visits]
    runs, errors = [], []
    for i, run in enumerate(show.runs):
        kept = np.flatnonzero(np.isin(run.probe_steps, steps))
        entry: dict[str, Any] = {"label": show.labels[i], "length": run.steps, "points": None, "map": None,
                                 "real": None, "steps": run.probe_steps[kept].tolist()}
        if show.limit is not None:
            points, real = run.probes["samples"][kept][:, show.orders[i]], show.reals[i]
            entry["samples"] = points.shape[1]
            entry["points"] = parts.numbers(points, -show.limit, show.limit, bits[0], (0,), (1,), (0, 1))
            if real is not None:
                entry["real"] = parts.numbers(real, -show.limit, show.limit, bits[0])
            if "map" in run.probes:
                entry["map"] = parts.numbers(_map(run)[kept], 0, 1, bits[1], (0,), (1, 2), (0, 1, 2))
                entry["pixels"] = run.probes["map"].shape[1]
        elif pictures is not None:
            entry["sheets"] = []
            for visit in kept:
                content, error = pictures.sheet(i, int(visit), count, quality)
                entry["sheets"].append(parts.add(content, len(content)))
                errors.append(error)
        mean, band = _curves(run)
        entry |= {"bins": mean.shape[1], "mean": parts.numbers(mean, mean.min(), mean.max(), 15, (1,)),
                  "band": parts.numbers(band, band.min(), band.max(), 15, (1,)),
                  "levels": _levels(run), "lines": [_rounded(run.probes[name][kept]) for name in show.lines]}
        runs.append(entry)
    first = next((i for i, real in enumerate(show.reals) if real is not None), None)
    real_sheet = None
    if pictures is not None and first is not None:
        content, error = pictures.sheet(None, first, count, quality)
        real_sheet = parts.add(content, len(content))
    height, width = show.runs[0].probes["samples"].shape[-2:]
    columns = math.ceil(math.sqrt(count))
    aspect = 1.0 if pictures is None else columns * width / (-(-count // columns) * height)
    return {"kind": show.kind, "limit": show.limit, "names": show.lines, "steps": steps.tolist(), "runs": runs,
            "real": real_sheet, "aspect": aspect, "key": _key(show),
            "note": _note(show, visits, bits, quality, count, errors), "parts": parts.known, "data": parts.text()}


def _map(run: History) -> np.ndarray:
    """In [0, 1]: the probability D, or where logits are none, their place between each visit's least and greatest."""
    logits = run.probes["map"].astype(float)
    if run.game.loss.name in LOGISTIC:
        return torch.sigmoid(torch.from_numpy(logits)).numpy()
    low, high = logits.min((1, 2), keepdims=True), logits.max((1, 2), keepdims=True)
    return np.where(high > low, (logits - low) / np.where(high > low, high - low, 1), 0.5)


def _curves(run: History) -> tuple[np.ndarray, np.ndarray]:
    """Over B equal stretches: means (2, B), least and greatest (4, B) of D's loss, then of G's."""
    bins = min(BINS, run.steps)
    edges = np.arange(bins + 1) * run.steps // bins
    starts = edges[:-1]
    both = np.stack([run.discriminator_loss, run.generator_loss])  # (2, steps)
    mean = np.add.reduceat(both, starts, axis=1) / np.diff(edges)
    least, greatest = (f.reduceat(both, starts, axis=1) for f in (np.minimum, np.maximum))
    return mean, np.stack([least, greatest], 1).reshape(4, -1)


def _levels(run: History) -> list[float]:
    """Both losses where D says ½ everywhere, for losses where that is an equilibrium."""
    half = torch.zeros(1, 1)
    loss = run.game.loss
    return [float(loss.discriminator(half, half)), float(loss.generator(half))] if loss.name in LOGISTIC else []


def _rounded(values: np.ndarray) -> list[float | None]:
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in values.astype(float).flatten()]


def _key(show: _Show) -> str:
    levels = any(run.game.loss.name in LOGISTIC for run in show.runs)
    losses = ("Dotted: the losses where D is ½ everywhere. " if levels else "") + "Drag in a curve to move the cursor."
    if show.kind == "pictures":
        return f"The same latents at each visit. {losses}"
    scored = [run.game.loss.name not in LOGISTIC for run in show.runs if "map" in run.probes]
    behind = "" if not scored else " Behind them D: orange says real, purple says generated."
    if any(scored):
        behind = " Behind them the critic's score, at each visit from the least (purple) to the greatest (orange)."
        behind += "" if all(scored) else " For other losses D, from 0 to 1."
    circles = "Circles are real, crosses generated" if any(real is not None for real in show.reals) else (
        "Crosses are generated")
    return f"{circles}, from the same latents at each visit.{behind} {losses}"


def _note(show: _Show, visits: np.ndarray, bits: tuple[int, int], quality: int | None, count: int,
          errors: list[float]) -> str:
    """What is shown of what was recorded, and how exactly."""
    recorded = min(run.probes["samples"].shape[1] for run in show.runs)
    sentence = f"Shown: {len(visits):,} of {len(show.steps):,} recorded visits"
    if show.limit is not None:
        sentence += f", {show.shown:,} of {recorded:,} samples, positions to ±{show.limit / (2**bits[0] - 1):.1g}"
        mapped = any("map" in run.probes for run in show.runs)
        sentence += f", D to ±{0.5 / (2**bits[1] - 1):.1g}" if mapped else ""
    else:
        sentence += f", {count:,} of {recorded:,} pictures, " + (
            "every pixel as recorded to 1/255" if quality is None else
            f"pixels to ±{np.sqrt(np.mean(errors)):.1f} of 255 (root mean square)")
    width = max(run.steps / BINS for run in show.runs)
    return sentence + (f"; a loss is the mean over {math.ceil(width)} steps at most, its band from the least to the "
                       "greatest." if width > 1 else "; losses at every step.")


# ---- the picture
def _heights(show: _Show, config: dict[str, Any]) -> tuple[int, int]:
    """About how high the figure is in a frame 1,000 and 360 pixels wide; js/player.js has the same layout."""
    several = len(show.runs) > 1

    def height(width: int) -> int:
        inner = width - 16
        in_row = (inner + 10) // ((150 if several else 230) + 10)
        columns = len(show.runs) + (not several) + (config["real"] is not None)
        wide = min(420.0, (inner + 10) / min(in_row, columns) - 10)
        samples = wide / config["aspect"] + 28
        curves = (1 + bool(show.lines)) * (max(100, wide / 2.4) + 28)
        high = [samples] * (config["real"] is not None)
        high += [samples + curves] * len(show.runs) if several else [samples, curves]
        total = sum(max(high[i:i + in_row]) + 8 for i in range(0, columns, in_row))
        status = len(show.runs) * (40 + 15 * len(show.lines))
        for letters in (len(config["question"]), len(config["key"]), status, len(config["note"])):
            total += (21 * math.ceil(letters * 7.6 / inner) + 8) * (letters > 0)
        return math.ceil(total + 36 * bool(config["answer"]) + (180 if width > 640 else 300))

    return height(1000), height(360)


def _picture(show: _Show, steps: list[int]) -> Figure:
    figure, grid = plots.new(4, len(show.runs), width=2.1, height=2.3, squeeze=False)
    for i, (run, row) in enumerate(zip(show.runs, grid, strict=True)):
        kept = np.flatnonzero(np.isin(run.probe_steps, steps))
        for axes, visit in zip(row, kept[[0, len(kept) // 2, -1]], strict=False):
            samples = run.probes["samples"][visit]
            if show.limit is None:
                plots.images(torch.from_numpy(samples[:16]), columns=4, axes=axes)
            else:
                if "map" in run.probes:
                    axes.imshow(_map(run)[visit], origin="lower", extent=(-show.limit, show.limit) * 2, vmin=0, vmax=1,
                                cmap="PuOr_r", alpha=0.6)
                real = show.reals[i]
                plots.samples(axes, None if real is None else torch.from_numpy(real),
                              torch.from_numpy(samples[:show.shown]), limit=show.limit)
            axes.set_title(f"{show.labels[i]}, step {run.probe_steps[visit]:,}".removeprefix(", "), fontsize=9)
        plots.losses(row[3], run)
    return figure
