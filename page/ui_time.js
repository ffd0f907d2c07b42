// ui_time.js: the timeline at the foot: undo, redo, the slider over all steps, the clock, branches.
// Looking back leaves the present as it is; going on from there makes a branch.
import { $, el, svg, put, button, icon, clockMs, day, plural } from './ui_dom.js';
import { S, watch, watchDrag, look, goTo } from './ui_store.js';
import { items, refusal, changed, wasSaid } from './ui_items.js';
import { command } from './ui_entry.js';

const W = 1000;
// What each step was: { kind, glyph, line }. Read from all events, the looked-at moment too.
let memo = { key: '', value: [] };
function steps() {
  const key = `${S.events.length} ${S.events.length ? S.events.at(-1).n : 0} ${S.where.step}`;
  if (memo.key === key) return memo.value;
  const past = S.past;
  S.past = null; // the whole row
  const list = items().items.filter((item) => item.line !== null);
  S.past = past;
  const shift = Math.max(0, S.where.step - list.length); // steps of which no event tells
  const value = list.slice(-S.where.step || undefined).map((item, i) => {
    const refused = refusal(item) || (item.closed && ['cut', 'timeout'].includes(item.closed.by));
    const protocol = wasSaid(item) && item.opened === null ? (S.connections || []).find((conn) => conn.conn === item.typed) : null;
    return { step: shift + i + 1, glyph: refused ? 'no' : protocol ? protocol.protocol : 'act', did: changed(item), line: item.line, n: item.end };
  });
  memo = { key, value };
  return value;
}

const paths = { smtp: 'M0 -6 6 5H-6z', pop3: 'M0 6 6 -5H-6z', imap: 'M0 -6 6 0 0 6 -6 0z', act: 'M-1.5 -7H1.5V7H-1.5z', no: 'M-5 -5 5 5M5 -5-5 5' };
const BRANCHES = 2, FORK = 26; // so many are drawn below the one that one is on; the rest stand as buttons
const others = () => S.view === 'wire' ? (S.branches || []).filter((one) => !one.here && one.steps > one.shared) : [];
const drawnOthers = () => others().slice(-BRANCHES);
const longest = () => Math.max(total(), ...drawnOthers().map((one) => one.steps));
const place = (width, most) => (k) => most ? 8 + k / most * (width - 40) : 8;
// Where another branch leaves this one, how long it is, and what was done first in it.
function forks(x, mid) {
  return drawnOthers().map((one, i) => {
    const from = x(one.shared) + Math.max(13, Math.min(38, (x(1) - x(0)) / 2)), to = x(one.steps), y = mid + 20 + FORK * (i + 1), room = Math.floor((x(longest()) + 24 - from) / 7), text = `${one.name}: ${one.first.replace(/^:/, '')}`;
    return [svg('path', { class: 'way', d: `M${from} ${mid}C${from} ${y} ${from} ${y} ${from + 12} ${y}H${Math.max(to, from + 12)}` }),
      Array.from({ length: Math.min(one.steps - one.shared, 40) }, (_, k) => svg('circle', { class: 'tk fut', cx: Math.max(x(one.shared + k + 1), from + 12), cy: y, r: 3.5 })),
      svg('text', { x: from + 14, y: y - 7 }, text.length > room ? text.slice(0, Math.max(4, room - 1)) + '…' : text)];
  });
}
// So many as fit are drawn; of those that fall on one place the first refused one, or the first.
function fitting(list, width) {
  const fit = Math.max(1, Math.floor(width / 9)), shown = new Map();
  for (const one of list) {
    const spot = list.length > fit ? Math.floor((one.step - list[0].step) * fit / list.length) : one.step, there = shown.get(spot);
    if (!there || one.glyph === 'no' && there.glyph !== 'no') shown.set(spot, one);
  }
  return [...shown.values()];
}
// What is drawn of the row, and what of it moves with the hand.
let row = { x: place(W, 0), mid: 18, marks: [], past: null, head: null, knob: null };
function ticks(width, most, mid) {
  const x = place(width, most), total = S.where.steps, list = steps(), out = [svg('path', { class: 'bar', d: `M8 ${mid}H${total < most ? x(total) + 24 : width - 4}` })];
  row = { x, mid, past: svg('path', { class: 'bar past' }), head: svg('path', { class: 'ph' }), knob: svg('circle', { class: 'knob', cy: mid, r: 7 }) };
  row.marks = fitting(list, width).map((one) => ({ step: one.step, node: svg('path', { class: `tk${one.glyph === 'no' ? ' bad' : one.did || one.glyph === 'act' ? ' did' : ''}`, d: paths[one.glyph], transform: `translate(${x(one.step).toFixed(1)} ${mid})` }) }));
  out.push(row.past, ...row.marks.map((one) => one.node));
  if (S.view === 'wire' && most && most <= width / 62) for (const one of list) out.push(svg('text', { x: x(one.step), y: mid + 24, 'text-anchor': 'middle' }, one.line.replace(/^:/, '').slice(0, 9)));
  out.push(...forks(x, mid).flat(2), row.head, row.knob);
  return out;
}
function standAt(step) {
  const here = row.x(step) + 13; // behind the step that was made
  row.past.setAttribute('d', `M8 ${row.mid}H${row.x(step)}`);
  row.head.setAttribute('d', `M${here} ${row.mid - 14}v28`);
  row.knob.setAttribute('cx', here);
  for (const { step: its, node } of row.marks) if (node.classList.contains('fut') !== its > step) node.classList.toggle('fut');
}

