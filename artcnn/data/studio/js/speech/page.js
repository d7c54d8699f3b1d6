// The classroom's page on speech: a word is recorded or dropped, and seen as the network sees it.

import { html, useEffect, useRef, useState } from '../../vendor/htm-preact.js';
import { get, upload } from '../api.js';
import { useAsked } from '../asked.js';
import { Axes, Tile, explained } from '../finding.js';
import { Icon } from '../icons.js';
import { pictureOf } from '../live.js';
import { ChooseFile, Drop, useDropAnywhere } from '../picker.js';
import { sentenceOf } from '../uploads.js';
import { spoken, t } from '../words.js';
import { record } from './microphone.js';

const NETWORK = 'speech-digits';
const SHA256 = /^[0-9a-f]{64}$/;

function Microphone({ take, fail }) {
  const [level, setLevel] = useState(null);  // null: it is not recording
  const [part, setPart] = useState(0);
  const stop = useRef(null);
  const gone = useRef(false);
  useEffect(() => () => { gone.current = true; stop.current?.(false); }, []);
  const begin = async () => {
    fail(null);
    try {
      setLevel(0);
      stop.current = await record(
        (loud, recorded) => { setLevel(loud); setPart(recorded); },
        (file) => { stop.current = null; setLevel(null); setPart(0); take(file); },
      );
      if (gone.current) stop.current(false);  // the page was left while the browser asked
    } catch (error) {
      setLevel(null);
      fail(sentenceOf(error));
    }
  };
  const recording = level !== null;
  return html`
    <button type="button" class=${`button primary large record ${recording ? 'on' : ''}`} onClick=${() => (recording ? stop.current?.() : begin())}>
      <${Icon} name=${recording ? 'stop' : 'microphone'} />${t(recording ? 'speech_stop' : 'speech_record')}</button>
    <div class="level" aria-hidden="true"><span style=${{ width: `${100 * (level ?? 0)}%` }}></span></div>
    <progress value=${part} max="1" aria-label=${t('speech_time')}></progress>`;
}

function Player({ file }) {
  const [url, setUrl] = useState(null);
  useEffect(() => {
    let made = null;
    let gone = false;
    fetch(`/api/files/${file}/original?download=word`).then((answer) => answer.blob()).then((blob) => {
      made = URL.createObjectURL(blob);
      if (gone) URL.revokeObjectURL(made);
      else setUrl(made);
    }, () => {});  // without a server the page says so elsewhere
    return () => { gone = true; if (made) URL.revokeObjectURL(made); };
  }, [file]);
  return html`<audio controls src=${url ?? undefined} aria-label=${t('speech_listen')}></audio>`;
}

function Answers({ told }) {
  return html`
    <ol class="ranking">${told.answers.map(({ name, probability }) => html`
      <li key=${name}><b>${name}</b><meter min="0" max="1" value=${probability} aria-hidden="true"></meter><span>${t('percent', { count: (100 * probability).toFixed(1) })}</span></li>`)}
    </ol>`;
}

function Failed({ trouble, again }) {
  return html`<div class="failed"><p class="trouble" role="alert">${trouble}</p><button type="button" class="button small" onClick=${again}>${t('try_again')}</button></div>`;
}

function Listened({ file, answers, target, choose, again }) {
  const question = { network: NETWORK, input: { file }, class: target, lang: spoken() };
  const found = [useAsked('occlusion', question), useAsked('saliency', question)];
  const trouble = found.find((one) => one.trouble)?.trouble;
  return html`
    <section class="listened">
      <h2>${t('speech_where')}</h2>
      <div class="row"><label for="speech-class">${t('speech_why')}</label>
        <select id="speech-class" value=${target} onChange=${(event) => choose(event.target.value)}>
          ${answers.map(({ name }) => html`<option key=${name} value=${name} selected=${name === target}>${name}</option>`)}</select></div>
      <p>${t('speech_warning')}</p>
      ${trouble && html`<${Failed} trouble=${trouble} again=${again} />`}
      ${!trouble && found.some((one) => one.busy) && html`<p class="quiet" role="status">${t('speech_looking')}</p>`}
      ${found.map(({ answer }) => answer && html`
        <div key=${answer.title}><p class="quiet">${answer.title}</p>
          <div class="findings">${answer.pictures.slice(1).map((tile) => html`<${Tile} key=${tile.caption} tile=${tile} />`)}</div>
          <details><summary>${t('speech_more')}</summary>${answer.about.map((text) => html`<p key=${text}>${explained(text)}</p>`)}</details>
        </div>`)}
    </section>`;
}

