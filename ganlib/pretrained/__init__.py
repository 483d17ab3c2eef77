"""Small trained networks that are part of the package, each with a record of how it was made.

`load` gives one of them, `names` lists them, `record` says what data, settings, seed, device and time it took and what
was measured. A model NAME is three files: ``NAME.safetensors``, the weights; ``NAME.json``, the record; and
``NAME.png``, 64 samples. ``recipes/NAME.py`` says how it is made, ``python -m ganlib.pretrained make NAME`` makes it
anew, and ``python -m ganlib.pretrained check`` draws all samples and measures everything again. Weights are stored as
8-bit numbers with one scale an output channel, or as 16-bit floats; what `load` returns computes with these very
values, and so do the live figures.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from torch import nn

from ganlib import checks
from ganlib.pretrained.storing import pack, quantise, quantised, unpack

__all__ = ["load", "names", "pack", "quantise", "quantised", "record", "unpack"]

FOLDER = Path(__file__).parent


def names(*kinds: str) -> tuple[str, ...]:
    """The models there are; with names of classes, only the single networks of these classes."""
    every = sorted(path.stem for path in FOLDER.glob("*.json"))
    return tuple(name for name in every if not kinds or _read(name)["kind"] in kinds)


def record(name: str) -> dict[str, Any]:
    """How a model was made and what was measured on it. Errors: `ValueError` for a name that does not exist."""
    return _read(checks.one_of("pretrained.record", "name", name, names()))


def load(name: str) -> Any:
    """A trained network in eval mode on the CPU, or an ``nn.ModuleDict`` of several. Which it is says its record.

    Errors: `ValueError` for a name that does not exist, or if its file is not the one of the record.
    """
    about = _read(checks.one_of("pretrained.load", "name", name, names()))
    path = FOLDER / f"{name}.safetensors"
    packed = path.read_bytes()
    if (found := hashlib.sha256(packed).hexdigest()) != about["sha256"]:
        raise ValueError(f"pretrained.load: {path} must have SHA-256 {about['sha256']}, got {found}; "
                         "install ganlib anew")
    network: nn.Module = unpack(packed, about["kind"], about["arguments"])
    return network


def _read(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
