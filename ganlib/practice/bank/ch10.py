"""Chapter 10, a table of losses and penalties."""

import torch

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code, logits
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

best_witness = Formula(
    id="best_witness", title="The best witness for KL", level="easy",
    prompt=r"In the bound $D_f(p\,\Vert\,q) \ge \mathbb{E}_p T - \mathbb{E}_q f^*(T)$ the best $T$ is $f'\!\left(\frac{p}{q}\right)$. What is "
           r"it for the Kullback–Leibler divergence, where $f(u) = u\log u$?",
    hints=(r"Differentiate $u\log u$ by the product rule.", r"Then put $u = \frac pq$ in."),
    symbols={"p": (0.05, 3.0), "q": (0.05, 3.0)}, reference="1 + log(p/q)",
    mistakes=(
        Mistake("one forgotten", "log(p/q)", r"The product rule has two terms. A $T$ that is off by a constant still loses: "
                r"$f^*$ is not linear."),
        Mistake("upside down", "1 + log(q/p)", r"In $D_f(p\,\Vert\,q)$ the function $f$ is taken at $\frac pq$."),
        Mistake("not differentiated", "p/q*log(p/q)", r"That is $f$ itself."),
        Mistake("sign", "log(p/q) - 1", r"Differentiate $u \log u$ again: the derivative of $\log u$ is multiplied by $u$."),
        Mistake("GAN", "log(p/(p + q))", "That is the optimal witness of the GAN's own divergence."),
    ),
    explanation=r"So a network trained on this bound learns the log density ratio plus one, and the bound becomes the divergence "
                "(Theorem 10.1).")

conjugate_kl = Formula(
    id="conjugate_kl", title="A conjugate", level="medium",
    prompt=r"The conjugate of $f$ is $f^*(t) = \sup_u\,(t u - f(u))$. What is it for $f(u) = u\log u$?",
    hints=(r"Where is $t u - u\log u$ greatest? Set its derivative by $u$ to 0.",
           r"At $\log u = t - 1$. Put this $u$ into $t u - u\log u = u\,(t - \log u)$."),
    symbols={"t": (-2.0, 2.0)}, reference="exp(t - 1)",
    mistakes=(
        Mistake("one forgotten", "exp(t)", r"You set $\log u = t$. The derivative of $u\log u$ has one more term."),
        Mistake("one outside", "exp(t) - 1", r"That is the conjugate of $u\log u - u + 1$, which gives the same divergence. The "
                "question is about another $f$."),
        Mistake("sign", "exp(t + 1)", r"Solve $t - \log u - 1 = 0$ for $u$ again."),
        Mistake("place of the maximum times t", "t*exp(t - 1)", r"That is $t u$ at the best $u$. Take $f(u)$ off."),
        Mistake("f of t", "t*log(t**2)/2", r"That is $f(t)$. The conjugate asks for the greatest gap between a line of slope $t$ and $f$."),
    ),
    explanation=r"Check: $f^*(f'(u)) = u f'(u) - f(u) = u(1 + \log u) - u\log u = u$, and $e^{(1 + \log u) - 1} = u$.")

conjugate_gan = Formula(
    id="conjugate_gan", title="The conjugate behind the GAN", level="hard",
    prompt=r"The GAN's own divergence has $f(u) = u\log u - (u + 1)\log(u + 1)$. What is its conjugate, for $t < 0$?",
    hints=(r"The derivative is $f'(u) = \log\frac{u}{u + 1}$. Set it equal to $t$ and solve for $u$.",
           r"$u = \frac{e^t}{1 - e^t}$, and so $u + 1 = \frac{1}{1 - e^t}$.",
           r"In $t u - u\log u + (u + 1)\log(u + 1)$ collect what multiplies $u$: $t - \log\frac{u}{u+1} = 0$. Only $\log(u + 1)$ is left."),
    symbols={"t": (-4.0, -0.1)}, reference="-log(1 - exp(t))",
    mistakes=(
        Mistake("sign", "log(1 - exp(t))", r"$\log(u + 1)$ is positive; with $u + 1 = \frac{1}{1 - e^t}$ that is minus a logarithm."),
        Mistake("plus", "log(1 + exp(t))", r"That is softplus. Solve $\log\frac{u}{u+1} = t$ again: which sign does $e^t$ get?"),
        Mistake("plus, turned", "-log(1 + exp(t))", r"Solve $\log\frac{u}{u+1} = t$ again: which sign does $e^t$ get in $u + 1$?"),
        Mistake("place of the maximum", "exp(t)/(1 - exp(t))", r"That is the best $u$. The conjugate is the value there."),
        Mistake("minus t", "-log(1 - exp(t)) + t", r"The terms with $u$ cancel, and $t$ goes with them."),
    ),
    explanation=r"With $T = \log D$ this is $-\log(1 - D)$: the bound $\mathbb{E}_p T - \mathbb{E}_q f^*(T)$ is the game's value "
                r"$\mathbb{E}_p\log D + \mathbb{E}_q\log(1 - D)$.")

