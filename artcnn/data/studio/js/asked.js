// A question of a page, asked again whenever it changes.

import { useEffect, useState } from '../vendor/htm-preact.js';
import { ask } from './live.js';
import { sentenceOf } from './uploads.js';

const NOTHING = { key: null, answer: null, trouble: null };

// question: plain data, or null for none; a `slot` has its own place in the queue of a kind of question. Returns {answer,
// trouble, busy}: the answer to the last question stays while the next is awaited (`busy`), and is null where there is none.
export function useAsked(kind, question, slot = '') {
  const [found, setFound] = useState(NOTHING);
  const key = question && JSON.stringify(question);
  useEffect(() => {
    if (!key) {
      setFound(NOTHING);
      return undefined;
    }
    let wanted = true;
    ask(kind, question, slot).then(
      (answer) => wanted && setFound({ key, answer, trouble: null }),
      (error) => wanted && setFound({ key, answer: null, trouble: sentenceOf(error) }),
    );
    return () => { wanted = false; };
  }, [kind, key, slot]);
  return { answer: found.answer, trouble: found.key === key ? found.trouble : null, busy: found.key !== key };
}
