// The form: a photo, what to do, how it is to look, its settings, and the button that makes it.

import { html } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Camera } from './camera.js';
import { FilmSettings } from './film.js';
import { Guide } from './guide.js';
import { Icon } from './icons.js';
import { Looks } from './looks.js';
import { MaskLine } from './maskline.js';
import { Paintings } from './paintings.js';
import { ChooseFile, Drop, Uploads } from './picker.js';
import { Settings } from './settings.js';
import { KINDS, MASKS, baseOf, hasPaintings, hasPhoto, missing, withChange } from './wish.js';
import { t } from './words.js';

function Photos({ wish, take, removePhoto, uploads, dismiss }) {
  return html`
    <${Drop} class="photos" take=${take}>
      <div class="row">${wish.photos.length > 0 && html`
        <ul class="chosen">
          ${wish.photos.map((photo) => html`
            <li key=${photo.sha256}>
              <img src=${api.thumbnail(photo.sha256)} alt=${t('photo_alt', photo)} width="64" height="64" />
              <button type="button" class="bare corner" aria-label=${t('remove_one', photo)} title=${t('remove')}
                onClick=${() => removePhoto(photo)}><${Icon} name="close" /></button>
            </li>`)}
        </ul>`}
        <${ChooseFile} label=${t(wish.photos.length > 0 ? 'other_photo' : 'choose_photo')} icon="picture" take=${take} many films />
        <${Camera} take=${take} />
      </div>
      <${Uploads} uploads=${uploads} dismiss=${dismiss} />
    <//>`;
}

function Kinds({ wish, change }) {
  return html`
    <div class="kinds" role="radiogroup" aria-label=${t('what')}>
      ${KINDS.map((kind) => html`
        <label key=${kind}><input type="radio" class="unseen" name="kind" checked=${kind === wish.kind}
          onChange=${() => change({ ...wish, kind })} /><span>${t(`kind_${kind}`)}</span></label>`)}
    </div>
    <p class="quiet">${t(`kind_${wish.kind}_text`)}</p>`;
}

function Mask({ wish, change }) {
  const role = MASKS[wish.kind];
  const without = { ...wish.masks };
  delete without[role];
  return html`<${MaskLine} picture=${wish.photos[0]} role=${role} mask=${wish.masks[role]}
    keep=${(kept) => change({ ...wish, masks: kept ? { ...wish.masks, [role]: kept } : without })} />`;
}

export function Form({ wish, change, options, samples, jobs, take, removePhoto, uploads, dismiss, make, making, trouble }) {
  const { kind } = wish;
  const lacking = missing(wish);
  const clip = wish.photos.find((photo) => photo.clip);
  const base = baseOf(wish, options);
  const of = (role) => uploads.filter((one) => one.role === role);
  const count = hasPhoto(kind) ? wish.photos.length : 1;
  return html`
    <form class="panel" aria-label=${t('form')} onSubmit=${(event) => { event.preventDefault(); if (!lacking && !making) make(); }}>
      <div class="scroll">
        ${hasPhoto(kind) && html`<section><h2>${t('photo')}</h2>
          <${Photos} wish=${wish} take=${(files) => take(files, 'photo')} removePhoto=${removePhoto} uploads=${of('photo')} dismiss=${dismiss} />
        </section>`}
        <section><h2>${t('what')}</h2>
          <${Kinds} wish=${wish} change=${change} />
          ${hasPaintings(kind) && html`<${Paintings} wish=${wish} change=${change} take=${(files) => take(files, 'painting')} samples=${samples} uploads=${of('painting')} dismiss=${dismiss} />`}
          ${kind === 'style' && html`<h3>${t('look')}</h3>`}
          <${Looks} wish=${wish} change=${change} options=${options} jobs=${jobs} />
        </section>
        ${hasPhoto(kind) && clip && html`<${FilmSettings} settings=${options.film} clip=${clip} changes=${wish.film} change=${(film) => change({ ...wish, film })} />`}
        <section><h2>${t('settings_title')}</h2>
          ${kind in MASKS && wish.photos.length === 1 && html`<${Mask} wish=${wish} change=${change} />`}
          ${kind === 'dream' && html`<${Guide} wish=${wish} change=${change} take=${(files) => take(files, 'guide')} uploads=${of('guide')} dismiss=${dismiss} />`}
          <${Settings} key=${kind} kind=${kind} hidden=${wish.guide ? [] : ['guide_size']} settings=${options.kinds[kind].settings} base=${base} changes=${wish.changes[kind]} things=${options.things}
            change=${(name, value) => change(withChange(wish, options, name, value))} />
        </section>
      </div>
      <div class="make">
        ${trouble && html`<p class="trouble" role="alert">${trouble}</p>`}
        ${lacking && html`<p class="quiet" id="lacking">${t(lacking)}</p>`}
        <button type="submit" class="button primary large" disabled=${lacking !== null || making} aria-describedby=${lacking ? 'lacking' : undefined}>
          <${Icon} name="spark" />${count > 1 ? t('make_many', { count }) : t('make')}</button>
      </div>
    </form>`;
}
