// A mask in the form: what it does, a small picture of it, and the button that opens the brush.

import { html, useState } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Icon } from './icons.js';
import { MaskEditor } from './mask.js';
import { t } from './words.js';

// role: what its words begin with; `keep` gets the upload, or null where nothing is painted.
export function MaskLine({ picture, role, mask, keep, children }) {
  const [open, setOpen] = useState(false);
  const done = (kept) => {
    keep(kept);
    setOpen(false);
  };
  return html`
    <div class="mask-line">
      ${mask && html`<img src=${api.thumbnail(mask.sha256)} alt=${t(`${role}_alt`)} width="64" height="48" />`}
      <div class="grow">${children ?? html`<b>${t(`${role}_title`)}</b>`}<p class="help">${t(`${role}_about`)}</p></div>
      <div class="row">
        <button type="button" class="button small" onClick=${() => setOpen(true)}><${Icon} name="brush" />${t(mask ? 'change_mask' : 'paint_mask')}</button>
        ${mask && html`<button type="button" class="button small" onClick=${() => keep(null)}>${t('remove')}</button>`}
      </div>
    </div>
    ${open && html`<${MaskEditor} key=${role} photo=${picture} role=${role} mask=${mask} close=${() => setOpen(false)} keep=${done} />`}`;
}
