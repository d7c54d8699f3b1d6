// What is to be made, as the form has it: kept by the browser, so that a reload loses nothing.

const KEY = 'artcnn-wish';

export const KINDS = ['instant', 'style', 'dream'];

// What a mask is called, by kind: where the photo stays, or where to dream.
export const MASKS = { instant: 'protect', style: 'protect', dream: 'mask' };

const EMPTY = {
  kind: 'instant',
  photos: [],  // as the server knows them: {sha256, name, width, height}
  painting: null,
  look: { instant: 'wave', style: 'default', dream: 'default' },
  changes: { instant: {}, style: {}, dream: {} },
  masks: {},  // uploads, by what they are called
};

export function keptWish() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept && KINDS.includes(kept.kind) ? { ...EMPTY, ...kept } : EMPTY;
  } catch {
    return EMPTY;  // of another version
  }
}

export const keepWish = (wish) => localStorage.setItem(KEY, JSON.stringify(wish));

// The preset that the form begins with; an instant style is a setting, and has none.
export function presetOf(wish, options) {
  if (wish.kind === 'instant') return null;
  const { presets } = options.kinds[wish.kind];
  return presets.find((preset) => preset.name === wish.look[wish.kind]) ?? presets[0];
}

// Values before anything is changed: the recipe's, with those of the preset.
export function baseOf(wish, options) {
  const { settings } = options.kinds[wish.kind];
  const values = Object.fromEntries(Object.entries(settings).map(([name, { schema }]) => [name, schema.default]));
  return { ...values, ...presetOf(wish, options)?.settings };
}

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export function withChange(wish, options, name, value) {
  const changes = { ...wish.changes[wish.kind], [name]: value };
  if (same(value, baseOf(wish, options)[name])) delete changes[name];
  return { ...wish, changes: { ...wish.changes, [wish.kind]: changes } };
}

// What is missing until it can be made: the key of a sentence, or null.
export function missing(wish) {
  if (wish.photos.length === 0) return 'needs_photo';
  if (wish.kind === 'style' && !wish.painting) return 'needs_painting';
  return null;
}

// The orders for the server, one for each photo.
export function orders(wish, options) {
  const { kind } = wish;
  const settings = { ...wish.changes[kind] };
  if (kind === 'instant') settings.style = wish.look.instant;
  const mask = wish.photos.length === 1 ? wish.masks[MASKS[kind]] : undefined;
  return wish.photos.map((photo) => {
    const inputs = { photo: photo.sha256 };
    if (kind === 'style') inputs.painting = wish.painting.sha256;
    if (mask) inputs[MASKS[kind]] = mask.sha256;
    const names = { photo: photo.name };
    if (kind === 'style') names.painting = wish.painting.name;
    return { kind, preset: presetOf(wish, options)?.name ?? null, settings, inputs, names };
  });
}

// The form that would make a job again. `files` are the uploads of its inputs, by name.
export function wishOf(job, files, wish, options) {
  const look = job.kind === 'instant' ? job.recipe.style : job.preset ?? 'default';
  const next = {
    ...wish,
    kind: job.kind,
    photos: [files.photo],
    painting: files.painting ?? wish.painting,
    look: { ...wish.look, [job.kind]: look },
    masks: files[MASKS[job.kind]] ? { [MASKS[job.kind]]: files[MASKS[job.kind]] } : {},
  };
  const base = baseOf(next, options);
  const isChanged = ([name, value]) => name in base && name !== 'style' && !same(value, base[name]);
  return { ...next, changes: { ...wish.changes, [job.kind]: Object.fromEntries(Object.entries(job.recipe).filter(isChanged)) } };
}
