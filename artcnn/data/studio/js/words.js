// The words of the page, in the language of the browser or in the one that was chosen.

import { get } from './api.js';

export const LANGUAGES = { en: 'English', zh: '中文' };

let words = {};
let language = null;

// The tag of the language that the page speaks.
export const spoken = () => language;

export function preferredLanguage() {
  const kept = localStorage.getItem('artcnn-language');
  if (kept in LANGUAGES) return kept;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES) ?? 'en';
}

export async function speak(next) {
  words = await get(`/api/words?lang=${next}`);
  language = next;
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : language;
}

// A text of the page, with {names} replaced.
export function t(key, values = {}) {
  const text = words[key];
  if (text === undefined) throw new Error(`there are no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// What stands elsewhere in English (a docstring, a title): translated where there is a translation.
export function phrase(text) {
  const plain = text.replaceAll('``', '').replace(/\s+/g, ' ').trim();
  return words.phrases?.[plain] ?? plain;
}

// The name of a setting, a preset or a choice; without one, what it is called in recipes, made readable.
export function named(kind, name) {
  return words[kind]?.[name] ?? sentence(name.replaceAll('_', ' '));
}

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function duration(seconds) {
  if (seconds < 60) return t('seconds', { count: Math.max(1, Math.round(seconds)) });
  if (seconds < 3600) return t('minutes', { count: Math.round(seconds / 60) });
  return t('hours', { count: (seconds / 3600).toFixed(1) });
}
