// client.js: the page's end of the worker: calls become promises, and what was typed is kept here, so
// that Stop, which ends the worker, loses nothing but the line that ran.

const CALLS = ['paste', 'lines', 'complete', 'views', 'at', 'go', 'contrast', 'run', 'export', 'history',
               'memory', 'checkpoint', 'where'];

export class Pennypost {
  // worker: a function that makes one; module: its octets, packed or not.
  constructor({ worker, module }) {
    this.make = worker;
    this.module = module;
    this.number = 0;
    this.begin();
    this.began = null;
    this.typed = [];
    for (const call of CALLS) this[call] ??= (given = {}) => this.ask(call, given);
  }

  begin() {
    this.waiting = new Map();
    this.worker = this.make();
    const worker = this.worker;
    worker.onmessage = ({ data }) => {
      const call = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (!call) return;
      if (data.ok) call.resolve(data.value);
      else call.reject(Object.assign(new Error(data.message), { kind: data.kind }));
    };
    worker.onerror = (event) => this.fail(event.message ?? 'the worker failed', 'trap');
    this.loaded = this.ask('load', { module: this.module });
    this.loaded.catch(() => {});
  }

  fail(message, kind) {
    const pending = [...this.waiting.values()];
    this.waiting.clear();
    for (const call of pending) call.reject(Object.assign(new Error(message), { kind }));
  }

  ask(call, given = {}) {
    return new Promise((resolve, reject) => {
      const id = ++this.number;
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, call, ...given });
    });
  }

  // What changes the world is kept when it has happened; a trap begins again from there.
  async act(call, given, kept) {
    const worker = this.worker;
    try {
      const value = await this.ask(call, given);
      if (this.worker === worker) this.typed.push(...kept(value));
      return value;
    } catch (error) {
      if (error.kind === 'trap' || error.kind === 'memory') await this.again();
      throw error;
    }
  }

  async start(given = {}) {
    const value = await this.ask('start', given);
    this.began = { ...given, history: undefined };
    this.typed = [...(given.history ?? [])];
    return value;
  }

  line(given) {
    const { line, files } = typeof given === 'object' && given.line !== undefined ? given : { line: given };
    return this.act('line', { line, files }, () => [files?.length ? { line, files } : line]);
  }

  go({ step }) { return this.act('go', { step }, () => [`:go ${Number(step)}`]); }

  async paste(given) {
    return this.act('paste', given, (turns) => {
      const all = given.text.split('\n').map((line) => line.replace(/\r$/, ''));
      return all.slice(0, turns.length).map((line) => (line.startsWith(':') ? `:${line}` : line));
    });
  }

  lines(given) { return this.act('lines', given, () => given.lines); }

  view(name, arg) { return this.ask('view', typeof name === 'object' ? name : { name, arg }); }

  async restore(image) {
    const value = await this.ask('restore', image);
    this.began = image.began ?? this.began;
    this.typed = [...(image.typed ?? [])];
    return value;
  }

  async again() {
    this.worker.terminate();
    this.begin();
    await this.loaded;
    return this.ask('start', { ...this.began, history: this.typed });
  }

  // Ends what runs too long: a new worker, from what was typed before it.
  stop() {
    this.fail('stopped', 'stopped');
    return this.again();
  }
}
