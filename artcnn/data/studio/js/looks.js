// Looks as small pictures of one's own photo: instant styles at once, presets as the computing process finds time.

import { html, useEffect, useState } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { askPicture } from './live.js';
import { Shelf } from './shelf.js';
import { presetOf } from './wish.js';
import { named, phrase, t } from './words.js';

const SIDE = 192;  // pixels of the longer side of an instant one
const REST = 400;  // milliseconds until a choice is taken as meant

const painted = new Map();  // addresses of instant ones: by photo, then by style

// Those of one photo; of others, they are forgotten.
function paintedOf(photo) {
  for (const [other, styles] of painted) {
    if (other === photo) continue;
    for (const url of styles.values()) URL.revokeObjectURL(url);
    painted.delete(other);
  }
  if (!painted.has(photo)) painted.set(photo, new Map());
  return painted.get(photo);
}

// A photo in all instant styles, one after the other; `tell` is called after each.
async function paint(photo, styles, tell, isWanted) {
  const made = paintedOf(photo);
  for (const style of styles) {
    if (!isWanted()) return;
    if (made.has(style)) continue;
    const url = await askPicture('instant', { photo, settings: { style }, size: SIDE }, 'looks');
    if (painted.get(photo) !== made) {  // another photo is here meanwhile
      URL.revokeObjectURL(url);
      return;
    }
    made.set(style, url);
    tell();
  }
}

// Call `begin` when what `key` says has been so for a moment; what it is given says whether it still is.
function useSettled(key, begin) {
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => begin(() => wanted), REST);
    return () => { wanted = false; clearTimeout(timer); };
  }, [key]);
}

// Addresses of the small pictures of the chosen photo, by style; `busy` while more are to come.
export function useInstantLooks(photo, styles) {
  const [, draw] = useState(0);
  const [busy, setBusy] = useState(false);
  useSettled(photo, async (isWanted) => {
    if (!photo) return;
    setBusy(true);
    try {
      await paint(photo, styles, () => draw((count) => count + 1), isWanted);
    } catch (error) {
      if (!(error instanceof api.Trouble)) throw error;  // those that ship are seen instead
    }
    if (isWanted()) setBusy(false);
  });
  return { pictures: painted.get(photo) ?? new Map(), busy };
}

// The same of presets. inputs: the sha256 of each, by name, or null where there is nothing to try them on.
export function usePresetLooks(kind, inputs, jobs) {
  const [keys, setKeys] = useState({});
  useSettled(`${kind} ${JSON.stringify(inputs)} ${jobs?.rounds}`, async (isWanted) => {
    setKeys({});
    if (!inputs || !jobs) return;
    try {
      const { keys: found, there } = await api.wantLooks(kind, inputs);
      there.forEach((key) => jobs.looks.add(key));
      if (isWanted()) setKeys(found);
    } catch (error) {
      if (!(error instanceof api.Trouble)) throw error;
    }
  });
  const made = Object.entries(keys).filter(([, key]) => jobs?.looks.has(key));
  return { pictures: new Map(made.map(([name, key]) => [name, api.look(key)])), busy: made.length < Object.keys(keys).length };
}

// What is tried on: of a clip, its first frame.
const shownOf = (photo) => photo?.frame ?? photo?.sha256;

const pictureOf = ({ pictures, busy }, id, shipped) => ({ picture: pictures.get(id) ?? shipped, pending: busy && !pictures.has(id) });

function Styles({ wish, options, choose }) {
  const looks = useInstantLooks(shownOf(wish.photos.at(-1)), Object.keys(options.styles));
  const cards = Object.entries(options.styles).map(([id, style]) => ({
    id, title: phrase(style.title), about: phrase(style.artist.replace(/ \(.*/, '')), ...pictureOf(looks, id, style.look),
  }));
  return html`<${Shelf} legend=${t('look')} name="style" cards=${cards} chosen=${wish.look.instant} choose=${choose} few=${9} />`;
}

// What presets are tried on: the photo that was chosen last, and the first painting; no masks.
function trialOf({ kind, photos, paintings }) {
  const photo = shownOf(photos.at(-1));
  const painting = paintings[0]?.sha256;
  if (!photo || (kind === 'style' && !painting)) return null;
  return kind === 'style' ? { photo, painting } : { photo };
}

function Presets({ wish, options, choose, jobs }) {
  const { kind } = wish;
  const looks = usePresetLooks(kind, trialOf(wish), jobs);
  const cards = options.kinds[kind].presets.map(({ name, about, look }) => ({
    id: name, title: named('looks', name), about: phrase(about), ...pictureOf(looks, name, look),
  }));
  return html`<${Shelf} legend=${t('look')} name=${`look-${kind}`} cards=${cards} chosen=${presetOf(wish, options).name} choose=${choose} wide few=${5} />`;
}

export function Looks({ wish, change, options, jobs }) {
  const { kind } = wish;
  if (kind !== 'instant' && options.kinds[kind].presets.length < 2) return null;
  const choose = ({ id }) => change({ ...wish, look: { ...wish.look, [kind]: id } });
  return kind === 'instant' ? html`<${Styles} wish=${wish} options=${options} choose=${choose} />`
    : html`<${Presets} key=${kind} wish=${wish} options=${options} choose=${choose} jobs=${jobs} />`;
}
