// Read a safetensors file: eight bytes with the length of a JSON header, the header, then the numbers.

// {name: {shape, data: Float32Array}}
export function parseSafetensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const tensors = {};
  for (const [name, facts] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: [from, to] } = facts;
    if (dtype !== 'F32') throw new Error(`${name} is ${dtype}, and not float32`);
    tensors[name] = { shape, data: new Float32Array(buffer.slice(8 + length + from, 8 + length + to)) };
  }
  return tensors;
}