conjugate_hellinger = Formula(
    id="conjugate_hellinger", title="A third conjugate", level="hard",
    prompt=r"The squared Hellinger distance has $f(u) = (\sqrt u - 1)^2$. What is its conjugate, for $t < 1$?",
    hints=(r"$f'(u) = 1 - \frac{1}{\sqrt u}$. Set it equal to $t$.", r"$\sqrt u = \frac{1}{1 - t}$.",
           r"Put it into $t u - (\sqrt u - 1)^2$; with $\sqrt u - 1 = \frac{t}{1 - t}$ both terms have the denominator $(1 - t)^2$."),
    symbols={"t": (-3.0, 0.9)}, reference="t/(1 - t)",
    mistakes=(
        Mistake("sign below", "t/(1 + t)", r"$\sqrt u$ grows with $t$: a steeper line touches farther to the right."),
        Mistake("place of the maximum", "1/(1 - t)**2", r"That is the best $u$. The conjugate is the value there."),
        Mistake("root of it", "1/(1 - t)", r"That is $\sqrt u$ at the best $u$."),
        Mistake("first term only", "t/(1 - t)**2", r"That is $t u$. Take $f(u)$ off."),
        Mistake("terms added", "(t + t**2)/(1 - t)**2", r"The second term is taken off, not added."),
    ),
    explanation=r"It is infinite for $t \ge 1$, so a witness must stay below 1: that is what the output activation of an f-GAN is for.")

any_targets = Formula(
    id="any_targets", title="Least squares with any targets", level="easy",
    prompt=r"A discriminator minimises $\mathbb{E}_p (D - b)^2 + \mathbb{E}_q (D - a)^2$: target $b$ for real, $a$ for generated samples. "
           r"Which value is best at a point with densities $p$ and $q$?",
    hints=(r"At one point it minimises $p\,(D - b)^2 + q\,(D - a)^2$.", "That is a weighted mean of the two targets."),
    symbols={"p": (0.05, 3.0), "q": (0.05, 3.0), "a": (-2.0, 0.5), "b": (0.6, 2.0)}, reference="(b*p + a*q)/(p + q)",
    mistakes=(
        Mistake("targets exchanged", "(a*p + b*q)/(p + q)", "You gave the target of the generated samples to the real ones."),
        Mistake("classifier", "p/(p + q)", r"Right for $a = 0$, $b = 1$. Here the targets are any numbers."),
        Mistake("plain mean", "(a + b)/2", r"That is the answer where $p = q$."),
        Mistake("not divided", "b*p + a*q", r"A weighted mean is divided by the sum of the weights."),
        Mistake("difference", "(b*p - a*q)/(p + q)", r"The derivative is $2p(D - b) + 2q(D - a)$, with a plus between."),
    ),
    explanation=r"With $a = 0$ and $b = 1$ it is the $D^*$ of chapter 2: cross-entropy and squared error have the same optimum, and differ "
                "in how they get there.")

