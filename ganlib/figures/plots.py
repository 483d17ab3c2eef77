"""Matplotlib in the book's own style. Every function draws into given axes; `show` displays with its alt text."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from ganlib import checks
from ganlib.training import History

# Okabe & Ito's palette: told apart by colour-blind readers, on white and on dimmed white.
REAL, GENERATED, DISCRIMINATOR, THEORY = "#0072B2", "#D55E00", "#009E73", "#444444"
PALETTE = (REAL, GENERATED, DISCRIMINATOR, "#CC79A7", "#E69F00", "#56B4E9", THEORY)

STYLE = Path(__file__).parent.parent / "book.mplstyle"


def new(columns: int = 1, rows: int = 1, *, width: float = 3.4, height: float = 2.8,
        **subplots: Any) -> tuple[Figure, Any]:
    """A figure in the book's style and its axes (one, or an array), each about ``width`` × ``height`` inches."""
    with plt.style.context(STYLE):
        return plt.subplots(rows, columns, figsize=(width * columns, height * rows), **subplots)


def show(figure: Figure, alt: str) -> None:
    """Display a figure as PNG with a text for those who cannot see it, and close it.

    alt: what the picture shows, one or two sentences; it is stored as the output's plain text, so it must not hold
    numbers that differ from run to run.
    """
    if not isinstance(alt, str) or len(alt) < 30:
        raise ValueError(f"show: alt must say in at least 30 characters what the figure shows, got {alt!r}")
    with plt.style.context(STYLE):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    from IPython.display import display

    display({"image/png": buffer.getvalue(), "text/plain": alt}, raw=True, metadata={"image/png": {"alt": alt}})


def samples(axes: Axes, real: Tensor | None = None, generated: Tensor | None = None, *,
            limit: float | None = None) -> None:
    """Scatter plot of samples (n, 2): real ones as circles, generated ones as crosses, so that colour is not needed."""
    for points, colour, marker, label in ((real, REAL, "o", "real"), (generated, GENERATED, "x", "generated")):
        if points is not None:
            xy = np.asarray(points.detach().cpu() if isinstance(points, Tensor) else points)
            axes.scatter(xy[:, 0], xy[:, 1], s=9, c=colour, marker=marker, alpha=0.6, linewidths=0.8, label=label)
    axes.set_aspect("equal")
    if limit is not None:
        axes.set(xlim=(-limit, limit), ylim=(-limit, limit))


def discriminator_map(axes: Axes, probability: Callable[[Tensor], Tensor], limit: float, points: int = 80) -> Any:
    """Heat map over [−limit, limit]² of a function of samples (n, 2) with values in [0, 1]; returns the mappable."""
    limit = checks.number("discriminator_map", "limit", limit, above=0)
    ticks = limit * ((2 * torch.arange(checks.count("discriminator_map", "points", points)) + 1) / points - 1)
    places = torch.cartesian_prod(ticks, ticks)  # (points², 2), the pixels' centres, first coordinate slowest
    with torch.no_grad():
        values = probability(places).reshape(points, points).T.cpu().numpy()
    return axes.imshow(values, origin="lower", extent=(-limit, limit, -limit, limit), vmin=0, vmax=1, cmap="PuOr_r",
                       alpha=0.75, aspect="equal")


def losses(axes: Axes, histories: History | Sequence[History], smooth: int = 50) -> None:
    """Both players' losses against the step; one thin line a seed, each a running mean over ``smooth`` steps.

    A run of fewer steps shows as one point, the mean over all of them.
    """
    several = [histories] if isinstance(histories, History) else list(histories)
    if not several or not all(isinstance(history, History) and history.steps for history in several):
        raise ValueError("losses: histories must be one History or several, of at least one step each, "
                         f"got {histories!r:.80}")
    checks.count("losses", "smooth", smooth)
    for name, colour in (("discriminator", DISCRIMINATOR), ("generator", GENERATED)):
        for i, history in enumerate(several):
            width = min(smooth, history.steps)
            smoothed = np.convolve(getattr(history, f"{name}_loss"), np.ones(width) / width, mode="valid")
            axes.plot(np.arange(len(smoothed)) + width, smoothed, color=colour, lw=1.0, alpha=0.8,
                      label=name if i == 0 else None, marker="." if len(smoothed) == 1 else None)
    axes.set(xlabel="step", ylabel="loss (nats)")
    axes.legend()


def spread(axes: Axes, x: Any, seeds: Any, *, label: str, color: str = REAL, log: bool = False) -> None:
    """One thin line a seed and a thick one for the median; ``seeds`` has shape (seeds, len(x))."""
    values = np.asarray(seeds, dtype=float)
    if values.ndim != 2 or values.shape[1] != len(x):
        raise ValueError(f"spread: seeds must have shape (seeds, {len(x)}), got {values.shape}")
    axes.plot(x, values.T, color=color, lw=0.7, alpha=0.4)
    axes.plot(x, np.median(values, axis=0), color=color, lw=2.2, label=label)
    if log:
        axes.set_yscale("log")


def images(pictures: Tensor, columns: int = 8, *, axes: Axes | None = None, scale: float = 0.55) -> Figure | None:
    """A grid of pictures (n, 1 or 3, height, width) with values in [−1, 1]; the figure, unless axes are given."""
    checks.tensor("images", "pictures", pictures, dims=4)
    rows = -(-len(pictures) // checks.count("images", "columns", columns))
    channels, height, width = pictures.shape[1:]
    if channels not in (1, 3):
        raise ValueError(f"images: pictures must have 1 or 3 channels, got shape {tuple(pictures.shape)}")
    sheet = np.ones((rows * height, columns * width, channels))
    for i, picture in enumerate(pictures.detach().cpu().numpy().transpose(0, 2, 3, 1)):  # (height, width, channels)
        r, c = divmod(i, columns)
        sheet[r * height:(r + 1) * height, c * width:(c + 1) * width] = (picture.clip(-1, 1) + 1) / 2
    figure = None
    if axes is None:
        figure, axes = new(width=columns * scale, height=rows * scale * height / width)
    axes.imshow(sheet.squeeze(-1) if channels == 1 else sheet, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_axis_off()
    return figure
