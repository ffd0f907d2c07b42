// ui_machine.js: the state machine, drawn from the table that the server executes. Only where a state
// stands is declared here, for a wide and a narrow pane; a state that is not listed gets a place of
// its own, and every move that a row makes is either an arrow or a line in the list below.
import { $, el, svg, put } from './ui_dom.js';
import { S, at, watch, machine } from './ui_store.js';
import { write, typed } from './ui_entry.js';

// name: [column, row]; columns are stretched to the pane's width, rows to its height. `via`: corners
// of a way that is not straight: [state, part of half its width beside its middle, row], or '>' for
// the right edge; rows above the first do not stretch. `label`: where its name stands, if not on its
// longest piece: [column, row, pixels below].
const PLACES = {
  smtp: {
    wide: { CONNECTED: [0, 0], READY: [1, 0], MAILED: [2, 0], ADDRESSED: [2, 1.5], DATA: [3, 1.5], AUTHENTICATING: [0, 1.5], CHUNKED: [2, 3], CHUNK: [3, 3], CLOSED: [0, 3] },
    via: { 'MAILED READY': [['MAILED', -.6, .64], ['READY', .75, .64]], 'ADDRESSED READY': [['READY', .25, 1.5], ['READY', .25, 0]], 'CHUNKED READY': [['READY', .25, 3], ['READY', .25, 0]], 'READY AUTHENTICATING': [['READY', -.3, 1.62]], 'AUTHENTICATING READY': [['AUTHENTICATING', .25, .72], ['READY', -.75, .72]],
      'DATA READY': [['DATA', -.4, -.62], ['READY', .4, -.62]], 'CHUNK READY': [['>', 0, 3], ['>', 0, -.62], ['READY', .4, -.62]], 'READY CONNECTED': [['READY', -.4, -.53], ['CONNECTED', 0, -.53]] },
    label: { 'MAILED READY': [1.5, .64], 'ADDRESSED READY': [1.36, 1.5], 'CHUNKED READY': [1.42, 3], 'READY AUTHENTICATING': [.85, 1.15], 'AUTHENTICATING READY': [.46, .72], 'DATA READY': [2, -.62], 'CHUNK READY': [3.4, .7], 'READY CONNECTED': [.44, -.53], 'CHUNKED CHUNK': [2.5, 3, -25], 'CHUNK CHUNKED': [2.5, 3, 22], 'ADDRESSED CHUNK': [2.5, 2.14] },
    narrow: { CONNECTED: [0, 0], READY: [1, 0], AUTHENTICATING: [0, 1.3], MAILED: [1, 1.3], ADDRESSED: [1, 2.6], DATA: [0, 2.6], CHUNKED: [1, 3.9], CHUNK: [0, 3.9], CLOSED: [0, 5] },
    deep: { CONNECTED: 0, AUTHENTICATING: 0, READY: 1, MAILED: 2, ADDRESSED: 2, CHUNKED: 2, DATA: 3, CHUNK: 3 }, heads: ['CONNECTED', 'READY', 'MAILED', 'DATA'], top: 92, edge: 36,
  },
  pop3: {
    wide: { AUTHORIZATION: [0, 0], TRANSACTION: [1.3, 0], UPDATE: [2.4, 0], CLOSED: [2.4, 1.6], AUTHENTICATING: [0, 1.6] },
    via: { 'AUTHENTICATING TRANSACTION': [['TRANSACTION', 0, 1.6]] }, label: { 'AUTHENTICATING TRANSACTION': [.9, 1.6] },
    narrow: { AUTHORIZATION: [0, 0], TRANSACTION: [1, 1.3], AUTHENTICATING: [0, 2.6], UPDATE: [1, 2.6], CLOSED: [1, 3.9] },
    deep: { AUTHORIZATION: 0, AUTHENTICATING: 0, TRANSACTION: 2, UPDATE: 4 }, heads: ['AUTHORIZATION', 'TRANSACTION', 'UPDATE'], top: 62, edge: 12,
  },
  imap: {
    wide: { NOT_AUTHENTICATED: [0, 0], AUTHENTICATED: [1.3, 0], SELECTED: [2.4, 0], IDLING: [2.4, 1.6], AUTHENTICATING: [0, 1.6], CLOSED: [0, 2.9] },
    via: { 'AUTHENTICATING AUTHENTICATED': [['AUTHENTICATED', -.5, 1.6], ['AUTHENTICATED', -.5, 0]], 'SELECTED AUTHENTICATED': [['SELECTED', -.5, .72], ['AUTHENTICATED', .7, .72]], 'AUTHENTICATED IDLING': [['AUTHENTICATED', .35, 1.42]], 'IDLING AUTHENTICATED': [['AUTHENTICATED', 0, 1.75], ['AUTHENTICATED', 0, 0]] }, label: { 'SELECTED IDLING': [2.38, 1.2], 'IDLING SELECTED': [2.44, .92], 'SELECTED AUTHENTICATED': [1.84, .72], 'AUTHENTICATING AUTHENTICATED': [.72, 1.6], 'AUTHENTICATED IDLING': [1.9, 1.42, -6], 'IDLING AUTHENTICATED': [1.9, 1.75, 8] },
    narrow: { NOT_AUTHENTICATED: [0, 0], AUTHENTICATED: [1, 1.3], AUTHENTICATING: [0, 2.6], SELECTED: [1, 2.6], IDLING: [1, 3.9], CLOSED: [0, 3.9] },
    deep: { NOT_AUTHENTICATED: 0, AUTHENTICATING: 0, AUTHENTICATED: 1, SELECTED: 2, IDLING: 3 }, heads: ['NOT_AUTHENTICATED', 'AUTHENTICATED', 'SELECTED'], top: 62, edge: 12,
  },
};
const HALF = 22, CHAR = 8.1;
const HEADS = ['stranger', 'known', 'begun', 'text only', 'takes effect'];

