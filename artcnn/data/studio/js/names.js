// What a job is called on the page, and its file on the disk.

import { named, phrase, t } from './words.js';

export function lookName(job, options) {
  if (job.kind === 'instant') {
    const style = options.styles[job.recipe.style];
    return style ? phrase(style.title) : job.recipe.style;
  }
  const look = named('looks', job.preset ?? 'default');
  const sample = options.samples.find(({ sha256 }) => sha256 === job.inputs.painting);
  const painting = sample ? phrase(sample.title) : job.names.painting;
  if (job.kind === 'texture') return painting;
  return painting ? t('look_of_painting', { painting, look }) : look;
}

export const jobName = (job, options) => t('job_name', { kind: t(`kind_${job.kind}`), look: lookName(job, options) });

// photo.jpg becomes photo-wave.png.
export function fileName(job) {
  const stem = (job.names.photo ?? job.names.painting).replace(/\.[^.]*$/, '');
  const look = job.kind === 'instant' ? job.recipe.style.replace(/[^\w-]+/g, '-') : `${job.kind}-${job.preset ?? 'default'}`;
  return `${stem}-${look}${job.result.slice(job.result.lastIndexOf('.'))}`;
}
