// Where the digit is drawn, by mouse, pen or finger, with the receptive field of what is looked at.

import { html, useLayoutEffect, useRef } from '../../vendor/htm-preact.js';
import { t } from '../words.js';
import { ink as inkScale, paint } from './colors.js';
import { SIDE, hasRoom, isNear, pointOf } from './strokes.js';

const STEP = 4;  // how far an arrow key moves the pen, of 255

// digit: {ink, base, box, pixels}, as digit.js has it; field: {top, left, height, width} in pixels of 28, or null.
// strokes: those that are done; draw(strokes), while one grows, and end(strokes), when it is done, take all.
export function Pad({ digit, strokes, field, draw, end }) {
  const canvas = useRef(null);
  const held = useRef(null);
  const pen = useRef({ x: 0.5, y: 0.5, down: false });

  useLayoutEffect(() => {
    const context = canvas.current.getContext('2d');
    context.imageSmoothingEnabled = false;
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIDE, SIDE);
    if (digit.base) {
      const small = new OffscreenCanvas(28, 28);
      paint(small.getContext('2d'), digit.base, 28, 28, inkScale);
      context.drawImage(small, 0, 0, SIDE, SIDE);
      context.globalCompositeOperation = 'lighten';
    }
    const image = new OffscreenCanvas(SIDE, SIDE);
    paint(image.getContext('2d'), digit.ink, SIDE, SIDE, inkScale);
    context.drawImage(image, 0, 0);
    context.globalCompositeOperation = 'source-over';
  }, [digit]);

  const at = (event) => {
    const { left, top, width, height } = canvas.current.getBoundingClientRect();
    return pointOf((event.clientX - left) / width, (event.clientY - top) / height);
  };
  const grow = (point) => {
    if (isNear(held.current, point)) return;
    held.current.push(point);
    draw([...strokes, held.current]);
  };
  const down = (event) => {
    if (event.button !== 0 || !hasRoom(strokes)) return;
    event.preventDefault();
    canvas.current.focus({ preventScroll: true });
    canvas.current.setPointerCapture(event.pointerId);
    held.current = [at(event)];
    draw([...strokes, held.current]);
  };
  const move = (event) => {
    if (!held.current || pen.current.down || !hasRoom([...strokes, held.current])) return;
    const all = event.getCoalescedEvents?.() ?? [];
    (all.length > 0 ? all : [event]).forEach((one) => grow(at(one)));
  };
  const up = () => {
    if (!held.current) return;
    const all = [...strokes, held.current];
    held.current = null;
    end(all);
  };
  const key = (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const { current } = pen;
    if (by) {
      current.x = Math.min(1, Math.max(0, current.x + (by[0] * STEP) / 255));
      current.y = Math.min(1, Math.max(0, current.y + (by[1] * STEP) / 255));
      if (current.down) grow(pointOf(current.x, current.y));
    } else if (event.key === ' ') {
      if (current.down) up();
      else if (hasRoom(strokes)) {
        held.current = [pointOf(current.x, current.y)];
        draw([...strokes, held.current]);
      }
      current.down = !current.down;
    } else return;
    event.preventDefault();
    cursor.current.style.translate = `${current.x * 100}cqw ${current.y * 100}cqw`;
  };
  const cursor = useRef(null);

  const { box } = digit;
  const mark = field && {
    x: Math.max(0, box.left + field.left * box.scale), y: Math.max(0, box.top + field.top * box.scale),
    width: field.width * box.scale, height: field.height * box.scale,
  };
  return html`
    <div class="pad">
      <canvas ref=${canvas} width=${SIDE} height=${SIDE} tabindex="0" role="application" aria-label=${t('digits_pad')} aria-describedby="pad-keys"
        onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up} onKeyDown=${key}></canvas>
      <span ref=${cursor} class="pen" aria-hidden="true"></span>
      ${digit.isEmpty && html`<p class="invite" aria-hidden="true">${t('digits_pad')}</p>`}
      <svg viewBox=${`0 0 ${SIDE} ${SIDE}`} aria-hidden="true">${mark && html`<rect class="field" ...${mark} />`}</svg>
    </div>
    <p id="pad-keys" class="unseen">${t('digits_pad_keys')}</p>`;
}