// How deep in the session a state is: 0 to 4, or x for closed; the same in three protocols.
export function depth(protocol, state) {
  if (!state || state === 'CLOSED') return 'x';
  const known = PLACES[protocol] && PLACES[protocol].deep[state];
  if (known !== undefined) return known;
  const row = S.states && S.states.protocol === protocol && S.states.states.find((one) => one.name === state);
  return row && row.depth !== null && row.depth !== undefined ? Math.min(row.depth, 3) : 0;
}

const width = (text) => Math.round(text.length * CHAR + 20);
// The names on an arrow, as many as there is room for.
function label(verbs, room) {
  const all = verbs.join(' '), some = `${verbs[0]} +${verbs.length - 1}`;
  return width(all) - 4 <= room ? all : verbs.length > 1 && width(some) - 4 <= room ? some : verbs[0];
}
const spoken = { DOT: 'a lone dot', ANSWER: 'answer', CHUNK: 'octets', DONE: 'DONE', REMOVED: 'removed' };
const name = (event) => spoken[event] || event;

// Arrows: what leads from one state to another when it goes well; to CLOSED stands apart.
function arrows(states) {
  const map = new Map(), ends = new Map();
  for (const move of states.moves) {
    if (move.stays || !move.good || move.from === move.to) continue;
    if (move.to === 'CLOSED' && move.from !== 'UPDATE') { if (!ends.has(move.event)) ends.set(move.event, []); ends.get(move.event).push(move.from); continue; }
    const key = move.from + ' ' + move.to;
    if (!map.has(key)) map.set(key, { from: move.from, to: move.to, events: [] });
    if (!map.get(key).events.includes(move.event)) map.get(key).events.push(move.event);
  }
  // The name that stands on fewest arrows says most about one.
  const arrowsOf = (event) => [...map.values()].filter((way) => way.events.includes(event)).length;
  for (const way of map.values()) way.events.sort((a, b) => arrowsOf(a) - arrowsOf(b));
  return { list: [...map.values()], ends };
}

const list = (words, last = 'or') => words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
export function sentences(states) {
  const groups = new Map();
  for (const move of states.moves) {
    if (move.stays || move.from === move.to) continue;
    const key = `${move.event} ${move.outcome} ${move.to}`;
    if (!groups.has(key)) groups.set(key, { ...move, froms: [] });
    if (!groups.get(key).froms.includes(move.from)) groups.get(key).froms.push(move.from);
  }
  return [...groups.values()].map((move) => `From ${list(move.froms)}, ${name(move.event)}${move.good ? '' : ` (${move.outcome.toLowerCase().replace(/_/g, ' ')})`} leads to ${move.to}.`);
}

