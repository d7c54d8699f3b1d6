// The photo as the network is shown it; a place can be pointed at, and what the chosen layer sees there is framed.

import { html, useRef } from '../../vendor/htm-preact.js';
import { pictureOf } from '../live.js';
import { t } from '../words.js';

const STEP = 8;  // pixels that an arrow key moves

// put([row, column]) points at a place.
export function Seen({ input, point, at, layer, put }) {
  const frame = useRef(null);
  const { answer } = input;
  if (!answer) {
    return html`<div class="seen-photo empty" aria-busy="true">${input.trouble && html`<p class="trouble" role="alert">${input.trouble}</p>`}</div>`;
  }
  const { height, width } = answer;
  const keep = (value, count) => Math.min(count - 1, Math.max(0, Math.round(value)));
  const go = (y, x) => put([keep(y, height), keep(x, width)]);
  const click = (event) => {
    const box = frame.current.getBoundingClientRect();
    go(((event.clientY - box.top) / box.height) * height - 0.5, ((event.clientX - box.left) / box.width) * width - 0.5);
  };
  const key = (event) => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    const [y, x] = at ?? [height / 2, width / 2];
    go(y + STEP * by[0], x + STEP * by[1]);
  };
  const [top, left, high, wide] = point?.field ?? [];
  return html`
    <div ref=${frame} class="seen-photo" style=${{ '--ratio': width / height }} tabindex="0" role="application" aria-describedby="photo-keys"
      aria-label=${at && layer ? t('photo_at', { y: at[0], x: at[1], layer: layer.name }) : t('photo_seen')} onClick=${click} onKeyDown=${key}>
      <img src=${pictureOf(answer.picture)} alt=${t('photo_seen')} width=${width} height=${height} draggable=${false} />
      <svg viewBox=${`0 0 ${width} ${height}`} aria-hidden="true">
        ${point && at && html`<rect class="field" x=${left} y=${top} width=${wide} height=${high} />`}
        ${at && html`<circle class="spot" cx=${at[1] + 0.5} cy=${at[0] + 0.5} r="2.5" />`}
      </svg>
    </div>
    <p id="photo-keys" class="unseen">${t('photo_keys')}</p>
    ${answer.doubt && html`<p class="help quiet">${answer.doubt}</p>`}`;
}
