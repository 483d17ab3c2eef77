"""Chapter 6, mode collapse and diagnostics."""

import math

import torch
import torch.nn.functional as F

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

wide_modes = Number(
    id="wide_modes", title="Right modes, too wide", level="easy",
    prompt="The data are a mixture of well separated round Gaussians in the plane, each with standard deviation "
           r"$s$. The generator has the right centres and shares, but its modes have the standard deviation $c\,s$. "
           "What share of its samples is of high quality, that is, within $3s$ of its mode's centre?",
    hints=(r"How many of the generator's *own* standard deviations are $3s$?",
           r"It is a perfect sampler of another mixture, judged at the radius $r = \frac3c$. Proposition 6.1 has the "
           "share for any radius."),
    reference="1 - exp(-9/(2*c**2))", draw={"c": (1.5, 1.6, 1.8, 2.5, 3.0, 4.0, 5.0)},
    mistakes=(
        Mistake("one dimension", "0.9973", "That is the three-sigma rule of the *line*, and for modes of the right width. "
                "In the plane the share is smaller, and these modes are wider."),
        Mistake("not scaled", "1 - exp(-9/2)", "That is the ceiling, for a generator whose modes are as wide as the "
                "data's. These samples lie further out, and the radius that counts is still that of the data."),
        Mistake("variance", "1 - exp(-9/(2*c))", "You took $c$ for the factor of the *variance*. It belongs to the "
                "standard deviation."),
        Mistake("half forgotten", "1 - exp(-9/c**2)", r"The exponent of a normal density has a $\tfrac12$, and the "
                "share inherits it."),
        Mistake("the wrong way", "1 - exp(-9*c**2/2)", "You multiplied the radius by $c$. Measured in standard "
                "deviations that are larger, the same radius is a smaller number."),
        Mistake("outside", "exp(-9/(2*c**2))", "That is the share that is *not* of high quality."),
        Mistake("by area", "(1 - exp(-9/2))/c**2", "You divided by the area over which the samples are spread. They "
                "are not spread evenly: most lie near the centre."),
    ),
    explanation="For $c = 1$ it is the ceiling, 98.89 %. For $c < 1$ it is *above* the ceiling: modes that are too "
                "narrow score better than the data do.")

samples_for_floor = Formula(
    id="samples_for_floor", title="How many samples for a sharp floor?", level="easy",
    prompt="A perfect sampler of $K$ equal modes does not have the reverse KL 0, because it is measured on finitely "
           r"many samples. For how many samples $N$ is its expectation $a$, to first order in $\frac1N$?",
    hints=("Rate 6.2 gives the expectation for $N$ samples.", "Solve it for $N$."),
    symbols={"K": (5.0, 60.0), "a": (0.002, 0.05)}, reference="(K - 1)/(2*a)",
    mistakes=(
        Mistake("K", "K/(2*a)", "The $K$ shares add up to 1, so the last one is no longer free. (With one mode there "
                "would be no error at all.)"),
        Mistake("half forgotten", "(K - 1)/a", "The expectation of chi-square is $K - 1$, but it is $2N$ times the "
                "divergence that has this distribution."),
        Mistake("like a standard error", "(K - 1)/(2*a**2)", r"An error of a mean falls like $1/\sqrt N$. A "
                "divergence is, near 0, a sum of *squares* of such errors, and so it falls faster."),
        Mistake("inverted", "2*a/(K - 1)", "Upside down: a lower floor needs more samples."),
        Mistake("per mode", "(K - 1)/(2*K*a)", "That is the number of samples *per mode*. The protocol counts all "
                "of them."),
    ),
    explanation="$N = 2{,}500$ gives 0.0014 on the ring and 0.0048 on the grid. For 1,000 modes it would be "
                "0.22 (with 2.5 samples a mode the first order, 0.20, is only rough). So a divergence is only comparable with another one that was measured on as many samples.")

modes_from_kl = Number(
    id="modes_from_kl", title="Reading a reverse KL", level="easy",
    prompt="A paper reports, for a mixture of $K$ equal modes, a reverse KL of $r$ nats and no number of modes. "
           "Suppose that this generator is even on some of the modes and makes nothing at the others. On how many?",
    hints=("What is the reverse KL of a generator that is even on $k$ of $K$ modes?",
           r"It is $\log\frac Kk$. Solve for $k$."),
    reference="K*exp(-r)", draw={"K": (8, 25, 50, 100), "r": (0.3, 0.4, 0.5, 0.9, 1.2)},
    mistakes=(
        Mistake("straight line", "K*(1 - r)", "You took $r$ for the missed share. It is a logarithm, and can be "
                "larger than 1."),
        Mistake("bits", "K*2**(-r)", "That would be right for bits. This book, and the number here, is in nats."),
        Mistake("missed ones", "K*(1 - exp(-r))", "That is how many are *missed*."),
        Mistake("sign", "K*exp(r)", "More than there are: a positive divergence must mean that modes are missing."),
        Mistake("share", "exp(-r)", "That is the *share* of the modes that is covered. The question asks how many."),
        Mistake("difference", "K - exp(r)", r"A difference of logarithms is the logarithm of a *quotient*."),
    ),
    explanation="The number $Ke^{-r}$ is an *effective* number of modes: a generator that is uneven on all of them "
                "can have the same divergence as one that drops some. So report the number of modes as well.")

support_estimate = Number(
    id="support_estimate", title="Repeats in a batch", level="easy",
    prompt="Among $n$ samples of a generator you find $c$ equal pairs. (Three equal samples are three pairs.) If "
           "all its outcomes are equally likely, how many different outcomes does that suggest?",
    hints=("How many pairs are there among $n$ samples? With what probability is a given pair equal?",
           r"One expects $\binom n2\frac1S$ equal pairs from $S$ equally likely outcomes. Set that to $c$."),
    reference="n*(n - 1)/(2*c)", draw={"n": (16, 20, 24, 28), "c": (3, 4, 5, 6)},
    mistakes=(
        Mistake("each pair twice", "n*(n - 1)/c", "You counted the pair of samples 3 and 7 again as 7 and 3."),
        Mistake("with itself", "n**2/(2*c)", "You paired each sample also with itself."),
        Mistake("share of repeats", "n/c", "You compared repeats with samples. What is compared are *pairs*, and their "
                "number grows with the square of $n$."),
        Mistake("one half", "(n/1.18)**2", r"$n \approx 1.18\sqrt S$ is where a repeat has the chance one half. You "
                "have counted the repeats: use their number."),
        Mistake("different ones", "n - c", "That is about how many different outcomes you *saw*. Most outcomes may "
                "not have come up yet."),
        Mistake("inverted", "2*c/(n*(n - 1))", "That is the probability that two samples are equal."),
    ),
    explanation="Twenty samples can speak of two hundred outcomes: that is the birthday paradox (Proposition 6.9). "
                "If the outcomes are not equally likely, there are more of them than this number says.")


