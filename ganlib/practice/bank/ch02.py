"""Chapter 2, the optimal discriminator."""

import math

import torch

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code, logits
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

SHARES = (0.1, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9)
DENSITIES = {"p": (0.05, 3.0), "q": (0.05, 3.0)}

equal_everywhere = Number(
    id="equal_everywhere", title="A perfect forger", level="easy",
    prompt=r"The generator is perfect: $p_g(x) = p_{\text{data}}(x)$ for every $x$. The discriminator is the best there "
           r"is, and it sees as many real as generated samples. What is the value of the game, "
           r"$V(D^*, G) = \mathbb{E}_{p_{\text{data}}}\log D^* + \mathbb{E}_{p_g}\log(1 - D^*)$, in nats?",
    hints=(r"First find $D^*(x)$: with $p = q$ at every point, what is $p/(p+q)$?",
           r"$D^* = \tfrac12$ everywhere. Both logarithms are then constants, whatever the averages run over.",
           r"Each of the two terms is $\log\tfrac12$."),
    reference="-2*log(2)",
    mistakes=(
        Mistake("the loss", "2*log(2)", "That is the discriminator's *loss*, $-V$. The value is never above 0, because "
                "logarithms of probabilities are not."),
        Mistake("one term", "-log(2)", "That is one of the two terms. Real and generated samples each contribute "
                r"$\log\tfrac12$."),
        Mistake("zero", "0", r"Zero is the value for a discriminator that is always right and always sure. This one says "
                r"$\tfrac12$ everywhere, and $\log\tfrac12 \ne 0$."),
        Mistake("bits", "-2", "That is the value in bits. The logarithms of this book are natural, so the unit is the "
                "nat: multiply by log 2."),
        Mistake("D itself", "1/2", r"That is $D^*(x)$. Put it into $V$."),
    ),
    explanation=r"$D^* = \tfrac12$ everywhere, so $V = 2\log\tfrac12 = -\log 4 \approx -1.386$, and the discriminator's "
                r"loss is $1.386$. Remember this number: a loss near it means that $D$ cannot tell.")

answer_to_a_perfect_forger = Formula(
    id="answer_to_a_perfect_forger", title="What can one say of a perfect forgery?", level="easy",
    prompt=r"Again $p_g(x) = p_{\text{data}}(x)$ for every $x$, but of the samples that are shown the share $s$ is real, and all count alike. What does "
           r"the best discriminator $D^*(x)$ say?",
    hints=("The sample itself tells nothing: data and forger produce it equally often. What is still known?",
           r"Only how many of the samples are real. For $s = \tfrac12$ your formula must give $\tfrac12$."),
    symbols={"s": (0.05, 0.95)}, reference="s",
    mistakes=(
        Mistake("half", "1/2", r"Only for $s = \tfrac12$. If nine in ten of the samples are real, the best guess for any of "
                "them is 0.9, although it looks like a forgery in every detail."),
        Mistake("generated", "1 - s", r"That is the probability that the sample is *generated*. $D$ answers for the real ones."),
        Mistake("the odds", "s/(1 - s)", r"These are the odds of real against generated. $D^*$ is a probability."),
        Mistake("the logit", "log(s/(1 - s))", r"That is the logit of $D^*$. The probability is $\sigma$ of it."),
        Mistake("zero", "0", r"A $D$ that says 0 claims that nothing is real, and pays $\log 0 = -\infty$ for every sample "
                "that is."),
    ),
    explanation=r"Where the two densities are equal, all that is left is the prior. With as many real as generated samples "
                r"$D^* = \tfrac12$ everywhere.")

