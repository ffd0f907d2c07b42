// ui_talk.js: the conversation: what was typed, what the servers said, what it changed, why it was
// refused. Kept as a log; new items are added at its end.
import { $, el, button, icon, put, tell, plural, capital } from './ui_dom.js';
import { S, at, watch, watchDrag, reason } from './ui_store.js';
import { items, good, outcomeWords, refusal, wasSaid } from './ui_items.js';
import { write } from './ui_entry.js';

const LINES = 7, KEEP = 2, ITEMS = 120, DRAGGED = 10; // of a reply so many are shown whole; else the first two; so many items at first, and while the slider is dragged
export const protocolIcon = (name) => icon({ smtp: 'up', pop3: 'down', imap: 'both' }[name] || 'both');
const said = (event) => event.from === 'client' ? 'C' : 'S';

function lineRows(events) {
  return events.map((event, i) => [
    i && events[i - 1].from === event.from ? null : el('span', { class: 'who' }, said(event)),
    el('span', { class: event.from === 'client' ? 'cl' : 'sv' }, event.text || '\u00a0', event.bytes ? el('i', null, ` … ${event.bytes} octets in all`) : null),
  ]);
}

// Lines of one speaker that are many: the first, and the rest behind a word.
function folded(events) {
  const out = [];
  for (let i = 0; i < events.length;) {
    let end = i;
    while (end < events.length && events[end].from === events[i].from) end++;
    const run = events.slice(i, end);
    if (run.length <= LINES) out.push(...lineRows(run));
    else out.push(...lineRows(run.slice(0, KEEP)), el('details', null, el('summary', null, plural(run.length - KEEP, 'more line')), el('div', { class: 'x' }, lineRows(run.slice(KEEP)))));
    i = end;
  }
  return out;
}

export function whyList(why, cls) {
  if (!why) return null;
  const tries = [].concat(why.try || []).filter(Boolean);
  return el('dl', { class: cls || 'why' },
    why.means && [el('dt', null, 'Means'), el('dd', null, why.means)],
    why.cause && [el('dt', null, 'Cause'), el('dd', null, why.cause)],
    tries.length ? [el('dt', null, 'Try'), el('dd', null, tries.map((line) => el('button', { type: 'button', class: 'chip', on: { click: () => write(line) } }, line)), why.then ? ' ' + why.then : '')] : null,
    why.rule && [el('dt', null, 'Rule'), el('dd', { class: 'soft' }, why.rule, why.rfc ? `. RFC ${why.rfc}` : '')]);
}

function reasonFor(ruling) {
  const box = el('div');
  const facts = { rule: `${ruling.before} + ${ruling.event}: ${outcomeWords(ruling)}, ${ruling.before === ruling.after ? 'the state stays' : 'to ' + ruling.after}`, rfc: ruling.rfc };
  const show = (why) => put(box, whyList(why || facts));
  if (S.reasons.has(ruling.n)) show(S.reasons.get(ruling.n));
  else { show(null); reason(ruling.n).then((why) => why && show(why)).catch(() => undefined); }
  return box;
}

function moved(item, last) {
  const out = [];
  const refused = refusal(item);
  if (refused) out.push(el('span', { class: 'refused' }, icon('no'), 'Refused, ' + outcomeWords(refused)));
  const moves = item.rulings.filter((ruling) => ruling.before !== ruling.after);
  for (const move of moves) out.push(el('span', null, el('code', null, move.before), ' → ', el('code', { class: last && move === moves.at(-1) ? 'now' : null }, move.after)));
  const ruling = item.rulings.at(-1);
  if (!moves.length && ruling) out.push(el('span', null, el('code', null, ruling.after), ' stays'));
  const meaning = last && moves.length && S.states && S.states.states.find((state) => state.name === moves.at(-1).after);
  if (meaning) out.push(el('span', null, meaning.meaning));
  if (item.closed) out.push(el('span', null, { client: 'Closed by the client.', server: 'The server closed the connection.', cut: 'The connection was reset.', timeout: 'The connection timed out.' }[item.closed.by] || 'Closed.'));
  return out.length ? el('div', { class: 'st' }, out) : null;
}

