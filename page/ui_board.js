// ui_board.js: where each message is, as a table: the server first, then the devices. The same cells
// serve the board, the comparison and the inspector.
import { $, el, put, icon, bytes, button, clock, capital } from './ui_dom.js';
import { S, at, watch, choosePerson } from './ui_store.js';

export const deviceIcon = (name) => icon(name === 'server' ? 'server' : /phone|mobile/.test(name) ? 'phone' : /tab/.test(name) ? 'tablet' : 'laptop');
const shape = { here: 'full', full: 'full', head: 'head', gone: 'gone', elsewhere: 'full' };
const word = { here: 'here', full: 'full', head: 'header only', gone: 'gone', never: 'never', nowhere: 'nowhere' };

export function cellText(cell) {
  if (!cell) return 'never';
  const there = ['here', 'full', 'head', 'elsewhere'].includes(cell.where);
  const parts = [cell.where === 'elsewhere' ? `in ${cell.box || 'another mailbox'}` : word[cell.where] || cell.where];
  if (there) parts.push(cell.marked ? 'marked' : cell.deleted ? 'marked deleted' : cell.seen ? 'read' : 'new');
  if (there && cell.flagged) parts.push('flagged');
  if (there && cell.answered) parts.push('answered');
  if (cell.copies > 1) parts.push(`${cell.copies} copies`);
  if (cell.otherwise) parts.push('out of date');
  return parts.join(', ');
}

export function cellNode(cell, { changed, asked, hidden } = {}) {
  if (hidden) return el('td', { class: 'asked' }, el('span', { class: 'soft' }, '?'), el('span', { class: 'hide' }, ' not told yet'));
  const text = cellText(cell), kind = cell && (cell.marked ? 'marked' : shape[cell.where]);
  const there = kind && kind !== 'gone', at = text.indexOf('new');
  return el('td', { class: [changed && 'chg', asked && 'asked'].filter(Boolean).join(' ') || null },
    el('span', { class: 'c' + (there ? '' : ' gone-w') }, kind && el('span', { class: 'e ' + kind, 'aria-hidden': 'true' }), el('span', null, there && at > 0 ? [text.slice(0, at), el('span', { class: 'new' }, 'new'), text.slice(at + 3)] : text)),
    changed && el('span', { class: 'hide' }, ', changed in this step'));
}

const same = (a, b) => a && b && cellText(a) === cellText(b);
export function boardTable(board, before, caption, only) {
  if (only) board = { ...board, holders: only.map((i) => board.holders[i]), messages: board.messages.map((row) => ({ ...row, cells: only.map((i) => row.cells[i]) })) };
  const old = new Map(before && before.address === board.address ? before.messages.map((row) => [row.number, row]) : []);
  const rows = board.messages.map((row) => el('tr', null,
    el('th', { scope: 'row', class: 'name' }, el('b', null, row.name), row.title, ' ', el('span', { class: 'soft subj small' }, bytes(row.size))),
    row.cells.map((cell, i) => cellNode(cell, { changed: old.size > 0 && !(old.has(row.number) ? same(cell, old.get(row.number).cells[i]) : cell.where === 'never') }))));
  return el('table', { class: 'board' }, el('caption', { class: 'hide' }, caption || `Messages of ${board.address}`),
    el('thead', null, el('tr', null, el('th', { scope: 'col' }, 'Message'), board.holders.map((holder) => el('th', { scope: 'col' }, el('span', { class: 'c' }, deviceIcon(holder.name), capital(holder.name)), holder.program && el('small', null, holder.program), holder.online === false && el('small', null, 'offline'))))),
    el('tbody', null, rows.length ? rows : el('tr', null, el('td', { colspan: board.holders.length + 1, class: 'soft' }, 'No messages anywhere'))),
    el('tfoot', null, el('tr', null, el('th', { scope: 'row' }, 'Held'), board.holders.map((holder) => el('td', null, holder.messages ? `${holder.messages}, ${bytes(holder.octets)}` : '0')))));
}

