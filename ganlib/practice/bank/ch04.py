"""Chapter 4, saturation."""

import torch
import torch.nn.functional as F

from ganlib.networks import MLP
from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.clinic import Change, Patient, Recipe, circle
from ganlib.practice.code import Case, Code, fake_logit_cases
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

SHOWN = (0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.8)
GRADIENTS = (1e-9, 2e-9, 3e-9, 4e-9, 5e-9, 2e-8, 3e-8, 4e-8, 5e-8, 8e-8, 2e-7)

minimax_slope = Formula(
    id="minimax_slope", title="The slope of the minimax loss", level="easy",
    prompt=r"A generated sample has the logit $l$, so $D = \sigma(l)$. Its minimax loss, which the generator minimises, is "
           r"$\log(1 - \sigma(l))$. Differentiate it by $l$. (Write $\sigma(\dots)$ as `sigma(...)`.)",
    hints=(r"The chain rule: first the derivative of $\log(1 - D)$ by $D$, then that of $D = \sigma(l)$ by $l$.",
           r"The two factors are $-\frac{1}{1 - D}$ and $\sigma'(l) = \sigma(l)(1 - \sigma(l))$.",
           r"Multiply them and cancel $1 - D$."),
    symbols={"l": (-4.0, 4.0)}, reference="-sigma(l)",
    mistakes=(
        Mistake("sign", "sigma(l)", r"Right in size, wrong in sign: the inner derivative of $1 - D$ is $-1$. With your sign "
                "the generator would be asked to make its samples look *less* real."),
        Mistake("by D", "-1/(1 - sigma(l))", r"That is the derivative by $D$. The chain rule wants one factor more, "
                r"$\frac{dD}{dl}$, because the question is about $l$."),
        Mistake("by D, minus lost", "1/(1 - sigma(l))", r"Two things are missing: the minus from the inner derivative of "
                r"$1 - D$, and the factor $\frac{dD}{dl}$ that leads from $D$ to $l$."),
        Mistake("the other loss", "-sigma(-l)", r"That is the slope of the other loss, $-\log\sigma(l)$. Check the left end: "
                r"as $l \to -\infty$, $\log(1 - \sigma(l))$ tends to 0 and gets flat, and yours tends to $-1$."),
        Mistake("logarithm forgotten", "-sigma(l)*(1 - sigma(l))", r"That is the derivative of $1 - \sigma(l)$. The "
                r"logarithm around it contributes an outer derivative, one over its argument."),
        Mistake("not differentiated", "log(1 - sigma(l))", "That is the loss itself. The generator feels only its slope."),
    ),
    explanation=r"The size of the slope is the sample's weight, $\sigma(l) = D$. It tends to 0 as $l \to -\infty$: the loss "
                "is flat for the samples that the discriminator sees through (Identity 4.1).")

non_saturating_slope = Formula(
    id="non_saturating_slope", title="The slope of the other loss", level="easy",
    prompt=r"The same sample with logit $l$ has the non-saturating loss $-\log\sigma(l)$. Differentiate it by $l$. "
           r"(Write $\sigma(\dots)$ as `sigma(...)`.)",
    hints=(r"The chain rule again: the derivative of $-\log D$ by $D$, times that of $D = \sigma(l)$ by $l$.",
           r"The two factors are $-\frac1D$ and $\sigma(l)(1 - \sigma(l))$. What cancels this time?",
           r"$1 - \sigma(l)$ is the same as $\sigma(-l)$; write it either way, and mind the sign."),
    symbols={"l": (-4.0, 4.0)}, reference="-sigma(-l)",
    mistakes=(
        Mistake("sign", "sigma(-l)", r"Right in size, wrong in sign: the minus in front of the logarithm got lost. The loss "
                "must *fall* when the logit rises, or the generator would run from the data."),
        Mistake("the other loss", "-sigma(l)", r"That is the slope of the minimax loss. Check the right end: as "
                r"$l \to \infty$, $-\log\sigma(l)$ tends to 0 and gets flat, and yours tends to $-1$."),
        Mistake("by D", "-1/sigma(l)", r"That is the derivative by $D$. The factor $\frac{dD}{dl}$ is missing. As "
                r"$l \to -\infty$ yours grows without bound, and the right one does not."),
        Mistake("inner derivative", "-(1 - sigma(l))/sigma(l)", r"You took $1 - \sigma(l)$ for the derivative of "
                r"$\sigma(l)$. It has two factors."),
        Mistake("logarithm forgotten", "-sigma(l)*(1 - sigma(l))", r"That is the derivative of $-\sigma(l)$. The logarithm "
                r"contributes an outer derivative, one over its argument."),
        Mistake("not differentiated", "-log(sigma(l))", "That is the loss itself. The generator feels only its slope."),
    ),
    explanation=r"The weight is $\sigma(-l) = 1 - D$, near 1 for a sample that is seen through. This loss is flat as well, "
                "but at the other end, where the samples already pass for real.")

