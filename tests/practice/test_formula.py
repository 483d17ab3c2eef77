"""Formulas as answers: what is read, what is equal, what is refused with which words, and that nothing hangs."""

import cmath
import math
import random
import re
import time
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
import torch
from exercises import EXERCISES, Formula

from ganlib.practice.formula import Unreadable, close, evaluate, parse

POINT = {"p": Fraction(3, 10), "q": Fraction(9, 10), "l": Fraction(-2)}


def value(text):
    return float(evaluate(parse(text, POINT), POINT))


@pytest.mark.parametrize("text, expected", [
    ("p/(p+q)", 0.25), ("p / ( p + q )", 0.25), ("2p", 0.6), ("2 p q", 0.54), ("p(1-q)", 0.03), ("(p)(q)", 0.27),
    ("p^2", 0.09), ("p**2", 0.09), ("p²", 0.09), ("−p", -0.3), ("p·q", 0.27), ("p×q", 0.27), ("½", 0.5),
    ("½p", 0.15), ("ln(p)", math.log(0.3)), ("log 2", math.log(2)), ("log2", math.log(2)),
    ("ln 2 * p", math.log(2) * 0.3), ("-2log2", -2 * math.log(2)), ("-log4", -math.log(4)),
    ("log2(p)", math.log2(0.3)), ("p log 2 - l", 0.3 * math.log(2) + 2), ("√(q)", math.sqrt(0.9)),
    ("σ(−l)σ(l)", 1 / (1 + math.exp(2)) / (1 + math.exp(-2))), ("np.log(p)", math.log(0.3)), (np.array([0.3]), 0.3),
    (np.float32(0.25), 0.25), (torch.tensor([[0.5]]), 0.5), ("math.exp(l)", math.exp(-2)), ("exp(l)", math.exp(-2)),
    ("sqrt(q)", math.sqrt(0.9)), ("σ(l)", 1 / (1 + math.exp(2))), ("sigma(-l)", 1 / (1 + math.exp(-2))),
    ("softplus(l)", math.log1p(math.exp(-2))), ("tanh(l)", math.tanh(-2)), ("abs(l)", 2), (".5", 0.5),
    ("1e-3", 0.001), ("2exp(l)", 2 * math.exp(-2)), ("2^-1", 0.5), ("2**3**2", 512), ("-p**2", -0.09),
    ("[p + q]/2", 0.6), ("007", 7), (3, 3), (0.25, 0.25), (sp.Symbol("p") / 2, 0.15), (sp.log(2), math.log(2)),
    ("q/p/2", 1.5), ("1 - - p", 1.3)])
def test_what_is_read(text, expected):
    assert value(text) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("text, says", [
    ("D = p/(p+q)", "right-hand side"), ("pq", "I do not know `pq`"), ("p/(p+q", "parenthesis"), ("p +", "parenthesis"),
    ("log p", "with parentheses"), ("log", "with parentheses"), ("1,5", "comma"), ("log(p, 2)", "comma"),
    ("p; q", "cannot read `;"), ("x.y", "I do not know `x`"), ("p.real", "cannot read"), ("'p'", "cannot read"),
    ("p if q else l", "I do not know"), ("", "nothing between"), ("  ", "nothing between"),
    ("log2 p", "with parentheses"), ("ln 2 p", "with parentheses"), (r"\frac{p}{q}", "No LaTeX"),
    ("$p$", "No LaTeX"), ("e^p", "exp\\(x\\)"), ("P/q", "Did you mean `p`"), ("lp", "Did you mean `l\\*p`"),
    (float("nan"), "no number"), ("p" * 501, "500 characters"), (lambda p: p, "in quotes"), (None, "in quotes"),
    (True, "in quotes"), ([1], "in quotes"), ("p" + "+p" * 300, "500 characters"), ("log(p)(q)", None),
    ("()", "comma")])
def test_what_is_refused(text, says):
    if says is None:
        assert value(text) == pytest.approx(math.log(0.3) * 0.9)  # a product, as written
        return
    with pytest.raises(Unreadable, match=says):
        parse(text, POINT)


@pytest.mark.parametrize("text", ["9**9**9", "9**9**9**9", "9^9^9^9^9^9", "exp(exp(exp(exp(exp(9)))))",
                                  "p**p**p**p**p**p", "1/0", "0**-1", "log(0)",
                                  "log(-1)", "sqrt(-p)", "(-2)**0.5", "0/0", "-9**9**9**9",
                                  "1e999999999", "exp(1e9)", "softplus(exp(99))", "(" * 90 + "p" + ")" * 90,
                                  "-" * 400 + "p", "+".join("p" * 200), "2**(9**99)", "0**(9**99)", "(1-1)**(0-1)"])
