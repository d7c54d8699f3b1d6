// The way of a number from the pixels to the answer: so that the arithmetic of one unit and the whole network are one thing.

import { html } from '../../vendor/htm-preact.js';
import { t } from '../words.js';
import { softmax } from './network.js';
import { isLost, nameOf, placeOf, valueAt } from './terms.js';
import { round } from './tile.js';

// The layers in order: what the number is made of, the number, and what it goes into, to the answer.
// terms, fields, followed: as terms.js has them, of the place `at`.
export function Way({ network, values, at, pooling, terms, fields, followed, choose }) {
  const rows = [];
  for (let index = 0; index < at.layer; index++) {
    rows.push(html`<${Step} key=${index} name=${network.layers[index].name} text=${readText(network.layers[index], fields.get(index))}
      go=${index === at.layer - 1 && index > 0 ? () => choose(cameFrom(network, at, terms)) : null} />`);
  }
  rows.push(html`<li key="own" class="own" aria-current="step"><b>${nameOf(network, at)}</b><span>${round(valueAt(network, values, at), 3)}</span></li>`);
  for (const { layer, marks, strongest } of followed.steps) {
    const { name, count } = network.layers[layer];
    const change = round(strongest.before - strongest.after, 3).replace(/^(?=\d)/, '+');
    const text = count === 10 && layer === network.layers.length - 1 ? answerText(values[layer], followed.without[layer])
      : t('digits_changes', { changed: marks.length, count, unit: nameOf(network, strongest.place), change });
    rows.push(html`<${Step} key=${layer} name=${name} text=${text} go=${() => choose(strongest.place)} />`);
  }
  const ended = followed.steps.length === 0 && at.layer < network.layers.length - 1;
  return html`
    <section class="way" aria-labelledby="way-title">
      <h2 id="way-title">${t('digits_way')}</h2>
      <p class="quiet">${t(endKey(network, values, at, pooling, ended))}</p>
      <ol>${rows}</ol>
    </section>`;
}

function endKey(network, values, at, pooling, ended) {
  if (at.layer === network.layers.length - 1) return 'digits_way_answer';
  if (!ended) return 'digits_way_zero';
  if (!isLost(network, values, at, pooling)) return 'digits_lost_zero';
  return network.layers[at.layer + 1].kind === 'relu' ? 'digits_lost_relu' : 'digits_lost_pool';
}

function Step({ name, text, go }) {
  return html`<li>${go ? html`<button type="button" class="link" onClick=${go}>${name}</button>` : html`<b>${name}</b>`}<span>${text}</span></li>`;
}

function readText({ kind, channels, count }, field) {
  if (!field) return t('digits_reads_all', { count });
  const { height, width } = field;
  if (kind === 'input') return t('digits_reads_pixels', { height, width });
  return t(field.map === null ? 'digits_reads_maps' : 'digits_reads_map', { height, width, channels, unit: field.map });
}

function answerText(before, after) {
  const [one, other] = [softmax(before), softmax(after)];
  const digit = one.indexOf(Math.max(...one));
  const tell = (values, parts) => t('digits_answer_has', { y: round(values[digit], 2), percent: round(100 * parts[digit], 1) });
  return t('digits_answer_without', { digit, before: tell(before, one), after: tell(after, other) });
}

// The place in the layer before that counts for most.
function cameFrom(network, at, terms) {
  const before = network.layers[at.layer - 1];
  if (terms.from) return terms.from;
  if (terms.kind === 'pool') {
    return { layer: at.layer - 1, unit: terms.map, y: terms.top + Math.floor(terms.winner / 2), x: terms.left + (terms.winner % 2) };
  }
  let best = { size: -1 };
  for (const group of terms.groups) {
    group.products.forEach((product, step) => {
      if (Math.abs(product) > best.size) best = { size: Math.abs(product), group, step };
    });
  }
  const { group, step } = best;
  if (before.height > 1) return { layer: at.layer - 1, unit: group.map, y: terms.top + Math.floor(step / 3), x: terms.left + (step % 3) };
  return { layer: at.layer - 1, ...placeOf(before, group.map * group.products.length + step) };
}
