// Record a word with the microphone: as it is, without what makes telephone calls clearer, as one channel of a WAV file.

import { Trouble } from '../api.js';
import { t } from '../words.js';

const LONGEST = 3;  // seconds

const TROUBLES = { NotAllowedError: 'speech_not_allowed', SecurityError: 'speech_not_allowed', NotFoundError: 'speech_no_microphone' };

export function wavOf(parts, rate) {
  const count = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at, letters) => [...letters].forEach((letter, index) => bytes.setUint8(at + index, letter.charCodeAt(0)));
  text(0, 'RIFF');
  bytes.setUint32(4, 36 + 2 * count, true);
  text(8, 'WAVEfmt ');
  [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, rate, 4], [28, 2 * rate, 4], [32, 2, 2], [34, 16, 2]].forEach(([at, value, size]) => (
    size === 4 ? bytes.setUint32(at, value, true) : bytes.setUint16(at, value, true)));
  text(36, 'data');
  bytes.setUint32(40, 2 * count, true);
  let at = 44;
  for (const part of parts) {
    for (const sample of part) {
      bytes.setInt16(at, Math.round(Math.min(Math.max(sample, -1), 1) * 32767), true);
      at += 2;
    }
  }
  return new Blob([bytes], { type: 'audio/wav' });
}

// Begin to record. `hear` gets the level, 0 to 1, every now and then; `done` the file, when it was stopped or the time
// is over. Returns what stops it; `stop(false)` throws away what was recorded.
export async function record(hear, done) {
  if (!navigator.mediaDevices) throw new Trouble(t('speech_insecure'));
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  } catch (error) {
    throw error.name in TROUBLES ? new Trouble(t(TROUBLES[error.name])) : error;
  }
  const context = new AudioContext();
  const parts = [];
  let count = 0;
  let over = false;
  const stop = (keep = true) => {
    if (over) return;
    over = true;
    stream.getTracks().forEach((track) => track.stop());
    context.close();
    if (keep) done(new File([wavOf(parts, context.sampleRate)], t('speech_recorded'), { type: 'audio/wav' }));
  };
  try {
    await context.audioWorklet.addModule(new URL('./recorder.js', import.meta.url));
    const recorder = new AudioWorkletNode(context, 'recorder', { numberOfOutputs: 0 });
    recorder.port.onmessage = ({ data }) => {
      if (over) return;
      parts.push(data);
      count += data.length;
      hear(data.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0), count / context.sampleRate / LONGEST);
      if (count >= LONGEST * context.sampleRate) stop();
    };
    context.createMediaStreamSource(stream).connect(recorder);
  } catch (error) {
    stop(false);
    throw error;
  }
  return stop;
}
