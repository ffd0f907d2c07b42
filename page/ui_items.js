// ui_items.js: events as what a person did and what came of it: one item for each line that was
// typed, with the exchanges on its connection, what went over other connections, and the answer.
import { S, before } from './ui_store.js';

export const good = (ruling) => ruling.good !== undefined ? ruling.good : ['OK', 'CONTINUE', 'MORE', 'WAIT', 'NONE'].includes(ruling.outcome);
export const outcomeWords = (ruling) => ruling.words || (S.reasons.get(ruling.n) || {}).words || ruling.outcome.toLowerCase().replace(/_/g, ' ');
const blank = (n) => ({ n, device: null, line: null, typed: null, rulings: [], lines: [], answers: [], checks: [], others: new Map(), closed: null, opened: null, notes: [], t: 0, end: n });

function add(item, event, conns) {
  const conn = event.conn === undefined ? null : conns.get(event.conn);
  const mine = conn && conn.typed && (item.device === null || conn.client === item.device);
  if (mine && item.typed === null) item.typed = event.conn;
  const to = mine ? item : conn ? (item.others.has(event.conn) ? item.others : item.others.set(event.conn, { conn, lines: [], rulings: [], closed: null, opened: null })).get(event.conn) : item;
  if (event.kind === 'line') to.lines.push(event);
  else if (event.kind === 'state') to.rulings.push(event);
  else if (event.kind === 'open') to.opened = event;
  else if (event.kind === 'close') to.closed = event;
  else if (event.kind === 'answer') item.answers.push(event);
  else if (event.kind === 'check') item.checks.push(event);
  item.end = event.n + 1;
  item.t = event.t;
}

// All items, and all connections that were seen to open.
export function gather(events, notes) {
  const items = [], conns = new Map();
  let item = blank(0), next = 0;
  const noted = (n) => { while (next < notes.length && notes[next].n <= n) { items.push(item); item = Object.assign(blank(notes[next].n), { note: notes[next++] }); } };
  for (const event of events) {
    if (next < notes.length && notes[next].n <= event.n && event.kind === 'input') noted(event.n);
    if (event.kind === 'open') conns.set(event.conn, { ...event, last: event.t, closed: null });
    if (event.kind === 'close' && conns.has(event.conn)) conns.get(event.conn).closed = event;
    if (event.kind === 'input') {
      items.push(item);
      item = Object.assign(blank(event.n), { device: event.device, line: event.line, t: event.t, end: event.n + 1 });
    } else add(item, event, conns);
  }
  items.push(item);
  const tail = notes.slice(next).map((note) => Object.assign(blank(note.n), { note }));
  return { items: [...items.filter((one) => one.line !== null || one.note || one.lines.length || one.answers.length), ...tail], conns };
}

// Was this line said to a server, and not to Pennypost?
export const wasSaid = (item) => item.line !== null && item.typed !== null && item.lines.some((event) => event.from === 'client') && !item.answers.length;
export const refusal = (item) => item.rulings.find((ruling) => !good(ruling)) || null;
// Did the line change anything: a state, a message somewhere? As far as the events tell.
export const changed = (item) => item.rulings.some((ruling) => ruling.before !== ruling.after) || [...item.others.values()].some((other) => other.rulings.some((ruling) => ruling.before !== ruling.after));

// Read once for each turn; a moment that is looked at is the beginning of the same row.
let memo = null;
export function items() {
  const last = S.events.length ? S.events.at(-1) : null;
  if (!memo || memo.events !== S.events || memo.last !== last || memo.notes !== S.notes.length) memo = { events: S.events, last, notes: S.notes.length, value: gather(S.events, S.notes) };
  if (!S.past || S.past.kept === undefined) return memo.value;
  return { items: memo.value.items.slice(0, before(memo.value.items, S.past.kept)), conns: memo.value.conns };
}