density_times = Number(
    id="density_times", title="Denser by a factor", level="easy",
    prompt=r"At a point $x$ the data are $c$ times as dense as the generator's samples: "
           r"$p_{\text{data}}(x) = c\,p_g(x)$. Real and generated samples are shown equally often. What is $D^*(x)$?",
    hints=(r"$D^* = p/(p+q)$ depends only on the ratio of the two densities.",
           r"Put $p = cq$ into it and cancel $q$."),
    reference="c/(1 + c)", draw={"c": (0.2, 0.25, 0.4, 1.5, 3, 4, 7, 9)},
    mistakes=(
        Mistake("inverted", "1/(1 + c)", r"That is $1 - D^*$, the probability of *generated*. $D$ answers for the real "
                r"samples, so $p_{\text{data}}$ is on top."),
        Mistake("the ratio", "c", r"That is the ratio of the densities, $p/q$. $D^*$ is a probability, $p/(p+q)$."),
        Mistake("ratio inverted", "1/c", r"That is $q/p$. $D^*$ is the share of the real ones among *both*."),
        Mistake("the logit", "log(c)", r"That is the logit of $D^*$. The probability is $\sigma(\log c)$."),
        Mistake("sure", "1", r"A $D$ that says 1 is sure. But some of the samples at $x$ are generated, since $p_g(x) > 0$."),
    ),
    explanation=r"Of $c + 1$ samples at $x$, $c$ are real. For $c = 1$ this is $\tfrac12$.")

logit_shift = Number(
    id="logit_shift", title="Put right the share", level="easy",
    prompt=r"A discriminator was trained with a cross-entropy averaged over whole batches of which the share $s$ was real (one mean over all samples, not one for each kind). You want to use it where real and "
           r"generated samples are equally frequent. What must you *subtract* from its logits?",
    hints=(r"With share $s$ the optimum is $D^* = s\,p/(s\,p + (1-s)\,q)$. Write down its logit, "
           r"$\log\frac{D^*}{1 - D^*}$.",
           r"The logit is $\log\frac pq$ plus something that depends on $s$ alone. That something has to go."),
    reference="log(s/(1 - s))", draw={"s": SHARES},
    mistakes=(
        Mistake("sign", "-log(s/(1 - s))", "Right in size, but this is what you would *add*. For more than half real, "
                "the logits are too large."),
        Mistake("log share", "log(s)", r"The other side counts too: the generated ones come with weight $1 - s$, and the "
                r"logit is a log-*ratio*."),
        Mistake("log 2s", "log(2*s)", r"Relative to an even share the real samples get the weight $2s$; but the generated ones get $2(1-s)$ at the same time, and the logit is the logarithm of the quotient."),
        Mistake("no logarithm", "s/(1 - s)", "These are the odds. Logits are logarithms of odds."),
        Mistake("share itself", "s - 1/2", "Probabilities cannot be corrected by subtraction, and logits need the "
                "logarithm of the odds."),
    ),
    explanation=r"$\operatorname{logit} D^* = \log\frac pq + \log\frac{s}{1-s}$: the share shifts all logits by one "
                "number and does nothing else.")

integrand_derivative = Formula(
    id="integrand_derivative", title="The slope of the integrand", level="medium",
    prompt=r"At one point $x$, with $p = p_{\text{data}}(x)$ and $q = p_g(x)$, the value of the game gains "
           r"$p\log D + q\log(1 - D)$. Differentiate by $D$.",
    hints=(r"The derivative of $\log u$ is $1/u$. Do the two terms one after the other.",
           r"In the second term there is an inner derivative: that of $1 - D$ is $-1$."),
    symbols={**DENSITIES, "D": (0.05, 0.95)}, reference="p/D - q/(1 - D)",
    mistakes=(
        Mistake("inner derivative", "p/D + q/(1 - D)", r"The chain rule: $\frac{d}{dD}\log(1-D) = -\frac{1}{1-D}$, with a "
                "minus. With a plus, nothing would stop $D$ from going up to 1."),
        Mistake("not differentiated", "p*log(D) + q*log(1 - D)", "That is the integrand itself. Differentiate it by $D$."),
        Mistake("second derivative", "-p/D**2 - q/(1 - D)**2", "That is already the second derivative. (It is negative: "
                "good to know, because it makes the zero of the first a maximum.)"),
        Mistake("swapped", "q/D - p/(1 - D)", r"The roles are swapped: $\log D$ is averaged over the *data*, so it comes "
                r"with $p$."),
        Mistake("first term only", "p/D", r"And the second term? Without it $D$ would go up to 1 everywhere."),
        Mistake("same denominator", "p/D - q/D", r"The second logarithm is that of $1 - D$, so its derivative has "
                r"$1 - D$ below."),
    ),
    explanation=r"Zero where $p(1 - D) = qD$. The second derivative, $-p/D^2 - q/(1-D)^2$, is negative everywhere (Theorem 2.1), so the zero is the one maximum.")