how_much_louder = Number(
    id="how_much_louder", title="How much louder?", level="easy",
    prompt=r"The discriminator says $D(G(z)) = d$ of a generated sample. The sample's *weight* is the size of the loss's "
           "slope by the logit. By what factor is the weight under the non-saturating loss larger than under the minimax "
           "loss? (A factor below 1 if it is smaller.)",
    hints=(r"Write both weights with $D$ in the place of $\sigma(l)$.",
           r"The minimax weight is $\sigma(l) = d$. The two weights add up to 1.",
           "Non-saturating weight divided by minimax weight."),
    reference="(1 - d)/d", draw={"d": SHOWN},
    mistakes=(
        Mistake("one over d", "1/d", r"For a small $d$ that is nearly right, but it takes the non-saturating weight to be 1. "
                "It is less for every sample; put it down exactly."),
        Mistake("inverted", "d/(1 - d)", "Upside down: that is by what factor the *minimax* weight is larger."),
        Mistake("values", "log(d)/log(1 - d)", "That compares the sizes of the two loss *values*. A network never feels the "
                "value of its loss, only the slope."),
        Mistake("one weight", "1 - d", "That is the non-saturating weight alone. A factor compares it with the other weight."),
        Mistake("difference", "1 - 2*d", "That is by how much the one weight *exceeds* the other. A factor is a quotient."),
    ),
    explanation=r"$\frac{\sigma(-l)}{\sigma(l)} = e^{-l} = \frac{1 - d}{d}$ (Identity 4.2): 999 for $d = 0.001$. Above "
                r"$d = \tfrac12$ the minimax loss is the louder one, but there the sample passes for real already.")


def generator_losses(fake_logits):
    minimax = -F.softplus(fake_logits).mean()
    non_saturating = F.softplus(-fake_logits).mean()
    return minimax, non_saturating


def _typed_out(l):
    return torch.log(1 - torch.sigmoid(l)).mean(), -torch.log(torch.sigmoid(l)).mean()


def _small_number(l):
    return torch.log(1 - torch.sigmoid(l) + 1e-8).mean(), -torch.log(torch.sigmoid(l) + 1e-8).mean()


def _clamped(l):
    d = torch.sigmoid(l)
    return (-F.binary_cross_entropy(d, torch.zeros_like(d)), F.binary_cross_entropy(d, torch.ones_like(d)))


generator_losses_exercise = Code(
    id="generator_losses", title="Both losses, without losing digits", level="medium",
    prompt="Write a function that takes the logits of generated samples and returns the two losses that a generator may "
           r"minimise, in this order: the minimax one, the mean of $\log(1 - D)$, and the non-saturating one, the mean of "
           r"$-\log D$. Values and gradients must be right in 32 bits for logits of $\pm 300$ too.",
    doc="The minimax and the non-saturating loss of the generator, each a tensor with one number. fake_logits: (n, 1).",
    needs="import torch\nimport torch.nn.functional as F", reference=generator_losses, inputs=fake_logit_cases,
    hints=(r"The sigmoid of 300 *is* 1 in 32 bits. Simplify on paper before you compute: what is $1 - \sigma(l)$ in terms "
           r"of $e^l$?",
           r"$\operatorname{softplus}(l) = \log(1 + e^l)$, in PyTorch `F.softplus`, is accurate everywhere.",
           r"$\log(1 - \sigma(l)) = -\operatorname{softplus}(l)$. For the other one use $\sigma(l) = 1 - \sigma(-l)$."),
    mistakes=(
        Mistake("typed out", _typed_out, r"Right on paper. In 32 bits $\sigma(300)$ is 1 and $\sigma(-300)$ is 0, and you take "
                "the logarithm of zero: the loss is infinite, its gradient not a number. Simplify the logarithm of the "
                "sigmoid first."),
        Mistake("a small number added", _small_number, r"The number inside the logarithm keeps the loss finite, but not right: "
                r"it stops at 18 where it should be 300, and the gradient there is 0. You have made the non-saturating loss "
                "saturate."),
        Mistake("cross-entropy of probabilities", _clamped, r"`F.binary_cross_entropy` takes probabilities, and cuts their logarithms off "
                r"at $-100$. Where the computed sigmoid is 0 or 1 you get 100 instead of 300, and a gradient of 0. Work with the logits, or use "
                "`F.binary_cross_entropy_with_logits`."),
        Mistake("swapped", lambda l: (F.softplus(-l).mean(), -F.softplus(l).mean()), "Both are right, in the wrong order: the "
                "minimax loss comes first."),
        Mistake("sign", lambda l: (F.softplus(l).mean(), F.softplus(-l).mean()), r"Your first loss is $-\log(1 - D)$. That is "
                "what the *discriminator* minimises on generated samples; the generator wants the opposite."),
        Mistake("sum", lambda l: (-F.softplus(l).sum(), F.softplus(-l).sum()), "You added up the samples. With a sum the "
                "gradient grows with the batch, and the learning rate would have to shrink with it; take the mean."),
        Mistake("sigmoid twice", lambda l: (-F.softplus(torch.sigmoid(l)).mean(), F.softplus(-torch.sigmoid(l)).mean()),
                "Softplus expects the logit and contains the sigmoid already. You apply it a second time, and both losses are "
                "flat at both ends."),
    ),
    explanation=r"$\log(1 - \sigma(l)) = -\operatorname{softplus}(l)$ and $-\log\sigma(l) = \operatorname{softplus}(-l)$ "
                "(Proposition 4.3). `ganlib.losses` has the same two lines.")


