"""The SymPy twins of `ganlib.theory.divergences`: the same formulas at one point x, with p = p(x) and q = q(x)."""

import sympy as sp

p, q = sp.symbols("p q", positive=True)  # the densities of the data and of the generator at one point
d = sp.symbols("d")  # the discriminator's probability there, in (0, 1)

integrand = p * sp.log(d) + q * sp.log(1 - d)  # of V(D, G); Goodfellow et al. 2014, eq. 3
optimal_discriminator = p / (p + q)  # eq. 2
optimal_logit = sp.log(p) - sp.log(q)  # σ(logit) = D*
kullback_leibler = p * sp.log(p / q)  # integrand of KL(p‖q)
jensen_shannon = (p * sp.log(2 * p / (p + q)) + q * sp.log(2 * q / (p + q))) / 2  # integrand of JSD(p, q)
