// Another picture that a dream is drawn towards.

import { html } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Icon } from './icons.js';
import { MaskLine } from './maskline.js';
import { ChooseFile, Drop, Uploads } from './picker.js';
import { t } from './words.js';

export function Guide({ wish, change, take, uploads, dismiss }) {
  const { guide } = wish;
  return html`
    <${Drop} class="paintings" take=${take}>
      <div class="mask-line">
        ${guide && html`<img src=${api.thumbnail(guide.sha256)} alt=${t('guide_alt', guide)} width="64" height="48" />`}
        <div class="grow"><b>${t('guide_title')}</b><p class="help">${t('guide_about')}</p></div>
        <div class="row">
          <${ChooseFile} label=${t(guide ? 'other_guide' : 'choose_guide')} icon="picture" look="button small" take=${take} />
          ${guide && html`<button type="button" class="button small" onClick=${() => change({ ...wish, guide: null })}><${Icon} name="bin" />${t('remove')}</button>`}
        </div>
      </div>
      <${Uploads} uploads=${uploads} dismiss=${dismiss} />
    <//>
    ${guide && html`<${MaskLine} picture=${guide} role="guide_mask" mask=${guide.mask} keep=${(mask) => change({ ...wish, guide: { ...guide, mask } })} />`}`;
}
