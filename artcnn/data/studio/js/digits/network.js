// The lecture's network, computed here: artcnn/nets/mnist.py, `lecture`, with the weights of mnist-lecture.

import { parseSafetensors } from './safetensors.js';

export const NETWORK = 'mnist-lecture';
export const TRAINED_WITH = 'max';  // the pooling

export class Network {
  // tensors: as they are in the file.
  constructor(tensors) {
    this.tensors = tensors;
    const layer = (name, kind, channels, height = 1, width = 1) => ({ name, kind, channels, height, width, count: channels * height * width });
    const [first] = tensors['conv1.weight'].shape;
    const [second] = tensors['conv2.weight'].shape;
    const [hidden, inputs] = tensors['fc1.weight'].shape;
    const [answers] = tensors['logits.weight'].shape;
    this.layers = [
      layer('input', 'input', 1, 28, 28),
      layer('conv1', 'convolution', first, 26, 26),
      layer('pool1', 'pooling', first, 13, 13),
      layer('conv2', 'convolution', second, 11, 11),
      layer('pool2', 'pooling', second, 5, 5),
      layer('flatten', 'flatten', inputs),
      layer('fc1', 'connected', hidden),
      layer('relu1', 'relu', hidden),
      layer('logits', 'connected', answers),
    ];
  }

  indexOf(name) { return this.layers.findIndex((layer) => layer.name === name); }

  weight(name) { return this.tensors[`${name}.weight`].data; }

  bias(name) { return this.tensors[`${name}.bias`].data; }

  // What every layer gives, in order, the input first: a Float32Array each, (channels, height, width).
  forward(pixels, pooling) { return this.goOn([pixels], pooling); }

  // The same, where the values of the first layers are there already.
  goOn(values, pooling) {
    const all = [...values];
    for (let index = values.length; index < this.layers.length; index++) all.push(this.apply(index, all[index - 1], pooling));
    return all;
  }

  apply(index, input, pooling) {
    const { name, kind } = this.layers[index];
    const before = this.layers[index - 1];
    if (kind === 'convolution') return convolve(input, before, this.weight(name), this.bias(name), this.layers[index]);
    if (kind === 'pooling') return pool(input, before, this.layers[index], pooling);
    if (kind === 'connected') return connect(input, this.weight(name), this.bias(name));
    return kind === 'relu' ? input.map((value) => Math.max(0, value)) : input.slice();
  }
}

function convolve(input, { channels, height, width }, weight, bias, out) {
  const result = new Float32Array(out.count);
  const sums = new Float64Array(out.height * out.width);
  for (let unit = 0; unit < out.channels; unit++) {
    sums.fill(bias[unit]);
    for (let channel = 0; channel < channels; channel++) {
      const [a, b, c, d, e, f, g, h, i] = weight.subarray((unit * channels + channel) * 9, (unit * channels + channel) * 9 + 9);
      for (let y = 0; y < out.height; y++) {
        let top = (channel * height + y) * width;
        let middle = top + width;
        let bottom = middle + width;
        for (let place = y * out.width, end = place + out.width; place < end; place++, top++, middle++, bottom++) {
          sums[place] += a * input[top] + b * input[top + 1] + c * input[top + 2]
            + d * input[middle] + e * input[middle + 1] + f * input[middle + 2]
            + g * input[bottom] + h * input[bottom + 1] + i * input[bottom + 2];
        }
      }
    }
    result.set(sums, unit * sums.length);
  }
  return result;
}

// Of each 2 x 2 the largest number or the mean; an odd last row or column is left out.
function pool(input, { height, width }, out, pooling) {
  const result = new Float32Array(out.count);
  let index = 0;
  for (let unit = 0; unit < out.channels; unit++) {
    for (let y = 0; y < out.height; y++) {
      for (let x = 0; x < out.width; x++, index++) {
        const at = (unit * height + 2 * y) * width + 2 * x;
        const [a, b, c, d] = [input[at], input[at + 1], input[at + width], input[at + width + 1]];
        result[index] = pooling === 'max' ? Math.max(a, b, c, d) : (a + b + c + d) / 4;
      }
    }
  }
  return result;
}

function connect(input, weight, bias) {
  return bias.map((start, unit) => {
    let sum = start;
    for (let index = 0, at = unit * input.length; index < input.length; index++, at++) sum += weight[at] * input[index];
    return sum;
  });
}

export function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((one, other) => one + other);
  return powers.map((power) => power / sum);
}

export async function loadNetwork() {
  const response = await fetch(`/api/networks/${NETWORK}.safetensors`);
  if (!response.ok) throw new Error(`the network could not be loaded: ${response.status}`);
  return new Network(parseSafetensors(await response.arrayBuffer()));
}
