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

// Texts along the sides of a picture, at places from 0 to 1.
export function Axes({ axes, children }) {
  if (!axes) return children;
  const percent = (place) => `${100 * place}%`;
  return html`
    <div class="axes">
      <div class="down" aria-hidden="true">${axes.down.map(([place, text]) => html`<span key=${text} style=${{ top: percent(place) }}>${text}</span>`)}</div>
      ${children}
      <div class="across" aria-hidden="true">${axes.across.map(([place, text]) => html`<span key=${text} style=${{ left: percent(place) }}>${text}</span>`)}</div>
    </div>`;
}

// One picture with its axes and the scale of its colors.
export function Tile({ tile }) {
  return html`
    <figure class="tile">
      <${Axes} axes=${tile.axes}><img class="pixels" src=${pictureOf(tile.picture)} alt=${tile.caption} width=${tile.width} height=${tile.height} /><//>
      <figcaption>${tile.caption}</figcaption>
      <${Key} scale=${tile.scale} />
    </figure>`;
}

// A text of the report: *asterisks* stand around a term where it is explained.
export const explained = (text) => text.split('*').map((part, index) => (index % 2 ? html`<dfn>${part}</dfn>` : part));