pearson = Formula(
    id="pearson", title="What least squares measures", level="medium",
    prompt=r"Least squares with targets $b = 1$ for real and $a = -1$ for generated samples, and the optimal $D^*$. Twice the paper's "
           r"generator objective is $\mathbb{E}_p (D^* - c)^2 + \mathbb{E}_q (D^* - c)^2$, here with $c = 0$. What is its integrand, as a function of $p$ "
           r"and $q$?",
    hints=(r"$D^* = \frac{p - q}{p + q}$ for these targets.", r"Both expectations have the same square, so it is weighted with $p + q$."),
    symbols={"p": (0.05, 3.0), "q": (0.05, 3.0)}, reference="(p - q)**2/(p + q)",
    mistakes=(
        Mistake("weight forgotten", "(p - q)**2/(p + q)**2", r"That is $D^{*2}$. An expectation also has the density in it, here $p + q$."),
        Mistake("one expectation", "q*(p - q)**2/(p + q)**2", r"That is the second expectation alone. The first one counts too, although "
                "the generator cannot move its samples."),
        Mistake("other targets", "p**2/(p + q)", r"That is for targets 1 and 0."),
        Mistake("divided by q", "(p - q)**2/q", r"That is Pearson's $\chi^2$ of $p$ against $q$. Here the mixture stands below."),
        Mistake("total variation", "abs(p - q)", r"That would be the hinge loss. Here the deviation is squared."),
    ),
    explanation=r"It is $\chi^2(p + q\,\Vert\,2q)$ in the paper's way of writing, zero only for $p = q$. The real term was added to the generator's "
                "objective for this derivation; it does not change the gradient for a fixed $D$ (Proposition 10.5).")

hinge_value = Number(
    id="hinge_value", title="What the hinge loss measures", level="easy",
    prompt=r"The total variation between data and samples is $\mathrm{TV} = \frac12\int\lvert p - q\rvert = v$. How small can the "
           r"discriminator's hinge loss $\mathbb{E}_p\max(0, 1 - D) + \mathbb{E}_q\max(0, 1 + D)$ get?",
    hints=(r"The best $D$ is $+1$ where $p > q$ and $-1$ where $q > p$. What is then left at each point?",
           r"Twice the smaller of the two densities. And $\int\min(p, q) = 1 - \mathrm{TV}$."),
    reference="2*(1 - v)", draw={"v": (0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9)},
    mistakes=(
        Mistake("half", "1 - v", r"At each point the side that loses pays $1 + 1 = 2$ per unit of density."),
        Mistake("turned", "2*v", "The *loss* is greatest when nothing can be told apart."),
        Mistake("not halved TV", "2 - v", r"The total variation already has the $\frac12$ in it: $\int\lvert p - q\rvert = 2v$."),
        Mistake("TV doubled", "2 - 4*v", r"The total variation has a $\frac12$ in front, so $\int\lvert p - q\rvert = 2v$, not $4v$."),
        Mistake("always zero", "0", r"Zero needs $D \ge 1$ on all real and $D \le -1$ on all generated samples. Where the densities overlap that "
                "is impossible."),
    ),
    explanation=r"So the hinge game is about the total variation, $2 - 2\,\mathrm{TV}$. Like the JSD it is constant between disjoint "
                "supports: without a bound on the slope the loss alone cures nothing (Proposition 10.7).")

louder = Number(
    id="louder", title="Which loss pulls harder?", level="easy",
    prompt=r"A generated sample has the logit $l = l_0$. Its least-squares loss is $\frac12(l - 1)^2$, its non-saturating loss "
           r"$\operatorname{softplus}(-l)$. By what factor is the *size* of the slope by $l$ larger for least squares?",
    hints=(r"The two slopes are $l - 1$ and $-\sigma(-l)$.", r"Divide the sizes: $\frac{1 - l}{\sigma(-l)}$ for $l < 1$."),
    reference="(1 - l_0)*(1 + exp(l_0))", draw={"l_0": (-2.5, -2.0, -1.6, -1.2, -0.8, -0.5)},
    mistakes=(
        Mistake("values", "(l_0 - 1)**2/2/log(1 + exp(-l_0))", "You compared the two loss *values*. What moves a network is the slope."),
        Mistake("minimax", "(1 - l_0)*(1 + exp(-l_0))", r"You divided by the slope of the *minimax* loss, $\sigma(l)$."),
        Mistake("upside down", "1/((1 - l_0)*(1 + exp(l_0)))", "That is by what factor it is smaller."),
        Mistake("not divided", "1 - l_0", r"That is the slope of the least-squares loss alone."),
        Mistake("target 0", "-l_0*(1 + exp(l_0))", "The generator's target is 1, what the discriminator wants of real samples."),
    ),
    explanation="The non-saturating weight never exceeds 1; the least-squares one grows as the output falls below the target. (This is the "
                "weight by the output. With the best $D$ no output is below 0, and there the pull of far samples fades: Corollary 10.6.) "
                "At the other end it pushes samples *back* whose output exceeds 1.")

