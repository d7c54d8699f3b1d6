// Where pictures come in: dropped, chosen, or taken with the camera.

import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js';
import { Icon } from './icons.js';
import { carriesFiles, filesOf } from './uploads.js';
import { t } from './words.js';

// A button that opens the system's choice of files.
export function ChooseFile({ label, icon = 'plus', take, many = false, films = false, camera = false, look = 'button', accept = films ? 'image/*,video/*' : 'image/*' }) {
  const input = useRef(null);
  const changed = (event) => {
    take([...event.target.files]);
    event.target.value = '';  // so that the same file can be chosen again
  };
  return html`
    <button type="button" class=${look} onClick=${() => input.current.click()}><${Icon} name=${icon} />${label}</button>
    <input ref=${input} type="file" class="unseen" tabindex="-1" aria-hidden="true" accept=${accept} multiple=${many}
      ...${camera ? { capture: 'environment' } : {}} onChange=${changed} />`;
}

// A place that files can be dropped on; it shows that it would take them.
export function Drop({ take, class: look, children }) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const enter = (by) => {
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  const guard = (act) => (event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    act(event);
  };
  return html`
    <div class=${`${look} ${over ? 'over' : ''}`}
      onDragEnter=${guard(() => enter(1))} onDragLeave=${guard(() => enter(-1))} onDragOver=${guard(() => {})}
      onDrop=${guard((event) => { depth.current = 0; setOver(false); event.stopPropagation(); take(filesOf(event.dataTransfer)); })}>
      ${children}
    </div>`;
}

// Take files that are dropped anywhere on a page: one beside its place would replace the page.
export function useDropAnywhere(take) {
  const newest = useRef(null);
  newest.current = take;
  useEffect(() => {
    const over = (event) => event.preventDefault();
    const drop = (event) => { event.preventDefault(); newest.current(filesOf(event.dataTransfer)); };
    document.addEventListener('dragover', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('drop', drop);
    };
  }, []);
}

// Pictures on their way, each with how much of it has gone, or with what is wrong.
export function Uploads({ uploads, dismiss }) {
  return uploads.map((one) => html`
    <div key=${one.number} class=${`upload ${one.trouble ? 'wrong' : ''}`} role=${one.trouble ? 'alert' : 'status'}>
      <img src=${one.url} alt="" width="48" height="48" />
      <div class="grow">
        <p>${one.trouble ?? t('uploading', { name: one.name })}</p>
        ${!one.trouble && html`<progress value=${one.sent} max="1" aria-label=${t('uploading', { name: one.name })}></progress>`}
      </div>
      ${one.trouble && html`
        <button type="button" class="bare" aria-label=${t('dismiss')} onClick=${() => dismiss(one)}><${Icon} name="close" /></button>`}
    </div>`);
}
