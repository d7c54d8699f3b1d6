// The digit that the network is shown: an example, or what was drawn, or strokes over an example.

import { SIDE, prepare } from './prepare.js';
import { SIDE as LARGE, inkOf, shrink } from './strokes.js';

const WHOLE = { left: 0, top: 0, scale: LARGE / SIDE };

// base: 28 x 28 that are there already, or null. What is drawn alone is scaled and centered, as MNIST's digits were; what
// is drawn over a digit stays where it is.
//   {base, ink: LARGE x LARGE, pixels: 28 x 28, box: where the 28 x 28 lie on the drawing, isEmpty}
export function digitOf(base, strokes) {
  const ink = inkOf(strokes);
  if (!base) {
    const { pixels, box } = prepare(ink, LARGE);
    return { base, ink, pixels, box, isEmpty: !pixels.some((value) => value > 0) };
  }
  const drawn = shrink(ink, SIDE);
  return { base, ink, pixels: base.map((value, index) => Math.max(value, Math.min(1, drawn[index]))), box: WHOLE, isEmpty: false };
}

// 784 bytes as numbers from 0 to 1, or null.
export const fromBytes = (bytes) => (bytes.length === SIDE * SIDE ? Float32Array.from(bytes, (byte) => byte / 255) : null);