d_star = Formula(
    id="d_star", title="The optimal discriminator", level="medium",
    prompt=r"Set that derivative to zero and solve for $D$: what does the optimal discriminator say at a point with "
           r"data density $p$ and generator density $q$?",
    hints=(r"Multiply $\frac pD = \frac{q}{1 - D}$ by $D(1 - D)$.",
           r"$p(1 - D) = qD$. Collect the terms with $D$."),
    symbols=DENSITIES, reference="p/(p + q)",
    mistakes=(
        Mistake("inverted", "q/(p + q)", r"Upside down. $D$ is the probability that $x$ is *real*: where the data are "
                r"denser, $D^*$ must exceed $\tfrac12$."),
        Mistake("the ratio", "p/q", r"That is $D^*/(1 - D^*)$, the odds. Solve for $D^*$ itself; a probability cannot "
                "exceed 1."),
        Mistake("the logit", "log(p/q)", r"That is the logit of $D^*$. The probability is $\sigma$ of it."),
        Mistake("half", "1/2", r"Only where $p = q$. The question is about any $p$ and $q$."),
        Mistake("squares", "p**2/(p**2 + q**2)", "That would be the answer for a pair of independent samples at $x$, both real or both generated. Here there is one. Look again at "
                r"$p(1 - D) = qD$: it is linear."),
        Mistake("difference", "p/(p - q)", r"A sign went wrong: $p - pD = qD$ gives $p = (p + q)D$."),
    ),
    explanation=r"Of the samples that look like $x$, the share $p/(p+q)$ is real (Theorem 2.2).")

unequal_shares = Formula(
    id="unequal_shares", title="Unequal shares", level="medium",
    prompt=r"Of the samples shown to $D$ the share $s$ is real, and all count alike. At a point with densities $p$ (data) and $q$ (generator), "
           r"what does the best discriminator say?",
    hints=(r"By Bayes' rule: prior times likelihood of *real*, over the same for both.",
           r"The integrand is now $s\,p\log D + (1 - s)\,q\log(1 - D)$; what replaces $p$, what replaces $q$?"),
    symbols={**DENSITIES, "s": (0.05, 0.95)}, reference="s*p/(s*p + (1 - s)*q)",
    mistakes=(
        Mistake("shares forgotten", "p/(p + q)", r"Right for $s = \tfrac12$ only. If real samples are nine times as "
                r"frequent, guessing *real* is right nine times in ten even where $p = q$."),
        Mistake("shares swapped", "(1 - s)*p/((1 - s)*p + s*q)", r"The weights are swapped: $s$ is the share of the real "
                r"ones and belongs to $p$."),
        Mistake("inverted", "(1 - s)*q/(s*p + (1 - s)*q)", r"That is the probability of *generated*."),
        Mistake("not normalised", "s*p/(p + q)", r"The denominator must be the density of all that is shown, "
                r"$s\,p + (1-s)\,q$; with yours, the two probabilities do not add up to 1."),
        Mistake("share of D", "s*p/(s*p + q)", r"The generated samples come with the weight $1 - s$, not 1."),
    ),
    explanation=r"With $p = q$ everywhere the answer is $s$: a perfect forger leaves the detective with the prior.")

