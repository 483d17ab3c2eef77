"""Chapter 14, InfoGAN."""

import math

import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import nn

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number


def _stream(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _normal(stream: torch.Generator, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=stream, dtype=torch.float64)


code_entropy = Number(
    id="code_entropy", title="How much there is to know", level="easy",
    prompt="A generator gets a categorical code with $K$ equally likely values and, independent of it, $C$ continuous "
           "codes, each uniform on $(-1, 1)$. What is the entropy of all codes together, in nats?",
    hints=("Entropies of independent codes add up.",
           r"A density of $\tfrac12$ on an interval of length 2 has the entropy $-\log\tfrac12$."),
    reference="log(K) + C*log(2)", draw={"K": (6, 8, 9, 10, 12, 20), "C": (2, 3)},
    mistakes=(
        Mistake("category only", "log(K)", "You left out the continuous codes (or took their entropy for 0, which "
                "belongs to an interval of length 1; theirs has length 2)."),
        Mistake("1 each", "log(K) + C", "You counted 1 for each continuous code, which is its entropy in *bits*. In nats it is a logarithm to "
                "the base e."),
        Mistake("in bits", "log2(K) + C", "That is the entropy in bits. A nat is $1/\\log 2$ bits."),
        Mistake("as a volume", "log(K)*C*log(2)", "You multiplied the entropies. Probabilities multiply; their "
                "logarithms add up."),
        Mistake("sign of the density", "log(K) - C*log(2)", "You took the logarithm of the *density*. The entropy is "
                "the mean of minus that."),
    ),
    explanation="For ten values and two continuous codes it is 3.69 nats. No reader can get more out of a picture.")

sure_reader = Formula(
    id="sure_reader", title="The bound of a sure reader", level="easy",
    prompt="A categorical code has $K$ equally likely values. On every sample the reader gives the probability $a$ to "
           "the value that was really used. What is the lower bound of the information, in nats?",
    hints=(r"The bound is $H(c) + \mathbb{E}\log Q(c \mid x)$.", r"$Q(c \mid x) = a$ on every sample."),
    symbols={"K": (3.0, 20.0), "a": (0.1, 0.95)}, reference="log(K) + log(a)",
    mistakes=(
        Mistake("cross-entropy", "-log(a)", "That is the reader's cross-entropy. The bound is the entropy of the code "
                "*minus* it."),
        Mistake("log a only", "log(a)", r"You left out $H(c)$. Without it the best value would be 0."),
        Mistake("weighted", "log(K) + a*log(a)", r"You weighted $\log a$ with $a$. The code is drawn from its prior and "
                "shown; that the reader is right to the degree $a$ is already in the logarithm."),
        Mistake("share of log K", "a*log(K)", r"Information is not the share of right answers times $\log K$."),
        Mistake("entropy of the reader", "log(K) + a*log(a) + (1 - a)*log((1 - a)/(K - 1))", "You used the entropy of "
                "the reader's answer. The bound asks what the reader says of the value that was *used*."),
    ),
    explanation=r"For $a = \tfrac1K$, a guess, it is 0; for a smaller $a$ it is negative and says nothing.")

twice_floor = Formula(
    id="twice_floor", title="The floor of softmax twice", level="easy",
    prompt="A network ends in a softmax over $K$ classes, and its output $s$ goes into a cross-entropy that takes its "
           "input for logits and applies a softmax itself. What is the least loss that can be reached? (Write `exp(1)` "
           "for e.)",
    hints=(r"The loss is $\log\sum_j e^{s_j} - s_y$ with $s$ a vector of probabilities. Where is it least?",
           r"At $s_y = 1$ and all others 0. How many others are there?"),
    symbols={"K": (2.0, 50.0)}, reference="log(1 + (K - 1)*exp(-1))",
    mistakes=(
        Mistake("no floor", "0", "That needs infinite logits. Probabilities are at most 1."),
        Mistake("upper end", "log(K - 1 + exp(1))", "That is the *largest* value: the right class gets 0 and one wrong "
                "class gets 1."),
        Mistake("a guess", "log(K)", "That is the loss of a uniform answer; a sure one is better."),
        Mistake("right class counted", "log(1 + K*exp(-1))", "There are $K - 1$ *other* classes."),
        Mistake("sign", "log(1 + (K - 1)*exp(1))", r"The others have the logit 0 and the right one has 1: relative to "
                r"it they count $e^{-1}$."),
    ),
    explanation="For ten classes it is 1.461. A loss that comes to rest near it, with an accuracy near 100 %, has a "
                "softmax too much.")


def latents(noise, category, continuous, K):
    one_hot = F.one_hot(category, K).to(noise.dtype)
    return torch.cat([noise, one_hot, continuous], 1)


def latent_cases(seed: int) -> list[Case]:
    stream = _stream(seed)

    def case(what, n, noise, K, C):
        category = torch.randint(K - 1, (n,), generator=stream)  # the last value does not occur
        return Case(what, (_normal(stream, n, noise), category,
                           2 * torch.rand(n, C, generator=stream, dtype=torch.float64) - 1, K))

    return [case("seven samples, ten values, two continuous codes", 7, 4, 10, 2),
            case("as many samples as values", 5, 5, 5, 5), case("no continuous code", 4, 3, 6, 0)]


latents_exercise = Code(
    id="latents", title="What the generator gets", level="easy",
    prompt="Put the latents of an InfoGAN together: noise, the category as a one-hot vector of length $K$, and the "
           "continuous codes, side by side in this order.",
    doc="Latents, a tensor (n, N + K + C). noise: (n, N). category: whole numbers 0 to K - 1, (n,). continuous: "
        "(n, C). K: the number of values.",
    needs="import torch\nimport torch.nn.functional as F", reference=latents, inputs=latent_cases,
    hints=("`F.one_hot(category, K)` gives whole numbers; bring them to the type of the noise.",
           "`torch.cat([...], 1)` joins along the second axis."),
    mistakes=(
        Mistake("category as a number", lambda noise, category, continuous, K: torch.cat(
            [noise, category[:, None].to(noise.dtype), continuous], 1), "You gave the category as one number. Then 9 is "
                "nine times as much as 1, and 4 lies between 3 and 5. A one-hot vector has no such order."),
        Mistake("another order", lambda noise, category, continuous, K: torch.cat(
            [F.one_hot(category, K).to(noise.dtype), continuous, noise], 1), "The parts are right, their order is not: "
                "noise first, then the category, then the continuous codes."),
        Mistake("continuous before category", lambda noise, category, continuous, K: torch.cat(
            [noise, continuous, F.one_hot(category, K).to(noise.dtype)], 1), "The continuous codes come last."),
        Mistake("codes forgotten", lambda noise, category, continuous, K: torch.cat(
            [noise, F.one_hot(category, K).to(noise.dtype)], 1), "The continuous codes are missing."),
        Mistake("K from the batch", lambda noise, category, continuous, K: torch.cat(
            [noise, F.one_hot(category).to(noise.dtype), continuous], 1), "Without `K`, `one_hot` takes the largest "
                "category of the batch for the last one, and the width changes from batch to batch."),
    ),
    explanation="The network does not know which of its inputs are codes. Only the loss does.")

gaussian_bound = Formula(
    id="gaussian_bound", title="A Gaussian reader", level="medium",
    prompt=r"A code is uniform on $(-1, 1)$. The reader is a Gaussian with fixed standard deviation $s$, and the mean "
           "squared error of its mean is $m$. What is its lower bound of the information, in nats?",
    hints=(r"$H(c) = \log 2$. What is $-\log$ of a Gaussian density?",
           r"$\frac{(c - \mu)^2}{2s^2} + \frac12\log(2\pi s^2)$, and its mean over samples has $m$ in it."),
    symbols={"s": (0.1, 2.0), "m": (0.02, 1.0)}, reference="log(2) - log(2*pi*s**2)/2 - m/(2*s**2)",
    mistakes=(
        Mistake("constant forgotten", "log(2) - m/(2*s**2)", r"You left out $\frac12\log(2\pi s^2)$. For training "
                "alone it does not matter, for a number in nats it does."),
        Mistake("entropy forgotten", "-log(2*pi*s**2)/2 - m/(2*s**2)", r"You left out $H(c) = \log 2$."),
        Mistake("standard normal prior", "log(2*pi)/2 + 1/6 - log(2*pi*s**2)/2 - m/(2*s**2)", r"You scored the prior "
                r"as if it were a Gaussian, $N(0, 1)$. Its entropy is $\log 2$, and for a small $s$ this mix is no bound."),
        Mistake("variance", "log(2) - log(2*pi*s)/2 - m/(2*s)", "You took $s$ for the variance."),
        Mistake("half forgotten", "log(2) - log(2*pi*s**2)/2 - m/s**2", r"The square has a factor $\tfrac12$."),
        Mistake("best width", "log(2) - log(2*pi*exp(1)*m)/2", "That is its value for the best $s$, where $s^2 = m$. "
                "Here $s$ is given."),
    ),
    explanation=r"With $s = 1$ even a reader without any error gets $\log 2 - \frac12\log 2\pi = -0.23$: as a loss "
                "that is all right, as a measure it says nothing.")

wide_enough = Number(
    id="wide_enough", title="What a correlation is worth", level="medium",
    prompt=r"A code is uniform on $(-1, 1)$, and the reader's mean has the mean squared error $(1 - R)/3$ (it explains "
           "the share $R$ of the code's variance). What is the best bound that a Gaussian reader of fixed width can "
           "give with this mean, in nats?",
    hints=("The best variance is the mean squared error itself.",
           r"$\log 2 - \frac12\log(2\pi e\,m)$ with $m = (1 - R)/3$. And $e$ is `exp(1)`."),
    reference="log(2) - log(2*pi*exp(1)*(1 - R)/3)/2", draw={"R": (0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)},
    mistakes=(
        Mistake("as if all were Gaussian", "-log(1 - R)/2", r"That is the information between two *Gaussian* "
                r"variables. Against a uniform code a Gaussian reader loses $0.18$ nats: the KL of the prior to its "
                "Gaussian."),
        Mistake("variance 1", "log(2) - log(2*pi*exp(1)*(1 - R))/2", r"The variance of $U(-1, 1)$ is $\tfrac13$, not 1."),
        Mistake("e forgotten", "log(2) - log(2*pi*(1 - R)/3)/2", r"At the best width the square still costs "
                r"$\tfrac12$ on average: that is the $e$ in the logarithm."),
        Mistake("width 1", "log(2) - log(2*pi)/2 - (1 - R)/6", "That is the bound for the width 1. The best width is "
                "the root of the mean squared error."),
        Mistake("not a logarithm", "R*log(2)", r"Information is not the share of variance times $\log 2$; it grows "
                "without limit as the error vanishes."),
    ),
    explanation=r"At $R = 0.9$ it is about 0.97 nats. Below $R = 0.3$ it is negative.")

reader_gap = Formula(
    id="reader_gap", title="The gap of a miscalibrated reader", level="medium",
    prompt=r"A code is 0 or 1, each with probability $\tfrac12$. The sample shows it, but with the probability $k$ it "
           "shows the wrong one. The reader believes that samples are wrong with probability $r$. By how much does its "
           "bound miss the information?",
    hints=(r"The gap is $\mathbb{E}_x\,\mathrm{KL}(P(c \mid x)\,\Vert\,Q(c \mid x))$.",
           r"For each $x$ the posterior is $(1 - k, k)$ and the reader's answer $(1 - r, r)$."),
    symbols={"k": (0.02, 0.45), "r": (0.02, 0.45)}, reference="k*log(k/r) + (1 - k)*log((1 - k)/(1 - r))",
    mistakes=(
        Mistake("turned round", "r*log(r/k) + (1 - r)*log((1 - r)/(1 - k))", "You took the KL the other way round: the "
                "mean goes over what really happens, $k$."),
        Mistake("one term", "k*log(k/r)", "You counted only the samples that are wrong. What the reader says of the "
                "others is off as well."),
        Mistake("the bound", "log(2) + k*log(r) + (1 - k)*log(1 - r)", "That is the bound itself."),
        Mistake("the information", "log(2) + k*log(k) + (1 - k)*log(1 - k)", "That is the information."),
        Mistake("per code twice", "2*(k*log(k/r) + (1 - k)*log((1 - k)/(1 - r)))", "You added the two codes up. The gap "
                "is a mean over samples."),
    ),
    explanation="It is 0 for $r = k$ only. A reader that is too sure loses more than one that is as much too unsure.")


def reading_loss(logits, means, category, continuous, std):
    loss = F.cross_entropy(logits, category)
    square = ((continuous - means) / std) ** 2 / 2
    return loss + (square + math.log(std) + math.log(2 * math.pi) / 2).sum(1).mean()


def reading_cases(seed: int) -> list[Case]:
    stream = _stream(seed)

    def case(what, n, K, C, std, scale=1.0):
        return Case(what, (scale * _normal(stream, n, K).requires_grad_(), _normal(stream, n, C).requires_grad_(),
                           torch.randint(K, (n,), generator=stream),
                           2 * torch.rand(n, C, generator=stream, dtype=torch.float64) - 1, std))

    return [case("ten values, two continuous codes, width 0.5", 8, 10, 2, 0.5),
            case("three values, one continuous code, width 1.7", 5, 3, 1, 1.7),
            case("logits of hundreds", 6, 4, 3, 0.3, 200.0)]


def _reading(category_loss=F.cross_entropy, width=lambda std: std, half=2.0, constant=True,
             whole=lambda x: x.sum(1).mean()):
    def loss(logits, means, category, continuous, std):
        square = ((continuous - means) / width(std)) ** 2 / half
        rest = (math.log(std) + math.log(2 * math.pi) / 2) * constant
        return category_loss(logits, category) + whole(square + rest)

    return loss


reading_loss_exercise = Code(
    id="reading_loss", title="The reader's loss", level="medium",
    prompt=r"Write $-\mathbb{E}\log Q(c \mid x)$ in nats for a categorical code, of which the reader gives logits, and "
           "$C$ independent continuous codes, of each of which it gives the mean of a Gaussian with standard deviation "
           "`std`. The loss is the mean over samples of the sum over all codes, with all constants.",
    doc="The loss, a tensor with one number. logits: (n, K). means, continuous: (n, C). category: whole numbers, (n,). "
        "std: a number.",
    needs="import math\nimport torch\nimport torch.nn.functional as F", reference=reading_loss, inputs=reading_cases,
    hints=("`F.cross_entropy` takes logits, and its mean over samples is what you want.",
           r"$-\log N(c; \mu, s^2) = \frac{(c - \mu)^2}{2s^2} + \log s + \frac12\log 2\pi$: sum over codes, mean over "
           "samples."),
    mistakes=(
        Mistake("softmax twice", _reading(lambda l, c: F.cross_entropy(l.softmax(1), c)), "You applied a softmax before "
                "`F.cross_entropy`, which applies one itself. The loss cannot go below its floor then."),
        Mistake("squared error only", _reading(constant=False), "The gradient is right, but the number is not "
                r"$-\log Q$: its constant, $\log s + \frac12\log 2\pi$ for each code, is missing, and with it the "
                "bound in nats."),
        Mistake("mean over codes", _reading(whole=lambda x: x.mean()), "You took the mean over the continuous codes. "
                "Logarithms of independent densities add up."),
        Mistake("sum over samples", _reading(whole=lambda x: x.sum()), "You added up the samples. It is a mean over "
                "samples, as in the cross-entropy."),
        Mistake("half forgotten", _reading(half=1.0), r"The square of a Gaussian has a factor $\tfrac12$."),
        Mistake("variance", _reading(width=lambda std: std ** 0.5), "You took `std` for the variance."),
    ),
    explanation=r"With $H(c) = \log K + C\log 2$ in front and the sign turned, this is the bound.")


def information(joint):
    rows, columns = joint.sum(1), joint.sum(0)
    own = torch.special.xlogy(rows, rows).sum() + torch.special.xlogy(columns, columns).sum()
    return torch.special.xlogy(joint, joint).sum() - own


def table_cases(seed: int) -> list[Case]:
    stream = _stream(seed)

    def table(rows, columns):
        values = torch.rand(rows, columns, generator=stream, dtype=torch.float64) ** 3 + 1e-3
        return values / values.sum()

    shown = torch.eye(4, dtype=torch.float64)[:, torch.randperm(4, generator=stream)] / 4
    return [Case("a random table", (table(4, 7).requires_grad_(),)),
            Case("a code that is shown in full: most entries are 0", (shown,)),
            Case("more codes than samples", (table(6, 3).requires_grad_(),)),
            Case("a code and a sample that are independent", (torch.outer(table(1, 5)[0], table(1, 3)[0]),))]


information_exercise = Code(
    id="information", title="Mutual information of a table", level="medium",
    prompt=r"Write the mutual information $I(c; x)$ in nats from the table of joint probabilities $p(c, x)$. Entries may "
           r"be 0, with $0\log 0 = 0$.",
    doc="I(c; x), a tensor with one number. joint: (values of c, values of x), sum 1.",
    needs="import torch", reference=information, inputs=table_cases,
    hints=("Sum over the second axis for $p(c)$, over the first for $p(x)$.",
           r"$I = \sum p\log p - \sum p(c)\log p(c) - \sum p(x)\log p(x)$.",
           "`torch.special.xlogy(a, b)` is $a\\log b$, and 0 for $a = 0$."),
    mistakes=(
        Mistake("entropy of c", lambda joint: -torch.special.xlogy(joint.sum(1), joint.sum(1)).sum(),
                "That is $H(c)$. What is left of it when $x$ is known, has to be taken off."),
        Mistake("conditional entropy", lambda joint: torch.special.xlogy(joint.sum(0), joint.sum(0)).sum()
                - torch.special.xlogy(joint, joint).sum(), r"That is $H(c \mid x)$, what is *not* known."),
        Mistake("sign", lambda joint: -information(joint), "The sign is turned: information is never negative."),
        Mistake("log of zero", lambda joint: (joint * (joint / joint.sum(1, keepdim=True) / joint.sum(0)).log()).sum(),
                "Right for tables without zeros. $0\\log 0$ is nan for a computer: use `xlogy`."),
        Mistake("in bits", lambda joint: information(joint) / math.log(2), "That is in bits. Nats, please."),
        Mistake("joint entropy", lambda joint: -torch.special.xlogy(joint, joint).sum(), "That is the entropy of both "
                "together."),
    ),
    explanation="It is symmetric: the sample knows as much of the code as the code of the sample.")


def assigned(counts):
    rows, columns = linear_sum_assignment(counts.numpy(), maximize=True)
    return counts[rows, columns].sum() / counts.sum()


def count_cases(seed: int) -> list[Case]:
    stream = _stream(seed)
    greedy = torch.tensor([[50.0, 45.0, 0.0], [48.0, 2.0, 0.0], [10.0, 30.0, 20.0]], dtype=torch.float64)
    order = torch.randperm(3, generator=stream)
    return [Case("two codes that both prefer the same class", (greedy[order],)),
            Case("random counts", (torch.randint(0, 60, (6, 6), generator=stream).double(),)),
            Case("a perfect code with its values permuted",
                 (20 * torch.eye(5, dtype=torch.float64)[torch.randperm(5, generator=stream)],)),
            Case("a collapsed code", (torch.tensor([[9.0, 9.0], [0.0, 0.0]], dtype=torch.float64),))]


assigned_exercise = Code(
    id="assigned", title="The best names for the codes", level="hard",
    prompt="`counts[i, j]` says how many samples with the code value $i$ show the class $j$. Give each code value a class "
           "of its own so that as many samples as possible show the class of their code. Return the share of these "
           "samples.",
    doc="The accuracy, a tensor with one number. counts: (K, K), not negative.",
    needs="import torch\nfrom scipy.optimize import linear_sum_assignment", reference=assigned, inputs=count_cases,
    hints=("Ten values can be given to ten classes in 3.6 million ways; SciPy has an algorithm that does not try them "
           "all.", "`linear_sum_assignment(..., maximize=True)` returns the rows and the columns of the best choice."),
    mistakes=(
        Mistake("best class of each code", lambda counts: counts.max(1).values.sum() / counts.sum(),
                "You gave each code its most frequent class. Two codes may then have the same one, and a class none: a "
                "generator that draws a single class would get 100 %."),
        Mistake("best code of each class", lambda counts: counts.max(0).values.sum() / counts.sum(),
                "You gave each class its most frequent code. One code may then stand for many classes."),
        Mistake("no assignment", lambda counts: counts.diagonal().sum() / counts.sum(), "You compared the numbers as "
                "they are. Nobody told the generator that its code 3 is to be the digit 3."),
        Mistake("worst assignment", lambda counts: counts[linear_sum_assignment(counts.numpy())].sum() / counts.sum(),
                "`linear_sum_assignment` *minimises* unless it is told otherwise."),
        Mistake("not divided", lambda counts: assigned(counts) * counts.sum(), "That is the number of samples, not their "
                "share."),
    ),
    explanation="A score after an assignment is never below that of guessing: of ten values about one in ten fits by "
                "chance, and a little more, because the best of many assignments is taken.")


class _Read(nn.Module):
    """Two layers, tanh between them."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(inputs, 6), nn.Tanh(), nn.Linear(6, outputs)).double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def info_cases(seed: int) -> list[Case]:
    stream = _stream(seed)
    cases = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for what, n, K, weight in (("weight 1", 9, 3, 1.0), ("weight 0.2", 7, 4, 0.2)):
            networks = _Read(2 + K, 2), _Read(2, 1), _Read(2, K)
            cases.append(Case(what, (*networks, _normal(stream, n, 2), _normal(stream, n, 2),
                                     torch.randint(K, (n,), generator=stream), weight)))
    return cases


def info_losses(generator, discriminator, reader, real, noise, category, weight):
    K = generator.layers[0].in_features - noise.shape[1]
    fake = generator(torch.cat([noise, F.one_hot(category, K).to(noise.dtype)], 1))
    shown = fake.detach()
    d_loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(shown)).mean()
    d_loss = d_loss + F.cross_entropy(reader(shown), category)
    g_loss = F.softplus(-discriminator(fake)).mean() + weight * F.cross_entropy(reader(fake), category)
    return d_loss, g_loss


def _info(cut=torch.detach, pulled=lambda x: x, sign=1.0, reads=True, real_read=False, twice=False, saturating=False):
    def both(generator, discriminator, reader, real, noise, category, weight):
        K = generator.layers[0].in_features - noise.shape[1]
        fake = generator(torch.cat([noise, F.one_hot(category, K).to(noise.dtype)], 1))
        entropy = (lambda l: F.cross_entropy(l.softmax(1), category)) if twice else (
            lambda l: F.cross_entropy(l, category))
        d_loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(cut(fake))).mean()
        d_loss = d_loss + reads * entropy(reader(real if real_read else cut(fake)))
        judged = discriminator(fake)
        own = -F.softplus(judged).mean() if saturating else F.softplus(-judged).mean()
        return d_loss, own + sign * weight * entropy(reader(pulled(fake)))

    return both


info_losses_exercise = Code(
    id="info_losses", title="Both losses of InfoGAN", level="hard",
    prompt="Write the losses of both players of an InfoGAN with one categorical code. The generator takes noise and the "
           "one-hot code side by side. Its loss is the non-saturating one plus `weight` times the reader's "
           "cross-entropy. The reader learns with the discriminator, with weight 1, and neither of the two may train "
           r"the generator in *their* step. The discriminator's own loss is "
           r"$\mathbb{E}\operatorname{softplus}(-l(\text{real})) + \mathbb{E}\operatorname{softplus}(l(\text{generated}))$. "
           "The number of values is `generator.layers[0].in_features - noise.shape[1]`.",
    doc="Loss of discriminator and reader, and loss of the generator, each a tensor with one number. generator, "
        "discriminator, reader: networks. real: (n, 2). noise: (n, 2). category: whole numbers, (n,). weight: a number.",
    needs="import torch\nimport torch.nn.functional as F", reference=info_losses, inputs=info_cases,
    hints=("The reader can only be asked about samples whose code is known: the generated ones.",
           "In the first loss the samples are detached, in the second they are not.",
           "Both players want the *same* of the reader: that its cross-entropy gets small."),
    mistakes=(
        Mistake("a game about the code", _info(sign=-1.0), "You let the generator *raise* the reader's loss, so it "
                "would hide the code. Generator and reader are on one side here."),
        Mistake("reader not trained", _info(reads=False), "The reader does not learn: its cross-entropy is missing in the "
                "first loss."),
        Mistake("reader on real samples", _info(real_read=True), "You asked the reader for the codes of *real* samples, "
                "which have none."),
        Mistake("gradient cut", _info(pulled=torch.detach), "The values are right, but the generator does not feel the "
                "reader: the samples that it reads are detached in the generator's loss."),
        Mistake("not detached", _info(cut=lambda x: x), "The values are right, but the first loss trains the generator "
                "as well: detach the samples there."),
        Mistake("softmax twice", _info(twice=True), "`F.cross_entropy` takes logits; you gave it probabilities."),
        Mistake("minimax", _info(saturating=True), "The generator's own part should be the non-saturating loss."),
    ),
    explanation="`InfoGAN` does the same, with discriminator and reader on one body, so that reading is nearly free.")

all_nats = Choice(
    id="all_nats", title="2.30 of 2.30 nats", level="easy", concept=True,
    prompt=r"On digits, the bound for a categorical code with ten values has reached $\log 10$. What follows?",
    hints=("What does the bound bound, and does it know the labels?",),
    options=(
        Option("the code is the class of the digit", False, "It may be. But ten kinds of dot in a corner have the same "
               "information, and so had our generator with much noise, whose code and class agreed hardly better than by "
               "chance."),
        Option("the code can be read off every picture without error", True, r"$I(c; x) = H(c)$ means $H(c \mid x) = 0$."),
        Option("the generator draws all ten classes", False, "The bound says nothing about classes."),
        Option("the discriminator cannot tell the pictures from real ones", False, "That is the other part of the loss. "
               "A picture of pure code would have all the information."),
    ),
    explanation="What the code *means* is decided by the networks and by what they find easiest. It has to be measured.")

below_zero = Choice(
    id="below_zero", title="A negative bound", level="easy", concept=True,
    prompt="For a continuous code the bound is $-0.1$ nats. What does it mean?",
    hints=("Can information be negative? Can a lower bound of it?",),
    options=(
        Option("there is an error: information is never negative", False, "Information is not, but a lower bound of it "
               "may be. It is then true and of no use."),
        Option("nothing follows: this reader has not shown any information", True, "A better reader, or only one with a "
               "better fixed width, may still find much."),
        Option("code and picture are independent", False, "To show that, *every* reader would have to fail."),
        Option("the generator hides the code on purpose", False, "It is rewarded for the opposite. And a hidden code is "
               "one that *no* reader finds."),
    ),
    explanation=r"With the width 1 that is usual, a Gaussian reader of a code on $(-1, 1)$ never gets above $-0.23$.")

who_learns = Choice(
    id="who_learns", title="Whose side is the reader on?", level="medium", concept=True,
    prompt="The reader's cross-entropy is in the loss of both players. What is true? (All that are right.)",
    hints=("A game needs opposite interests. Which two are opposed here?",),
    options=(
        Option("generator and reader play against each other about the code", False, "They want the same: that the code "
               "can be read."),
        Option("the generator could lower this loss alone, with a fixed reader", True, "As far as the fixed reader "
               "understands it. With a random one that is possible too; then the generator learns its language."),
        Option("the reader may share layers with the discriminator, since features for judging serve for reading", True,
               "So the authors do, and reading costs hardly anything."),
        Option("on real samples the reader has to be trained with their labels", False, "InfoGAN has no labels. The codes "
               "of generated samples are known because we drew them."),
    ),
    explanation="It is a cooperation inside a game. The discriminator keeps it honest: a code that spoils the picture is "
                "seen.")

corner_dot = Choice(
    id="corner_dot", title="The dot in the corner", level="medium", concept=True,
    prompt="A generator writes its code as ten grey levels of one corner pixel, too faint to be seen. What would force it "
           "to give that up? (All that are right.)",
    hints=("Which change takes information out of that pixel, or makes the dot expensive?",),
    options=(
        Option("a larger weight of the information", False, "All the information is there already. The weight cannot "
               "ask for more."),
        Option("noise on what discriminator and reader see", True, "Ten faint levels drown in it: exactly how much "
               "information is left can be computed. A change of the whole digit does not drown."),
        Option("a discriminator that sees that real corners are black", True, "Then the dot costs in the game. A trained "
               "discriminator may or may not see it."),
        Option("a reader with more layers", False, "It reads the dot even better."),
    ),
    explanation="Information does not ask how large a change is. Networks and noise do.")

stuck = Choice(
    id="stuck", title="Stuck at 1.46", level="medium", concept=True,
    prompt="A reader of ten values answers rightly 99 times in 100, and its cross-entropy does not go below 1.46. What is "
           "the first thing to look at?",
    hints=(r"What is $\log(1 + 9/e)$?",),
    options=(
        Option("the learning rate is too low", False, "With a lower loss to be had, it would still creep down. This one "
               "stands at a number that has a formula."),
        Option("the reader ends in a softmax, and the loss applies another one", True, r"$\log(1 + 9/e) = 1.461$ is the "
               "floor of ten classes then."),
        Option("the codes are not equally likely", False, "That changes the entropy of the code. The cross-entropy of "
               "a reader that is right can still go to 0."),
        Option("the generator ignores the code", False, "Then the reader would be right once in ten times."),
    ),
    explanation="Remove the softmax, not the loss. As logits the network's outputs may grow as they like.")

no_weight = Choice(
    id="no_weight", title="Without the reward", level="hard", concept=True,
    prompt=r"With $\lambda = 0$ the generator still gets the code, and a reader still tries to read it. What do you expect "
           "of the bound?",
    hints=("Is there a reason for the generator *not* to use an input?",),
    options=(
        Option("exactly 0, since the code is not in the loss", False, "The generator has weights on the code from the "
               "first step, and nothing makes them vanish. The code is one more source of noise."),
        Option("somewhere between 0 and log 10: what is drawn depends on the code somehow", True, "A one-hot input moves "
               "the picture, and some of that can be read. Nothing makes it *all* readable."),
        Option("log 10, since a reader that is good enough reads everything", False, "Two codes may give pictures that "
               "overlap, and then no reader can tell them apart."),
        Option("negative, as the generator plays against the reader", False, "It takes no notice of the reader. The best "
               "reader always gets at least 0."),
    ),
    explanation="The difference between this and the bound at $\\lambda = 1$ is what the reward does.")

CHAPTER = Chapter(
    "14", "InfoGAN",
    [code_entropy, sure_reader, twice_floor, latents_exercise, gaussian_bound, wide_enough, reader_gap,
     reading_loss_exercise, information_exercise, assigned_exercise, info_losses_exercise, all_nats, below_zero,
     who_learns, corner_dot, stuck, no_weight],
    gate={"first steps": (3, ("code_entropy", "sure_reader", "twice_floor")),
          "derivation": (2, ("gaussian_bound", "wide_enough", "reader_gap")),
          "code": (3, ("latents", "reading_loss", "information", "assigned", "info_losses")),
          "concepts": (4, ("all_nats", "below_zero", "who_learns", "corner_dot", "stuck", "no_weight"))})
