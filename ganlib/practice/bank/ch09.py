"""Chapter 9, regularising the discriminator."""

import torch
import torch.nn.functional as F
from torch import nn

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code, logit_cases
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

flipped = Formula(
    id="flipped", title="Flipped labels", level="easy",
    prompt="Before the discriminator sees them, the labels of real *and* of generated samples are flipped, each "
           r"with probability $\rho$. What is the best $D$ at a point where the densities are $p$ and $q$? (Write "
           "`rho`.)",
    hints=("What is the mean label of a real sample now, and of a generated one?",
           r"$1 - \rho$ and $\rho$. The best answer to a cross-entropy is the mean label of all that lies at this "
           "point."),
    symbols={"p": (0.1, 2.0), "q": (0.1, 2.0), "rho": (0.05, 0.4)}, reference="((1 - rho)*p + rho*q)/(p + q)",
    mistakes=(
        Mistake("no flips", "p/(p + q)", "That is the answer to correct labels."),
        Mistake("real only", "(1 - rho)*p/(p + q)", "You flipped the labels of the real samples only. The generated "
                "ones are called real now and then, too."),
        Mistake("generated only", "(p + rho*q)/(p + q)", "You flipped the labels of the generated samples only."),
        Mistake("exchanged", "(rho*p + (1 - rho)*q)/(p + q)", r"You exchanged the two: for $\rho = 0$ yours would be "
                "the probability of *generated*."),
        Mistake("as shares", "(1 - rho)*p/((1 - rho)*p + rho*q)", "That is what happens if real and generated "
                r"samples are shown with the unequal shares $1 - \rho$ and $\rho$. Here they are as frequent as "
                "before; their labels are wrong."),
        Mistake("offset forgotten", "(1 - 2*rho)*p/(p + q)", "Where there are only generated samples, some labels "
                "say real. Yours is 0 there."),
    ),
    explanation=r"For $\rho < \tfrac12$ it lies between $\rho$ and $1 - \rho$, the same as with the targets $\alpha = 1 - \rho$ and $\beta "
                r"= \rho$ (Identity 9.8).")

logit_room = Formula(
    id="logit_room", title="How far can it change its mind?", level="easy",
    prompt="All layers of a discriminator are spectrally normalised, and its activations are nowhere steeper than "
           "1. It gives a sample the probability $D$. What is the greatest probability that it can give to a sample "
           "at the distance $m$ from this one? (Write `sigma(...)` for the sigmoid.)",
    hints=("What does spectral normalisation bound, the slope of the probability or that of the logit?",
           r"The logit can grow by $m$ at most. Which logit belongs to $D$?"),
    symbols={"D": (0.05, 0.95), "m": (0.2, 3.0)}, reference="sigma(log(D/(1 - D)) + m)",
    mistakes=(
        Mistake("log D as logit", "sigma(log(D) + m)", r"You took $\log D$ for the logit. It is $\log\frac{D}{1 - D}$."),
        Mistake("added to D", "D + m", "You added the distance to the probability. It is the *logit* whose slope is "
                "bounded by 1."),
        Mistake("slope of the sigmoid", "D + m/4", r"The sigmoid is nowhere steeper than $\tfrac14$, so yours is a "
                "bound too, but it can exceed 1 and is not reached."),
        Mistake("odds as probability", "D*exp(m)", "The *odds* can grow by the factor $e^m$; you applied it to the "
                "probability."),
        Mistake("start forgotten", "sigma(m)", r"That is right for $D = \tfrac12$. Which logit does it start from?"),
        Mistake("D as logit", "sigma(D + m)", "You took the probability for a logit."),
        Mistake("least", "sigma(log(D/(1 - D)) - m)", "That is the *least* probability it can give."),
    ),
    explanation="The odds change by the factor $e^m$ at most. So a normalised discriminator can still be very sure, "
                "of samples that are far apart.")

leaked = Formula(
    id="leaked", title="What the generator learns with it", level="easy",
    prompt="All data are upright. Before the discriminator sees a *real* sample, it is turned, with probability "
           "$c$, by one of the angles $0°$, $90°$, $180°$, $270°$, each with equal chance. Generated samples are "
           "shown as they are. After a perfect game, what share of the generated samples is upright?",
    hints=("The generator has won when its samples are distributed like what it is compared with.",
           r"A real sample stays upright if it is left alone, $1 - c$, or if the angle is $0°$."),
    symbols={"c": (0.1, 0.9)}, reference="1 - 3*c/4",
    mistakes=(
        Mistake("0° forgotten", "1 - c", r"One of the four turns is by $0°$."),
        Mistake("no leak", "1", "So it would be if both kinds were turned (and not always). Here only the real ones "
                "are, and the generator copies what it is compared with."),
        Mistake("turned ones", "3*c/4", "That is the share that is *not* upright."),
        Mistake("all turned", "1/4", r"That is right for $c = 1$. Some of the samples are left alone."),
        Mistake("one angle", "1 - c/4", "Three of the four angles turn a sample away from upright, not one."),
    ),
    explanation="To augment the real samples only is to change the data. For a classifier, whose answer should not "
                "depend on the turn, that is harmless; for a generator it *is* the answer.")

real_share = Number(
    id="real_share", title="What ADA holds constant", level="easy",
    prompt=r"ADA watches $r_t = \mathbb{E}[\operatorname{sign} l(x)]$ over real training samples and holds it at its "
           "target, which is $t$ here. What share of the real training samples does the discriminator then take for "
           "real? (No logit is exactly 0.)",
    hints=(r"Each sample contributes $+1$ or $-1$. Let $a$ be the share of those with $+1$.",
           r"$r_t = a - (1 - a)$."),
    reference="(1 + t)/2", draw={"t": (0.3, 0.4, 0.5, 0.7, 0.8)},
    mistakes=(
        Mistake("the target itself", "t", "$r_t$ is a mean of signs, and those that are taken for generated count "
                "$-1$. With the share one half, $r_t$ is 0."),
        Mistake("the other way round", "2*t - 1", r"That turns a share into $r_t$. You want the opposite."),
        Mistake("taken for generated", "(1 - t)/2", "That is the share that is taken for *generated*."),
        Mistake("sigmoid", "1/(1 + exp(-t))", r"You took $r_t$ for a logit."),
        Mistake("doubled", "(1 + t)", "A share cannot exceed 1: halve it."),
    ),
    explanation="For the usual target 0.6 it is 80 %. A discriminator that has learned its training samples by heart "
                "is at 100 %, whatever it says of fresh ones.")