def swapped_labels(fake_logits):
    return F.softplus(fake_logits).mean()


swapped_labels_exercise = Code(
    id="swapped_labels", title="A discriminator with its labels swapped", level="medium",
    prompt="A colleague hands you a discriminator trained with binary cross-entropy on its logits, but with the label 0 for "
           "real and 1 for generated samples. Write the *non-saturating* loss of a generator that learns from it, as a "
           r"function of the logits of the generated samples, right for logits of $\pm 300$ too.",
    doc="Non-saturating generator loss. fake_logits: (n, 1), large where the discriminator says generated.",
    needs="import torch\nimport torch.nn.functional as F", reference=swapped_labels, inputs=fake_logit_cases,
    hints=(r"What is $\sigma(l)$ the probability of, for this discriminator?",
           "The non-saturating loss is minus the logarithm of the probability of *real*, whatever the labels are.",
           r"The probability of real is $1 - \sigma(l) = \sigma(-l)$."),
    mistakes=(
        Mistake("usual labels", lambda l: F.softplus(-l).mean(), r"That is the loss for label 1 = real. Here it raises the "
                "probability of *generated*: the generator would run away from the data."),
        Mistake("saturating", lambda l: -F.softplus(-l).mean(), r"The direction is right: it lowers the probability of "
                r"generated, by minimising its logarithm. But that is the *minimax* loss for these labels. Where is it flat, for "
                r"$l \to \infty$ or for $l \to -\infty$, and what does $D$ say of the samples there?"),
        Mistake("minimax, usual labels", lambda l: -F.softplus(l).mean(), r"Minimising this *raises* the logit, and with these "
                "labels a high logit means generated. It is the minimax loss for label 1 = real."),
        Mistake("plain logit", lambda l: l.mean(), "The direction is right, but the mean logit pulls at every sample with weight "
                "1, also at those that pass for real already. The loss asked for is a logarithm of a probability."),
        Mistake("sum", lambda l: F.softplus(l).sum(), "You added up the samples; the loss is their mean."),
        Mistake("typed out", lambda l: -torch.log(1 - torch.sigmoid(l)).mean(), r"The right loss on paper. At a logit of 300 "
                "the sigmoid is 1 in 32 bits, and you take the logarithm of zero. Simplify first."),
    ),
    explanation=r"Swapping the labels replaces $l$ by $-l$ and nothing else. So look at how $D$ was trained before you "
                "choose $G$'s loss: the wrong sign drives the samples away from the data, and no error is raised.")

