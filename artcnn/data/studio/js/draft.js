// A field to write in: what is being written stays, however often the page is drawn meanwhile.

import { html, useState } from '../vendor/htm-preact.js';

export function Draft({ value, take, ...rest }) {
  const [draft, setDraft] = useState(null);
  const finish = (event) => {
    if (draft !== null) take(event.target.value);
    setDraft(null);
  };
  return html`<input ...${rest} value=${draft ?? value} autocomplete="off" spellcheck=${false}
    onInput=${(event) => setDraft(event.target.value)} onChange=${finish} onBlur=${finish} />`;
}
