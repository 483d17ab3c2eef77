"""Chapter 5, the dynamics of the game."""

import torch
from torch import nn

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

growth = Formula(
    id="growth", title="One step at the same time", level="easy",
    prompt=r"Near its resting point the Dirac-GAN moves by $\dot\theta = \tfrac12\psi$, $\dot\psi = -\tfrac12\theta$. "
           r"Both players take a step of size $h$ at the same time: $\theta_{\text{new}} = \theta + \tfrac h2\psi$ "
           r"and $\psi_{\text{new}} = \psi - \tfrac h2\theta$. By what factor is the distance "
           r"$\sqrt{\theta^2 + \psi^2}$ from the resting point multiplied?",
    hints=(r"Compute $\theta_{\text{new}}^2 + \psi_{\text{new}}^2$.",
           r"The mixed terms $+h\theta\psi$ and $-h\theta\psi$ cancel. What is left is a multiple of "
           r"$\theta^2 + \psi^2$.",
           "The distance is the root of that."),
    symbols={"h": (0.05, 1.9)}, reference="sqrt(1 + h**2/4)",
    mistakes=(
        Mistake("squared", "1 + h**2/4", "That is the factor of the *squared* distance."),
        Mistake("one", "1", "The flow keeps the distance. A step follows the tangent of the circle, and a tangent "
                "leaves the circle."),
        Mistake("slope one", "sqrt(1 + h**2)", r"You lost the $\tfrac12$ in the velocities. (With a Wasserstein "
                "critic, whose slope is 1, yours would be right.)"),
        Mistake("half only once", "sqrt(1 + h**2/2)", r"You squared $h$ but not the 2 below it."),
        Mistake("straight out", "1 + h/2", "You added the lengths. The step is at a right angle to the radius, so "
                "Pythagoras adds the squares."),
        Mistake("sign", "sqrt(1 - h**2/4)", "The square of a real step is never negative. Write out both squares; "
                "only the mixed terms have different signs."),
    ),
    explanation=r"It is the modulus of the eigenvalues $1 \pm \tfrac{ih}{2}$ of the step. It exceeds 1 for every "
                "$h > 0$: simultaneous steps spiral outwards, the small ones slowly.")

average_lags = Formula(
    id="average_lags", title="An average that lags behind", level="easy",
    prompt=r"A moving average with decay $\beta$ starts at $u$. Then the parameter stays at $c$, and in each of $n$ "
           r"steps the average becomes $\beta$ times the average plus $1 - \beta$ times the parameter. Where is the "
           "average after $n$ steps? (Write `beta`.)",
    hints=("How far is the average from the parameter, before and after a step?",
           r"The difference between the average and $c$ is multiplied by $\beta$ in each step."),
    symbols={"u": (-2.0, 2.0), "c": (-2.0, 2.0), "beta": (0.5, 0.98), "n": (1.0, 9.0)}, reference="c + (u - "
    "c)*beta**n",
    mistakes=(
        Mistake("decay swapped", "c + (u - c)*(1 - beta)**n", r"You gave the weight $\beta$ to the *new* parameter. "
                r"With $\beta = 0.999$ that is no average: it would follow at once."),
        Mistake("ends swapped", "u + (c - u)*beta**n", r"Try $n = 0$: the average should still be at its start."),
        Mistake("start forgotten", "c*(1 - beta**n)", "That is right for an average that starts at 0. This one starts "
                "at $u$."),
        Mistake("one step", "beta*u + (1 - beta)*c", r"That is the average after one step. Do it $n$ times."),
        Mistake("not compounded", "c + (u - c)*(1 - n*(1 - beta))", "You took off the same amount in each step. The "
                "distance shrinks by the same *factor*."),
        Mistake("distance", "(u - c)*beta**n", "That is how far the average is from the parameter. The question is "
                "where it is."),
    ),
    explanation=r"The start is forgotten like $\beta^n$: with $\beta = 0.999$, after 1000 steps 37 % of it are still "
                "there. So early averages look like the untrained network.")

average_half_life = Number(
    id="average_half_life", title="How long an average remembers", level="easy",
    prompt=r"In a moving average with decay $\beta$ (written $b$ here), the weight of today's parameters falls from "
           "step to step. After how many steps is it half of what it was? (It need not be a whole number.)",
    hints=("By what factor is a weight multiplied in each step?",
           r"After $n$ steps the factor is $\beta^n$. For which $n$ is that $\tfrac12$? Take logarithms."),
    reference="log(1/2)/log(b)", draw={"b": (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995)},
    mistakes=(
        Mistake("mean age", "1/(1 - b)", r"That is about when the weight has fallen to $1/e \approx 37\,\%$. The "
                "question asks for one half."),
        Mistake("half the mean age", "1/(2*(1 - b))", "A weight does not fall along a straight line, it falls by the "
                "same *factor* in each step."),
        Mistake("swapped", "log(1/2)/log(1 - b)", r"You let the weights fall by the factor $1 - \beta$. That is the "
                "share of the *new* parameters in each step."),
        Mistake("sign", "log(2)/log(b)", r"Right in size, but negative: $\log\beta$ is below 0. Which number must the "
                r"power of $\beta$ be equal to?"),
        Mistake("base 10", "log(1/2)/log(b)*log(10)", "You mixed two kinds of logarithms. Any base will do, if it is "
                "the same above and below."),
    ),
    explanation=r"It is nearly $0.693/(1 - \beta)$. If the players need many more steps for a turn than this, the "
                "average follows them round; if they need far fewer, it sits in the middle.")