gaussian_pull = Formula(
    id="gaussian_pull", title="What the centre feels", level="medium",
    prompt=r"The data are $N(0, s^2)$, the generator is $G(z) = a + sz$ with $z \sim N(0, 1)$ and $a > 0$, and $D$ is held at "
           r"the optimum $D^*$ for this $a$. Take the sample at the centre, $x = G(0) = a$. What is the derivative by $a$ of its "
           r"minimax loss $\log(1 - D(x))$? (Write $\sigma(\dots)$ as `sigma(...)`.)",
    hints=(r"The chain rule: slope of the loss by the logit, times slope of the logit by $x$, times $\frac{dx}{da} = 1$.",
           r"The logit of $D^*$ is $\log p - \log q = \frac{a^2 - 2ax}{2s^2}$, a straight line in $x$.",
           r"Its slope is $-\frac{a}{s^2}$; at $x = a$ its value is $-\frac{a^2}{2s^2}$. And the slope of the loss by the logit "
           r"is $-\sigma(l)$."),
    symbols={"a": (0.3, 2.0), "s": (0.5, 1.5)}, reference="a/s**2*sigma(-a**2/(2*s**2))",
    mistakes=(
        Mistake("non-saturating", "a/s**2*sigma(a**2/(2*s**2))", r"That is the derivative of $-\log D$. The minimax weight is "
                r"$D$ itself, which is below $\tfrac12$ at the centre of the *generated* samples."),
        Mistake("sign", "-a/s**2*sigma(-a**2/(2*s**2))", r"Right in size, wrong in sign: both the loss's slope by the logit and "
                r"the logit's slope by $x$ are negative. (Yours is the *pull* on the sample, towards the data at 0.)"),
        Mistake("half forgotten", "a/s**2*sigma(-a**2/s**2)", r"The exponent of a normal density is $-\frac{x^2}{2s^2}$: the "
                r"$\tfrac12$ got lost in the logit's value."),
        Mistake("variance", "a/s*sigma(-a**2/(2*s))", r"You took $s$ for the variance. It is the standard deviation; the "
                r"variance is $s^2$."),
        Mistake("no weight", "a/s**2", r"That is the slope of the logit by $x$, in size. The sample is heard only with the weight "
                "that the loss gives it."),
        Mistake("slope of D", "a/s**2*sigma(-a**2/(2*s**2))*sigma(a**2/(2*s**2))", r"That is the derivative of $1 - D$. The "
                r"loss is its logarithm, and the outer derivative cancels a factor."),
    ),
    explanation=r"With the distance $a$ the first factor grows in proportion, but the second falls like "
                r"$e^{-a^2/(2s^2)}$ (Proposition 4.6). For $s = 0.3$ and $a = 3$ the product is $6\cdot10^{-21}$: a typical sample "
                "feels nothing.")

adam_step = Number(
    id="adam_step", title="What Adam makes of a small gradient", level="medium",
    prompt=r"Adam, with learning rate $\eta = 10^{-3}$ and $\varepsilon = 10^{-8}$, is given the same gradient $g$ at every "
           r"step. How long is each of its steps, in units of $\eta$? (A step of length $10^{-3}$ would be 1.)",
    hints=(r"Adam's step is $\eta\,\frac{\hat m}{\sqrt{\hat v} + \varepsilon}$, where $\hat m$ averages the gradients and $\hat v$ "
           "their squares. What are these averages if all gradients are equal?",
           r"$\hat m = g$ and $\sqrt{\hat v} = g$, from the first step on (that is what the bias correction is for).",
           r"Divide by $\eta$ and put in $g$ and $\varepsilon$."),
    reference="g/(g + 1e-8)", draw={"g": GRADIENTS},
    mistakes=(
        Mistake("plain descent", "g", r"That is the step of plain gradient descent, $\eta g$. Adam divides each gradient by its "
                "own recent size."),
        Mistake("full step", "1", r"That is the limit for $g \gg \varepsilon$, which people have in mind when they say that "
                r"the size of the gradient does not matter to Adam. Compare your $g$ with $\varepsilon$."),
        Mistake("epsilon alone", "g/1e-8", r"You divided by $\varepsilon$ alone. The divisor has another part, the recent size "
                r"of the gradient, and that is not negligible here."),
        Mistake("complement", "1e-8/(g + 1e-8)", r"That is the share of $\varepsilon$ in the divisor. Above the line stands the "
                "average gradient."),
        Mistake("under the root", "g/sqrt(g**2 + 1e-8)", r"You added $\varepsilon$ under the root, to $\hat v$. Adam adds it "
                r"after the root; inside, it would act like $10^{-4}$."),
        Mistake("not in units", "1e-3*g/(g + 1e-8)", r"That is the length of the step itself. The question asks for it in units "
                r"of $\eta$."),
    ),
    explanation=r"For $g = 10^{-5}$ this is 0.999: Adam hides a *constant* small gradient, as long as it is well above "
                r"$\varepsilon$. It does not hide one that falls fast, because its divisor remembers the larger ones before "
                "(Rate 4.8).")

