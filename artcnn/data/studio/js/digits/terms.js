// How one number of a layer is made of the numbers of the layer before, and which others it depends on.

// A unit's place: {layer: index, unit, y, x}. Layers behind `flatten` have one place: y and x are 0.

export const valueAt = (network, values, { layer, unit, y, x }) => values[layer][indexOf(network.layers[layer], { unit, y, x })];

const indexOf = ({ height, width }, { unit, y, x }) => (unit * height + y) * width + x;

export function placeOf({ height, width }, index) {
  return { unit: Math.floor(index / (height * width)), y: Math.floor(index / width) % height, x: index % width };
}

// What a number is made of:
//   {kind: 'sum', groups, bias, sum, value}; a group is what comes from one map: {map, top, left, height, width, inputs, weights, products, sum}
//   {kind: 'pool', inputs, winner, pooling, value, map, top, left}; `winner` is the place of the largest of the four
//   {kind: 'same' | 'relu', input, from, value}; `from` is the place of the one number that it reads
export function termsOf(network, values, at, pooling) {
  const layer = network.layers[at.layer];
  const before = network.layers[at.layer - 1];
  const input = values[at.layer - 1];
  const value = valueAt(network, values, at);
  const window = (map, top, left, height, width) => Array.from({ length: height * width }, (_, step) => (
    input[indexOf(before, { unit: map, y: top + Math.floor(step / width), x: left + (step % width) })]));
  if (layer.kind === 'convolution') return { ...sumOf(network, layer, at, value, before.channels, 3, 3, (map) => window(map, at.y, at.x, 3, 3)), top: at.y, left: at.x };
  if (layer.kind === 'connected') {
    const { channels, height, width } = sourceOf(network, at.layer);
    const size = height * width;
    return { ...sumOf(network, layer, at, value, channels, height, width, (map) => Array.from(input.subarray(map * size, (map + 1) * size))), top: 0, left: 0 };
  }
  if (layer.kind === 'pooling') {
    const inputs = window(at.unit, 2 * at.y, 2 * at.x, 2, 2);
    return { kind: 'pool', inputs, winner: inputs.indexOf(Math.max(...inputs)), pooling, value, map: at.unit, top: 2 * at.y, left: 2 * at.x };
  }
  const from = { layer: at.layer - 1, ...placeOf(before, indexOf(layer, at)) };
  return { kind: layer.kind === 'relu' ? 'relu' : 'same', input: valueAt(network, values, from), from, value };
}

// The shape in which a fully connected layer's inputs are shown: as the maps that were flattened, or as they are.
function sourceOf(network, index) {
  const before = network.layers[index - 1];
  return before.kind === 'flatten' ? network.layers[index - 2] : { channels: 1, height: before.channels / 10, width: 10 };
}

function sumOf(network, { name }, { unit }, value, channels, height, width, inputsOf) {
  const size = height * width;
  const all = network.weight(name).subarray(unit * channels * size, (unit + 1) * channels * size);
  const groups = Array.from({ length: channels }, (_, map) => {
    const inputs = inputsOf(map);
    const weights = Array.from(all.subarray(map * size, (map + 1) * size));
    const products = inputs.map((number, step) => number * weights[step]);
    return { map, height, width, inputs, weights, products, sum: products.reduce((one, other) => one + other) };
  });
  return { kind: 'sum', groups, bias: network.bias(name)[unit], sum: groups.reduce((sum, group) => sum + group.sum, 0), value };
}

// Which places of each layer before a number depends on (and its own): by index of the layer {top, left, height, width,
// map}; `map` is null where all maps are read. Null where all places are.
export function fieldsOf(network, at) {
  const fields = new Map();
  let field = network.layers[at.layer].height > 1 ? { top: at.y, left: at.x, height: 1, width: 1, map: at.unit } : null;
  for (let index = at.layer; index >= 0; index--) {
    fields.set(index, field);
    const { kind } = network.layers[index];
    if (kind === 'flatten' && index === at.layer) {
      const { unit, y, x } = placeOf(network.layers[index - 1], at.unit);
      field = { top: y, left: x, height: 1, width: 1, map: unit };
    } else if (field && kind === 'pooling') {
      field = { ...field, top: 2 * field.top, left: 2 * field.left, height: 2 * field.height, width: 2 * field.width };
    } else if (field && kind === 'convolution') {
      field = { top: field.top, left: field.left, height: field.height + 2, width: field.width + 2, map: index === 1 ? 0 : null };
    }
  }
  return fields;
}

