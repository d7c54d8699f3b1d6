// The classroom's page on Go: a game against the network, and what it would play.

import { html, useEffect, useRef, useState } from '../../vendor/htm-preact.js';
import { Icon } from '../icons.js';
import { ask } from '../live.js';
import { ChooseFile, useDropAnywhere } from '../picker.js';
import { sentenceOf } from '../uploads.js';
import { t } from '../words.js';
import { Board } from './board.js';
import { SIZES, at, bestMoves, gameFrom, gameOf, placeOf, questionOf, stateOf, takenBack } from './game.js';
import { openSgf, saveSgf } from './sgf.js';

const COLOR = { B: 'go_black', W: 'go_white' };

const keyOf = (game) => JSON.stringify(questionOf(game));
const isOver = (position) => position.over || position.played?.name === 'resign';
const turnIn = ({ turn, setup, moves }) => {
  const last = moves.at(-1)?.[0];
  return last ? (last === 'B' ? 'W' : 'B') : turn ?? (setup.length > 0 ? 'W' : 'B');
};

// The position of the game in the address: asked for whenever that has changed, with the network's move if it is its turn.
function usePosition(game, put) {
  const [known, setKnown] = useState({ key: null, position: null });
  const [trouble, setTrouble] = useState(null);
  const [busy, setBusy] = useState(false);
  const wanted = useRef(null);
  const last = useRef(null);  // what was asked, to ask it again
  const key = keyOf(game);
  const request = async (question, replies, from) => {
    wanted.current = key;
    last.current = () => request(question, replies, from);
    setBusy(true);
    setTrouble(null);
    try {
      const network = game.you === 'both' ? null : game.you === 'B' ? 'W' : 'B';
      const position = await ask('go', { game: question, komi: game.komi, reply: replies, network }, 'game');
      if (wanted.current !== key) return null;
      const next = from(position);
      wanted.current = keyOf(next);
      setKnown({ key: keyOf(next), position });
      put(next);
      return position;
    } catch (error) {
      setTrouble(sentenceOf(error));
      return null;
    } finally {
      setBusy(false);
    }
  };
  const stay = (replies) => request(questionOf(game), replies, (position) => (replies ? gameFrom(position, game) : game));
  const isIts = game.you !== 'both' && turnIn(game) !== game.you;
  useEffect(() => {
    if (known.key !== key) stay(isIts);
    else if (isIts && !isOver(known.position)) stay(true);
  }, [key, isIts]);
  const open = (sgf) => request({ sgf }, false, (position) => ({ ...gameFrom(position, game), you: position.turn }));
  return { position: known.position, current: known.key === key, busy, trouble, open, letMove: () => stay(true), again: () => last.current() };
}

function resultOf(score) {
  if (score === '0') return t('go_draw');
  const points = score.slice(2);
  return score[0] === 'B' ? t('go_black_wins', { points }) : t('go_white_wins', { points });
}

// How the game stands: a sentence, and the color that it is about.
function standing(game, position, busy, turn, warm) {
  if (position?.over) return [resultOf(position.score), position.score[0]];
  if (position?.played?.name === 'resign') {
    const winner = turn === 'B' ? 'W' : 'B';
    return [t('go_resigns', { color: t(COLOR[winner]) }), winner];
  }
  if (busy) return [t(warm ? 'go_thinking' : 'warming_up'), turn];
  return [t(game.you === turn ? 'go_your_turn' : 'go_turn', { color: t(COLOR[turn]) }), turn];
}

function Status({ game, position, current, busy, turn }) {
  const played = position?.played;
  const move = played && played.name !== 'resign' && current && html`
    <p class="quiet">${t(played.name === 'pass' ? 'go_it_passed' : 'go_it_played', { point: played.name, percent: Math.round(100 * played.probability) })}</p>`;
  const [now, whose] = standing(game, current ? position : null, busy, turn, position !== null);
  return html`
    <div class="go-status" role="status"><p class="now">${COLOR[whose] && html`<span class=${`sign ${whose === 'B' ? 'black' : 'white'}`}></span>`}${now}</p>${move}
      ${position && position.dead.length > 0 && current && html`<p class="quiet">${t('go_dead')}</p>`}
      ${position && html`<p class="quiet">${t('go_captured', { black: position.captured.B, white: position.captured.W, komi: game.komi })}</p>`}
    </div>`;
}

function Best({ position }) {
  const name = (move) => (move === 'pass' ? t('go_pass') : move);
  return html`
    <h2>${t('go_best')}</h2>
    <ol class="ranking">${bestMoves(position, 5).map(({ name: move, probability }) => html`
      <li key=${move}><b>${name(move)}</b><meter min="0" max="1" value=${probability} aria-hidden="true"></meter><span>${t('percent', { count: (100 * probability).toFixed(1) })}</span></li>`)}
    </ol>
    <p class="help">${t('go_best_text')}</p>`;
}

