// ui_store.js: what the page knows: the events so far, and the views of the world as the worker last
// gave them. Panes read it; only this file asks the worker and writes it.
import { tell } from './ui_dom.js';

export const VIEWS = ['lesson', 'talk', 'board', 'compare', 'wire', 'programs'];
export const S = {
  post: null,              // the worker's client
  prompt: { text: '', mode: 'command', device: '', person: '' }, where: { step: 0, steps: 0, branch: 'main', ms: 0 },
  events: [], notes: [],   // notes: what is no event: unreadable lines, a lesson's words; { n, … } stands before event n
  marks: [0],              // marks[step]: so many events had happened (as `n`)
  states: null, devices: [], board: null, lesson: null, envelope: null, why: null, replay: null, branches: [], course: [], connections: [], stories: [],
  before: null,            // the board before the last turn, to tell what changed
  person: '',              // whose board and devices are shown; "": of whoever is at the device
  reasons: new Map(),      // n of a state event: why it went so
  view: 'talk', past: null, // past: { step, kept, states, board, devices, connections }: a moment that is looked at
  guess: () => undefined,  // which events had happened after a step that was not asked for yet
  busy: 0, started: 0, rest: '', offered: '',
};

const watchers = [], draggers = [];
export const watch = (run) => watchers.push(run);
// What is drawn at each frame while the slider is dragged: what the events tell, and as much as is seen.
export const watchDrag = (run) => draggers.push(run);
// Each pane draws itself from S; `what` says what is new: "said", "turn",
// "turned", "past", "view", "person", "course", "busy".
export function draw(what) {
  if (what !== 'busy') dragged(false);
  for (const run of watchers) run(what);
}
const dragged = (is) => document.body.classList.toggle('drag', is);

const shown = () => S.person || S.prompt.person || undefined;
const wanted = () => [
  { name: 'states' }, { name: 'devices' }, { name: 'board', arg: shown() }, { name: 'lesson' }, { name: 'connections' }, { name: 'branches' }, { name: 'envelope' }, { name: 'why' }, { name: 'guide' }, { name: 'replay' },
];
const names = ['states', 'devices', 'board', 'lesson', 'connections', 'branches', 'envelope', 'why', 'guide', 'replay'];
const OPTIONAL = ['why', 'events', 'envelope'], missing = new Set();

// A view that this worker does not have is null, and asked for only once.
async function views(list) {
  const ask = list.filter((one) => !missing.has(one.name));
  let values;
  try { values = await S.post.views({ list: ask }); } catch (error) {
    if (error.kind !== 'refused') throw error;
    values = [];
    for (const one of ask) {
      try { values.push(await S.post.view(one.name, one.arg)); } catch (fault) {
        if (fault.kind !== 'refused') throw fault;
        if (OPTIONAL.includes(one.name)) missing.add(one.name);
        values.push(null);
      }
    }
  }
  return list.map((one) => missing.has(one.name) ? null : values[ask.indexOf(one)]);
}

export async function refresh(...more) {
  const values = await views([...wanted(), ...more]);
  names.forEach((name, i) => { S[name] = values[i]; });
  S.why = parts(S.why);
  if (S.why && S.why.n !== undefined) S.reasons.set(S.why.n, S.why);
  return values.slice(names.length);
}

const lastN = () => S.events.length ? S.events.at(-1).n + 1 : 0;

function take(turn, line) {
  if (turn.turned) {
    S.events = S.events.filter((event) => event.n < turn.kept);
    S.notes = S.notes.filter((note) => note.n <= turn.kept);
    for (const n of S.reasons.keys()) if (n >= turn.kept) S.reasons.delete(n);
  }
  if (turn.changed && turn.changed.includes('world')) { S.events = []; S.notes = []; S.marks = [0]; S.reasons.clear(); S.person = ''; S.before = null; }
  const have = lastN();
  S.events.push(...turn.events.filter((event) => event.n >= have));
  if (turn.result === 'unreadable' || turn.result === 'broken') S.notes.push({ n: lastN(), kind: 'unread', line, why: turn.why, at: turn.at });
  if (turn.news && turn.news.trim()) S.notes.push({ n: lastN(), kind: 'news', line, text: turn.news.trim(), begins: !!(turn.changed && turn.changed.includes('world')) });
  S.prompt = turn.prompt; S.where = turn.where; S.rest = turn.prefill || ''; S.offered = turn.offered || '';
  S.marks[turn.where.step] = turn.where.end ?? lastN();
}

// A message that is nowhere any more stays on the board, as gone.
function remember(old, board) {
  const there = ['here', 'full', 'head', 'elsewhere'], left = old.messages.filter((row) => !board.messages.some((one) => one.number === row.number));
  for (const row of left) board.messages.push({ ...row, cells: row.cells.map((cell) => there.includes(cell.where) ? { where: 'gone', copies: 0 } : cell) });
  board.messages.sort((a, b) => a.number - b.number);
}

async function settle(turns, lines) {
  const before = S.board;
  turns.forEach((turn, i) => take(turn, lines[i]));
  draw('said'); // the answer is seen before the views are asked for
  const turned = turns.some((turn) => turn.turned || (turn.changed && turn.changed.includes('world')));
  S.past = null;
  if (turned) { // what is true from there on is asked for: redo brings back what undo took
    const kept = Math.min(...turns.filter((turn) => turn.turned || turn.changed.includes('world')).map((turn) => turn.changed.includes('world') ? 0 : turn.kept));
    const [events] = await refresh({ name: 'events', arg: String(kept) });
    if (Array.isArray(events)) S.events = [...S.events.filter((event) => event.n < kept), ...events];
  } else await refresh();
  S.before = before && !turned && S.board && before.address === S.board.address ? before : null;
  if (S.before) remember(S.before, S.board);
  if (turns.some((turn) => turn.changed && turn.changed.includes('course'))) S.course = await S.post.view('course');
  draw(turned ? 'turned' : 'turn');
  return turns;
}

