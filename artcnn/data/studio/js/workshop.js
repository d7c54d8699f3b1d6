// The workshop: what is shown, what is to be made, and what the server tells of its jobs.

import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Form } from './form.js';
import { Gallery } from './gallery.js';
import { Jobs } from './jobs.js';
import { fileFacts } from './sizes.js';
import { Stage } from './stage.js';
import { filesOf, send, sentenceOf } from './uploads.js';
import { MASKS, hasPhoto, keepWish, keptWish, orders, withPainting, withPhotos, wishOf } from './wish.js';
import { t } from './words.js';

// The state of the form without what the server has not (its folder may have been emptied).
async function checked(wish) {
  const there = async (upload) => upload && fileFacts(upload.sha256).then(() => true, () => false);
  const masked = async (upload) => (await there(upload) ? { ...upload, mask: await there(upload.mask) ? upload.mask : null } : null);
  const photos = [];
  for (const photo of wish.photos) if (await there(photo)) photos.push(photo);
  const masks = {};
  for (const [role, mask] of Object.entries(wish.masks)) if (photos.length === 1 && await there(mask)) masks[role] = mask;
  return { ...wish, photos, masks, paintings: await Promise.all(wish.paintings.map(masked)), guide: await masked(wish.guide) };
}

// `job` in the address is the id of the job that is shown; without it, the photo that the form has is.
export function Page({ state, change, options, samples, firstWish }) {
  const [, draw] = useState(0);
  const redraw = () => draw((count) => count + 1);
  const shownId = state.job ?? null;
  const setShownId = (job) => change({ job });
  const [wish, setWish] = useState(firstWish);
  const [uploads, setUploads] = useState([]);
  const [trouble, setTrouble] = useState(null);
  const [making, setMaking] = useState(false);
  const jobs = useRef(null);
  const top = useRef(null);

  useEffect(() => {
    let due = false;  // many events, one drawing
    jobs.current = new Jobs(() => {
      if (due) return;
      due = true;
      setTimeout(() => { due = false; redraw(); }, 30);
    });
    redraw();
    return () => jobs.current.close();
  }, []);
  useEffect(() => keepWish(wish), [wish]);

  const told = (one) => setUploads((all) => {
    const known = all.some(({ number }) => number === one.number);
    return known ? all.map((other) => (other.number === one.number ? one : other)) : [...all, one];
  });
  const dismiss = (one) => {
    URL.revokeObjectURL(one.url);
    setUploads((all) => all.filter(({ number }) => number !== one.number));
  };
  const usePhotos = (photos) => {
    setShownId(null);
    setWish((old) => withPhotos(old, photos));
  };
  const take = (files, role) => {
    if (files.length === 0) return;
    const batch = [];
    send(role === 'photo' ? files : files.slice(0, 1), role, told, (one, kept) => {
      dismiss(one);
      if (role === 'painting') setWish((old) => withPainting(old, kept));
      else if (role === 'guide') setWish((old) => ({ ...old, guide: { ...kept, mask: null } }));
      else {
        if (!batch.some(({ sha256 }) => sha256 === kept.sha256)) batch.push(kept);
        usePhotos([...batch]);
      }
    });
  };
  const removePhoto = (photo) => setWish((old) => withPhotos(old, old.photos.filter((one) => one !== photo)));

  const takeMain = useRef(null);  // what is dropped or pasted anywhere
  takeMain.current = (files) => take(files, hasPhoto(wish.kind) ? 'photo' : 'painting');
  useEffect(() => {
    const paste = (event) => {
      const files = filesOf(event.clipboardData);
      if (files.length > 0) { event.preventDefault(); takeMain.current(files); }
    };
    const over = (event) => event.preventDefault();  // a photo dropped beside the place would replace the page
    const drop = (event) => { event.preventDefault(); takeMain.current(filesOf(event.dataTransfer)); };
    document.addEventListener('paste', paste);
    document.addEventListener('dragover', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('paste', paste);
      document.removeEventListener('dragover', over);
      document.removeEventListener('drop', drop);
    };
  }, []);

  const trying = async (act) => {
    setTrouble(null);
    try {
      return await act();
    } catch (error) {
      setTrouble(sentenceOf(error));
      return null;
    }
  };
  const show = (job) => {
    setShownId(job.id);
    top.current.scrollIntoView({ block: 'start', behavior: 'smooth' });
  };
  const act = {
    show,
    change: (job, what) => trying(() => api.change(job.id, what)),
    remove: (job) => {
      if (job.state === 'done' && !confirm(t('sure'))) return;
      trying(() => api.remove(job.id));
      if (job.id === shownId) setShownId(null);
    },
    again: (job) => trying(async () => {
      const files = Object.fromEntries(await Promise.all(Object.keys(job.inputs).map(async (name) => [name, { ...await fileFacts(job.inputs[name]), name: job.names[name] }])));
      setWish((old) => wishOf(job, files, old, options));
      document.querySelector('.panel').scrollIntoView({ block: 'nearest', behavior: 'smooth' });
      document.querySelector('.make .primary').focus({ preventScroll: true });
    }),
  };
  const make = () => trying(async () => {
    setMaking(true);
    try {
      let first = null;
      for (const order of orders(wish, options)) {
        const job = await api.order(order);
        jobs.current?.take(job);
        first ??= job;
      }
      show(first);
    } finally {
      setMaking(false);
    }
  });

  const queue = jobs.current;
  const job = shownId && queue?.all.get(shownId);
  const mask = wish.photos.length === 1 ? wish.masks[MASKS[wish.kind]] ?? null : null;
  return html`
    ${queue && !queue.connected && html`<p class="banner" role="alert">${t('no_server')}</p>`}
    <main class="workshop" ref=${top}>
      <h1 class="unseen">${t('page_workshop')}</h1>
      <${Stage} job=${job} wish=${wish} mask=${mask} jobs=${queue} options=${options} samples=${samples}
        take=${takeMain.current} takeSample=${(one) => usePhotos([one])} act=${act} />
      <${Form} wish=${wish} change=${setWish} options=${options} samples=${samples} jobs=${queue} take=${take} removePhoto=${removePhoto}
        uploads=${uploads} dismiss=${dismiss} make=${make} making=${making} trouble=${trouble} />
      ${queue?.known && html`<${Gallery} jobs=${queue} options=${options} shownId=${shownId} act=${act} />`}
    </main>`;
}

export async function load() {
  const [options, samples, firstWish] = await Promise.all([api.get('/api/options'), api.get('/api/samples'), checked(keptWish())]);
  options.samples = samples;
  return { options, samples, firstWish };
}
