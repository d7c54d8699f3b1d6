// A photo from the camera: a phone has its own page for it; elsewhere, where the browser lets us, a dialog.

import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js';
import { Icon } from './icons.js';
import { ChooseFile } from './picker.js';
import { t } from './words.js';

const hasOwnPage = matchMedia('(pointer: coarse)').matches;

// Whether there is a camera that the browser lets us use: only on this machine, or with encryption.
function useCamera() {
  const [there, setThere] = useState(false);
  useEffect(() => {
    if (hasOwnPage || !isSecureContext || !navigator.mediaDevices) return;
    navigator.mediaDevices.enumerateDevices().then((devices) => setThere(devices.some(({ kind }) => kind === 'videoinput')), () => {});
  }, []);
  return there;
}

function CameraDialog({ take, close }) {
  const dialog = useRef(null);
  const video = useRef(null);
  const [ready, setReady] = useState(false);
  const [trouble, setTrouble] = useState(null);

  useEffect(() => {
    let stream = null;
    let gone = false;
    dialog.current.showModal();
    const wanted = { video: { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } } };
    navigator.mediaDevices.getUserMedia(wanted).then((found) => {
      stream = found;
      if (gone) stream.getTracks().forEach((track) => track.stop());
      else video.current.srcObject = stream;
    }, (error) => setTrouble(t(error.name === 'NotAllowedError' ? 'camera_denied' : 'camera_failed')));
    return () => {
      gone = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);

  const shoot = () => {
    const canvas = document.createElement('canvas');
    canvas.width = video.current.videoWidth;
    canvas.height = video.current.videoHeight;
    canvas.getContext('2d').drawImage(video.current, 0, 0);
    canvas.toBlob((content) => {
      dialog.current.close();  // which gives the focus back
      take([new File([content], t('camera_file'), { type: 'image/jpeg' })]);
    }, 'image/jpeg', 0.95);
  };

  return html`
    <dialog ref=${dialog} class="camera" aria-labelledby="camera-title" onClose=${close}>
      <h2 id="camera-title">${t('camera')}</h2>
      <video ref=${video} autoplay muted playsinline aria-label=${t('camera_picture')} onLoadedData=${() => setReady(true)}></video>
      ${trouble && html`<p class="trouble" role="alert">${trouble}</p>`}
      <div class="row end">
        <button type="button" class="button" onClick=${() => dialog.current.close()}>${t('cancel')}</button>
        <button type="button" class="button primary" disabled=${!ready} onClick=${shoot}><${Icon} name="photo" />${t('camera_take')}</button>
      </div>
    </dialog>`;
}

export function Camera({ take }) {
  const [open, setOpen] = useState(false);
  const there = useCamera();
  if (hasOwnPage) return html`<${ChooseFile} label=${t('camera')} icon="photo" take=${take} camera />`;
  if (!there) return null;
  return html`
    <button type="button" class="button" onClick=${() => setOpen(true)}><${Icon} name="photo" />${t('camera')}</button>
    ${open && html`<${CameraDialog} take=${take} close=${() => setOpen(false)} />`}`;
}
