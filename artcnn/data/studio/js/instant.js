// A photo in an instant style while its settings change, small: what is made by "Make it" is larger.

import { useEffect, useRef, useState } from '../vendor/htm-preact.js';
import { askPicture, newest } from './live.js';
import { sentenceOf } from './uploads.js';
import { same } from './wish.js';

const SIDE = 512;  // pixels of the longer side, at most

function questionOf(wish, photo, mask, base) {
  const settings = { ...wish.changes.instant, style: wish.look.instant };
  const { size, ...others } = settings;
  return { photo: photo.frame ?? photo.sha256, settings: others, size: Math.min(SIDE, size ?? base.size), protect: mask?.sha256 ?? null };
}

// {url, size, trouble} of the newest picture that is there; all null before, and where no instant style is chosen.
export function useInstant(wish, photo, mask, base) {
  const [made, setMade] = useState({ url: null, size: null, trouble: null });
  const asked = useRef(null);
  const take = useRef(null);
  take.current ??= newest(async (question) => {
    let next;
    try {
      const picture = new Image();
      picture.src = await askPicture('instant', question, 'stage');
      await picture.decode();  // nothing flashes
      next = { url: picture.src, size: question.size, trouble: null };
    } catch (error) {
      next = { url: null, size: null, trouble: sentenceOf(error) };
    }
    setMade((old) => {
      if (old.url) URL.revokeObjectURL(old.url);
      return next;
    });
  });
  const wanted = wish.kind === 'instant' ? questionOf(wish, photo, mask, base) : null;
  useEffect(() => {
    if (wanted === null || same(wanted, asked.current)) return;
    if (asked.current?.photo !== wanted.photo) setMade({ url: null, size: null, trouble: null });
    asked.current = wanted;
    take.current(wanted);
  });
  return wanted === null ? { url: null, size: null, trouble: null } : made;
}
