"""Chapter 3, the Jensen–Shannon divergence."""

import math

import torch
from torch.nn import functional

from ganlib import theory
from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code, logit_cases
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

DENSITIES = {"p": (0.05, 3.0), "q": (0.05, 3.0)}

overlap = Number(
    id="overlap", title="Two uniforms that overlap", level="easy",
    prompt=r"The data are uniform on $[0, 1]$, the generator's samples on $[s, 1 + s]$, with $s$ between 0 and 1. What is "
           r"$\mathrm{JSD}(p_{\text{data}}, p_g)$, in nats?",
    hints=(r"There are three stretches: only data, both, only generated. What is the mixture $m = (p + q)/2$ on each?",
           r"Where both live, $p/m = 1$ and nothing is charged. Where one stands alone, it is twice $m$.",
           r"A share $s$ of the data stands alone, and so does a share $s$ of the generated samples. The divergence is the "
           r"*mean* of the two terms $\mathrm{KL}(p\,\Vert\,m)$ and $\mathrm{KL}(q\,\Vert\,m)$."),
    reference="s*log(2)", draw={"s": (0.1, 0.15, 0.2, 0.25, 0.3, 0.6, 0.75, 0.8, 0.9)},
    mistakes=(
        Mistake("the ceiling", "log(2)", "That is the divergence of two densities that never meet. These two do: on the "
                "stretch they share, a sample tells nothing about who made it."),
        Mistake("the shared part", "(1 - s)*log(2)", "You charged the stretch on which the two agree. Try $s = 0$: the "
                "densities are equal, and yours gives its largest value."),
        Mistake("bits", "s", "That is the value in bits, or the share of the ceiling. The logarithms of this book are "
                "natural: multiply by the size of the ceiling in nats."),
        Mistake("one term", "s/2*log(2)", r"You counted one of the two lonely stretches. That is "
                r"$\tfrac12\mathrm{KL}(p\,\Vert\,m)$, and $\tfrac12\mathrm{KL}(q\,\Vert\,m)$ is still to come."),
        Mistake("sum", "2*s*log(2)", r"You added the two terms. The divergence is their mean; as $s$ tends to 1 yours "
                r"exceeds the ceiling, $\log 2$."),
    ),
    explanation=r"Each of $\mathrm{KL}(p\,\Vert\,m)$ and $\mathrm{KL}(q\,\Vert\,m)$ is $s\log 2$, and so is their mean: the "
                r"share of the samples that give away their maker, times one whole coin. From $s = 1$ on it stays at "
                r"$\log 2$.")

value_from_jsd = Number(
    id="value_from_jsd", title="From the divergence to the value", level="easy",
    prompt=r"For some generator $\mathrm{JSD}(p_{\text{data}}, p_g) = j$ nats. The discriminator is the optimal one. What "
           r"is the value of the game, $V(D^*, G) = \mathbb{E}_{p_{\text{data}}}\log D^* + \mathbb{E}_{p_g}\log(1 - D^*)$, "
           "in nats?",
    hints=(r"Two values you know already: a perfect generator has $j = 0$, one that never meets the data has "
           r"$j = \log 2$. What is $V$ for each?",
           r"$D^* = \tfrac12\,p/m$. Each of the two terms of $V$ is a Kullback–Leibler divergence from the mixture $m$, and "
           r"a $\log\tfrac12$.",
           r"The *sum* of the two divergences is twice their mean, and the mean is $j$."),
    reference="2*j - 2*log(2)", draw={"j": (0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5)},
    mistakes=(
        Mistake("factor lost", "j - 2*log(2)", r"A factor is lost. $V$ has the *sum* of two divergences from the mixture; "
                r"the Jensen–Shannon divergence is their mean. With yours, two densities that never meet would not reach "
                r"$V = 0$."),
        Mistake("the loss", "2*log(2) - 2*j", "That is the discriminator's *loss*, $-V$. The value is an average of "
                "logarithms of probabilities, so it is never above 0."),
        Mistake("constant lost", "2*j", r"The constant is missing: for a perfect generator $D^* = \tfrac12$ everywhere, and "
                r"then $V$ is not 0."),
        Mistake("one log 2", "2*j - log(2)", r"One $\log\tfrac12$ leaves the integral over $p$, and another the integral "
                r"over $q$. You took off only one."),
        Mistake("half the value", "j - log(2)", r"That is half of $V$: the *mean* of the two expectations. $V$ adds them."),
        Mistake("sign of the constant", "2*j + 2*log(2)", r"What leaves each integral is $\log\tfrac12$, which is "
                "negative. $V$ cannot be above 0."),
    ),
    explanation=r"Theorem 3.4: from $-\log 4 \approx -1.386$ for a perfect generator up to 0 for one that never meets the "
                "data.")

