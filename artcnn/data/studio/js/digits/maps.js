// The layers one below the other, each with all of its maps: what is pointed at is looked into.

import { html, useLayoutEffect, useRef } from '../../vendor/htm-preact.js';
import { t } from '../words.js';
import { paint, scaleOf } from './colors.js';
import { placeOf } from './terms.js';
import { Scale, round } from './tile.js';

const GAP = 1;  // pixels of a map between two of them

// How a layer's numbers are laid out: {columns, rows, height, width, gap} of maps; the numbers of a layer without maps are
// maps of 1 x 1.
export function layoutOf({ name, channels, height, width }, narrow) {
  const columns = {
    25: narrow ? 9 : 13, 50: narrow ? 10 : 17, 1250: narrow ? 125 : 250, 100: narrow ? 25 : 50, 10: 10,
  }[channels] ?? channels;
  return { name, columns, rows: Math.ceil(channels / columns), height, width, gap: height > 1 ? GAP * Math.ceil(height / 10) : 0 };
}

const cornerOf = ({ columns, height, width, gap }, unit) => ({
  left: (unit % columns) * (width + gap), top: Math.floor(unit / columns) * (height + gap),
});

// props: network, index of the layer, values of all layers, narrow; at: the place that is looked at, or null; fields and
// steps: what it reads and where it goes; hover(place), choose(place).
export function Layer({ network, index, values, narrow, at, fields, marks, hover, choose }) {
  const layer = network.layers[index];
  const layout = layoutOf(layer, narrow);
  const { columns, rows, height, width, gap } = layout;
  const size = { width: columns * (width + gap) - gap, height: rows * (height + gap) - gap };
  const canvas = useRef(null);
  const scale = scaleOf(layer, values[index]);
  useLayoutEffect(() => {
    const context = canvas.current.getContext('2d');
    context.clearRect(0, 0, size.width, size.height);
    for (let unit = 0; unit < layer.channels; unit++) {
      const { left, top } = cornerOf(layout, unit);
      paint(context, values[index].subarray(unit * height * width, (unit + 1) * height * width), height, width, scale, left, top);
    }
  }, [values[index], narrow]);

  const placeAt = (event) => {
    const box = canvas.current.getBoundingClientRect();
    const left = ((event.clientX - box.left) / box.width) * size.width;
    const top = ((event.clientY - box.top) / box.height) * size.height;
    const column = Math.min(columns - 1, Math.max(0, Math.floor((left + gap / 2) / (width + gap))));
    const row = Math.min(rows - 1, Math.max(0, Math.floor((top + gap / 2) / (height + gap))));
    const unit = row * columns + column;
    if (unit >= layer.channels) return null;
    const corner = cornerOf(layout, unit);
    const inside = (value, count) => Math.min(count - 1, Math.max(0, Math.floor(value)));
    return { layer: index, unit, y: inside(top - corner.top, height), x: inside(left - corner.left, width) };
  };
  const own = at?.layer === index ? at : null;
  const key = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const unit = Math.min(layer.channels - 1, Math.max(0, own ? own.unit + by : 0));
    const last = own ?? { y: Math.floor(height / 2), x: Math.floor(width / 2) };
    choose({ layer: index, unit, y: last.y, x: last.x });
  };
  const move = (event) => { if (event.pointerType === 'mouse') hover(placeAt(event)); };
  const shape = height > 1 ? `${layer.channels} × ${height} × ${width}` : `${layer.channels}`;
  return html`
    <section class=${`layer ${own ? 'shown' : ''}`} aria-labelledby=${`layer-${layer.name}`}>
      <h2 id=${`layer-${layer.name}`}>${layer.name} <small>${t(`digits_about_${layer.kind}`)} · ${shape}</small></h2>
      <${Scale} scale=${scale} />
      <div class="maps" style=${{ '--ratio': size.width / size.height }}>
        <canvas ref=${canvas} width=${size.width} height=${size.height} tabindex="0" role="application"
          aria-label=${t('digits_maps', { layer: layer.name, unit: own ? own.unit : 0 })} aria-describedby="maps-keys" onPointerMove=${move}
          onPointerLeave=${() => hover(null)} onClick=${(event) => choose(placeAt(event))} onKeyDown=${key}></canvas>
        <svg viewBox=${`0 0 ${size.width} ${size.height}`} aria-hidden="true">
          ${marksOf(layer, layout, marks).map((mark, number) => html`<rect key=${`to${number}`} class="reaches" ...${mark} />`)}
          ${fieldsOn(layer, layout, fields).map((mark, number) => html`<rect key=${`from${number}`} class="field" ...${mark} />`)}
          ${own && html`<rect class="unit" x=${cornerOf(layout, own.unit).left} y=${cornerOf(layout, own.unit).top} width=${width} height=${height} />`}
        </svg>
      </div>
    </section>`;
}

// What is read, on each map that is: {top, left, height, width, map}.
function fieldsOn({ channels }, layout, field) {
  if (!field) return [];
  const units = field.map === null ? [...Array(channels).keys()] : [field.map];
  return units.map((unit) => {
    const { left, top } = cornerOf(layout, unit);
    return { x: left + field.left, y: top + field.top, width: field.width, height: field.height };
  });
}

// The smallest box around the changed numbers of each map.
function marksOf(layer, layout, marks) {
  if (!marks || (layer.height === 1 && marks.length > 60)) return [];
  const boxes = new Map();
  for (const index of marks) {
    const { unit, y, x } = placeOf(layer, index);
    const box = boxes.get(unit) ?? { top: y, left: x, bottom: y, right: x };
    boxes.set(unit, { top: Math.min(box.top, y), left: Math.min(box.left, x), bottom: Math.max(box.bottom, y), right: Math.max(box.right, x) });
  }
  return [...boxes].map(([unit, box]) => {
    const { left, top } = cornerOf(layout, unit);
    return { x: left + box.left, y: top + box.top, width: box.right - box.left + 1, height: box.bottom - box.top + 1 };
  });
}

// The ten answers, with their probabilities.
export function Answers({ probabilities, own, choose, isEmpty }) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  return html`
    <ol class="answers" aria-label=${t('digits_answers')}>
      ${probabilities.map((probability, digit) => html`
        <li key=${digit}><button type="button" class=${digit === best && !isEmpty ? 'best' : ''} aria-pressed=${own === digit ? 'true' : 'false'} onClick=${() => choose(digit)}
          aria-label=${t('digits_answer', { digit, percent: round(100 * probability, 1) })}>
          <b>${digit}</b><span class="bar" style=${{ '--part': probability }}></span><span class="percent">${round(100 * probability, 1)} %</span>
        </button></li>`)}
    </ol>`;
}
