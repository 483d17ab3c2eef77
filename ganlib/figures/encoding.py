"""How a recording becomes bytes that js/decode.js reads: each function says how exact it is.

A part is some bytes and what must be known to read them: of a picture their number, of numbers shape, low, step, along
and planes. Value = low + step × whole number. `along` names the axes along which differences are stored, in the order
0, −1, 1, −2 …; of two planes of bytes the first holds the low ones. All parts together are gzip in base64.
"""

import base64
import gzip
import html
import io
import json
import math
import zlib
from typing import Any

import numpy as np
import torch
from PIL import Image

Part = tuple[bytes, Any]
BINS = 200  # points of a loss curve


def place(parts: list[Part], part: Part) -> int:
    """Where the part is, after it was added if it was not there."""
    if part not in parts:
        parts.append(part)
    return parts.index(part)


def packed(parts: list[Part]) -> dict[str, Any]:
    """All parts as text, without loss; equal parts give equal text."""
    content = gzip.compress(b"".join(content for content, _ in parts), 9, mtime=0)
    return {"parts": [description for _, description in parts], "data": base64.b64encode(content).decode()}


def length(config: dict[str, Any]) -> int:
    """Bytes that the settings of a figure take in its output."""
    return len(html.escape(json.dumps(config, ensure_ascii=False, separators=(",", ":"))).encode())


def numbers(values: np.ndarray, low: float, high: float, bits: int, *differences: tuple[int, ...]) -> Part:
    """Values put into [low, high] and rounded to 2^bits places there: off by at most (high − low)/(2^bits − 1)/2.

    differences: axes along which to try to store differences; what takes least when compressed is taken.
    """
    step = (high - low) / (2**bits - 1)
    whole = np.rint((values.clip(low, high) - low) / step).astype(np.int64) if step else np.zeros(values.shape, int)

    def stored(along: tuple[int, ...]) -> Part:
        kept = whole
        for axis in along:
            kept = np.diff(kept, axis=axis, prepend=0)
        if along:
            kept = (kept << 1) ^ (kept >> 63)  # 0, −1, 1, −2 … become 0, 1, 2, 3 …
        planes = 1 if kept.max() < 256 else 2
        content = b"".join((kept >> 8 * i & 255).astype(np.uint8).tobytes() for i in range(planes))
        return content, {"shape": values.shape, "low": low, "step": step, "along": along, "planes": planes}

    return min(map(stored, ((), *differences)), key=lambda part: len(zlib.compress(part[0])))


def order(points: np.ndarray) -> np.ndarray:
    """An order of points (visits, n, 2) in which each is followed by the nearest one left, over all visits together.

    What moves together then stands together, and the differences to the one before are small: 40 % of the bytes.
    """
    paths = points.transpose(1, 0, 2).reshape(points.shape[1], -1)  # (n, 2·visits)
    if len(paths) > 2048:  # it takes n² comparisons
        return np.arange(len(paths))
    left = np.arange(1, len(paths))
    found = [0]
    while len(left):
        nearest = int(np.abs(paths[left] - paths[found[-1]]).sum(1).argmin())
        found.append(int(left[nearest]))
        left = np.delete(left, nearest)
    return np.array(found)


def shades(logits: np.ndarray, probability: bool) -> np.ndarray:
    """Logits (visits, m, m) as numbers in [0, 1], unrounded.

    The probability D = σ(logit), or of other scores their place between each visit's least and greatest.
    """
    logits = logits.astype(float)
    if probability:
        return torch.sigmoid(torch.from_numpy(logits)).numpy()
    low, high = logits.min((1, 2), keepdims=True), logits.max((1, 2), keepdims=True)
    return np.where(high > low, (logits - low) / np.where(high > low, high - low, 1), 0.5)


def curves(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of losses (players, steps) over at most 200 equal stretches: means, and the least and the greatest, unrounded.

    Means (players, stretches); of the band (2·players, stretches) the first two rows are the first player's.
    """
    steps = losses.shape[1]
    bins = min(BINS, steps)
    edges = np.arange(bins + 1) * steps // bins
    total, least, greatest = (f.reduceat(losses, edges[:-1], axis=1) for f in (np.add, np.minimum, np.maximum))
    return total / np.diff(edges), np.stack([least, greatest], 1).reshape(-1, bins)


def curve(values: np.ndarray) -> Part:
    """Rows of a curve, off by at most 1/65534 of the range of all of them."""
    return numbers(values, values.min(), values.max(), 15, (1,))


def line(values: np.ndarray) -> list[float | None]:
    """Numbers to four digits; what is not finite is None."""
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in values.astype(float).flatten()]


def grid_of(count: int) -> tuple[int, int]:
    """Rows and columns of a sheet of pictures."""
    columns = math.ceil(math.sqrt(count))
    return -(-count // columns), columns


def arranged(pictures: np.ndarray) -> np.ndarray:
    """Pictures (n, 1 or 3, H, W) in [−1, 1] on one sheet of bytes, (rows·H, columns·W) or with 3 colours last."""
    n, channels, height, width = pictures.shape
    rows, columns = grid_of(n)
    full = np.full((rows * columns, channels, height, width), -1.0)
    full[:n] = pictures.clip(-1, 1)
    sheet = full.reshape(rows, columns, channels, height, width).transpose(0, 3, 1, 4, 2)
    sheet = np.rint((sheet.reshape(rows * height, columns * width, channels) + 1) * 127.5).astype(np.uint8)
    return sheet[..., 0] if channels == 1 else sheet


def sheet(pictures: np.ndarray, quality: int | None) -> tuple[Part, float]:
    """Pictures on one sheet as WebP, and the mean squared error of its bytes: none without a quality."""
    pixels = arranged(pictures)
    file = io.BytesIO()
    how: dict[str, Any] = {"lossless": True} if quality is None else {"quality": quality}
    Image.fromarray(pixels).save(file, "WEBP", method=4, **how)
    with Image.open(file) as image:
        kept = np.asarray(image.convert("L" if pixels.ndim == 2 else "RGB"), float)
    content = file.getvalue()
    return (content, len(content)), float(np.square(kept - pixels).mean())
