// One unit: its map of the photo, the patches that it answers to most, and what it wants to see.

import { html, useEffect, useState } from '../../vendor/htm-preact.js';
import { Finding } from '../finding.js';
import { Icon } from '../icons.js';
import { ask, pictureOf } from '../live.js';
import { sentenceOf } from '../uploads.js';
import { spoken, t } from '../words.js';

const STEPS = 24;  // of the ascent: more make it neon, not clearer

export const short = (value) => Number(value.toPrecision(3)).toLocaleString(spoken());

export function Unit({ network, layer, unit, map, ratio, close }) {
  if (unit === null) return html`<aside class="one hint"><p class="quiet">${t('photo_choose_unit')}</p></aside>`;
  return html`
    <aside class="one" aria-labelledby="one-title">
      <header>
        ${map && html`<img class="own-map" src=${pictureOf(map.picture)} alt=${t('photo_own_map')} width="112" height=${Math.round(112 / ratio)} />`}
        <div class="grow">
          <h2 id="one-title">${layer.name}:${unit}</h2>
          <p class="quiet">${map ? t('photo_unit', { maximum: short(map.maximum), mean: short(map.mean) }) : t('photo_unit_elsewhere')}</p>
        </div>
        <button type="button" class="bare" aria-label=${t('digits_close')} onClick=${close}><${Icon} name="close" /></button>
      </header>
      <${Patches} key=${`patches ${network} ${layer.name} ${unit} ${spoken()}`} network=${network} layer=${layer.name} unit=${unit} />
      <${Wish} key=${`wish ${network} ${layer.name} ${unit} ${spoken()}`} network=${network} layer=${layer.name} unit=${unit} />
    </aside>`;
}

// The patches without the pictures that they are of; below each stands its number. A star: it touches the border.
function patchesAlone({ pictures, rows }) {
  return rows.map((row, number) => ({ ...pictures[number], caption: short(row.value) + (row.touches_border ? '*' : '') }));
}

// The search goes on a little with each question, so that other questions come between.
function Patches({ network, layer, unit }) {
  const [found, setFound] = useState(null);
  const [trouble, setTrouble] = useState(null);
  useEffect(() => {
    let wanted = true;
    const search = async () => {
      try {
        for (let more = true; more && wanted;) {
          const answer = await ask('patches', { network, layer, unit, count: 6, lang: spoken() }, 'unit');
          if (wanted) setFound(answer);
          more = answer.searched < answer.of;
        }
      } catch (error) {
        if (wanted) setTrouble(sentenceOf(error));
      }
    };
    search();
    return () => { wanted = false; };
  }, []);
  const alone = found && { ...found, title: t('photo_patches_of', { searched: found.searched, of: found.of }), pictures: patchesAlone(found) };
  return html`
    <h3>${t('photo_patches')}</h3>
    <p class="help quiet">${t('photo_patches_text')}</p>
    ${trouble && html`<p class="trouble" role="alert">${trouble}</p>`}
    ${(!found || found.searched < found.of) && !trouble && html`<progress value=${found?.searched ?? 0} max=${found?.of ?? 1} aria-label=${t('photo_searching')}></progress>`}
    ${found && html`<${Finding} finding=${alone} />`}`;
}

function Wish({ network, layer, unit }) {
  const [found, setFound] = useState({});
  const go = async () => {
    setFound({ busy: true });
    try {
      setFound({ finding: await ask('maximize', { network, layer, unit, steps: STEPS, lang: spoken() }, 'unit') });
    } catch (error) {
      setFound({ trouble: sentenceOf(error) });
    }
  };
  return html`
    <h3>${t('photo_wish')}</h3>
    <p class="help quiet">${t('photo_wish_text')}</p>
    ${found.trouble && html`<p class="trouble" role="alert">${found.trouble}</p>`}
    ${found.busy && html`<progress aria-label=${t('photo_asking')}></progress>`}
    ${found.finding ? html`<div class="wish"><${Finding} finding=${{ ...found.finding, title: t('photo_wish_of', { steps: STEPS }) }} /></div>`
    : html`<button type="button" class="button small" disabled=${found.busy} onClick=${go}>${t('photo_wish_go')}</button>`}`;
}
