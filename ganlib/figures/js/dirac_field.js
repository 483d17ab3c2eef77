// The Dirac-GAN: data at 0, samples at θ, logit l(x) = ψx. A game is { loss, penalty, weight, updates, h,
// ratio, k }: learning rates h of G and h·ratio of D, and k steps of D a round where the players take turns.

const diracSigma = (y) => 1 / (1 + Math.exp(-y));

// E φ(ε) = Σ share · φ(node) for ε ~ N(0, 1): the 64-point rule of Gauss. Nodes are the zeros of the Hermite
// polynomial, found where its sign changes, then by halving; share = 1 / Σ pₖ(node)² over all lower degrees.
const DIRAC_NOISE = (() => {
  const hermite = (x) => {
    let [p, q, sum] = [1, 0, 0];
    for (let k = 0; k < 64; k++) {
      sum += p * p;
      [p, q] = [(x * p - Math.sqrt(k) * q) / Math.sqrt(k + 1), p];
    }
    return { p, share: 1 / sum };
  };
  const found = [];
  for (let x = 0; x < 16; x += 0.05) {
    let [lo, hi] = [x, x + 0.05];
    const side = hermite(lo).p > 0;
    if (hermite(hi).p > 0 === side) continue;
    for (let i = 0; i < 60; i++) {
      const mid = (lo + hi) / 2;
      if (hermite(mid).p > 0 === side) lo = mid;
      else hi = mid;
    }
    found.push([lo, hermite(lo).share], [-lo, hermite(lo).share]);
  }
  return found;
})();

// (θ̇, ψ̇): each player goes down its own slope.
export function diracVelocity({ loss, penalty, weight }, theta, psi) {
  const linear = loss === "wasserstein";
  const s = diracSigma(psi * theta);
  if (penalty === "instance_noise" && !linear) {
    let [wrong, up] = [0, 0];
    for (const [node, share] of DIRAC_NOISE) {
      const e = weight * node;
      const fake = diracSigma(psi * (theta + e));
      wrong += share * fake;
      up += share * (e * diracSigma(-psi * e) - (theta + e) * fake);
    }
    return [psi * (loss === "minimax" ? wrong : 1 - wrong), up];
  }
  const d = linear ? 1 : s;
  const g = loss === "non_saturating" ? diracSigma(-psi * theta) : d;
  let [forwards, up] = [psi * g, -theta * d];
  if (penalty === "r1") up -= weight * psi;
  if (penalty === "gradient_penalty") up -= 2 * weight * (psi - Math.sign(psi));
  if (penalty === "consensus") {
    // The slope of ‖velocity‖²/2; g' = ±d' = ±s(1 − s).
    const sign = loss === "minimax" ? 1 : -1;
    const bend = linear ? 0 : s * (1 - s) * (theta * theta * d + sign * psi * psi * g);
    forwards -= weight * (theta * d * d + psi * bend);
    up -= weight * (psi * g * g + theta * bend);
  }
  return [forwards, up];
}

// The state after one round. earlier: the state a round before, for optimism; at the start `now` itself.
export function diracNext(game, [theta, psi], earlier) {
  const { updates, h, k, penalty, weight } = game;
  const hd = h * game.ratio;
  const clip = (p) => (penalty === "clipping" ? Math.max(-weight, Math.min(weight, p)) : p);
  const to = ([forwards, up]) => [theta + h * forwards, clip(psi + hd * up)];
  const v = diracVelocity(game, theta, psi);
  if (updates === "simultaneous") return to(v);
  if (updates === "extragradient") return to(diracVelocity(game, ...to(v)));
  if (updates === "optimistic") {
    const before = diracVelocity(game, ...earlier);
    return to(v.map((one, i) => 2 * one - before[i]));
  }
  let [t, p] = [theta, psi];
  if (updates === "generator_first") t += h * v[0];
  for (let i = 0; i < k; i++) p = clip(p + hd * diracVelocity(game, t, p)[1]);
  if (updates === "alternating") t += h * diracVelocity(game, t, p)[0];
  return [t, p];
}

