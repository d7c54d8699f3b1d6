// Files on their way to the server, seen at once.

import { Trouble, upload } from './api.js';
import { t } from './words.js';

let last = 0;

// What is wrong, in a sentence of the page's language where the server said nothing.
export const sentenceOf = (error) => (error.message ? [error.message, error.hint].filter(Boolean).join(': ') : t('no_server'));

// Send files one after the other. `tell` gets each upload whenever it has changed; `done` what the server made of it.
export async function send(files, role, tell, done) {
  const waiting = files.map((file) => ({
    number: ++last, role, name: file.name || t('pasted'), file, url: URL.createObjectURL(file), sent: 0, trouble: null,
  }));
  waiting.forEach(tell);
  for (const one of waiting) {
    try {
      const kept = await upload(one.file, one.name, (sent) => tell({ ...one, sent }));
      if (kept.clip && role !== 'photo') throw new Trouble(t('no_clips', { name: one.name }));
      done(one, { ...kept, name: one.name });  // it may be known by another
    } catch (error) {
      tell({ ...one, trouble: sentenceOf(error) });
    }
  }
}

// The files of a drop or of a paste; text and addresses are none.
export const filesOf = (transfer) => [...(transfer?.files ?? [])];
export const carriesFiles = (transfer) => [...(transfer?.types ?? [])].includes('Files');