def soft_cases(seed: int) -> list[Case]:
    targets = ((0.9, 0.0), (0.8, 0.3), (0.95, 0.1))
    return [Case(f"{case.what}, targets {alpha} and {beta}", (*case.arguments, alpha, beta))
            for case, (alpha, beta) in zip(logit_cases(seed), targets, strict=True)]


def soft_loss(real_logits, fake_logits, alpha, beta):
    real = alpha * F.softplus(-real_logits) + (1 - alpha) * F.softplus(real_logits)
    fake = beta * F.softplus(-fake_logits) + (1 - beta) * F.softplus(fake_logits)
    return real.mean() + fake.mean()


def _parts(logits, target):
    return target * F.softplus(-logits) + (1 - target) * F.softplus(logits)


def _probabilities(real, fake, alpha, beta):
    pairs = ((real, alpha), (fake, beta))
    return sum(F.binary_cross_entropy(torch.sigmoid(l), torch.full_like(l, target)) for l, target in pairs)


soft_loss_exercise = Code(
    id="soft_loss", title="Soft labels on logits", level="easy",
    prompt=r"Write the discriminator's cross-entropy with the target $\alpha$ for real samples and $\beta$ for "
           r"generated ones, as a function of the logits: for a target $t$ a sample costs $-t\log D - (1 - t)\log(1 "
           "- D)$. It is the mean over the real samples plus the mean over the generated ones, and must be right, "
           r"gradients included, for logits of $\pm 300$ too.",
    doc="Loss of the discriminator, a tensor with one number. real_logits: (n, 1). fake_logits: (m, 1). alpha, beta: "
        "targets, numbers.",
    needs="import torch\nimport torch.nn.functional as F", reference=soft_loss, inputs=soft_cases,
    hints=(r"$-\log D = \operatorname{softplus}(-l)$ and $-\log(1 - D) = \operatorname{softplus}(l)$, exactly.",
           "Each kind has two terms, weighted with its target and with one minus its target."),
    mistakes=(
        Mistake("cross-entropy of probabilities", _probabilities, "`F.binary_cross_entropy` takes probabilities and "
                "cuts their logarithms off at $-100$. For a logit of 300 the computed probability is exactly 1. "
                "Stay with the logits."),
        Mistake("second term forgotten", lambda r, f, a, b: a * F.softplus(-r).mean() + (1 - b) * F.softplus(f).mean(),
                r"You scaled the usual terms. A target of $\alpha$ has a second term: the share $1 - \alpha$ of the "
                "label says *generated*. It is this term that makes too much sureness expensive."),
        Mistake("targets exchanged", lambda r, f, a, b: soft_loss(r, f, b, a),
                r"You gave $\beta$ to the real samples."),
        Mistake("target of the other class", lambda r, f, a, b: soft_loss(r, f, a, 1 - b),
                r"You read $\beta$ as the target for *generated*. It is the target of $D$, the probability of real: "
                r"$\beta = 0$ is the usual label of a generated sample."),
        Mistake("real only", lambda r, f, a, b: soft_loss(r, f, a, 0.0), "You smoothed on one side only. That is "
                r"often the better choice, but $\beta$ is given here."),
        Mistake("hard labels", lambda r, f, a, b: soft_loss(r, f, 1.0, 0.0), "Those are the usual labels, 1 and 0."),
        Mistake("sum", lambda r, f, a, b: _parts(r, a).sum() + _parts(f, b).sum(),
                "You added up the samples. The loss takes the mean over each kind."),
        Mistake("one mean", lambda r, f, a, b: torch.cat([_parts(r, a), _parts(f, b)]).mean(),
                "You took one mean over both kinds. Then the kind with more samples counts for more, and the loss is "
                "half as large."),
    ),
    explanation="Targets must lie between 0 and 1: with a target of 1.05 or of $-0.05$, which can be found in "
                "published code, the loss has no lower bound, and the logits run away.")


def ada_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)

    def logits(share, rows, low):
        size = 0.1 + torch.rand(rows, 1, generator=generator, dtype=torch.float64)
        positive = torch.arange(rows)[:, None] < share * rows
        return torch.where(positive, size, low * size)

    tensor = lambda p: torch.tensor(p, dtype=torch.float64)
    return [Case("nine in ten taken for real, the rest surely not",
                 (tensor(0.3), logits(0.9, 40, -20.0), 0.6, 0.01, 0.8)),
            Case("seven in ten taken for real", (tensor(0.5), logits(0.7, 20, -0.1), 0.6, 0.02, 0.8)),
            Case("a mean sign that is the target", (tensor(0.4), logits(0.75, 16, -0.5), 0.5, 0.03, 0.8)),
            Case("p at 0, and two in ten taken for real", (tensor(0.0), logits(0.2, 30, -1.0), 0.6, 0.01, 0.8)),
            Case("p near its limit, and all taken for real", (tensor(0.795), logits(1.0, 10, -1.0), 0.6, 0.01, 0.8))]


def ada_step(p, real_logits, target, speed, limit):
    r = torch.sign(real_logits).mean()
    return (p + speed * torch.sign(r - target)).clamp(0, limit)


def _ada(judge, move=torch.sign, end=lambda p, limit: p.clamp(0, limit)):
    return lambda p, l, target, speed, limit: end(p + speed * move(judge(l) - target), limit)


ada_step_exercise = Code(
    id="ada_step", title="One step of ADA", level="easy",
    prompt="Write the step by which ADA adapts the probability $p$ of an augmentation. It takes $r_t$, the mean "
           "*sign* of the logits of real training samples. $p$ goes up by `speed` if $r_t$ is above the target, "
           r"down by `speed` if it is below, and stays if it is equal; then it is put back into $[0, \text{limit}]$.",
    doc="The new p, a tensor with one number. p: a tensor with one number. real_logits: (n, 1). target, speed, "
        "limit: numbers.",
    needs="import torch", reference=ada_step, inputs=ada_cases,
    hints=("The size of the step does not depend on how far $r_t$ is from the target: `torch.sign` again.",
           "`clamp(low, high)` puts it back."),
    mistakes=(
        Mistake("mean logit", _ada(lambda l: l.mean()), "You averaged the logits themselves. A few very sure ones "
                "then outweigh all the others; the signs count each sample once."),
        Mistake("sign of the mean", _ada(lambda l: l.mean().sign()), "You took the sign of the mean. The mean of the "
                "signs is asked for."),
        Mistake("accuracy", _ada(lambda l: (l > 0).double().mean()), "You took the share of positive logits, "
                "between 0 and 1. The mean sign lies between $-1$ and 1, and the target is one for it."),
        Mistake("direction", _ada(lambda l: l.sign().mean(), move=lambda x: -x.sign()),
                "The wrong direction: a discriminator that knows all its training samples needs *more* augmentation."),
        Mistake("proportional", _ada(lambda l: l.sign().mean(), move=lambda x: x),
                "Your step is proportional to the distance from the target. ADA's has a fixed length."),
        Mistake("not put back", _ada(lambda l: l.sign().mean(), end=lambda p, limit: p),
                "A probability has to stay between 0 and its limit. Yours can leave this range, and would need many "
                "steps to come back."),
        Mistake("limit 1", _ada(lambda l: l.sign().mean(), end=lambda p, limit: p.clamp(0, 1)),
                "You let $p$ grow up to 1, where many augmentations leak. Use the limit that is given."),
    ),
    explanation="So a data set that is large enough is hardly augmented at all, and a small one as much as it needs.")

