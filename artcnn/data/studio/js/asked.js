// A question of a page, asked again whenever it changes.

import { useEffect, useState } from '../vendor/htm-preact.js';
import { ask } from './live.js';
import { sentenceOf } from './uploads.js';

const NOTHING = { key: null, answer: null, trouble: null };

// question: plain data, or null for none. A `slot` has its own place in the queue of a kind of question; `delay`, in milliseconds, is
// how long a question must stay the same before it is asked. Returns {answer, trouble, busy}: the answer to the last question stays
// while the next is awaited (`busy`), and is null where there is none.
export function useAsked(kind, question, { slot = '', delay = 0 } = {}) {
  const [found, setFound] = useState(NOTHING);
  const key = question ? `${kind} ${JSON.stringify(question)}` : null;
  useEffect(() => {
    if (!key) {
      setFound(NOTHING);
      return undefined;
    }
    let wanted = true;
    const go = () => ask(kind, question, slot).then(
      (answer) => wanted && setFound({ key, answer, trouble: null }),
      (error) => wanted && setFound({ key, answer: null, trouble: sentenceOf(error) }),
    );
    const waiting = setTimeout(go, delay);
    return () => {
      wanted = false;
      clearTimeout(waiting);
    };
  }, [key, slot]);
  return { answer: found.answer, trouble: found.key === key ? found.trouble : null, busy: found.key !== key };
}