teacher_gap = Formula(
    id="teacher_gap", title="How good is the teacher?", level="easy",
    prompt=r"Let $h\gamma < 1$. The generator waits at $\theta$ while the discriminator, with R1 weight $\gamma$, takes $k$ steps of "
           r"size $h$, each of the form $\psi \leftarrow \psi + h\,(-\tfrac12\theta - \gamma\psi)$. Its goal is the "
           r"best answer $\psi^* = -\frac{\theta}{2\gamma}$. What share of its initial distance to $\psi^*$ is left "
           "after the $k$ steps? (Write `gamma`.)",
    hints=(r"Subtract $\psi^*$ on both sides of the step, and write the bracket with $\psi - \psi^*$.",
           r"$-\tfrac12\theta - \gamma\psi = -\gamma\,(\psi - \psi^*)$. So what is the factor of one step?"),
    symbols={"h": (0.05, 0.3), "gamma": (0.3, 2.0), "k": (1.0, 6.0)}, reference="(1 - h*gamma)**k",
    mistakes=(
        Mistake("not compounded", "1 - k*h*gamma", "You took off the same amount in each step. The steps get shorter "
                "as the goal comes nearer."),
        Mistake("half of the penalty", "(1 - h*gamma/2)**k", r"The penalty is $\tfrac\gamma2\psi^2$, but its "
                r"derivative is $\gamma\psi$, as in the step above."),
        Mistake("flow", "exp(-k*h*gamma)", "That is the share for very many very short steps, with the same time "
                "$kh$. These are $k$ real steps."),
        Mistake("what is done", "1 - (1 - h*gamma)**k", "That is the share of the way that is done. The question asks "
                "for what is left."),
        Mistake("without gamma", "(1 - h)**k", r"It is the penalty that pulls $\psi$ to its goal. With $\gamma = 0$ "
                "there would be no goal at all."),
        Mistake("slope in place of weight", "(1 - h/2)**k", r"The $\tfrac12$ belongs to $\theta$, which stands still. "
                r"How does the step depend on $\psi$?"),
    ),
    explanation=r"For $h\gamma = 0.2$, five steps leave a third. More steps of $D$ and a larger step size of $D$ do "
                "the same: they make $D$ faster than $G$.")

doubling = Number(
    id="doubling", title="How fast it spirals out", level="medium",
    prompt=r"Simultaneous steps of size $h$ multiply the distance from the resting point by $\sqrt{1 + h^2/4}$ (the "
           "Dirac-GAN without penalty, near its resting point). After how many steps has the distance doubled? (It "
           "need not be a whole number.)",
    hints=(r"After $n$ steps the factor is $(1 + h^2/4)^{n/2}$. For which $n$ is that 2?",
           r"$\frac n2 \log(1 + h^2/4) = \log 2$."),
    reference="2*log(2)/log(1 + h**2/4)", draw={"h": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.6)},
    mistakes=(
        Mistake("squared distance", "log(2)/log(1 + h**2/4)", "That is when the *squared* distance has doubled."),
        Mistake("slope one", "2*log(2)/log(1 + h**2)", r"You lost the $\tfrac12$ of the slope: with it, the step is "
                "half as long."),
        Mistake("along the radius", "log(2)/log(1 + h/2)", r"Your factor of one step is $1 + \tfrac h2$. The step "
                "goes at a right angle to the radius, so it lengthens it far less."),
        Mistake("not compounded", "8/h**2", r"You added the gain of the first step, about $\frac{h^2}{8}$, again and "
                "again. The gain grows with the distance."),
        Mistake("time", "h*2*log(2)/log(1 + h**2/4)", "That is the time, steps times $h$. The question asks for "
                "steps."),
    ),
    explanation="About $5.5/h^2$ steps. Half the step size needs four times the steps, but it never turns the spiral "
                "round.")

slow_eigenvalue = Formula(
    id="slow_eigenvalue", title="Too much of a penalty", level="medium",
    prompt=r"With R1 of weight $\gamma$, the Dirac-GAN near its resting point moves by $\dot\theta = \tfrac12\psi$, "
           r"$\dot\psi = -\tfrac12\theta - \gamma\psi$. Let $\gamma > 1$. Which of the two eigenvalues rules how fast "
           "it comes to rest in the end? Give that eigenvalue. (Write `gamma`.)",
    hints=(r"The matrix has the trace $-\gamma$ and the determinant $\tfrac14$.",
           r"So $\lambda^2 + \gamma\lambda + \tfrac14 = 0$. Both roots are real and negative.",
           "After a long time, the part that dies away more slowly is what is left."),
    symbols={"gamma": (2.1, 5.0)}, reference="(sqrt(gamma**2 - 1) - gamma)/2",
    mistakes=(
        Mistake("the fast one", "(-sqrt(gamma**2 - 1) - gamma)/2", "That part dies away first, and then the other one "
                "rules."),
        Mistake("real part", "-gamma/2", r"That is the real part for $\gamma < 1$, where the two eigenvalues are "
                "complex. Here the root is real and must be added."),
        Mistake("sign", "(gamma - sqrt(gamma**2 - 1))/2", "Right in size, wrong in sign. A positive eigenvalue would "
                "mean that it runs away."),
        Mistake("half of the penalty", "-gamma/4 + sqrt(gamma**2 - 4)/4", r"You put $\tfrac\gamma2$ into the matrix. "
                r"The penalty is $\tfrac\gamma2\psi^2$, and its derivative $\gamma\psi$."),
        Mistake("twice the penalty", "-gamma + sqrt(4*gamma**2 - 1)/2", r"You put $2\gamma$ into the matrix. The "
                r"$\tfrac12$ in front of the penalty cancels the 2 of the square."),
        Mistake("slope one", "(sqrt(gamma**2 - 4) - gamma)/2", r"You lost the slope $\tfrac12$: the determinant is "
                r"$\tfrac12\cdot\tfrac12$."),
        Mistake("divided once", "sqrt(gamma**2 - 1) - gamma", "You forgot the 2 below the line of the formula for the "
                "roots."),
    ),
    explanation=r"For a large $\gamma$ it is about $-\frac{1}{4\gamma}$: the stronger the penalty, the slower. "
                r"$\gamma = 1$ is the fastest, with $-\tfrac12$ twice.")

