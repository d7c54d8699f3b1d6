// Small drawings for buttons; each stands beside words or in a button that has a label.

import { html } from '../vendor/htm-preact.js';

const PATHS = {
  photo: 'M4 6h4l1.5-2h5L16 6h4v13H4zM12 16a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5h.01',
  brush: 'M20 4c-5 2-9 6-11 10l2 2c4-2 8-6 9-12zM8.5 14.5C6 15 6.500 18 4 19c3 1.500 6.500.5 6.500-2.500',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4.500v15l12-7.500z',
  bin: 'M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5',
  download: 'M12 4v11M7.500 11 12 15.500l4.500-4.500M5 20h14',
  again: 'M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19zM13.500 7l3.500 3.500',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  close: 'M6 6l12 12M18 6 6 18',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400',
  moon: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z',
  dice: 'M5 5h14v14H5zM9 9h.01M15 15h.01M12 12h.01',
  undo: 'M8 5 4 9l4 4M4 9h10a5.500 5.500 0 0 1 0 11h-3',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  curtain: 'M12 3v18M9 8l-4 4 4 4M15 8l4 4-4 4',
  plus: 'M12 5v14M5 12h14',
  microphone: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM6 11.500a6 6 0 0 0 12 0M12 17.500V21',
  stop: 'M7 7h10v10H7z',
  spark: 'M12 4l1.800 5.200L19 11l-5.200 1.800L12 18l-1.800-5.200L5 11l5.200-1.800zM19 17v4M17 19h4',
};

export const Icon = ({ name }) => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