r1_of_a_bowl = Formula(
    id="r1_of_a_bowl", title="R1 of a bowl", level="medium",
    prompt=r"In $d$ dimensions the data are $N(0, s^2 I)$ and the logit is $l(x) = b - \frac k2\lVert x\rVert^2$. "
           r"What is the R1 penalty with weight $\gamma$? (Write `gamma`.)",
    hints=(r"What is $\nabla l(x)$, and what its squared length?",
           r"$\lVert\nabla l\rVert^2 = k^2\lVert x\rVert^2$. What is $\mathbb{E}\lVert x\rVert^2$ in $d$ dimensions?"),
    symbols={"gamma": (0.2, 3.0), "k": (0.3, 2.0), "d": (2.0, 20.0), "s": (0.3, 2.0)}, reference="gamma/2*k**2*d*s**2",
    mistakes=(
        Mistake("half forgotten", "gamma*k**2*d*s**2", r"The penalty is $\frac\gamma2$ times the mean squared slope. "
                r"(Some code has $\gamma$ alone: compare before you copy a value.)"),
        Mistake("one dimension", "gamma/2*k**2*s**2", r"$\mathbb{E}\lVert x\rVert^2$ is a sum over all coordinates."),
        Mistake("mean over entries", "gamma/2*k**2*s**2/d", "You divided by the dimension. One squared norm a "
                "sample, over all its entries."),
        Mistake("variance", "gamma/2*k**2*d*s", r"You took $s$ for the variance."),
        Mistake("half in the slope", "gamma/8*k**2*d*s**2", r"The derivative of $\frac k2 x^2$ is $kx$."),
        Mistake("not squared", "gamma/2*k*sqrt(d)*s", "You took the length of the slope (and, roughly, its mean). R1 "
                "takes the mean of its square."),
    ),
    explanation=r"The penalty grows with the dimension and with the scale of the data. So a good $\gamma$ for 32 "
                "pixels is not one for 256.")

power_rounds = Number(
    id="power_rounds", title="How many rounds?", level="medium",
    prompt="The second singular value of a matrix is $k$ times the first. After how many rounds of power iteration "
           r"(one multiplication by $W^\top$ and one by $W$ each) has the tangent of the angle to the first singular "
           "vector certainly shrunk by the factor $10^{-n}$? (It need not be a whole number.)",
    hints=("By what factor does the tangent shrink in one round, at least?",
           r"Rate 9.1: $k^2$ a round, so $k^{2t}$ in $t$ rounds. For which $t$ is that $10^{-n}$?"),
    reference="n*log(10)/(-2*log(k))", draw={"k": (0.5, 0.6, 0.7, 0.8, 0.9, 0.95), "n": (2, 3, 4, 6)},
    mistakes=(
        Mistake("one multiplication", "n*log(10)/(-log(k))", r"A round multiplies twice, by $W^\top$ and by $W$."),
        Mistake("of the value", "(2 + n*log(10)/(-log(k)))/4", "You used the bound of the *value*, which converges "
                "with twice the exponent. The question is about the vector."),
        Mistake("base", "n/(-2*log(k))", "You mixed decimal and natural logarithms."),
        Mistake("sign", "n*log(10)/(2*log(k))", r"$\log k$ is negative, and so is your number of rounds."),
        Mistake("not compounded", "(1 - 10**(-n))/(1 - k**2)", "You took off the same amount in each round. Each "
                "round has the same *factor*."),
    ),
    explanation="For $k = 0.9$ and three digits it takes 33 rounds. That one round a step is enough in training is "
                "due to the start: the weights have hardly moved since the last step.")

first_estimate = Formula(
    id="first_estimate", title="The first estimate", level="medium",
    prompt=r"A $2 \times 2$ matrix has the singular values $a > b$. Power iteration starts with a $u_0$ that has "
           r"equal parts of both left singular vectors. What is its estimate $s_1 = u_1^\top W v_1$ of $a$ after one "
           "round?",
    hints=("In the singular vectors' coordinates, $W$ multiplies the first coordinate by $a$ and the second by $b$, "
           r"and so does $W^\top$.",
           r"$v_1$ is $(a, b)$ divided by its length.",
           r"$u_1$ points along $Wv_1$, so $s_1 = \lVert Wv_1\rVert$. And $Wv_1$ is $(a^2, b^2)$ divided by the "
           "length of $(a, b)$."),
    symbols={"a": (1.5, 4.0), "b": (0.2, 1.4)}, reference="sqrt((a**4 + b**4)/(a**2 + b**2))",
    mistakes=(
        Mistake("the limit", "a", "That is where it goes after many rounds."),
        Mistake("half a round", "sqrt((a**2 + b**2)/2)", r"That is $\lVert W^\top u_0\rVert$, after the first of the "
                "two multiplications."),
        Mistake("no round", "(a + b)/2", r"That is $u_0^\top W v$ for a $v$ with equal parts, before any round."),
        Mistake("Frobenius", "sqrt(a**2 + b**2)", "That is the Frobenius norm, which is always larger than the first "
                "singular value. Power iteration is never too large."),
        Mistake("root forgotten", "(a**4 + b**4)/(a**2 + b**2)", "That is the square of the estimate."),
        Mistake("half a round more", "sqrt((a**6 + b**6)/(a**4 + b**4))", r"That is $\lVert W^\top u_1\rVert$, half "
                "a round later."),
    ),
    explanation=r"It lies between $b$ and $a$. For $b = \frac a2$ it misses $a$ by 8 %, after one more round by less "
                "than 1 %. The estimate is too *small*, so the matrix divided by it is a little too steep.")