good_teacher = Formula(
    id="good_teacher", title="With a perfect teacher", level="medium",
    prompt=r"Near the resting point, with R1 of weight $\gamma$, $\dot\theta = \tfrac12\psi$ and "
           r"$\dot\psi = -\tfrac12\theta - \gamma\psi$. Suppose now that the discriminator is so fast that it always "
           r"gives its best answer to the present $\theta$. What is $\dot\theta$ then, in $\theta$ and $\gamma$? "
           "(Write `theta` and `gamma`.)",
    hints=(r"The best answer is the $\psi$ at which the discriminator has no wish to move.",
           r"$\dot\psi = 0$ gives $\psi$ as a multiple of $\theta$. Put it into $\dot\theta$."),
    symbols={"theta": (-2.0, 2.0), "gamma": (0.3, 3.0)}, reference="-theta/(4*gamma)",
    mistakes=(
        Mistake("best answer", "-theta/(2*gamma)", r"That is $\psi$, the discriminator's best answer. The generator "
                "moves by half of it."),
        Mistake("sign", "theta/(4*gamma)", "Right in size, wrong in sign: on which side of the data does the best "
                "discriminator's logit rise?"),
        Mistake("no half", "-theta/gamma", r"Both factors $\tfrac12$ got lost, one in each equation."),
        Mistake("multiplied", "-gamma*theta/4", r"The best $\psi$ is where $\gamma\psi$ balances $\tfrac12\theta$: "
                "the stronger the penalty, the *flatter* the discriminator."),
        Mistake("twice the penalty", "-theta/(8*gamma)", r"You put $2\gamma\psi$ in the place of $\gamma\psi$. The "
                r"$\tfrac12$ of the penalty has done its work already."),
    ),
    explanation=r"No rotation is left: $\theta$ goes straight to the data, like $e^{-t/(4\gamma)}$. What circles is "
                "two players that answer each other too late.")

two_rates = Formula(
    id="two_rates", title="Two time scales", level="medium",
    prompt=r"The discriminator's learning rate is $r$ times the generator's: $\dot\theta = \tfrac12\psi$, "
           r"$\dot\psi = r\,(-\tfrac12\theta - \gamma\psi)$. For which R1 weight $\gamma$ do the two eigenvalues "
           "become equal, so that it comes to rest as fast as possible?",
    hints=(r"Write down the trace and the determinant. Both contain $r$.",
           r"$\lambda^2 + r\gamma\lambda + \tfrac r4 = 0$. The roots are equal if $(r\gamma)^2 = 4\cdot\tfrac r4$."),
    symbols={"r": (0.2, 6.0)}, reference="1/sqrt(r)",
    mistakes=(
        Mistake("as with equal rates", "1", "That holds for $r = 1$. A faster discriminator changes the trace by the "
                "factor $r$ and the determinant as well."),
        Mistake("no root", "1/r", "The trace grows with $r$, but so does the determinant: the condition is "
                r"$(r\gamma)^2 = r$."),
        Mistake("inverted", "sqrt(r)", r"Upside down: in $(r\gamma)^2 = r$ the $r$ on the left is squared."),
        Mistake("in the determinant only", "r", "The factor $r$ stands before the whole bracket. How often does it "
                "occur in the condition?"),
        Mistake("half of the penalty", "2/sqrt(r)", r"You put $\tfrac\gamma2$ into the trace. The derivative of "
                r"$\tfrac\gamma2\psi^2$ is $\gamma\psi$."),
        Mistake("twice the penalty", "1/(2*sqrt(r))", r"You put $2\gamma$ into the trace. The derivative of "
                r"$\tfrac\gamma2\psi^2$ is $\gamma\psi$."),
    ),
    explanation=r"Then both eigenvalues are $-\tfrac12\sqrt r$. A faster discriminator wants a weaker penalty and "
                "comes to rest sooner.")

r1_factor = Formula(
    id="r1_factor", title="A step, not a flow", level="hard",
    prompt=r"With R1 of weight $\gamma < 1$ and simultaneous steps of size $h$: "
           r"$\theta_{\text{new}} = \theta + \tfrac h2\psi$, $\psi_{\text{new}} = \psi + h\,(-\tfrac12\theta - "
           r"\gamma\psi)$. In the long run, by what factor does a step multiply the distance from the resting point, "
           "on average over a turn? (Write `gamma`.)",
    hints=("It is the modulus of the eigenvalues of the matrix of the step.",
           r"If $\lambda$ is an eigenvalue of the flow, $1 + h\lambda$ is one of the step. For $\gamma < 1$ the two "
           "are complex and conjugate to each other.",
           "The product of two conjugate numbers is the square of their modulus. And the product of the eigenvalues "
           "is the determinant."),
    symbols={"h": (0.05, 0.8), "gamma": (0.1, 0.9)}, reference="sqrt(1 - h*gamma + h**2/4)",
    mistakes=(
        Mistake("determinant", "1 - h*gamma + h**2/4", "That is the determinant, the product of the two eigenvalues. "
                "One of them has the root of it as its modulus."),
        Mistake("real part", "1 - h*gamma/2", "That is the real part of the eigenvalues. They turn as well, and the "
                "imaginary part makes them longer."),
        Mistake("flow", "exp(-h*gamma/2)", "That is what the flow does in the time $h$. A step follows the tangent, "
                "which leads outwards."),
        Mistake("half of the penalty", "sqrt(1 - h*gamma/2 + h**2/4)", r"You put $\tfrac\gamma2\psi$ into the step. "
                r"The question gives $\gamma\psi$."),
        Mistake("rotation not slowed", "sqrt((1 - h*gamma/2)**2 + h**2/4)", r"You took $\tfrac h2$ for the imaginary "
                "part. But the penalty slows the turning as well."),
        Mistake("penalty alone", "sqrt(1 - h*gamma)", "You lost the product of the two off-diagonal entries in the "
                "determinant."),
        Mistake("sign", "sqrt(1 - h*gamma - h**2/4)", "The two off-diagonal entries have different signs, so minus "
                "their product is positive."),
    ),
    explanation=r"It is below 1 exactly for $h < 4\gamma$. In the flow any $\gamma > 0$ is enough; with real steps "
                "the penalty must outweigh what the tangent adds.")

