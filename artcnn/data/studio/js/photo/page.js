// The classroom page on photos: what the layers of a network make of one, unit by unit.

import { html, useState } from '../../vendor/htm-preact.js';
import { get, thumbnail } from '../api.js';
import { useAsked } from '../asked.js';
import { Camera } from '../camera.js';
import { ChooseFile, Drop, Uploads, useDropAnywhere } from '../picker.js';
import { send } from '../uploads.js';
import { phrase, spoken, t } from '../words.js';
import { Maps, SHOWN } from './maps.js';
import { Seen } from './seen.js';
import { Unit, short } from './unit.js';

const NETWORKS = ['vgg16', 'efficientnet-lite0', 'alexnet11'];
const BEGIN = { vgg16: 'relu3_3', 'efficientnet-lite0': 'block3_2' };
const FIRST = 'cat.webp';
const SIDE = 96;  // pixels of a map's longer side

export async function load() {
  const [samples, known] = await Promise.all([get('/api/samples'), get('/api/live/networks')]);
  return { samples: samples.filter(({ kind }) => kind === 'photo'), networks: NETWORKS.filter((name) => known.some((one) => one.name === name)) };
}

// The address has: `photo`, a file's sha256 or the name of a sample; `network`; `layer`; `unit`, a number; `at`, the row and the
// column in the picture that was pointed at.
function fileOf({ photo }, samples) {
  if (/^[0-9a-f]{64}$/.test(photo ?? '')) return photo;
  return (samples.find(({ name }) => name === photo) ?? samples.find(({ name }) => name === FIRST) ?? samples[0]).sha256;
}

const placeOf = ({ at }) => (/^\d{1,4}\.\d{1,4}$/.test(at ?? '') ? at.split('.').map(Number) : null);

// The layers that have maps, and of them the one that is shown; none before it is known what the network is made of.
function layersOf({ layer }, network, description) {
  const all = description?.layers.filter(({ height }) => height > 1) ?? [];
  return { all, layer: all.find(({ name }) => name === layer) ?? all.find(({ name }) => name === BEGIN[network]) ?? all[0] };
}

export function Page({ state, change, samples, networks }) {
  const network = networks.includes(state.network) ? state.network : networks[0];
  const described = useAsked('layers', network && { network });
  const description = described.busy ? null : described.answer;
  const { all, layer } = layersOf(state, network, description);
  const unit = /^\d{1,5}$/.test(state.unit ?? '') && Number(state.unit) < (layer?.channels ?? 0) ? Number(state.unit) : null;
  const [at, file] = [placeOf(state), fileOf(state, samples)];
  const [uploads, setUploads] = useState([]);
  const asked = { network, input: { file } };
  const lang = spoken();
  const seen = useAsked('input', network && { ...asked, lang });
  const answers = useAsked('answer', description?.classes.length > 0 ? { ...asked, first: 5, lang } : null);
  const maps = useAsked('maps', layer && { ...asked, layer: layer.name, first: SHOWN, side: SIDE, lang });
  const point = useAsked('point', layer && at ? { ...asked, layer: layer.name, y: at[0], x: at[1] } : null);
  const found = maps.answer?.layer === layer?.name ? maps.answer : null;

  const told = (one) => setUploads((every) => [...every.filter(({ number }) => number !== one.number), one]);
  const dismiss = (one) => {
    URL.revokeObjectURL(one.url);
    setUploads((every) => every.filter(({ number }) => number !== one.number));
  };
  const take = (files) => send(files.slice(0, 1), 'seen', told, (one, kept) => {
    dismiss(one);
    change({ photo: kept.sha256, at: null });
  });
  useDropAnywhere(take);

  if (!network) return html`<main class="message"><p>${t('photo_no_network')}</p></main>`;
  const choose = (next) => change({ unit: next });
  return html`
    <main class="photos-page">
      <header class="intro"><h1>${t('photo_title')}</h1><p>${t('photo_text')}</p></header>
      <div class="bench">
        <section class="looked-at" aria-label=${t('photo')}>
          <${Drop} class="place" take=${take}>
            <${Seen} input=${seen} point=${point.answer} at=${at} layer=${layer} put=${([y, x]) => change({ at: `${y}.${x}` })} />
          <//>
          <div class="row">
            <${ChooseFile} label=${t('choose_photo')} icon="picture" take=${take} />
            <${Camera} take=${take} />
          </div>
          <${Uploads} uploads=${uploads} dismiss=${dismiss} />
          <ul class="samples" aria-label=${t('or_sample')}>
            ${samples.map((one) => html`
              <li key=${one.name}><button type="button" class="sample" title=${phrase(one.title)} aria-pressed=${one.sha256 === file ? 'true' : 'false'} onClick=${() => change({ photo: one.name, at: null })}>
                <img src=${thumbnail(one.sha256)} alt=${phrase(one.title)} width="96" height="72" /></button></li>`)}
          </ul>
          ${answers.answer && html`<${Best} answers=${answers.answer.answers} />`}
          ${layer && html`<${Here} point=${point} layer=${layer} at=${at} chosen=${unit} choose=${choose} />`}
        </section>
        <${Maps} network=${network} networks=${networks} described=${described} all=${all} layer=${layer} maps=${maps} found=${found} unit=${unit} choose=${choose} change=${change} />
        <${Unit} network=${network} layer=${layer} unit=${unit} map=${found?.maps.find((one) => one.unit === unit)} ratio=${found ? found.width / found.height : 1} close=${() => choose(null)} />
      </div>
    </main>`;
}

function Best({ answers }) {
  return html`
    <section class="best-answers" aria-labelledby="best-title">
      <h2 id="best-title">${t('photo_answers')}</h2>
      <ol>${answers.map(({ name, probability }) => html`<li key=${name}><span>${name}</span><span>${(100 * probability).toFixed(1)} %</span></li>`)}</ol>
    </section>`;
}

// What is excited at the place that was pointed at.
function Here({ point, layer, at, chosen, choose }) {
  if (!at) return html`<p class="help quiet">${t('photo_point')}</p>`;
  if (point.trouble) return html`<p class="trouble" role="alert">${point.trouble}</p>`;
  if (!point.answer) return html`<p class="help quiet">${t('photo_asking')}</p>`;
  const [, , height, width] = point.answer.field;
  const most = point.answer.units[0].value;
  return html`
    <section class="here" aria-labelledby="here-title" aria-live="polite">
      <h2 id="here-title">${t('photo_here', { layer: layer.name })}</h2>
      <p class="help quiet">${t('photo_here_text', { height, width })}</p>
      ${most <= 0 ? html`<p>${t('photo_here_silent')}</p>` : html`
        <ol>${point.answer.units.filter(({ value }) => value > 0).slice(0, 8).map((one) => html`
          <li key=${one.unit}><button type="button" aria-pressed=${one.unit === chosen ? 'true' : 'false'} onClick=${() => choose(one.unit)}>
            <b>${layer.name}:${one.unit}</b><span class="bar" style=${{ '--part': one.value / most }}></span><span>${short(one.value)}</span></button></li>`)}</ol>`}
    </section>`;
}
