// The arithmetic of one number, written out.

import { html, useState } from '../../vendor/htm-preact.js';
import { t } from '../words.js';
import { ink, mostOf, scaleOf, signed } from './colors.js';
import { Numbers, Tile, round } from './tile.js';

const NARROW = 3;  // numbers in a row, from which on the three pictures do not stand side by side

// choose(place) looks at another number.
export function Arithmetic({ network, values, at, terms, probabilities, choose }) {
  if (terms.kind === 'sum') return html`<${Sum} network=${network} values=${values} at=${at} terms=${terms} probabilities=${probabilities} choose=${choose} />`;
  const before = network.layers[at.layer - 1];
  const scale = scaleOf(before, values[at.layer - 1]);
  if (terms.kind === 'pool') {
    const listed = terms.inputs.map((value) => round(value, 3));
    const largest = terms.pooling === 'max';
    return html`
      <p>${t(largest ? 'digits_pool_max' : 'digits_pool_average', { layer: before.name })}</p>
      <div class="equation"><${Numbers} values=${terms.inputs} width=${2} scale=${scale} marked=${largest ? terms.winner : null} label=${before.name} /></div>
      <p class="result">${largest ? `max(${listed.join(', ')})` : `(${listed.join(' + ')}) / 4`} = <b>${round(terms.value, 3)}</b></p>`;
  }
  return html`
    <p>${t(terms.kind === 'relu' ? 'digits_relu' : 'digits_flatten', { layer: before.name, unit: terms.from.unit, y: terms.from.y, x: terms.from.x })}</p>
    <p class="result">${terms.kind === 'relu' ? `max(0, ${round(terms.input, 3)}) = ` : ''}<b>${round(terms.value, 3)}</b></p>`;
}

function Sum({ network, values, at, terms, probabilities, choose }) {
  const layer = network.layers[at.layer];
  const before = network.layers[at.layer - 1];
  const [picked, setPicked] = useState(null);
  const largest = terms.groups.reduce((best, group, index) => (Math.abs(group.sum) > Math.abs(terms.groups[best].sum) ? index : best), 0);
  const group = terms.groups[picked ?? largest] ?? terms.groups[largest];
  const inputs = before.kind === 'input' ? ink : scaleOf(before, values[at.layer - 1]);
  const weights = signed(mostOf(terms.groups.flatMap((one) => one.weights)));
  const products = signed(mostOf(terms.groups.flatMap((one) => one.products)));
  const many = terms.groups.length > 1;
  const count = terms.groups.length * group.products.length;
  const source = before.kind === 'flatten' ? network.layers[at.layer - 2].name : before.name;
  return html`
    <p>${t(many ? 'digits_sum_many' : 'digits_sum_one', { count, layer: source, maps: terms.groups.length, each: group.products.length })}</p>
    ${many && html`
      <div class="groups" role="group" aria-label=${t('digits_groups')}>
        ${terms.groups.map((one, index) => html`
          <button key=${index} type="button" aria-pressed=${one === group ? 'true' : 'false'} onClick=${() => setPicked(index)}
            aria-label=${t('digits_group', { unit: `${source}:${one.map}`, sum: round(one.sum) })}>
            <${Tile} values=${one.products} height=${one.height} width=${one.width} scale=${products} /><span>${round(one.sum)}</span>
          </button>`)}
      </div>
      <p class="quiet">${t('digits_group_shown', { unit: `${source}:${group.map}`, sum: round(group.sum, 3) })}</p>`}
    <div class=${`equation ${group.width > NARROW ? 'tall' : ''}`}>
      <figure><${Numbers} values=${group.inputs} width=${group.width} scale=${inputs} label=${t('digits_numbers')} /><figcaption>${t('digits_numbers')}</figcaption></figure>
      <span aria-hidden="true">×</span>
      <figure><${Numbers} values=${group.weights} width=${group.width} scale=${weights} label=${t('digits_weights')} /><figcaption>${t('digits_weights')}</figcaption></figure>
      <span aria-hidden="true">=</span>
      <figure><${Numbers} values=${group.products} width=${group.width} scale=${products} label=${t('digits_products')} /><figcaption>${t('digits_products')}</figcaption></figure>
    </div>
    <p class="result">${t('digits_result', { sum: round(terms.sum, 3), bias: round(terms.bias, 3) })} <b>${round(terms.value, 3)}</b></p>
    <${After} layer=${layer} at=${at} value=${terms.value} probabilities=${probabilities} next=${network.layers[at.layer + 1]} choose=${choose} />
    <${All} terms=${terms} count=${count} />`;
}

// What happens to the sum: a ReLU, a pooling, or that it becomes a probability.
function After({ at, value, probabilities, next }) {
  if (next?.kind === 'relu') return html`<p class="result">ReLU: max(0, ${round(value, 3)}) = <b>${round(Math.max(0, value), 3)}</b></p>`;
  if (next?.kind === 'pooling') return html`<p class="quiet">${t('digits_no_relu')}</p>`;
  return html`<p class="result">${t('digits_softmax', { value: round(value, 2), digit: at.unit })} <b>${round(100 * probabilities[at.unit], 1)} %</b></p>`;
}

function All({ terms, count }) {
  const [open, setOpen] = useState(false);
  const write = () => terms.groups.flatMap(({ inputs, weights }) => inputs.map((input, step) => `${round(input, 3)} × ${round(weights[step], 3)}`)).join(' + ');
  return html`
    <details onToggle=${(event) => setOpen(event.target.open)}>
      <summary>${t('digits_write_out', { count })}</summary>
      ${open && html`<p class="terms" tabindex="0">${write()} + ${round(terms.bias, 3)} = <b>${round(terms.value, 3)}</b></p>`}
    </details>`;
}