// All that changes the world goes through here, one after the other; what fails is said.
let queue = Promise.resolve();
function alone(run) {
  S.busy++; S.started = performance.now(); draw('busy');
  const done = queue.then(run).catch((error) => {
    const text = error.kind === 'stopped' ? 'Stopped. What was running has been left out; everything before it stands.' : error.message;
    S.notes.push({ n: lastN(), kind: 'fault', text });
    tell(text);
    if (error.kind === 'trap') return S.post.again().then(again).then(() => draw('turned'));
    if (error.kind === 'stopped' || error.kind === 'memory') return again().then(() => draw('turned'));
    draw('turn');
    return undefined;
  }).finally(() => { S.busy--; draw('busy'); });
  queue = done.then(() => undefined, () => undefined);
  return done;
}

// The worker began again from the history: everything is asked for anew.
async function again() {
  const now = await S.post.where({});
  S.prompt = now.prompt; S.where = now.where;
  const [events, course] = await refresh({ name: 'events' }, { name: 'course' });
  if (Array.isArray(events)) S.events = events;
  S.course = course || [];
}

export const say = (line) => alone(async () => settle([await S.post.line(line)], [line]));
export const sayAll = (lines) => alone(async () => {
  const turns = [];
  for (const line of lines) { const turn = await S.post.line(line); turns.push(turn); if (turn.result === 'unreadable') break; }
  return settle(turns, lines);
});
export const paste = (text) => alone(async () => settle(await S.post.paste({ text }), text.split('\n')));
export const goTo = (step) => alone(async () => settle([await S.post.go({ step })], ['go ' + step]));

export async function begin(options) {
  const said = await S.post.start(options);
  S.events = []; S.notes = []; S.marks = [0]; S.reasons.clear(); S.person = ''; S.before = null; S.past = null;
  S.prompt = said.prompt; S.where = said.where; S.rest = '';
  await again();
  S.marks[S.where.step] = S.where.end ?? lastN();
  return said;
}
export const beginAgain = (options) => alone(async () => { await begin(options); draw('turned'); });

// The states of a protocol that nobody speaks at the moment.
const machines = new Map();
export async function machine(protocol) {
  if (!machines.has(protocol)) machines.set(protocol, await S.post.view('states', protocol));
  return machines.get(protocol);
}

// What `why` prints, in its parts.
function parts(value) {
  if (!value || !value.text) return value;
  const found = {};
  let part = '';
  for (const line of value.text.split('\n')) {
    const head = /^ (Means|Cause|Try|Rule) +(.*)$/.exec(line);
    if (head) { part = head[1].toLowerCase(); found[part] = head[2]; } else if (part && /^ {8}/.test(line)) found[part] += ' ' + line.trim();
  }
  const [lines, then] = (found.try || '').split(/ {3}(?=\S)/), [rule, rfc] = (found.rule || '').split(/ {1,3}RFC /);
  return { n: value.n, words: value.words, means: found.means, cause: found.cause, try: lines ? lines.split(/ , then {1,2}/) : [], then, rule, rfc };
}

// Why a ruling went as it did; null if this worker cannot say it.
export async function reason(n) {
  if (S.reasons.has(n)) return S.reasons.get(n);
  const [value] = await views([{ name: 'why', arg: String(n) }]), why = parts(value);
  S.reasons.set(n, why);
  return why;
}

// Looks at a moment; the present stays. Only the last of several wishes is asked for: what needs the
// world is drawn once the hand rests.
let wish = 0;
export async function look(step) {
  const mine = ++wish;
  if (step === S.where.step) { S.past = null; draw('past'); return; }
  S.past = { ...(S.past || {}), step, kept: S.marks[step] ?? S.guess(step) };
  dragged(true);
  for (const run of draggers) run();
  await new Promise((done) => setTimeout(done, 25));
  if (mine !== wish || !S.past) return;
  try {
    const list = [{ name: 'states' }, { name: 'devices' }, { name: 'board', arg: shown() }, { name: 'connections' }, { name: 'envelope' }].filter((one) => !missing.has(one.name));
    const moment = await S.post.at({ step, list });
    if (mine !== wish || !S.past || S.past.step !== step) return;
    S.marks[step] = moment.kept;
    S.past = { step, kept: moment.kept, last: moment.last, where: moment.where, ...Object.fromEntries(list.map((one, i) => [one.name, moment.values[i]])) };
  } catch (error) { tell(error.message); S.past = null; }
  draw('past');
}

// What is true at the moment that is looked at, or now.
export const at = (name) => S.past && S.past[name] !== undefined ? S.past[name] : S[name];
// How many of a row that is ordered by n come before it.
export function before(row, n) {
  let low = 0, high = row.length;
  while (low < high) { const middle = (low + high) >> 1; if (row[middle].n < n) low = middle + 1; else high = middle; }
  return low;
}
export const eventsNow = () => S.past && S.past.kept !== undefined ? S.events.slice(0, before(S.events, S.past.kept)) : S.events;
export async function choosePerson(person) {
  S.person = person; S.before = null;
  S.board = await S.post.view('board', shown());
  draw('person');
}