dirac_generator = Formula(
    id="dirac_generator", title="The generator of the Dirac-GAN", level="medium",
    prompt=r"All data lie at 0, the generator puts all its samples at $\theta$, and the discriminator has the logit "
           r"$l(x) = \psi x$. The generator goes downhill on the non-saturating loss: its velocity $\dot\theta$ is *minus* the "
           r"derivative of that loss by $\theta$. What is $\dot\theta$? (Write `psi`, `theta` and `sigma(...)`.)",
    hints=(r"Which logit do the samples get? Write the loss as a function of it.",
           r"The loss is $-\log\sigma(\psi\theta)$. Its slope by the logit you know; what is the slope of the logit by "
           r"$\theta$?",
           r"The slope by the logit is $-\sigma(-l)$, and that of the logit by $\theta$ is $\psi$. Then comes the minus of "
           "going downhill."),
    symbols={"theta": (0.2, 2.0), "psi": (-1.5, 1.5)}, reference="psi*sigma(-psi*theta)",
    mistakes=(
        Mistake("minimax", "psi*sigma(psi*theta)", r"That is the velocity under the minimax loss. Under the non-saturating one "
                r"the weight is near 1 where $D$ sees through the samples, at $\psi\theta \to -\infty$; yours vanishes there."),
        Mistake("uphill", "-psi*sigma(-psi*theta)", r"That is the derivative of the loss. Going downhill means *minus* the "
                r"derivative: for $\psi > 0$ the logit grows to the right, so $\theta$ must move to the right."),
        Mistake("slope of the logit", "sigma(-psi*theta)", r"The weight is right, but $\theta$ is not the logit. The chain rule "
                r"wants the derivative of $\psi\theta$ by $\theta$ as well."),
        Mistake("by psi", "theta*sigma(-psi*theta)", r"You differentiated by $\psi$. That is the discriminator's number; the "
                r"generator owns $\theta$."),
        Mistake("discriminator", "-theta*sigma(psi*theta)", r"That is $\dot\psi$, the velocity of the discriminator."),
        Mistake("slope of D", "psi*sigma(psi*theta)*sigma(-psi*theta)", r"That is the derivative of $D$ by $\theta$. The loss is "
                r"$-\log D$: the outer derivative of the logarithm is missing, and it cancels a factor."),
    ),
    explanation=r"The minimax velocity $\psi\,\sigma(\psi\theta)$ has the same sign and, wherever $\psi\theta \ne 0$, another size. "
                "That is enough to turn circles into spirals that wind inwards, about the same resting point (Theorem 4.10).")


def pull_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    few, many = (torch.randn(rows, 2, generator=generator, dtype=torch.float64) for rows in (9, 30))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = MLP(2, 16, 16, 1).double()
    bowl = lambda x: 3 - (2 * x**2).sum(1, keepdim=True)
    steep = lambda x: 5 - (400 * x**2).sum(1, keepdim=True)
    return [Case(what, (samples.clone().requires_grad_(), critic, loss)) for what, samples, critic, loss in (
        ("a network and the minimax loss", few, network, "minimax"),
        ("a network and the non-saturating loss", many, network, "non_saturating"),
        ("a quadratic critic and the minimax loss", many, bowl, "minimax"),
        ("a quadratic critic and the non-saturating loss", few, bowl, "non_saturating"),
        ("a very sure critic and the non-saturating loss", many.float(), steep, "non_saturating"))]


def pull(samples, critic, loss):
    logits = critic(samples)
    arrows, = torch.autograd.grad(logits.sum(), samples)
    sign = {"minimax": 1, "non_saturating": -1}[loss]
    return torch.sigmoid(sign * logits) * arrows


def _arrows(logits, samples):
    return torch.autograd.grad(logits.sum(), samples, retain_graph=True)[0]


def _weights(logits, loss):
    return torch.sigmoid(logits if loss == "minimax" else -logits)


def _gradient_of_d(samples, critic, loss):
    l = critic(samples)
    return _weights(l, loss) * _arrows(torch.sigmoid(l), samples)


def _one_weight(samples, critic, loss):
    l = critic(samples)
    return _weights(l, loss).mean() * _arrows(l, samples)


def _exchanged(samples, critic, loss):
    l = critic(samples)
    return (1 - _weights(l, loss)) * _arrows(l, samples)


