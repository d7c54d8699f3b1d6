// Before and after, divided by a curtain that is drawn over the picture; and the picture at its true size.

import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js';
import { t } from './words.js';

// size: {width, height} of the picture that was made; `full` shows each of its pixels as one of the screen.
export function Curtain({ before, after, size, full, toggleFull, alt }) {
  const [cut, setCut] = useState(50);
  const frame = useRef(null);
  const sheet = useRef(null);
  const held = useRef(null);  // what the pointer moves: the curtain, or the picture under the frame

  useEffect(() => {
    const { current: box } = frame;
    box.scrollTo((box.scrollWidth - box.clientWidth) / 2, (box.scrollHeight - box.clientHeight) / 2);
  }, [full, after]);

  const cutAt = (event) => {
    const { left, width } = sheet.current.getBoundingClientRect();
    setCut(Math.min(100, Math.max(0, ((event.clientX - left) / width) * 100)));
  };
  const down = (event) => {
    if (event.button !== 0) return;
    const onHandle = event.target.closest('.handle');
    if (full && !onHandle) {
      if (event.pointerType === 'mouse') {
        const { scrollLeft, scrollTop } = frame.current;
        held.current = { x: event.clientX, y: event.clientY, scrollLeft, scrollTop };
        frame.current.setPointerCapture(event.pointerId);
      }
      return;  // a finger scrolls by itself
    }
    held.current = 'curtain';
    frame.current.setPointerCapture(event.pointerId);
    cutAt(event);
  };
  const move = (event) => {
    if (held.current === 'curtain') cutAt(event);
    else if (held.current) {
      const { x, y, scrollLeft, scrollTop } = held.current;
      frame.current.scrollTo(scrollLeft + x - event.clientX, scrollTop + y - event.clientY);
    }
  };
  const up = () => { held.current = null; };

  return html`
    <div ref=${frame} class=${`frame ${full ? 'full' : 'fit'}`} style=${{ '--ratio': size.width / size.height }}
      tabindex=${full ? 0 : undefined} role=${full ? 'region' : undefined} aria-label=${full ? t('true_size_region') : undefined}
      onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up} onDblClick=${toggleFull}>
      <div ref=${sheet} class="sheet" style=${{ '--cut': `${cut}%`, width: full ? `${size.width}px` : '' }}>
        <img class="after" src=${after} alt=${alt} width=${size.width} height=${size.height} draggable=${false} />
        ${before && html`
          <img class="before" src=${before} alt=${t('before_alt')} width=${size.width} height=${size.height} draggable=${false} />
          <span class=${`tag left ${cut < 14 ? 'gone' : ''}`} aria-hidden="true">${t('before')}</span>
          <span class=${`tag right ${cut > 86 ? 'gone' : ''}`} aria-hidden="true">${t('after')}</span>
          <input type="range" class="unseen" min="0" max="100" step="1" value=${cut} aria-label=${t('curtain')}
            aria-valuetext=${t('curtain_value', { percent: Math.round(cut) })} onInput=${(event) => setCut(Number(event.target.value))} />
          <span class="handle" aria-hidden="true"></span>`}
      </div>
    </div>`;
}
