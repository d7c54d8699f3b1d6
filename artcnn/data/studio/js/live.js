// Quick questions: POST /api/live/KIND, answered one after the other by a process of their own. The newest question of
// a kind takes the place of one that still waits; a part of a page that must not lose its own names a `slot`.

import { fetchBody } from './api.js';

const PAGE = Math.random().toString(36).slice(2);

function post(kind, question, slot, read) {
  const headers = { 'content-type': 'application/json', 'x-page': `${PAGE}/${slot}` };
  return fetchBody(`/api/live/${kind}`, { method: 'POST', headers, body: JSON.stringify(question) }, read);
}

export const ask = async (kind, question, slot = '') => JSON.parse(await post(kind, question, slot));

// The address of the picture that is the answer; whoever asked gives it back by URL.revokeObjectURL.
export const askPicture = async (kind, question, slot = '') => URL.createObjectURL(await post(kind, question, slot, (response) => response.blob()));

// Pictures within an answer are PNG in base64, and the page shows no `data:` addresses. The last ones are kept.
const MOST = 1500;
const addresses = new Map();

export function pictureOf(text) {
  const known = addresses.get(text);
  if (known) return known;
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: 'image/png' }));
  addresses.set(text, url);
  if (addresses.size > MOST) {
    const [oldest, address] = addresses.entries().next().value;
    addresses.delete(oldest);
    URL.revokeObjectURL(address);
  }
  return url;
}

// A function that does `act` with the newest of what it is given, one at a time: what came between is left out.
export function newest(act) {
  let busy = false;
  let waiting = [];
  return async (value) => {
    waiting = [value];
    if (busy) return;
    busy = true;
    while (waiting.length > 0) await act(waiting.pop());
    busy = false;
  };
}