discriminator_loss_to_jsd = Number(
    id="discriminator_loss_to_jsd", title="Reading a loss", level="easy",
    prompt=r"A discriminator is optimal, and its loss is $-\mathbb{E}_{p_{\text{data}}}\log D^* "
           r"- \mathbb{E}_{p_g}\log(1 - D^*) = h$ nats. What is $\mathrm{JSD}(p_{\text{data}}, p_g)$, in nats?",
    hints=(r"The loss is $-V$. What is $V(D^*, G)$ in terms of the divergence?",
           r"$h = 2\log 2 - 2\,\mathrm{JSD}$. Solve it for the divergence."),
    reference="log(2) - h/2", draw={"h": (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 0.9, 1.0, 1.1)},
    mistakes=(
        Mistake("half forgotten", "log(2) - h", r"You subtracted the whole loss. It is a sum of two terms and runs up to "
                r"$\log 4$, and there yours would be negative, which no divergence is."),
        Mistake("sign", "h/2 - log(2)", r"The sign is turned round. A *small* loss means that the two are easily told "
                "apart, which is a large divergence."),
        Mistake("twice", "2*log(2) - h", r"That is $\mathrm{KL}(p\,\Vert\,m) + \mathrm{KL}(q\,\Vert\,m)$, which reaches up to "
                r"$\log 4$. The divergence is the mean of the two."),
        Mistake("loss for value", "h/2 + log(2)", r"You put the loss in the place of $V$. The loss is $-V$; yours exceeds "
                r"the ceiling of the divergence, $\log 2$."),
        Mistake("half the loss", "h/2", r"That is what is left of the uncertainty about who made a sample. The divergence "
                r"is what the sample takes away from the $\log 2$ there was before."),
        Mistake("bits", "1 - h/(2*log(2))", r"That is the divergence in bits, which is also its share of the ceiling. In nats the "
                r"ceiling is $\log 2$, not 1."),
    ),
    explanation=r"A loss of 0 means $\log 2$, a loss of $\log 4 \approx 1.386$ means 0. If the discriminator is *not* "
                r"optimal, the same formula, on samples it was not trained on, estimates a lower bound (Theorem 3.14).")