ellipse = Formula(
    id="ellipse", title="The orbit of alternating steps", level="hard",
    prompt="A Dirac-GAN with a Wasserstein critic takes alternating steps of size $h < 2$, the discriminator first: "
           r"$\psi_{\text{new}} = \psi - h\theta$, and then $\theta_{\text{new}} = \theta + h\psi_{\text{new}}$. For "
           r"one number $c$ the quantity $\theta^2 + \psi^2 + c\,\theta\psi$ is never changed by such a step. What is "
           "$c$?",
    hints=(r"Write the new quantity in the old $\theta$ and $\psi$. It is easiest in two halves: first replace "
           r"$\theta_{\text{new}}$ by $\theta + h\psi_{\text{new}}$.",
           r"$\theta_{\text{new}}^2 + \psi_{\text{new}}^2 + c\,\theta_{\text{new}}\psi_{\text{new}} = \theta^2 + (2h "
           r"+ c)\,\theta\psi_{\text{new}} + (1 + h^2 + ch)\,\psi_{\text{new}}^2$.",
           r"Compare with $\psi = \psi_{\text{new}} + h\theta$ put into the old quantity: the coefficients of "
           r"$\theta^2$, of $\theta\psi_{\text{new}}$ and of $\psi_{\text{new}}^2$ must agree."),
    symbols={"h": (0.1, 1.9)}, reference="-h",
    mistakes=(
        Mistake("generator first", "h", "That is the orbit if the generator moves first. The order of the players "
                "tilts the ellipse to the other side."),
        Mistake("circle", "0", r"The flow runs on circles. These steps do not: try the start $\theta = 1$, "
                r"$\psi = 0$."),
        Mistake("half", "-h/2", r"That belongs to the logistic loss, with the slope $\tfrac12$. The slope of a "
                "Wasserstein critic's loss is 1."),
        Mistake("twice", "-2*h", r"Look at the coefficient of $\theta\psi_{\text{new}}$ once more: it is $2h + c$ on "
                r"both sides, and decides nothing. Compare those of $\theta^2$."),
        Mistake("second order", "-h**2", r"You solved $h^2 + c = 0$. In the coefficient of $\theta^2$ the number $c$ "
                "has a factor."),
    ),
    explanation=r"For $h < 2$ the curves $\theta^2 + \psi^2 - h\,\theta\psi = \text{const}$ are ellipses: alternating "
                "steps stay on them for ever, neither outwards nor inwards.")


