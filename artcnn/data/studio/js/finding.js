// What a method of `artcnn inspect` has found: its pictures, each with its caption, and the scale of its colors.

import { html } from '../vendor/htm-preact.js';
import { pictureOf } from './live.js';

export function Key({ scale }) {
  if (!scale) return null;
  if (scale.names) {
    return html`<p class="legend">${scale.names.map(({ name, color }) => html`
      <span key=${name}><i style=${{ background: `rgb(${color.join(' ')})` }}></i>${name}</span>`)}</p>`;
  }
  return html`<p class="scale"><span>${scale.ends[0]}</span><img src=${pictureOf(scale.bar)} class="bar" alt="" /><span>${scale.ends[1]}</span><span class="of">${scale.label}</span></p>`;
}

// Each scale stands once, below the pictures that share it.
export function Finding({ finding }) {
  const scales = new Map();
  for (const { scale } of finding.pictures) if (scale) scales.set(JSON.stringify([scale.label, scale.ends, scale.names]), scale);
  return html`
    <div class="finding">
      <h3>${finding.title}</h3>
      <ul class="tiles">
        ${finding.pictures.map((one, number) => html`
          <li key=${number}><figure>
            <img src=${pictureOf(one.picture)} alt=${[one.group, one.caption].filter(Boolean).join(': ')} width=${one.width} height=${one.height} />
            <figcaption>${one.caption}</figcaption>
          </figure></li>`)}
      </ul>
      ${[...scales].map(([name, scale]) => html`<${Key} key=${name} scale=${scale} />`)}
      ${finding.note && html`<p class="quiet">${finding.note}</p>`}
    </div>`;
}
