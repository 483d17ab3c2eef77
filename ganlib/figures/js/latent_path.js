// Points of a latent space: truncation, two ways from one to another, and the plane that holds both.
export const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
export const blend = (p, a, q, b) => Array.from(a, (v, i) => p * v + q * b[i]);

// Each entry is a list of draws: the first one within the threshold counts, as if drawn again until it is.
export const truncated = (entries, threshold) =>
  entries.map((draws) => draws.find((v) => Math.abs(v) <= threshold) ?? draws.at(-1));

// Along the great circle, the length changing evenly with it where a and b differ in length.
export function spherical(a, b, t) {
  const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const sine = Math.sin(angle);
  if (!(sine > 1e-6)) return blend(1 - t, a, t, b);
  return blend(Math.sin((1 - t) * angle) / sine, a, Math.sin(t * angle) / sine, b);
}

// The plane through an origin and two points: a lies on the first axis, b above it.
export class LatentPlane {
  constructor(origin, a, b) {
    this.origin = origin;
    this.axes = [];
    const units = Array.from({ length: 3 }, (_, i) => Array.from(origin, (_, j) => (i === j ? 1 : 0)));
    // Where a point adds no direction (b is a, or both are the origin) a coordinate axis does.
    for (const far of [blend(1, a, -1, origin), blend(1, b, -1, origin), ...units]) {
      let rest = far;
      for (const axis of this.axes) rest = blend(1, rest, -dot(rest, axis), axis);
      const length = Math.sqrt(dot(rest, rest));
      if (length > 1e-6 && this.axes.length < 2) this.axes.push(rest.map((v) => v / length));
    }
  }

  point(x, y) {
    return blend(1, this.origin, 1, blend(x, this.axes[0], y, this.axes[1]));
  }

  place(point) {
    const from = blend(1, point, -1, this.origin);
    return this.axes.map((axis) => dot(from, axis));
  }
}