// Of the velocities at (0, 0), in closed form. The gradient penalty's slope jumps at ψ = 0: it has none.
export function diracJacobian({ loss, penalty, weight }) {
  if (penalty === "gradient_penalty") return null;
  const turn = loss === "wasserstein" ? 1 : 0.5;
  const both = penalty === "consensus" ? weight * turn * turn : 0;
  const noise = penalty === "instance_noise" && turn < 1 ? weight * weight / 2 : both;
  return [[-both, turn], [-turn, penalty === "r1" ? -weight : -noise]];
}

const complexRoot = ([x, y]) => {
  const size = Math.hypot(x, y);
  return [Math.sqrt(Math.max(0, size + x) / 2), Math.sign(y || 1) * Math.sqrt(Math.max(0, size - x) / 2)];
};

// Both eigenvalues of a 2 × 2 matrix, each [real, imaginary].
export function diracEigenvalues([[a, b], [c, d]]) {
  const root = complexRoot([(a - d) ** 2 / 4 + b * c, 0]);
  return [1, -1].map((sign) => [(a + d) / 2 + sign * root[0], sign * root[1]]);
}

const matrixProduct = (m, n) => m.map((r) => [0, 1].map((j) => r[0] * n[0][j] + r[1] * n[1][j]));

// Of one round, linearised at (0, 0), the largest modulus first; four for optimism, which remembers a state.
// Who opens a round does not matter: AB and BA have the same eigenvalues.
export function diracFactors(game) {
  const jacobian = diracJacobian(game);
  if (!jacobian) return null;
  const { updates, h, ratio, k } = game;
  const [a, b] = jacobian.map((r, i) => r.map((v) => v * h * (i ? ratio : 1)));
  const plus = ([p, q]) => [[1 + p[0], p[1]], [q[0], 1 + q[1]]];
  let found;
  if (updates === "simultaneous") found = diracEigenvalues(plus([a, b]));
  else if (updates === "extragradient") found = diracEigenvalues(plus(matrixProduct([a, b], plus([a, b]))));
  else if (updates === "optimistic") {
    // m² = (1 + 2n) m − n for each eigenvalue n of rates · Jacobian: the roots are 1/2 + n ± √(1/4 + n²).
    found = diracEigenvalues([a, b]).flatMap(([x, y]) => {
      const [u, v] = complexRoot([0.25 + x * x - y * y, 2 * x * y]);
      return [[0.5 + x + u, y + v], [0.5 + x - u, y - v]];
    });
  } else {
    const own = [[1, 0], b.map((v, i) => v + i)];
    let round = [[1 + a[0], a[1]], [0, 1]];
    for (let i = 0; i < k; i++) round = matrixProduct(round, own);
    found = diracEigenvalues(round);
  }
  return found.sort((m, n) => Math.hypot(...n) - Math.hypot(...m));
}

const shortNumber = (value) => (value < 10 ? value.toPrecision(2) : String(Math.round(value)));

// What the largest factors do to a small distance in a round: their size, and the motion in words.
export function diracVerdict([m, other], linear) {
  const size = Math.hypot(...m);
  if (Math.abs(size - 1) < 1e-9) {
    if (Math.hypot(m[0] - other[0], m[1] - other[1]) < 1e-6) return { size, words: "goes out, step by step" };
    const turns = Math.abs(m[1]) < 1e-9 ? "jumps from side to side" : "circles";
    return { size, words: linear ? turns : `${turns}, to first order` };
  }
  const way = size < 1 ? "in" : "out";
  let motion = m[0] > 0 ? `goes straight ${way}` : `jumps from side to side, ${way}wards`;
  if (Math.abs(m[1]) > 1e-9) motion = `spirals ${way}`;
  const steps = shortNumber(Math.LN2 / Math.abs(Math.log(size)));
  return { size, words: `${motion}, the distance ${size < 1 ? "halves" : "doubles"} in ${steps} rounds` };
}