relativistic_slope = Formula(
    id="relativistic_slope", title="A slope that looks at both", level="medium",
    prompt=r"The relativistic generator minimises $\operatorname{softplus}(r - l)$, where $l$ is the logit of a generated sample and $r$ that of "
           r"the real one it is paired with. What is the slope by $l$? (Write $\sigma(\dots)$ as `sigma(...)`.)",
    hints=(r"The derivative of softplus is $\sigma$.", r"The inner derivative of $r - l$ by $l$ is $-1$."),
    symbols={"l": (-4.0, 4.0), "r": (-4.0, 4.0)}, reference="-sigma(r - l)",
    mistakes=(
        Mistake("sign", "sigma(r - l)", r"The inner derivative is missing: $r - l$ *falls* with $l$."),
        Mistake("non-saturating", "-sigma(-l)", r"That is the non-saturating loss, which knows nothing of the real sample."),
        Mistake("exchanged", "-sigma(l - r)", r"That weight is large where the generated sample already looks *more* real than its partner."),
        Mistake("by r", "sigma(r - l)*r", r"Differentiate by $l$; the real logit is a constant here, and does not come out as a factor."),
        Mistake("not differentiated", "log(1 + exp(r - l))", "That is the loss itself."),
    ),
    explanation="The weight is the probability that the real sample looks more real. It is one half when the two cannot be told "
                "apart, and near 0 only when the generated one looks far more real. The mark is its partner, not a fixed number "
                "(Identity 10.11).")


def score_cases(seed: int) -> list[Case]:
    return [Case("random scores", (logits(40, 3 * seed), logits(40, 3 * seed + 1, 1.5))),
            Case("unequal numbers of samples", (logits(9, 3 * seed + 2, 2.0), logits(30, 3 * seed + 3, 2.0)))]


def margin_cases(seed: int) -> list[Case]:
    beyond = tuple((logits(20, 3 * seed + 5).detach() / 3 + s).requires_grad_() for s in (2.0, -2.0))
    return [*score_cases(seed), Case("scores mostly beyond the margin", beyond)]


def hinge_losses(real_scores, fake_scores):
    discriminator = torch.relu(1 - real_scores).mean() + torch.relu(1 + fake_scores).mean()
    generator = -fake_scores.mean()
    return discriminator, generator


def _no_margin(real, fake):
    return fake.mean() - real.mean(), -fake.mean()


def _generator_hinged(real, fake):
    return hinge_losses(real, fake)[0], torch.relu(1 - fake).mean()


def _around_zero(real, fake):
    return torch.relu(-real).mean() + torch.relu(fake).mean(), -fake.mean()


def _margins_exchanged(real, fake):
    return torch.relu(1 + real).mean() + torch.relu(1 - fake).mean(), -fake.mean()


def _of_means(real, fake):
    return torch.relu(1 - real.mean()) + torch.relu(1 + fake.mean()), -fake.mean()