pull_exercise = Code(
    id="pull", title="The pull on every sample", level="hard",
    prompt=r"Write a function that returns the pull $w\,\nabla_x l(x)$ of a discriminator on each generated sample (Identity "
           "4.4). `critic` maps samples of shape (n, 2) to logits of shape (n, 1), each row for itself; it may be a network "
           'or any other function of tensors. `loss` is `"minimax"` or `"non_saturating"` and decides about the weight $w$.',
    doc="The pull on each sample, (n, 2). samples: (n, 2), they ask for a gradient already. critic: samples → logits (n, 1). "
        "loss: 'minimax' or 'non_saturating'.",
    needs="import torch", reference=pull, inputs=pull_cases,
    observe=lambda arguments, returned: returned.detach() if isinstance(returned, torch.Tensor) else returned,
    hints=(r"The pull has two factors: the arrow $\nabla_x l$, a row for each sample, and the weight $w$, a number for each "
           "sample. Compute them one after the other.",
           "`torch.autograd.grad` differentiates one number. Every logit depends on its own sample only: of which single number "
           "of the batch does the gradient contain all the arrows, unchanged?",
           r"The arrows are `torch.autograd.grad(logits.sum(), samples)[0]`; the weights are $\sigma(l)$ and $\sigma(-l)$, of "
           "shape (n, 1), which goes with (n, 2)."),
    mistakes=(
        Mistake("gradient of D", _gradient_of_d, r"Your arrow is the gradient of $D$. It contains a factor $D(1 - D)$ that does "
                r"not belong to the pull; differentiate the *logit*."),
        Mistake("one weight", _one_weight, "You averaged the weights over the batch. Each sample has its own weight, and that is "
                "all the two losses differ in."),
        Mistake("mean", lambda x, critic, loss: pull(x, critic, loss) / len(x), "Every row is too small by the number of samples: "
                "you differentiated a mean over the batch. The pull on a sample must not depend on how many others there are."),
        Mistake("sign", lambda x, critic, loss: -pull(x, critic, loss), "That is the gradient of the loss by the sample. The pull "
                "is where the sample should *go*, downhill on the loss and uphill on the logit."),
        Mistake("weights exchanged", _exchanged, r"You gave each loss the weight of the other. Which of the two must be small where "
                r"$D$ sees through the sample?"),
        Mistake("no weight", lambda x, critic, loss: _arrows(critic(x), x), r"Those are the arrows $\nabla_x l$ alone. They are the "
                "same for both losses; how loud they are is the weight."),
    ),
    explanation=r"The same arrows, other weights (Identity 4.4). Minus the gradient of the summed loss by the samples gives the "
                "same, if the loss is computed from logits with softplus.")

stalled = Patient(
    id="stalled", title="Right 99 times in 100, and nothing moves", level="hard", pick=2,
    recipe=Recipe(circle(3, 1.5, (6.0, 2.0)), 0.4, generator=(2, 32, 32, 2), discriminator=(2, 32, 32, 1), activation="leaky_relu",
                  loss="minimax", rates=(5e-4, 5e-3), d_steps=5, steps=1200, batch=64),
    prompt="Early in training the discriminator is right about 99 samples in 100, and the generator barely moves. Say why, then "
           "choose *two* changes that the theory promises will help, each on its own. Both are trained, over five seeds.",
    hints=(r"The size of a sample's pull is $w\,\lVert\nabla_x l\rVert$. Which factor has become small, the weight or the arrow? "
           r"Compute $\sigma(l)$ from the mean logit of the generated samples.",
           r"There are two ways out: another weight, or a discriminator whose logit stays nearer to 0.",
           r"The non-saturating weight is $\sigma(-l)$. And what keeps $D$'s logit from growing: its steps, its rate, a penalty on "
           "its slope?"),
    failures=(
        Option(r"The discriminator cannot tell the samples apart, so its gradient is noise.", False,
               "Look at the accuracy: it tells them apart every time."),
        Option(r"The minimax loss has saturated: $D$ is sure, and the weight $\sigma(l)$ of every sample is next to nothing.", True,
               r"The arrows $\nabla_x l$ are there and point to the data, but each is multiplied by $\sigma(l)$, and $l$ is far below 0."),
        Option(r"The generator has collapsed, so that all its samples get the same gradient.", False,
               "The samples lie together because they have not left their starting point. A collapsed generator sits on the data."),
        Option(r"At an accuracy of 99 % there is no gradient left, under any loss.", False,
               r"Accuracy says nothing about the gradient. With weight $\sigma(-l)$ in place of $\sigma(l)$ the same $D$ gives a "
               "large one."),
    ),
    offers=(
        Change(r"Train twice as long.", False, r"$D$ only gets surer, so the weights fall further.", {"steps": 2400}),
        Change(r"Let $G$ minimise $-\log D(G(z))$.", True,
               r"Its weight $\sigma(-l)$ is near 1 exactly where $D$ is sure (Identity 4.2).", {"loss": "non_saturating"}),
        Change(r"Give $G$ hidden layers of 64.", False, "More parameters, each with the same vanished pull.",
               {"generator": (2, 64, 64, 2)}),
        Change(r"Put a penalty on $D$'s slope at the data (R1, weight 1).", True,
               r"A $D$ that may not be steep stays unsure for longer, so the weight $\sigma(l)$ survives (chapter 9).",
               {"penalty": "r1", "weight": 1.0}),
        Change(r"Give $D$ ten steps per step of $G$.", False, "The teacher is too far ahead already.", {"d_steps": 10}),
        Change(r"Slow $D$ down: one step, at $G$'s rate.", True,
               r"Then $G$ moves while $D$ still has doubts, which is when the minimax pull is strongest (Proposition 4.7).",
               {"rates": (5e-4, 5e-4), "d_steps": 1}),
    ),
    sick={"good": (0.0, 0.1), "distance": (4.0, float("inf"))}, well={"good": (0.4, 1.0)}, shown=("good", "distance"),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "distance"),
    alt="Three round clouds of data at the upper right, and the generated points in a small heap at the lower left, far from all "
        "of them.",
    explanation=r"So there are two families of cures: change the weight, or keep the teacher modest. And accuracy is the wrong gauge: log "
                "the mean logit and the gradient's norm.")

