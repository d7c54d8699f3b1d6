// What is drawn becomes a digit like MNIST's, as artcnn/datasets/handwriting.py makes one of a picture: its ink scaled
// into 20 x 20, and its center of mass put into the middle of 28 x 28. Only the search for the digit is not needed
// here: all ink is the digit.

export const SIDE = 28;
const BOX = 20;
const LEVEL = 0.4;  // from here on it is ink: the contrast that the search takes for a pen of even blackness
const THIN = 1.4;  // pixels of 28: strokes that are thinner are made STROKE wide
const STROKE = 2;

// ink: Float32Array of side x side, 1 where there is ink. Returns {pixels: Float32Array of 28 x 28, box}; `box` says
// where 28 x 28 lies on the drawing: {left, top, scale}, in its pixels. Without ink all is 0 and the box is the whole.
export function prepare(ink, side) {
  const soft = smooth(ink, side);
  const mask = new Float32Array(soft.length);
  for (let at = 0; at < soft.length; at++) if (soft[at] > LEVEL) mask[at] = 1;
  const around = boxOf(mask, side);
  if (!around) return { pixels: new Float32Array(SIDE * SIDE), box: { left: 0, top: 0, scale: side / SIDE } };
  const full = quantile(soft.filter((value) => value > LEVEL), 0.8);
  const inked = largestNear(mask, side, side, 1);
  for (let at = 0; at < inked.length; at++) if (inked[at] > 0) inked[at] = Math.min(1, soft[at] / full);
  const reach = reachOf(mask, side, around);
  const wide = { top: around.top - reach, left: around.left - reach, height: around.height + 2 * reach, width: around.width + 2 * reach };
  let cut = crop(inked, side, wide);
  if (reach > 0) cut = largestNear(cut, wide.height, wide.width, reach);
  const long = Math.max(wide.height, wide.width);
  const height = Math.max(1, Math.round((BOX * wide.height) / long));
  const width = Math.max(1, Math.round((BOX * wide.width) / long));
  const small = resize(cut, wide.height, wide.width, height, width).map((value) => Math.min(1, Math.max(0, value)));
  const most = small.reduce((one, other) => Math.max(one, other));
  return center(small.map((value) => value / most), height, width, wide, long / BOX);
}

// The mean of each 3 x 3, the outermost pixels repeated.
function smooth(ink, side) {
  const across = new Float32Array(ink.length);
  const result = new Float32Array(ink.length);
  const last = side - 1;
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at++) across[at] = ink[x > 0 ? at - 1 : at] + ink[at] + ink[x < last ? at + 1 : at];
  }
  for (let y = 0, at = 0; y < side; y++) {
    const [above, below] = [y > 0 ? side : 0, y < last ? side : 0];
    for (let x = 0; x < side; x++, at++) result[at] = (across[at - above] + across[at] + across[at + below]) / 9;
  }
  return result;
}

function boxOf(mask, side) {
  let [top, left, bottom, right] = [side, side, -1, -1];
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at++) {
      if (!mask[at]) continue;
      if (y < top) top = y;
      if (x < left) left = x;
      if (x > right) right = x;
      bottom = y;
    }
  }
  return bottom < 0 ? null : { top, left, height: bottom - top + 1, width: right - left + 1 };
}

// By how many pixels strokes are widened to each side: a stroke has two edge pixels for each pixel of its length.
function reachOf(mask, side, { top, left, height, width }) {
  const inner = (y, x) => {
    for (let row = y - 1; row <= y + 1; row++) {
      for (let column = x - 1; column <= x + 1; column++) {
        if (row < 0 || column < 0 || row >= side || column >= side || !mask[row * side + column]) return false;
      }
    }
    return true;
  };
  let [area, edge] = [0, 0];
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      if (!mask[y * side + x]) continue;
      area += 1;
      if (!inner(y, x)) edge += 1;
    }
  }
  const scale = BOX / Math.max(height, width);
  const stroke = (scale * 2 * area) / edge;
  return stroke < THIN ? Math.round((STROKE - stroke) / scale / 2) : 0;
}

// The largest value within `reach` pixels down and across.
function largestNear(values, height, width, reach) {
  return slide(slide(values, height, width, 1, width, reach), width, height, width, 1, reach);
}

// The same along one axis: `count` values that are `step` apart, in lines that are `line` apart.
function slide(from, lines, count, step, line, reach) {
  const to = new Float32Array(from.length);
  for (let row = 0; row < lines; row++) {
    for (let place = 0, at = row * line; place < count; place++, at += step) {
      const value = from[at];
      if (value === 0) continue;
      const end = Math.min(count - 1, place + reach);
      for (let near = Math.max(0, place - reach), there = row * line + near * step; near <= end; near++, there += step) {
        if (to[there] < value) to[there] = value;
      }
    }
  }
  return to;
}

function crop(values, side, { top, left, height, width }) {
  const result = new Float32Array(height * width);
  for (let y = Math.max(0, -top); y < Math.min(height, side - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(width, side - left); x++) result[y * width + x] = values[(top + y) * side + left + x];
  }
  return result;
}

function quantile(values, part) {
  const sorted = values.sort();
  const place = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place % 1);
}

// Bicubic, and each new pixel reads all that it stands for: as torch's interpolate(mode="bicubic", antialias=True).
function resize(values, height, width, toHeight, toWidth) {
  const along = (from, lines, count, to) => {
    const result = new Float32Array(lines * to);
    const scale = count / to;
    const stretch = Math.max(1, scale);
    for (let index = 0; index < to; index++) {
      const middle = scale * (index + 0.5);
      const first = Math.max(0, Math.floor(middle - 2 * stretch + 0.5));
      const last = Math.min(count, Math.floor(middle + 2 * stretch + 0.5));
      const weights = Array.from({ length: last - first }, (_, step) => cubic((first + step - middle + 0.5) / stretch));
      const sum = weights.reduce((one, other) => one + other);
      for (let line = 0; line < lines; line++) {
        let value = 0;
        for (let step = 0; step < weights.length; step++) value += weights[step] * from[line * count + first + step];
        result[index * lines + line] = value / sum;  // turned, so that the next pass runs along the other axis
      }
    }
    return result;
  };
  return along(along(values, height, width, toWidth), toWidth, height, toHeight);
}

function cubic(x) {
  const far = Math.abs(x);
  if (far < 1) return (1.5 * far - 2.5) * far * far + 1;
  return far < 2 ? ((-0.5 * far + 2.5) * far - 4) * far + 2 : 0;
}

function center(small, height, width, { top, left }, scale) {
  let [mass, down, across] = [0, 0, 0];
  small.forEach((value, index) => {
    mass += value;
    down += value * Math.floor(index / width);
    across += value * (index % width);
  });
  const put = (middle, size) => Math.min(Math.max(roundHalfEven(SIDE / 2 - middle), 0), SIDE - size);
  const [y, x] = [put(down / mass, height), put(across / mass, width)];
  const pixels = new Float32Array(SIDE * SIDE);
  for (let row = 0; row < height; row++) pixels.set(small.subarray(row * width, (row + 1) * width), (y + row) * SIDE + x);
  return { pixels, box: { left: left - x * scale, top: top - y * scale, scale } };
}

// As Python rounds.
const roundHalfEven = (value) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));
