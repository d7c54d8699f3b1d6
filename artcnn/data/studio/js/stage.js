// The large place: a welcome, then the photo, then the picture as it grows, then before and after.

import { html, useEffect, useState } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Camera } from './camera.js';
import { Command } from './command.js';
import { Curtain } from './curtain.js';
import { Film, isVideo } from './film.js';
import { Icon } from './icons.js';
import { useInstant } from './instant.js';
import { fileName, jobName } from './names.js';
import { ChooseFile, Drop } from './picker.js';
import { useFile, usePictureSize } from './sizes.js';
import { baseOf, hasPhoto } from './wish.js';
import { duration, phrase, t } from './words.js';

export const LARGE = 2048;  // pixels of the longer side of a photo on the stage

function Welcome({ take, samples, takeSample }) {
  return html`
    <${Drop} class="welcome" take=${take}>
      <${Icon} name="picture" />
      <h2>${t('welcome')}</h2>
      <p>${t('welcome_text')}</p>
      <div class="row">
        <${ChooseFile} label=${t('choose_photo')} icon="picture" take=${take} many films look="button primary" />
        <${Camera} take=${take} />
      </div>
      ${samples.length > 0 && html`
        <p class="quiet">${t('or_sample')}</p>
        <div class="samples">
          ${samples.filter((one) => one.kind === 'photo').map((one) => html`
            <button key=${one.sha256} type="button" class="sample" title=${phrase(one.title)} onClick=${() => takeSample(one)}>
              <img src=${api.thumbnail(one.sha256)} alt=${phrase(one.title)} width="96" height="72" />
            </button>`)}
        </div>`}
    <//>`;
}

// `small` is there before the large picture is.
function Fitted({ src, small, alt, size, children }) {
  return html`
    <div class="frame fit" style=${{ '--ratio': size.width / size.height }}>
      <div class="sheet">${small && html`<img class="under" src=${small} alt="" />`}<img class="after" src=${src} alt=${alt} width=${size.width} height=${size.height} draggable=${false} />${children}</div>
    </div>`;
}

// What a texture is made of.
function Source({ painting, take }) {
  if (!painting) return html`<${Drop} class="welcome" take=${take}><${Icon} name="picture" /><p>${t('needs_painting')}</p><//>`;
  return html`
    <${Fitted} key=${painting.sha256} small=${api.thumbnail(painting.sha256)} src=${api.thumbnail(painting.sha256, LARGE)} alt=${painting.name} size=${painting} />
    <div class="below"><p class="quiet">${t('photo_size', painting)}</p></div>`;
}

// The photo, and over it the instant style that is chosen, at once and small.
function Photo({ photo, mask, wish, options }) {
  const { url, size, trouble } = useInstant(wish, photo, mask, baseOf(wish, options));
  const whole = wish.changes.instant.size ?? baseOf(wish, options).size;
  const shown = { name: phrase(options.styles[wish.look.instant]?.title ?? '') };
  return html`
    <${Fitted} key=${photo.sha256} small=${api.thumbnail(photo.sha256)} src=${api.thumbnail(photo.sha256, LARGE)} alt=${t('photo_alt', { name: photo.name })} size=${photo}>
      ${url ? html`<img class="over" src=${url} alt=${t('instant_alt', shown)} />`
    : mask && html`<img class="mask" src=${api.thumbnail(mask.sha256, 1024)} alt="" />`}
    <//>
    <div class="below">
      <p class="quiet">${t('photo_size', photo)}${photo.clip ? ` · ${t('seconds', { count: photo.seconds.toFixed(1) })}` : ''}</p>
      ${wish.kind === 'instant' && (trouble ? html`<p class="trouble" role="alert">${trouble}</p>`
    : html`<p class="quiet note">${url ? t(size < whole ? 'instant_preview' : 'instant_whole', { size, whole }) : t('instant_coming')}</p>`)}
    </div>`;
}

function progressText(job, jobs) {
  if (job.state === 'waiting') return jobs.ready ? t('waiting') : t('warming_up');
  if (job.state === 'paused') return t('paused');
  const left = jobs.secondsLeft(job);
  const percent = t('percent', { count: Math.floor(job.progress * 100) });
  return left === null || job.step === 0 ? (job.step === 0 ? t('starting') : percent) : `${percent} · ${t('left', { time: duration(left) })}`;
}

// Before anything is known of a picture but what was asked for: a texture is a square.
const shapeOf = (job) => (job.kind === 'texture' ? { width: 1, height: 1 } : { width: 4, height: 3 });

