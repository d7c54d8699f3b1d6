// Dark or light: as the system has it, until one is chosen.

const system = matchMedia('(prefers-color-scheme: dark)');

export const isDark = () => (localStorage.getItem('artcnn-theme') ?? (system.matches ? 'dark' : 'light')) === 'dark';

export function applyTheme() {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
}

export function switchTheme() {
  const chosen = isDark() ? 'light' : 'dark';
  if ((chosen === 'dark') === system.matches) localStorage.removeItem('artcnn-theme');  // the system's again
  else localStorage.setItem('artcnn-theme', chosen);
  applyTheme();
}

export function followSystem(tell) {
  system.addEventListener('change', () => { applyTheme(); tell(); });
}
