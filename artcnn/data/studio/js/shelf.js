// A shelf of cards of which one is chosen: radio buttons, so that the arrow keys go from card to card.

import { html } from '../vendor/htm-preact.js';

// cards: {id, title, about, picture, alt}; `wide` ones have their words beside the picture.
export function Shelf({ legend, name, cards, chosen, choose, wide = false }) {
  return html`
    <fieldset class="shelf">
      <legend class="unseen">${legend}</legend>
      <div class=${wide ? 'cards wide' : 'cards'}>
        ${cards.map((card) => html`
          <label key=${card.id} class="card" title=${wide ? undefined : card.about}>
            <input type="radio" class="unseen" name=${name} value=${card.id} checked=${card.id === chosen}
              onChange=${() => choose(card)} />
            <span class="face">${card.picture && html`<img src=${card.picture} alt="" loading="lazy" width="144" height="96" />`}</span>
            <span class="text"><b>${card.title}</b>${card.about && html`<small>${card.about}</small>`}</span>
          </label>`)}
      </div>
    </fieldset>`;
}
