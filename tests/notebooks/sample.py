"""A small notebook, as py:percent text, on which the rules and the tools are tried out. It breaks no rule."""

FILLER = "A sentence of the book that says something of use to somebody who reads it for the first time. " * 70

SAMPLE = f'''\
# description: A small notebook on which the rules for notebooks are tried out.

# %% [markdown] id=sample
# # The sample
#
# {FILLER}

# %% setup

# %% [markdown] id=the-optimum
# ## The optimum
#
# **Theorem 2.1 (the optimal $D^*$).** Pointwise, for $p, q > 0$ and not for `p = q = 0`,
#
# $$
# D^*(x) = \\frac{{p(x)}}{{p(x) + q(x)}}.
# $$
#
# It is worth $5, and [the setup cell](02_sample.ipynb#setup) prints nothing of it.

# %% id=check-the-optimum
import numpy as np

from ganlib import claim

p, q = 0.3, 0.6
d = np.linspace(0.001, 0.999, 999)
best = d[np.argmax(p * np.log(d) + q * np.log(1 - d))]
claim(f"Theorem 2.1: the maximum is p/(p+q) at p = {{p}}", abs(best - p / (p + q)) < 1e-3)
print(f"{{best:.3f}}")

# %% id=walk tags=["nbval-ignore-output"]
steps = np.random.default_rng(0).normal(size=100)
print(steps.sum())

# %% id=walk-claims
claim("a hundred steps were made", len(steps) == 100)

# %% id=a-figure
from ganlib import figures

figure, axes = figures.new()
axes.plot(d, p * np.log(d) + q * np.log(1 - d))
figures.show(figure, "The value of the game rises to one third and falls again.")

# %% id=expression
1 + 1
'''.replace("worth $5", "worth \\$5")
