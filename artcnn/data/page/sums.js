"use strict";

// Numbers inside the page: the lowest, the highest, and how far each is from the one to the other, in 16 bits.
function numbersIn(text) {
  const [low, high, data] = text.split(" ");
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const codes = new DataView(bytes.buffer), step = (high - low) / 65535;
  return Float64Array.from({ length: bytes.length / 2 }, (_, i) => Number(low) + step * codes.getUint16(2 * i, true));
}
const readNumbers = new Map();
function numbersOf(text) {
  if (!readNumbers.has(text)) readNumbers.set(text, numbersIn(text));
  return readNumbers.get(text);
}
const readConvolutions = new Map();
function convolutionOf(inside) {
  const finding = inside.closest(".finding");
  if (!readConvolutions.has(finding)) readConvolutions.set(finding, JSON.parse(finding.dataset.convolution));
  return readConvolutions.get(finding);
}
function fill(template, words) {
  return template.replace(/\{(\w+)\}/g, (_, key) => words[key]);
}
const written = (value, digits) => value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
function figures(value) {
  const size = Math.abs(value);
  return Number.isInteger(value) ? written(value, 0) : written(value, size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

// The number that a map has at a place.
function valueAt(tile, row, column) {
  const columns = Number(tile.dataset.grid.split(" ")[1]);
  return numbersOf(tile.dataset.values)[row * columns + column];
}

// The sum behind a number of a first layer's map: of each channel what the kernel lies on, times its weights.
function termsAt(tile, box) {
  const made = convolutionOf(tile), unit = Number(tile.dataset.kernel);
  const [channels, height, width] = made.inputs, [, , down, across] = made.kernels;
  const inputs = numbersOf(made.numbers), weights = numbersOf(made.weights), parts = [];
  let sum = 0;
  for (let channel = 0; channel < channels; channel++) {
    const part = { patch: [], kernel: [], products: [] };
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        const row = box.top + y, column = box.left + x;
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        const pixel = inside ? inputs[(channel * height + row) * width + column] : 0;
        const weight = weights[((unit * channels + channel) * down + y) * across + x];
        part.patch.push(pixel);
        part.kernel.push(weight);
        part.products.push(pixel * weight);
        sum += pixel * weight;
      }
    }
    parts.push(part);
  }
  return { parts, sum, bias: made.biases[unit], value: sum + made.biases[unit], across };
}

// As few digits as still add up when they are rounded, from three on, or from fewer where the products are large.
function sumSaid(terms) {
  const rounded = (value, digits) => Number(value.toFixed(digits));
  let digits = digitsOf(terms);
  const off = () => Math.abs(rounded(terms.sum, digits) + rounded(terms.bias, digits) - rounded(terms.value, digits));
  while (digits > 0 && digits < 6 && off() > 1e-9) digits++;
  const said = (value) => written(value, digits);
  return fill(document.body.dataset.sum, { sum: said(terms.sum), bias: said(terms.bias), value: said(terms.value) });
}
function digitsOf(terms) {
  const products = terms.parts.flatMap((part) => part.products);
  const whole = [terms.sum, terms.bias].every((value) => Math.abs(value - Math.round(value)) < 1e-4);
  const largest = Math.max(Math.abs(terms.sum), ...products.map(Math.abs));
  if (whole && largest >= 0.5) return 0;
  return largest >= 100 ? 1 : largest >= 10 ? 2 : 3;
}
function gridShown(values, across) {
  const grid = element("div", ""), limit = Math.max(...values.map(Math.abs)) || 1;
  grid.className = across > 5 ? "grid few" : "grid";
  grid.style.gridTemplateColumns = `repeat(${across}, auto)`;
  const whole = values.every((value) => Math.abs(value - Math.round(value)) < 1e-4);
  for (const value of values) {
    const cell = element("span", across > 5 ? "" : written(value, whole ? 0 : limit >= 10 ? 1 : 2));
    const color = value < 0 ? "37, 103, 176" : "192, 40, 46";
    cell.style.background = `rgba(${color}, ${0.5 * Math.abs(value) / limit})`;
    grid.append(cell);
  }
  return grid;
}
function sumShown(terms) {
  const shown = element("div", "");
  shown.className = "sum";
  shown.setAttribute("aria-hidden", "true");
  for (const { patch, kernel, products } of terms.parts) {
    const line = element("div", "");
    line.append(gridShown(patch, terms.across), "×", gridShown(kernel, terms.across), "=", gridShown(products, terms.across));
    shown.append(line);
  }
  return shown;
}

// What there is to say of a place of a map: its number, and of a first layer's the sum that it is.
function tellPlace(tile, row, column) {
  if (!tile.dataset.kernel && !tile.dataset.values) return [];
  const terms = tile.dataset.kernel && termsAt(tile, boxOf(tile, row, column));
  const cut = "relu" in tile.dataset && terms.value < 0;
  const value = cut ? "0" : terms ? written(terms.value, digitsOf(terms)) : figures(valueAt(tile, row, column));
  const told = [element("div", fill(document.body.dataset.value, { value, row, column }))];
  if (terms) told.push(sumShown(terms), element("div", sumSaid(terms) + (cut ? `; ${document.body.dataset.relu}` : "")));
  return told;
}
