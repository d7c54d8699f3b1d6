// The frame of all pages: the header, and below it the page that the address names.

import { html, render, useEffect, useRef, useState } from '../vendor/htm-preact.js';
import { Icon } from './icons.js';
import { PAGES, address, change, follow, here, linkTo } from './router.js';
import { applyTheme, followSystem, isDark, switchTheme } from './theme.js';
import { sentenceOf } from './uploads.js';
import { LANGUAGES, preferredLanguage, speak, t } from './words.js';

function Header({ page, language, setLanguage, redraw }) {
  const names = Object.keys(PAGES);
  return html`
    <header class="top">
      <a class="wordmark" href=${address('workshop')} aria-label=${t('title')}>artcnn <span>studio</span></a>
      ${names.length > 1 && html`
        <nav aria-label=${t('pages')}>
          ${names.map((name) => html`<a key=${name} href=${linkTo(name)} aria-current=${name === page ? 'page' : undefined}>${t(`page_${name}`)}</a>`)}
        </nav>`}
      <div class="choices">
        <select aria-label=${t('language')} value=${language} onChange=${(event) => setLanguage(event.target.value)}>
          ${Object.entries(LANGUAGES).map(([tag, name]) => html`<option key=${tag} value=${tag} lang=${tag} selected=${tag === language}>${name}</option>`)}
        </select>
        <button type="button" class="bare" aria-label=${t(isDark() ? 'to_light' : 'to_dark')} title=${t(isDark() ? 'to_light' : 'to_dark')}
          onClick=${() => { switchTheme(); redraw(); }}><${Icon} name=${isDark() ? 'sun' : 'moon'} /></button>
      </div>
    </header>`;
}

// A page, as soon as it is loaded; `again` loads what could not be.
function Place({ place }) {
  const [loaded, setLoaded] = useState(null);  // {page, Page, given} or {page, error}
  const wanted = useRef(null);
  const load = async () => {
    const { page } = place;
    wanted.current = page;
    setLoaded(null);
    try {
      const { Page, load: prepare } = await PAGES[page]();
      const given = await prepare?.();
      if (wanted.current === page) setLoaded({ page, Page, given });
    } catch (error) {
      if (wanted.current === page) setLoaded({ page, error });
      if (!(error instanceof TypeError) && !('hint' in error)) throw error;  // a bug, and no missing server
    }
  };
  useEffect(() => { load(); }, [place.page]);
  if (loaded?.page !== place.page) return html`<main aria-busy="true"></main>`;
  if (loaded.error) {
    return html`
      <main class="message">
        <p class="trouble" role="alert">${sentenceOf('hint' in loaded.error ? loaded.error : {})}</p>
        <button type="button" class="button" onClick=${load}>${t('try_again')}</button>
      </main>`;
  }
  const put = (changes) => change(place.page, changes);
  return html`<${loaded.Page} key=${place.page} state=${place.state} change=${put} ...${loaded.given} />`;
}

function Studio({ firstLanguage }) {
  const [language, setLanguage] = useState(firstLanguage);
  const [place, setPlace] = useState(here);
  const [, draw] = useState(0);
  const redraw = () => draw((count) => count + 1);
  useEffect(() => {
    follow(setPlace);
    followSystem(redraw);
  }, []);
  useEffect(() => { document.title = `${t(`page_${place.page}`)} · ${t('title')}`; }, [place.page, language]);
  useEffect(() => scrollTo(0, 0), [place.page]);
  const choose = async (next) => {
    await speak(next);
    localStorage.setItem('artcnn-language', next);
    setLanguage(next);
  };
  return html`
    <${Header} page=${place.page} language=${language} setLanguage=${choose} redraw=${redraw} />
    <${Place} place=${place} />`;
}

applyTheme();
PAGES[here().page]().catch(() => {});  // it comes beside the words; Place tells of what is wrong
const language = preferredLanguage();
await speak(language);
render(html`<${Studio} firstLanguage=${language} />`, document.getElementById('page'));
