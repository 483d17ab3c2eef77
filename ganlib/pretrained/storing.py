"""Networks as small files: 8-bit whole numbers with a scale for each output channel, or 16-bit floats.

A network that can be stored says with which arguments its class builds it again: an attribute or property
``arguments``, a dict of what JSON can hold. Its class is looked up by name in the modules of `ganlib.networks`. Several
networks in one file are an ``nn.ModuleDict``.
"""

import importlib
import pkgutil
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from ganlib import checks, networks

BITS = (8, 16)
Kind = str | dict[str, str]  # the name of a class, or of several networks one each


def kinds() -> dict[str, type[nn.Module]]:
    """The classes of networks there are in `ganlib.networks`, by name."""
    found: dict[str, type[nn.Module]] = {}
    for part in pkgutil.iter_modules(networks.__path__, f"{networks.__name__}."):
        module = importlib.import_module(part.name)
        found |= {name: value for name, value in vars(module).items()
                  if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == part.name}
    return found


def described(network: nn.Module) -> tuple[Kind, dict[str, Any]]:
    """The name of a network's class and its arguments; of several, a dict of each.

    Errors: `TypeError` for a network whose class is not in `ganlib.networks`, or that has no ``arguments``.
    """
    if isinstance(network, nn.ModuleDict):
        each = {name: described(part) for name, part in network.items()}
        return {name: str(kind) for name, (kind, _) in each.items()}, {name: own for name, (_, own) in each.items()}
    name, arguments = type(network).__name__, getattr(network, "arguments", None)
    if not isinstance(arguments, dict) or kinds().get(name) is not type(network):
        raise TypeError("pretrained: network must be of a class in ganlib.networks and have a dict `arguments` that "
                        f"builds it again, or be an nn.ModuleDict of such networks, got {name}")
    return name, arguments


def built(kind: Kind, arguments: dict[str, Any]) -> nn.Module:
    """A fresh network from what `described` gave."""
    if isinstance(kind, dict):
        return nn.ModuleDict({name: built(own, arguments[name]) for name, own in kind.items()})
    known = kinds()
    return known[checks.one_of("pretrained", "kind", kind, known)](**arguments)


def channel(network: nn.Module, key: str) -> int:
    """Which dimension of a parameter counts output channels, from the module that holds it.

    Torch's convolutions say ``transposed``; so does any module here that keeps its weights as (in, out, height, width).
    Elsewhere it is the first dimension longer than one: (out, in) of a dense layer, (1, channels, height, width) of a
    constant input.
    """
    owner, _, own = key.rpartition(".")
    holder = network.get_submodule(owner)
    if own == "weight" and isinstance(getattr(holder, "transposed", None), bool):
        return 1 if holder.transposed is True else 0
    shape = network.state_dict(keep_vars=True)[key].shape
    return next((d for d, size in enumerate(shape) if size > 1), 0)


def quantise(values: Tensor, channel: int) -> tuple[Tensor, Tensor]:
    """Whole numbers −127 … 127 and scales with values ≈ numbers · scale, one scale an output channel.

    channel: the dimension of ``values`` that counts the output channels; the scales have length 1 in all others.
    """
    others = [d for d in range(values.dim()) if d != channel]
    scale = values.abs().amax(others, keepdim=True).clamp_min(1e-12) / 127
    return (values / scale).round().to(torch.int8), scale


@torch.no_grad()
def pack(network: nn.Module, bits: int = 8) -> bytes:
    """A network as the bytes of a safetensors file: matrices and kernels in 8 or 16 bits, vectors in 32.

    Whole numbers (batch norm's count of batches) stay what they are. Errors: `ValueError` for other ``bits``, and for
    values that 16-bit floats cannot hold.
    """
    if bits not in BITS:
        raise ValueError(f"pretrained: bits must be 8 or 16, got {bits!r}")
    tensors: dict[str, Tensor] = {}
    for key, value in network.state_dict().items():
        value = value.detach().cpu().contiguous().clone()
        if not value.is_floating_point():
            tensors[key] = value
        elif not bool(torch.isfinite(value).all()):
            raise ValueError(f"pretrained: the network's {key} must be finite")
        elif value.dim() < 2:
            tensors[key] = value.float()
        elif bits == 8:
            tensors[key], tensors[f"{key}.scale"] = quantise(value.float(), channel(network, key))
        elif value.abs().max() > torch.finfo(torch.float16).max:
            raise ValueError(f"pretrained: {key} has values that 16-bit floats cannot hold")
        else:
            tensors[key] = value.half()
    return save_tensors(tensors)


def unpack(packed: bytes, kind: Kind, arguments: dict[str, Any]) -> nn.Module:
    """The network in eval mode from what `pack` gave, its class by name and the class's arguments."""
    try:
        tensors = load_tensors(packed)
    except SafetensorError as error:
        raise ValueError(f"pretrained: not a safetensors file ({error})") from error
    scales = {f"{key}.scale" for key, value in tensors.items() if value.dtype == torch.int8}
    state = {key: value.float() * tensors[f"{key}.scale"] if f"{key}.scale" in scales
             else value.float() if value.is_floating_point() else value
             for key, value in tensors.items() if key not in scales}
    with torch.random.fork_rng(devices=[]):  # the numbers it starts from are overwritten: take none from the reader
        network = built(kind, arguments)
    network.load_state_dict(state)
    return network.eval()


def quantised(network: nn.Module, bits: int = 8) -> nn.Module:
    """A copy in eval mode that computes with the stored numbers; batch norm folded in where there is ``folded()``.

    Errors: `TypeError` for a network that cannot be stored, see `described`.
    """
    plain = folded(network)
    return unpack(pack(plain, bits), *described(plain))


def folded(network: nn.Module) -> nn.Module:
    """The network, or several, as its own ``folded()`` gives it, if it has one."""
    if isinstance(network, nn.ModuleDict):
        return nn.ModuleDict({name: folded(part) for name, part in network.items()})
    own = getattr(network, "folded", None)
    with torch.random.fork_rng(devices=[]):  # as in `unpack`
        return own() if callable(own) else network
