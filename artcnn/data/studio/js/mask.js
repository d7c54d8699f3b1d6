// A dialog to paint a mask over the photo: with the mouse, a pen, a finger, or the keyboard.

import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Brush } from './brush.js';
import { Icon } from './icons.js';
import { sentenceOf } from './uploads.js';
import { t } from './words.js';

const MOST = 1536;  // pixels of the longer side of a mask
const MOVE = 0.02;  // of the picture's longer side: a step of the keyboard's

const shareOf = (percent) => percent / 100;

function Slider({ label, value, set, least = 1 }) {
  return html`
    <label class="slider"><span>${label}</span>
      <input type="range" min=${least} max="100" value=${value} onInput=${(event) => set(Number(event.target.value))} /></label>`;
}

export function MaskEditor({ photo, role, mask, close, keep }) {
  const dialog = useRef(null);
  const canvas = useRef(null);
  const ring = useRef(null);
  const brush = useRef(null);
  const place = useRef([0.5, 0.5]);
  const [size, setSize] = useState(24);
  const [softness, setSoftness] = useState(30);
  const [erase, setErase] = useState(false);
  const [steps, setSteps] = useState(0);
  const [trouble, setTrouble] = useState(null);
  const [busy, setBusy] = useState(false);
  const how = { size: shareOf(size) ** 2 * 0.8 + 0.004, softness: shareOf(softness), erase };

  useEffect(() => {
    dialog.current.showModal();
    const scale = Math.min(1, MOST / Math.max(photo.width, photo.height));
    canvas.current.width = Math.round(photo.width * scale);
    canvas.current.height = Math.round(photo.height * scale);
    brush.current = new Brush(canvas.current, () => setSteps(brush.current.done.length));
    canvas.current.focus();
    if (mask) {
      const image = new Image();
      image.onload = () => brush.current.load(image);
      image.src = api.thumbnail(mask.sha256, 2048);
    }
  }, []);

  const showRing = () => {
    const box = canvas.current.getBoundingClientRect();
    const width = how.size * Math.max(box.width, box.height);
    const { style } = ring.current;
    style.width = style.height = `${width}px`;
    style.left = `${place.current[0] * 100}%`;
    style.top = `${place.current[1] * 100}%`;
  };
  useEffect(showRing);

  const at = (event) => {
    const box = canvas.current.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const down = (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    canvas.current.setPointerCapture(event.pointerId);
    place.current = at(event);
    brush.current.begin(...place.current, how);
  };
  const move = (event) => {
    if (!event.isPrimary) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length > 0 ? events : [event]) {
      place.current = at(one);
      if (brush.current.stroke) brush.current.extend(...place.current);
    }
    showRing();
  };
  const up = () => brush.current.end();

  const key = (event) => {
    const { stroke } = brush.current;
    const ratio = canvas.current.width / canvas.current.height;
    const [across, along] = ratio > 1 ? [MOVE, MOVE * ratio] : [MOVE / ratio, MOVE];
    const by = { ArrowLeft: [-across, 0], ArrowRight: [across, 0], ArrowUp: [0, -along], ArrowDown: [0, along] }[event.key];
    if (by) {
      place.current = place.current.map((value, axis) => Math.min(1, Math.max(0, value + by[axis])));
      if (stroke) brush.current.extend(...place.current);
      showRing();
    } else if (event.key === ' ') {
      if (stroke) brush.current.end();
      else brush.current.begin(...place.current, how);
    } else return;
    event.preventDefault();
  };
  const keys = (event) => {
    if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      brush.current.undo();
    } else if (event.key === '[') setSize(Math.max(1, size - 5));
    else if (event.key === ']') setSize(Math.min(100, size + 5));
  };

  const save = async () => {
    brush.current.end();
    setBusy(true);
    try {
      const kept = brush.current.isEmpty ? null : await api.upload(await brush.current.toPng(), `${role}.png`, () => {});
      dialog.current.close();  // which gives the focus back
      keep(kept);
    } catch (error) {
      setBusy(false);
      setTrouble(sentenceOf(error));
    }
  };

  const tool = (icon, label, act, disabled = false) => html`
    <button type="button" class="button small" disabled=${disabled} onClick=${act}>${icon && html`<${Icon} name=${icon} />`}${label}</button>`;
  const kind = (value, label) => html`
    <label><input type="radio" class="unseen" name="tool" checked=${erase === value} onChange=${() => setErase(value)} /><span>${label}</span></label>`;

  return html`
    <dialog ref=${dialog} class="masking" aria-labelledby="mask-title" onClose=${close} onKeyDown=${keys}>
      <header>
        <div class="grow"><h2 id="mask-title">${t(`${role}_title`)}</h2><p class="quiet" id="mask-help">${t(`${role}_text`)} <span class="keys">${t('mask_keys')}</span></p></div>
        <button type="button" class="bare" aria-label=${t('cancel')} onClick=${() => dialog.current.close()}><${Icon} name="close" /></button>
      </header>
      <div class="canvas-place">
        <div class="frame fit" style=${{ '--ratio': photo.width / photo.height }}>
          <div class="sheet">
            <img src=${api.thumbnail(photo.sha256, 2048)} alt=${t('photo_alt', photo)} draggable=${false} />
            <canvas ref=${canvas} tabindex="0" role="application" aria-label=${t(`${role}_title`)} aria-describedby="mask-help"
              onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${() => brush.current.cancel()} onKeyDown=${key}></canvas>
            <span ref=${ring} class="ring" aria-hidden="true"></span>
          </div>
        </div>
      </div>
      <footer>
        <div class="segments" role="radiogroup" aria-label=${t('tool')}>${kind(false, t('brush'))}${kind(true, t('eraser'))}</div>
        <${Slider} label=${t('brush_size')} value=${size} set=${setSize} />
        <${Slider} label=${t('softness')} value=${softness} set=${setSoftness} least=${0} />
        <div class="row">
          ${tool('undo', t('undo'), () => brush.current.undo(), steps === 0)}
          ${tool(null, t('fill'), () => brush.current.fill())}
          ${tool(null, t('invert'), () => brush.current.invert())}
          ${tool(null, t('clear'), () => brush.current.empty())}
        </div>
        <div class="row end">
          ${trouble && html`<p class="trouble" role="alert">${trouble}</p>`}
          <button type="button" class="button" onClick=${() => dialog.current.close()}>${t('cancel')}</button>
          <button type="button" class="button primary" disabled=${busy} onClick=${save}>${t('use_mask')}</button>
        </div>
      </footer>
    </dialog>`;
}