// Where a straight way from the middle of a box leaves it.
function leave(box, to) {
  const dx = to.x - box.x, dy = to.y - box.y;
  const k = Math.min(dx ? (box.w / 2 + 2) / Math.abs(dx) : Infinity, dy ? (HALF + 2) / Math.abs(dy) : Infinity);
  return { x: box.x + dx * k, y: box.y + dy * k };
}

function route(from, to, via, pair) {
  if (via) {
    const points = via.map((one) => ({ ...one }));
    const near = (box, point) => Math.abs(point.x - box.x) <= box.w / 2 ? { x: point.x, y: box.y + (point.y > box.y ? HALF + 2 : -HALF - 2) } : { x: box.x + (point.x > box.x ? box.w / 2 + 2 : -box.w / 2 - 2), y: Math.abs(point.y - box.y) < HALF ? point.y : box.y };
    const start = near(from, points[0]), last = points.at(-1), before = points.length > 1 ? points.at(-2) : start;
    // the last corner stands where the way enters the box
    const end = Math.abs(last.y - to.y) < 1 && points.length > 1 && Math.abs(before.x - last.x) < 1 ? { x: last.x, y: to.y + (before.y > to.y ? HALF + 3 : -HALF - 3) } : near(to, last);
    if (Math.abs(last.y - to.y) < 1) points.pop();
    return [start, ...points, end];
  }
  const shift = pair ? 9 : 0, dx = to.x - from.x, dy = to.y - from.y, len = Math.hypot(dx, dy) || 1;
  const move = { x: -dy / len * shift, y: dx / len * shift };
  const a = leave(from, to), b = leave(to, from);
  return [{ x: a.x + move.x, y: a.y + move.y }, { x: b.x + move.x, y: b.y + move.y }];
}

function longest(points) {
  let best = 0, at = 0;
  for (let i = 1; i < points.length; i++) { const len = Math.hypot(points[i].x - points[i - 1].x, points[i].y - points[i - 1].y); if (len > best) { best = len; at = i; } }
  return { x: (points[at].x + points[at - 1].x) / 2, y: (points[at].y + points[at - 1].y) / 2, room: Math.abs(points[at].x - points[at - 1].x) < 20 ? 120 : best };
}

function place(states, wide, size) {
  const plan = PLACES[states.protocol] || { wide: {}, narrow: {}, via: {}, label: {}, deep: {}, heads: [], top: 60, edge: 12 }, spots = wide ? plan.wide : plan.narrow;
  const names = states.states.map((state) => state.name), at = new Map(), listed = Object.values(spots);
  let extra = 0;
  const rows = Math.max(0, ...listed.map((spot) => spot[1])), cols = Math.max(1, ...listed.map((spot) => spot[0]));
  for (const one of names) at.set(one, spots[one] || [extra++ % 3 * cols / 2, rows + 1.2]);
  const w = (one) => Math.max(92, width(one)), side = (col) => Math.max(...names.filter((one) => at.get(one)[0] === col).map(w), 92) / 2;
  const left = side(0) + 6, edge = wide ? plan.edge : 10, top = wide ? plan.top : 34;
  const last = Math.max(...[...at.values()].map((spot) => spot[1]));
  const unit = { x: (size.w - left - side(cols) - edge) / cols, y: Math.min(92, Math.max(wide ? 47 : 58, (size.h - top - HALF - 12) / last)) };
  const y = (row) => top + row * (row < 0 ? 76 : unit.y), point = ([col, row, below = 0]) => ({ x: left + col * unit.x, y: y(row) + below }), boxes = new Map();
  const corner = ([one, part, row]) => ({ x: one === '>' ? size.w - 7 : boxes.get(one).x + part * boxes.get(one).w / 2, y: y(row) });
  for (const state of states.states) boxes.set(state.name, { state, ...point(at.get(state.name)), w: w(state.name) });
  const key = (way) => way.from + ' ' + way.to;
  return { boxes, plan, via: (way) => wide && plan.via[key(way)] && plan.via[key(way)].every(([one]) => one === '>' || boxes.has(one)) ? plan.via[key(way)].map(corner) : null, label: (way) => wide && plan.label[key(way)] ? point(plan.label[key(way)]) : null, right: size.w, bottom: top + last * unit.y + HALF + 12 };
}