def _draws(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def dirac_cases(seed: int) -> list[Case]:
    return [Case(f"h = {h} and γ = {gamma}",
                 (1.5 * _draws(6, seed=5 * seed + i), 1.5 * _draws(6, seed=5 * seed + i + 70), h, gamma))
            for i, (h, gamma) in enumerate(((0.3, 0.8), (0.1, 2.0), (0.7, 0.0)))]


def dirac_step(theta, psi, h, gamma):
    psi = psi - h * (theta * torch.sigmoid(psi * theta) + gamma * psi)
    theta = theta + h * psi * torch.sigmoid(psi * theta)
    return theta, psi


def _up(theta, psi, gamma):
    return -theta * torch.sigmoid(psi * theta) - gamma * psi


def _down(theta, psi, sign=1):
    return psi * torch.sigmoid(sign * psi * theta)


def _simultaneous(theta, psi, h, gamma):
    return theta + h * _down(theta, psi), psi + h * _up(theta, psi, gamma)


def _generator_first(theta, psi, h, gamma):
    theta = theta + h * _down(theta, psi)
    return theta, psi + h * _up(theta, psi, gamma)


def _then(theta, psi, h, velocity):
    """G's step, by its velocity at (θ, ψ)."""
    return theta + h * velocity(theta, psi), psi


def _moved(theta, psi, h, gamma):
    return psi + h * _up(theta, psi, gamma)


def _half_penalty(theta, psi, h, gamma):
    return dirac_step(theta, psi, h, gamma / 2)


def _both_penalised(theta, psi, h, gamma):
    return _then(theta, _moved(theta, psi, h, gamma), h, lambda t, p: _down(t, p) - gamma * t)


def _linear(theta, psi, h, gamma):
    psi = psi - h * (theta / 2 + gamma * psi)
    return theta + h * psi / 2, psi


dirac_step_exercise = Code(
    id="dirac_step", title="One step of the Dirac-GAN", level="medium",
    prompt=r"All data lie at 0, the generator's samples at $\theta$, and the discriminator has the logit "
           r"$l(x) = \psi x$. Its loss is $-\log\sigma(l(0)) - \log(1 - \sigma(l(\theta)))$ plus the R1 penalty "
           r"$\tfrac\gamma2\,l'(0)^2$; the generator's loss is the *minimax* one, $\log(1 - \sigma(l(\theta)))$. "
           "Write one pair of alternating steps of gradient descent of size $h$: first the discriminator, then the "
           "generator.",
    doc="One alternating step, discriminator first. theta, psi: tensors of any shape, games side by side. Returns the "
        "new theta and psi.",
    needs="import torch", reference=dirac_step, inputs=dirac_cases,
    hints=(r"The discriminator's loss is $\log 2 + \operatorname{softplus}(\psi\theta) + \tfrac\gamma2\psi^2$. "
           r"Differentiate it by $\psi$ and go downhill.",
           r"$\dot\psi = -\theta\,\sigma(\psi\theta) - \gamma\psi$. The generator's loss is "
           r"$-\operatorname{softplus}(\psi\theta)$; differentiate it by $\theta$.",
           r"$\dot\theta = \psi\,\sigma(\psi\theta)$, with the $\psi$ that has already moved."),
    mistakes=(
        Mistake("simultaneous", _simultaneous, r"Your generator answers the *old* $\psi$: that is a simultaneous "
                "step. In an alternating one it sees the discriminator that has just moved."),
        Mistake("generator first", _generator_first, "Your generator moves first. That is an alternating step too, "
                "but the other one."),
        Mistake("half of the penalty", _half_penalty, r"The derivative of $\tfrac\gamma2\psi^2$ has no $\tfrac12$."),
        Mistake("twice the penalty", lambda t, p, h, g: dirac_step(t, p, h, 2 * g), "You differentiated "
                r"$\gamma\psi^2$. There is a $\tfrac12$ in front of the penalty."),
        Mistake("penalty forgotten", lambda t, p, h, g: dirac_step(t, p, h, 0.0), "The penalty is missing."),
        Mistake("both penalised", _both_penalised, "You gave the generator a penalty as well. R1 belongs to the "
                "discriminator's loss alone."),
        Mistake("non-saturating", lambda t, p, h, g: _then(t, _moved(t, p, h, g), h, lambda a, b: _down(a, b, -1)),
                r"Your generator's weight is $\sigma(-\psi\theta)$, that of the non-saturating loss."),
        Mistake("generator uphill", lambda t, p, h, g: _then(t, _moved(t, p, h, g), h, lambda a, b: -_down(a, b)),
                r"Your generator goes *uphill* on its loss: it runs from the data."),
        Mistake("discriminator uphill", lambda t, p, h, g: _then(t, p - h * _up(t, p, g), h, _down),
                "Your discriminator goes uphill on its loss: it learns to take the generated sample for the real "
                "one."),
        Mistake("linearised", _linear, r"You used $\sigma(\psi\theta) \approx \tfrac12$. That is good near the "
                "resting point only."),
        Mistake("order of the results", lambda t, p, h, g: dirac_step(t, p, h, g)[::-1], "Both are right, in the "
                r"wrong order: $\theta$ comes first."),
    ),
    explanation=r"Let the generator use the old $\psi$, and the field is the same, but the path is another: without a "
                "penalty and near the resting point, simultaneous steps spiral outwards; these do not.")


def bilinear_cases(seed: int) -> list[Case]:
    return [Case(f"x with {n} and y with {m} entries, h = {h}",
                 (_draws(n, seed=seed + n), _draws(m, seed=seed + m + 30), _draws(n, m, seed=seed + 60), h))
            for n, m, h in ((3, 3, 0.3), (1, 1, 0.5), (4, 2, 0.15))]


def extragradient(x, y, matrix, h):
    x_ahead = x - h * (matrix @ y)
    y_ahead = y + h * (x @ matrix)
    return x - h * (matrix @ y_ahead), y + h * (x_ahead @ matrix)


def _plain(x, y, matrix, h):
    return x - h * (matrix @ y), y + h * (x @ matrix)


def _on_from_there(x, y, matrix, h):
    x_ahead, y_ahead = _plain(x, y, matrix, h)
    return _plain(x_ahead, y_ahead, matrix, h)


def _alternating(x, y, matrix, h):
    x = x - h * (matrix @ y)
    return x, y + h * (x @ matrix)


def _midpoint(x, y, matrix, h):
    x_ahead, y_ahead = _plain(x, y, matrix, h / 2)
    return x - h * (matrix @ y_ahead), y + h * (x_ahead @ matrix)


def _both_down(x, y, matrix, h):
    x_ahead, y_ahead = x - h * (matrix @ y), y - h * (x @ matrix)
    return x - h * (matrix @ y_ahead), y - h * (x_ahead @ matrix)


def _transposed(x, y, matrix, h):
    return extragradient(x, y, matrix.T, h)


def _trial_in_turn(x, y, matrix, h):
    x_ahead, y_ahead = _alternating(x, y, matrix, h)
    return x - h * (matrix @ y_ahead), y + h * (x_ahead @ matrix)


def _one_looks(x, y, matrix, h):
    x_ahead, y_ahead = _plain(x, y, matrix, h)
    return x - h * (matrix @ y_ahead), y + h * (x @ matrix)


extragradient_exercise = Code(
    id="extragradient", title="Look before you step", level="medium",
    prompt=r"In the game $\min_x \max_y\, x^\top A y$ write one *extragradient* step of size $h$. Both players first "
           "take a trial step with size $h$, at the same time. Then both go back and take the real step, also with "
           "size $h$, with the gradients found at the trial point.",
    doc="One extragradient step. x: (n,). y: (m,). matrix: A, (n, m). h: step size. Returns the new x and y.",
    needs="import torch", reference=extragradient, inputs=bilinear_cases,
    hints=(r"The gradient by $x$ is $Ay$, that by $y$ is $A^\top x$. Who goes down, who goes up?",
           "In code these are `matrix @ y` and `x @ matrix`. First compute the trial point, of both.",
           "The real step starts from the *old* `x` and `y`; only the gradients come from the trial point."),
    mistakes=(
        Mistake("plain step", _plain, "That is a plain simultaneous step. The second look, with the gradients of the "
                "trial point, is missing."),
        Mistake("on from there", _on_from_there, "You walk on from the trial point: two plain steps. The real step "
                "starts where the trial step started."),
        Mistake("alternating", _alternating, "That is an alternating step: $y$ answers the new $x$. In the "
                "extragradient step *both* use the gradients of the trial point."),
        Mistake("half a trial", _midpoint, r"Your trial step has the size $\tfrac h2$. In this game that is the "
                "midpoint rule, which still spirals outwards a little."),
        Mistake("both down", _both_down, r"Both of your players go down. $y$ maximises."),
        Mistake("signs turned", lambda x, y, a, h: extragradient(x, y, a, -h), "$x$ minimises and $y$ maximises; you "
                "have it the other way round."),
        Mistake("transposed", _transposed, r"You used $A^\top$ for $A$. With an $A$ that is not square this would not "
                "even run."),
        Mistake("one looks ahead", _one_looks, "Only your $x$ uses the trial point. $y$ takes its gradient there "
                "too."),
        Mistake("trial in turn", _trial_in_turn, "In your trial step $y$ answers the $x$ that has just moved. Both "
                "take the trial step at the same time."),
    ),
    explanation=r"For $\min_x\max_y xy$ one step multiplies the distance by $\sqrt{1 - h^2 + h^4}$, which is below 1 "
                "for $h < 1$: the look ahead turns the spiral inwards, without any penalty.")


def average_cases(seed: int) -> list[Case]:
    cases = []
    for what, decay in (("a decay of 0.9", 0.9), ("a decay of 0.75", 0.75)):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            pair = [nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).double() for _ in range(2)]
            for network in pair:
                network(torch.randn(8, 3, dtype=torch.float64) * (1 + torch.rand(1)))
            pair[1](torch.randn(8, 3, dtype=torch.float64))
        cases.append(Case(what, (*pair, decay)))
    return cases


