// Unpacks a recording: gzip in base64, its parts one after another. A part is a number, the bytes of a
// picture, or { shape, low, step, along, planes }: whole numbers, each value being low + step × number.
// `along` names the axes along which differences are stored, in the order 0, −1, 1, −2 …; of two planes of
// bytes the first holds the low ones.
async function inflateRecording(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const recordedLength = ({ shape }) => shape.reduce((a, b) => a * b, 1);

function recordedValues(bytes, part) {
  const { shape, low, step, along, planes } = part;
  const n = recordedLength(part);
  const whole = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const stored = bytes[i] + (planes === 2 ? bytes[n + i] << 8 : 0);
    whole[i] = along.length ? (stored >>> 1) ^ -(stored & 1) : stored;
  }
  for (const axis of along) {
    const stride = recordedLength({ shape: shape.slice(axis + 1) });
    for (let i = stride; i < n; i++) if (Math.floor(i / stride) % shape[axis]) whole[i] += whole[i - stride];
  }
  return Float32Array.from(whole, (v) => low + step * v);
}

export async function recordedParts(text, parts) {
  const bytes = await inflateRecording(text);
  let end = 0;
  return Promise.all(parts.map((part) => {
    const begin = end;
    const picture = typeof part === "number";
    end += picture ? part : recordedLength(part) * part.planes;
    const own = bytes.subarray(begin, end);
    if (!picture) return recordedValues(own, part);
    return createImageBitmap(new Blob([own]), { colorSpaceConversion: "none" });
  }));
}