const mark = (id, cls) => svg('marker', { id, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto' }, svg('path', { d: 'M0 0 8 4 0 8z', fill: cls }));

function pill(x, y, text, round, right) {
  const w = width(text) - 4;
  x = Math.min(Math.max(x, w / 2 + 3), right - w / 2 - 3);
  return [svg('rect', { x: x - w / 2, y: y - 12, width: w, height: 24, rx: round ? 12 : 4 }), svg('text', { x, y: y + 4.5, 'text-anchor': 'middle' }, text)];
}

let explained = '';
function draw(states, wide, size, explain) {
  const { list: ways, ends } = arrows(states), plan = place(states, wide, size), { boxes } = plan;
  const legal = states.connected ? typed(states) : [], made = states.made, here = states.here;
  const next = legal.find((event) => event.next);
  const parts = { plain: [], legal: [], just: [] }, lines = { plain: [], legal: [], just: [] }; // names stand over all lines
  const act = (verbs) => { const one = legal.find((event) => verbs.includes(event.verb)); return one && (() => write(one.sample || one.verb)); };
  const press = (text, run) => ({ on: { click: () => { explain(text); if (run) run(); }, keydown: (e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); explain(text); if (run) run(); } }, focus: () => explain(text), pointerenter: () => explain(text) } });
  for (const way of ways) {
    const from = boxes.get(way.from), to = boxes.get(way.to);
    if (!from || !to) continue;
    const just = made && made.from === way.from && made.to === way.to && made.from !== made.to;
    const can = way.from === here && legal.some((event) => way.events.includes(event.verb)) || way.from === here && way.events.some((event) => spoken[event]);
    const points = route(from, to, plan.via(way), ways.some((other) => other.from === way.to && other.to === way.from && !plan.via(other)));
    const d = 'M' + points.map((p) => `${Math.round(p.x)} ${Math.round(p.y)}`).join('L'), verbs = just && way.events.includes(made.event) ? [name(made.event)] : way.events.map(name), long = longest(points), middle = plan.label(way) || long;
    const meanings = way.events.map((event) => (states.events.find((one) => one.verb === event) || {}).meaning).filter(Boolean);
    const words = label(verbs, long.room), text = `${words}. ${list(way.events.map(name))}: from ${way.from} to ${way.to}.${meanings.length ? ` ${name(way.events[0])} ${meanings[0]}.` : ''} ${just ? 'Just made.' : ''} ${can ? 'Legal now: Enter puts it where you type.' : ''}`.trim();
    const kind = just ? 'just' : can ? 'legal' : 'plain', first = can && !just && next && way.events.includes(next.verb);
    const flat = Math.abs(points[0].y - points.at(-1).y) < 2 && !plan.label(way) && long.room < width(words) + 36;
    lines[kind].push(svg('g', { class: kind === 'plain' ? 'lab' : kind, 'aria-hidden': 'true' }, just && svg('path', { class: 'halo', d }), svg('path', { class: 'p', d, 'marker-end': `url(#m-${kind})` })));
    parts[kind].push(svg('g', { class: (kind === 'plain' ? 'lab' : kind) + (first ? ' first' : ''), role: 'button', tabindex: -1, key: way.from + ' ' + way.to, 'aria-label': text, ...press(text, can && act(way.events)) },
      pill(middle.x, middle.y - (flat ? 21 : 0), words, kind === 'legal', plan.right)));
  }
  const nodes = [...boxes.values()].map((box) => {
    const { state } = box, deep = depth(states.protocol, state.name), you = state.name === here;
    const text = `${state.name}${you ? ', you are here' : ''}: ${state.meaning}.`;
    return svg('g', { role: 'button', tabindex: you || (!here && box === boxes.values().next().value) ? 0 : -1, key: 'state ' + state.name, 'aria-label': text, ...press(text) },
      svg('rect', { class: `n n${deep}`, x: box.x - box.w / 2, y: box.y - HALF, width: box.w, height: HALF * 2, rx: 8 }),
      !['command', 'nothing'].includes(state.reads) && [-1, -.6, .6, 1].map((k) => svg('path', { class: 'hatch', d: `M${box.x + k * box.w * .42 - 8} ${box.y + HALF - 2}l16 ${-HALF * 2 + 4}` })),
      you && svg('rect', { class: 'you', x: box.x - box.w / 2 - 5, y: box.y - HALF - 5, width: box.w + 10, height: HALF * 2 + 10, rx: 12 }),
      svg('text', { class: `t${deep}`, x: box.x, y: box.y + 4.5, 'text-anchor': 'middle' }, state.name));
  });
  const closed = boxes.get('CLOSED'), bye = [];
  if (closed) {
    const commands = [...ends].filter(([event]) => states.events.some((one) => one.verb === event && one.command));
    let x = closed.x + closed.w / 2 + 12;
    for (const [event, froms] of commands) {
      const can = froms.includes(here) && legal.some((one) => one.verb === event), just = made && made.event === event && made.to === 'CLOSED';
      const missing = states.states.map((state) => state.name).filter((one) => one !== 'CLOSED' && !froms.includes(one));
      const about = missing.length > 3 ? `from ${list(froms)}` : missing.length ? `from everywhere but ${list(missing, 'and')}` : 'from everywhere';
      const text = `${event}: ${about} to CLOSED.${can ? ' Legal now: Enter puts it where you type.' : ''}`, w = width(event) - 4;
      if (states.protocol === 'pop3' && wide) { x = closed.x - closed.w / 2 - 12 - w - 20; }
      const left = x < closed.x;
      bye.push(svg('g', { class: just ? 'just' : can ? 'legal' : 'lab', role: 'button', tabindex: -1, key: 'end ' + event, 'aria-label': text, ...press(text, can && act([event])) },
        svg('path', { class: 'p', d: left ? `M${x + w} ${closed.y}H${closed.x - closed.w / 2 - 3}` : `M${x + 18} ${closed.y}H${closed.x + closed.w / 2 + 3}`, 'marker-end': `url(#m-${just ? 'just' : can ? 'legal' : 'plain'})` }), pill(left ? x + w / 2 : x + 18 + w / 2, closed.y, event, true, plan.right)));
      x += w + 26;
    }
  }
  const heads = wide ? plan.plan.heads.map((one) => svg('text', { class: 'band', x: Math.min(boxes.get(one) ? boxes.get(one).x : 0, plan.right - 40), y: 14, 'text-anchor': 'middle' }, HEADS[plan.plan.deep[one]])) : [];
  return svg('svg', { viewBox: `0 0 ${plan.right} ${plan.bottom}`, width: Math.round(plan.right * size.scale), height: Math.round(plan.bottom * size.scale), role: 'group', 'aria-label': summary(states), on: { keydown: walk } },
    svg('defs', null, mark('m-plain', 'var(--edge)'), mark('m-legal', 'var(--go)'), mark('m-just', 'var(--now-line)')),
    heads, lines.plain, lines.legal, lines.just, parts.plain, bye, parts.legal, nodes, parts.just);
}

