// What is drawn: strokes of points, in bytes, so that an address can carry them and a reload draws the same.

export const SIDE = 280;  // pixels of the drawing: ten for each that the network sees
const PEN = 22;
const NEAR = 5;  // points that are nearer to the last are left out
const MOST = 2000;  // bytes of a drawing

const unit = SIDE / 255;

// A stroke is an array of [x, y], 0 to 255.
export const pointOf = (x, y) => [x, y].map((value) => Math.round(Math.min(255, Math.max(0, value * 255))));

export function isNear(stroke, [x, y]) {
  const [lastX, lastY] = stroke[stroke.length - 1];
  return Math.hypot(x - lastX, y - lastY) * unit < NEAR;
}

export const hasRoom = (strokes) => strokes.reduce((sum, stroke) => sum + 1 + 2 * stroke.length, 0) < MOST;

// The ink of all strokes, SIDE x SIDE, 0 to 1.
export function inkOf(strokes) {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.lineWidth = PEN;
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0][0] * unit, stroke[0][1] * unit);
    for (const [x, y] of stroke) context.lineTo(x * unit, y * unit);
    context.stroke();
  }
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  const ink = new Float32Array(SIDE * SIDE);
  for (let index = 0; index < ink.length; index++) ink[index] = data[4 * index + 3] / 255;
  return ink;
}

// The mean of each 10 x 10: 28 x 28, neither scaled nor centered.
export function shrink(ink, side) {
  const block = SIDE / side;
  const pixels = new Float32Array(side * side);
  for (let y = 0, index = 0; y < SIDE; y++) {
    const row = Math.floor(y / block) * side;
    for (let x = 0; x < SIDE; x++, index++) pixels[row + Math.floor(x / block)] += ink[index] / block ** 2;
  }
  return pixels;
}

// Text for an address; of each stroke the number of its points, then the points.
export function pack(strokes) {
  const bytes = strokes.flatMap((stroke) => {
    const parts = [];
    for (let from = 0; from < stroke.length; from += 254) parts.push(stroke.slice(from, from + 255));  // one point stands in both
    return parts.flatMap((part) => [part.length, ...part.flat()]);
  });
  return toText(bytes);
}

// Strokes of a text, or none where it is no drawing.
export function unpack(text) {
  const bytes = fromText(text);
  const strokes = [];
  for (let at = 0; at < bytes.length && at < 2 * MOST;) {
    const end = at + 1 + 2 * bytes[at];
    if (bytes[at] === 0 || end > bytes.length) return [];
    const stroke = [];
    for (let place = at + 1; place < end; place += 2) stroke.push([bytes[place], bytes[place + 1]]);
    strokes.push(stroke);
    at = end;
  }
  return strokes;
}

export const toText = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

export function fromText(text) {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();  // not what `toText` has written
  }
}
