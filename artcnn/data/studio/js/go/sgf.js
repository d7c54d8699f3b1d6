// Games as files, in SGF.

import { Trouble } from '../api.js';
import { t } from '../words.js';

const MOST = 300_000;  // bytes

// The bytes of a file as one character each: the server finds out in which encoding the text is.
export async function openSgf(file) {
  if (file.size > MOST) throw new Trouble(t('go_too_long', { name: file.name }));
  const bytes = new Uint8Array(await file.arrayBuffer());
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

export function saveSgf(text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/x-go-sgf' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'game.sgf';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