gaussian_d_star = Formula(
    id="gaussian_d_star", title="Two normal densities", level="medium",
    prompt=r"The data are $N(0, 1)$, the generator makes $N(m, 1)$ with $m > 0$; real and generated are shown equally often. What is "
           r"$D^*(x)$? (Write $\sigma(\dots)$ as `sigma(...)`.)",
    hints=(r"$D^* = \sigma(\log p - \log q)$. Begin with the two log-densities.",
           r"$\log p - \log q = -\tfrac12 x^2 + \tfrac12 (x - m)^2$: expand the square."),
    symbols={"x": (-2.0, 3.0), "m": (0.3, 2.5)}, reference="sigma(m**2/2 - m*x)",
    mistakes=(
        Mistake("inverted", "sigma(m*x - m**2/2)", r"Upside down: far to the left, where the data are denser by any factor you like, your $D^*$ tends to 0. It must tend to 1 there."),
        Mistake("the logit", "m**2/2 - m*x", r"That is the logit. $D^*$ is $\sigma$ of it."),
        Mistake("half forgotten", "sigma(m**2 - 2*m*x)", r"The exponent of a normal density is $-\tfrac12 x^2$: you lost "
                r"the $\tfrac12$."),
        Mistake("the square forgotten", "sigma(-m*x)", r"At $x = m/2$, half-way, the two densities are equal and $D^*$ "
                r"must be $\tfrac12$; the term $m^2/2$ sees to that."),
        Mistake("ratio of densities", "exp(m**2/2 - m*x)", r"That is $p/q$, which is not bounded by 1."),
        Mistake("wrong centre", "sigma(m - x)", r"Yours is $\tfrac12$ at $x = m$; it must be so half-way, at $m/2$, where the densities are equal. And the slope of the logit is $-m$, not $-1$."),
    ),
    explanation=r"The logit is a straight line of slope $-m$ that crosses 0 half-way, at $x = m/2$. The farther apart, "
                "the more abrupt the discriminator: chapter 4 is about what that does to the generator.")


def ratio_cases(seed: int) -> list[Case]:
    big = torch.tensor([[-40.0], [0.0], [40.0]])
    shares = (0.5, (0.2, 0.35, 0.8)[seed % 3], 0.9)
    return [Case(what, (values.detach(), s)) for what, values, s in zip(
        ("an even share", "an uneven share", "logits of ±40"),
        (logits(20, seed), logits(20, seed + 100), big), shares, strict=True)]


def density_ratio(logits, share):
    return torch.exp(logits) * (1 - share) / share


def _from_probability(logits, share):
    d = torch.sigmoid(logits)
    return d / (1 - d) * (1 - share) / share


density_ratio_exercise = Code(
    id="density_ratio", title="A ratio out of a discriminator", level="medium",
    prompt=r"A discriminator was trained with the share $s$ = `share` of real samples, all of which counted alike, and has reached its optimum. You have its logits "
           r"at some points. Write a function that returns the ratio $p_{\text{data}}/p_g$ at these points, accurate for "
           "large logits too.",
    doc="p_data / p_g at the points with these logits, (n, 1) → (n, 1). share: the share of real samples in training.",
    needs="import torch", reference=density_ratio, inputs=ratio_cases,
    hints=(r"What is the logit of $D^*$ for an even share? Invert that.",
           r"An uneven share $s$ has added $\log\frac{s}{1-s}$ to the logits: the odds have a factor too many.",
           r"$D/(1 - D)$ is $e^l$; computed by way of $D$ you divide by zero as soon as $D$ rounds to 1."),
    mistakes=(
        Mistake("by the probability", _from_probability, r"Right on paper, but at a logit of 40 the sigmoid *is* 1 in "
                r"32 bits, and you divide by zero. $D/(1-D) = e^l$: use the logit itself."),
        Mistake("share forgotten", lambda l, s: torch.exp(l), r"Right for an even share. With a share $s$ of real "
                r"samples the odds have the factor $s/(1-s)$, which must be divided out."),
        Mistake("share the wrong way", lambda l, s: torch.exp(l) * s / (1 - s), r"The correction goes the other way: "
                "if nine in ten samples are real, $D$ believes too easily, and the ratio is *smaller* than the odds."),
        Mistake("probability for ratio", lambda l, s: torch.sigmoid(l), r"That is $D$, a probability; the ratio "
                r"$p/q$ may be anything from 0 to infinity."),
        Mistake("inverted", lambda l, s: torch.exp(-l) * s / (1 - s), r"That is $p_g/p_{\text{data}}$."),
        Mistake("logarithm", lambda l, s: l - math.log(s / (1 - s)), "That is the logarithm of the ratio. "
                "One `exp` more."),
    ),
    explanation=r"$\frac pq = e^{l}\,\frac{1-s}{s}$. This is how a classifier becomes a density-ratio estimator "
                "(Theorem 2.4 and Theorem 2.6).")


