// The classroom page on digits: the lecture's network, at work on what is drawn.

import { html, useEffect, useMemo, useRef, useState } from '../../vendor/htm-preact.js';
import { get } from '../api.js';
import { Icon } from '../icons.js';
import { spoken, t } from '../words.js';
import { ASKS, Asks } from './asks.js';
import { ink } from './colors.js';
import { digitOf, fromBytes } from './digit.js';
import { Answers, Layer } from './maps.js';
import { TRAINED_WITH, loadNetwork, softmax } from './network.js';
import { One } from './one.js';
import { Pad } from './pad.js';
import { fromText, pack, toText, unpack } from './strokes.js';
import { fieldsOf, firstPlace, follow, nameOf, placeNamed, termsOf } from './terms.js';
import { Tile } from './tile.js';
import { Way } from './way.js';

const FIRST = 0;  // the example that the page begins with
const NARROW = matchMedia('(max-width: 899px)');
const NOTHING = { without: null, steps: [] };

export async function load() {
  const [network, examples] = await Promise.all([loadNetwork(), get('/api/digits')]);
  return { network, examples: examples.map((one) => ({ ...one, pixels: fromBytes(fromText(one.pixels)) })) };
}

// The address has: `drawing`, strokes; under them `example`, a number of the test set, or `pixels`, 784 bytes; `pooling`;
// `unit`, the number that is looked at; `ask` and `class`, what is asked of the whole network.
function baseOf({ drawing, example, pixels }, examples) {
  if (pixels) return fromBytes(fromText(pixels));
  const wanted = example ?? (drawing === undefined ? String(FIRST) : null);
  return examples.find(({ number }) => String(number) === wanted)?.pixels ?? null;
}

function useNarrow() {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const changed = () => setNarrow(NARROW.matches);
    NARROW.addEventListener('change', changed);
    return () => NARROW.removeEventListener('change', changed);
  }, []);
  return narrow;
}

export function Page({ state, change, network, examples }) {
  const narrow = useNarrow();
  const [growing, setGrowing] = useState(null);  // all strokes, while one is being drawn
  const [hovered, setHovered] = useState(null);
  const base = useMemo(() => baseOf(state, examples), [state.drawing === undefined, state.example, state.pixels, examples]);
  const kept = useMemo(() => unpack(state.drawing ?? ''), [state.drawing]);
  const strokes = growing ?? kept;
  const digit = useMemo(() => digitOf(base, strokes), [base, strokes]);
  const pooling = state.pooling === 'average' ? 'average' : 'max';
  const values = useMemo(() => network.forward(digit.pixels, pooling), [digit, pooling]);
  const probabilities = softmax(values[values.length - 1]);
  // While a stroke is drawn all layers follow it; what is said of a single number waits for its end.
  const settled = useRef(values);
  if (!growing) settled.current = values;
  const still = settled.current;

  const chosen = useMemo(() => placeNamed(network, state.unit), [state.unit]);
  const at = hovered ?? chosen ?? (narrow ? null : firstPlace(network, still));
  const fields = useMemo(() => (at ? fieldsOf(network, at) : new Map()), [at && nameOf(network, at)]);
  const followed = useMemo(() => (at ? follow(network, still, at, pooling) : NOTHING), [at && nameOf(network, at), still]);
  const terms = useMemo(() => at && termsOf(network, still, at, pooling), [at && nameOf(network, at), still]);
  const marks = new Map(followed.steps.map((step) => [step.layer, step.marks]));
  const choose = (place) => {
    setHovered(null);
    change({ unit: place && nameOf(network, place).replaceAll(':', '.') });
  };

  const end = (all) => {
    setGrowing(null);
    change({ drawing: pack(all), example: state.drawing === undefined && !state.pixels ? state.example ?? String(FIRST) : state.example ?? null });
  };
  const show = (changes) => change({ drawing: null, example: null, pixels: null, ...changes });
  const way = at && html`<${Way} network=${network} values=${still} at=${at} pooling=${pooling} terms=${terms} fields=${fields} followed=${followed} choose=${choose} />`;
  const number = useMemo(() => at && html`
      <${One} network=${network} values=${still} at=${at} terms=${terms} fields=${fields} choose=${choose} close=${() => choose(null)}>${narrow && way}<//>
      ${!narrow && way}`, [still, at && nameOf(network, at), pooling, narrow, spoken()]);
  return html`
    <main class="digits">
      <header class="intro">
        <h1>${t('digits_title')}</h1>
        <p>${t('digits_text')}</p>
      </header>
      <div class="bench">
        <section class="drawing" aria-label=${t('digits_drawing')}>
          <${Pad} digit=${digit} strokes=${kept} field=${fields.get(0) ?? null} draw=${setGrowing} end=${end} />
          <div class="row">
            <button type="button" class="button small primary grow" onClick=${() => show({ drawing: '' })}><${Icon} name="brush" />${t('digits_clear')}</button>
            <button type="button" class="button small" disabled=${kept.length === 0} onClick=${() => change({ drawing: pack(kept.slice(0, -1)) })}><${Icon} name="undo" />${t('undo')}</button>
          </div>
          <${Answers} probabilities=${probabilities} own=${at?.layer === values.length - 1 ? at.unit : null} isEmpty=${digit.isEmpty}
            choose=${(unit) => choose({ layer: values.length - 1, unit, y: 0, x: 0 })} />
          <ul class="examples" aria-label=${t('digits_examples')}>
            ${examples.map(({ number, label, pixels }) => html`
              <li key=${number}><button type="button" aria-label=${t('digits_example', { label, number })} title=${t('digits_example', { label, number })} onClick=${() => show({ example: number })}>
                <${Tile} values=${pixels} height=${28} width=${28} scale=${ink} /></button></li>`)}
          </ul>
          <p class="quiet help" role="status">${digit.isEmpty ? t('digits_empty') : t(base ? 'digits_as_is' : 'digits_centered')}</p>
        </section>
        <div class="layers">
          <div class="pooling">
            <div class="segments" role="radiogroup" aria-label=${t('digits_pooling')}>
              ${['max', 'average'].map((one) => html`
                <label key=${one}><input type="radio" class="unseen" name="pooling" checked=${one === pooling} onChange=${() => change({ pooling: one === TRAINED_WITH ? null : one })} /><span>${t(`digits_pooling_${one}`)}</span></label>`)}
            </div>
            <p class="help">${t(pooling === TRAINED_WITH ? 'digits_max_text' : 'digits_average_text')}</p>
          </div>
          <p id="maps-keys" class="unseen">${t('digits_maps_keys')}</p>
          ${network.layers.map((layer, index) => index > 0 && html`
            <${Layer} key=${layer.name} network=${network} index=${index} values=${values} narrow=${narrow} at=${at} fields=${index < (at?.layer ?? 0) ? fields.get(index) : null}
              marks=${marks.get(index)} hover=${setHovered} choose=${choose} />`)}
          <p class="help quiet">${t('digits_colors')}</p>
        </div>
        ${number}
      </div>
      <${Asks} pixels=${digit.pixels} isEmpty=${digit.isEmpty} answer=${probabilities.indexOf(Math.max(...probabilities))}
        what=${ASKS.includes(state.ask) ? state.ask : null} target=${/^\d$/.test(state.class ?? '') ? state.class : null} put=${change}
        look=${(pixels) => show({ pixels: toText(pixels) })} />
    </main>`;
}
