// What needs more than a forward pass is asked of the server: saliency, occlusion, what an answer wants to see, fooling.

import { html } from '../../vendor/htm-preact.js';
import { useAsked } from '../asked.js';
import { Finding } from '../finding.js';
import { pictureOf } from '../live.js';
import { spoken, t } from '../words.js';
import { NETWORK } from './network.js';
import { SIDE } from './prepare.js';

export const ASKS = ['saliency', 'occlusion', 'maximize', 'fool'];

// The picture's 784 bytes. It may be drawn larger.
async function pixelsOf({ picture }) {
  const drawn = new Image();
  drawn.src = pictureOf(picture);
  await drawn.decode();
  const context = new OffscreenCanvas(drawn.width, drawn.height).getContext('2d');
  context.drawImage(drawn, 0, 0);
  const { data } = context.getImageData(0, 0, drawn.width, drawn.height);
  const at = (place) => Math.floor(((place + 0.5) * drawn.width) / SIDE);
  return Array.from({ length: SIDE * SIDE }, (_, index) => data[4 * (at(Math.floor(index / SIDE)) * drawn.width + at(index % SIDE))]);
}

// `what` is one of ASKS, or null; `target` is an answer, '0' to '9'.
export function Asks({ pixels, isEmpty, answer, what, target, put, look }) {
  const wanted = target ?? String(what === 'fool' ? (answer + 5) % 10 : answer);
  const shown = what === 'maximize' ? {} : { input: { pixels: Array.from(pixels) } };
  const question = what && (what === 'maximize' || !isEmpty) ? { network: NETWORK, lang: spoken(), ...shown, class: wanted } : null;
  const { answer: finding, trouble, busy } = useAsked(what, question, { delay: 300 });  // the digit may still be being drawn
  return html`
    <section class="asks" aria-labelledby="asks-title">
      <h2 id="asks-title">${t('digits_asks')}</h2>
      <div class="row" role="group" aria-label=${t('digits_asks')}>
        ${ASKS.map((one) => html`<button key=${one} type="button" class="button" aria-pressed=${one === what ? 'true' : 'false'}
          onClick=${() => put({ ask: one === what ? null : one, class: null })}>${t(`digits_ask_${one}`)}</button>`)}
      </div>
      ${what && html`
        <label class="row">${t(what === 'fool' ? 'digits_fool_to' : 'digits_of')}
          <select value=${wanted} onChange=${(event) => put({ class: event.target.value })}>
            ${[...Array(10).keys()].map((digit) => html`<option key=${digit} value=${digit} selected=${String(digit) === wanted} disabled=${what === 'fool' && digit === answer}>${digit}</option>`)}
          </select></label>
        <p class="about">${t(`digits_about_${what}`)}</p>
        ${isEmpty && what !== 'maximize' && html`<p class="quiet">${t('digits_draw_first')}</p>`}
        <div class="asked" aria-live="polite" aria-busy=${busy ? 'true' : 'false'}>
          ${busy && html`<progress aria-label=${t('digits_busy')}></progress>`}
          ${trouble && html`<p class="trouble" role="alert">${trouble}</p>`}
          ${finding && !busy && html`<${Finding} finding=${finding} />`}
          ${finding && !busy && what === 'fool' && html`
            <button type="button" class="button" onClick=${async () => look(await pixelsOf(finding.pictures.at(-1)))}>${t('digits_look')}</button>`}
        </div>`}
    </section>`;
}