def ema_update(average, network, decay):
    with torch.no_grad():
        for name, mean in average.named_parameters():
            mean.lerp_(network.get_parameter(name), 1 - decay)
        for name, mean in average.named_buffers():
            mean.copy_(network.get_buffer(name))


def _buffers_too(average, network, decay):
    with torch.no_grad():
        for mean, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            mean.copy_(decay * mean + (1 - decay) * now)


def _mix(average, network, weight, buffers=True):
    """average ← weight·average + (1 − weight)·network."""
    with torch.no_grad():
        for mean, now in zip(average.parameters(), network.parameters(), strict=True):
            mean.copy_(weight * mean + (1 - weight) * now)
        for mean, now in zip(average.buffers(), network.buffers(), strict=True):
            if buffers:
                mean.copy_(now)


def _rebound(average, network, decay):
    for mean, now in zip(average.parameters(), network.parameters(), strict=True):
        mean = decay * mean + (1 - decay) * now
    for mean, now in zip(average.buffers(), network.buffers(), strict=True):
        mean.copy_(now)


def _into_the_network(average, network, decay):
    _mix(average, network, decay)
    with torch.no_grad():
        for mean, now in zip(average.parameters(), network.parameters(), strict=True):
            now.copy_(mean)


def _exchanged(average, network, decay):
    with torch.no_grad():
        for mean, now in zip(average.parameters(), network.parameters(), strict=True):
            now.lerp_(mean, 1 - decay)
        for mean, now in zip(average.buffers(), network.buffers(), strict=True):
            now.copy_(mean)


ema_update_exercise = Code(
    id="ema_update", title="The average of a network", level="medium",
    prompt="`average` and `network` are built alike. After each step of training, `average` is to move: each of its "
           "*parameters* becomes `decay` times itself plus `1 - decay` times that of `network`, and each of its "
           "*buffers* (the running statistics of batch normalisation) becomes a copy of the network's. Change "
           "`average` in place, leave `network` as it is, and return nothing.",
    doc="Move the moving average by one step, in place. average, network: modules of the same build. decay: between 0 "
        "and 1.",
    needs="import torch", reference=ema_update, inputs=average_cases,
    observe=lambda arguments, returned: {
        f"the {who}'s {what}": [t.detach().clone() for t in values]
        for who, module in zip(("average", "network"), arguments, strict=False)
        for what, values in (("parameters", module.parameters()), ("buffers", module.buffers()))},
    hints=("Walk through both networks at once, for instance with `zip(average.parameters(), network.parameters())`.",
           "Changing a parameter in place is allowed under `torch.no_grad()`. `mean = ...` in a loop only gives the "
           "name to another tensor; use `mean.copy_(...)`, `mean.mul_(...)` or `mean.lerp_(...)`.",
           "`mean.lerp_(now, w)` moves `mean` by the share `w` of the way towards `now`. And the buffers: "
           "`mean.copy_(now)`."),
    mistakes=(
        Mistake("decay swapped", lambda a, n, d: _mix(a, n, 1 - d), "You gave the weight `decay` to the network. The "
                "average would forget nearly everything in each step."),
        Mistake("name rebound", _rebound, "The parameters of `average` are as they were: `mean = ...` gives the name "
                "to a new tensor and leaves the old one alone."),
        Mistake("buffers forgotten", lambda a, n, d: _mix(a, n, d, buffers=False), "The parameters are right. But the "
                "running statistics of batch normalisation are buffers, and yours stay as they were at the start."),
        Mistake("buffers averaged", _buffers_too, "You averaged the buffers as well. Here they become copies."),
        Mistake("copied", lambda a, n, d: _mix(a, n, 0.0), "You copied the network. Then there is no average."),
        Mistake("plain mean", lambda a, n, d: _mix(a, n, 0.5), "You took the mean of the two. The weights are `decay` "
                "and `1 - decay`."),
        Mistake("network changed too", _into_the_network, "You wrote the average back into the network, and so you "
                "changed the training. The average only looks on."),
        Mistake("exchanged", _exchanged, "You moved the network towards the average. It is the average that moves."),
    ),
    explanation="The average takes no part in the game: no gradient flows into it, and the players never see it. It "
                "is a calmer picture of where they have been.")


CHOSEN = [[[1, 0.1], [-0.1, 1]], [[0.9, 5], [0, 0.8]], [[-0.5, 0.1], [0, -1.4]], [[-0.2, 3], [0, -0.3]],
          [[0.3, 0], [0, 1.6]], [[-1.5, 0.2], [0, -0.6]], [[0.5, 0.2], [0, -0.8]], [[0, 0.5], [-0.5, -0.3]],
          [[0, 0.9], [0.9, 0]], [[0.2, 0.9], [-0.9, 0.1]]]


def matrix_cases(seed: int) -> list[Case]:
    chosen, cases = torch.tensor(CHOSEN, dtype=torch.float64), []
    for kind, damping in (("step", 0.0), ("flow", 0.5)):
        more = 0.9 * _draws(30, 2, 2, seed=seed + 1) - damping * torch.eye(2, dtype=torch.float64)
        cases.append(Case(f"matrices of a {kind}", (torch.cat([chosen, more]), kind)))
    return cases