frobenius_cost = Formula(
    id="frobenius_cost", title="The wrong norm", level="medium",
    prompt=r"A discriminator has $L$ layers with square $n \times n$ matrices, in each of which all singular values "
           "are equal. Somebody divides each matrix by its *Frobenius* norm (the root of the sum of the squares of "
           "all entries) in place of its largest singular value. What is then the bound on the slope of the whole "
           "network?",
    hints=("The squared Frobenius norm is also the sum of the squared singular values.",
           r"With $n$ equal ones it is $\sqrt n\,\sigma_1$. What is left of the largest singular value after the "
           "division?"),
    symbols={"n": (2.0, 64.0), "L": (2.0, 6.0)}, reference="n**(-L/2)",
    mistakes=(
        Mistake("no difference", "1", "That is the bound with the right norm. The Frobenius norm is larger, so the "
                "matrices come out too small."),
        Mistake("one layer", "1/sqrt(n)", r"That is one layer. The factors of all $L$ layers multiply."),
        Mistake("root forgotten", "n**(-L)", "You used the *squared* Frobenius norm."),
        Mistake("inverted", "n**(L/2)", "The wrong way round: dividing by a larger number makes the matrices smaller."),
        Mistake("added", "1/(L*sqrt(n))", "The bounds of the layers are multiplied, not added."),
    ),
    explanation=r"With 64 units and 6 layers it is $4\cdot10^{-6}$: the generator gets next to no gradient. The "
                "Frobenius norm is right only for matrices of rank one.")

noise_fee = Formula(
    id="noise_fee", title="What noise costs a real sample", level="medium",
    prompt="Near a real sample the logit is a straight line of slope $k$, and at the sample the discriminator says "
           "$D$. Noise of standard deviation $s$ along that line is added to it. By how much does this raise its "
           r"mean loss $-\log D$, to leading order in $s$?",
    hints=(r"As a function of the logit the loss is $\operatorname{softplus}(-l)$, and the noise moves the logit by "
           r"$k s\varepsilon$.",
           r"Expand to second order: the first order has the mean 0, the second is $\tfrac12\phi''(l)\,k^2 s^2$.",
           r"$\phi'' = \sigma'(l)$. What is that in $D$?"),
    symbols={"s": (0.05, 0.5), "D": (0.05, 0.95), "k": (0.5, 4.0)}, reference="s**2/2*D*(1 - D)*k**2",
    mistakes=(
        Mistake("as R1", "s**2/2*k**2", r"You have R1 with $\gamma = s^2$. The loss is a softplus, and its curvature "
                "depends on how sure $D$ is."),
        Mistake("first derivative", "s**2/2*(1 - D)*k**2", "You used the *slope* of the loss by the logit. The "
                "first order vanishes in the mean; the second order has the second derivative."),
        Mistake("first order", "s*(1 - D)*k", "That is the first order, for a noise of $+s$. Its mean over both "
                "signs is 0."),
        Mistake("Roth's weight", "s**2/2*(1 - D)**2*k**2", "$(1 - D)^2$ is the weight on real samples after *both* "
                "kinds have been put together at $D^*$. For one sample and a straight logit take the second "
                "derivative itself."),
        Mistake("half forgotten", "s**2*D*(1 - D)*k**2", r"Taylor's second order has a $\tfrac12$."),
        Mistake("variance", "s/2*D*(1 - D)*k**2", r"You took $s$ for the variance."),
    ),
    explanation="A $D$ that is sure pays almost nothing for its slope, so noise holds it back less than R1 does. At "
                r"$D = \tfrac12$ the fee is $\frac{s^2}8k^2$ for each kind of samples, together that of R1 with "
                r"$\gamma = \frac{s^2}2$.")

smoothed_at_rest = Formula(
    id="smoothed_at_rest", title="At rest with soft labels", level="medium",
    prompt=r"One-sided smoothing: the target is $\alpha$ for real samples and 0 for generated ones. The generator "
           "has reached the data, and $D$ is the best answer. What is the discriminator's loss, the mean over the "
           "real plus the mean over the generated samples? (Write `alpha`.)",
    hints=(r"What is $D^*$ for $p = q$? Not $\tfrac12$.",
           r"$D^* = \tfrac\alpha2$. A real sample costs $-\alpha\log D - (1 - \alpha)\log(1 - D)$, a generated one "
           r"$-\log(1 - D)$."),
    symbols={"alpha": (0.6, 0.95)}, reference="-alpha*log(alpha/2) - (2 - alpha)*log(1 - alpha/2)",
    mistakes=(
        Mistake("hard labels", "2*log(2)", r"That is the value for $\alpha = 1$, and what $D = \tfrac12$ would cost. "
                "The best $D$ does better here."),
        Mistake("D = alpha", "-alpha*log(alpha) - (2 - alpha)*log(1 - alpha)",
                r"You put $D = \alpha$. That is the best answer only where there are no generated samples."),
        Mistake("second term forgotten", "-alpha*log(alpha/2) - log(1 - alpha/2)",
                r"The part $1 - \alpha$ of a real sample's label says *generated*, and costs, too."),
        Mistake("hard loss", "-log(alpha/2) - log(1 - alpha/2)", "You have the right $D$, but the loss with hard "
                "labels."),
        Mistake("averaged", "(-alpha*log(alpha/2) - (2 - alpha)*log(1 - alpha/2))/2",
                "In this book the loss is the sum of the two means."),
    ),
    explanation=r"It is twice the entropy of a coin that shows real with probability $\frac\alpha2$. For $\alpha = "
                r"0.9$ it is 1.376 in place of 1.386, and the mean logit at rest is $\log\frac{0.45}{0.55} = -0.2$, "
                "not 0.")

