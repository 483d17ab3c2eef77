import { logNormal, logSigmoid } from "./gaussians.js";

// The value of the game for D drawn by hand: 41 knots on [−4, 4], their logits joined by straight lines and
// constant beyond the ends. V is concave in these logits: climbing finds the best of them from anywhere.
export const KNOTS = 41;
export const EDGE = 4;
// D is kept off 0 and 1, whose logarithms are infinite.
export const GREATEST_LOGIT = 6;
// A step of gradient ascent. V's curvature is at most ¼·0.2·max(p + q); up to 2 over that, every step climbs.
export const ASCENT_RATE = 8;
const HAND_CELLS = 1600;
const HAND_WIDTH = 0.01;

// parts: [[weight, mean, std] or [weight, low, high, "uniform"] …], a mixture.
const mixtureAt = (parts, x) => parts.reduce((sum, [w, a, b, kind]) => sum
  + w * (kind ? (x >= a && x < b ? 1 / (b - a) : 0) : Math.exp(logNormal(x, a, b))), 0);

export const placeOf = (knot) => -EDGE + knot * 2 * EDGE / (KNOTS - 1);

const timesLog = (a, b) => (a ? a * Math.log(b) : 0);

// p, q on a fine grid of [−8, 8], so that no tail is lost; best: D* = p/(p + q), no number where both are 0;
// most: the greatest integrand, p log D* + q log(1 − D*), and its integral, the ceiling.
export function board({ p, q }) {
  const x = Float64Array.from({ length: HAND_CELLS }, (_, i) => (i + 0.5 - HAND_CELLS / 2) * HAND_WIDTH);
  const [real, fake] = [x.map((v) => mixtureAt(p, v)), x.map((v) => mixtureAt(q, v))];
  const best = x.map((_, i) => real[i] / (real[i] + fake[i]));
  const most = x.map((_, i) => timesLog(real[i], best[i]) + timesLog(fake[i], 1 - best[i]));
  return { x, p: real, q: fake, best, most, ceiling: most.reduce((sum, v) => sum + v, 0) * HAND_WIDTH };
}

const spot = (x) => {
  const at = Math.min(KNOTS - 1, Math.max(0, (x + EDGE) / (2 * EDGE) * (KNOTS - 1)));
  const left = Math.min(KNOTS - 2, Math.floor(at));
  return [left, at - left];
};

export const logitAt = (knots, x) => {
  const [left, share] = spot(x);
  return knots[left] + share * (knots[left + 1] - knots[left]);
};

// V(D), its integrand on the grid, and its derivative by each knot.
export function gameValue({ x, p, q }, knots) {
  const slope = new Float64Array(KNOTS);
  let value = 0;
  const integrand = x.map((at, i) => {
    const [left, share] = spot(at);
    const l = knots[left] + share * (knots[left + 1] - knots[left]);
    const [real, fake] = [logSigmoid(l), logSigmoid(-l)];
    const rise = (p[i] * Math.exp(fake) - q[i] * Math.exp(real)) * HAND_WIDTH;
    slope[left] += (1 - share) * rise;
    slope[left + 1] += share * rise;
    const v = p[i] * real + q[i] * fake;
    value += v * HAND_WIDTH;
    return v;
  });
  return { value, integrand, slope };
}

export const keepLogit = (l) => Math.max(-GREATEST_LOGIT, Math.min(GREATEST_LOGIT, l));

export const ascend = (table, knots) => {
  const { slope } = gameValue(table, knots);
  return knots.map((l, k) => keepLogit(l + ASCENT_RATE * slope[k]));
};

// Knots as text, two signs each, to a hundredth: for the link.
export const packKnots = (knots) => Array.from(knots, (l) =>
  Math.round((l + GREATEST_LOGIT) * 100).toString(36).padStart(2, "0")).join("");
export const unpackKnots = (text) => Float64Array.from({ length: KNOTS }, (_, k) => {
  const l = parseInt(text.slice(2 * k, 2 * k + 2), 36) / 100 - GREATEST_LOGIT;
  return Number.isFinite(l) ? keepLogit(l) : 0;
});