def settles(matrices, kind):
    eigenvalues = torch.linalg.eigvals(matrices)
    if kind == "step":
        return eigenvalues.abs().amax(1) < 1
    return eigenvalues.real.amax(1) < 0


def _by(step, flow):
    """A rule from the eigenvalues for each kind."""
    return lambda matrices, kind: (step if kind == "step" else flow)(torch.linalg.eigvals(matrices))


def _radius(e):
    return e.abs().amax(1) < 1


def _left(e):
    return e.real.amax(1) < 0


settles_exercise = Code(
    id="settles", title="Does it come to rest?", level="hard",
    prompt="Many games near their resting points, side by side: `matrices` has the shape (n, 2, 2). If `kind` is "
           "`'step'`, the players' numbers are multiplied by the matrix in each update. If it is `'flow'`, they move "
           r"by $\dot v = Mv$. For each matrix, say whether *every* start comes to rest at 0 in the end, as a tensor "
           "of n truth values. (None of them is on the border.)",
    doc="Does each system come to rest? A bool tensor (n,). matrices: (n, 2, 2), real. kind: 'step' or 'flow'.",
    needs="import torch", reference=settles, inputs=matrix_cases,
    hints=("`torch.linalg.eigvals(matrices)` gives the eigenvalues, (n, 2), complex. The slower of the two decides.",
           r"After $n$ updates an eigenvector with the eigenvalue $\lambda$ is multiplied by $\lambda^n$; after the "
           r"time $t$ of a flow by $e^{\lambda t}$. When does each tend to 0?",
           r"For a step the modulus of all $\lambda$ must be below 1, for a flow all real parts below 0: "
           "`e.abs().amax(1)`, `e.real.amax(1)`."),
    mistakes=(
        Mistake("flow for both", _by(_left, _left), "You asked for negative real parts in both cases. An update that "
                "leaves everything as it is has the eigenvalue 1, not 0."),
        Mistake("step for both", _by(_radius, _radius), "You asked for a modulus below 1 in both cases. In a flow, "
                r"$\lambda = -5$ comes to rest fast, and $\lambda = 0.5$ never."),
        Mistake("kinds exchanged", _by(_left, _radius), "You exchanged the two kinds."),
        Mistake("real part of a step", _by(lambda e: e.real.amax(1) < 1, _left), "For a step you looked at the real "
                r"part only. $1 \pm 0.1i$ has the modulus 1.005, and $-1.4$ leads outwards too."),
        Mistake("determinant", _by(lambda e: e.prod(1).abs() < 1, _left),
                "For a step you looked at the determinant: it is the product of the eigenvalues. One of them may be "
                "large and the other small."),
        Mistake("trace", _by(_radius, lambda e: e.sum(1).real < 0), "For a flow you looked at the trace, the sum of "
                "the eigenvalues. One of them may be positive all the same."),
        Mistake("one is enough", _by(lambda e: e.abs().amin(1) < 1, lambda e: e.real.amin(1) < 0), "You asked for one "
                "good eigenvalue. Nearly every start has a share in both."),
        Mistake("norm", lambda m, kind: torch.linalg.matrix_norm(m, 2) < 1 if kind == "step" else settles(m, kind),
                "For a step you looked at the largest singular value. It may exceed 1 although everything comes to "
                "rest in the end, after a detour."),
        Mistake("symmetric", lambda m, kind: torch.linalg.eigvalsh(m).abs().amax(1) < 1 if kind ==
                "step" else torch.linalg.eigvalsh(m).amax(1) < 0,
                "`eigvalsh` is for symmetric matrices and looks at one triangle only. The matrix of a game is not "
                "symmetric; that is where its rotation comes from."),
    ),
    explanation=r"A step $1 + h\lambda$ of a flow may diverge although the flow comes to rest, and for a $\lambda$ on "
                "the imaginary axis it always does.")

accurate_and_then = Choice(
    id="accurate_and_then", title="99 % in step 2000", level="medium", concept=True,
    prompt="In step 2000 the discriminator is right about 99 in 100 fresh samples, real and generated. What does that "
           "tell you?",
    hints=("Is accuracy a statement about one moment, or about the way the players take?",),
    options=(
        Option(r"training has diverged, or it soon will", False, "The generator may be on its way to the data, in a "
               "straight line, behind a teacher who sees the difference all the time."),
        Option(r"at this moment $p_g$ and $p_{\text{data}}$ are easy to tell apart", True, "That is all. Whether the "
               "players come nearer to each other or circle is told by the way over many steps, not by one look."),
        Option(r"the discriminator learns too fast and should be slowed down", False, "With a loss or a penalty that "
               "keeps the pull alive, a discriminator near its best answer is a good teacher: in the Dirac-GAN with "
               "R1 it leads straight to the data."),
        Option(r"the generator's gradient has vanished by now", False, "Accuracy asks on which side of 0 a logit "
               "lies. The gradient depends on how far out it is, on the loss and on the slope."),
    ),
    explanation="So watch the accuracy over time, next to a measure of the samples: high and constant while the "
                "samples improve is no alarm.")

smaller_steps = Choice(
    id="smaller_steps", title="Smaller steps", level="easy", concept=True,
    prompt="Without a penalty, simultaneous steps of the Dirac-GAN spiral outwards. You halve the step size. What "
           "happens near the resting point?",
    hints=(r"One step multiplies the distance by $\sqrt{1 + h^2/4} \approx 1 + h^2/8$.",),
    options=(
        Option("below some step size it turns inwards", False, r"$\sqrt{1 + h^2/4}$ exceeds 1 for every $h > 0$."),
        Option("it spirals outwards, doubling in twice as many steps", False, "The gain of one step is about $h^2/8$. "
               "Halve $h$, and what becomes of it?"),
        Option("it spirals outwards, doubling in four times as many steps", True, "The gain of one step is about "
               "$h^2/8$, a quarter of what it was. (In units of time, $h$ times steps, it is half as fast.)"),
        Option("it runs on a circle from then on", False, "Only the flow does, the limit of infinitely small steps."),
    ),
    explanation="Smaller steps buy time. What turns the spiral inwards is another field: a penalty, noise on the "
                "samples, or a look ahead.")

