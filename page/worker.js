// worker.js: the module behind a message port: a Web Worker in a page, and a class that tests use in
// node. One request at a time: {id, call, …} in, {id, ok, value} or {id, ok: false, kind, message}
// out. docs/page.md lists the calls. It imports nothing, so it can be a Blob.

const MEMORY_MAX = 1024 * 1024 * 1024;
const EVENTS = 0, TEXT = 1, ANSWER = 2, OCTETS = 3;
const RUN = 0, UNREADABLE = 2, LEAVE = 3, BROKEN = 4;
const utf8 = new TextEncoder(), text8 = new TextDecoder();

export class Refused extends Error {
  constructor(message, kind = 'refused') {
    super(message);
    this.kind = kind;
  }
}

// --- the module ---------------------------------------------------------------------------------

// 32 bits of FNV-1a: whose image a memory is. Asked for only with one.
function fnv(octets) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < octets.length; i++) hash = Math.imul(hash ^ octets[i], 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

// The page's module lies as text, as bundle.sh packs it; it is unpack.c, which bundle.sh puts here, that
// takes it out. Call by call, so that the browser's faster code of it is soon in use.
function untext(text) {
  const small = Uint8Array.from(atob(UNPACK), (c) => c.charCodeAt(0));
  const x = new WebAssembly.Instance(new WebAssembly.Module(small), {}).exports, at = x.unpack_text();
  x.memory.grow(Math.ceil((at + text.length) / 65536) + 24);
  new Uint8Array(x.memory.buffer).set(text, at);
  x.unpack_begin(text.length);
  while (x.unpack_more());
  return new Uint8Array(x.memory.buffer, x.unpack_at(), x.unpack_length());
}

async function unpacked(octets) {
  if (octets[0] === 0) return octets;
  if (octets[0] !== 0x1f || octets[1] !== 0x8b) return untext(octets);
  const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// octets: the module, as it is, gzipped, or as the page's text.
export async function load(octets) {
  const plain = await unpacked(octets);
  const module = await WebAssembly.compile(plain);
  if (WebAssembly.Module.imports(module).length) throw new Error('the module wants imports');
  return { module, octets };
}

// One instance: octets in, octets out.
export class Core {
  constructor(module) {
    this.x = new WebAssembly.Instance(module, {}).exports;
    this.x._initialize();
  }

  octets(text) { return typeof text === 'string' ? utf8.encode(text) : text; }

  // With a NUL behind it. The caller frees it.
  put(text) {
    const octets = this.octets(text), at = this.x.page_alloc(octets.length);
    if (!at) throw new Refused('the memory of this page is used up', 'memory');
    const memory = new Uint8Array(this.x.memory.buffer, at, octets.length + 1);
    memory.set(octets);
    memory[octets.length] = 0;
    return { at, length: octets.length };
  }

  // Calls page_NAME. Texts go as address, and as address and length where an array is given.
  call(name, ...given) {
    const put = [], args = [];
    for (const each of given) {
      const value = Array.isArray(each) ? each[0] : each;
      if (typeof value === 'string' || value instanceof Uint8Array) {
        const there = this.put(value);
        put.push(there.at);
        args.push(there.at);
        if (Array.isArray(each)) args.push(there.length);
      } else if (Array.isArray(each)) {
        args.push(0, 0);
      } else {
        args.push(Number(value ?? 0));
      }
    }
    const result = this.x[`page_${name}`](...args);
    for (const at of put) this.x.page_free(at);
    return result;
  }

  output(which) {
    const at = this.x.page_output(which) >>> 0, length = this.x.page_output_len(which) >>> 0;
    return new Uint8Array(this.x.memory.buffer, at, length);
  }

  taken(which) { return this.output(which).slice(); }
  text(which) { return text8.decode(this.output(which)); }

  // What a trap leaves behind.
  lastWords() {
    const at = this.x.page_last_words() >>> 0, memory = new Uint8Array(this.x.memory.buffer, at, 512);
    return text8.decode(memory.subarray(0, memory.indexOf(0)));
  }
}

// Lines of a script, as the program cuts them.
export function lines(octets) {
  const cut = [];
  for (let from = 0; from < octets.length;) {
    let to = octets.indexOf(10, from);
    if (to < 0) to = octets.length;
    const end = to > from && octets[to - 1] === 13 ? to - 1 : to;
    cut.push(octets.subarray(from, end));
    from = to + 1;
  }
  return cut;
}

// As `pennypost run --json --plain` with --seed, --world and a file: exit code, JSON and text.
export function run(module, { script, seed = '', world, file, name, files = {} }) {
  const core = new Core(module);
  const look = (events, text) => core.call('show', events, text);
  core.call('look', 1, 1, 80, 0, 0);
  for (const [path, octets] of Object.entries(files)) core.call('file_put', path, [octets]);
  if (file) core.call('file_put', name ?? 'a.world', [file]);
  const begun = core.call('start', file ? [null] : [world ?? null],
                          name ?? (file ? 'a.world' : 'default'), String(seed), file ? 1 : 0);
  if (!begun) return { exit: world ? 2 : 3, json: new Uint8Array(), text: core.taken(ANSWER), why: core.text(ANSWER) };
  look(1, 1);
  let exit = 0;
  for (const line of lines(core.octets(script))) {
    const result = core.call('play', [line]);
    if (result === UNREADABLE) exit = 2;
    if (result === BROKEN) exit = 3;
    if (exit || result === LEAVE) break;
  }
  exit = core.call('end', exit);
  return { exit, json: core.taken(EVENTS), text: core.taken(TEXT), why: core.text(ANSWER),
           file: file ? fileOf(core, name ?? 'a.world') : null,
           bytes: core.x.memory.buffer.byteLength };
}

export function fileOf(core, name) {
  const length = core.call('file_len', name);
  if (!length) return null;
  const at = core.call('file_at', name) >>> 0;
  return new Uint8Array(core.x.memory.buffer, at, length).slice();
}

// --- one session --------------------------------------------------------------------------------

const WORLD_FILE = 'your.world', SAVED_FILE = 'saved.world';

export class Session {
  constructor({ module, octets }) {
    this.module = module;
    this.octets = octets;    // as they came
    this.core = null;
    this.began = null;       // what start was given
    this.typed = [];         // every line since, and {files} that went with it
  }

  get key() { return this.known ??= `${fnv(this.octets)}-${this.octets.length}`; }

  answer() { return JSON.parse(this.core.text(ANSWER)); }

  needs() {
    if (!this.core) throw new Refused('nothing was started yet');
    return this.core;
  }

  start(given = {}) {
    const core = new Core(this.module), { seed = '', world = null, file = null } = given;
    const name = file ? WORLD_FILE : given.name ?? (world ? 'lab.post' : 'default');
    if (name.length > 120) throw new Refused('that name is too long');
    core.call('look', given.colour ? 0 : 1, 0, given.columns ?? 80, 1, 1);
    if (file && !core.call('file_put', file ? WORLD_FILE : name, [file])) throw new Refused('there is no room for that file');
    if (!core.call('start', [world], name, String(seed ?? ''), file ? 1 : 0)) throw new Refused(core.text(ANSWER));
    this.core = core;
    this.began = { seed, world, file, name: given.name, colour: given.colour, columns: given.columns,
                   progress: given.progress };
    this.typed = [];
    core.call('course', [given.progress ?? '']);
    core.call('clear');
    for (const line of given.history ?? []) this.quietly(line);
    core.call('clear');
    core.call('where');
    const at = this.answer();
    core.call('clear');
    return { ...at, text: '' };
  }

  // A line of a history: nothing of it is shown.
  quietly(entry) {
    this.core.call('show', 0, 0);
    this.run(entry);
    this.core.call('show', 1, 1);
    this.core.call('clear');
  }

  run(entry) {
    const { line, files = [] } = typeof entry === 'object' && !(entry instanceof Uint8Array) ? entry : { line: entry };
    for (const { name, bytes } of files)
      if (!this.core.call('file_put', name, [bytes])) throw new Refused(`there is no room for ${name}`);
    this.core.call('type', [line]);
    for (const { name } of files) this.core.call('file_remove', name);
    this.typed.push(files.length ? { line, files } : line);
  }

  events() {
    const all = this.core.text(EVENTS);
    const cut = [];
    for (let from = 0; from < all.length;) {
      const to = all.indexOf('\n', from), blank = all.indexOf(' ', from);
      const event = JSON.parse(all.slice(blank + 1, to));
      event.n = all[from] === '-' ? null : Number(all.slice(from, blank));
      cut.push(event);
      from = to + 1;
    }
    return cut;
  }

  line({ line, files }) {
    const core = this.needs();
    if (line.length > 16 << 20) throw new Refused('a line has at most 16 MiB');
    core.call('clear');
    this.run(files?.length ? { line, files } : line);
    const turn = this.answer();
    turn.events = this.events();
    turn.text = core.text(TEXT);
    const octets = core.output(OCTETS);
    turn.files = turn.files.map(({ name, from, length }) => ({ name, bytes: octets.slice(from, from + length) }));
    core.call('clear');
    return turn;
  }

  where() {
    const core = this.needs();
    core.call('clear');
    core.call('where');
    const at = this.answer();
    core.call('clear');
    return at;
  }

  paste({ text }) {
    const turns = [];
    if (this.where().prompt.mode === 'command')
      throw new Refused('nobody is connected to take these lines: nothing was done');
    for (const octets of lines(this.core.octets(text))) {
      const line = octets[0] === 58 ? Uint8Array.from([58, ...octets]) : octets;
      const turn = this.line({ line });
      turns.push(turn);
      if (turn.prompt.mode === 'command') break; // the rest came too late
    }
    return turns;
  }

  lines({ lines: given, quiet }) {
    this.needs();
    const turns = [];
    given.forEach((line, i) => {
      if (quiet && i + 1 < given.length) this.quietly(line);
      else turns.push(this.line(typeof line === 'object' && line.line !== undefined ? line : { line }));
    });
    return turns;
  }

  complete({ line, at }) {
    const core = this.needs();
    const octets = core.octets(typeof line === 'string' ? line.slice(0, at ?? line.length) : line.subarray(0, at ?? line.length));
    core.call('clear');
    core.call('complete', [octets]);
    const found = this.answer();
    if (typeof line === 'string') found.from = text8.decode(octets.subarray(0, found.from)).length;
    return found;
  }

  // A view's argument is a word, or for `table` a name and two numbers.
  static viewText({ name, arg }) {
    if (typeof name !== 'string' || !/^[a-z]+$/.test(name)) throw new Refused('a view has a name');
    if (arg === undefined || arg === null) return name;
    if (typeof arg === 'object') return `${name} ${arg.name ?? arg.protocol} ${arg.from ?? arg.state ?? 0} ${arg.count ?? 100}`;
    return `${name} ${arg}`.replace(/[\n\0]/g, ' ');
  }

  view(asked) { return this.views({ list: [asked] })[0]; }

  views({ list }) {
    const core = this.needs();
    core.call('clear');
    if (!core.call('views', [list.map(Session.viewText).join('\n')])) throw new Refused(core.text(ANSWER));
    const values = this.answer();
    core.call('clear');
    return values;
  }

  at({ step, list = [] }) {
    const core = this.needs();
    core.call('clear');
    if (!core.call('at', String(Math.trunc(Number(step)) || 0), [list.map(Session.viewText).join('\n')])) throw new Refused(core.text(ANSWER));
    const found = this.answer();
    core.call('clear');
    return found;
  }

  go({ step }) { return this.line({ line: `:go ${Number(step)}` }); }

  contrast({ story, variants = [] }) {
    const core = new Core(this.module);
    core.call('look', 1, 0, 100, 0, 0);
    if (!core.call('contrast', [story], variants.join(','))) throw new Refused(core.text(ANSWER));
    const result = JSON.parse(core.text(ANSWER));
    for (const event of lines(core.output(EVENTS))) {
      const read = JSON.parse(text8.decode(event));
      const of = result.variants.find((variant) => variant.name === read.variant);
      if (read.kind === 'contrast') for (const variant of result.variants)
        variant.result = read.variants.find((each) => each.name === variant.name);
      else of.events.push(read);
    }
    return result;
  }

  run_({ script, ...more }) { return run(this.module, { script, ...more }); }

  export({ what }) {
    const core = this.needs();
    core.call('clear');
    const stem = (this.began.name ?? 'pennypost').replace(/\.[a-z]+$/, '');
    if (what === 'world') {
      if (!core.call('save_world', SAVED_FILE)) throw new Refused(core.text(ANSWER));
      const bytes = fileOf(core, SAVED_FILE);
      core.call('file_remove', SAVED_FILE);
      return { name: `${stem}.world`, bytes };
    }
    const lesson = this.where().lesson?.name;
    if (what === 'script' || what === 'tidy') core.call('save_script', what === 'tidy' ? 1 : 0);
    else if (what === 'progress') core.call('save_progress');
    else if (what === 'handin') core.call('save_lines');
    else throw new Refused('script, tidy, world, progress or handin');
    const bytes = core.taken(OCTETS);
    core.call('clear');
    if (what === 'handin' && !lesson) throw new Refused('no lesson is open');
    const name = { progress: 'progress.txt', handin: `${lesson}.answer` }[what] ?? `${stem}.post`;
    return { name, bytes };
  }

  history() { return { start: this.began, lines: this.typed.slice() }; }

  memory() {
    this.needs();
    return { bytes: this.core.x.memory.buffer.byteLength, ceiling: MEMORY_MAX, ...this.view({ name: 'memory' }) };
  }

  checkpoint() {
    return { key: this.key, bytes: new Uint8Array(this.needs().x.memory.buffer).slice(),
             began: this.began, typed: this.typed.slice() };
  }

  // The same module's memory, put into a fresh instance.
  restore({ key, bytes, began, typed }) {
    if (key !== this.key) throw new Refused('that is the memory of another version');
    const core = new Core(this.module), memory = core.x.memory;
    const more = bytes.length - memory.buffer.byteLength;
    if (more > 0) memory.grow(more / 65536);
    const now = new Uint8Array(memory.buffer);
    now.set(bytes);
    now.fill(0, bytes.length);
    this.core = core;
    this.began = began ?? {};
    this.typed = [...(typed ?? [])];
    return this.where();
  }
}

// --- the port -----------------------------------------------------------------------------------

const CALLS = ['start', 'line', 'paste', 'lines', 'complete', 'view', 'views', 'at', 'go', 'contrast',
               'export', 'history', 'memory', 'checkpoint', 'restore', 'where', 'run'];

export function answer(session, { call, ...given }) {
  if (!CALLS.includes(call)) throw new Refused(`there is no call ${call}`);
  try {
    return call === 'run' ? session.run_(given) : session[call](given);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    const full = session.core && session.core.x.memory.buffer.byteLength >= MEMORY_MAX - 65536;
    throw new Refused(full ? 'this page has used up its memory (1 GB): what was typed last did not run'
                           : `${session.core?.lastWords() || error.message}`, full ? 'memory' : 'trap');
  }
}

if (typeof WorkerGlobalScope !== 'undefined' && self instanceof WorkerGlobalScope) {
  let session = null;
  let ready = Promise.resolve();
  self.onmessage = ({ data }) => {
    ready = ready.then(async () => {
      try {
        if (data.call === 'load') session = new Session(await load(data.module));
        else if (!session) throw new Refused('the module was not loaded');
        const value = data.call === 'load' ? null : answer(session, data);
        self.postMessage({ id: data.id, ok: true, value });
      } catch (error) {
        self.postMessage({ id: data.id, ok: false, kind: error.kind ?? 'trap', message: error.message });
      }
    });
  };
}