// What ran beside: a mail program's session, a relay between servers.
function beside(other) {
  const { conn } = other, refused = other.rulings.filter((ruling) => !good(ruling)).length;
  return el('details', null, el('summary', null, `${conn.protocol.toUpperCase()}: ${conn.client} to ${conn.server}, ${plural(other.lines.length, 'line')}${refused ? `, ${refused} refused` : ''}${other.closed && other.closed.by === 'cut' ? ', reset' : ''}`),
    el('div', { class: 'x' }, lineRows(other.lines)));
}

const drawn = (text) => /\n/.test(text) && /( {3}|\|[-_ ]|--|^\S+ {2,}\S)/m.test(text);
function answer(event) {
  const text = (event.text || '').replace(/\n+$/, '');
  if (!text) return null;
  return drawn(text) ? el('pre', { class: 'ans', tabindex: 0, role: 'group', 'aria-label': `Answer of ${event.command}` }, text) : el('div', { class: 'ans' }, text);
}

function noteItem(note) {
  if (note.begins) return el('div', { class: 'news' }, S.lesson ? `The lesson begins: ${S.lesson.title} Its text and goals stand in Lesson. This world is its own.` : note.text);
  if (note.kind === 'news') return el('div', { class: 'news' }, note.text);
  if (note.kind === 'fault') return el('div', { class: 'unread' }, el('span', { class: 'refused' }, icon('no'), note.text));
  return el('div', { class: 'unread' }, el('pre', null, note.line), el('span', { class: 'refused' }, icon('no'), 'Not run'), ' ', note.why);
}

function itemNode(item, last) {
  if (item.note) return noteItem(item.note);
  const toServer = wasSaid(item), refused = refusal(item);
  const node = el('div', { class: 'x' + (refused ? ' no' : '') + (last ? ' just' : '') });
  if (!toServer && item.line !== null) node.append(el('span', { class: 'who', title: 'Typed to Pennypost' }, '$'), el('span', { class: 'cl' }, item.line.replace(/^:(?=[a-z])/, '')));
  for (const event of item.answers) { const text = answer(event); if (text) node.append(text); }
  for (const check of item.checks) node.append(el('div', { class: 'ans' }, check.ok ? 'Holds: ' : 'Does not hold: ', check.text, check.ok ? '' : ` (found ${check.found})`));
  node.append(...folded(item.lines).flat(3).filter(Boolean));
  for (const other of item.others.values()) if (other.lines.length) node.append(beside(other));
  const state = moved(item, last);
  if (state) node.append(state);
  if (refused) node.append(last ? reasonFor(refused) : el('details', { on: { toggle: (e) => { if (e.target.open && !e.target.dataset.full) { e.target.dataset.full = 1; e.target.append(reasonFor(refused)); } } } }, el('summary', null, 'Why')));
  return node;
}

// One sentence for those who listen.
function sentence(item) {
  if (item.note) return item.note.text || `Not run: ${item.note.why}`;
  const refused = refusal(item), servers = item.lines.filter((event) => event.from === 'server');
  const reply = servers.length ? servers.length > 3 ? `${servers[0].text}, and ${plural(servers.length - 1, 'more line')}` : servers.map((event) => event.text).join('. ') : '';
  const move = item.rulings.filter((ruling) => ruling.before !== ruling.after).at(-1), ruling = item.rulings.at(-1);
  const state = move ? `From ${move.before} to ${move.after}.` : ruling ? `${ruling.after} stays.` : '';
  const text = item.answers.map((event) => event.text || '').join(' ').split('\n');
  return [refused && `Refused, ${outcomeWords(refused)}:`, reply, state, text[0], text.length > 3 ? `${text.length} lines` : text.slice(1).join(' ')].filter(Boolean).join(' ');
}