function Word({ file, state, change, again }) {
  const question = { network: NETWORK, input: { file }, lang: spoken() };
  const shown = useAsked('input', question);
  const told = useAsked('answer', { ...question, first: 20 });
  const trouble = shown.trouble ?? told.trouble;
  if (trouble) return html`<${Failed} trouble=${trouble} again=${again} />`;
  const answers = told.answer?.answers;
  const target = answers?.find(({ name }) => name === state.class)?.name ?? answers?.[0].name;
  return html`
    <div class="word">
      <section><h2>${t('speech_spectrogram')}</h2>
        ${shown.answer ? html`<${Axes} axes=${shown.answer.axes}><img class="pixels spectrogram" src=${pictureOf(shown.answer.picture)} alt=${t('speech_spectrogram_alt')} width="64" height="40" /><//>`
    : html`<div class="axes"><div class="spectrogram empty"></div></div>`}
        <p class="help">${t('speech_spectrogram_text')}</p>
        <${Player} file=${file} />
      </section>
      <section aria-live="polite"><h2>${t('speech_answer')}</h2>
        ${told.answer ? html`<${Answers} told=${told.answer} />
          ${told.answer.doubt && html`<p class="doubt">${told.answer.doubt}</p>`}` : html`<p class="quiet">${t('speech_hearing')}</p>`}
      </section>
    </div>
    ${answers && html`<${Listened} key=${file} file=${file} answers=${answers} target=${target} choose=${(name) => change({ class: name })} again=${again} />`}`;
}

export function Page({ state, change, samples }) {
  const [trouble, setTrouble] = useState(null);
  const [sending, setSending] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const file = SHA256.test(state.file ?? '') ? state.file : null;
  const take = async (sound) => {
    if (!sound) return;
    setTrouble(null);
    setSending(true);
    try {
      const { sha256 } = await upload(sound, sound.name, () => {}, true);
      change({ file: sha256, class: null });
    } catch (error) {
      setTrouble(sentenceOf(error));
    } finally {
      setSending(false);
    }
  };
  const takeFirst = ([sound]) => take(sound);
  useDropAnywhere(takeFirst);
  return html`
    <main class="speech classroom">
      <h1>${t('speech_title')}</h1>
      <p class="lead">${t('speech_lead')}</p>
      <${Drop} class="sound" take=${takeFirst}>
        <${Microphone} take=${take} fail=${setTrouble} />
        <p class="quiet">${t('speech_say')}</p>
        <div class="row">
          <${ChooseFile} label=${t('speech_choose')} accept="audio/*,.wav,.flac,.ogg,.opus,.mp3,.aiff" take=${takeFirst} />
          ${samples.map((one) => html`<button key=${one.sha256} type="button" class="button" onClick=${() => change({ file: one.sha256, class: null })}><${Icon} name="play" />${t('speech_sample', { word: one.title })}</button>`)}
        </div>
        ${sending && html`<p class="quiet" role="status">${t('speech_sending')}</p>`}
        ${trouble && html`<p class="trouble" role="alert">${trouble}</p>`}
      <//>
      ${file && html`<${Word} key=${`${file} ${attempt}`} file=${file} state=${state} change=${change} again=${() => setAttempt(attempt + 1)} />`}
      <section class="lesson"><h2>${t('speech_what')}</h2>${['speech_what_seen', 'speech_what_learned', 'speech_what_unsure'].map((key) => html`<p key=${key}>${t(key)}</p>`)}</section>
    </main>`;
}

export const load = async () => ({ samples: await get('/api/samples/words') });
