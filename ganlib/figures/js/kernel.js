// The memory and the two inner loops of one network: in WebAssembly (kernel.wat), or in plain JavaScript in
// double precision and where there is no WebAssembly.
const KERNEL_WASM = "{{kernel.wasm}}";
let kernelModule;

export class Kernel {
  // lengths: of the arrays to make. In single precision all lie in the memory that WebAssembly sees; it never
  // grows, because growing would detach them.
  constructor(precision, lengths) {
    const kind = precision === "single" ? Float32Array : Float64Array;
    // Each array starts at a multiple of 64 bytes, and may be read and written a little beyond its end.
    const room = lengths.map((length) => 64 * Math.ceil(length * kind.BYTES_PER_ELEMENT / 64));
    const bytes = room.reduce((sum, r) => sum + r);
    let buffer;
    if (precision === "single") {
      try {
        kernelModule ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL_WASM), (c) => c.charCodeAt(0)));
        const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
        this.wasm = new WebAssembly.Instance(kernelModule, { js: { memory } }).exports;
        buffer = memory.buffer;
      } catch {
        this.wasm = null;
      }
    }
    buffer ??= new ArrayBuffer(bytes);
    let at = 0;
    this.arrays = lengths.map((length, i) => {
      at += room[i];
      return new kind(buffer, at - room[i], length);
    });
  }

  // Rows `from` to `to` of C = S + A B, where C has n columns and B is k × n. Entry (i, t) of A is at
  // i·aRow + t·aTerm, so that A may also be a transpose. Entry (i, j) of S is at i·sRow + j: sRow = 0 adds
  // one row to all (a bias, or zeros), and S = C accumulates.
  product(c, s, sRow, a, aRow, aTerm, b, from, to, k, n) {
    if (this.wasm && n % 4 === 0) {
      this.wasm.product(c.byteOffset + 4 * from * n, s.byteOffset + 4 * from * sRow, 4 * sRow,
        a.byteOffset + 4 * from * aRow, 4 * aRow, 4 * aTerm, b.byteOffset, to - from, k, 4 * n);
      return;
    }
    for (let i = from; i < to; i++) {
      for (let j = 0; j < n; j++) {
        let sum = s[i * sRow + j];
        for (let t = 0; t < k; t++) sum += a[i * aRow + t * aTerm] * b[t * n + j];
        c[i * n + j] = sum;
      }
    }
  }

  // x ← tanh x for the first n entries.
  tanh(x, n) {
    if (this.wasm) this.wasm.tanh(x.byteOffset, x.byteOffset + 4 * n);
    else for (let i = 0; i < n; i++) x[i] = Math.tanh(x[i]);
  }
}