def test_nothing_hangs_or_crashes(text):
    """SymPy would compute some of these integers for minutes."""
    begin = time.perf_counter()
    verdict = next(e for e in EXERCISES if e.key == "02.d_star").grade(text)
    assert verdict.outcome == "fail"
    assert time.perf_counter() - begin < 0.5


def test_undefined_is_nan():
    for text in ("1/0", "log(-1)", "sqrt(-p)", "9**9**9**9"):
        assert mpmath.isnan(evaluate(parse(text, POINT), POINT))
    assert close(mpmath.nan, mpmath.nan) and not close(mpmath.nan, mpmath.mpf(1))


def test_evaluation_agrees_with_sympy():
    """On random expressions, against an independent library."""
    rng = random.Random(0)

    def grow(depth):
        if depth == 0:
            return rng.choice(["p", "q", "l", "2", "0.5", "3"])
        kind = rng.choice(["+", "-", "*", "/", "log", "exp", "pow"])
        if kind in "+-*/":
            return f"({grow(depth - 1)} {kind} {grow(depth - 1)})"
        return {"log": f"log(1 + ({grow(depth - 1)})**2)", "exp": f"exp(-({grow(depth - 1)})**2)",
                "pow": f"({grow(depth - 1)})**2"}[kind]

    tried = 0
    for _ in range(200):
        text = grow(4)
        expected = sp.sympify(text, rational=True).subs({n: sp.Rational(v.numerator, v.denominator)
                                                         for n, v in POINT.items()})
        exact = complex(expected.evalf(30)) if not expected.has(sp.zoo, sp.nan, sp.oo) else math.inf
        if not cmath.isfinite(exact) or abs(exact) > 1e300:
            continue  # beyond what Python's own floats hold
        tried += 1
        assert value(text) == pytest.approx(exact.real, rel=1e-9, abs=1e-20)
    assert tried > 150


# Equivalent forms of right answers as learners write them. The target: at most one in fifty refused. None is.
EQUIVALENT = {
    "02.d_star": ["p/(p+q)", "1/(1+q/p)", "1 - q/(p+q)", "exp(log(p) - log(p+q))", "2p/(2p+2q)", "sigma(log(p/q))",
                  "sigma(ln(p) - ln(q))", "(p/q)/(1 + p/q)", "p(p+q)^-1", "p*(p-q)/(p^2-q^2)", "1/(1+exp(log(q/p)))",
                  "½ + (p-q)/(2(p+q))", "(1 + tanh(log(p/q)/2))/2", "p/q / (p/q + 1)", "exp(-softplus(log(q/p)))"],
    "02.integrand_derivative": ["p/D - q/(1-D)", "(p(1-D) - q D)/(D(1-D))", "(p - (p+q)D)/(D - D^2)",
                                "p*D**-1 + q/(D-1)", "-(q/(1-D) - p/D)", "p/D-q/(1-D)+0", "(p - p D - q D)/(D(1-D))"],
    "02.unequal_shares": ["s p/(s p + (1-s) q)", "1/(1 + (1-s)/s * q/p)", "sigma(log(p/q) + log(s/(1-s)))",
                          "1 - (1-s)q/(s p + (1-s)q)", "p/(p + q(1-s)/s)", "s*p/(s*p + q - s*q)"],
    "02.gaussian_d_star": ["sigma(m^2/2 - m x)", "1/(1+exp(m x - m²/2))", "sigma(m(m-2x)/2)",
                           "exp(-x^2/2)/(exp(-x^2/2) + exp(-(x-m)^2/2))", "1 - sigma(m x - m^2/2)",
                           "sigma((x-m)^2/2 - x^2/2)", "1/(1 + exp(-m^2/2) exp(m x))"],
    "03.jsd_integrand": ["p/2*log(2p/(p+q)) + q/2*log(2q/(p+q))", "(p log(p/((p+q)/2)) + q log(q/((p+q)/2)))/2",
                         "½ p ln(2p/(p+q)) + ½ q ln(2q/(p+q))",
                         "p*log(p)/2 + q*log(q)/2 - (p+q)/2*log((p+q)/2)",
                         "(p+q)/2*log(2) + p/2*log(p/(p+q)) + q/2*log(q/(p+q))"],
    "04.minimax_slope": ["-sigma(l)", "-1/(1+exp(-l))", "-exp(l)/(1+exp(l))", "sigma(-l) - 1", "-σ(l)",
                         "-sigma(l)(1-sigma(l))/(1-sigma(l))", "-(1+tanh(l/2))/2"],
    "04.non_saturating_slope": ["-sigma(-l)", "sigma(l) - 1", "-1/(1+exp(l))", "-(1 - σ(l))", "-exp(-l)/(1+exp(-l))"],
    "04.dirac_generator": ["psi*sigma(-psi*theta)", "psi/(1 + exp(psi theta))", "ψ σ(−ψ θ)",
                           "psi(1 - sigma(theta psi))"],
    "05.growth": ["sqrt(1 + h²/4)", "√(1+(h/2)^2)", "(1 + h^2/4)^0.5", "sqrt(4 + h^2)/2", "exp(ln(1+h²/4)/2)"],
    "05.slow_eigenvalue": ["-gamma/2 + sqrt(gamma^2/4 - 1/4)", "½(√(gamma²-1) - gamma)",
                           "-1/(2(gamma + sqrt(gamma^2 - 1)))", "(-gamma + (gamma^2-1)^½)/2"],
    "05.r1_factor": ["sqrt(1 - gamma h + h²/4)", "√((1 - h gamma/2)² + h²(1 - gamma²)/4)",
                     "(1 - h*gamma + (h/2)^2)^(1/2)"],
    "07.inside": ["(a²+r²)/(2(a+r))", "½(a^2 + r^2)/(a + r)", "a/2*a/(a+r) + r/2*r/(a+r)", "(a+r)/2 - a r/(a+r)"],
    "07.inside_pull": ["(a-r)/(a+r)", "1 - 2r/(a+r)", "a/(a+r) - r/(r+a)", "(a/r - 1)/(a/r + 1)", "tanh(log(a/r)/2)"],
    "07.critic_ceiling": ["K abs(a)", "abs(K a)", "K sqrt(a^2)", "abs(a)*K"],
    "06.samples_for_floor": ["(K-1)/2/a", "½(K - 1)/a", "K/(2a) - 1/(2a)", "(K-1)(2a)^-1"],
    "06.lopsided": ["log(K) + a log(a) + (1-a) log(1-a)", "ln(K) + a*ln(a/(1-a)) + ln(1-a)"],
    "06.pack_accuracy": ["½ + ½(1 - (1-w)^m)", "1 - ½(1-w)^m", "1 - exp(m ln(1-w))/2"],
    "06.memorised": ["a²n(n-1)/(2M)", "(n² - n)a^2/2/M", "½ n (n-1) M (a/M)²"],
    "06.missed_and_junk": ["½(w log(2) + (1-w) log(2(1-w)/(2-w-j)) + j log(2) + (1-j) log(2(1-j)/(2-w-j)))"],
    "06.score_pull": ["v(1-v) log(v(3-2v)/((1-v)(2v+1)))", "(v - v²)(ln(2v/(1+2v)) - ln((2-2v)/(3-2v)))"],
    "09.logit_room": ["1/(1 + (1-D)/D exp(-m))", "D exp(m)/(D exp(m) + 1 - D)", "σ(ln(D) - ln(1-D) + m)"],
    "09.noise_fee": ["½ s² k² D(1-D)", "(s k)^2 (D - D²)/2", "k²s²/2*sigma(log(D/(1-D)))*(1-D)"],
    "09.smoothed_pull": ["r(alpha-beta)/((1+r)(alpha r + beta))", "1/(1+r) - beta/(alpha r + beta)"],
}