export const people = () => {
  const list = [...new Set((at('devices') || []).map((device) => device.person))], chosen = S.person || S.prompt.person;
  return list.length < 2 ? null : el('div', { class: 'people', role: 'group', 'aria-label': 'Whose mail' }, list.map((person) => button(capital(person), () => choosePerson(person), { class: 'btn plain', key: 'person ' + person, 'aria-pressed': String(person === chosen) })));
};

export function boardStart() {
  const pane = $('p-board'), head = el('header'), box = el('div', { class: 'in', tabindex: 0, role: 'region', 'aria-label': 'Board' });
  put(pane, head, box);
  watch((what) => {
    if (['busy', 'said'].includes(what) || !['board', 'lesson'].includes(S.view)) return;
    const board = at('board');
    put(head, el('h2', { id: 'h-board' }, S.past ? 'Who had what then' : 'Who has what now'), board && el('span', { class: 'small soft' }, `${board.address}, INBOX, ${clock(board.ms)}`));
    if (!board) { put(box, el('p', { class: 'soft' }, 'Nobody is chosen.')); return; }
    const kind = (cls, text) => el('span', { class: 'c' }, el('span', { class: 'e ' + cls, 'aria-hidden': 'true' }), text);
    put(box, boardTable(board, S.past ? null : S.before), el('p', { class: 'legend' }, kind('full', 'whole copy'), kind('head', 'header only'), kind('gone', 'had it once'), kind('marked', 'marked by DELE'), el('span', null, 'never: had none')));
  });
}

// The server's database, read-only.
export function tablesStart() {
  const pane = $('p-tables'), head = el('header'), box = el('div', { class: 'in' });
  put(pane, head, box);
  let list = null, chosen = '', turn = 0;
  async function show() {
    const mine = ++turn;
    if (S.view !== 'board') return;
    try {
      list = (S.past ? (await S.post.at({ step: S.past.step, list: [{ name: 'tables' }] })).values[0] : await S.post.view('tables')) || [];
      if (mine !== turn) return;
      if (!list.some((table) => table.name === chosen)) chosen = (list.find((table) => /placement|message/.test(table.name)) || list[0] || {}).name || '';
      const arg = { name: chosen, from: 0, count: 200 };
      const table = chosen ? (S.past ? (await S.post.at({ step: S.past.step, list: [{ name: 'table', arg }] })).values[0] : await S.post.view('table', arg)) : null;
      if (mine !== turn) return;
      const select = el('select', { key: 'table', 'aria-label': 'Table', on: { change: (e) => { chosen = e.target.value; show(); } } }, list.map((one) => el('option', { value: one.name, selected: one.name === chosen }, `${one.name} (${one.rows})`)));
      put(head, el('h2', { id: 'h-tables' }, 'In the database'), el('span', { class: 'small soft' }, 'SQLite, to look at only'), el('span', { class: 'end' }, select));
      const value = (one) => one === null ? el('span', { class: 'null' }, 'NULL') : typeof one === 'object' ? `x'${one.hex}'${one.bytes > one.hex.length / 2 ? ` … ${one.bytes} octets` : ''}` : String(one).slice(0, 400);
      put(box, table ? el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Rows of ${chosen}` }, el('table', { class: 'data' }, el('thead', null, el('tr', null, table.columns.map((column) => el('th', { scope: 'col' }, column.name || column)))),
        el('tbody', null, table.rows.map((row) => el('tr', null, row.map((one) => el('td', null, value(one)))))))) : el('p', { class: 'soft' }, 'There are no tables.'),
      table && table.total > table.rows.length ? el('p', { class: 'small soft' }, `The first ${table.rows.length} of ${table.total} rows.`) : null);
    } catch (error) { put(head, el('h2', { id: 'h-tables' }, 'In the database')); put(box, el('p', { class: 'soft' }, error.message)); }
  }
  put(head, el('h2', { id: 'h-tables' }, 'In the database'));
  watch((what) => { if (!['busy', 'said'].includes(what) && what !== 'course' && what !== 'person') show(); });
}
