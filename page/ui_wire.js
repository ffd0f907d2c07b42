// ui_wire.js: one connection as a sequence: who said what when, the states beside it, and an inspector
// for the line that is chosen. The same as a table, for those who hear it.
import { $, el, svg, put, capital } from './ui_dom.js';
import { S, at, before as countBefore, watch, watchDrag, eventsNow, reason } from './ui_store.js';
import { good, outcomeWords } from './ui_items.js';
import { whyList } from './ui_talk.js';
import { boardTable } from './ui_board.js';
import { depth } from './ui_machine.js';

const MAX = 240, ROW = 34;
let chosen = null, selected = null, asTable = false;

// The connection's lines; several of one speaker at one time are one arrow.
function arrowsOf(conn, events) {
  const out = [];
  let said = null; // by the client, last
  for (const event of events) {
    if (event.conn !== conn) continue;
    const last = out.at(-1);
    if (event.kind === 'line') {
      if (last && last.kind === 'line' && last.from === event.from && last.t === event.t) { last.more.push(event); continue; }
      out.push({ ...event, more: [], state: null, event });
      if (event.from === 'client') said = out.at(-1);
    } else if (event.kind === 'state') {
      if (event.event === 'OPENED' || !said || said.state) out.push({ ...event, kind: 'only', state: event, more: [] }); else said.state = event;
    } else if (event.kind === 'close' || event.kind === 'tls') out.push({ ...event, more: [] });
  }
  return out.filter((one) => one.kind !== 'only' || one.state.before !== one.state.after || one.state.event === 'OPENED');
}

const clip = (text, columns) => text.length > columns ? text.slice(0, columns - 1) + '…' : text;
function drawSeq(conn, list, width, pick) {
  const narrow = width < 560, left = narrow ? 14 : 84, right = narrow ? width - 14 : width - 190, columns = Math.floor((right - left - 30) / 8);
  let y = 40;
  const parts = [], scale = 1;
  const tag = (state, ty) => { const k = depth(conn.protocol, state), w = state.length * 8 + 16; return narrow ? null : [svg('rect', { class: `n n${k}`, x: right + 18, y: ty - 11, width: w, height: 22, rx: 4 }), svg('text', { class: `b t${k}`, 'aria-hidden': 'true', x: right + 26, y: ty + 5 }, state)]; };
  let before = -1;
  for (const one of list) {
    if (one.kind === 'only') { const t = tag(one.state.after, Math.max(40, y - ROW + 6)); if (t) parts.push(svg('g', null, t)); continue; }
    const fromClient = one.from === 'client', refused = one.state && !good(one.state);
    const sel = selected === one.n, text = one.kind === 'line' ? clip(one.text || '(empty line)', columns - (one.more.length ? 6 : 0)) + (one.more.length ? ` +${one.more.length}` : '') : '';
    const name = one.kind === 'line' ? `${one.t !== before && !narrow ? (one.t / 1000).toFixed(3) + ' ' : ''}${text}${one.state && !narrow ? ' ' + (one.state.before !== one.state.after ? one.state.after : refused ? `refused, ${one.state.after} stays` : 'stays') : ''}. ${fromClient ? conn.client : conn.server} says: ${one.text}${one.more.length ? `, and ${one.more.length} more lines` : ''}${one.state ? `. ${outcomeWords(one.state)}, ${one.state.after}` : ''}` : one.kind === 'close' ? `${{ cut: 'connection reset', timeout: 'timed out' }[one.by] || 'closed by the ' + one.by}` : 'TLS begins';
    const label = one.kind === 'line' || one.t === before || narrow ? name : `${(one.t / 1000).toFixed(3)} ${name}`;
    const g = svg('g', { class: (refused || one.by === 'cut' || one.by === 'timeout' ? 'no' : '') + (sel ? ' sel' : ''), role: 'button', tabindex: sel || (selected === null && parts.length === 0) ? 0 : -1, key: 'line ' + one.n, 'aria-label': label, 'aria-pressed': String(sel), on: { click: () => pick(one), keydown: (e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); pick(one); } } } },
      svg('rect', { class: 'bg', x: 2, y: y - 18, width: width - 4, height: ROW - 2, rx: 6 }));
    if (one.t !== before && !narrow) g.append(svg('text', { class: 'dim', 'aria-hidden': 'true', x: left - 10, y: y + 4, 'text-anchor': 'end' }, (one.t / 1000).toFixed(3)), ' ');
    before = one.t;
    if (one.kind === 'line') {
      const a = fromClient ? left : right, b = fromClient ? right - 3 : left + 3;
      g.append(svg('path', { class: 'msg', d: `M${a} ${y}L${b} ${y + 9}`, 'marker-end': 'url(#w-head)' }), svg('text', { class: fromClient ? 'b' : '', x: (left + right) / 2, y: y - 3, 'text-anchor': 'middle' }, text), ' ');
      if (one.state && one.state.before !== one.state.after) { const t = tag(one.state.after, y + 6); if (t) g.append(...t); } else if (one.state && !narrow) g.append(svg('text', { class: 'sans dim', 'aria-hidden': 'true', x: right + 18, y: y + 12 }, refused ? `refused, ${one.state.after} stays` : 'stays'));
    } else if (one.kind === 'close') {
      const bad = one.by === 'cut' || one.by === 'timeout';
      g.append(svg('path', { class: bad ? 'cut' : 'life', d: `M${left} ${y}H${right}` }), svg('text', { class: 'sans', x: (left + right) / 2, y: y - 5, 'text-anchor': 'middle' }, bad ? (one.by === 'cut' ? 'connection reset' : 'timed out') : `closed by the ${one.by}`));
    } else g.append(svg('text', { class: 'sans', x: (left + right) / 2, y, 'text-anchor': 'middle' }, 'TLS begins'));
    parts.push(g);
    y += ROW;
  }
  const height = y + 26;
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width: width * scale, height: height * scale, role: 'group', 'aria-label': `Sequence: ${list.length} steps between ${conn.client} and ${conn.server}. As a table below.`, on: { keydown: walk } },
    svg('defs', null, svg('marker', { id: 'w-head', viewBox: '0 0 8 8', refX: 8, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto' }, svg('path', { class: 'head', d: 'M0 0 8 4 0 8z' }))),
    svg('text', { class: 'sans b', x: left, y: 14, 'text-anchor': narrow ? 'start' : 'middle' }, conn.client), svg('text', { class: 'sans b', x: right, y: 14, 'text-anchor': narrow ? 'end' : 'middle' }, conn.server),
    svg('path', { class: 'life', d: `M${left} 20V${y}M${right} 20V${y}` }), parts,
    svg('path', { class: 'playhead', d: `M0 ${y + 2}H${width}` }), svg('rect', { class: 'nowb', x: 8, y: y - 8, width: 112, height: 22, rx: 4 }), svg('text', { class: 'nowt sans', x: 64, y: y + 7.5, 'text-anchor': 'middle' }, S.past ? 'you look here' : 'you are here'));
}

function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll('[role=button]')], heir = all[all.indexOf(document.activeElement) + step];
  if (heir) { for (const one of all) one.setAttribute('tabindex', one === heir ? 0 : -1); heir.focus(); }
}

