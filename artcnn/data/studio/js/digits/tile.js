// Numbers as small pictures, and as cells in which they are written.

import { html, useLayoutEffect, useRef } from '../../vendor/htm-preact.js';
import { barOf, colorOf, css, inkOn, paint } from './colors.js';

export const round = (value, digits = 2) => {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
};

// A canvas with a color for each number.
export function Tile({ values, height, width, scale, ...rest }) {
  const canvas = useRef(null);
  useLayoutEffect(() => paint(canvas.current.getContext('2d'), values, height, width, scale), [values, height, width, scale.high]);
  return html`<canvas ref=${canvas} width=${width} height=${height} ...${rest}></canvas>`;
}

// Numbers written into colored cells. `marked` is the number of the cell that is framed.
export function Numbers({ values, width, scale, marked = null, label }) {
  return html`
    <div class="numbers" role="img" aria-label=${`${label}: ${values.map((value) => round(value)).join(', ')}`} style=${{ '--across': width }}>
      ${values.map((value, index) => {
        const color = colorOf(value, scale);
        return html`<span key=${index} class=${index === marked ? 'marked' : ''} style=${{ background: css(color), color: inkOn(color) }}>${round(value)}</span>`;
      })}
    </div>`;
}

export function Scale({ scale }) {
  return html`
    <span class="scale"><span>${round(scale.low, 1)}</span><span class="bar" style=${{ background: barOf(scale) }}></span><span>${scale.low < 0 ? '+' : ''}${round(scale.high, 1)}</span></span>`;
}