function summary(states) {
  const from = states.made && states.made.from !== states.made.to ? `, reached from ${states.made.from} by ${name(states.made.event)}` : '';
  return states.here ? `${states.title}. You are in ${states.here}${from}. Legal next: ${list(typed(states).map((event) => event.verb)) || 'nothing that is a command'}.` : `The states of ${states.title}. You are not connected.`;
}

// Arrow keys go from a state to its arrows, and along them.
function walk(event) {
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  if (!steps[event.key]) return;
  event.preventDefault();
  const root = event.currentTarget, all = [...root.querySelectorAll('[role=button]')], order = [];
  for (const node of all.filter((one) => one.dataset.key.startsWith('state '))) {
    const state = node.dataset.key.slice(6);
    order.push(node, ...all.filter((one) => one.dataset.key.startsWith(state + ' ')));
  }
  order.push(...all.filter((one) => !order.includes(one)));
  const now = order.indexOf(document.activeElement), heir = order[(now + steps[event.key] + order.length) % order.length];
  for (const one of order) one.setAttribute('tabindex', one === heir ? 0 : -1);
  heir.focus();
}

// The states as a row, where there is no room for the drawing.
export function stateRail(states) {
  const order = states.states.filter((state) => state.name !== 'CLOSED' && state.name !== 'AUTHENTICATING' && !/CHUNK/.test(state.name) || state.name === states.here);
  return el('ol', { class: 'rail' }, order.map((state) => { const k = depth(states.protocol, state.name), you = state.name === states.here; return el('li', { class: (you ? 'here ' : '') + (you ? 'k' + k : ''), 'aria-current': you && 'step' }, state.name); }));
}