function NewGame({ game, put }) {
  const [size, setSize] = useState(game.size);
  const [you, setYou] = useState(game.you);
  useEffect(() => { setSize(game.size); setYou(game.you); }, [game.size, game.you]);
  const begin = () => put({ ...game, size, you, komi: 7.5, turn: null, setup: [], moves: [] });
  return html`
    <h2>${t('go_new')}</h2>
    <div class="row go-new">
      <label for="go-size">${t('go_size')}</label><select id="go-size" value=${size} onChange=${(event) => setSize(Number(event.target.value))}>
        ${SIZES.map((one) => html`<option key=${one} value=${one} selected=${one === size}>${one} × ${one}</option>`)}</select>
      <label for="go-you">${t('go_you')}</label><select id="go-you" value=${you} onChange=${(event) => setYou(event.target.value)}>
        ${['B', 'W', 'both'].map((one) => html`<option key=${one} value=${one} selected=${one === you}>${t(one === 'both' ? 'go_both' : COLOR[one])}</option>`)}</select>
      <button type="button" class="button" onClick=${begin}>${t('go_begin')}</button>
    </div>`;
}

export function Page({ state, change }) {
  const game = gameOf(state);
  const put = (next) => change(stateOf(next));
  const { position, current, busy, trouble, open, letMove, again } = usePosition(game, put);
  const [wrong, setWrong] = useState(null);
  const turn = turnIn(game);
  const over = position && current && isOver(position);
  const mine = !busy && current && !over && (game.you === 'both' || turn === game.you);
  const move = (place) => put({ ...game, moves: [...game.moves, [turn, place]] });
  const back = takenBack(game);
  const last = game.moves.at(-1);
  const pending = position && !current && last?.[1] && !trouble ? [...at(last[1]), last[0]] : null;
  const choose = async ([file]) => {
    if (!file) return;
    setWrong(null);
    try {
      await open(await openSgf(file));
    } catch (error) {
      setWrong(sentenceOf(error));
    }
  };
  useDropAnywhere(choose);
  return html`
    <main class="go classroom">
      <div class="go-board">
        ${position ? html`<${Board} position=${position} heat=${game.heat && current && !over} turn=${turn} pending=${pending}
            play=${mine ? (x, y) => move(placeOf(x, y)) : null} />` : html`<div class="goban empty"></div>`}
        <p class="help" id="go-keys">${t('go_keys')} <span class="touch">${t('go_touch')}</span></p>
      </div>
      <div class="go-side">
        <h1>${t('go_title')}</h1>
        <p>${t('go_lead')}</p>
        <${Status} game=${game} position=${position} current=${current} busy=${busy} turn=${turn} />
        ${(trouble || wrong) && html`<div class="go-trouble"><p class="trouble" role="alert">${trouble ?? wrong}</p>
          ${trouble && html`<button type="button" class="button small" onClick=${again}>${t('try_again')}</button>`}</div>`}
        <div class="row">
          <button type="button" class="button" disabled=${!back || busy} onClick=${() => put(back)}><${Icon} name="undo" />${t('go_take_back')}</button>
          <button type="button" class="button" disabled=${!mine} onClick=${() => move('')}>${t('go_pass')}</button>
          <button type="button" class="button" disabled=${!mine} onClick=${letMove}><${Icon} name="play" />${t('go_let_move')}</button>
        </div>
        <label class="go-heat"><input type="checkbox" role="switch" class="switch" checked=${game.heat} onChange=${(event) => change({ heat: event.target.checked ? null : '0' })} />${t('go_show')}</label>
        ${position && game.heat && !over && html`<${Best} position=${position} />`}
        <${NewGame} game=${game} put=${put} />
        <h2>${t('go_file')}</h2>
        <div class="row">
          <button type="button" class="button" disabled=${!position || !current} onClick=${() => saveSgf(position.sgf)}><${Icon} name="download" />${t('go_save')}</button>
          <${ChooseFile} label=${t('go_open')} icon="up" accept=".sgf,application/x-go-sgf" take=${choose} />
        </div>
        ${position?.notes.map((note) => html`<p key=${note} class="quiet">${note}</p>`)}
        <section class="lesson"><h2>${t('go_what')}</h2>${['go_what_learned', 'go_what_sees', 'go_what_not', 'go_what_small'].map((key) => html`<p key=${key}>${t(key)}</p>`)}</section>
      </div>
    </main>`;
}