hinge_losses_exercise = Code(
    id="hinge_losses", title="The hinge losses", level="easy",
    prompt="Write the two hinge losses, both to be minimised. The discriminator wants scores of at least 1 on real and at most −1 on generated "
           "samples, and each sample that falls short costs as much as it falls short. The generator raises the mean score of its samples.",
    doc="The discriminator's and the generator's hinge loss, each a tensor with one number. real_scores: (n, 1), fake_scores: (m, 1).",
    needs="import torch", reference=hinge_losses, inputs=margin_cases,
    hints=(r"A real sample with score $s$ falls short by $1 - s$, unless that is negative: `torch.relu` cuts it off.",
           r"A generated one falls short by $1 + s$. Cut off each sample first, then take the mean."),
    mistakes=(
        Mistake("no hinge", _no_margin, "That is the Wasserstein loss: it goes on pulling samples that are beyond the margin already."),
        Mistake("hinged generator", _generator_hinged, "The discriminator's loss is right. You hinged the generator's as well: it then stops "
                "learning from samples whose score exceeds 1."),
        Mistake("no margin", _around_zero, r"You ask for the right sign only. The margin of 1 is missing, and a discriminator that says 0 "
                "everywhere would pay nothing."),
        Mistake("exchanged", _margins_exchanged, "You exchanged real and generated in the discriminator's loss."),
        Mistake("never cut off", lambda r, f: ((1 - r).mean() + (1 + f).mean(), -f.mean()), "Nothing is cut off: a sample beyond the "
                "margin earns a reward. Each sample's shortfall is at least 0."),
        Mistake("order of the results", lambda r, f: hinge_losses(r, f)[::-1], "Both are right, in the wrong order."),
        Mistake("hinge of the mean", _of_means, "You took the mean first. One excellent sample then makes up for a bad one; the hinge "
                "belongs to each sample."),
        Mistake("halved", lambda r, f: (hinge_losses(r, f)[0] / 2, -f.mean()), "You averaged the two terms. The loss is their sum, as in "
                "the paper and in `ganlib`."),
        Mistake("generator turned round", lambda r, f: (hinge_losses(r, f)[0], f.mean()), "Your generator *lowers* the scores of its samples."),
    ),
    explanation="The hinge spares the discriminator the work on samples that are clear already. The generator has no hinge.")


def kl_bound(real_scores, fake_scores):
    return real_scores.mean() - torch.exp(fake_scores - 1).mean()


def _donsker(real, fake):
    return real.mean() - torch.logsumexp(fake.flatten(), 0) + torch.log(torch.tensor(float(len(fake))))


kl_bound_exercise = Code(
    id="kl_bound", title="A lower bound for KL", level="medium",
    prompt=r"A network $T$ was applied to samples of $p$ and of $q$. Compute from these values the lower bound "
           r"$\mathbb{E}_p T - \mathbb{E}_q f^*(T)$ for $\mathrm{KL}(p\,\Vert\,q)$, with $f(u) = u\log u$.",
    doc="The lower bound, a tensor with one number, to be maximised. real_scores: T on samples of p, (n, 1). fake_scores: T on samples of "
        "q, (m, 1).",
    needs="import torch", reference=kl_bound, inputs=score_cases,
    hints=("You need the conjugate of $f$; it was an exercise of its own.", r"$f^*(t) = e^{t - 1}$, taken at every sample of $q$."),
    mistakes=(
        Mistake("one forgotten", lambda r, f: r.mean() - torch.exp(f).mean(), r"Your conjugate lacks the $-1$: the bound is then loose "
                "even for the best $T$."),
        Mistake("other f", lambda r, f: r.mean() - torch.exp(f).mean() + 1, r"A correct bound, that of $f(u) = u\log u - u + 1$. The "
                r"exercise asks for $u\log u$; the two differ by a shift of $T$."),
        Mistake("log of the mean", _donsker, r"That is the bound of Donsker and Varadhan, which is tighter. It is not of the form "
                r"$\mathbb{E}_q f^*(T)$, and its estimate from a batch is biased."),
        Mistake("mean inside", lambda r, f: r.mean() - torch.exp(f.mean() - 1), r"You took the mean before the exponential. The expectation "
                "is over $f^*(T)$, not over $T$."),
        Mistake("sides exchanged", lambda r, f: f.mean() - torch.exp(r - 1).mean(), r"That bounds $\mathrm{KL}(q\,\Vert\,p)$."),
        Mistake("sign", lambda r, f: torch.exp(f - 1).mean() - r.mean(), "That is the loss to minimise, minus the bound."),
        Mistake("no conjugate", lambda r, f: r.mean() - f.mean(), r"Without the conjugate this has no upper end: doubling $T$ doubles it."),
    ),
    explanation="With the best $T$ it is the divergence, with any other less. So a network that is too weak *understates* it.")


def conjugate_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    cases = []
    for what, m, n in (("a convex function on 200 points", 200, 7), ("any function on 11 points", 11, 4)):
        u = torch.rand(m, generator=generator, dtype=torch.float64) * 3 + 0.1
        values = u * u.log() if m == 200 else torch.randn(m, generator=generator, dtype=torch.float64)
        cases.append(Case(what, (torch.randn(n, generator=generator, dtype=torch.float64), u, values)))
    return cases


def conjugate(t, u, values):
    return (t[:, None] * u - values).max(dim=1).values


