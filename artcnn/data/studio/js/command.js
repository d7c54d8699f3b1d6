// How a picture was made: what is typed for it without the studio, the files that this names, and every setting.

import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Icon } from './icons.js';
import { sentenceOf } from './uploads.js';
import { named, t } from './words.js';

// What is in a field goes to the clipboard; where the page is not trusted with that, it is selected and copied.
async function copy(field) {
  if (navigator.clipboard) return navigator.clipboard.writeText(field.value);
  field.select();
  return document.execCommand('copy');
}

function textOf(name, value) {
  if (value === null || value.length === 0) return '–';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if (name === 'backbone' || name === 'style') return value;  // names, and no words
  return named(name === 'colors' ? 'colors_from' : 'choices', value);
}

const Recipe = ({ recipe }) => html`
  <dl class="recipe">
    ${Object.entries(recipe).map(([name, value]) => html`<div key=${name}><dt>${named('settings', name)}</dt><dd>${textOf(name, value)}</dd></div>`)}
  </dl>`;

export function Command({ job }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState(null);
  const [copied, setCopied] = useState(false);
  const field = useRef(null);
  useEffect(() => {
    if (open) api.get(`/api/jobs/${job.id}/command`).then(({ command }) => setText(command), (error) => setTrouble(sentenceOf(error)));
  }, [open]);
  const press = () => copy(field.current).then(() => setCopied(true), (error) => setTrouble(String(error)));
  return html`
    <details class="command" onToggle=${(event) => setOpen(event.target.open)}>
      <summary>${t('how_made')}</summary>
      ${trouble && html`<p class="trouble" role="alert">${trouble}</p>`}
      <h3>${t('command')}</h3>
      <div class="typed">
        <textarea ref=${field} readonly rows="2" value=${text} aria-label=${t('command')} spellcheck=${false}></textarea>
        <button type="button" class="button" disabled=${text === ''} onClick=${press}><${Icon} name="copy" />${t('copy')}</button>
      </div>
      <p class="quiet" role="status">${copied ? t('copied') : t('command_files')}</p>
      <ul class="row">
        ${Object.entries(job.names).map(([input, name]) => html`
          <li key=${input}><a class="link" href=${api.original(job.inputs[input], name)} download=${name}>${name}</a></li>`)}
      </ul>
      <h3>${t('all_settings')}</h3>
      <${Recipe} recipe=${{ ...job.film, ...job.recipe }} />
    </details>`;
}