def kl_cases(seed: int) -> list[Case]:
    return [Case("500 logits", (logits(500, seed).detach().squeeze(1) + 0.7,)),
            Case("12 logits", (logits(12, seed + 50, 1.0).detach().squeeze(1),))]


def kl_estimate(real_logits):
    return real_logits.mean(), real_logits.std() / len(real_logits) ** 0.5


kl_exercise = Code(
    id="kl_estimate", title="A divergence with its error", level="hard",
    prompt=r"A discriminator was trained with as many real as generated samples. Its logits on $N$ fresh *real* samples estimate "
           r"$\mathrm{KL}(p_{\text{data}}\,\Vert\,p_g)$. Return the estimate and its standard error (with $N - 1$ in the standard deviation, as `torch.std` has it).",
    doc="Estimate of KL(p_data || p_g) and its standard error, from logits on real samples, shape (N,).",
    needs="import torch", reference=kl_estimate, inputs=kl_cases,
    hints=(r"$\mathrm{KL}(p\,\Vert\,q) = \mathbb{E}_{x\sim p}[\log p - \log q]$: what is in the bracket, if $D = D^*$?",
           r"The standard error of a mean of $N$ independent numbers is their standard deviation divided by $\sqrt N$."),
    mistakes=(
        Mistake("results exchanged", lambda l: (l.std() / len(l) ** 0.5, l.mean()), "Both are right, in the wrong order: the estimate "
                "comes first."),
        Mistake("deviation, not error", lambda l: (l.mean(), l.std()), "That is how much one logit scatters. The mean "
                r"of $N$ scatters less, by $\sqrt N$."),
        Mistake("N for N - 1", lambda l: (l.mean(), l.std(correction=0) / len(l) ** 0.5), r"Almost: your standard deviation divides by "
                r"$N$. The mean was estimated from the same numbers, so divide by $N - 1$, as `torch.std` does."),
        Mistake("divided by N", lambda l: (l.mean(), l.std() / len(l)), r"Variances of means fall like $1/N$, standard "
                r"deviations like $1/\sqrt N$."),
        Mistake("variance", lambda l: (l.mean(), l.var() / len(l)), "That is the variance of the mean; the standard "
                "error is its square root."),
        Mistake("log of D", lambda l: (torch.nn.functional.logsigmoid(l).mean(),
                                       torch.nn.functional.logsigmoid(l).std() / len(l) ** 0.5),
                r"$\log D = \log\frac{p}{p+q}$ compares $p$ with the sum. The logit compares it with $q$."),
        Mistake("sign", lambda l: (-l.mean(), l.std() / len(l) ** 0.5), r"The logit of $D^*$ is $\log p - \log q$, whose average over the data is never negative."),
        Mistake("mean of ratios", lambda l: (l.exp().mean(), l.exp().std() / len(l) ** 0.5), r"That averages "
                r"$p/q$; the divergence averages its logarithm."),
    ),
    explanation="The standard error vouches for the average only. How far the trained logit is from the optimal one "
                "does not show in it (Identity 2.8).")

off_support = Choice(
    id="off_support", title="Where nothing falls", level="easy", concept=True,
    prompt=r"At a point $x$ both $p_{\text{data}}$ and $p_g$ are zero. What is the optimal $D(x)$?",
    hints=(r"What does the integrand $p\log D + q\log(1 - D)$ look like there?",),
    options=(
        Option(r"$\tfrac12$, because nothing speaks for either side", False, r"Tempting, but $\tfrac12$ needs as much of "
               r"$p$ as of $q$, and here is neither. The value of the game does not depend on $D(x)$ at all."),
        Option("0, because no real sample is there", False, "No generated one is there either; nothing rewards a 0."),
        Option("any value is optimal", True, "The integrand is 0 whatever $D(x)$ is. What a trained network says there "
               "comes from its architecture, its initial weights and what it has learnt in the neighbourhood."),
        Option("undefined, so training must avoid such points", False, "Training never visits them: no sample falls "
               "there. That is just why anything goes."),
    ),
    explanation="Remember it when a generator has to cross such a region to find a mode it has missed.")

