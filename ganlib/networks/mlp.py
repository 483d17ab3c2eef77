"""The multilayer perceptron of chapters 1 to 10, as one network or as a stack of them trained side by side."""

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks

# In place: what comes out of a layer is used nowhere else, and memory not touched is time saved.
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu_,
    "leaky_relu": lambda x: functional.leaky_relu(x, 0.2, inplace=True),
    "tanh": torch.tanh_,
    "linear": lambda x: x,
}


class Linear(nn.Module):
    """y = x Wᵀ + b; with a stack of M weights, M such maps at once: W is (…, out, in), b is (…, out).

    spectral: divide W by its largest singular value, which one step of power iteration a forward pass (in training
    mode) keeps track of. Source: Miyato et al. 2018, eq. 8 and algorithm 1 (begun with v, as in torch's own).
    """

    u: Tensor
    v: Tensor

    def __init__(self, inputs: int, outputs: int, spectral: bool = False):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.spectral = spectral
        if spectral:  # the singular vectors as they are known so far: W v ≈ s u
            self.register_buffer("u", torch.empty(outputs))
            self.register_buffer("v", torch.empty(inputs))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw W and b uniformly from ±1/√inputs (torch's own default for nn.Linear, in the same order)."""
        bound = 1 / math.sqrt(self.weight.shape[-1])
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.uniform_(self.bias, -bound, bound)
        if self.spectral:
            self.v = functional.normalize(torch.randn_like(self.weight[..., 0, :]), dim=-1).detach()
            for _ in range(15):
                self._power_iteration()

    @torch.no_grad()
    def _power_iteration(self) -> None:
        # New tensors, not the old ones changed: an earlier pass may still need its own for its gradient.
        self.u = functional.normalize((self.weight @ self.v.unsqueeze(-1)).squeeze(-1), dim=-1)
        self.v = functional.normalize((self.weight.mT @ self.u.unsqueeze(-1)).squeeze(-1), dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        weight: Tensor = self.weight
        if self.spectral:
            if self.training:
                self._power_iteration()
            largest = (self.u * (weight @ self.v.unsqueeze(-1)).squeeze(-1)).sum(-1)  # uᵀ W v, (…)
            weight = weight / largest[..., None, None]
        if weight.dim() == 2:
            return functional.linear(x, weight, self.bias)
        return torch.baddbmm(self.bias.unsqueeze(-2), x, weight.mT)  # (M, n, in) → (M, n, out)


class MLP(nn.Module):
    """A multilayer perceptron: ``MLP(2, 32, 32, 1)`` maps (n, 2) through two hidden layers of 32 to (n, 1).

    sizes:      width of every layer, input first.
    activation: after each hidden layer, one of "relu", "leaky_relu" (slope 0.2), "tanh".
    output:     after the last layer: "linear" (a critic, a logit, a point) or "tanh" (an image in [−1, 1]).
    shape:      shape of one output sample if it is not a vector: ``MLP(64, 256, 784, shape=(1, 28, 28))``.
    spectral:   every layer's weight divided by its largest singular value (Miyato et al. 2018).
    minibatch_std: the last layer gets one input more, the standard deviation of its other inputs over the batch,
                averaged over them (Karras et al. 2018, section 3): a discriminator can then see a batch too uniform.
    Input of any shape (n, …) is flattened to (n, sizes[0]).
    """

    def __init__(self, *sizes: int, activation: str = "leaky_relu", output: str = "linear",
                 shape: Sequence[int] | None = None, spectral: bool = False, minibatch_std: bool = False):
        super().__init__()
        if len(sizes) < 2:
            raise ValueError(f"MLP: sizes must name at least an input and an output width, got {sizes}")
        for size in sizes:
            checks.count("MLP", "sizes", size)
        for name, value in (("activation", activation), ("output", output)):
            if value not in ACTIVATIONS:
                raise ValueError(f"MLP: {name} must be one of {', '.join(ACTIVATIONS)}, got {value!r}")
        self.sizes, self.activation, self.output = sizes, activation, output
        self.shape = tuple(shape) if shape is not None else (sizes[-1],)
        for length in self.shape:
            checks.count("MLP", "shape", length)
        if math.prod(self.shape) != sizes[-1]:
            raise ValueError(f"MLP: shape must hold {sizes[-1]} numbers, the last size, got {self.shape}")
        self.spectral, self.minibatch_std = bool(spectral), bool(minibatch_std)
        inputs = [*sizes[:-2], sizes[-2] + self.minibatch_std]
        self.layers: Any = nn.ModuleList(Linear(a, b, self.spectral) for a, b in zip(inputs, sizes[1:], strict=True))
        self.members = 1

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() < 2 or x.shape[1:].numel() != self.sizes[0]:
            raise ValueError(f"MLP: expected {self.sizes[0]} numbers a sample, got shape {tuple(x.shape)}")
        rows = len(x)
        x = x.flatten(1)  # (n, …) → (n, inputs)
        if self.members > 1 or self.layers[0].weight.dim() == 3:
            x = x.unflatten(0, (self.members, -1))  # (M·n, inputs) → (M, n, inputs): one slice a member
        for layer in self.layers[:-1]:
            x = ACTIVATIONS[self.activation](layer(x))
        if self.minibatch_std:
            spread = (x.var(-2, unbiased=False, keepdim=True) + 1e-8).sqrt().mean(-1, keepdim=True)  # (…, 1, 1)
            x = torch.cat([x, spread.expand(*x.shape[:-1], 1)], -1)  # (…, n, width) → (…, n, width + 1)
        x = ACTIVATIONS[self.output](self.layers[-1](x))
        return x.reshape(rows, *self.shape)

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator, layer by layer, as at construction."""
        for layer in self.layers:
            layer.reset_parameters()

    def _settings(self) -> tuple[Any, ...]:
        return self.sizes, self.activation, self.output, self.shape, self.spectral, self.minibatch_std

    def _like(self) -> "MLP":
        parameter = next(self.parameters())
        with torch.random.fork_rng(devices=[]):  # the numbers it starts from are overwritten: take none from the run
            twin = MLP(*self.sizes, activation=self.activation, output=self.output, shape=self.shape,
                       spectral=self.spectral, minibatch_std=self.minibatch_std)
        return twin.to(parameter.device, parameter.dtype)

    def stack(self, networks: Sequence["MLP"]) -> "MLP":
        """One MLP that computes all of ``networks`` (same sizes as this one) in one batch of matrices.

        Its input holds the members' batches one after the other, (M·n, …), and so does its output.
        """
        if not networks:
            raise ValueError("MLP.stack: networks is empty, expected at least one")
        for network in networks:
            if network.layers[0].weight.dim() == 3 or network._settings() != self._settings():
                raise ValueError(f"MLP.stack: networks must be single ones made as this one was, with "
                                 f"{self._settings()}, got {network._settings()}")
        stacked = self._like()
        stacked.members = len(networks)
        for own, *others in zip(stacked.layers, *(n.layers for n in networks), strict=True):
            own.weight = nn.Parameter(torch.stack([o.weight.detach() for o in others]))
            own.bias = nn.Parameter(torch.stack([o.bias.detach() for o in others]))
            for name, _ in list(own.named_buffers()):
                setattr(own, name, torch.stack([getattr(o, name) for o in others]))
        return stacked

    def unstack(self) -> list["MLP"]:
        """The members as networks of their own (copies)."""
        if self.layers[0].weight.dim() == 2:
            return [copy.deepcopy(self)]
        singles = []
        for i in range(self.members):
            single = self._like()
            with torch.no_grad():
                for own, stacked in zip(single.layers, self.layers, strict=True):
                    own.weight.copy_(stacked.weight[i])
                    own.bias.copy_(stacked.bias[i])
                    for name, value in stacked.named_buffers():
                        setattr(own, name, value[i].clone())
            singles.append(single)
        return singles