conjugate_exercise = Code(
    id="conjugate", title="The conjugate on a grid", level="medium",
    prompt=r"A function is given by its values $f(u)$ on points $u$. Compute its conjugate $f^*(t) = \max_u\,(t u - f(u))$ over these points, for "
           r"several $t$ at once.",
    doc="The conjugate at each t, (n,). t: (n,). u: (m,), in no particular order. values: f at these points, (m,).",
    needs="import torch", reference=conjugate, inputs=conjugate_cases,
    hints=(r"Make a table with a row for each $t$ and a column for each $u$.", "`t[:, None] * u` has the shape (n, m). Then one number per "
           "row is left."),
    mistakes=(
        Mistake("minimum", lambda t, u, v: (t[:, None] * u - v).min(dim=1).values, "You took the smallest gap. The conjugate is the "
                "greatest one."),
        Mistake("place", lambda t, u, v: u[(t[:, None] * u - v).argmax(dim=1)], r"That is the $u$ where the maximum is, not the maximum. (It is "
                "the slope of the conjugate.)"),
        Mistake("sign", lambda t, u, v: (v - t[:, None] * u).max(dim=1).values, r"You turned the difference round: the line minus the function, "
                "not the function minus the line."),
        Mistake("plus", lambda t, u, v: (t[:, None] * u + v).max(dim=1).values, r"The function is taken off, not added."),
        Mistake("over t", lambda t, u, v: (t[:, None] * u - v).max(dim=0).values, r"You took the maximum over $t$, and have one number for each $u$."),
    ),
    explanation=r"Doing it twice gives back the function if it was convex, else its convex hull from below. The conjugate itself is always convex: a "
                "maximum of straight lines.")

bound_direction = Choice(
    id="bound_direction", title="Which way does the bound err?", level="easy", concept=True,
    prompt=r"Two f-GANs estimate the same divergence with $\mathbb{E}_p T - \mathbb{E}_q f^*(T)$ on fresh samples. The one with the large network says 2.1, the "
           "one with the small network 1.4. What is the best guess?",
    hints=("The divergence is the supremum over *all* functions.",),
    options=(
        Option("it is about 1.75, since errors of the two networks average out", False, "Both err in the same direction: downwards."),
        Option("it is about 1.4, since a small network overfits less", False, "On fresh samples overfitting makes the estimate smaller, not "
               "greater. The larger value proves more."),
        Option("nothing can be said, because the networks are different", False, "Each of them proves a lower bound on its own, whatever it is "
               "made of."),
        Option("it is about 2.1 or more, since both are lower bounds here", True, "A network is one function out of all, so in "
               "expectation it can only fall short."),
    ),
    explanation="On the samples it was *trained* on a network can say anything. That is why the samples must be fresh.")

same_optimum = Choice(
    id="same_optimum", title="Many losses, one optimum", level="medium", concept=True,
    prompt=r"Cross-entropy and least squares with targets 0 and 1 have the same optimal $D^* = \frac{p}{p+q}$. Why do GANs trained with them still differ?",
    hints=("A generator never meets the optimum; it meets gradients.",),
    options=(
        Option("they do not: with the same optimum they are the same game", False, "The same resting point, but other gradients on the way, as with the two "
               "losses of chapter 4."),
        Option("because least squares needs a sigmoid at the end and cross-entropy does not", False, "It is rather the other way round: least squares "
               "is used on the plain output."),
        Option("because their gradients away from that optimum are not the same", True, "How hard a sample pulls, and what an imperfect "
               r"$D$ says, depends on the loss everywhere, not only at its minimum."),
        Option("because least squares can only be used with images, whose values are bounded", False, "It asks for nothing but a number per sample."),
    ),
    explanation="The optimum tells which divergence a perfect discriminator would measure. The training is about imperfect ones.")