export function machineStart() {
  const pane = $('p-machine'), head = el('header'), drawing = el('div', { class: 'fsm' }), said = el('p', { class: 'said' }), text = el('details'), rail = $('p-rail');
  put(pane, head, drawing, said, text);
  let chosen = '', wide = true;
  const explain = (words) => { explained = words; said.textContent = words; };
  const redraw = async () => {
    const mine = at('states'), other = chosen || (mine ? '' : 'smtp'), states = other && (!mine || mine.protocol !== other) ? await machine(other).catch(() => null) : mine;
    const pick = el('select', { key: 'machine', 'aria-label': 'Protocol', on: { change: (e) => { chosen = e.target.value; redraw(); } } }, !states && el('option', { value: '' }, 'Choose'), ['smtp', 'pop3', 'imap'].map((one) => el('option', { value: one, selected: !!states && states.protocol === one }, one.toUpperCase())));
    put(head, el('h2', { id: 'h-machine' }, 'Where you are'), el('span', { class: 'key' }, el('span', { class: 'now' }, 'just happened'), el('span', { class: 'pill' }, 'legal now'), el('i'), 'not now'), el('span', { class: 'end' }, pick));
    text.hidden = !states;
    if (!states) { put(drawing, el('p', { class: 'note soft' }, 'Connect to a server, or choose a protocol, to see its states.')); put(text); return; }
    const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16, room = { w: (drawing.clientWidth || 640) / scale - 17, h: (drawing.clientHeight || 400) / scale - 4, scale };
    wide = room.w >= 500;
    put(drawing, draw(states, wide, { ...room, w: Math.max(300, Math.min(room.w, 900)) }, explain));
    explain(states.here ? `${states.here}: ${(states.states.find((state) => state.name === states.here) || {}).meaning || ''}.` : 'Not connected. Point at a state or an arrow, and it explains itself.');
    const open = text.open;
    put(text, el('summary', { key: 'text' }, 'As text'), el('ul', { tabindex: 0, 'aria-label': 'All moves' }, el('li', null, summary(states)), sentences(states).map((one) => el('li', null, one))));
    text.open = open;
    put(rail, stateRail(states));
  };
  watch((what) => { if (what === 'turn' || what === 'turned') chosen = ''; if (!['busy', 'said'].includes(what) && what !== 'person' && what !== 'course' && S.view === 'talk') redraw(); });
  let size = '0 0';
  new ResizeObserver(() => { const now = `${drawing.clientWidth >> 3} ${drawing.clientHeight >> 3}`; if (S.view === 'talk' && now !== size && drawing.clientWidth) { size = now; redraw(); } }).observe(drawing);
}

export function envelopeStart() {
  const pane = $('p-env');
  let was = {};
  watch((what) => {
    if (['busy', 'said'].includes(what) || S.view !== 'talk') return;
    const states = at('states'), smtp = states && states.protocol === 'smtp', held = at('envelope');
    pane.classList.toggle('empty', !smtp);
    const row = (key, title, value, none) => [el('dt', null, title), el('dd', { class: value ? (was[key] !== undefined && was[key] !== value ? 'm chg' : 'm') : 'soft' }, value || none)];
    if (smtp) {
      const now = { sender: held && (held.sender === '' ? '<> (nobody)' : held.sender) || '', recipients: held && held.recipients.join(', ') || '', octets: held && held.octets ? `${held.octets} octets` : '' };
      put(pane, el('header', null, el('h2', { id: 'h-env' }, 'Envelope the server holds'), el('span', { class: 'small soft' }, 'it routes the message; the header is written later, in DATA')),
        el('dl', null, row('sender', 'Sender', now.sender, 'none yet'), row('recipients', 'Recipients', now.recipients, 'none yet'), row('octets', 'Message', now.octets, 'nothing yet')));
      was = now;
    } else {
      const board = at('board');
      put(pane, el('header', null, el('h2', { id: 'h-env' }, 'What the server keeps'), el('span', { class: 'small soft' }, board ? `${board.address}, INBOX` : '')),
        el('dl', null, board ? [el('dt', null, 'Messages'), el('dd', null, board.holders.length ? `${board.holders[0].messages}, ${board.holders[0].octets} octets` : 'none')] : [el('dt', null, 'Messages'), el('dd', { class: 'soft' }, 'unknown')]));
      was = {};
    }
  });
}