flat_end = Choice(
    id="flat_end", title="The flat end", level="easy", concept=True,
    prompt=r"Where is the minimax loss of the generator, $\log(1 - D(G(z)))$, flat as a function of the logit, and who suffers "
           "from it?",
    hints=(r"The slope by the logit is $-\sigma(l) = -D$. For which samples is it near 0?",),
    options=(
        Option("at samples that $D$ takes for real; the discriminator", False, r"At these samples the loss plunges to $-\infty$ "
               r"and its slope by the logit is near $-1$, as steep as it gets."),
        Option("at samples that $D$ sees through; the generator", True, r"There $D \to 0$, the loss tends to 0, its highest value, "
               "and its slope to 0: no way to learn for the one who has most to learn."),
        Option("at samples that $D$ sees through; the discriminator", False, "The samples are named correctly, the player is not. $D$ judges these samples correctly and needs no correction there; the generator does, and gets none."),
        Option(r"at $D = \tfrac12$; both, and so training comes to rest", False, r"At $D = \tfrac12$ the slope is $-\tfrac12$. At "
               r"rest it is the arrow $\nabla_x l$ that vanishes, not the weight."),
    ),
    explanation=r"A value near 0 of this loss is a bad sign: it is $-\log 2$ at rest.")

same_rest = Choice(
    id="same_rest", title="What the other loss changes", level="medium", concept=True,
    prompt="You replace the generator's minimax loss by the non-saturating one and nothing else. What stays as it was? (All "
           "that are right.)",
    hints=(r"The pull on a sample is $w\,\nabla_x l$, with $w = \sigma(l)$ or $\sigma(-l)$. Which of the four depend on $w$?",),
    options=(
        Option("the paths on which the two players move", False, "In the Dirac-GAN the one pair circles for ever, the other "
               "spirals inwards."),
        Option(r"that $p_g = p_{\text{data}}$ with $D \equiv \tfrac12$ is a resting point", True, r"A constant logit has "
               r"$\nabla_x l = 0$, whatever the weight, and $D$'s own loss has not changed."),
        Option("the direction of the generator's gradient by its parameters", False, "It adds up the same vectors with other "
               "weights, and a sum with other weights points elsewhere in general."),
        Option("the direction in which a given $D$ pulls a single sample", True, r"Both pulls are $\nabla_x l$ times a positive "
               "number."),
    ),
    explanation="The same resting point, another field around it.")

full_accuracy = Choice(
    id="full_accuracy", title="One hundred per cent", level="easy", concept=True,
    prompt=r"The discriminator is right about every real and every generated sample. What does that tell you about the size of the "
           "minimax generator's gradient?",
    hints=(r"Accuracy asks whether a logit is above or below 0. What does the weight $\sigma(l)$ ask?",),
    options=(
        Option("it is practically zero", False, r"It may be. But logits of $-0.1$ on all generated samples give full accuracy as "
               "well, and weights of almost one half."),
        Option("it is as large as it can be, for the arrows of such a $D$ are long", False, "Long arrows count only with the weight "
               "they get, and a $D$ that is very sure gives almost none."),
        Option("it equals that of the non-saturating loss", False, r"The weights $\sigma(l)$ and $\sigma(-l)$ are equal at $l = 0$ "
               r"only. Their ratio is $e^{-l}$."),
        Option("next to nothing", True, "One has to look at the logits. Accuracy says that each weight is below one half, and not how far. "
               "In the chapter the gradient varied more than a hundredfold while the accuracy was 99.9 % or more."),
    ),
    explanation="Log the mean logit of the generated samples, and the gradient norm. Accuracy cannot tell a teacher from a wall.")

