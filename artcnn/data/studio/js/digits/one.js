// One number: where it stands, and how it is computed.

import { html, useMemo, useRef } from '../../vendor/htm-preact.js';
import { Icon } from '../icons.js';
import { t } from '../words.js';
import { ink, scaleOf } from './colors.js';
import { softmax } from './network.js';
import { Arithmetic } from './sum.js';
import { valueAt } from './terms.js';
import { Tile, round } from './tile.js';

// terms, fields: as terms.js has them, of this place; choose(place) looks at another, close() at none.
export function One({ network, values, at, terms, fields, choose, close, children }) {
  const layer = network.layers[at.layer];
  const probabilities = softmax(values[values.length - 1]);
  const value = valueAt(network, values, at);
  return html`
    <aside class="one" aria-labelledby="one-title">
      <header>
        <${Seen} pixels=${values[0]} field=${fields.get(0) ?? { top: 0, left: 0, height: 28, width: 28 }} />
        ${layer.height > 1 && html`<${Map} layer=${layer} values=${values[at.layer]} at=${at} choose=${choose} />`}
        <div class="grow">
          <h2 id="one-title">${layer.name}:${at.unit}</h2>
          <p class="quiet">${layer.height > 1 ? t('digits_place', { y: at.y, x: at.x }) : t(`digits_unit_${layer.kind}`)}</p>
          <output class="value">${round(value, 3)}</output>
          ${layer.height > 1 && html`<p class="quiet">${t(layer.kind === 'convolution' ? 'digits_map_convolution' : 'digits_map_pooling')}</p>`}
        </div>
        <button type="button" class="bare" aria-label=${t('digits_close')} onClick=${close}><${Icon} name="close" /></button>
      </header>
      <h3>${t('digits_arithmetic')}</h3>
      <${Arithmetic} network=${network} values=${values} at=${at} terms=${terms} probabilities=${probabilities} choose=${choose} />
      ${children}
    </aside>`;
}

// What the network sees, and of it what this number depends on. On a desktop the drawing itself is in view.
function Seen({ pixels, field: { top, left, height, width } }) {
  return html`
    <div class="seen" aria-hidden="true">
      <${Tile} values=${pixels} height=${28} width=${28} scale=${ink} />
      <svg viewBox="0 0 28 28"><rect class="field" x=${left} y=${top} width=${width} height=${height} /></svg>
    </div>`;
}

// The unit's map, large: any of its numbers can be chosen.
function Map({ layer, values, at, choose }) {
  const frame = useRef(null);
  const { height, width } = layer;
  const map = useMemo(() => values.subarray(at.unit * height * width, (at.unit + 1) * height * width), [values, at.unit, layer]);
  const put = (y, x) => choose({ ...at, y: Math.min(height - 1, Math.max(0, y)), x: Math.min(width - 1, Math.max(0, x)) });
  const point = (event) => {
    const box = frame.current.getBoundingClientRect();
    put(Math.floor(((event.clientY - box.top) / box.height) * height), Math.floor(((event.clientX - box.left) / box.width) * width));
  };
  const key = (event) => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    put(at.y + by[0], at.x + by[1]);
  };
  return html`
    <div class="large" ref=${frame} tabindex="0" role="application" aria-label=${t('digits_map', { unit: `${layer.name}:${at.unit}`, y: at.y, x: at.x })}
      onClick=${point} onKeyDown=${key}>
      <${Tile} values=${map} height=${height} width=${width} scale=${scaleOf(layer, values)} />
      <svg viewBox=${`0 0 ${width} ${height}`} aria-hidden="true"><rect class="unit" x=${at.x} y=${at.y} width="1" height="1" /></svg>
    </div>`;
}