def packed_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    return [Case(what, (torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_(), m))
            for what, shape, m in (("points of the plane in packs of 2", (12, 2), 2),
                                   ("11 points in packs of 3", (11, 4), 3),
                                   ("pictures in packs of 2", (6, 3, 5, 4), 2),
                                   ("packs of 1", (5, 2), 1))]


def packed(samples, m):
    whole = len(samples) // m * m
    return samples[:whole].unflatten(0, (-1, m)).flatten(1, 2)


def _groups(samples, m):
    return samples[: len(samples) // m * m].unflatten(0, (-1, m))


packed_exercise = Code(
    id="packed", title="Packs for the discriminator", level="easy",
    prompt="PacGAN's discriminator judges $m$ samples at once. Write the function that makes packs of a batch: the "
           r"rows $0, \dots, m - 1$ become the first pack, the next $m$ rows the second, and so on; rows that are "
           "left over are dropped. Inside a pack the samples are joined along their first own axis: points (n, d) "
           "become (n/m, m·d), pictures (n, c, h, w) become (n/m, m·c, h, w).",
    doc="Packs of m samples. samples: (n, d) or (n, c, h, w). Returns (n // m, m·d) or (n // m, m·c, h, w).",
    needs="import torch", reference=packed, inputs=packed_cases,
    hints=("First cut the batch to a multiple of m.",
           "Split the first axis into (n // m, m): `unflatten(0, (-1, m))`, or `reshape`.",
           "Then merge the axes 1 and 2, the sample's number in its pack and its first own axis: `flatten(1, 2)`."),
    mistakes=(
        Mistake("along the batch", lambda x, m: torch.cat(x[: len(x) // m * m].chunk(m)),
                "You joined the samples along the batch again, so there are as many rows as before. The "
                "discriminator would still judge one sample at a time."),
        Mistake("the same sample", lambda x, m: torch.cat([x] * m, 1)[: len(x) // m],
                "Your packs hold the same sample $m$ times. They show the discriminator nothing of the generator's "
                "variety."),
        Mistake("pictures flattened", lambda x, m: _groups(x, m).flatten(1), "Right for points. A picture must stay a "
                "picture: join the channels and leave height and width as they are."),
        Mistake("a new axis", lambda x, m: _groups(x, m), "You gave each pack an axis of its own. The "
                "discriminator's first layer expects the samples joined along an axis it knows."),
        Mistake("from afar", lambda x, m: torch.cat(x[: len(x) // m * m].chunk(m), 1),
                r"You put row $i$ together with row $i + \frac nm$. For a shuffled batch that would do as well, but "
                "the question asks for neighbours."),
        Mistake("entries mixed", lambda x, m: _groups(x, m).transpose(1, 2).flatten(1, 2),
                "You put the first entries of all samples of a pack side by side, then the second ones. Keep each "
                "sample in one piece."),
        Mistake("mean", lambda x, m: _groups(x, m).mean(1), "You averaged the samples of a pack. Two different "
                "samples and two equal ones can have the same mean, and variety is what the packs are for."),
    ),
    explanation="`Game(…, pack=m)` does the same. The discriminator's input becomes $m$ times as wide; the generator "
                "does not notice.")

lopsided = Formula(
    id="lopsided", title="Two modes, unevenly", level="medium",
    prompt="Of $K$ equal modes, a generator covers two, with the shares $a$ and $1 - a$ of its samples. What is its "
           "reverse KL?",
    hints=(r"Reverse KL is $\sum_k \hat q_k \log(K \hat q_k)$ over all modes. What do the modes without samples "
           "contribute?",
           r"$0 \log 0 = 0$, so there are only two terms."),
    symbols={"a": (0.05, 0.95), "K": (3.0, 30.0)}, reference="a*log(K*a) + (1 - a)*log(K*(1 - a))",
    mistakes=(
        Mistake("even shares", "log(K/2)", r"That is the value for $a = \tfrac12$. An uneven generator is further "
                "from equal shares."),
        Mistake("one mode", "log(K)", r"That is what one mode alone gives. The second one helps a little."),
        Mistake("minus the entropy", "a*log(a) + (1 - a)*log(1 - a)", "You forgot what it is compared with. Each "
                r"share stands beside $\tfrac1K$, the share of equal modes."),
        Mistake("sign of the entropy", "log(K) - a*log(a) - (1 - a)*log(1 - a)",
                "You *added* the entropy of the two shares. The more evenly they are spread, the smaller the "
                "divergence must be."),
        Mistake("forward, on two modes", "-(log(K*a) + log(K*(1 - a)))/K", r"You weighted with $\tfrac1K$, the "
                "shares of the data. That is the *forward* KL, and for it the missed modes would count too: it is "
                "infinite."),
        Mistake("averaged", "(a*log(K*a) + (1 - a)*log(K*(1 - a)))/K", "You divided by the number of modes. The "
                "shares are the weights already, and they add up to 1."),
        Mistake("bits", "(a*log(K*a) + (1 - a)*log(K*(1 - a)))/log(2)", "That is in bits. The book's logarithms are "
                "natural."),
    ),
    explanation=r"It is $\log K$ minus the entropy of the generator's shares, so it lies between 0 and $\log K$ for "
                "every generator. The forward KL does not.")

caught = Formula(
    id="caught", title="What the best judge sees", level="medium",
    prompt="A generator never makes a share $w$ of the data, and a share $j$ of its own samples is junk, where "
           "there are no data. On the rest its density is proportional to that of the data. Let $j < w$. How often "
           "is the best discriminator right, if half of what it sees is real? (The answer may not need both "
           "letters.)",
    hints=(r"Its accuracy is $\tfrac12(1 + \mathrm{TV})$, with $\mathrm{TV} = \int \max(p - q, 0)\,dx$.",
           r"On the shared part the data have the mass $1 - w$ and the generator $1 - j$. Which of the two is larger?",
           r"So $p > q$ on the missed part only."),
    symbols={"w": (0.4, 0.9), "j": (0.05, 0.35)}, reference="(1 + w)/2",
    mistakes=(
        Mistake("both added", "(1 + w + j)/2", "You counted the junk on top. But for $j < w$ the generator has "
                "*more* mass than the data on the shared part as well: count where $p > q$, or where $q > p$, not "
                "some of both."),
        Mistake("both averaged", "(1 + (w + j)/2)/2", "That judge decides by chance on the shared part. The best "
                "one calls everything there generated, because there are more generated samples than data."),
        Mistake("junk only", "(1 + j)/2", r"That is right for $j > w$. Here the larger of the two decides."),
        Mistake("TV", "w", "That is the total variation. Guessing has the total variation 0 and is right half of the "
                "time."),
        Mistake("chance", "1 - w/2", "Try $w = 0$ and no junk: the two cannot be told apart, and your judge is "
                "always right."),
        Mistake("one after the other", "1 - (1 - w)*(1 - j)/2", "You took the two faults for two independent chances "
                "to be caught. A sample is either on the missed part, or junk, or on the shared part."),
    ),
    explanation=r"In general it is $\tfrac12(1 + \max(w, j))$: the lesser fault does not show at all. So an accuracy "
                "cannot say which fault a generator has, nor how many.")

memorised = Formula(
    id="memorised", title="Pictures learned by heart", level="medium",
    prompt="A generator makes, with probability $a$, one of $M$ pictures that it knows by heart, each equally "
           "often. Otherwise it makes a new picture that never comes again. How many equal pairs do you expect "
           "among $n$ samples?",
    hints=("Take one pair of samples. With what probability are the two equal?",
           r"Both must be learned by heart, $a^2$, and then the second must be the same as the first, $\tfrac1M$.",
           r"There are $\tfrac12 n(n - 1)$ pairs."),
    symbols={"n": (4.0, 60.0), "a": (0.1, 0.9), "M": (5.0, 200.0)}, reference="n*(n - 1)/2*a**2/M",
    mistakes=(
        Mistake("not squared", "n*(n - 1)/2*a/M", "*Both* samples of a pair must be among the pictures learned by "
                "heart."),
        Mistake("one picture", "n*(n - 1)/2*(a/M)**2", "That is for one given picture. There are $M$ of them that "
                "may repeat."),
        Mistake("all known", "n*(n - 1)/2/M", r"That is right for $a = 1$. The new pictures never repeat."),
        Mistake("each pair twice", "n*(n - 1)*a**2/M", "You counted each pair twice."),
        Mistake("with itself", "n**2/2*a**2/M", "You paired each sample with itself, too."),
        Mistake("samples, not pairs", "n*a**2/M", "Every sample can be equal to any of the others. Count pairs."),
    ),
    explanation=r"It is $\binom n2 \sum_j v_j^2$ with $v_j = \frac aM$, $M$ times (Proposition 6.9). The estimate "
                r"$\frac{M}{a^2}$ of the support exceeds $M$, and yet it is far below the number of pictures it can "
                "make: repeats speak of what is frequent.")

pack_accuracy = Formula(
    id="pack_accuracy", title="Packs and the best judge", level="medium",
    prompt="A generator never makes a share $w$ of the data and is right elsewhere, up to a factor. A discriminator "
           "sees packs of $m$ samples, all real or all generated, each kind half of the time. How often is the best "
           "one right?",
    hints=(r"When can a pack be *known* to be real? When one of its members is of the missed kind.",
           "A real pack shows nothing of the missed part with probability $(1 - w)^m$. On such packs $q^m$ is the "
           "larger density, so the best judge calls them generated.",
           r"It is right on all generated packs and on a share $1 - (1 - w)^m$ of the real ones."),
    symbols={"w": (0.05, 0.9), "m": (2.0, 7.0)}, reference="1 - (1 - w)**m/2",
    mistakes=(
        Mistake("total variation", "1 - (1 - w)**m", "That is the total variation of the packs, which is 0 if they "
                "cannot be told apart. The accuracy is then one half."),
        Mistake("single samples", "(1 + w)/2", "That is the best judge of single samples. With more samples in a "
                "pack there are more chances to see what is missed."),
        Mistake("all members", "1 - w**m/2", "You asked for a pack in which *all* members are of the missed kind. "
                "One is enough."),
        Mistake("chances added", "(1 + m*w)/2", "You added the chances of the members. For large packs yours exceeds "
                "1."),
        Mistake("one after the other", "((1 + w)/2)**m", "You asked the judge of single samples $m$ times and wanted "
                "it right each time. The pack is judged as a whole, and more members make it easier, not harder."),
        Mistake("half squared too", "1 - ((1 - w)/2)**m", r"You took the $\tfrac12$ into the power. It is the share "
                "of real packs, and a pack is real as a whole."),
    ),
    explanation="For one missed mode of eight it rises from 56 % with single samples to 71 % with packs of four. A "
                "small imbalance would rise much more slowly (Proposition 6.10).")

EQUAL = torch.tensor([[0.5, -1.0, 2.0]], dtype=torch.float64)


def std_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    return [Case("two groups of 4", (torch.cat([draw(4, 3), 3 * draw(4, 3) + 1]).requires_grad_(), 4)),
            Case("one group of 6", ((draw(6, 5) * torch.arange(1.0, 6.0)).requires_grad_(), 6)),
            Case("a group of equal rows", (torch.cat([EQUAL.expand(4, 3), draw(4, 3)]).requires_grad_(), 4))]


def minibatch_std(features, group):
    parts = features.unflatten(0, (-1, group))
    spread = (parts.var(1, unbiased=False) + 1e-8).sqrt().mean(1)
    return torch.cat([features, spread.repeat_interleave(group)[:, None]], 1)


def _with(features, column):
    return torch.cat([features, column.reshape(-1, 1).expand(len(features), 1)], 1)


def _per_group(features, group, statistic):
    return _with(features, statistic(features.unflatten(0, (-1, group))).repeat_interleave(group))


def _root(variance):
    return (variance + 1e-8).sqrt()


minibatch_std_exercise = Code(
    id="minibatch_std", title="A number for the variety", level="medium",
    prompt="The batch is cut into groups of `group` rows that follow each other. For each group compute the "
           r"standard deviation of each feature over the rows of the group, as $\sqrt{v + 10^{-8}}$ with $v$ the "
           "mean squared deviation from the group's mean (divided by the number of rows). Average it over the "
           "features: one number a group. Give this number to each row of the group, as one feature more. Gradients "
           "must flow through it.",
    doc="Features with the group's mean standard deviation as last column. features: (n, h), n a multiple of group. "
        "Returns (n, h + 1).",
    needs="import torch", reference=minibatch_std, inputs=std_cases,
    hints=("Give the groups an axis of their own: (n / group, group, h). Over which axis goes the variance?",
           "`var(1, unbiased=False)` divides by the number of rows. Then comes the root, and then the mean over "
           "features.",
           "`repeat_interleave(group)` gives each row its group's number; `torch.cat([…, …], 1)` adds the column."),
    mistakes=(
        Mistake("torch's std", lambda f, g: _per_group(f, g, lambda p: p.std(1).mean(1)), "`std` divides by the number of "
                "rows minus one, and has no small number under its root."),
        Mistake("every k-th row", lambda f, g: torch.cat([f, _root(f.unflatten(0, (g, -1)).var(0, unbiased=False)).mean(1)
                                                          .repeat(g)[:, None]], 1),
                "Your groups hold every k-th row. The question groups rows that follow each other."),
        Mistake("unbiased", lambda f, g: _per_group(f, g, lambda p: _root(p.var(1)).mean(1)),
                "You divided by the number of rows minus one, which is PyTorch's default. The question divides by "
                "their number."),
        Mistake("variance", lambda f, g: _per_group(f, g, lambda p: p.var(1, unbiased=False).mean(1)),
                "That is the variance, in squared units. The root is missing."),
        Mistake("root last", lambda f, g: _per_group(f, g, lambda p: _root(p.var(1, unbiased=False).mean(1))),
                "You averaged the variances and took the root of the mean. Take the root of each first."),
        Mistake("whole batch", lambda f, g: _with(f, _root(f.var(0, unbiased=False)).mean()),
                "You took the whole batch for one group."),
        Mistake("over the features", lambda f, g: _with(f, _root(f.var(1, unbiased=False))),
                "You measured how the features of *one* sample differ from each other. That says nothing about the "
                "variety of the batch."),
        Mistake("one column a feature", lambda f, g: torch.cat([f, _root(f.unflatten(0, (-1, g)).var(1, unbiased=False))
                .repeat_interleave(g, 0)], 1), "You appended a number for each feature. They are to be averaged to "
                                               "one."),
        Mistake("detached", lambda f, g: torch.cat([f, minibatch_std(f, g)[:, -1:].detach()], 1),
                "The values are right, but no gradient flows through the new column: the generator would never hear "
                "that its batch is too uniform."),
        Mistake("no small number", lambda f, g: _per_group(f, g, lambda p: p.var(1, unbiased=False).sqrt().mean(1)),
                "In a group of equal rows the root is taken of 0, where its slope is infinite. A collapsed generator "
                "makes such groups: its gradient would be nan."),
    ),
    explanation="A batch too much alike gives itself away by this column. Since it is computed on both kinds of "
                "batches, the generator is pressed to have the *data's* variety, neither more nor less.")


def pair_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    return [Case("points of the plane", (draw(9, 2),)), Case("many points", (2 * draw(40, 3),)),
            Case("pictures", (draw(5, 1, 4, 4),)),
            Case("samples of which two are equal", (draw(4, 2)[[0, 1, 2, 3, 3]],))]


def mean_pairwise(samples):
    flat = samples.flatten(1)
    distance = torch.cdist(flat, flat)
    return distance.sum() / (len(flat) * (len(flat) - 1))


def _distances(samples):
    return torch.cdist(samples.flatten(1), samples.flatten(1))


def _off(samples):
    return ~torch.eye(len(samples), dtype=torch.bool)


mean_pairwise_exercise = Code(
    id="mean_pairwise", title="How far apart are the samples?", level="medium",
    prompt="A cheap alarm for collapse: the mean Euclidean distance of two *different* samples of a batch. Write "
           "it, as a tensor with one number. Samples may be points (n, d) or pictures (n, c, h, w); two of them may "
           "be equal, and such a pair counts, with distance 0.",
    doc="Mean distance over all pairs of different rows. samples: (n, …). Returns a 0-dim tensor.",
    needs="import torch", reference=mean_pairwise, inputs=pair_cases,
    hints=("A picture is one point of a space with c·h·w dimensions: flatten all axes but the first.",
           "`torch.cdist(x, x)` is the table of all distances, (n, n). Which of its entries are no pairs?",
           "The diagonal adds nothing to the sum, but it must not be counted either."),
    mistakes=(
        Mistake("diagonal counted", lambda x: _distances(x).mean(), "You averaged over the whole table. Its diagonal "
                "holds the distances of samples to themselves, which make the mean too small, the more so the "
                "smaller the batch."),
        Mistake("squared", lambda x: (_distances(x)[_off(x)] ** 2).mean(), "You averaged the squared distances. That "
                "is twice the trace of the covariance, in squared units; the question asks for distances."),
        Mistake("root of mean square", lambda x: (_distances(x)[_off(x)] ** 2).mean().sqrt(),
                "You took the root of the mean of the squares. Far pairs count for more in it."),
        Mistake("half", lambda x: _distances(x).triu().sum() / (len(x) * (len(x) - 1)),
                "You added each pair once and divided by twice their number."),
        Mistake("twice", lambda x: _distances(x).sum() / (len(x) * (len(x) - 1) / 2),
                "You added each pair twice and divided by the number of pairs counted once."),
        Mistake("neighbours", lambda x: (x[1:] - x[:-1]).flatten(1).norm(dim=1).mean(),
                "You took only pairs of rows that follow each other. Right on average, but it throws away most of "
                "what the batch knows."),
        Mistake("from the mean", lambda x: (x - x.mean(0)).flatten(1).norm(dim=1).mean(),
                "That is the mean distance from the centre of the batch, not between two samples."),
        Mistake("equal pairs left out", lambda x: _distances(x)[_distances(x) > 1e-6].mean(),
                "You left out all distances of 0. Repeats are the very sign of collapse: they have to count."),
    ),
    explanation="It falls when all samples come together. It hardly notices dropped modes: on the chapter's "
                "ring it is 1.27 for all eight, 1.23 for every second one and 1.05 for two opposite ones, and the mean of its "
                "square is the same for all three (Identity 6.8).")

four_dimensions = Formula(
    id="four_dimensions", title="The ceiling in four dimensions", level="hard",
    prompt=r"In four dimensions a perfect sampler has its samples at $\text{centre} + s\,u$, with $u \sim N(0, I)$ "
           r"and modes far apart. What share of them lies within $r$ standard deviations, $\lVert u\rVert \le r$?",
    hints=(r"In $d$ dimensions the radius has the density $c\,\rho^{d-1} e^{-\rho^2/2}$, because a sphere of radius "
           r"$\rho$ has an area proportional to $\rho^{d-1}$.",
           r"For $d = 4$ substitute $t = \tfrac12\rho^2$: the integrand becomes a multiple of $t\,e^{-t}$.",
           r"$\int_0^T t\,e^{-t}\,dt = 1 - (1 + T)\,e^{-T}$, and for $T \to \infty$ it is 1."),
    symbols={"r": (0.5, 4.0)}, reference="1 - exp(-r**2/2)*(1 + r**2/2)",
    mistakes=(
        Mistake("two dimensions", "1 - exp(-r**2/2)", "That is the ceiling in the plane. With more dimensions the "
                "samples lie further out."),
        Mistake("two planes", "(1 - exp(-r**2/2))**2", "You asked that the first two coordinates lie within $r$, "
                "and the other two as well. That is a larger body than the ball."),
        Mistake("half the radius", "1 - exp(-r**2/4)", "You took the plane's share at a smaller radius. The density of "
                "the radius changes its shape with the dimension, not only its scale."),
        Mistake("outside", "exp(-r**2/2)*(1 + r**2/2)", "That is the share *outside*."),
        Mistake("half forgotten", "1 - exp(-r**2/2)*(1 + r**2)", r"In the substitution $t = \tfrac12\rho^2$ both "
                r"places want the $\tfrac12$, not only the exponent."),
        Mistake("boundary term", "1 - exp(-r**2/2)*r**2/2", "In the integration by parts one term got lost: try $r = "
                "0$."),
    ),
    explanation="For $r = 3$ it is 93.9 %, and in ten dimensions only 47 %: a radius that suits the plane calls "
                "most of the *data* junk there. That is why experiments in many dimensions take a larger radius.")

missed_and_junk = Formula(
    id="missed_and_junk", title="The price of both faults", level="hard",
    prompt="A generator never makes a share $w$ of the data, and a share $j$ of its samples is junk, where there "
           "are no data. On the rest its density is proportional to that of the data. What is "
           r"$\mathrm{JSD}(p_{\text{data}}, p_g)$, in nats?",
    hints=(r"There are three parts. Write down the masses of $p$, $q$ and $m = \tfrac12(p + q)$ on each: on the "
           r"missed part $w$, $0$, $\tfrac w2$.",
           r"On the shared part they are $1 - w$, $1 - j$ and $\tfrac12(2 - w - j)$, with constant ratios.",
           r"$\mathrm{KL}(p\,\Vert\,m) = w\log 2 + (1 - w)\log\frac{2(1 - w)}{2 - w - j}$. The other one is the same "
           "with the letters exchanged."),
    symbols={"w": (0.05, 0.9), "j": (0.05, 0.9)},
    reference="log(2) + ((1 - w)*log(1 - w) + (1 - j)*log(1 - j) - (2 - w - j)*log(2 - w - j))/2",
    mistakes=(
        Mistake("shared part forgotten", "(w + j)/2*log(2)", "Those are the missed part and the junk. On the shared "
                "part $p$ and $q$ differ as well, by a constant factor, unless $w = j$."),
        Mistake("KL(p‖m)", "w*log(2) + (1 - w)*log(2*(1 - w)/(2 - w - j))", r"That is $\mathrm{KL}(p\,\Vert\,m)$. "
                "The divergence is the mean of two."),
        Mistake("KL(q‖m)", "j*log(2) + (1 - j)*log(2*(1 - j)/(2 - w - j))", r"That is $\mathrm{KL}(q\,\Vert\,m)$. "
                "The divergence is the mean of two."),
        Mistake("sum", "2*log(2) + (1 - w)*log(1 - w) + (1 - j)*log(1 - j) - (2 - w - j)*log(2 - w - j)",
                "You added the two terms. The divergence is their mean."),
        Mistake("value of the game", "(1 - w)*log(1 - w) + (1 - j)*log(1 - j) - (2 - w - j)*log(2 - w - j)",
                r"That is the value of the game, $2\,\mathrm{JSD} - \log 4$."),
        Mistake("upper bound", "log(2)*(w + j - w*j)", r"You took the chance of at least one fault, times $\log 2$. "
                "The faults are not drawn one after the other; go through the three parts."),
    ),
    explanation=r"For $w = j$ it is just $w\log 2$; for $j = 0$ it is Corollary 6.3. And it does not change if $w$ "
                "and $j$ are exchanged: the divergence cannot tell a missed mode from junk.")

score_pull = Formula(
    id="score_pull", title="The pull on a score", level="hard",
    prompt=r"Two modes with data weights $\tfrac12$. The generator has the weight $v = \sigma(a)$ on the first one "
           "and $1 - v$ on the second, and learns the score $a$. $D$ is held at the optimum for this $v$. What is "
           r"the derivative of the *minimax* loss $v\log(1 - D_1) + (1 - v)\log(1 - D_2)$ by $a$? Answer in $v$.",
    hints=(r"$D_1 = \frac{1/2}{1/2 + v}$, so $1 - D_1 = \frac{v}{1/2 + v}$. Do not differentiate it: the "
           "discriminator stands still.",
           r"By $v$ the derivative is $\log(1 - D_1) - \log(1 - D_2)$.",
           r"And $\frac{dv}{da} = v(1 - v)$."),
    symbols={"v": (0.05, 0.95)}, reference="v*(1 - v)*(log(v/(v + 1/2)) - log((1 - v)/(3/2 - v)))",
    mistakes=(
        Mistake("by v", "log(v/(v + 1/2)) - log((1 - v)/(3/2 - v))", "That is the derivative by $v$, the pull on a "
                "*density*. The generator owns $a$; the chain rule wants one factor more, and this factor changes "
                r"the picture at $v \to 0$."),
        Mistake("D moves", "v*(1 - v)*((1 - v)/(3/2 - v) - v/(v + 1/2))", "You kept the terms that come from "
                "differentiating $D$ only. The discriminator stands still during the generator's step."),
        Mistake("all moves", "v*(1 - v)*(log(v/(v + 1/2)) - log((1 - v)/(3/2 - v)) + (1 - v)/(3/2 - v) - v/(v + 1/2))",
                "You differentiated $D$ as well. It stands still during the generator's step."),
        Mistake("non-saturating", "v*(1 - v)*log((v + 1/2)/(3/2 - v))", "That belongs to the non-saturating loss, "
                r"$-v\log D_1 - (1 - v)\log D_2$."),
        Mistake("sign", "-v*(1 - v)*(log(v/(v + 1/2)) - log((1 - v)/(3/2 - v)))",
                "Right in size, wrong in sign. (Yours is the *pull*, downhill.)"),
        Mistake("first mode only", "v*(1 - v)*log(v/(v + 1/2))", "What the first mode gains the second loses: its "
                "weight $1 - v$ depends on $a$, too."),
        Mistake("slope of the sigmoid", "v*(log(v/(v + 1/2)) - log((1 - v)/(3/2 - v)))",
                r"$\sigma'(a) = \sigma(a)(1 - \sigma(a))$; one factor is missing."),
    ),
    explanation=r"As $v \to 0$ the logarithm goes to $-\infty$, but $v\log v \to 0$: a density is pulled to the "
                "missing mode without limit, and a score not at all (Identity 6.6).")


def score_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    cases = []
    for what, modes, made, dimension in (("all modes, some junk", 5, 5, 2), ("the last two of 6 modes missed", 6, 4, 3),
                                         ("one mode of 4", 4, 1, 2)):
        centers = 20 * torch.arange(modes, dtype=torch.float64)[:, None] + draw(modes, dimension)
        stds = torch.linspace(0.5, 1.5, modes, dtype=torch.float64)
        weights = torch.arange(1.0, modes + 1.0, dtype=torch.float64)
        at = torch.randint(made, (60,), generator=generator)
        samples = centers[at] + 1.6 * stds[at, None] * draw(60, dimension)
        samples[:made] = centers[:made] + 5 * stds[:made, None] * torch.eye(dimension, dtype=torch.float64)[0]
        if made > 1:  # one mode has nothing but a sample far out
            samples = samples[(at != 1) | (torch.arange(60) < made)]
        cases.append(Case(what, (samples, centers, stds, weights / weights.sum())))
    return cases


def mode_scores(samples, centers, stds, weights):
    distance, nearest = torch.cdist(samples, centers).min(1)
    good = distance <= 3 * stds[nearest]
    share = torch.bincount(nearest, minlength=len(centers)).double() / len(samples)
    reverse_kl = torch.xlogy(share, share / weights).sum()
    return len(nearest[good].unique()), good.double().mean(), reverse_kl


def _three(arguments, returned):
    """The three numbers by name, tensors with one entry as numbers."""
    if not isinstance(returned, (tuple, list)) or len(returned) != 3:
        return returned
    plain = [v.item() if isinstance(v, torch.Tensor) and v.numel() == 1 else v for v in returned]
    return dict(zip(("the number of modes", "the share of high quality", "the reverse KL"), plain, strict=True))


def _mode_scores(samples, centers, stds, weights, reach=lambda d, s: d <= 3 * s, any_sample=False, good_only=False,
                 divergence=lambda q, p: torch.xlogy(q, q / p).sum()):
    """The scores with one thing changed."""
    distance, nearest = torch.cdist(samples, centers).min(1)
    good = reach(distance, stds[nearest])
    counted = nearest[good] if good_only else nearest
    share = torch.bincount(counted, minlength=len(centers)).double() / len(counted)
    hit = nearest if any_sample else nearest[good]
    return len(hit.unique()), good.double().mean(), divergence(share, weights)


def _but(**changed):
    return lambda x, c, s, w: _mode_scores(x, c, s, w, **changed)


def _in_squares(samples, centers, stds, weights):
    nearest = torch.cdist(samples, centers).argmin(1)
    good = ((samples - centers[nearest]).abs() <= 3 * stds[nearest, None]).all(1)
    return len(nearest[good].unique()), good.double().mean(), mode_scores(samples, centers, stds, weights)[2]


mode_scores_exercise = Code(
    id="mode_scores", title="The protocol for unequal modes", level="hard",
    prompt="The protocol of section 1, for a mixture whose modes have different widths and weights. Each sample "
           "belongs to the nearest centre (Euclidean). It is of high quality if it lies within three of *this "
           "mode's* standard deviations, the border included. A mode is covered if it has a sample of high quality. "
           r"The reverse KL is $\sum_k \hat q_k \log\frac{\hat q_k}{w_k}$, with $\hat q_k$ the share of *all* "
           "samples that belong to mode $k$. Return the number of modes, the share of high quality and the reverse "
           "KL.",
    doc="Modes covered, share of high quality, reverse KL. samples: (n, d). centers: (K, d). stds, weights: (K,), "
        "the weights add up to 1. Returns three numbers.",
    needs="import torch", reference=mode_scores, inputs=score_cases, observe=_three,
    hints=("`torch.cdist(samples, centers).min(1)` gives the distance to the nearest centre and its number.",
           "`stds[nearest]` is the right standard deviation for each sample. `torch.bincount(nearest, minlength=K)` "
           "counts the samples of each mode, also of those that have none.",
           r"$0 \log 0$ is 0, but in the computer it is nan. `torch.xlogy` knows that."),
    mistakes=(
        Mistake("squared distance", _but(reach=lambda d, s: d**2 <= 3 * s), "You compared the *squared* distance "
                "with three standard deviations."),
        Mistake("three variances", _but(reach=lambda d, s: d <= 3 * s**2), "You compared the distance with three "
                "*variances*."),
        Mistake("std as variance", _but(reach=lambda d, s: d <= 3 * s.sqrt()),
                "You took the given standard deviations for variances."),
        Mistake("per coordinate", _in_squares,
                "You looked at each coordinate on its own: that is a square around the centre, larger than the "
                "circle."),
        Mistake("one width", lambda x, c, s, w: _mode_scores(x, c, s[:1].expand(len(c)), w),
                "You used the first mode's standard deviation for all modes."),
        Mistake("any sample covers", _but(any_sample=True), "You count a mode as covered as soon as a sample is "
                "nearest to it, however far away. With that count, pure noise would cover everything."),
        Mistake("good samples only", _but(good_only=True), "Your divergence is that of the high-quality samples "
                "only. The protocol takes all samples; the junk is counted by the other number."),
        Mistake("equal weights", lambda x, c, s, w: _mode_scores(x, c, s, torch.full_like(w, 1 / len(w))),
                "You compared with equal shares. These modes have weights of their own."),
        Mistake("forward", _but(divergence=lambda q, p: (p * (p / q).log()).sum()),
                r"That is $\mathrm{KL}(w\,\Vert\,\hat q)$, the other direction. It is infinite as soon as one mode "
                "is missed."),
        Mistake("bits", _but(divergence=lambda q, p: torch.xlogy(q, q / p).sum() / math.log(2)),
                "Your divergence is in bits. The book's logarithms are natural."),
        Mistake("zero times log zero", _but(divergence=lambda q, p: (q * (q / p).log()).sum()),
                r"Right as long as every mode has a sample. For a missed one you compute $0 \cdot \log 0$, which is "
                "nan; its contribution is 0."),
    ),
    explanation="`ganlib.metrics.mode_coverage` is the same for equal modes. Three numbers, three questions: how "
                "many, how good, how even. A generator can do well on two of them and badly on the third.")


def unrolled_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    return [Case(what, (draw(d).requires_grad_(), draw(n, d) + 1, (draw(m, d) - 1).requires_grad_(), eta, k))
            for what, d, n, m, eta, k in (("one step ahead", 2, 8, 8, 0.5, 1), ("three steps ahead", 3, 6, 9, 0.3, 3),
                                          ("no step ahead", 2, 5, 5, 0.5, 0))]


def unrolled_loss(psi, real, fake, eta, k):
    for _ in range(k):
        loss = F.softplus(-(real @ psi)).mean() + F.softplus(fake @ psi).mean()
        slope, = torch.autograd.grad(loss, psi, create_graph=True)
        psi = psi - eta * slope
    return F.softplus(-(fake @ psi)).mean()


def _ahead(psi, real, fake, eta, k, graph=True, sign=-1, seen=lambda y: y, keep=lambda p: p):
    """The discriminator's weights k steps later."""
    for _ in range(k):
        loss = F.softplus(-(real @ psi)).mean() + F.softplus(seen(fake) @ psi).mean()
        slope, = torch.autograd.grad(loss, psi, create_graph=graph)
        psi = keep(psi + sign * eta * slope)
    return psi


def _cut(psi):
    return psi.detach().requires_grad_()


def _judged(fake, psi):
    return F.softplus(-(fake @ psi)).mean()


unrolled_loss_exercise = Code(
    id="unrolled_loss", title="A generator that looks ahead", level="hard",
    prompt=r"The discriminator is linear: the logit of a sample $x$ is $x^\top\psi$. Write the *non-saturating* loss "
           r"of an unrolled generator: the discriminator first takes, in thought, $k$ gradient steps of size $\eta$ "
           r"on its own loss $\mathbb{E}\operatorname{softplus}(-x^\top\psi) + "
           r"\mathbb{E}\operatorname{softplus}(y^\top\psi)$ ($x$ real, $y$ generated), and only then judges the same "
           "generated samples. The generator's gradient flows through these steps as well. Do not change `psi` in "
           "place, and do not detach it: the gradient by `psi` is compared too.",
    doc="Loss of the generator, judged by the discriminator of k steps later. psi: (d,), wants a gradient. real: (n, "
        "d). fake: (m, d). eta: step size. k: steps.",
    needs="import torch\nimport torch.nn.functional as F", reference=unrolled_loss, inputs=unrolled_cases,
    hints=("A step in thought makes a *new* tensor, `psi = psi - eta * slope`; an optimiser would change the old one "
           "and know nothing of how it was made.",
           "`torch.autograd.grad(loss, psi, create_graph=True)` gives a slope that still depends on `fake`.",
           r"After the loop comes the generator's loss, $\mathbb{E}\operatorname{softplus}(-y^\top\psi_k)$."),
    mistakes=(
        Mistake("create_graph forgotten", lambda p, x, y, e, k: _judged(y, _ahead(p, x, y, e, k, graph=False)),
                "The value is right, the gradient by the samples is not: your steps are constants, so the generator "
                "is not told how *it* makes the discriminator move. That part is the point of unrolling."),
        Mistake("fake detached", lambda p, x, y, e, k: _judged(y, _ahead(p, x, y, e, k, seen=lambda v: v.detach())),
                "You detached the generated samples in the discriminator's loss, as one does in a real step. Here "
                "the generator has to feel its influence."),
        Mistake("psi detached", lambda p, x, y, e, k: _judged(y, _ahead(p, x, y, e, k, keep=_cut)),
                "You cut the weights off after every step: the generator sees the later discriminator but not how it "
                "got there."),
        Mistake("no look ahead", lambda p, x, y, e, k: _judged(y, p), "That is the usual loss, judged by the "
                "discriminator as it is now."),
        Mistake("one step", lambda p, x, y, e, k: _judged(y, _ahead(p, x, y, e, min(k, 1))),
                "You look one step ahead, whatever $k$ is."),
        Mistake("one long step", lambda p, x, y, e, k: _judged(y, _ahead(p, x, y, e * k, 1)),
                "You took one step that is $k$ times as long. Each step has its own slope."),
        Mistake("uphill", lambda p, x, y, e, k: _judged(y, _ahead(p, x, y, e, k, sign=1)),
                "Your discriminator goes *uphill* on its loss: a discriminator that gets worse is a comfortable "
                "judge."),
        Mistake("minimax", lambda p, x, y, e, k: -F.softplus(y @ _ahead(p, x, y, e, k)).mean(),
                "The look ahead is right. But at the end you used the minimax loss."),
        Mistake("the judge's loss", lambda p, x, y, e, k: F.softplus(y @ _ahead(p, x, y, e, k)).mean(),
                "At the end you return what the *discriminator* minimises on generated samples. The generator wants "
                "the opposite."),
    ),
    explanation="`games.Unrolled` does the same for any discriminator. A heap of samples is a bad plan against "
                "somebody who answers, and the gradient through the steps says so. Each step ahead costs another "
                "pass, forwards and backwards.")

accurate_on_fresh = Choice(
    id="accurate_on_fresh", title="99 % in the log", level="medium", concept=True,
    prompt="The discriminator is right about 99 in 100 fresh samples, half of them real. What now? Choose all that "
           "is sound.",
    hints=(r"The best discriminator's accuracy is $\tfrac12(1 + \mathrm{TV})$. Which faults can make the total "
           "variation 0.98?",),
    options=(
        Option("restart: the generator has collapsed to one mode", False, "One mode of fifty gives 99 %, but so do "
               "samples of all modes that are a little off. Accuracy does not say which."),
        Option("exclude that one of eight equal modes is all that is wrong", True, "A missed eighth alone lets even the "
               r"best discriminator be right about $\tfrac12(1 + \tfrac18) = 56\,\%$ only."),
        Option("slow the discriminator down till it is at 50 %", False, "The chapter's collapsed runs had accuracies "
               "of about one half, because their discriminators were slow. A worse judge does not make a better "
               "generator."),
        Option("look at the samples: modes, quality, repeats", True, "The number says that the two are easily told "
               "apart, not why. Whether this is a phase or a fault is told by what the samples do."),
    ),
    explanation="A number that is easy to watch and hard to read: it says that there is a difference, and not which.")

textbook_losses = Choice(
    id="textbook_losses", title="Losses as in the book", level="easy", concept=True,
    prompt=r"For 500 steps the mean losses of the discriminator and of the (non-saturating) generator have been 1.386 "
           r"and 0.693, which are $2\log 2$ and $\log 2$. What does that tell about the modes?",
    hints=(r"A discriminator that gives every sample the logit 0 has these losses. Must $p_g$ be right for that?",),
    options=(
        Option("all are covered, because these are the values at the equilibrium", False,
               "At the equilibrium the losses have these values. The other way round it does not follow: all of the "
               "chapter's collapsing runs had them."),
        Option("nothing: a discriminator that lags behind has the same losses", True,
               "Its opinion is about where the heap was a moment ago. On average that is nearly worthless, so its "
               "logits stay small, and then the losses are near these values."),
        Option("some are missed, because a healthy run has larger losses", False,
               "In the chapter the healthy runs were farther off, but healthy runs of other games come close. It is "
               "no test in either direction."),
        Option("all are covered, if the accuracy is near one half as well", False,
               "Accuracy and losses are two looks at the same discriminator. If it cannot tell the two apart, it may "
               "be the discriminator's fault."),
    ),
    explanation="Losses compare the two players with each other. They do not compare samples with data.")

wandering = Choice(
    id="wandering", title="Stuck or on the run?", level="easy", concept=True,
    prompt="At the end of training the picture shows one heap of samples, on one of eight modes. What do you look at "
           "to learn whether the generator is stuck there or is passing through?",
    hints=("A picture is one moment. Which measurement compares two moments, sample by sample?",),
    options=(
        Option("2,500 more samples from the same generator", False, "They show the same moment more precisely."),
        Option("the reverse KL of this and of earlier visits", False, r"It stays near $\log 8$ while the heap jumps "
               "from mode to mode: each visit is as uneven as the last."),
        Option("the same latents, followed over several visits", True, "If most of them change their mode between "
               "visits, the heap is on the run. In dropping few of them move."),
        Option("the accuracy of the discriminator on this heap", False, "It depends on how fast the discriminator "
               "follows. It is about one moment as well."),
    ),
    explanation="The library's probes give the generator the same latents at every visit, so following them costs "
                "nothing.")

who_hears = Choice(
    id="who_hears", title="A signal at the missed mode", level="medium", concept=True,
    prompt="The discriminator raises its logit at a mode that the generator never makes, and changes nothing at the "
           "samples. For which generators does the gradient change? (All that are right.)",
    hints=("In which losses does the discriminator's opinion about *real* samples enter, now or in a later step?",),
    options=(
        Option("non-saturating", False, "It averages over generated samples only, and there nothing has changed "
               "(Theorem 6.5)."),
        Option("Wasserstein", False, "The critic's score at generated samples is all that its generator sees. There "
               "is no exception for critics in Theorem 6.5."),
        Option("relativistic", True, r"The weight is $\sigma(l(x) - l(G(z)))$, with $x$ real: a real sample of the "
               r"missed mode now weighs more. (The *direction*, $\nabla l$ at the generated sample, is as before.)"),
        Option("unrolled, non-saturating", True, "The step in thought uses the real samples too. With another logit "
               "there, the discriminator takes another step, and so it changes at the generated samples as well."),
    ),
    explanation="Being heard is not yet a cure: the relativistic loss alone did not mend the chapter's game.")

better_than_perfect = Choice(
    id="better_than_perfect", title="Better than perfect", level="easy", concept=True,
    prompt="On a ring of Gaussians in the plane a paper reports 99.9 % of high quality, from 2,500 samples: within "
           r"$3\sigma$ of a mode. What do you conclude?",
    hints=("What does a perfect sampler score by this protocol?",),
    options=(
        Option("the generator is nearly perfect, only one sample in a thousand is off", False,
               "A perfect sampler has 28 of 2,500 outside on average. To have far fewer is a deviation from the "
               "data."),
        Option("its modes lack the tails that those of the data have", True, r"The ceiling is $1 - e^{-4.5} = 98.89\,\%$. "
               "More than that means that too few samples lie far out, for instance because the modes are too narrow."),
        Option("the figure must be wrong, because nothing can exceed the ceiling", False,
               "The ceiling is the *mean* for the data's own distribution. A generator with all samples at one "
               "centre has 100 %."),
        Option("all modes are covered, otherwise the share would be lower", False,
               "A sample counts if it is near *some* mode. A generator that makes one mode only can have 100 %."),
    ),
    explanation="By chance alone: the standard error with 2,500 samples is 0.2 percentage points, and 99.9 is five "
                "of them above.")

ablation = Choice(
    id="ablation", title="What cured it?", level="medium", concept=True,
    prompt="A game collapses with the non-saturating loss. With the relativistic loss plus R1 and R2 it covers all "
           "modes, in eight of eight seeds. Which runs does one need before saying that the *relativistic loss* "
           "cured it?",
    hints=("Two things were changed at the same time.",),
    options=(
        Option("more seeds of the same two variants", False, "Eight of eight is clear enough about the *pair*. More "
               "seeds do not separate its parts."),
        Option("the pair with other weights of the penalties", False, "That tells how sensitive the pair is, and "
               "still not which part did the work."),
        Option("the new loss without penalties, with eight seeds", False, "A necessary run, but not enough. If it "
               "fails, you know that the loss alone does not do it; whether the penalties alone do is still open."),
        Option("each part on its own: loss alone, penalties alone", True, "In the chapter this answered the "
               "question: the penalties cured the game with the old loss too, and the loss alone did not."),
    ),
    explanation="And even then the answer holds for this game. On stacked digits the relativistic loss did make a "
                "difference.")

CHAPTER = Chapter(
    "06", "Mode collapse and diagnostics",
    [wide_modes, samples_for_floor, modes_from_kl, support_estimate, packed_exercise, lopsided, caught, memorised,
     pack_accuracy, minibatch_std_exercise, mean_pairwise_exercise, four_dimensions, missed_and_junk, score_pull,
     mode_scores_exercise, unrolled_loss_exercise, accurate_on_fresh, textbook_losses, wandering, who_hears,
     better_than_perfect, ablation],
    gate={"numbers": (3, ("wide_modes", "samples_for_floor", "modes_from_kl", "support_estimate")),
          "derivation": (4, ("lopsided", "caught", "memorised", "pack_accuracy", "four_dimensions", "missed_and_junk",
                             "score_pull")),
          "code": (3, ("packed", "minibatch_std", "mean_pairwise", "mode_scores", "unrolled_loss")),
          "concepts": (4, ("accurate_on_fresh", "textbook_losses", "wandering", "who_hears", "better_than_perfect",
                           "ablation"))})
