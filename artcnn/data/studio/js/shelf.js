// A shelf of cards of which one is chosen: radio buttons, so that the arrow keys go from card to card.

import { html, useState } from '../vendor/htm-preact.js';
import { t } from './words.js';

// The first ones, and the chosen one in any case.
function someOf(cards, chosen, few) {
  const first = cards.slice(0, few);
  const missing = cards.find((card) => card.id === chosen && !first.includes(card));
  return missing ? [...first.slice(0, -1), missing] : first;
}

// cards: {id, title, about, picture}, and `pending` while another picture is to come; `wide` ones have their words beside the picture. `few` are shown at first.
export function Shelf({ legend, name, cards, chosen, choose, wide = false, few = Infinity }) {
  const [all, setAll] = useState(cards.length <= few);
  const shown = all ? cards : someOf(cards, chosen, few);
  return html`
    <fieldset class="shelf">
      <legend class="unseen">${legend}</legend>
      <div class=${wide ? 'cards wide' : 'cards'}>
        ${shown.map((card) => html`
          <label key=${card.id} class="card" title=${wide ? undefined : card.about}>
            <input type="radio" class="unseen" name=${name} value=${card.id} checked=${card.id === chosen}
              onChange=${() => choose(card)} />
            <span class="face">${card.picture && html`<img class=${card.pending ? 'pending' : ''} src=${card.picture} alt="" loading="lazy" width="144" height="96" />`}</span>
            <span class="text"><b>${card.title}</b>${card.about && html`<small>${card.about}</small>`}</span>
          </label>`)}
      </div>
      ${cards.length > few && html`
        <button type="button" class="button small whole" aria-expanded=${all ? 'true' : 'false'} onClick=${() => setAll(!all)}>
          ${t(all ? 'show_fewer' : 'show_all', { count: cards.length })}</button>`}
    </fieldset>`;
}
