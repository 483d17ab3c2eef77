"""Making a model by its recipe, and measuring it again."""

import hashlib
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from ganlib import pretrained
from ganlib.pretrained import recipe as recipes
from ganlib.pretrained import storing
from ganlib.pretrained.looking import SEEDS, drawn, grid_facts, measured
from ganlib.pretrained.recipe import Recipe
from ganlib.training.schedules import written

LARGEST = 1_500_000  # bytes of a file of weights
Log = Callable[[str], object]


def settings(recipe: Recipe) -> dict[str, Any]:
    """The recipe's settings as the record holds them: schedules in words, tuples as lists."""
    return json.loads(json.dumps({key: written(value) for key, value in recipe.settings.items()}))


@contextmanager
def _clock(work: Path) -> Iterator[dict[str, float]]:
    """Seconds of the processor and of the wall that this took, with what ``work`` remembers of earlier runs."""
    path = work / "seconds.json"
    spent = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cpu": 0.0, "wall": 0.0}
    cpu, wall = time.process_time(), time.monotonic()
    try:
        yield spent
    finally:
        spent["cpu"] += time.process_time() - cpu
        spent["wall"] += time.monotonic() - wall
        path.write_text(json.dumps(spent), encoding="utf-8")


def _device(network: nn.Module) -> str:
    device = next(network.parameters()).device
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _begin(work: Path, wanted: dict[str, Any]) -> None:
    """Make the folder, or refuse one that holds a run with other settings."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / "settings.json"
    if path.exists() and (found := json.loads(path.read_text(encoding="utf-8"))) != wanted:
        raise ValueError(f"pretrained: {work} holds a run with other settings, {found}; remove it or name another")
    path.write_text(json.dumps(wanted), encoding="utf-8")


def make(name: str, work: Path, folder: Path | None = None, log: Log = print) -> dict[str, Any]:
    """Train a model by its recipe, store it, measure it; returns its record.

    work:   a folder for checkpoints, from which a run that was cut short goes on.
    folder: where the three files go; by default into the package.
    Errors: `ValueError` if it is larger than `LARGEST`, if it is not what a recipe is to return, or if ``work`` holds
    a run with other settings. Nothing is written then.
    """
    recipe = recipes.find(name)
    _begin(work, settings(recipe))
    with _clock(work) as spent, torch.random.fork_rng(devices=[]):
        network = recipe.make(work)
    if not isinstance(network, nn.Module) or any(part.training for part in network.modules()):
        raise ValueError(f"pretrained: {name}'s make must return a network in eval mode, "
                         f"got {type(network).__name__}")
    device = _device(network)
    whole = storing.folded(network.cpu())
    packed = storing.pack(whole, recipe.bits)
    if len(packed) > LARGEST:
        raise ValueError(f"pretrained: {name} must have at most {LARGEST:,} bytes, got {len(packed):,}")
    kind, arguments = storing.described(whole)
    arguments = json.loads(json.dumps(arguments))
    stored = storing.unpack(packed, kind, arguments)
    about = {
        "title": recipe.title, "kind": kind, "arguments": arguments,
        "parameters": sum(p.numel() for p in stored.parameters()), "bits": recipe.bits, "bytes": len(packed),
        "sha256": hashlib.sha256(packed).hexdigest(), "data": recipe.data, "settings": settings(recipe),
        "device": device, "seconds": round(spent["cpu" if device == "cpu" else "wall"]),
        "torch": torch.__version__.split("+")[0], "date": date.today().isoformat(), "note": recipe.note,
        **_looked_at(recipe, stored), "before_storing": measured(recipe, whole),
    }
    if recipe.once is not None:
        about["once"] = measured(recipe, stored, recipe.once)
    _write(name, folder or pretrained.FOLDER, about, drawn(recipe, stored), packed)
    log(f"{name}: {about['parameters']:,} parameters, {about['bytes']:,} bytes, {about['seconds']:,} s on {device}")
    log(json.dumps({key: about[key] for key in ("quality", "before_storing", "once") if key in about}, indent=1,
                   ensure_ascii=False))
    return about


def remeasure(name: str, once: bool = False, log: Log = print) -> dict[str, Any]:
    """Draw the grid and measure anew on the stored weights, after a change of the recipe's measures or words.

    once: also what is too slow to measure often, the recipe's ``once``; otherwise that stays as it was recorded.
    """
    recipe, about, network = recipes.find(name), pretrained.record(name), pretrained.load(name)
    about |= {"title": recipe.title, "data": recipe.data, "note": recipe.note, **_looked_at(recipe, network)}
    if once and recipe.once is not None:
        about["once"] = measured(recipe, network, recipe.once)
    _write(name, pretrained.FOLDER, about, drawn(recipe, network))
    found = {key: about[key] for key in ("quality", "once") if key in about}
    log(f"{name}: {json.dumps(found, indent=1, ensure_ascii=False)}")
    return about


def _looked_at(recipe: Recipe, network: nn.Module) -> dict[str, Any]:
    return {"seeds": SEEDS, "grid": grid_facts(recipe), "quality": measured(recipe, network)}


def _write(name: str, folder: Path, about: dict[str, Any], grid: np.ndarray | None,
           packed: bytes | None = None) -> None:
    """All the model's files, each whole or not at all: first beside their places, then into them."""
    files = {f"{name}.json": (json.dumps(about, indent=1, ensure_ascii=False) + "\n").encode()}
    if packed is not None:
        files[f"{name}.safetensors"] = packed
    if grid is not None:
        picture = io.BytesIO()
        Image.fromarray(grid).save(picture, "PNG", optimize=True)
        files[f"{name}.png"] = picture.getvalue()
    folder.mkdir(parents=True, exist_ok=True)
    parts = {folder / f"{file}.part": folder / file for file in files}
    try:
        for part, content in zip(parts, files.values(), strict=True):
            part.write_bytes(content)
        for part, place in parts.items():
            part.replace(place)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