half_everywhere = Choice(
    id="half_everywhere", title="One half everywhere", level="easy", concept=True,
    prompt=r"Your trained discriminator says $D \approx \tfrac12$ on all samples. What follows?",
    hints=("Which discriminator is the statement about, yours or the best one?",),
    options=(
        Option("the generator is perfect: nobody could tell its samples from the data", False, r"Only if $D$ is optimal. A discriminator that is too small, or not "
               r"yet trained, says $\tfrac12$ as well."),
        Option("nothing yet", True,
               r"It may be that $G$ is perfect or that $D$ is weak. Train a stronger discriminator on fresh samples and look again."),
        Option("the discriminator is broken", False, r"It may be. But against a perfect generator $\tfrac12$ is the best "
               "answer there is."),
        Option("the learning rate is too low", False, "One of several possible reasons; the number alone does not tell."),
    ),
    explanation="A discriminator that finds a difference on fresh samples shows that there is one, however weak it is. One that finds none proves something only if it is *optimal*.")

gradient_of_d_star = Choice(
    id="gradient_of_d_star", title="Which gradient is it?", level="medium", concept=True,
    prompt=r"What is $\nabla_x \log\frac{p_{\text{data}}(x)}{p_g(x)}$ the gradient of?",
    hints=(r"Which function of $D^*$ equals $\log p - \log q$?",),
    options=(
        Option(r"of $D^*$", False, r"$\nabla D^* = D^*(1 - D^*)\,\nabla\log\frac pq$: there is another factor, and it "
               "vanishes where $D^*$ is sure."),
        Option(r"of the logit of $D^*$", True, r"$\operatorname{logit} D^* = \log\frac{D^*}{1 - D^*} = \log\frac pq$."),
        Option(r"of $\log D^*$", False, r"$\nabla\log D^* = (1 - D^*)\,\nabla\log\frac pq$."),
        Option(r"of $-\log(1 - D^*)$", False, r"$-\nabla\log(1 - D^*) = D^*\,\nabla\log\frac pq$: the minimax generator "
               "gets this, and it is why it starves."),
    ),
    explanation=r"All four point the same way; the factors $1$, $D^*$, $1 - D^*$ and $D^*(1-D^*)$ make the difference.")

calibrated = Choice(
    id="calibrated", title="What calibration is worth", level="medium", concept=True,
    prompt=r"A discriminator is perfectly calibrated: among the samples for which it says $0.7$, 70 % are real, and so on "
           "for every number it says. Which statements follow? (All that are right.)",
    hints=(r"Think of the constant $D \equiv \tfrac12$ on an even mix.",),
    options=(
        Option("it is the optimal discriminator", False, r"The constant $\tfrac12$ is calibrated on an even mix and "
               "knows nothing."),
        Option("its probabilities can be believed as frequencies", True, "That is what calibration means."),
        Option("its accuracy exceeds one half", False, r"On an even mix the constant $\tfrac12$ is calibrated, and no better than a coin."),
        Option(r"if it says only one value, that value is the share of real samples", True, "All samples are then in one "
               "bin, whose share of real ones is the overall share."),
    ),
    explanation=r"$D^*$ is calibrated *and* tells apart as much as can be told apart.")

few_samples = Choice(
    id="few_samples", title="The sure discriminator", level="medium", concept=True,
    prompt="A discriminator trained for long on twenty real and twenty generated samples reaches a loss near 0. On fresh "
           "samples it is wrong as often as it is right, and very sure. What does its mean logit on fresh real samples "
           r"tell you about $\mathrm{KL}(p_{\text{data}}\,\Vert\,p_g)$?",
    hints=("Which of the two errors of Identity 2.8 shrinks with the number of fresh samples?",),
    options=(
        Option("an upper bound", False, "The error has no sign that you could rely on: its logits can be off either way."),
        Option("the right value, if there are enough fresh samples", False, "Fresh samples shrink the *sampling* error. "
               "The training error stays as it is."),
        Option("little or nothing", True,
               "Its training error is large, and no standard error shows it: the bars are short and in the wrong place."),
        Option("it is 0, because the training loss is", False, "A loss near 0 on the training samples would mean that "
               "the two kinds can be told apart, the opposite of a small divergence; and here it means that they were "
               "learnt by heart."),
    ),
    explanation="An honest estimate names both errors. Several discriminators, trained apart, show a part of the second.")