which_rest = Choice(
    id="which_rest", title="Which come to rest?", level="medium", concept=True,
    prompt="Think of the *flow* of the Dirac-GAN near its resting point. Which variants approach it exponentially "
           "fast? (All that are right.)",
    hints=("Which of them change the real part of the eigenvalues there, and which leave it at 0?",),
    options=(
        Option("the minimax loss, without a penalty", False, r"Its eigenvalues are $\pm\tfrac i2$, and it circles for "
               "ever."),
        Option("the minimax loss with R1", True, r"Its eigenvalues have the real part $-\tfrac\gamma2$, or are both "
               "negative."),
        Option("the non-saturating loss, without a penalty", False, "It spirals inwards, but ever more slowly: at the "
               r"resting point its eigenvalues are $\pm\tfrac i2$ as well."),
        Option(r"a Wasserstein critic with a gradient penalty that wants the slope 1", False, "At the resting point "
               "the critic has to be flat, and the penalty pushes its slope away from 0. The two cannot both be "
               "satisfied, so it never comes to rest there."),
        Option("the minimax loss with noise added to both kinds of samples", True, "With noise the discriminator's "
               "loss is curved in its parameter, which damps the rotation just as a penalty does."),
    ),
    explanation="A damping term in the discriminator's equation is what they have in common. Which of the two "
                "logistic losses the generator has plays no part in it.")

what_ema_does = Choice(
    id="what_ema_does", title="A calm average", level="easy", concept=True,
    prompt="The two players circle round the resting point. A moving average of the generator's parameters, whose "
           "memory spans many turns, lies near the resting point. What did the average do?",
    hints=("Who sees the average while the training goes on?",),
    options=(
        Option("it damped the rotation of the two players", False, "They circle exactly as before; neither of them "
               "ever sees the average."),
        Option("nothing: it only shows the orbit's middle", True, "The game goes on as without it. Its "
               "samples may be better all the same, since the middle of the orbit is where one wants to be."),
        Option("it gave the discriminator an easier opponent", False, "The discriminator plays against the generator "
               "itself, not against its average."),
        Option("the same as any other memory would have done", False, "With a memory much shorter than a turn, the "
               "average would follow the generator round."),
    ),
    explanation="If the orbit grows, the average is soon carried outwards as well. And the average of *parameters* is "
                "not the average of what two networks do.")

more_penalty = Choice(
    id="more_penalty", title="Ten times the penalty", level="medium", concept=True,
    prompt=r"In the flow of the Dirac-GAN you raise the R1 weight from $\gamma = 1$ to $\gamma = 10$. What happens to "
           "the way to the resting point?",
    hints=(r"The eigenvalues are $-\tfrac\gamma2 \pm \tfrac12\sqrt{\gamma^2 - 1}$. Which is the slow one?",),
    options=(
        Option("it becomes about ten times as fast", False, "One part does, $e^{-10t}$. It dies away at once, and "
               "then the other one is left."),
        Option("it becomes about twenty times as slow", True, "The slow eigenvalue goes from $-0.5$ to about "
               r"$-\frac{1}{4\gamma} = -0.025$. The discriminator is so flat that it hardly tells the generator where "
               "to go."),
        Option("it begins to turn, and takes longer for it", False, r"It turns for $\gamma < 1$. Here both "
               "eigenvalues are real."),
        Option("it no longer leads to the resting point", False, "Both eigenvalues are negative, so it does lead "
               "there."),
    ),
    explanation="Too little and it turns, too much and it creeps. Which weight is best depends on the game and on the "
                "two learning rates, so it has to be tried.")

in_turn = Choice(
    id="in_turn", title="One after the other", level="easy", concept=True,
    prompt=r"Two players with $\min_x \max_y\, xy$ take small gradient steps. You replace simultaneous steps by "
           "alternating ones and change nothing else. What do they do?",
    hints=(r"The matrix of an alternating step has the determinant 1, and its trace is $2 - h^2$.",),
    options=(
        Option("they come to rest, since each answers the other", False, "For that both eigenvalues would have to lie "
               "inside the unit circle, and their product is 1."),
        Option("they still spiral outwards, only more slowly", False, "For that an eigenvalue would have to lie "
               "outside the unit circle. For small steps both lie on it."),
        Option("they stay on a closed curve", True, "Determinant 1 and a trace between $-2$ and 2: both eigenvalues "
               "lie on the unit circle. The curve is an ellipse."),
        Option("the same as simultaneous steps of half the size", False, "Simultaneous steps of any size lead "
               "outwards, and these do not."),
    ),
    explanation="It is the same field, followed by another rule. As $h$ comes near to 2, the ellipse becomes long and "
                "thin.")

CHAPTER = Chapter(
    "05", "The dynamics of the game",
    [growth, average_lags, average_half_life, teacher_gap, doubling, slow_eigenvalue, good_teacher, two_rates,
     dirac_step_exercise, extragradient_exercise, ema_update_exercise, r1_factor, ellipse, settles_exercise,
     accurate_and_then, smaller_steps, which_rest, what_ema_does, more_penalty, in_turn],
    gate={"first steps": (3, ("growth", "average_lags", "average_half_life", "teacher_gap")),
          "derivation": (3, ("doubling", "slow_eigenvalue", "good_teacher", "two_rates", "r1_factor", "ellipse")),
          "code": (2, ("dirac_step", "extragradient", "ema_update", "settles")),
          "concepts": (4, ("accurate_and_then", "smaller_steps", "which_rest", "what_ema_does", "more_penalty",
                           "in_turn"))})