const NAMES = { 32: 'SP', 13: 'CR', 10: 'LF', 9: 'TAB', 0: 'NUL' };
function octets(text) {
  const all = [...new TextEncoder().encode(text.slice(0, 160)), 13, 10];
  return el('div', { class: 'oct' }, all.map((code) => el('span', { class: NAMES[code] ? 'z' : null }, code.toString(16).toUpperCase().padStart(2, '0'), el('small', null, NAMES[code] || (code > 32 && code < 127 ? String.fromCharCode(code) : '·')))), text.length > 160 ? el('span', { class: 'z' }, `+${text.length - 160}`) : null);
}

async function inspect(conn, one) {
  const pane = $('p-insp'), board = at('board');
  const foot = board ? el('section', null, el('h3', null, S.past ? 'Who had what at this moment' : 'Who has what now'), el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Board of the moment' }, boardTable(board, null, 'Board of the moment', [0, ...board.holders.map((holder, i) => i).filter((i) => i && (!conn || board.holders[i].name === conn.client))]))) : null;
  if (!one) { put(pane, el('header', null, el('h2', { id: 'h-insp' }, 'One line')), el('section', null, el('p', { class: 'soft' }, 'Choose an arrow to see its octets, what it did, and the rule that answered it.')), foot); return; }
  const why = one.state ? await reason(one.state.n).catch(() => null) : null;
  const text = one.text || '', all = [one.event || one, ...one.more];
  put(pane, el('header', null, el('h2', { id: 'h-insp', class: 'm' }, one.kind === 'line' ? clip(text || '(empty line)', 60) : one.kind === 'close' ? 'Closed' : 'TLS'), el('span', { class: 'small soft' }, `${one.from === 'client' ? `${conn.client} to ${conn.server}` : one.from ? `${conn.server} to ${conn.client}` : ''}${one.sent !== undefined ? `, sent ${(one.sent / 1000).toFixed(3)}` : ''}, arrived ${(one.t / 1000).toFixed(3)}`)),
    one.kind === 'line' && el('section', null, el('h3', null, `${new TextEncoder().encode(text).length + 2} octets on the wire`), octets(text)),
    one.more.length > 0 && el('section', null, el('details', null, el('summary', null, `${one.more.length} more lines`), el('pre', { tabindex: 0 }, all.map((event) => event.text).join('\n')))),
    el('section', null, el('h3', null, 'What it did'), one.state ? el('p', null, good(one.state) ? '' : 'Refused. ', one.state.before === one.state.after ? [el('code', null, one.state.after), ' stays.'] : [el('code', null, one.state.before), ' → ', el('code', null, one.state.after)]) : el('p', { class: 'soft' }, one.kind === 'close' ? `The connection was ${one.by === 'cut' ? 'reset' : one.by === 'timeout' ? 'timed out' : 'closed by the ' + one.by}.` : one.from === 'server' ? 'An answer: it tells, and changes nothing by itself.' : 'Part of a message, or of a longer command.'),
      one.state && (whyList(why, 'why insp-why') || el('p', { class: 'soft small' }, `${one.state.before} + ${one.state.event}: ${outcomeWords(one.state)}. RFC ${one.state.rfc}`))), foot);
}

export function wireStart() {
  const pane = $('p-wire'), head = el('header'), seq = el('div', { class: 'seq' }), table = el('details');
  put(pane, head, seq, table);
  table.addEventListener('toggle', () => { asTable = table.open; });
  let drawn = 0, wide = 320;
  const redraw = () => {
    if (S.view !== 'wire') return;
    const events = eventsNow(), spoken = new Set(events.map((event) => event.conn)), conns = (at('connections') || []).filter((conn) => spoken.has(conn.conn));
    let conn = conns.find((one) => one.conn === chosen);
    if (!conn) conn = [...conns].reverse().find((one) => one.typed) || conns.at(-1);
    const select = conns.length > 1 ? el('select', { key: 'conn', 'aria-label': 'Connection', on: { change: (e) => { chosen = Number(e.target.value); selected = null; redraw(); } } }, conns.map((one) => el('option', { value: one.conn, selected: conn && one.conn === conn.conn }, `${one.conn}: ${one.protocol.toUpperCase()}, ${one.client} to ${one.server}${one.typed ? ', typed' : ''}`))) : null;
    put(head, el('h2', { id: 'h-wire' }, conn ? `${capital(conn.client)} and ${conn.server}` : 'Nothing on the wire yet'), conn && el('span', { class: 'small soft' }, `${conn.protocol.toUpperCase()}, port ${conn.port}${conn.open ? '' : ', ended'}`), el('span', { class: 'end' }, select));
    if (!conn) { put(seq, el('p', { class: 'note soft' }, 'Connect to a server in Talk, or let a device synchronise: each line will stand here as an arrow.')); put(table); table.hidden = true; inspect(null, null); return; }
    table.hidden = false;
    const whole = arrowsOf(conn.conn, events), list = whole.slice(-MAX), pick = (one) => { selected = selected === one.n ? null : one.n; redraw(); };
    drawn = conn.conn;
    wide = Math.max(320, Math.round((seq.clientWidth || 800) - 18));
    put(seq, whole.length > MAX ? el('p', { class: 'small soft' }, `The last ${MAX} of ${whole.length} steps.`) : null, drawSeq(conn, list, wide, pick));
    const one = list.find((each) => each.n === selected);
    if (!one) { selected = null; seq.scrollTop = seq.scrollHeight; }
    put(table, el('summary', { key: 'seq table' }, 'As a table'), el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Sequence as a table' }, el('table', { class: 'data' }, el('thead', null, el('tr', null, ['Time', 'From', 'To', 'Text', 'State'].map((text) => el('th', { scope: 'col' }, text)))),
      el('tbody', null, list.filter((each) => each.kind === 'line').map((each) => el('tr', null, el('td', null, (each.t / 1000).toFixed(3)), el('td', null, each.from === 'client' ? conn.client : conn.server), el('td', null, each.from === 'client' ? conn.server : conn.client), el('td', null, each.text, each.more.length ? ` (+${each.more.length})` : ''), el('td', null, each.state ? `${outcomeWords(each.state)}, ${each.state.after}` : '')))))));
    table.open = asTable;
    inspect(conn, one);
  };
  watch((what) => { if (what === 'turn' || what === 'turned') chosen = what === 'turned' ? null : chosen; if (!['busy', 'said'].includes(what) && what !== 'course') redraw(); });
  // While the hand moves: the arrows that the pane has room for, out of a row that is read once.
  let all = { events: null, length: 0, conn: 0, arrows: [] };
  watchDrag(() => {
    const conn = (S.connections || []).find((one) => one.conn === drawn);
    if (S.view !== 'wire' || !conn) return;
    if (all.events !== S.events || all.length !== S.events.length || all.conn !== drawn) all = { events: S.events, length: S.events.length, conn: drawn, arrows: arrowsOf(drawn, S.events) };
    const end = countBefore(all.arrows, S.past.kept ?? 0), room = Math.ceil(seq.clientHeight / ROW) + 1;
    put(seq, drawSeq(conn, all.arrows.slice(Math.max(0, end - room), end), wide, () => undefined));
    seq.scrollTop = seq.scrollHeight;
  });
  let size = 0;
  new ResizeObserver(() => { if (Math.abs(seq.clientWidth - size) > 20) { size = seq.clientWidth; redraw(); } }).observe(seq);
}