@pytest.mark.parametrize("key", EQUIVALENT)
def test_equivalent_forms_are_accepted(key):
    exercise = next(e for e in EXERCISES if e.key == key)
    refused = [form for form in EQUIVALENT[key] if exercise.grade(form).outcome != "pass"]
    assert refused == []


def test_there_are_more_than_fifty_equivalent_forms():
    assert sum(map(len, EQUIVALENT.values())) > 50


def _question(**fields):
    return Formula(**{"id": "t", "title": "T", "level": "easy", "prompt": "?", "hints": ("a", "b"), "explanation": "!",
                      "symbols": {"p": (0.1, 2.0), "q": (0.1, 2.0)}, "reference": "p/(p + q)", **fields})


@pytest.mark.parametrize("answer, says", [
    ("-p/(p+q)", "right but for the sign"), ("2p/(p+q)", "2.0 times the right one"), ("p/(p+q) + 1", "Test it at one"),
    ("log(-p)", "is not a real number"), ("p/(p + q)*1.0002", "did you round")])
def test_what_a_wrong_formula_is_told(answer, says):
    assert says in _question().grade(answer).message


def test_the_counterexample_is_one():
    message = _question().grade("p - q").message
    p, q, right, yours = (float(x) for x in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", message)[:4])
    assert right == pytest.approx(p / (p + q), rel=1e-5) and yours == pytest.approx(p - q, rel=1e-5)


@pytest.mark.parametrize("answer", ["(1 - s)*sqrt(2/pi)", "√(2/π) (1 - s)", "(1-s) sqrt(2/np.pi)", "2(1-s)/sqrt(2pi)"])
def test_pi_is_known(answer):
    exercise = next(e for e in EXERCISES if e.key == "07.narrow_gaussian")
    s = exercise.parameters(0, 0)["s"]
    assert exercise.grade(answer.replace("s)", f"{s})").replace("- s", f"- {s}")).outcome == "pass"
