"""Perceptual path length: how fast the picture changes on the way from one latent to another."""

import copy
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ganlib import checks, draws

BATCH = 250  # pairs drawn at once


class PathLength(NamedTuple):
    """What `path_length` returns, in squared units of the features, for a whole way taken in unit time."""

    mean: float
    standard_error: float  # of the mean over the pairs


def path_length(generator: Any, features: Callable[[Tensor], Tensor], *, space: str = "w", where: str = "full",
                pairs: int = 1000, epsilon: float = 1e-4, trim: float = 0.0, seed: int = 0) -> PathLength:
    """E [‖f(G(at t + ε)) − f(G(at t))‖² / ε²], over ways between two random latents.

    generator: latents (n, generator.latent) → pictures; for ``space="w"`` with ``mapping``, z → w, and ``synthesis``,
               w → pictures, such as a `StyleGenerator`. Used in eval mode; what it draws itself, such as noise inputs,
               is the same at both ends of a step.
    features:  pictures → (n, …): a network, a method of one such as ``classifier.features``, or a function.
    space:     "z": along the great circle, latents brought to length √latent first; "w": on the straight line in w.
    where:     "full": t uniform in [0, 1]; "end": t = 0, so that only pictures that G is trained to draw count.
    epsilon:   the step; all is computed on copies in float64, because in float32 rounding would be part of the result.
    trim:      share of the largest distances, and of the smallest, left out of the mean (0.01 in the authors' code).
    seed:      of the latents and the t: two generators of one latent size are compared on the same.

    Comparable only within one space of features. The published numbers have a weighted distance in features of VGG16
    (LPIPS) here. Source: Karras et al. 2019, section 4.1.
    """
    name = "path_length"
    checks.one_of(name, "space", space, ("z", "w"))
    checks.one_of(name, "where", where, ("full", "end"))
    checks.count(name, "pairs", pairs, least=2)
    checks.number(name, "epsilon", epsilon, above=0)
    checks.number(name, "trim", trim, least=0, below=0.5)
    latent = checks.count(name, "generator.latent", getattr(generator, "latent", None))
    needed = ("mapping", "synthesis") if space == "w" else ("__call__",)
    if missing := [part for part in needed if not callable(getattr(generator, part, None))]:
        raise TypeError(f"{name}: generator must have a method {missing[0]} for space={space!r}, "
                        f"got {type(generator).__name__}")
    player, seen = _double(generator), _double(features)
    draw = player.synthesis if space == "w" else player
    found = []
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        for start in range(0, pairs, BATCH):
            n = min(BATCH, pairs - start)
            a, b = draws.normal(n, latent).double(), draws.normal(n, latent).double()
            t = draws.uniform(n, 1).double() * (where == "full")
            if space == "w":
                a, b = player.mapping(a), player.mapping(b)
            way = torch.lerp if space == "w" else great_circle
            state, ends = torch.get_rng_state(), []
            for place in (t, t + epsilon):
                torch.set_rng_state(state)  # the same noise in both
                ends.append(seen(draw(way(a, b, place))).flatten(1))
            found.append((ends[1] - ends[0]).square().sum(1) / epsilon ** 2)
    values = checks.finite(name, "the distances", torch.cat(found)).sort().values
    cut = math.floor(trim * pairs)
    values = values[cut:pairs - cut]
    return PathLength(float(values.mean()), float(values.std() / len(values) ** 0.5))


def great_circle(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """From a to b (n, d), both brought to length √d, along the sphere of this radius, at t (n, 1): (n, d)."""
    a, b = (x * math.sqrt(x.shape[1]) / x.norm(dim=1, keepdim=True) for x in (a, b))
    angle = torch.arccos(((a * b).sum(1, keepdim=True) / a.shape[1]).clamp(-1, 1))
    return (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()


def _double(given: Any) -> Any:
    """A copy in float64, on the CPU and in eval mode of a network, or of the one whose method this is."""
    owner = getattr(given, "__self__", None)
    if isinstance(owner, nn.Module):
        return getattr(_double(owner), given.__name__)
    return copy.deepcopy(given).double().cpu().eval() if isinstance(given, nn.Module) else given