function heading() {
  const open = (at('connections') || []).find((conn) => conn.typed && conn.open && conn.client === S.prompt.device);
  const device = S.prompt.device || 'nowhere';
  const title = open ? `${capital(device)} to ${open.server}` : `At the ${device}`;
  const about = open ? [protocolIcon(open.protocol), ` ${open.protocol.toUpperCase()}, port ${open.port}${S.states && S.states.tls ? ', TLS' : ''}${open.user ? ', logged in as ' + open.user : ''}`] : ['not connected'];
  return { open, nodes: [el('h2', { id: 'h-conv' }, title), el('span', { class: 'row small soft' }, about)] };
}

let node, log, from = 0, count = 0, heard = 0;
export function talkStart(entry, act) {
  node = $('p-conv');
  log = el('div', { class: 'lines', role: 'region', tabindex: 0, 'aria-label': 'What was said', id: 'log' });
  const head = el('header');
  put(node, head, log, entry);
  const drawHead = () => {
    const { open, nodes } = heading();
    put(head, nodes, el('span', { class: 'end' }, open && button('Close', () => act(['close']), { class: 'btn plain', key: 'close', title: 'Ends the connection, as a program does that exits' })));
    S.heading = nodes[0].textContent;
  };
  // The last thing said is seen: in the pane, which other panes may make smaller, or on a phone above the field.
  const bottom = () => { log.scrollTop = log.scrollHeight; const last = log.lastElementChild; if (S.view === 'talk' && last && count > 1 && getComputedStyle(log).overflowY === 'visible') last.scrollIntoView({ block: 'end' }); };
  const redraw = (all) => {
    const list = items().items, older = Math.max(0, list.length - (S.past ? ITEMS / 4 : ITEMS));
    if (all || count > list.length || from !== older && older === 0) { from = from && !all ? Math.min(from, older) : older; count = from; log.replaceChildren(); } else if (count > from && log.lastElementChild) { log.lastElementChild.remove(); count--; if (count < from) count = from; }
    const lead = log.querySelector(':scope > .btn');
    if (from > 0 && !lead) log.prepend(button(`${plural(from, 'earlier line')}`, () => { from = Math.max(0, from - ITEMS); count = from; log.replaceChildren(); redraw(false); }, { class: 'btn plain' }));
    if (count > 0 && count < list.length && log.lastElementChild) { const old = log.lastElementChild; if (!old.matches('.btn')) old.replaceWith(itemNode(list[count - 1], false)); }
    for (; count < list.length; count++) log.append(itemNode(list[count], count === list.length - 1));
    const hello = log.querySelector(':scope > .hello');
    if (list.length && hello) hello.remove();
    if (!list.length) put(log, el('div', { class: 'hello soft' }, 'Nothing has been typed yet. Connect to a server with one of the buttons below, and say hello to it. Nothing here leaves this page.'));
    bottom();
  };
  // While the hand moves: what is seen at the log's end. The moment it rests at is drawn anew.
  const dragged = () => {
    const list = items().items;
    log.replaceChildren(...list.slice(-DRAGGED).map((item) => itemNode(item, false)));
    log.scrollTop = log.scrollHeight;
    count = from = list.length;
  };
  const announce = () => { const last = items().items.at(-1); if (!S.past && last && last.end > heard) { tell(sentence(last)); heard = last.end; } };
  watchDrag(() => { if (['talk', 'lesson', 'programs'].includes(S.view)) dragged(); });
  let was = '', stale = true, ends = true;
  log.addEventListener('scroll', () => { ends = log.scrollTop + log.clientHeight > log.scrollHeight - 8; });
  new ResizeObserver(() => { if (ends) log.scrollTop = log.scrollHeight; }).observe(log);
  watch((what) => {
    if (what === 'busy' || what === 'view' && was === S.view) return;
    was = S.view;
    drawHead();
    if (what === 'person' || what === 'course') return;
    if (what === 'turned') heard = 0;
    if (!['talk', 'lesson', 'programs'].includes(S.view)) stale = true; else { redraw(stale || what === 'turned' || what === 'past'); stale = false; }
    announce();
  });
}
