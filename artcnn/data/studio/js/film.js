// What is the page's own about films: how a clip becomes one, and the film that was made.

import { html } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Setting } from './settings.js';
import { same } from './wish.js';
import { t } from './words.js';

export const isVideo = (name) => /\.(mp4|webm)$/.test(name);

// The settings of the film: changes differ from the recipe's defaults.
export function FilmSettings({ settings, clip, changes, change }) {
  const set = (name, value) => {
    const next = { ...changes, [name]: value };
    if (same(value, settings[name].schema.default)) delete next[name];
    change(next);
  };
  return html`
    <section><h2>${t('film')}</h2>
      <p class="quiet">${t('film_facts', { seconds: clip.seconds.toFixed(1), fps: Number(clip.fps.toFixed(2)) })}</p>
      <div class="settings pairs">
        ${Object.entries(settings).map(([name, setting]) => html`
          <${Setting} key=${name} kind="film" name=${name} setting=${setting} base=${setting.schema.default}
            value=${changes[name] ?? setting.schema.default} change=${set} />`)}
      </div>
    </section>`;
}

export function Film({ job, size, alt }) {
  const address = api.result(job);
  return html`
    <div class="frame fit" style=${{ '--ratio': size.width / size.height }}>
      <div class="sheet">
        <video class="after" src=${address} controls loop muted playsinline preload="metadata" aria-label=${alt}></video>
      </div>
    </div>`;
}
