// What is to be made, as the form has it: kept by the browser, so that a reload loses nothing.

const KEY = 'artcnn-wish';

export const KINDS = ['instant', 'style', 'dream', 'texture'];

// What a mask over the photo is called, by kind: where the photo stays, or where to dream.
export const MASKS = { instant: 'protect', style: 'protect', dream: 'mask' };

export const hasPhoto = (kind) => kind !== 'texture';
export const hasPaintings = (kind) => kind === 'style' || kind === 'texture';

const EMPTY = {
  kind: 'instant',
  photos: [],  // as the server knows them: {sha256, name, width, height}
  paintings: [null],  // the same, with `weight` and `mask`; null where one is still to be chosen
  active: 0,  // the painting that the shelf changes
  guide: null,  // what a dream is drawn towards, with `mask`
  look: { instant: 'wave', style: 'default', dream: 'default', texture: 'default' },
  changes: { instant: {}, style: {}, dream: {}, texture: {} },
  masks: {},  // uploads, by what they are called
  film: {},  // how a clip becomes a film, where that differs from the recipe's defaults
};

const merged = (kept) => ({
  ...EMPTY, ...kept, look: { ...EMPTY.look, ...kept.look }, changes: { ...EMPTY.changes, ...kept.changes },
});

export function keptWish() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept && KINDS.includes(kept.kind) && (kept.paintings ?? []).length !== 0 ? merged(kept) : EMPTY;
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

// Other photos: masks were painted over the ones before.
export function withPhotos(wish, photos) {
  const paintings = wish.paintings.map((painting) => painting && { ...painting, mask: null });
  return { ...wish, photos, paintings, masks: {}, film: {} };
}

// The painting in place of the active one: what was set for that stays.
export function withPainting(wish, upload) {
  const paintings = [...wish.paintings];
  const { weight = 1, mask = null } = paintings[wish.active] ?? {};
  paintings[wish.active] = { ...upload, weight, mask };
  return { ...wish, paintings };
}

// What is missing until it can be made: the key of a sentence, or null.
export function missing(wish) {
  if (hasPhoto(wish.kind) && wish.photos.length === 0) return 'needs_photo';
  if (hasPaintings(wish.kind) && wish.paintings.includes(null)) return 'needs_painting';
  return null;
}

const paintingName = (index) => `painting${index > 0 ? index + 1 : ''}`;

// The inputs of a job, as uploads by name. Masks are of a single photo.
export function inputsOf(wish, photo) {
  const { kind, paintings, guide, masks, photos } = wish;
  const found = hasPhoto(kind) ? { photo } : {};
  const single = photos.length === 1;
  if (hasPaintings(kind)) paintings.forEach((painting, index) => { found[paintingName(index)] = painting; });
  if (kind === 'style' && single && paintings.length > 1) {
    paintings.forEach(({ mask }, index) => { if (mask) found[`${paintingName(index)}_mask`] = { ...mask, name: `${paintingName(index)}-mask.png` }; });
  }
  if (kind === 'dream' && guide) found.guide = guide;
  if (kind === 'dream' && guide?.mask) found.guide_mask = { ...guide.mask, name: 'guide-mask.png' };
  const mask = single && masks[MASKS[kind]];
  if (mask) found[MASKS[kind]] = mask;
  return found;
}

const each = (inputs, field) => Object.fromEntries(Object.entries(inputs).map(([name, upload]) => [name, upload[field]]));

// The orders for the server, one for each photo.
export function orders(wish, options) {
  const { kind, paintings } = wish;
  const settings = { ...wish.changes[kind] };
  if (kind === 'instant') settings.style = wish.look.instant;
  if (hasPaintings(kind) && paintings.length > 1) settings.blend = paintings.map(({ weight }) => weight);
  return (hasPhoto(kind) ? wish.photos : [null]).map((photo) => {
    const inputs = inputsOf(wish, photo);
    const film = photo?.clip ? wish.film : null;
    return { kind, preset: presetOf(wish, options)?.name ?? null, settings, film, inputs: each(inputs, 'sha256'), names: each(inputs, 'name') };
  });
}

// The paintings among the inputs of a job, as the form has them.
function paintingsOf(job, files) {
  const found = [];
  for (let name = paintingName(0); files[name]; name = paintingName(found.length)) {
    found.push({ ...files[name], weight: job.recipe.blend?.[found.length] ?? 1, mask: files[`${name}_mask`] ?? null });
  }
  return found;
}

const changesOf = (film, settings) => Object.fromEntries(Object.entries(film).filter(([name, value]) => !same(value, settings[name].schema.default)));

// The form that would make a job again. `files` are the uploads of its inputs, by name.
export function wishOf(job, files, wish, options) {
  const look = job.kind === 'instant' ? job.recipe.style : job.preset ?? 'default';
  const paintings = paintingsOf(job, files);
  const next = {
    ...wish,
    kind: job.kind,
    photos: files.photo ? [files.photo] : wish.photos,
    paintings: paintings.length > 0 ? paintings : wish.paintings,
    active: 0,
    guide: job.kind === 'dream' ? files.guide && { ...files.guide, mask: files.guide_mask ?? null } : wish.guide,
    look: { ...wish.look, [job.kind]: look },
    film: changesOf(job.film ?? {}, options.film),
    masks: files[MASKS[job.kind]] ? { [MASKS[job.kind]]: files[MASKS[job.kind]] } : {},
  };
  const base = baseOf(next, options);
  const isChanged = ([name, value]) => name in base && name !== 'style' && name !== 'blend' && !same(value, base[name]);
  return { ...next, changes: { ...wish.changes, [job.kind]: Object.fromEntries(Object.entries(job.recipe).filter(isChanged)) } };
}
