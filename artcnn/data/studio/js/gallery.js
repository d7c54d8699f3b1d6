// All jobs: running and waiting ones as a queue that can be put in order, done ones as a grid of pictures.

import { html, useState } from '../vendor/htm-preact.js';
import * as api from './api.js';
import { Icon } from './icons.js';
import { jobName } from './names.js';
import { duration, t } from './words.js';

// The job before which one goes to move it by a place: up, or down; null is the end.
function neighbor(waiting, index, by) {
  return by < 0 ? waiting[index - 1].id : waiting[index + 2]?.id ?? null;
}

function Waiting({ job, jobs, options, shown, act, waiting, drag }) {
  const index = waiting.findIndex((one) => one.id === job.id);
  const left = job.state === 'running' ? jobs.secondsLeft(job) : null;
  const move = (by) => act.change(job, { do: 'move', before: neighbor(waiting, index, by) });
  const name = jobName(job, options);
  const text = job.state === 'running' && left !== null && job.step > 0
    ? t('left', { time: duration(left) }) : t(`state_${job.state}`);
  const dragging = index < 0 ? {} : {
    draggable: true,
    onDragStart: (event) => { event.dataTransfer.setData('text/x-artcnn-job', job.id); event.dataTransfer.effectAllowed = 'move'; },
    onDragOver: (event) => { if (event.dataTransfer.types.includes('text/x-artcnn-job')) { event.preventDefault(); drag.over(job.id); } },
    onDragLeave: () => drag.over(null),
    onDragEnd: () => drag.over(null),
    onDrop: (event) => {
      const moved = event.dataTransfer.getData('text/x-artcnn-job');
      drag.over(null);
      if (!moved) return;
      event.preventDefault();
      if (moved !== job.id) act.change({ id: moved }, { do: 'move', before: job.id });
    },
  };
  return html`
    <li class=${`queued ${shown ? 'shown' : ''} ${drag.target === job.id ? 'target' : ''}`} ...${dragging}>
      <button type="button" class="open" aria-current=${shown ? 'true' : undefined} onClick=${() => act.show(job)}>
        <img src=${job.preview > 0 ? api.preview(job) : api.thumbnail(job.inputs.photo ?? job.inputs.painting)} alt="" width="56" height="56" loading="lazy" />
        <span class="grow"><b>${name}</b><small class=${job.state === 'failed' ? 'trouble' : ''}>${text}</small>
          ${job.state === 'running' && html`<progress value=${job.progress} max="1" aria-label=${t('progress')}></progress>`}</span>
      </button>
      <span class="tools">
        ${index > 0 && html`<button type="button" class="bare" aria-label=${t('move_up', { name })} title=${t('up')} onClick=${() => move(-1)}><${Icon} name="up" /></button>`}
        ${index >= 0 && index < waiting.length - 1 && html`<button type="button" class="bare" aria-label=${t('move_down', { name })} title=${t('down')} onClick=${() => move(1)}><${Icon} name="down" /></button>`}
        ${(job.state === 'running' || job.state === 'waiting') && html`<button type="button" class="bare" aria-label=${t('pause_one', { name })} title=${t('pause')} onClick=${() => act.change(job, { do: 'pause' })}><${Icon} name="pause" /></button>`}
        ${(job.state === 'paused' || job.state === 'failed') && html`<button type="button" class="bare" aria-label=${t('resume_one', { name })} title=${t('resume')} onClick=${() => act.change(job, { do: 'resume' })}><${Icon} name="play" /></button>`}
        <button type="button" class="bare" aria-label=${t('remove_one', { name })} title=${t('remove')} onClick=${() => act.remove(job)}><${Icon} name="bin" /></button>
      </span>
    </li>`;
}

function Picture({ job, options, shown, act }) {
  const name = jobName(job, options);
  return html`
    <li class=${`made ${shown ? 'shown' : ''}`}>
      <button type="button" class="open" aria-current=${shown ? 'true' : undefined} title=${name} onClick=${() => act.show(job)}>
        <img src=${api.small(job)} alt=${t('result_alt', { name })} loading="lazy" width="160" height="120" />
        ${job.film && job.film.still === null && html`<span class="badge"><${Icon} name="play" /></span>`}
      </button>
      <button type="button" class="bare corner" aria-label=${t('remove_one', { name })} title=${t('remove')} onClick=${() => act.remove(job)}><${Icon} name="bin" /></button>
    </li>`;
}

export function Gallery({ jobs, options, shownId, act }) {
  const [target, setTarget] = useState(null);
  const [queue, made, waiting] = [jobs.queue(), jobs.finished(), jobs.waiting()];
  const drag = { target, over: setTarget };
  return html`
    <section class="gallery" aria-label=${t('gallery')}>
      ${queue.length > 0 && html`
        <h2>${t('queue')}<small>${queue.length}</small></h2>
        <ol class="queue">
          ${queue.map((job) => html`<${Waiting} key=${job.id} job=${job} jobs=${jobs} options=${options} shown=${job.id === shownId} act=${act} waiting=${waiting} drag=${drag} />`)}
        </ol>`}
      <h2>${t('pictures')}${made.length > 0 && html`<small>${made.length}</small>`}</h2>
      ${made.length === 0 ? html`<p class="quiet">${t('no_pictures')}</p>` : html`
        <ul class="grid">
          ${made.map((job) => html`<${Picture} key=${job.id} job=${job} options=${options} shown=${job.id === shownId} act=${act} />`)}
        </ul>`}
    </section>`;
}
