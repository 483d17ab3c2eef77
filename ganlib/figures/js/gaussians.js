// Two Gaussians on a line, data N(0, a²) and samples N(d, b²), and what each loss tells a sample.
export const logNormal = (x, mean, std) =>
  -(((x - mean) / std) ** 2) / 2 - Math.log(std * Math.sqrt(2 * Math.PI));

export const logSigmoid = (l) => Math.min(l, 0) - Math.log1p(Math.exp(-Math.abs(l)));

// All terms of this series have one sign, so that no digits are lost.
export function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = 2 * x / Math.sqrt(Math.PI) * Math.exp(-x * x);
  let sum = term;
  for (let n = 1; n < 150; n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return sum;
}

export const G_LOSSES = ["minimax", "non-saturating", "least squares", "Wasserstein"];

// dloss/dx of one sample at x under each of G_LOSSES, D* or the best critic held fixed. As G(z) = d + b·z, it
// is also the derivative by d. From logs, for D* may be 1e-21 and 1 − D* must not become 1 − 1.
export function gaussianPulls(x, d, a, b) {
  const l = logNormal(x, 0, a) - logNormal(x, d, b);
  const logD = logSigmoid(l);
  const down = x / a ** 2 - (x - d) / b ** 2;
  return [Math.exp(logD) * down, Math.exp(logD - l) * down, Math.exp(3 * logD - 2 * l) * down,
    Math.sign(x / a - (x - d) / b)];
}

const GAUSSIAN_CELLS = 1000;

// jsd, kl(p‖q), reverse kl(q‖p) in nats; w1 in units of x. The derivative by d of each loss, for the sample
// at the centre of q and in the mean over q (midpoint rule; Wasserstein in closed form).
export function gaussianMeasures(d, a, b) {
  const low = Math.min(-9 * a, d - 9 * b);
  const h = (Math.max(9 * a, d + 9 * b) - low) / GAUSSIAN_CELLS;
  const mean = [0, 0, 0, 0];
  let jsd = 0;
  for (let i = 0; i < GAUSSIAN_CELLS; i++) {
    const x = low + h * (i + 0.5);
    const [lp, lq] = [logNormal(x, 0, a), logNormal(x, d, b)];
    const [p, q] = [Math.exp(lp), Math.exp(lq)];
    jsd += h / 2 * (p * (Math.LN2 + logSigmoid(lp - lq)) + q * (Math.LN2 + logSigmoid(lq - lp)));
    gaussianPulls(x, d, a, b).forEach((pull, j) => { mean[j] += h * q * pull; });
  }
  const s = Math.abs(a - b);
  mean[3] = s ? erf(d / (s * Math.SQRT2)) : Math.sign(d);
  if (!d) mean.fill(0);
  const kl = (from, to) => Math.log(to / from) + (from ** 2 + d ** 2) / (2 * to ** 2) - 0.5;
  const w1 = d * mean[3] + (s ? s * Math.sqrt(2 / Math.PI) * Math.exp(-((d / s) ** 2) / 2) : 0);
  return { jsd, kl: kl(a, b), reverse: kl(b, a), w1, centre: gaussianPulls(d, d, a, b), mean };
}
