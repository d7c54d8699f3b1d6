// Controls made from the recipes' schema: a range is a slider with its number, words are a choice, yes or no a switch.

import { html, useState } from '../vendor/htm-preact.js';
import { Draft } from './draft.js';
import { Icon } from './icons.js';
import { Thing, classOf } from './thing.js';
import { same } from './wish.js';
import { named, phrase, t } from './words.js';

// The most useful ones of each kind; the others stand behind "All settings".
const MAIN = {
  instant: ['size', 'strength', 'colors'],
  style: ['size', 'strength', 'style_scale', 'colors', 'seed'],
  dream: ['size', 'strength', 'octaves', 'colors', 'guide_size', 'seed'],
  texture: ['size', 'style_scale', 'padding', 'method', 'seed'],
};

// What the page has its own controls for, or cannot give.
const NO_PHOTO = ['content_layers', 'content_weight', 'strength', 'colors', 'init_color_match', 'detail_transfer'];
const ELSEWHERE = { instant: ['style'], style: ['blend'], dream: [], texture: ['blend', ...NO_PHOTO] };

// Ends of a slider where the recipe allows more than anyone wants: [least, most, step].
const USUAL = {
  size: [128, 2048, 32], min_size: [32, 1024, 16], steps: [1, 100, 1], coarse_steps: [1, 200, 1], fine_steps: [1, 200, 1],
  jitter: [0, 128, 1], smoothing: [0, 4, 0.1], step_size: null, style_scale: [0.1, 4, 0.1],
};

export function sliderOf(name, schema) {
  if (name in USUAL) return USUAL[name];
  const least = schema.minimum ?? schema.exclusiveMinimum;
  const most = schema.maximum ?? schema.exclusiveMaximum;
  if (least === undefined || most === undefined || most > 1000) return null;
  return [least, most, schema.type === 'integer' ? 1 : most - least > 10 ? 1 : most - least > 1 ? 0.1 : 0.01];
}

function NumberControl({ id, name, schema, value, change, describedBy }) {
  const slider = sliderOf(name, schema);
  const isWhole = schema.type === 'integer';
  const take = (text) => {
    const number = isWhole ? Math.round(Number(text)) : Number(text);
    if (text !== '' && Number.isFinite(number)) change(number);
  };
  const limits = { min: schema.minimum, max: schema.maximum > 1e9 ? undefined : schema.maximum };
  return html`
    <div class="number">
      ${slider && html`
        <input type="range" min=${slider[0]} max=${slider[1]} step=${slider[2]} value=${value} id=${`${id}-slider`}
          aria-label=${named('settings', name)} aria-describedby=${describedBy} onInput=${(event) => take(event.target.value)} />`}
      <${Draft} type="number" id=${id} ...${limits} step=${isWhole ? 1 : 'any'} value=${value} aria-describedby=${describedBy} take=${take} />
      ${name === 'seed' && html`
        <button type="button" class="button small" onClick=${() => change(Math.floor(Math.random() * 1e6))}>
          <${Icon} name="dice" />${t('another_seed')}</button>`}
    </div>`;
}

function Choice({ id, name, kind, choices, value, change, describedBy }) {
  const text = (choice) => named(name === 'colors' ? 'colors_from' : 'choices', choice);
  if (choices.length > 3) {
    return html`
      <select id=${id} value=${value} aria-describedby=${describedBy} onChange=${(event) => change(event.target.value)}>
        ${choices.map((choice) => html`<option key=${choice} value=${choice} selected=${choice === value}>${text(choice)}</option>`)}
      </select>`;
  }
  return html`
    <div class="segments" role="radiogroup" aria-labelledby=${`${id}-label`} aria-describedby=${describedBy}>
      ${choices.map((choice) => html`
        <label key=${choice}><input type="radio" class="unseen" name=${`${kind}-${name}`} checked=${choice === value}
          onChange=${() => change(choice)} /><span>${text(choice)}</span></label>`)}
    </div>`;
}