function Growing({ job, jobs, photo, options, act }) {
  const size = photo ?? shapeOf(job);
  const src = job.preview > 0 ? api.preview(job) : photo && api.thumbnail(photo.sha256, 1024);
  const failed = job.state === 'failed';
  return html`
    ${src ? html`<${Fitted} src=${src} alt=${t(job.preview > 0 ? 'growing_alt' : 'photo_alt', { name: photo?.name ?? '' })} size=${size} />`
    : html`<div class="frame fit" style=${{ '--ratio': size.width / size.height }}><div class="sheet"></div></div>`}
    <div class="below">
      <div class="grow">
        <h2>${jobName(job, options)}</h2>
        ${failed ? html`<p class="trouble" role="alert">${job.message || t('failed')}</p>` : html`
          <progress value=${job.progress} max="1" aria-label=${t('progress')}></progress>
          <p class="quiet">${progressText(job, jobs)}</p>
          <p class="unseen" role="status">${t(`state_${job.state}`)}</p>`}
      </div>
      <div class="row">
        ${(job.state === 'running' || job.state === 'waiting') && html`
          <button type="button" class="button" onClick=${() => act.change(job, { do: 'pause' })}><${Icon} name="pause" />${t('pause')}</button>`}
        ${(job.state === 'paused' || failed) && html`
          <button type="button" class="button primary" onClick=${() => act.change(job, { do: 'resume' })}><${Icon} name="play" />${t(failed ? 'try_again' : 'resume')}</button>`}
        ${failed && html`<button type="button" class="button" onClick=${() => act.again(job)}><${Icon} name="again" />${t('again')}</button>`}
        <button type="button" class="button" onClick=${() => act.remove(job)}><${Icon} name="bin" />${t('remove')}</button>
      </div>
    </div>`;
}

function Done({ job, photo, options, act }) {
  const [full, setFull] = useState(false);
  const address = api.result(job);
  const video = isVideo(job.result);
  const found = usePictureSize(video ? null : address);
  useEffect(() => setFull(false), [job.id]);
  const shape = found ?? photo ?? shapeOf(job);
  const size = video ? null : found;
  const toggleFull = () => setFull(!full);
  const alt = t('result_alt', { name: jobName(job, options) });
  return html`
    ${video ? html`<${Film} key=${job.id} job=${job} size=${shape} alt=${alt} />`
    : size ? html`
      <${Curtain} key=${job.id} before=${photo && api.thumbnail(photo.sha256, LARGE)} after=${address} size=${shape}
        full=${full} toggleFull=${toggleFull} alt=${alt} />`
    : html`<div class="frame fit" style=${{ '--ratio': shape.width / shape.height }}><div class="sheet"></div></div>`}
    <div class="below">
      <div class="grow">
        <h2>${jobName(job, options)}</h2>
        <p class="quiet">${size ? t('photo_size', { name: job.names.photo ?? job.names.painting, ...size }) : job.names.photo}</p>
        ${job.message && html`<p class="quiet">${job.message}</p>`}
      </div>
      <div class="row">
        <a class="button primary" href=${`${address}?download=${encodeURIComponent(fileName(job))}`} download=${fileName(job)}>
          <${Icon} name="download" />${t('download')}</a>
        <button type="button" class="button" onClick=${() => act.again(job)}><${Icon} name="again" />${t('again')}</button>
        ${!video && html`<button type="button" class="button" aria-pressed=${full ? 'true' : 'false'} onClick=${toggleFull}>${t('true_size')}</button>`}
        <button type="button" class="button" onClick=${() => act.remove(job)}><${Icon} name="bin" />${t('remove')}</button>
      </div>
    </div>
    <${Command} key=${job.id} job=${job} />`;
}

export function Stage({ job, wish, mask, jobs, options, samples, take, takeSample, act }) {
  const file = useFile(job?.inputs.photo);
  const photo = file && { ...file, name: job.names.photo ?? file.name };
  const inner = job?.state === 'done' ? html`<${Done} job=${job} photo=${photo} options=${options} act=${act} />`
    : job ? html`<${Growing} job=${job} jobs=${jobs} photo=${photo} options=${options} act=${act} />`
      : !hasPhoto(wish.kind) ? html`<${Source} painting=${wish.paintings[wish.active] ?? wish.paintings[0]} take=${take} />`
      : wish.photos.length > 0 ? html`<${Photo} photo=${wish.photos[wish.photos.length - 1]} mask=${mask} wish=${wish} options=${options} />`
        : html`<${Welcome} take=${take} samples=${samples} takeSample=${takeSample} />`;
  return html`<section class="stage" aria-label=${t('stage')}>${inner}</section>`;
}