const CHANGED = 1e-6;
const CLEARLY = 0.01;

// Whether a number is read by none behind it: where another of its four is larger, or where a ReLU makes it 0, or at an
// edge that the pooling leaves out.
export function isLost(network, values, at, pooling) {
  const next = network.layers[at.layer + 1];
  if (next?.kind === 'relu') return valueAt(network, values, at) <= 0;
  if (next?.kind !== 'pooling') return false;
  const reader = { layer: at.layer + 1, unit: at.unit, y: Math.floor(at.y / 2), x: Math.floor(at.x / 2) };
  if (reader.y >= next.height || reader.x >= next.width) return true;
  return pooling === 'max' && termsOf(network, values, reader, pooling).winner !== 2 * (at.y % 2) + (at.x % 2);
}

// Where a number goes: all layers behind it, compared with what they give where this number is 0.
// {without, steps: [{layer, marks, strongest: {place, before, after}}]}; marks are the changed numbers' indices, the strongest
// is the one that changes most of those that go further.
// The steps end where nothing is changed any more.
export function follow(network, values, at, pooling) {
  if (isLost(network, values, at, pooling)) return { without: values, steps: [] };
  const own = values[at.layer].slice();
  own[indexOf(network.layers[at.layer], at)] = 0;
  const without = network.goOn([...values.slice(0, at.layer), own], pooling);
  const steps = [];
  for (let layer = at.layer + 1; layer < network.layers.length; layer++) {
    const [now, then] = [values[layer], without[layer]];
    const changeOf = (index) => Math.abs(now[index] - then[index]);
    const marks = [];
    for (let index = 0; index < now.length; index++) if (changeOf(index) > CHANGED) marks.push(index);
    if (marks.length === 0) break;
    const places = new Map(marks.map((index) => [index, { layer, ...placeOf(network.layers[layer], index) }]));
    const going = marks.filter((index) => !isLost(network, values, places.get(index), pooling));  // those that are read further on
    const strongest = (going.length > 0 ? going : marks).reduce((best, index) => (changeOf(index) > changeOf(best) ? index : best));
    steps.push({ layer, marks, strongest: { place: places.get(strongest), before: now[strongest], after: then[strongest] } });
  }
  return { without, steps };
}

// A number of the first maps to begin with: the largest that is clearly the largest of its four, so that it goes on.
export function firstPlace(network, values) {
  const [{ height, width }, pooled] = [network.layers[1], network.layers[2]];
  const maps = values[1];
  let [best, largest] = [0, -Infinity];
  for (let unit = 0; unit < pooled.channels; unit++) {
    for (let y = 0; y < pooled.height; y++) {
      for (let x = 0; x < pooled.width; x++) {
        const corner = (unit * height + 2 * y) * width + 2 * x;
        let [at, first, second] = [corner, -Infinity, -Infinity];
        for (let step = 0; step < 4; step++) {
          const place = corner + (step >> 1) * width + (step & 1);
          if (maps[place] > first) [at, first, second] = [place, maps[place], first];
          else if (maps[place] > second) second = maps[place];
        }
        if (first - second > CLEARLY && first > largest) [best, largest] = [at, first];
      }
    }
  }
  return { layer: 1, ...placeOf(network.layers[1], best) };
}

// `conv2:7:3:4`; addresses have points instead of colons, which they would encode.
export function nameOf(network, { layer, unit, y, x }) {
  const { name, height } = network.layers[layer];
  return height > 1 ? `${name}:${unit}:${y}:${x}` : `${name}:${unit}`;
}

// The place that an address names, or null.
export function placeNamed(network, text) {
  const [, name, ...numbers] = /^([a-z0-9]+)\.(\d{1,4})(?:\.(\d{1,2})\.(\d{1,2}))?$/.exec(text ?? '') ?? [];
  const layer = network.indexOf(name);
  if (layer < 1) return null;
  const [unit, y, x] = numbers.map((number) => Number(number ?? 0));
  const { channels, height, width } = network.layers[layer];
  return unit < channels && y < height && x < width ? { layer, unit, y, x } : null;
}