jsd_integrand = Formula(
    id="jsd_integrand", title="The integrand of the divergence", level="medium",
    prompt=r"$\mathrm{JSD}(p_{\text{data}}, p_g)$ is made of two Kullback–Leibler divergences, which compare the densities with "
           r"their mixture $m$. Written as one integral over $x$, what is the integrand, with $p = p_{\text{data}}(x)$ and "
           r"$q = p_g(x)$?",
    hints=(r"$\mathrm{JSD} = \tfrac12\mathrm{KL}(p\,\Vert\,m) + \tfrac12\mathrm{KL}(q\,\Vert\,m)$, and the integrand of "
           r"$\mathrm{KL}(a\,\Vert\,b)$ is $a\log\frac ab$.",
           r"$m = \tfrac12(p + q)$, so $\frac pm = \frac{2p}{p + q}$."),
    symbols=DENSITIES, reference="p/2*log(2*p/(p + q)) + q/2*log(2*q/(p + q))",
    mistakes=(
        Mistake("sum for mean", "p*log(2*p/(p + q)) + q*log(2*q/(p + q))", "You added the two divergences. Jensen–Shannon is "
                r"their mean; yours would reach up to $\log 4$."),
        Mistake("p + q for the mixture", "p/2*log(p/(p + q)) + q/2*log(q/(p + q))", r"You compared with $p + q$, which "
                "integrates to 2 and is no density. Try $p = q$: where the two agree nothing may be charged."),
        Mistake("value of the game", "p*log(p/(p + q)) + q*log(q/(p + q))", r"That is the integrand of $V(D^*, G)$. It is "
                r"never above 0; a divergence is never below."),
        Mistake("KL", "p*log(p/q)", r"That is the integrand of $\mathrm{KL}(p\,\Vert\,q)$, which is infinite as soon as the "
                "generator misses something. Compare with the mixture instead."),
        Mistake("one half only", "p/2*log(2*p/(p + q))", r"That is what the data are charged. The divergence treats $p$ and "
                r"$q$ alike: the generated samples are charged too."),
        Mistake("without the mixture", "p/2*log(p/q) + q/2*log(q/p)", r"You compared $p$ with $q$ and $q$ with $p$. That is "
                r"symmetric too, but infinite where one of them is 0; both must be compared with $m$."),
    ),
    explanation=r"It is 0 where $p = q$, and $\tfrac12 p\log 2$ where $q = 0$. It is never negative.")

missed_mode = Number(
    id="missed_mode", title="The price of a missed mode", level="medium", tolerance=0.001,
    prompt=r"The data have $K$ modes of equal weight that do not overlap. The generator reproduces the shape of $K - 1$ of "
           r"them perfectly, gives these equal weights, and never makes the last. What is "
           r"$\mathrm{JSD}(p_{\text{data}}, p_g)$, exactly, in nats?",
    hints=(r"On each mode $p/q$ is constant, so a mode counts like one point. Write down the weights of $p$, of $q$ and of "
           r"$m = (p + q)/2$ on a mode that is made and on the one that is missed.",
           r"$p$ is $\frac1K$ everywhere, $q$ is $\frac1{K-1}$ on the modes it makes. There $m = \frac{2K - 1}{2K(K - 1)}$, and "
           r"on the missed one $m = \frac1{2K}$.",
           r"$\mathrm{KL}(p\,\Vert\,m) = \frac1K\log 2 - \frac{K-1}{K}\log\frac{2K-1}{2K-2}$. Now "
           r"$\mathrm{KL}(q\,\Vert\,m)$, where $q/m = \frac{2K}{2K - 1}$, and the mean of the two."),
    reference="(log(2)/K - (K - 1)/K*log((2*K - 1)/(2*K - 2)) + log(2*K/(2*K - 1)))/2",
    draw={"K": (3, 4, 5, 6, 7, 8, 9, 10, 11, 12)},
    mistakes=(
        Mistake("share of the ceiling", "log(2)/K", r"You charged $\log 2$ for the share of *data* that is missed. But data "
                "are only one half of what is averaged: what are the generated samples charged?"),
        Mistake("the missed mode alone", "log(2)/(2*K)", "Nearly: the missed mode itself does cost this. But the generator "
                "is a little too dense on the modes it makes, and what the data gain there and the generated samples lose "
                "does not quite cancel."),
        Mistake("the ceiling", "log(2)", r"That is the divergence of a generator with nothing right. This one has all modes "
                "but one."),
        Mistake("KL(q, p)", "log(K/(K - 1))", r"That is $\mathrm{KL}(p_g\,\Vert\,p_{\text{data}})$. Compare both with "
                "the mixture, not with each other."),
        Mistake("coverage term", "log(2)/K - (K - 1)/K*log((2*K - 1)/(2*K - 2))", r"That is $\mathrm{KL}(p\,\Vert\,m)$, one of "
                "the two terms whose mean is wanted. The generated samples pay as well, since they are too dense where they are."),
        Mistake("sum for mean", "log(2)/K - (K - 1)/K*log((2*K - 1)/(2*K - 2)) + log(2*K/(2*K - 1))", "You added the two "
                "terms. The divergence is their mean."),
    ),
    explanation=r"This is Proposition 3.10 with $w = 1/K$, about $\tfrac12 w\log 2 + \tfrac18 w^2$. For ten modes it is 0.036 "
                "nats, 5.2 % of the ceiling: a missed mode is cheap.")