disjoint_supports = Choice(
    id="disjoint_supports", title="No overlap", level="medium", concept=True,
    prompt=r"Data and generated samples lie in two regions some way apart, and $D = D^*$. Which statements are right? (All that "
           "are.)",
    hints=(r"What is $D^*$ on a generated sample, exactly? And what does $\mathrm{JSD}$ know of the distance?",),
    options=(
        Option(r"the minimax weight of every generated sample is 0", True, r"$D^* = 0$ wherever there are generated samples and "
               "no data, and the weight is $D$."),
        Option("the Jensen–Shannon divergence falls as the samples come nearer", False, r"It stays at $\log 2$ until the regions "
               "begin to overlap. Only mass counts, not distance."),
        Option(r"$\mathrm{JSD} = \log 2$, however far apart they are", True, "Either density stands alone where it stands, and "
               r"there $\log\frac{p}{m} = \log 2$ with $m = \frac{p + q}{2}$."),
        Option("the minimax generator learns slowly, since its expected gradient is small but not 0", False, "That is so for two "
               "Gaussians, which overlap everywhere. Without any overlap it is exactly 0, and patience does not help."),
    ),
    explanation="So the best discriminator is not the best teacher. Chapter 7 replaces the divergence by a distance.")

best_teacher = Choice(
    id="best_teacher", title="The best teacher", level="medium", concept=True,
    prompt="The minimax loss, a generated sample on the wrong side, and a discriminator that grows surer and surer of it while it "
           "is trained. When is the pull on this sample strongest?",
    hints=("The pull is a product: one factor grows as $D$ gets surer, the other shrinks.",),
    options=(
        Option("at the beginning, while $D$ says one half of everything", False, r"There the weight is $\tfrac12$, but a flat $D$ has "
               r"no arrow: $\nabla_x l = 0$."),
        Option("in between, while $D$ still has doubts about the sample", True, r"A longer arrow against a falling weight: in the "
               r"chapter's model the product peaks where $D$ gives the sample 22 % (Proposition 4.7)."),
        Option("at the end, when $D$ is optimal", False, r"Then the arrow is longest, and the weight $D$ next to nothing. The best "
               "discriminator is not the best teacher."),
        Option("it is always the same: only the direction changes", False, "Both factors change with the sharpness of $D$, and not in "
               "inverse proportion."),
    ),
    explanation=r"With the non-saturating loss there is no such peak: its pull grows with $D$'s sureness without bound, which is a "
                "trouble of another kind.")

price_of_the_cure = Choice(
    id="price_of_the_cure", title="What the cure leaves", level="medium", concept=True,
    prompt="In the chapter, eight discriminators were trained against a fixed generator whose samples hardly overlap with the "
           "data. While they became ever more sure, what became of the *non-saturating* gradient?",
    hints=(r"The weight tends to 1. What does the other factor of the pull do, while the logits grow?",),
    options=(
        Option("it vanished too, only later", False, r"Its weight $\sigma(-l)$ tends to 1 at samples that are seen through. It is "
               "the minimax weight that vanishes there."),
        Option("it settled early, because the weight cannot exceed 1", False, r"The weight is bounded, but the arrow "
               r"$\nabla_x l$ gets longer as the logit gets steeper."),
        Option("it measured the way still to go ever better, because $D$ came nearer to $D^*$", False, r"Not even with $D^*$ itself "
               r"is it a measure of the way to go: for two thin Gaussians at distance $a$ it is about $a/s^2$, beyond all bounds as "
               r"$s \to 0$."),
        Option("it grew, and scattered more from sample to sample and from one $D$ to another", True, "The weights had reached "
               "their limit, the arrows went on growing, and no two discriminators drew them alike."),
    ),
    explanation="The non-saturating loss removes the vanishing gradient, not the instability. Penalties on the slope of $D$ or noise "
                "on its input do something about that (chapters 8 and 9).")

CHAPTER = Chapter(
    "04", "Saturation",
    [minimax_slope, non_saturating_slope, how_much_louder, generator_losses_exercise, swapped_labels_exercise, gaussian_pull,
     adam_step, dirac_generator, pull_exercise, stalled, flat_end, same_rest, full_accuracy, disjoint_supports, best_teacher, price_of_the_cure],
    gate={"numbers": (1, ("how_much_louder", "adam_step")),
          "derivation": (3, ("minimax_slope", "non_saturating_slope", "gaussian_pull", "dirac_generator")),
          "code": (2, ("generator_losses", "swapped_labels", "pull")),
          "diagnosis": (1, ("stalled",)),
          "concepts": (4, ("flat_end", "same_rest", "full_accuracy", "disjoint_supports", "best_teacher",
                          "price_of_the_cure"))})
