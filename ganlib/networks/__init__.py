"""Networks, one file a family."""

from ganlib.networks.mlp import MLP

__all__ = ["MLP"]
