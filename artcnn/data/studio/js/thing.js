// What is to grow out of the photo, by name: one of the things that a classifier knows.

import { html, useState } from '../vendor/htm-preact.js';
import { Draft } from './draft.js';
import { named, t } from './words.js';

const CLASS = /^class:(\d+)$/;

// The number of the class that layers ask for, and nothing else; or null.
export function classOf(layers) {
  const found = Array.isArray(layers) && layers.length === 1 ? CLASS.exec(layers[0]) : null;
  return found ? Number(found[1]) : null;
}

export function Thing({ things, layers, change }) {
  const [unknown, setUnknown] = useState(null);
  const take = (text) => {
    const wanted = text.trim();
    const exact = things.indexOf(wanted);  // there are a Cardigan and a cardigan
    const number = exact >= 0 ? exact : things.findIndex((thing) => thing.toLowerCase() === wanted.toLowerCase());
    setUnknown(number < 0 ? text : null);
    if (number >= 0) change([`class:${number}`]);
  };
  return html`
    <div class="setting">
      <div class="line"><label class="label" for="thing">${named('settings', 'thing')}</label></div>
      <${Draft} type="text" id="thing" list="things" value=${things[classOf(layers)]} aria-describedby="thing-help"
        aria-invalid=${unknown === null ? 'false' : 'true'} take=${take} />
      <datalist id="things">${things.map((thing) => html`<option key=${thing} value=${thing} />`)}</datalist>
      <p class=${unknown === null ? 'help' : 'help trouble'} id="thing-help" role="status">
        ${unknown === null ? t('thing_help') : t('thing_unknown', { name: unknown })}</p>
    </div>`;
}