const moment = (step) => { const all = steps(), one = all[step - 1 - (all.length ? all[0].step - 1 : 0)]; return one ? `after ${one.line.replace(/^:/, '')}` : step ? `step ${step}` : 'the beginning'; };
const now = () => S.past ? S.past.step : S.where.step;
const total = () => Math.max(S.where.steps || 0, S.where.step);

export async function goOn() {
  if (!S.past) return;
  await goTo(S.past.step);
}
export const undo = () => command(['undo']);
export const redo = () => command(['redo']);

export function timeStart() {
  const foot = $('time'), track = el('div', { class: 'track' }), drawing = svg('svg', { 'aria-hidden': 'true' }), when = el('p', { class: 'when' }), looking = el('div', { class: 'looking' }), branches = el('div', { class: 'branches', role: 'group', 'aria-label': 'Branches' });
  const range = el('input', { type: 'range', id: 'slider', min: 0, max: 0, step: 1, value: 0, 'aria-label': 'Moment' });
  const back = button('', undo, { class: 'btn', key: 'undo' }, icon('undo'), el('span', { class: 'lbl' }, 'Undo')), forth = button('', redo, { key: 'redo', 'aria-label': 'Redo' }, icon('redo'));
  back.setAttribute('aria-label', 'Undo');
  track.append(drawing, range);
  put(foot, looking, el('div', { class: 'tbtn' }, back, forth), track, when, branches);
  S.guess = (step) => { const all = steps(), one = all[step - (all.length ? all[0].step : 0)]; return step === 0 ? 0 : one && one.n; };
  let frame = 0; // one look a frame, however fast the hand is
  range.addEventListener('input', () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(() => look(Number(range.value))); });
  range.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && S.past) { event.preventDefault(); goOn(); }
    if (event.key === 'PageUp' || event.key === 'PageDown') { event.preventDefault(); look(Math.min(Number(range.max), Math.max(0, now() + (event.key === 'PageUp' ? 10 : -10)))); }
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const list = S.branches || [], here = list.findIndex((one) => one.here), to = list[here + (event.key === 'ArrowUp' ? -1 : 1)];
      if (list.length > 1) { event.preventDefault(); if (to) command(['go ' + to.name]); }
    }
  });
  let drawn = 0;
  // Where one stands: all that a drag changes here.
  const stand = () => {
    const step = now(), max = total();
    document.body.classList.toggle('past', !!S.past);
    range.value = step;
    range.setAttribute('aria-valuetext', `Step ${step} of ${max}, ${moment(step)}`);
    standAt(step);
    const ms = S.past && S.past.where ? S.past.where.ms : S.where.ms;
    put(when, el('b', null, clockMs(ms)), el('span', { class: 'd' }, `${day(ms)}, ${S.past ? `step ${step} of ${max}` : 'now'}`));
    looking.hidden = !S.past;
    if (S.past) put(looking, el('b', null, `You look at step ${step} of ${max}`), el('span', { class: 'soft' }, moment(step)), button('Go on from here', goOn, { class: 'btn', key: 'go on' }), button('Back to now', () => look(S.where.step), { class: 'btn plain', key: 'back to now' }), el('span', { class: 'soft' }, step < S.where.step ? 'What came after stays, as a branch.' : ''));
  };
  const redraw = () => {
    drawn = track.clientWidth;
    const max = total(), most = longest(), width = track.clientWidth || W, below = drawnOthers().length;
    track.style.height = below ? `${56 + FORK * below}px` : '';
    range.style.width = max < most ? `${place(width, most)(max) + 24}px` : '';
    range.max = max;
    drawing.setAttribute('viewBox', `0 0 ${width} ${track.clientHeight || 36}`);
    drawing.setAttribute('preserveAspectRatio', 'xMidYMin meet');
    drawing.replaceChildren(...ticks(width, most, S.view === 'wire' ? 18 : (track.clientHeight || 36) / 2).flat());
    stand();
    back.disabled = S.where.step === 0; forth.disabled = false;
    const list = S.branches || [];
    branches.hidden = S.view !== 'wire' || list.length < 2;
    if (!branches.hidden) put(branches, el('span', { class: 'soft' }, `${plural(list.length, 'branch', 'branches')}:`), list.slice(0, 12).map((one) => button(`${one.name}${one.first ? ': ' + one.first.replace(/^:/, '').slice(0, 24) : ''}, ${plural(one.steps, 'step')}`, () => command(['go ' + one.name]), { class: 'btn plain', key: 'branch ' + one.name, 'aria-pressed': String(!!one.here) })));
  };
  watch((what) => { if (!['busy', 'said'].includes(what) && what !== 'person' && what !== 'course') redraw(); });
  watchDrag(stand);
  new ResizeObserver(() => { if (track.clientWidth !== drawn) redraw(); }).observe(track);
}
