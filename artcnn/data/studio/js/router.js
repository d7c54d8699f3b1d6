// Which page is shown, and what it shows: both stand in the address, `#/digits?layer=conv1&unit=7`, so that a place in
// a page can be linked to. The workshop is at `#/`.
//
// How a page is added: a module that exports the component `Page`, a line in PAGES (in the order of the header), its
// words `page_NAME` (what the header calls it) and its own in data/words/, its CSS in css/NAME.css with a line in
// index.html. Modules of a page that has several are in a folder: js/NAME/. The component draws a `<main class="NAME">`
// with an `<h1>`, and gets
//   state   what its address says, an object of strings; {} at first. It comes from anybody: check each before use.
//   change  change({layer: 'conv1', unit: null}) puts that into the address (null takes it out) and draws the page
//           again. It makes no new entry of the browser's history; a link (`<a href=${address('digits', {...})}>`) does.
// What a page needs before it can be drawn it loads in an exported `async function load()`; the fields of the object
// that this returns are given to the component, too. When another page is opened, the component is taken away: what it
// has opened (sounds, listeners, streams) it closes in the cleanup of its effects.

export const PAGES = {
  workshop: () => import('./workshop.js'),
  digits: () => import('./digits/page.js'),
  photo: () => import('./photo/page.js'),
  go: () => import('./go/page.js'),
  speech: () => import('./speech/page.js'),
};

const HOME = 'workshop';

const left = new Map();  // where each page was left, so that the header leads back there

export function address(page, state = {}) {
  const query = new URLSearchParams(state).toString();
  return `#/${page === HOME ? '' : page}${query && `?${query}`}`;
}

// {page, state} of an address. What is no page is the workshop.
export function placeOf(hash) {
  const [, name, query] = /^#\/([a-z]*)(?:\?(.*))?$/.exec(hash) ?? [];
  const page = name && Object.hasOwn(PAGES, name) ? name : HOME;
  return { page, state: page === (name || HOME) ? Object.fromEntries(new URLSearchParams(query)) : {} };
}

export const here = () => placeOf(location.hash);

export function linkTo(page) {
  return left.get(page) ?? address(page);
}

// Put something else into the address of a page, whether it is shown or was left meanwhile.
export function change(page, changes) {
  const shown = here().page === page;
  const { state } = placeOf(shown ? location.hash : linkTo(page));
  const next = Object.fromEntries(Object.entries({ ...state, ...changes }).filter(([, value]) => value !== null));
  left.set(page, address(page, next));
  if (!shown) return;
  history.replaceState(null, '', left.get(page));
  moved();
}

let tell = () => {};

function moved() {
  const place = here();
  left.set(place.page, address(place.page, place.state));
  tell(place);
}

// Tell of each new address.
export function follow(listener) {
  tell = listener;
  addEventListener('hashchange', moved);
  moved();
}