dropped_runs = Choice(
    id="dropped_runs", title="The runs that are not in the table", level="easy", concept=True,
    prompt="In a table of losses, each cell is the mean over 16 seeds. In one cell five runs ended in NaN, and the mean is over the other eleven. What is "
           "wrong?",
    hints=("Which runs are missing, the good ones or the bad ones?",),
    options=(
        Option("nothing: a mean over eleven seeds is still a mean over many seeds", False, "The eleven were not drawn at random: they are those that survived."),
        Option("the bad runs are missing, and the method looks better than it is", True, "They have to be counted, for instance as a "
               "share of failures beside the mean, or as the worst value."),
        Option("eleven seeds are too few, so five new seeds have to be run", False, "That would replace failures by successes, and make it worse."),
        Option("a mean must not be used; the median over the eleven would be right", False, "The median of the survivors hides the same five failures."),
    ),
    explanation="`python -m ganlib.table` counts a run that diverges as one, and says so in the cell.")

small_difference = Choice(
    id="small_difference", title="A small difference", level="medium", concept=True,
    prompt="Two cells of the table have median reverse KL 0.021 and 0.024, with intervals over 16 seeds that overlap almost entirely. What should the text say?",
    hints=("What would 16 other seeds have given?",),
    options=(
        Option("that the first is better by 12 %, because its median is lower", False, "With other seeds the order may turn round; the intervals say "
               "just that."),
        Option("that the two are equal, because their intervals overlap", False, "Nor has equality been shown: only that this experiment does not tell them apart."),
        Option("that these runs do not tell them apart, with both intervals", True, "This is what was measured. More seeds would narrow the "
               "intervals."),
        Option("nothing, because results that are not significant should be left out", False, "Left-out results make every table say more than was found."),
    ),
    explanation="A table is read by its large differences: cells that fail against cells that do not.")

one_testbed = Choice(
    id="one_testbed", title="From one testbed to yours", level="medium", concept=True,
    prompt="On the chapter's testbed one combination of loss and penalty does best. You are about to train on faces. What does the table tell you?",
    hints=("What do small networks on eight clouds share with large ones on images, and what not?",),
    options=(
        Option("nothing at all, because points of the plane are not images", False, "Failures that the theory explains, such as a critic without any bound, are the "
               "same everywhere."),
        Option("a first choice and some warnings; the weight must be tuned again", True, "A penalty's weight has the unit of the data in it, so "
               "it does not carry over. The warnings do."),
        Option("that the penalty's weight can be taken over, and the loss must be tuned", False, "Rather the reverse: the weight depends on the scale "
               "of the data."),
        Option("that this combination will be the best on faces too", False, "The order of the good cells may change with data, networks and rates."),
    ),
    explanation="A default is where to begin, not where to stop.")

sure_again = Choice(
    id="sure_again", title="99 % accurate, loss by loss", level="medium", concept=True,
    prompt="The discriminator separates real from generated samples by a wide margin: all real scores above 3, all generated ones below −3. For which generator "
           "loss is the slope by the score nearly zero on the generated samples?",
    hints=(r"Write down the slope of each generator loss at $l = -3$ and below.",),
    options=(
        Option("non-saturating", False, r"Its slope is $-\sigma(-l)$, which is nearly $-1$ there."),
        Option("hinge", False, r"The *discriminator's* hinge loss has no slope left there. The generator's is $-l$, with slope $-1$ everywhere."),
        Option("least squares", False, r"Its slope is $l - 1$: at $l = -3$ four in size, and it grows."),
        Option("Wasserstein", False, r"Its slope is $-1$ everywhere."),
        Option("minimax", True, r"Its slope is $-\sigma(l)$: 0.047 at $l = -3$, and less below."),
    ),
    explanation="But a slope by the score is only half of the pull: what the scores do between the samples is the discriminator's slope, and that is what "
                "penalties are about.")

CHAPTER = Chapter(
    "10", "A table of losses and penalties",
    [best_witness, any_targets, hinge_value, louder, hinge_losses_exercise, conjugate_kl, pearson, relativistic_slope, kl_bound_exercise,
     conjugate_exercise, conjugate_gan, conjugate_hellinger, bound_direction, same_optimum, dropped_runs, small_difference, one_testbed,
     sure_again],
    gate={"conjugates": (2, ("best_witness", "conjugate_kl", "conjugate_gan", "conjugate_hellinger")),
          "what losses measure": (2, ("any_targets", "pearson", "hinge_value", "louder", "relativistic_slope")),
          "code": (2, ("hinge_losses", "kl_bound", "conjugate")),
          "concepts": (4, ("bound_direction", "same_optimum", "dropped_runs", "small_difference", "one_testbed", "sure_again"))})
