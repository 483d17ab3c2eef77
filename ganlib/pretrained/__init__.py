"""Small trained generators that are part of the package, each with a record of how it was made.

`load` gives one of them, `names` lists them, `record` says what data, settings, seed and time it took and what was
measured (``manifest.json``). ``tools/train_pretrained.py NAME`` makes one anew. Weights are stored as 8-bit numbers
with one scale per output channel; what `load` returns computes with these very values, and so do the live figures.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from ganlib import checks
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.networks.stylegan import StyleGenerator

FOLDER = Path(__file__).parent
KINDS: dict[str, type[DCGANGenerator | StyleGenerator]] = {
    kind.__name__: kind for kind in (DCGANGenerator, StyleGenerator)}


def _manifest() -> dict[str, Any]:
    return json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))


def names() -> tuple[str, ...]:
    """The generators there are."""
    return tuple(_manifest())


def record(name: str) -> dict[str, Any]:
    """How a generator was made and what was measured on it. Errors: `ValueError` for a name that does not exist."""
    manifest = _manifest()
    return manifest[checks.one_of("pretrained.record", "name", name, manifest)]


def load(name: str) -> DCGANGenerator | StyleGenerator:
    """A trained generator in eval mode, latents (n, latent) → pictures (n, 1, 28, 28) in [−1, 1].

    Errors: `ValueError` for a name that does not exist, or if its file is not the one in the manifest.
    """
    checks.one_of("pretrained.load", "name", name, names())
    about, path = record(name), FOLDER / f"{name}.safetensors"
    packed = path.read_bytes()
    if (found := hashlib.sha256(packed).hexdigest()) != about["sha256"]:
        raise ValueError(f"pretrained.load: {path} must have SHA-256 {about['sha256']}, got {found}; "
                         "install ganlib anew")
    return unpack(packed, about["kind"], about["arguments"])


def arguments(generator: DCGANGenerator | StyleGenerator) -> dict[str, Any]:
    """What its class is to be called with for a generator of the same sizes."""
    if isinstance(generator, DCGANGenerator):
        return {"latent": generator.latent, "channels": generator.channels, "batch_norm": bool(generator.norms)}
    return {"latent": generator.latent, "channels": generator.channels, "mapping_layers": generator.mapping_layers}


def quantise(values: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers −127 … 127 and scales with values ≈ numbers · scale, one scale per output channel.

    values: (out, in), or of a transposed convolution (in, out, height, width); the scales have the same number of
    dimensions, with length 1 but for the output channels.
    """
    channel = 0 if values.dim() == 2 else 1
    others = [d for d in range(values.dim()) if d != channel]
    scale = values.abs().amax(others, keepdim=True).clamp_min(1e-12) / 127
    return (values / scale).round().to(torch.int8), scale


@torch.no_grad()
def pack(generator: DCGANGenerator | StyleGenerator) -> bytes:
    """A generator as the bytes of a safetensors file: matrices and kernels in 8 bits, the rest in 32."""
    tensors: dict[str, Tensor] = {}
    for key, value in generator.state_dict().items():
        value = value.detach().float().cpu().contiguous()
        if value.dim() < 2:
            tensors[key] = value
        else:
            tensors[key], tensors[f"{key}.scale"] = quantise(value)
    return save_tensors(tensors)


def unpack(packed: bytes, kind: str, settings: dict[str, Any]) -> DCGANGenerator | StyleGenerator:
    """The generator in eval mode from what `pack` gave, its class by name and the class's arguments."""
    try:
        tensors = load_tensors(packed)
    except SafetensorError as error:
        raise ValueError(f"pretrained: not a safetensors file ({error})") from error
    state = {key: value.float() * tensors[f"{key}.scale"] if f"{key}.scale" in tensors else value
             for key, value in tensors.items() if not key.endswith(".scale")}
    with torch.random.fork_rng(devices=[]):  # the numbers it starts from are overwritten: take none from the reader
        generator = KINDS[checks.one_of("pretrained", "kind", kind, KINDS)](**settings)
    generator.load_state_dict(state)
    return generator.eval()


def quantised(generator: nn.Module) -> DCGANGenerator | StyleGenerator:
    """A copy in eval mode that computes with 8-bit weights, batch norm folded into the layers.

    Errors: `TypeError` for anything but a DCGANGenerator or a StyleGenerator.
    """
    if not isinstance(generator, DCGANGenerator | StyleGenerator):
        raise TypeError(f"pretrained: generator must be a {' or a '.join(KINDS)}, got {type(generator).__name__}")
    plain = generator.folded() if isinstance(generator, DCGANGenerator) else generator
    return unpack(pack(plain), type(plain).__name__, arguments(plain))
