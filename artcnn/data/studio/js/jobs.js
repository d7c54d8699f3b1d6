// The jobs, as the server tells of them. The server owns all of it: a page that was away is told what it has missed.

const RETRY = 3000;  // milliseconds

export class Jobs {
  constructor(changed) {
    this.all = new Map();
    this.ready = false;  // whether the computing process has loaded
    this.connected = true;
    this.known = false;  // whether the first answer is there
    this.paces = new Map();
    this.looks = new Set();  // keys of presets' small pictures that are made
    this.rounds = 0;  // how often all was told anew
    this.changed = changed;
    this.source = null;
    // A browser has six connections to a server for all its pages: one that nobody sees lets its own go.
    this.seen = () => (document.hidden ? this.leave() : this.follow());
    document.addEventListener('visibilitychange', this.seen);
    this.follow();
  }

  close() {
    document.removeEventListener('visibilitychange', this.seen);
    this.leave();
  }

  leave() {
    this.source?.close();
    this.source = null;
  }

  follow() {
    this.leave();
    const source = new EventSource('/api/events');
    this.source = source;
    const on = (kind, act) => source.addEventListener(kind, (event) => {
      act.call(this, JSON.parse(event.data));
      this.changed();
    });
    source.onopen = () => { this.connected = true; this.changed(); };
    source.onerror = () => {
      this.connected = false;
      this.changed();
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.source === source && this.follow(), RETRY);
    };
    on('everything', ({ jobs, ready }) => {
      this.all = new Map(jobs.map((job) => [job.id, job]));
      this.ready = ready;
      this.known = true;
      this.rounds += 1;
    });
    on('job', (job) => this.take(job));
    on('removed', ({ id }) => { this.all.delete(id); this.paces.delete(id); });
    on('look', ({ key }) => this.looks.add(key));
    on('worker', ({ ready }) => { this.ready = ready; });
  }

  take(job) {
    this.all.set(job.id, job);
    if (job.state !== 'running') this.paces.delete(job.id);
    else if (job.step > 0 && !this.paces.has(job.id)) this.paces.set(job.id, { at: Date.now(), from: job.progress });
  }

  // Seconds that a running job may still take: by its own pace; at first, as the server has estimated; or null.
  secondsLeft(job) {
    const pace = this.paces.get(job.id);
    const done = pace ? job.progress - pace.from : 0;
    if (done > 0.02) return (1 - job.progress) * (Date.now() - pace.at) / 1000 / done;
    return job.seconds === null ? null : job.seconds * (1 - job.progress);
  }

  // Running and waiting ones first, as they will be made; then those that stand still; then what is done, newest first.
  queue() {
    const rank = { running: 0, waiting: 1, paused: 2, failed: 3 };
    return [...this.all.values()].filter((job) => job.state !== 'done')
      .sort((one, other) => rank[one.state] - rank[other.state] || one.place - other.place);
  }

  finished() {
    return [...this.all.values()].filter((job) => job.state === 'done').sort((one, other) => other.created - one.created);
  }

  waiting() {
    return this.queue().filter((job) => job.state === 'waiting');
  }
}