// Several values, with commas between; nothing is none.
function List({ id, schema, value, change, describedBy }) {
  const items = schema.items ?? schema.anyOf?.find((one) => one.items)?.items ?? {};
  const take = (text) => {
    const parts = text.split(',').map((part) => part.trim()).filter(Boolean);
    if (parts.length === 0) change(schema.default);
    else change(items.type === 'number' ? parts.map(Number) : parts);
  };
  return html`<${Draft} type="text" id=${id} value=${(value ?? []).join(', ')} aria-describedby=${describedBy} take=${take} />`;
}

// A number, or nothing.
function OptionalNumber({ id, schema, value, change, describedBy }) {
  const { minimum, exclusiveMinimum, maximum } = schema.anyOf.find((one) => one.type === 'number');
  const take = (text) => {
    if (text === '') change(null);
    else if (Number.isFinite(Number(text))) change(Number(text));
  };
  return html`<${Draft} type="number" id=${id} step="any" min=${minimum ?? exclusiveMinimum} max=${maximum} value=${value ?? ''} aria-describedby=${describedBy} take=${take} />`;
}

function Control({ schema, ...rest }) {
  if (schema.anyOf?.some((one) => one.type === 'number')) return html`<${OptionalNumber} schema=${schema} ...${rest} />`;
  if (schema.enum) return html`<${Choice} choices=${schema.enum} ...${rest} />`;
  if (schema.type === 'integer' || schema.type === 'number') return html`<${NumberControl} schema=${schema} ...${rest} />`;
  if (schema.type === 'boolean') {
    return html`<input type="checkbox" role="switch" class="switch" id=${rest.id} checked=${rest.value}
      aria-describedby=${rest.describedBy} onChange=${(event) => rest.change(event.target.checked)} />`;
  }
  if (schema.type === 'string') {
    return html`<${Draft} type="text" id=${rest.id} value=${rest.value} aria-describedby=${rest.describedBy} take=${rest.change} />`;
  }
  return html`<${List} schema=${schema} ...${rest} />`;
}

export function Setting({ kind, name, setting, value, base, change }) {
  const id = `${kind}-${name}`;
  const isGroup = setting.schema.enum && setting.schema.enum.length <= 3;
  const label = html`<span>${named('settings', name)}</span>`;
  return html`
    <div class="setting">
      <div class="line">
        ${isGroup ? html`<span class="label" id=${`${id}-label`}>${label}</span>`
      : html`<label class="label" id=${`${id}-label`} for=${id}>${label}</label>`}
        ${!same(value, base) && html`
          <button type="button" class="link" aria-label=${t('reset_one', { name: named('settings', name) })}
            onClick=${() => change(name, base)}>${t('reset')}</button>`}
      </div>
      <${Control} id=${id} kind=${kind} name=${name} schema=${setting.schema} value=${value}
        describedBy=${`${id}-help`} change=${(next) => change(name, next)} />
      <p class="help" id=${`${id}-help`}>${phrase(setting.help)}</p>
    </div>`;
}

export function Settings({ kind, settings, base, changes, change, things, hidden }) {
  const [open, setOpen] = useState(false);
  const shown = (name) => html`
    <${Setting} key=${`${kind}-${name}`} kind=${kind} name=${name} setting=${settings[name]} base=${base[name]}
      value=${name in changes ? changes[name] : base[name]} change=${change} />`;
  const { layers } = { ...base, ...changes };
  const main = MAIN[kind].filter((name) => name in settings && !hidden.includes(name));
  const others = Object.keys(settings).filter((name) => !main.includes(name) && !hidden.includes(name) && !ELSEWHERE[kind].includes(name));
  return html`
    <div class="settings">
      ${classOf(layers) !== null && html`<${Thing} things=${things} layers=${layers} change=${(value) => change('layers', value)} />`}
      ${main.map(shown)}
      <details open=${open} onToggle=${(event) => setOpen(event.target.open)}>
        <summary>${t('all_settings')}<small>${t('more', { count: others.length })}</small></summary>
        ${open && others.map(shown)}
      </details>
    </div>`;
}
