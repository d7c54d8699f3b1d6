// The painting whose style is taken; or several, each with a weight, and perhaps where it rules.

import { html } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Icon } from './icons.js';
import { MaskLine } from './maskline.js';
import { ChooseFile, Drop, Uploads } from './picker.js';
import { Shelf } from './shelf.js';
import { withPainting } from './wish.js';
import { phrase, t } from './words.js';

const titleOf = (painting, samples) => {
  const sample = samples.find(({ sha256 }) => sha256 === painting?.sha256);
  return sample ? phrase(sample.title) : painting?.name ?? t('choose_below');
};

// One of several: which the shelf changes, how much of it there is, and where.
function Part({ painting, index, wish, change, samples }) {
  const title = titleOf(painting, samples);
  const set = (changes) => change({ ...wish, paintings: wish.paintings.map((one, other) => (other === index ? { ...one, ...changes } : one)) });
  const remove = () => change({ ...wish, active: 0, paintings: wish.paintings.filter((_, other) => other !== index) });
  const masked = wish.kind === 'style' && wish.photos.length === 1;
  return html`
    <li class="part">
      <div class="part-head">
        <label><input type="radio" name="part" checked=${index === wish.active} onChange=${() => change({ ...wish, active: index })} />
          ${painting ? html`<img src=${api.thumbnail(painting.sha256)} alt="" width="40" height="40" />` : html`<span class="blank"></span>`}
          <b>${title}</b></label>
        <button type="button" class="bare" aria-label=${t('remove_one', { name: title })} title=${t('remove')} onClick=${remove}><${Icon} name="close" /></button>
      </div>
      ${painting && html`
        <label class="slider"><span>${t('weight')}</span>
          <input type="range" min="0" max="3" step="0.1" value=${painting.weight} aria-label=${`${t('weight')}: ${title}`} onInput=${(event) => set({ weight: Number(event.target.value) })} />
          <output>${painting.weight}</output></label>`}
      ${painting && masked && html`<${MaskLine} picture=${wish.photos[0]} role="rules" mask=${painting.mask} keep=${(mask) => set({ mask })} />`}
    </li>`;
}

export function Paintings({ wish, change, take, samples, uploads, dismiss }) {
  const shelf = samples.filter((one) => one.kind === 'painting');
  const { paintings, active } = wish;
  const chosen = paintings[active];
  const own = paintings.filter((one) => one && !shelf.some(({ sha256 }) => sha256 === one.sha256));
  const cards = [...own.map((one) => ({ ...one, title: one.name })), ...shelf].map((one) => ({
    id: one.sha256, title: phrase(one.title), about: one.author ? phrase(one.author.replace(/ \(.*/, '')) : '', picture: api.thumbnail(one.sha256), upload: one,
  }));
  const add = () => change({ ...wish, paintings: [...paintings, null], active: paintings.length });
  return html`
    <h3>${t(paintings.length > 1 ? 'paintings' : 'painting')}</h3>
    <${Drop} class="paintings" take=${take}>
      ${paintings.length > 1 && html`
        <ul class="parts" aria-label=${t('paintings')}>
          ${paintings.map((painting, index) => html`<${Part} key=${index} painting=${painting} index=${index} wish=${wish} change=${change} samples=${samples} />`)}
        </ul>`}
      <${Shelf} legend=${t('painting')} name="painting" cards=${cards} chosen=${chosen?.sha256}
        choose=${({ upload }) => change(withPainting(wish, upload))} few=${8} />
      <div class="row">
        <${ChooseFile} label=${t('choose_painting')} icon="picture" take=${take} />
        ${!paintings.includes(null) && html`<button type="button" class="button" onClick=${add}><${Icon} name="plus" />${t('mix')}</button>`}
      </div>
      <${Uploads} uploads=${uploads} dismiss=${dismiss} />
    <//>`;
}
