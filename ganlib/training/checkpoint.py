"""Checkpoints: one safetensors file of tensors and JSON, no pickled code, written whole or not at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

NAME = "checkpoint.safetensors"


def save(folder: Path, tensors: dict[str, Tensor], notes: dict[str, Any]) -> None:
    """Write tensors and notes (anything JSON can hold) to ``folder``; an older checkpoint is replaced in one move."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".writing-", suffix=".safetensors")
    os.close(handle)
    try:
        whole = {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}
        save_file(whole, name, metadata={"notes": json.dumps(notes)})
        with open(name, "rb") as written:
            os.fsync(written.fileno())
        os.replace(name, folder / NAME)
    finally:
        Path(name).unlink(missing_ok=True)


def load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The tensors and notes last saved in ``folder``, None if there are none.

    Errors: `ValueError` if the file is there but is not a checkpoint.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, json.loads(file.metadata()["notes"])
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"train: checkpoint {path} cannot be read ({error}); "
                         f"delete it to start afresh, or name another folder") from error


def optimizer_tensors(name: str, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """An optimiser's moments and step counts as named tensors."""
    state = optimizer.state_dict()["state"]
    return {f"{name}.{i}.{key}": torch.as_tensor(value) for i, s in state.items() for key, value in s.items()}


def restore_optimizer(name: str, optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put back what `optimizer_tensors` took."""
    whole = optimizer.state_dict()
    whole["state"] = {}
    for key, value in tensors.items():
        if key.startswith(f"{name}."):
            _, index, entry = key.rsplit(".", 2)
            whole["state"].setdefault(int(index), {})[entry] = value
    optimizer.load_state_dict(whole)
