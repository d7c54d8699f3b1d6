// The board: stones, the probability of each move, and a cursor for pointers and keys.

import { html, useEffect, useRef, useState } from '../../vendor/htm-preact.js';
import { t } from '../words.js';
import { COLUMNS, at, nameOf, placeOf } from './game.js';

// From yellow to red by the square root of the probability, as `artcnn go suggest` draws it.
const COLORS = ['#ffffcc', '#ffeda0', '#fed976', '#feb24c', '#fd8d3c', '#fc4e2a', '#e31a1c', '#bd0026', '#800026'];
const LEAST = 0.01;

// The part of the drawing that is seen: a point is one wide, the first line is at 1, and names are at the left and below.
const LEFT = 0.05;
const TOP = 0.4;
const MORE = 0.55;

const channels = (color) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));

export function heatColor(probability) {
  const place = (0.15 + 0.75 * Math.sqrt(probability)) * (COLORS.length - 1);
  const first = Math.min(Math.floor(place), COLORS.length - 2);
  const [low, high] = [channels(COLORS[first]), channels(COLORS[first + 1])];
  return `rgb(${low.map((value, index) => Math.round(value + (high[index] - value) * (place - first))).join(',')})`;
}

function stars(size) {
  const edge = size > 11 ? 3 : 2;
  const middle = Math.floor(size / 2);
  const lines = [edge, size - 1 - edge];
  const found = lines.flatMap((x) => lines.map((y) => [x, y]));
  if (size % 2 === 0 || size < 9) return found;
  const sides = size > 13 ? lines.flatMap((line) => [[middle, line], [line, middle]]) : [];
  return [...found, [middle, middle], ...sides];
}

const all = (size) => Array.from({ length: size }, (_, index) => index);

function Lines({ size }) {
  return html`
    <g class="lines">${all(size).map((line) => html`<path key=${line} d=${`M1 ${line + 1}H${size}M${line + 1} 1V${size}`} />`)}</g>
    <g class="stars">${stars(size).map(([x, y]) => html`<circle key=${`${x} ${y}`} cx=${x + 1} cy=${y + 1} r="0.11" />`)}</g>
    <g class="names">${all(size).map((line) => html`
      <text key=${line} x=${line + 1} y=${size + 0.85}>${COLUMNS[line]}</text><text key=${`row ${line}`} x="0.29" y=${line + 1.11}>${size - line}</text>`)}</g>`;
}

function Heat({ position }) {
  const seen = position.probabilities.flatMap((line, y) => line.map((p, x) => ({ p, x, y }))).filter(({ p }) => p >= LEAST);
  return html`
    <g class="heat">${seen.map(({ p, x, y }) => html`
      <g key=${`${x} ${y}`}><rect x=${x + 0.54} y=${y + 0.54} width="0.92" height="0.92" fill=${heatColor(p)} />
        <text x=${x + 1} y=${y + 1.14} class=${p > 0.3 ? 'on-dark' : ''}>${Math.round(100 * p)}</text></g>`)}</g>`;
}

function Stone({ x, y, color, look = '' }) {
  return html`<circle cx=${x + 1} cy=${y + 1} r="0.47" class=${`stone ${color === 'B' ? 'black' : 'white'} ${look}`} />`;
}

// `play` takes x and y of a point that is allowed; nothing can be played where it is null.
export function Board({ position, heat, turn, pending, play }) {
  const { size, stones } = position;
  const svg = useRef(null);
  const [cursor, setCursor] = useState(null);
  const [said, say] = useState('');
  useEffect(() => setCursor(null), [size]);
  const content = (x, y) => (stones[y][x] === '.' ? t('go_empty') : t(stones[y][x] === 'B' ? 'go_black' : 'go_white'));
  const tell = (x, y) => {
    const percent = heat && stones[y][x] === '.' ? `, ${t('percent', { count: Math.round(100 * position.probabilities[y][x]) })}` : '';
    say(`${nameOf(x, y, size)}: ${content(x, y)}${percent}`);
  };
  const move = (x, y) => { setCursor([x, y]); tell(x, y); };
  const act = (x, y) => {
    if (!play) return;
    if (position.legal[y][x]) play(x, y);
    else say(t('go_illegal', { point: nameOf(x, y, size) }));
  };
  const pointAt = (event) => {
    const box = svg.current.getBoundingClientRect();
    const scale = (size + MORE) / box.width;
    const x = Math.round((event.clientX - box.left) * scale + LEFT) - 1;
    const y = Math.round((event.clientY - box.top) * scale + TOP) - 1;
    return x >= 0 && y >= 0 && x < size && y < size ? [x, y] : null;
  };
  const onClick = (event) => {
    const point = pointAt(event);
    if (!point) return;
    // Under a finger the points of a large board are small: the first touch aims, a second one plays.
    const aimed = cursor && cursor[0] === point[0] && cursor[1] === point[1];
    const fine = event.pointerType !== 'touch' || size <= 9;
    move(...point);
    if (fine || aimed) act(...point);
  };
  const onKeyDown = (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const [x, y] = cursor ?? [Math.floor(size / 2), Math.floor(size / 2)];
    if (event.key in steps) {
      event.preventDefault();
      const [across, down] = cursor ? steps[event.key] : [0, 0];
      move(Math.min(Math.max(x + across, 0), size - 1), Math.min(Math.max(y + down, 0), size - 1));
    } else if ((event.key === 'Enter' || event.key === ' ') && cursor) {
      event.preventDefault();
      act(x, y);
    }
  };
  const onPointerMove = (event) => { if (event.pointerType !== 'touch') setCursor(pointAt(event)); };
  const onPointerLeave = (event) => { if (event.pointerType !== 'touch') setCursor(null); };  // a finger has aimed
  const each = stones.flatMap((line, y) => [...line].map((color, x) => ({ color, x, y }))).filter(({ color }) => color !== '.');
  const [lastX, lastY] = position.last ? at(position.last) : [];
  return html`
    <div class=${`goban lines-${size}`} role="application" tabindex="0" aria-label=${t('go_board', { size })} aria-describedby="go-keys"
      onClick=${onClick} onKeyDown=${onKeyDown} onPointerMove=${onPointerMove} onPointerLeave=${onPointerLeave}>
      <svg ref=${svg} viewBox=${`${LEFT} ${TOP} ${size + MORE} ${size + MORE}`} aria-hidden="true" focusable="false">
        <${Lines} size=${size} />
        ${heat && html`<${Heat} position=${position} />`}
        ${each.map(({ color, x, y }) => html`<${Stone} key=${`${x} ${y}`} x=${x} y=${y} color=${color} look=${position.dead.includes(placeOf(x, y)) ? 'dead' : ''} />`)}
        ${pending && html`<${Stone} x=${pending[0]} y=${pending[1]} color=${pending[2]} />`}
        ${position.last && !pending && html`<circle class="last" cx=${lastX + 1} cy=${lastY + 1} r="0.24" />`}
        ${cursor && play && stones[cursor[1]][cursor[0]] === '.' && position.legal[cursor[1]][cursor[0]] && html`<${Stone} x=${cursor[0]} y=${cursor[1]} color=${turn} look="ghost" />`}
        ${cursor && html`<rect class="cursor" x=${cursor[0] + 0.5} y=${cursor[1] + 0.5} width="1" height="1" rx="0.1" />`}
      </svg>
      <p class="unseen" role="status">${said}</p>
    </div>`;
}
