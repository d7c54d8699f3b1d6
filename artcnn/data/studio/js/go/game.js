// A game of Go as the address has it: `#/go?size=9&moves=eeCG..`. Small letters are Black's moves, large ones White's,
// a column and a row as in SGF, from the upper left; tt is a pass. `ab` and `aw` have stones that were set before.

export const SIZES = Array.from({ length: 13 }, (_, index) => index + 7);
export const COLUMNS = 'ABCDEFGHJKLMNOPQRST';
const MOST = 1000;

const pairs = (text, pattern) => (pattern.test(text ?? '') && text.length <= 2 * MOST ? text.match(/../g) : []);

const moveOf = (pair) => {
  const place = pair.toLowerCase();
  return [pair === place ? 'B' : 'W', place === 'tt' ? '' : place];
};
const pairOf = ([color, place]) => (color === 'B' ? place || 'tt' : (place || 'tt').toUpperCase());

// What the address says; what makes no sense in it is left out.
export function gameOf(state) {
  const size = Number(state.size);
  const komi = Number(state.komi);
  return {
    size: SIZES.includes(size) ? size : 9,
    you: ['B', 'W', 'both'].includes(state.you) ? state.you : 'B',
    komi: state.komi && Number.isFinite(komi) && Math.abs(komi) <= 100 ? komi : 7.5,
    turn: ['B', 'W'].includes(state.turn) ? state.turn : null,
    setup: [...pairs(state.ab, /^([a-s]{2})+$/).map((place) => ['AB', place]), ...pairs(state.aw, /^([a-s]{2})+$/).map((place) => ['AW', place])],
    moves: pairs(state.moves, /^(?:[a-s]{2}|tt|[A-S]{2}|TT)+$/).map(moveOf),
    heat: state.heat !== '0',
  };
}

// What of the address changes with a game.
export function stateOf({ size, you, komi, turn, setup, moves }) {
  const set = (kind) => setup.filter(([key]) => key === kind).map(([, place]) => place).join('') || null;
  return {
    size: String(size), you, komi: komi === 7.5 ? null : String(komi), turn, ab: set('AB'), aw: set('AW'), moves: moves.map(pairOf).join('') || null,
  };
}

// The game of an answer of the server: of an SGF file that was read, or after the network's move.
export function gameFrom(answer, game) {
  const setup = answer.moves.filter(([key]) => key.length === 2);
  const moves = answer.moves.filter(([key]) => key.length === 1);
  return { ...game, size: answer.size, komi: answer.komi, setup, moves, turn: setup.length > 0 && moves.length === 0 ? answer.turn : game.turn };
}

export const questionOf = ({ size, setup, moves, turn }) => ({ size, turn, moves: [...setup, ...moves] });

export const placeOf = (x, y) => String.fromCharCode(97 + x, 97 + y);
export const at = (place) => [place.charCodeAt(0) - 97, place.charCodeAt(1) - 97];
export const nameOf = (x, y, size) => `${COLUMNS[x]}${size - y}`;

// The game before your last move; null where there is none to take back.
export function takenBack(game) {
  if (game.you === 'both') return game.moves.length > 0 ? { ...game, moves: game.moves.slice(0, -1) } : null;
  const last = game.moves.map(([color]) => color).lastIndexOf(game.you);
  return last < 0 ? null : { ...game, moves: game.moves.slice(0, last) };
}

// The most probable moves, as [{name, probability}].
export function bestMoves({ probabilities, size, pass }, count) {
  const all = probabilities.flatMap((line, y) => line.map((probability, x) => ({ name: nameOf(x, y, size), probability })));
  return [...all, { name: 'pass', probability: pass }].sort((one, other) => other.probability - one.probability).slice(0, count);
}