batch_sizes = Choice(
    id="batch_sizes", title="Three real to one generated", level="medium", concept=True,
    prompt="In every step you show $D$ 96 real and 32 generated samples, and you minimise "
           r"`softplus(-D(real)).mean() + softplus(D(fake)).mean()`, with logits $D$. What probability does the best such $D$ give "
           r"where $p_{\text{data}} = p_g$?",
    hints=("With which weights do the two means enter the loss?",),
    options=(
        Option(r"$\tfrac34$, the share of real samples in a batch", False, "It would be so with one mean over all 128 samples. Here "
               "each kind has a mean of its own."),
        Option(r"$\tfrac12$", True, "Both means have the weight 1. The sizes of the batches only change how noisy they are."),
        Option(r"$\tfrac14$", False, "A generated sample does weigh three times as much as a real one, but there are three times as "
               "few of them."),
        Option("any value is optimal", False, "That is so only where both densities are 0."),
    ),
    explanation="The share in Theorem 2.6 is set by the weights of the two means, not by the sizes of the batches.")

cost_of_an_error = Formula(
    id="cost_of_an_error", title="The price of being a little wrong", level="hard",
    prompt=r"At a point with densities $p, q > 0$ a discriminator says $D^* + e$ instead of $D^* = p/(p+q)$, with a small error "
           r"$e$. The integrand $h(d) = p\log d + q\log(1 - d)$ then falls short of its maximum by $A e^2$, up to terms of third "
           r"order. What is $A$, in $p$ and $q$?",
    hints=(r"At the maximum the slope is 0, so the loss begins with the second-order term of Taylor's series: "
           r"$-\tfrac12 h''(D^*)\,e^2$.",
           r"$-h''(d) = \frac{p}{d^2} + \frac{q}{(1-d)^2}$ (Theorem 2.1). Put in $d = p/(p+q)$ and $1 - d = q/(p+q)$.",
           r"$-h''(D^*) = (p+q)^2\left(\frac1p + \frac1q\right)$. Simplify, and do not forget the $\tfrac12$."),
    symbols=DENSITIES, reference="(p + q)**3/(2*p*q)",
    mistakes=(
        Mistake("half forgotten", "(p + q)**3/(p*q)", r"That is $-h''(D^*)$. Taylor's series has a $\tfrac12$ in front of the second "
                "derivative."),
        Mistake("sign", "-(p + q)**3/(2*p*q)", r"That is the second-order term of $h$ itself, which is negative at a maximum. The "
                "shortfall is positive."),
        Mistake("at one half", "2*(p + q)", r"You put $d = \tfrac12$ into the second derivative. It must be taken at $D^*$."),
        Mistake("D not squared", "(p + q)", r"The derivative of $1/d$ is $-1/d^2$: square the $d$ below."),
        Mistake("density forgotten", "(p + q)**2/(2*p*q)", r"That is the price per sample, for $p + q = 1$. Double both densities, and "
                "the price must double too; yours stays as it is."),
        Mistake("product", "(p + q)/2", r"You lost $D^*(1 - D^*) = pq/(p+q)^2$ below the line."),
    ),
    explanation=r"$A = \frac{p + q}{2 D^*(1 - D^*)}$: errors cost in proportion to how often the point is visited, and more where $D^*$ "
                "is sure. Where nothing falls they are free (compare Identity 2.3).")

CHAPTER = Chapter(
    "02", "The optimal discriminator",
    [equal_everywhere, answer_to_a_perfect_forger, density_times, logit_shift, integrand_derivative, d_star, unequal_shares, gaussian_d_star,
     density_ratio_exercise, cost_of_an_error, kl_exercise, off_support, half_everywhere, gradient_of_d_star, calibrated, few_samples, batch_sizes],
    gate={"first steps": (3, ("equal_everywhere", "answer_to_a_perfect_forger", "density_times", "logit_shift")),
          "derivation": (3, ("integrand_derivative", "d_star", "unequal_shares", "gaussian_d_star", "cost_of_an_error")),
          "code": (1, ("density_ratio", "kl_estimate")),
          "concepts": (4, ("off_support", "half_everywhere", "gradient_of_d_star", "calibrated", "few_samples", "batch_sizes"))})
