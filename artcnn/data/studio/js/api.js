// What the page asks of the server. Every mistake is a Trouble: one sentence, and perhaps what to do.

export class Trouble extends Error {
  constructor(message, hint = '') {
    super(message);
    this.hint = hint;
  }
}

// What an answer that is none says.
function troubleOf(text, status) {
  try {
    const { error, detail } = JSON.parse(text);
    if (error) return new Trouble(error.message, error.hint ?? '');
    if (Array.isArray(detail)) return new Trouble(detail[0]?.msg ?? String(status));
  } catch { /* a sentence, and no JSON */ }
  return new Trouble(text.trim() || String(status));
}

// Ask the server, and take the body of a good answer by `read`. It may go away at any time, also in the midst of its answer.
export async function fetchBody(path, request, read = (response) => response.text()) {
  let response, body;
  try {
    response = await fetch(path, request);
    body = await (response.ok ? read(response) : response.text());
  } catch {
    throw new Trouble('');  // no server: the page says so in its own words
  }
  if (!response.ok) throw troubleOf(body, response.status);
  return body;
}

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  return JSON.parse(await fetchBody(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }));
}

export const get = (path) => ask('GET', path);
export const order = (wish) => ask('POST', '/api/jobs', wish);
export const wantLooks = (kind, inputs) => ask('POST', '/api/looks', { kind, inputs });
export const look = (key) => `/api/looks/${key}.jpg`;
export const change = (id, what) => ask('POST', `/api/jobs/${id}`, what);
export const remove = (id) => ask('DELETE', `/api/jobs/${id}`);

export const thumbnail = (sha256, side = 256) => `/api/files/${sha256}/thumbnail.jpg?side=${side}`;
export const preview = (job) => `/api/jobs/${job.id}/preview.jpg?n=${job.preview}`;
export const small = (job) => `/api/jobs/${job.id}/thumbnail.jpg?side=320`;
export const original = (sha256, name) => `/api/files/${sha256}/original?download=${encodeURIComponent(name)}`;
export const result = (job) => `/api/jobs/${job.id}/result`;

// Send a picture, a clip, or a sound where one is asked for; tell how much of it has gone, 0 to 1. (fetch cannot tell.)
export function upload(file, name, tell, sound = false) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/files?name=${encodeURIComponent(name)}&sound=${sound}`);
    request.upload.onprogress = (event) => event.lengthComputable && tell(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText));
      else reject(troubleOf(request.responseText, request.status));
    };
    request.onerror = () => reject(new Trouble(''));
    request.send(file);
  });
}