turned_accuracy = Formula(
    id="turned_accuracy", title="What augmentation hides", level="medium",
    prompt="All data are upright. A share $w$ of the generated samples is turned by $90°$, the rest is upright. The "
           "discriminator sees *all* samples, real and generated, after a random quarter turn: with probability $c$ "
           "by one of $0°$, $90°$, $180°$, $270°$, each with equal chance. How often is the best discriminator "
           "right, if half of what it sees is real?",
    hints=(r"Write down the shares of the four orientations of what it sees, real and generated, and subtract them.",
           "What was turned at random is spread evenly over the four angles for both kinds, and drops out of the "
           "difference. What is left is $1 - c$ times the difference before.",
           r"The accuracy is $\tfrac12(1 + \mathrm{TV})$."),
    symbols={"w": (0.05, 0.9), "c": (0.1, 0.9)}, reference="(1 + (1 - c)*w)/2",
    mistakes=(
        Mistake("not hidden", "(1 + w)/2", "That is the accuracy without augmentation."),
        Mistake("total variation", "(1 - c)*w", "That is the total variation. Guessing has the total variation 0 and "
                "is right half of the time."),
        Mistake("0° counted", "(1 + (1 - 3*c/4)*w)/2", "You counted those turned by $0°$ as evidence. But among "
                "what was turned at random, $0°$ is as frequent for generated samples as for real ones."),
        Mistake("two turns", "(1 + (1 - c)**2*w)/2", "You wanted a real and a generated sample to be left alone. The "
                "discriminator judges one sample at a time."),
        Mistake("all hidden", "1/2", "That is right for $c = 1$. As long as some samples are left alone, there is a "
                "difference."),
        Mistake("one angle", "(1 + (1 - c/4)*w)/2", "You let only one of the four angles hide the difference."),
    ),
    explanation="The factor $1 - c$ is the eigenvalue of Proposition 9.10. The task becomes harder, but the only "
                "generator that reaches one half is still the one with $w = 0$, unless $c = 1$.")

smoothed_pull = Formula(
    id="smoothed_pull", title="The pull under soft labels", level="hard",
    prompt=r"With the targets $\alpha > \beta$ for real and generated samples, $D$ is the best answer. At a point "
           r"let $r = \frac pq$. The pull of the *non-saturating* loss on a generated sample is $(1 - D)\,\nabla l$. "
           r"By what factor does it multiply $\nabla\log r$? Simplify. (Write `alpha`, `beta`.)",
    hints=(r"$D^* = \frac{\alpha r + \beta}{r + 1}$. What is its logit $l^*$?",
           r"$l^* = \log(\alpha r + \beta) - \log((1 - \alpha)r + 1 - \beta)$. Differentiate it by $\log r$, that "
           "is, by $r$ and times $r$.",
           r"$g(r) = \frac{(\alpha - \beta)\,r}{(\alpha r + \beta)((1 - \alpha)r + 1 - \beta)}$, and $1 - D^* = "
           r"\frac{(1 - \alpha)r + 1 - \beta}{1 + r}$."),
    symbols={"r": (0.1, 5.0), "alpha": (0.6, 0.95), "beta": (0.05, 0.4)}, reference="(alpha - beta)*r/((1 + "
                                                                                    "r)*(alpha*r + beta))",
    mistakes=(
        Mistake("no weight", "(alpha - beta)*r/((alpha*r + beta)*((1 - alpha)*r + 1 - beta))",
                r"That is $\nabla l^*$. The pull has the weight $1 - D^*$."),
        Mistake("minimax", "(alpha - beta)*r/((1 + r)*((1 - alpha)*r + 1 - beta))",
                "You took the weight of the minimax loss, $D$."),
        Mistake("hard labels", "1/(1 + r)", r"That is the factor for $\alpha = 1$, $\beta = 0$. (Look what becomes "
                r"of the right one for $\beta = 0$.)"),
        Mistake("weight of hard labels", "(alpha - beta)*r/((alpha*r + beta)*((1 - alpha)*r + 1 - beta)*(1 + r))",
                r"The slope is right, but your weight is $\frac{q}{p + q}$. The labels change $1 - D^*$ as well."),
        Mistake("slope of D", "(alpha - beta)*r/(1 + r)**2", r"You differentiated $D^*$ in place of its logit."),
        Mistake("by r", "(alpha - beta)/((1 + r)*(alpha*r + beta))", r"That multiplies $\nabla r$. The question asks "
                r"for $\nabla\log r = \frac{\nabla r}{r}$."),
    ),
    explanation=r"For $\beta = 0$ it is $\frac{1}{1 + r}$, whatever $\alpha$ is: one-sided smoothing leaves this "
                r"pull of the best $D$ *exactly* as it was. For $\beta > 0$ it dies like $r$ where the generator is "
                "alone.")


def weight_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    cases = []
    for what, shape in (("a linear layer", (5, 3)), ("a convolution", (4, 2, 3, 3)), ("one output", (1, 6))):
        u = draw(shape[0])
        cases.append(Case(what, (draw(*shape).requires_grad_(), u / u.norm())))
    return cases