def density_cases(seed: int) -> list[Case]:
    shift = 0.4 + 0.2 * (seed % 5)
    edges = torch.linspace(-6, 6, 241, dtype=torch.float64)
    x, dx = (edges[1:] + edges[:-1]) / 2, 0.05
    few = torch.rand(2, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 0.1
    few[0, 1] = few[1, 4] = 0
    p, q = few / few.sum(1, keepdim=True)
    return [Case("two normal densities", (theory.normal(x, -shift), theory.normal(x, shift, 0.7), dx)),
            Case("shares with a zero in each (dx = 1)", (p, q, 1.0)),
            Case("uniforms, both zero in places", (theory.uniform(x, -2, 1), theory.uniform(x, shift - 1, 3), dx))]


def jensen_shannon(p, q, dx):
    m = (p + q) / 2
    kl_p = (torch.xlogy(p, p) - torch.xlogy(p, m)).sum() * dx
    kl_q = (torch.xlogy(q, q) - torch.xlogy(q, m)).sum() * dx
    return (kl_p + kl_q) / 2


def _kl(a, b, dx):
    return (torch.xlogy(a, a) - torch.xlogy(a, b)).sum() * dx


def _plain_log(p, q, dx):
    m = (p + q) / 2
    return (p * (p / m).log() + q * (q / m).log()).sum() * dx / 2


jensen_shannon_exercise = Code(
    id="jensen_shannon", title="The divergence on a grid", level="medium",
    prompt="Two densities are given by their values on a grid whose cells have the width `dx`; an integral over the grid is "
           r"the sum of the values times `dx`. Write a function that returns $\mathrm{JSD}(p, q)$ in nats. Either density "
           r"may be 0 in places, or both, and $0\log 0 = 0$.",
    doc="JSD(p, q) in nats, a 0-dim tensor, of two densities on a grid with cells of width dx. p, q: (n,).",
    needs="import torch", reference=jensen_shannon, inputs=density_cases,
    hints=(r"Begin with the mixture $m = (p + q)/2$, then compute two Kullback–Leibler divergences.",
           r"In floating point `0 * log(0)` is nan. `torch.xlogy(a, b)` is $a\log b$, and 0 where $a = 0$ (unless $b$ is nan).",
           r"$p\log\frac pm$ is `torch.xlogy(p, p) - torch.xlogy(p, m)`. With the quotient `p / m` inside, a point where both "
           r"are 0 gives 0/0."),
    mistakes=(
        Mistake("p + q for the mixture", lambda p, q, dx: (_kl(p, p + q, dx) + _kl(q, p + q, dx)) / 2, r"You compared with "
                r"$p + q$, which integrates to 2. Your result is too small by $\log 2$, and never positive: a divergence is "
                "never negative."),
        Mistake("sum for mean", lambda p, q, dx: _kl(p, (p + q) / 2, dx) + _kl(q, (p + q) / 2, dx), "You added the two "
                r"divergences; Jensen–Shannon is their mean. For densities that never meet yours gives $\log 4$."),
        Mistake("dx forgotten", lambda p, q, dx: jensen_shannon(p, q, 1.0), "You added up the values without the width of "
                "the cells. On a grid twice as fine your result would be twice as large."),
        Mistake("plain log", _plain_log, r"Where a density is 0 this computes $0\cdot\log 0$, in floating point 0 times "
                r"$-\infty$, which is nan; and one nan spoils the sum. Have a look at `torch.xlogy`."),
        Mistake("quotient", lambda p, q, dx: (torch.xlogy(p, 2 * p / (p + q)) + torch.xlogy(q, 2 * q / (p + q))).sum() * dx / 2,
                "Nearly: where both densities are 0 the quotient is 0/0, which is nan, and `xlogy` passes a nan on. Take the "
                "difference of two `xlogy` instead."),
        Mistake("KL", lambda p, q, dx: _kl(p, q, dx), r"That is $\mathrm{KL}(p\,\Vert\,q)$: not symmetric, and infinite where "
                r"$q$ misses something. Compare both with their mixture."),
        Mistake("bits", lambda p, q, dx: jensen_shannon(p, q, dx) / math.log(2), "That is the result in bits. Use natural "
                "logarithms."),
    ),
    explanation=r"The mixture is positive wherever $p$ or $q$ is, so no logarithm of 0 is left that has a weight: the "
                "divergence is always finite.")

generator_objective = Formula(
    id="generator_objective", title="What the non-saturating generator follows", level="hard",
    prompt=r"Let $q_\theta$ be the density of the samples $G_\theta(z)$, and let "
           r"$K = \mathrm{KL}(q_\theta\,\Vert\,p_{\text{data}})$ and $J = \mathrm{JSD}(p_{\text{data}}, q_\theta)$. The discriminator "
           r"$D^*$ is optimal for the present parameters $\theta_0$ and *held fixed* while the generator takes a step with "
           r"the non-saturating loss $\mathbb{E}_z[-\log D^*(G_\theta(z))]$. At $\theta_0$, the gradient of this loss by "
           r"$\theta$ is the gradient of an expression in $K$ and $J$. Which? (Factors matter; leave out additive "
           "constants.)",
    hints=(r"A loss that charges $\ell(x)$ for a sample at $x$ has the gradient $\int \dot q\,\ell\,dx$ with "
           r"$\dot q = \nabla_\theta q_\theta$. A divergence has the derivative of its integrand by $q$ in the place of $\ell$. "
           r"Constants drop out, because $\int\dot q\,dx = 0$.",
           r"$-\log D^* = \log\frac{p + q}{p} = \log\frac qp - \log\frac qm + \log 2$, with $m = (p + q)/2$.",
           r"The integrand of $K$ is $q\log\frac qp$, with the derivative $\log\frac qp + 1$. The integrand of $J$ has the "
           r"derivative $\tfrac12\log\frac qm$."),
    symbols={"K": (0.1, 4.0), "J": (0.02, 0.69)}, reference="K - 2*J",
    mistakes=(
        Mistake("reverse KL alone", "K", r"That would need a charge of $\log\frac qp$, minus the logit. This loss charges "
                r"$-\log D^* = \log\frac{p+q}{p}$, which compares with the *sum*: a term in $\log\frac qm$ is left over."),
        Mistake("minimax", "2*J", r"That is what the *minimax* generator follows, with the charge $\log(1 - D^*)$. The "
                r"non-saturating one charges $-\log D^*$."),
        Mistake("factor lost", "K - J", r"Nearly: a factor is lost. Differentiate the integrand of $J$ by $q$ once more, and "
                r"mind the $\tfrac12$ in front of it."),
        Mistake("plus", "K + 2*J", r"Check the sign of the second term: $\log\frac{p+q}{p}$ is $\log\frac qp$ *minus* "
                r"$\log\frac{q}{p+q}$."),
        Mistake("turned round", "2*J - K", r"All signs are turned round: that is the gradient of $+\log D^*$, which the "
                "generator wants to *raise*. The loss has a minus in front."),
        Mistake("JSD", "J", r"The sentence *a GAN minimises the Jensen–Shannon divergence* speaks of another loss, the minimax "
                "one, and for that a factor is missing here too."),
    ),
    explanation=r"$K - 2J = 2\,\mathrm{KL}(m\,\Vert\,p_{\text{data}})$ (Theorem 3.12 and Identity 3.13): in spite of the minus it "
                r"is a divergence, never negative, and infinite if a share of the samples falls where there are no data.")


def held_out_cases(seed: int) -> list[Case]:
    shifted = [Case(case.what, (case.arguments[0].detach() + 1, case.arguments[1].detach() - 0.7))
               for case in logit_cases(seed)[:2]]
    single = tuple(l.float() for l in shifted[0].arguments)
    ends = torch.tensor([[-300.0], [300.0]])
    return [*shifted, Case("32-bit logits", single), Case("logits of ±300", (ends, ends.clone())),
            Case("64-bit logits of ±300", (ends.double(), ends.double())),
            Case("logits of 0", (torch.zeros(5, 1), torch.zeros(3, 1)))]


def jsd_bound(real_logits, fake_logits):
    value = functional.logsigmoid(real_logits).mean() + functional.logsigmoid(-fake_logits).mean()
    return value / 2 + math.log(2)


def _value(real, fake):
    return functional.logsigmoid(real).mean() + functional.logsigmoid(-fake).mean()


def _log_of_sigmoid(real, fake):
    return (torch.sigmoid(real).log().mean() + (1 - torch.sigmoid(fake)).log().mean()) / 2 + math.log(2)


jsd_bound_exercise = Code(
    id="jsd_bound", title="A divergence from below", level="hard",
    prompt=r"A trained discriminator, optimal or not, gave these logits on held-out real and generated samples. With "
           r"$V(D, G)$ estimated by the means over these samples, return the estimate of the lower bound on "
           r"$\mathrm{JSD}(p_{\text{data}}, p_g)$ that follows, in nats. It must be accurate for logits of ±300, in 32 bits too.",
    doc="Lower bound on JSD(p_data, p_g) in nats, a 0-dim tensor, from held-out logits, (n, 1) and (k, 1).",
    needs="import math\nimport torch\nfrom torch.nn import functional", reference=jsd_bound,
    inputs=held_out_cases,
    hints=(r"No discriminator exceeds the best one: $V(D, G) \le V(D^*, G) = 2\,\mathrm{JSD} - 2\log 2$. Solve for the "
           "divergence.",
           r"$V$ is the mean of $\log D$ over the real samples plus the mean of $\log(1 - D)$ over the generated ones.",
           r"$\log D$ is `functional.logsigmoid` of the logit $l$. And $1 - \sigma(l) = \sigma(-l)$, so $\log(1 - D)$ is the "
           r"same function of $-l$."),
    mistakes=(
        Mistake("cut off at 0", lambda r, f: jsd_bound(r, f).clamp_min(0), r"The divergence is never negative, but this *bound* may be: a "
                "weak discriminator promises less than nothing. Cut off, it would no longer average to anything below the divergence."),
        Mistake("half forgotten", lambda r, f: _value(r, f) + 2 * math.log(2), r"That bounds *twice* the divergence: $V$ "
                r"contains the sum of two terms, the divergence is their mean. Yours can reach up to $\log 4$."),
        Mistake("constant not halved", lambda r, f: _value(r, f) / 2 + 2 * math.log(2), r"You halved $V$ but not the "
                r"constant. A discriminator with logits of 0 knows nothing, so its bound must be 0; yours is $\log 2$."),
        Mistake("log of a sigmoid", _log_of_sigmoid, r"Right on paper, but far out the computed sigmoid *is* 0 or 1, and "
                r"the logarithm of 0 is $-\infty$. `functional.logsigmoid` takes the logit itself and is accurate everywhere."),
        Mistake("sign", lambda r, f: math.log(2) - _value(r, f) / 2, r"The sign of $V$ is turned round. $V$ is never "
                r"positive, so yours is never below the ceiling, $\log 2$. (The *loss*, $-V$, is what is subtracted.)"),
        Mistake("sums", lambda r, f: (functional.logsigmoid(r).sum() + functional.logsigmoid(-f).sum()) / 2 + math.log(2),
                "You added up over the samples. Expectations are estimated by means; with sums, more samples "
                "would give another bound."),
        Mistake("swapped", lambda r, f: _value(f, r) / 2 + math.log(2), r"The roles are swapped: $\log D$ is averaged over "
                r"the *real* samples, $\log(1 - D)$ over the generated ones."),
    ),
    explanation="It may be negative: then the discriminator does worse than one that always says one half, and the bound "
                "tells you nothing. It is a bound on average over held-out samples; a single estimate may lie above by chance, "
                "and on the training samples it is no bound at all (Theorem 3.14).")

gan_minimises = Choice(
    id="gan_minimises", title="A sentence you will read often", level="easy", concept=True,
    prompt='*"A GAN minimises the Jensen–Shannon divergence."* When is the gradient of the generator\'s loss proportional to '
           "that of the divergence?",
    hints=(r"Theorem 3.11 has two conditions: one on the loss, one on the discriminator.",),
    options=(
        Option("with every GAN loss, because all have their optimum at $p_g = p_{\\text{data}}$", False, "To share a minimum is "
               r"not to share a gradient. At the optimal discriminator the non-saturating loss follows $2\,\mathrm{KL}(m\,\Vert\,p)$ on its way there."),
        Option("with the minimax loss and any discriminator that is trained along", False, r"With a $D$ that is not optimal, $V(D, G)$ "
               "differs from the divergence by a gap that depends on $G$ too, so its gradient is another one."),
        Option("with the non-saturating loss and the optimal discriminator", False, r"At the optimal discriminator its gradient is "
               r"that of $\mathrm{KL}(p_g\,\Vert\,p_{\text{data}}) - 2\,\mathrm{JSD}$."),
        Option("with the minimax loss and the optimal discriminator", True, r"Then the gradient is that of $2\,\mathrm{JSD}$. Both "
               "conditions are needed, and in practice they are rarely met."),
    ),
    explanation="The sentence describes an ideal game. What a real generator follows depends on its loss and on a "
                "discriminator that lags behind.")

what_holds = Choice(
    id="what_holds", title="What kind of number", level="easy", concept=True,
    prompt=r"Which statements hold for the Jensen–Shannon divergence of any two densities $p$ and $q$, in nats? (All that are "
           "right.)",
    hints=("Think of two densities that do not overlap, and of a third that is half the one and half the other.",),
    options=(
        Option(r"it can be as large as 1", False, r"In bits it can. In nats the ceiling is $\log 2 \approx 0.693$: one look at "
               "a sample tells you at most the result of one coin."),
        Option(r"it is finite even where $\mathrm{KL}(p\,\Vert\,q)$ is infinite", True, r"It compares with the mixture, which is "
               r"positive wherever $p$ or $q$ is."),
        Option("it is a distance: no detour by a third density is shorter", False, r"Its *square root* is. From $(1, 0)$ to "
               r"$(0, 1)$ the divergence is 0.693; by way of $(\tfrac12, \tfrac12)$ it is only $0.216 + 0.216$."),
        Option("as long as the two do not overlap it has the same value, near or far", True, r"It is $\log 2$ then. It sees "
               "whether they meet, not how far apart they are."),
    ),
    explanation=r"The ceiling makes the divergence finite, and it makes it flat: once apart, the generator gets no direction "
                "from it. Chapter 4 begins there.")

convex_in_what = Choice(
    id="convex_in_what", title="Convex in what?", level="medium", concept=True,
    prompt=r"For fixed data the map $q \mapsto \mathrm{JSD}(p, q)$ is convex. Which statements follow? (All that are right.)",
    hints=(r"What moves along a straight line: the density, the samples, or the weights of a network?",),
    options=(
        Option("along a fading, $(1 - t)\\,a + t\\,b$, the divergence lies nowhere above its chord", True, "That is what convex in "
               "the density means."),
        Option("gradient descent on the generator's weights cannot get stuck", False, "Weights enter the density in a "
               "crooked way. A convex function of the density need not be convex in the weights."),
        Option(r"sliding $N(s, 1)$ towards data from $N(0, 1)$ gives a convex curve in $s$", False, r"A normal that slides does "
               r"not fade. The curve flattens towards $\log 2$ far away, and a convex curve that rises can never flatten."),
        Option(r"if the density could be chosen freely, there would be no local minimum but $q = p$", True, "A local minimum of a "
               "convex function is a global one, and the divergence is 0 for equal densities only."),
    ),
    explanation="The theorem says where the bottom is. It does not say that training gets there.")

missed_or_junk = Choice(
    id="missed_or_junk", title="Missed or made up", level="medium", concept=True,
    prompt="Generator A never makes a mode that holds 10 % of the data, and matches the rest. Generator B matches all of the "
           "data with 90 % of its samples, and puts 10 % where there are no data. Compare them by the Jensen–Shannon "
           r"divergence, and by $\mathrm{KL}(p_g\,\Vert\,p_{\text{data}}) - 2\,\mathrm{JSD}$, which the non-saturating loss follows "
           "at the optimal discriminator.",
    hints=(r"The Jensen–Shannon divergence does not change if $p$ and $q$ are exchanged.",),
    options=(
        Option("by both, A is worse", False, r"You may be thinking of $\mathrm{KL}(p_{\text{data}}\,\Vert\,p_g)$, as in maximum "
               "likelihood: there a missed mode costs infinitely much. Neither of these two measures is that one."),
        Option("by the first they are equal, by the second B is infinitely worse", True, r"Exchange $p$ and $q$, and A becomes "
               r"B: the first cannot tell them apart. The second is $2\,\mathrm{KL}(m\,\Vert\,p)$, infinite where there are samples "
               "but no data."),
        Option("by both they are equal", False, r"Right for the first, which is symmetric. The second is not: exchange $p$ and "
               r"$q$ in it, and it changes."),
        Option(r"by the first B is worse, because each junk sample is charged $\log 2$", False, r"Each missed data sample is "
               r"charged $\log 2$ as well, and there are as many of them."),
    ),
    explanation=r"By the Jensen–Shannon divergence both cost 0.036 nats, about 5 % of $\log 2$. The non-saturating generator would rather make less than make "
                "something wrong.")

which_way = Choice(
    id="which_way", title="Upwards or downwards", level="medium", concept=True,
    prompt="You estimate the Jensen–Shannon divergence of two continuous distributions from finite samples. Which statement "
           "is right?",
    hints=("Ask for each estimate what it gives for two samples of one and the same distribution.",),
    options=(
        Option("for a perfect generator two histograms give 0 on average", False, "Chance makes the two histograms differ, and "
               r"every difference counts as divergence: on average about $(B - 1)/(4n)$ for $B$ equally likely bins and $n$ samples each."),
        Option("with the samples given, finer bins always bring the histogram's answer nearer to the truth", False, r"Finer bins "
               r"raise the floor. In the end no two samples share a bin, and the answer is $\log 2$ for any two "
               "distributions."),
        Option(r"the value of a trained discriminator on held-out samples gives a lower bound, on average", True, r"On average "
               r"over held-out samples it is $V(D, G)$, and no $D$ exceeds $D^*$."),
        Option("so does its value on the samples it was trained on", False, "A discriminator can learn its samples by heart; "
               "then this value climbs above that of the best one."),
    ),
    explanation="Know the floor of the one before you believe a small divergence, and the training error of the other before you "
                "believe a small bound.")

CHAPTER = Chapter(
    "03", "The Jensen–Shannon divergence",
    [overlap, value_from_jsd, discriminator_loss_to_jsd, jsd_integrand, missed_mode, jensen_shannon_exercise,
     generator_objective, jsd_bound_exercise, gan_minimises, what_holds, convex_in_what, missed_or_junk, which_way],
    gate={"numbers": (2, ("overlap", "value_from_jsd", "discriminator_loss_to_jsd")),
          "derivation": (2, ("jsd_integrand", "missed_mode", "generator_objective")),
          "code": (1, ("jensen_shannon", "jsd_bound")),
          "concepts": (4, ("gan_minimises", "what_holds", "convex_in_what", "missed_or_junk", "which_way"))})
