// A layer of the network: how deep it is, and its maps of the photo.

import { html } from '../../vendor/htm-preact.js';
import { Key } from '../finding.js';
import { pictureOf } from '../live.js';
import { t } from '../words.js';
import { short } from './unit.js';

export const SHOWN = 60;

export function Maps({ network, networks, described, all, layer, maps, found, unit, choose, change }) {
  if (!layer) {
    return html`
    <section class="layer-maps">
      <${Depth} network=${network} networks=${networks} all=${all} layer=${layer} change=${change} />
      ${described.trouble ? html`<p class="trouble" role="alert">${described.trouble}</p>` : html`<p class="quiet" role="status">${t('photo_loading')}</p>`}
    </section>`;
  }
  return html`
    <section class="layer-maps" aria-labelledby="maps-title">
      <${Depth} network=${network} networks=${networks} all=${all} layer=${layer} change=${change} />
      <h2 id="maps-title">${t('photo_maps', { layer: layer.name, shown: Math.min(SHOWN, layer.channels), channels: layer.channels })}</h2>
      <p class="help quiet">${t(found?.scale?.low < 0 ? 'photo_maps_signed' : 'photo_maps_positive')}</p>
      ${maps.trouble && html`<p class="trouble" role="alert">${maps.trouble}</p>`}
      <ul class=${`unit-maps ${maps.busy ? 'busy' : ''}`} aria-busy=${maps.busy ? 'true' : 'false'} style=${{ '--ratio': found ? found.width / found.height : 1 }}>
        ${(found?.maps ?? []).map((one) => html`
          <li key=${one.unit}><button type="button" aria-pressed=${one.unit === unit ? 'true' : 'false'} onClick=${() => choose(one.unit)}
            aria-label=${t('photo_map', { unit: `${layer.name}:${one.unit}`, maximum: short(one.maximum) })}>
            <img src=${pictureOf(one.picture)} alt="" width=${found.width} height=${found.height} /><span>${one.unit}</span></button></li>`)}
      </ul>
      ${found && html`<${Key} scale=${found.scale} />`}
    </section>`;
}

// Which network, and how deep in it.
function Depth({ network, networks, all, layer, change }) {
  return html`
    <div class="depth">
      ${networks.length > 1 && html`
        <div class="segments" role="radiogroup" aria-label=${t('photo_network')}>
          ${networks.map((name) => html`
            <label key=${name}><input type="radio" class="unseen" name="network" checked=${name === network} onChange=${() => change({ network: name, layer: null, unit: null })} /><span>${name}</span></label>`)}
        </div>`}
      ${layer && html`<${Layers} all=${all} layer=${layer} choose=${(next) => change({ layer: next.name, unit: null })} />`}
    </div>`;
}

function Layers({ all, layer, choose }) {
  const [down, across] = layer.receptive_field ?? [];
  return html`
    <label class="deep"><span>${t('photo_depth')}</span>
      <input type="range" min="0" max=${all.length - 1} step="1" value=${all.indexOf(layer)} aria-valuetext=${layer.name} onInput=${(event) => choose(all[Number(event.target.value)])} /></label>
    <select aria-label=${t('photo_layer')} value=${layer.name} onChange=${(event) => choose(all.find(({ name }) => name === event.target.value))}>
      ${all.map(({ name }) => html`<option key=${name} value=${name} selected=${name === layer.name}>${name}</option>`)}
    </select>
    <p class="help quiet">${down ? t('photo_sees', { down, across }) : t('photo_sees_all')}</p>`;
}
