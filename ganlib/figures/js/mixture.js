// A mixture of equal round Gaussians in the plane, as ganlib.data.Mixture: it knows its density and its modes.
export class Mixture {
  constructor(centers, std) {
    Object.assign(this, { centers, std });
  }

  sample(out, n, random) {
    for (let i = 0; i < n; i++) {
      const center = this.centers[Math.floor(random.uniform() * this.centers.length)];
      out[2 * i] = center[0] + this.std * random.normal();
      out[2 * i + 1] = center[1] + this.std * random.normal();
    }
  }

  // The density of x + noise, the noise of the given variance.
  density(x, y, noise = 0) {
    const v = this.std ** 2 + noise;
    let sum = 0;
    for (const [a, b] of this.centers) sum += Math.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * v));
    return sum / (2 * Math.PI * v * this.centers.length);
  }

  // Modes with a sample within 3 std, and the share of such samples: ganlib.metrics.mode_coverage.
  coverage(points, n) {
    const found = new Set();
    let good = 0;
    for (let i = 0; i < n; i++) {
      let best = Infinity;
      let nearest = -1;
      this.centers.forEach(([a, b], k) => {
        const d = (points[2 * i] - a) ** 2 + (points[2 * i + 1] - b) ** 2;
        if (d < best) [best, nearest] = [d, k];
      });
      if (best > 9 * this.std ** 2) continue;
      good++;
      found.add(nearest);
    }
    return { modes: found.size, good: good / n };
  }
}

// Both densities on a grid of cells over [−limit, limit]², smoothed by the same small Gaussian: the data's exactly,
// the generator's by counting samples. So D* = p/(p + q) and the Jensen–Shannon divergence are those of the smoothed
// pair, and smoothing can only lower the divergence.
export class Densities {
  constructor(data, limit, size) {
    const cell = 2 * limit / size;
    Object.assign(this, { data, limit, size, cell, std: cell });
    this.p = this.map((x, y) => data.density(x, y, this.std ** 2 + cell ** 2 / 12) * cell ** 2);
    this.q = new Float64Array(size * size);
    this.best = new Float32Array(size * size);
    this.weights = Array.from({ length: 7 }, (_, i) => Math.exp(-((i - 3) ** 2) / 2));
    const sum = this.weights.reduce((a, b) => a + b);
    this.weights = this.weights.map((w) => w / sum);
  }

  // A function at the cells' centres, lowest row first.
  map(f) {
    const { size, cell, limit } = this;
    return Float64Array.from({ length: size * size },
      (_, i) => f((i % size + 0.5) * cell - limit, (Math.floor(i / size) + 0.5) * cell - limit));
  }

  blur(from, stride) {
    const { size, weights } = this;
    const to = new Float64Array(size * size);
    for (let i = 0; i < size * size; i++) {
      if (!from[i]) continue;
      const at = Math.floor(i / stride) % size;
      for (let w = -3; w <= 3; w++) if (at + w >= 0 && at + w < size) to[i + w * stride] += from[i] * weights[w + 3];
    }
    return to;
  }

  // Sets q, best = D* (NaN where neither has mass) and jsd (in nats) from n samples.
  measure(points, n) {
    const { size, cell, limit, p, best } = this;
    const counts = new Float64Array(size * size);
    for (let i = 0; i < n; i++) {
      const a = Math.floor((points[2 * i] + limit) / cell);
      const b = Math.floor((points[2 * i + 1] + limit) / cell);
      if (a >= 0 && a < size && b >= 0 && b < size) counts[b * size + a] += 1 / n;
    }
    this.q = this.blur(this.blur(counts, 1), size);
    const term = (a, m) => (a > 0 ? a * Math.log(a / m) / 2 : 0);
    let [jsd, outP, outQ] = [0, 1, 1];
    this.q.forEach((q, i) => {
      const m = (p[i] + q) / 2;
      jsd += term(p[i], m) + term(q, m);
      outP -= p[i];
      outQ -= q;
      best[i] = m > 1e-6 ? p[i] / (2 * m) : NaN;
    });
    // What lies outside the window is counted as told apart.
    this.jsd = jsd + (Math.max(0, outP) + Math.max(0, outQ)) * Math.log(2) / 2;
  }
}
