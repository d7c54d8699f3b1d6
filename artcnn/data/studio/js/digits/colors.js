// Numbers as colors: blue below 0, white at 0, red above, the same both ways; what cannot be negative is black at 0, and the
// brighter, the more; what is drawn is ink.

const SIGNED = [[9, 48, 107], [42, 110, 183], [146, 197, 222], [248, 248, 248], [244, 165, 130], [196, 44, 48], [103, 4, 27]];
const POSITIVE = [[0, 0, 8], [66, 16, 102], [146, 38, 103], [220, 80, 57], [250, 160, 20], [250, 245, 160]];
const INK = [[0, 0, 0], [255, 255, 255]];

const table = (colors) => Array.from({ length: 256 }, (_, index) => {
  const place = (index / 255) * (colors.length - 1);
  const low = Math.min(colors.length - 2, Math.floor(place));
  return colors[low].map((value, channel) => Math.round(value + (colors[low + 1][channel] - value) * (place - low)));
});

const TABLES = { signed: table(SIGNED), positive: table(POSITIVE), ink: table(INK) };

// The same as pixels of a canvas: red is the lowest byte.
const WORDS = Object.fromEntries(Object.entries(TABLES).map(([name, colors]) => (
  [name, Uint32Array.from(colors, ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0)])));

// {colors, low, high}: which numbers the ends of a scale stand for.
export const signed = (most) => ({ colors: 'signed', low: -most, high: most });
export const positive = (most) => ({ colors: 'positive', low: 0, high: most });
export const ink = { colors: 'ink', low: 0, high: 1 };

export const mostOf = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;

export const colorOf = (value, { colors, low, high }) => (
  TABLES[colors][Math.min(255, Math.max(0, Math.round(((value - low) / (high - low)) * 255)))]);

export const css = (color) => `rgb(${color.join(' ')})`;

// Black or white, whichever has more contrast on a color (WCAG 2.2, relative luminance).
export function inkOn(color) {
  const [red, green, blue] = color.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
}

export const barOf = ({ colors }) => `linear-gradient(90deg, ${[0, 51, 102, 128, 153, 204, 255].map((place) => css(TABLES[colors][place])).join(', ')})`;

// A layer's scale: one for all of its maps.
export function scaleOf({ kind }, values) {
  if (kind === 'input') return ink;
  return kind === 'relu' ? positive(mostOf(values)) : signed(mostOf(values));
}

// Draw numbers, height x width, on a canvas of as many pixels; at `left` and `top`.
export function paint(context, values, height, width, { colors, low, high }, left = 0, top = 0) {
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const words = WORDS[colors];
  const factor = 255 / (high - low);
  for (let index = 0; index < height * width; index++) {
    pixels[index] = words[Math.min(255, Math.max(0, Math.round((values[index] - low) * factor)))];
  }
  context.putImageData(image, left, top);
}