def normalised_weight(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = u @ matrix
        v = v / v.norm()
        u = matrix @ v
        u = u / u.norm()
    return weight / (u @ matrix @ v), u


def _round(weight, u):
    matrix = weight.flatten(1)
    v = matrix.T @ u
    v = v / v.norm()
    u = matrix @ v
    return u / u.norm(), v


def _constant_round(weight, u):
    with torch.no_grad():
        return _round(weight, u)


def _estimate(weight, u, v):
    return u @ weight.flatten(1) @ v


def _attached(weight, u):
    u, v = _round(weight, u)
    return weight / _estimate(weight, u, v), u


def _old_u_inside(weight, u):
    new, v = _constant_round(weight, u)
    return weight / _estimate(weight, u, v), new


def _divided(by):
    """The weight divided by something else, with the right new u."""
    return lambda weight, u: (weight / by(weight, *_constant_round(weight, u)), _constant_round(weight, u)[0])


def _differentiated(weight, u):
    u, v = _round(weight, u)
    return weight / _estimate(weight, u, v), u.detach()


def _of_rows(weight):
    return weight.flatten(1).norm(dim=1).reshape(-1, *[1] * (weight.dim() - 1))


def _long_v(weight, u):
    with torch.no_grad():
        v = weight.flatten(1).T @ u
        u = weight.flatten(1) @ v
        u = u / u.norm()
    return weight / _estimate(weight, u, v), u


normalised_weight_exercise = Code(
    id="normalised_weight", title="Spectral normalisation", level="hard",
    prompt="Write one forward pass of spectral normalisation. The weight is a matrix (out, in), or a convolution's "
           "(out, in, h, w), which counts as a matrix with `out` rows. From the given $u$ do *one* round of power "
           r"iteration, $v \propto W^\top u$ and then $u \propto Wv$, both of length 1. Return the weight divided by "
           r"$u^\top W v$, in its own shape, and the new $u$. For the gradient $u$ and $v$ count as constants; $W$ "
           r"in $u^\top W v$ does not.",
    doc="The weight divided by the estimate of its largest singular value, and the new u. weight: (out, in) or (out, "
        "in, h, w). u: (out,), of length 1.",
    needs="import torch", reference=normalised_weight, inputs=weight_cases,
    hints=("`weight.flatten(1)` is the matrix, in both cases.",
           "Do the round under `torch.no_grad()`, so that u and v come out as constants.",
           "Compute `u @ matrix @ v` *outside* of it: this number has to know that it depends on the weight."),
    mistakes=(
        Mistake("Frobenius norm", _divided(lambda w, u, v: w.norm()), "You divided by the Frobenius norm, which "
                "counts *all* singular values. The layer comes out much too weak."),
        Mistake("norm of the rows", _divided(lambda w, u, v: _of_rows(w)),
                "You divided each row by its own length. That is weight normalisation: many equal rows of length 1 "
                "are still a steep matrix."),
        Mistake("through u and v", _differentiated, "The value is right. But your gradient flows through the round "
                "of the power iteration; $u$ and $v$ are to count as constants."),
        Mistake("no no_grad", _attached, "The values are right. But gradients flow through the round, and $u$ and $v$ are "
                "to count as constants."),
        Mistake("old u inside", _old_u_inside, r"Your estimate has the *old* $u$ in $u^\top Wv$. Update it first."),
        Mistake("norm as a constant", _divided(lambda w, u, v: _estimate(w, u, v).detach()),
                "The value is right. But you divide by a plain number: the gradient does not know that a larger "
                "weight is divided by more. It then has a component that only makes the weight longer, which changes "
                "nothing."),
        Mistake("old u", lambda w, u: (normalised_weight(w, u)[0], u), "The weight is right, but you return the old "
                "$u$. Then the next pass would start anew, and the estimate would never get better."),
        Mistake("exact", _divided(lambda w, u, v: torch.linalg.matrix_norm(w.flatten(1), 2)),
                "You divided by the exact largest singular value, which takes a full decomposition. Asked is the "
                "estimate after one round."),
        Mistake("half a round", _divided(lambda w, u, v: (w.flatten(1).T @ u).norm()),
                r"Your estimate is $\lVert W^\top u\rVert$ with the new $u$, half a round ahead."),
        Mistake("v not of length 1", _long_v,
                r"Your $v$ was not brought to length 1, so the estimate is off by the factor of its length."),
    ),
    explanation="`torch.nn.utils.parametrizations.spectral_norm` does the same. For a convolution it is the norm of "
                "the flattened kernel, not of the map from picture to picture, which can be larger.")


class Picture(nn.Module):
    """A small discriminator of pictures (n, 2, 3, 4)."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(24, 6), nn.Tanh(), nn.Linear(6, 1)).double()

    def forward(self, x):
        return self.net(x)


def lazy_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        points = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).double()
        pictures = Picture()
    return [Case("points, at step 32 of every 16th", (points, draw(7, 2), 0.7, 32, 16)),
            Case("points, at step 5 of every 16th", (points, draw(7, 2), 0.7, 5, 16)),
            Case("pictures, at step 0 of every 4th", (pictures, draw(5, 2, 3, 4), 3.0, 0, 4)),
            Case("pictures, at step 3 of every single one", (pictures, draw(9, 2, 3, 4), 0.4, 3, 1))]


def lazy_r1(critic, real, gamma, step, every):
    if step % every:
        return torch.zeros(())
    real = real.detach().requires_grad_()
    slope, = torch.autograd.grad(critic(real).sum(), real, create_graph=True)
    return every * gamma / 2 * slope.flatten(1).square().sum(1).mean()


def _lazy(size=lambda slope: slope.flatten(1).square().sum(1).mean(), factor=lambda gamma, every: every * gamma / 2,
          graph=True, detach=True, skip=lambda step, every: step % every, score=lambda l: l.sum()):
    def penalty(critic, real, gamma, step, every):
        if skip(step, every):
            return torch.zeros(())
        real = real.detach().requires_grad_() if detach else real
        slope, = torch.autograd.grad(score(critic(real)), real, create_graph=graph)
        return factor(gamma, every) * size(slope)

    return penalty


lazy_r1_exercise = Code(
    id="lazy_r1", title="A lazy R1", level="hard",
    prompt="R1 costs a second pass through the discriminator. *Lazy* regularisation adds it only at steps that are "
           "multiples of `every`, and then `every` times as strongly. Write it: "
           r"$\frac\gamma2\,\mathbb{E}\lVert\nabla l(x)\rVert^2$ over real samples, times `every`, at these steps "
           "(step 0 is one of them), and a tensor 0 at all others. Samples may be points (n, d) or pictures (n, c, "
           "h, w). The critic must be able to learn from it; the samples are constants.",
    doc="The penalty to add to the critic's loss at this step, a tensor with one number. critic: samples → logits "
        "(n, 1). real: (n, …). gamma: weight. step, every: whole numbers.",
    needs="import torch", reference=lazy_r1, inputs=lazy_cases,
    hints=("`step % every` is 0 at the steps that count. At the others return `torch.zeros(())`.",
           "`torch.autograd.grad(critic(x).sum(), x, create_graph=True)` gives one gradient a sample, from which the "
           "critic can learn.",
           "Flatten each gradient, `flatten(1)`, square, sum over its entries, and take the mean over the samples."),
    mistakes=(
        Mistake("not stronger", _lazy(factor=lambda g, e: g / 2), "The penalty acts at one step in `every` only. To "
                "be as strong on average it has to be that many times stronger there."),
        Mistake("half forgotten", _lazy(factor=lambda g, e: e * g), r"The weight is $\frac\gamma2$."),
        Mistake("never lazy", _lazy(skip=lambda s, e: False), "You add it at every step."),
        Mistake("phase", _lazy(skip=lambda s, e: (s + 1) % e), "You penalise the *last* step of each round. Step 0 "
                "is to be the first one that counts."),
        Mistake("turned round", _lazy(skip=lambda s, e: s % e == 0), "You leave it out at the steps at which it "
                "should be added."),
        Mistake("sum over the batch", _lazy(size=lambda s: s.square().sum()), "You added up the whole batch. The "
                "penalty would grow with the batch size; take the mean over samples."),
        Mistake("mean over all entries", _lazy(size=lambda s: s.square().mean()),
                "You averaged over the entries of a sample too. The squared norm is their *sum*; yours becomes "
                "weaker the more pixels a picture has."),
        Mistake("per pixel", _lazy(size=lambda s: s.square().sum(1).mean()), "Right for points. For pictures you "
                "summed over the channels and averaged over the pixels."),
        Mistake("not squared", _lazy(size=lambda s: s.flatten(1).norm(dim=1).mean()),
                "You took the norm. R1 takes its square, whose gradient vanishes at slope 0."),
        Mistake("slope of D", _lazy(score=lambda l: torch.sigmoid(l).sum()), "You differentiated the probability. "
                "Its slope has a factor $D(1 - D)$, so a $D$ that is very sure would pay nothing, however steep its "
                "logit."),
        Mistake("mean of the logits", _lazy(score=lambda l: l.mean()), "You differentiated the *mean* of the logits: "
                "each gradient is too small by the number of samples."),
        Mistake("create_graph forgotten", _lazy(graph=False), "The value is right, and the critic learns nothing "
                "from it: the gradient does not know the critic's weights any more."),
        Mistake("real not detached", _lazy(detach=False), "The value and the critic's gradient are right, but the "
                "samples are to be constants, and yours get a gradient."),
    ),
    explanation="StyleGAN2 uses every 16th step. It is an approximation, and not always a harmless one: the penalty "
                "then comes in jolts, and a developer of R3GAN warns that it can fail on some data.")


def augmented_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        points = [nn.Sequential(nn.Linear(a, 6), nn.Tanh(), nn.Linear(6, b)).double() for a, b in ((3, 2), (2, 1))]
        pictures = [nn.Sequential(nn.Linear(3, 24), nn.Unflatten(1, (2, 3, 4))).double(), Picture()]
    return [Case("points and a smooth transform",
                 (*points, lambda x: torch.sin(1.5 * x) + 0.4, draw(9, 2), draw(6, 3))),
            Case("pictures and a mirror with another brightness",
                 (*pictures, lambda x: x.flip(-1) + 0.7, draw(5, 2, 3, 4), draw(5, 3)))]


def augmented_losses(generator, discriminator, augment, real, z):
    fake = generator(z)
    d_loss = F.softplus(-discriminator(augment(real))).mean() + F.softplus(discriminator(augment(fake.detach()))).mean()
    g_loss = F.softplus(-discriminator(augment(fake))).mean()
    return d_loss, g_loss


def _same(x):
    return x


def _losses(real_too=True, fake_too=True, generator_too=True, cut=torch.detach, pulled=_same, saturating=False):
    def both(generator, discriminator, augment, real, z):
        fake = generator(z)
        a, b, c = (augment if too else _same for too in (real_too, fake_too, generator_too))
        d_loss = F.softplus(-discriminator(a(real))).mean() + F.softplus(discriminator(b(cut(fake)))).mean()
        judged = discriminator(pulled(c(fake)))
        return d_loss, -F.softplus(judged).mean() if saturating else F.softplus(-judged).mean()

    return both


augmented_losses_exercise = Code(
    id="augmented_losses", title="Augment without a leak", level="hard",
    prompt="Write the losses of both players with augmentation that does not leak (DiffAugment). `augment` is a "
           "differentiable function of samples. The discriminator's loss is "
           r"$\mathbb{E}\operatorname{softplus}(-l(\text{real})) + "
           r"\mathbb{E}\operatorname{softplus}(l(\text{generated}))$, the generator's is the non-saturating one. Use "
           "the generated samples $G(z)$ in both; the discriminator's loss must not train the generator.",
    doc="Loss of the discriminator and loss of the generator, each a tensor with one number. generator, "
        "discriminator: networks. augment: samples → samples. real: (n, …). z: (m, latent).",
    needs="import torch\nimport torch.nn.functional as F", reference=augmented_losses, inputs=augmented_cases,
    hints=("At how many places does the discriminator see samples? It must never see one that is not augmented.",
           "The gradient of the generator's loss flows through the discriminator, then through `augment`, into the "
           "generator. Nothing on this way may be detached.",
           "In the discriminator's loss detach the generated samples, in the generator's not."),
    mistakes=(
        Mistake("real only", _losses(fake_too=False, generator_too=False), "You augmented the real samples only, as "
                "one does for a classifier. The generator would learn to make augmented samples."),
        Mistake("discriminator's step only", _losses(generator_too=False), "In the generator's loss the "
                "discriminator sees samples without augmentation, of a kind on which it was never trained. Its "
                "opinion there is worth little."),
        Mistake("generated only", _losses(real_too=False), "You left the real samples as they are. The generator "
                "would have to *undo* the augmentation."),
        Mistake("nothing", _losses(real_too=False, fake_too=False, generator_too=False), "Nothing is augmented."),
        Mistake("gradient cut", _losses(pulled=torch.detach), "The values are right, but no gradient comes back to "
                "the generator: the augmented samples are cut off from it."),
        Mistake("not detached", _losses(cut=_same), "The values are right, but the discriminator's loss now trains "
                "the generator as well, and to be seen through: detach the samples there."),
        Mistake("minimax", _losses(saturating=True), "The generator's loss should be the non-saturating one."),
    ),
    explanation="`Game(…, augment=…)` does the same. Three calls of one function, and any of them left out changes "
                "what the generator is asked for.")

wall_or_parrot = Choice(
    id="wall_or_parrot", title="99 % on its training samples", level="easy", concept=True,
    prompt="A discriminator is right about 99 in 100 samples of its training batches. What do you look at before you "
           "choose a cure?",
    hints=("Which two illnesses of the chapter show this same symptom?", "What does a discriminator that has learned "
                                                                         "its samples by heart say of *other* real "
                                                                         "samples?"),
    options=(
        Option("its logits on real samples that it has never seen", True, "If they are like those of the training "
               "samples, it sees a true difference, and the generator has far to go. If they are much lower, it "
               "recites: that is overfitting, and the cure is another one."),
        Option("the same accuracy over the next thousand steps", False, "In both illnesses it stays high."),
        Option("the generator's loss, whether it is large as well", False, "It is a function of the logits on "
               "generated samples, and these are low in both illnesses."),
        Option("nothing: at 99 % a discriminator has to be weakened", False, "A bounded slope can leave it at 99 % "
               "and still teach. And if it overfits, a weaker one may help less than more data or augmentation."),
    ),
    explanation="Keep some real samples back, and log the gap between the two mean logits. It costs one forward pass.")

one_side_only = Choice(
    id="one_side_only", title="Why on one side only?", level="medium", concept=True,
    prompt="Somebody smooths both labels, 0.9 and 0.1, and trains with the non-saturating loss. In a region where "
           "the generator makes samples and there are no data, what does the *best* discriminator do?",
    hints=(r"What is $D^* = \frac{\alpha p + \beta q}{p + q}$ where $p = 0$? What is its slope there?",),
    options=(
        Option("it says 0.1 all over the region, so no direction is better than another", True,
               r"$D^*$ is the constant $\beta$ there. The weight $1 - D$ is large, but the arrow $\nabla l$ is zero."),
        Option("it says 0.1 there, and since it is less sure than before, the pull is stronger", False,
               "How sure it is gives the weight. The pull is weight times slope, and a constant has no slope."),
        Option("it says 0 there, for the labels of real samples do not matter in this region", False,
               "The *generated* samples have the label 0.1 now. It is their mean label that $D^*$ takes there."),
        Option("it says 0.9 there as often as 0.1, because the labels have become noisy", False,
               "The best answer to labels that vary is their mean, not a copy of them."),
    ),
    explanation=r"With one-sided smoothing, $\beta = 0$, the non-saturating pull of the best $D$ stays as it was. The "
                "chapter's trained networks agreed: two-sided labels took more than nine tenths of this pull away. (The "
                "minimax pull is another matter. It had next to nothing to lose, and gained a little.)")

loose_bound = Choice(
    id="loose_bound", title="What the bound says", level="medium", concept=True,
    prompt="All seven layers of a discriminator are spectrally normalised, with ReLU between them. What do you know "
           "about the length of its gradient by a sample?",
    hints=("When is the largest singular value of a product equal to the product of the largest singular values?",),
    options=(
        Option("it is 1 at every sample", False, "That needs each layer to hand its result on exactly in the next "
               "one's most stretched direction. Nobody arranges that."),
        Option("it is at most 1, and may be far below", True, "Each layer stretches only *one* direction by 1 and "
               "the others by less, and ReLU drops some. With many layers the true slope can be a small fraction of "
               "the bound."),
        Option("it is at most 1 on average over samples", False, "The bound holds at every point, not only on "
               "average."),
        Option("it is at most 7, one for each layer", False, "The bounds of the layers are multiplied, and each of "
               "them is 1."),
    ),
    explanation="So a normalised discriminator can be too *flat*. Then a larger factor behind the last layer, or "
                "fewer layers, is worth a try.")

blurred_goal = Choice(
    id="blurred_goal", title="Noise to the end", level="medium", concept=True,
    prompt="Gaussian noise of fixed width is added to all samples that the discriminator sees, real and generated, "
           "till the end of training. What does a generator learn, with unlimited networks and data?",
    hints=("Can two different densities have the same blurred version?",),
    options=(
        Option("the density of the noisy data", False, "So it would be if only the real samples had noise. Here its "
               "own samples get the same noise before they are compared."),
        Option("the density of the data, without noise", True, "Blurring multiplies each Fourier component by a "
               "number that is not 0, so $p_s = q_s$ only for $p = q$ (Theorem 9.6)."),
        Option("any density that is as wide as the data", False, "Blurred densities differ wherever the sharp ones "
               "do, if only a little."),
        Option("the data sharpened by the noise's width", False, "If the generated samples alone had noise, the "
               "generator would have to make up for it. Both have it."),
    ),
    explanation="With finite data it is another matter: fine details are multiplied by something tiny and drown. So "
                "one lets the noise decay.")

leaks = Choice(
    id="leaks", title="What leaks?", level="medium", concept=True,
    prompt="The data are photographs, all of them upright. In which cases may a generator that has won make pictures "
           "that are not upright? \"Turned at random\" means by one of 0°, 90°, 180°, 270°, each with equal chance. (All that are "
           "right.)",
    hints=("With which distribution is the generator's compared, and can two different ones look the same after the "
           "transform?",),
    options=(
        Option("real pictures only, half of them turned at random", True, "The generator copies what it is compared "
               "with: turned pictures."),
        Option("both kinds, half of them turned at random", False, r"That is $c = \tfrac12$: half of "
               "every difference is kept. Only upright pictures look like upright pictures after it."),
        Option("both kinds, all of them turned at random", True, "After a uniformly random turn upright and turned "
               "pictures look alike. No discriminator can object to the latter."),
        Option("both kinds mirrored, always", False, "A mirror can be undone. Seen through a mirror, different "
               "distributions are still different."),
    ),
    explanation="Two rules: augment both kinds, and keep the transform injective on distributions, for instance by "
                "leaving some samples alone.")

centre = Choice(
    id="centre", title="When there is nothing to see", level="easy", concept=True,
    prompt="The generator has reached the data. Which penalties have their least value at the discriminator that "
           "belongs to this, a constant logit? (All that are right.)",
    hints=("What is the slope of a constant, and which slope does each penalty want?",),
    options=(
        Option("R1", True, r"$\frac\gamma2\,\mathbb{E}_p\lVert\nabla l\rVert^2$ is 0 there, its least value."),
        Option("WGAN-GP's, centred at 1", False, r"It is $\lambda$ there and falls as soon as the discriminator takes a small "
               "slope: it pays to see a difference where there is none."),
        Option("R2", True, r"On generated samples the slope of a constant is 0 too."),
        Option("a gradient penalty between the two, centred at 0", True, "Wherever it is measured, the slope of a "
               "constant is 0."),
    ),
    explanation="In the chapter eight discriminators with the one-centred penalty ended with mean slopes of 0.7 to "
                "1, though there was nothing to find.")

CHAPTER = Chapter(
    "09", "Regularising the discriminator",
    [flipped, logit_room, leaked, real_share, soft_loss_exercise, ada_step_exercise, r1_of_a_bowl, power_rounds,
     first_estimate, frobenius_cost, noise_fee, smoothed_at_rest, turned_accuracy, smoothed_pull,
     normalised_weight_exercise, lazy_r1_exercise, augmented_losses_exercise, wall_or_parrot, one_side_only,
     loose_bound, blurred_goal, leaks, centre],
    gate={"first steps": (3, ("flipped", "logit_room", "leaked", "real_share", "power_rounds")),
          "derivation": (4, ("r1_of_a_bowl", "first_estimate", "frobenius_cost", "noise_fee", "smoothed_at_rest",
                             "turned_accuracy", "smoothed_pull")),
          "code": (3, ("soft_loss", "ada_step", "normalised_weight", "lazy_r1", "augmented_losses")),
          "concepts": (4, ("wall_or_parrot", "one_side_only", "loose_bound", "blurred_goal", "leaks", "centre"))})
