// ui_devices.js: the devices as cards that one uses: synchronise, read, delete, go offline. A button
// runs lines of the language and says which; nothing here could not be typed.
import { $, el, put, button, clock, plural, capital } from './ui_dom.js';
import { S, at, watch } from './ui_store.js';
import { deviceIcon, people } from './ui_board.js';
import { command } from './ui_entry.js';

const chosen = new Map();   // device: { box, position, message } that is selected
const ran = new Map();      // device: { lines, text }

async function run(device, lines) {
  const all = S.prompt.device === device.name ? lines : ['on ' + device.name, ...lines];
  const turns = await command(all);
  const last = turns && turns.at(-1);
  const answer = last && last.events.filter((event) => event.kind === 'answer').at(-1);
  const text = !last ? 'It was not run.' : last.result === 'unreadable' ? `Not run: ${last.why}` : answer && answer.text ? answer.text.trim() : '';
  ran.clear();
  ran.set(device.name, { lines: all, text });
  redraw();
}

function mailRows(device) {
  const mine = chosen.get(device.name);
  return device.folders.filter((folder) => folder.messages.length || folder.name === 'INBOX').map((folder) => [
    device.folders.filter((one) => one.messages.length).length > 1 && folder.messages.length > 0 && el('p', { class: 'box' }, folder.name),
    folder.messages.map((mail) => {
      const here = mine && mine.box === folder.name && mine.position === mail.position;
      return el('button', { type: 'button', key: `${device.name} ${folder.name} ${mail.position}`, 'aria-pressed': String(!!here), on: { click: () => { chosen.set(device.name, here ? null : { box: folder.name, position: mail.position, message: mail.message }); redraw(); } } },
        el('b', { class: 'm' }, mail.message || mail.position), el('span', { class: mail.seen ? '' : 'new' }, sender(mail.from)), el('span', { class: mail.seen ? '' : 'new' }, mail.subject || '(no subject)', mail.seen ? '' : el('span', { class: 'hide' }, ', new')), el('span', { class: 'soft' }, mail.whole === false ? 'header' : mail.date_ms ? clock(mail.date_ms) : ''));
    })]);
}
const sender = (from) => /^\s*"?([^"<]+?)"?\s*</.exec(from || '') ? /^\s*"?([^"<]+?)"?\s*</.exec(from)[1] : (from || '').split('@')[0];

function card(device) {
  const id = 'dev-' + device.name, mail = chosen.get(device.name), count = device.folders.reduce((n, folder) => n + folder.messages.length, 0);
  const synced = device.mail && device.mail.synced_ms !== null && device.mail.synced_ms !== undefined;
  const in_box = (verb) => mail.box && mail.box !== 'INBOX' ? `mail ${verb} ${mail.position} in ${mail.box}` : `mail ${verb} ${mail.position}`;
  const did = ran.get(device.name), dead = S.past ? true : null;
  const act = (text, lines, extra) => button(text, () => run(device, lines()), { key: `${device.name} ${text}`, disabled: dead, 'aria-label': `${text}, ${device.name}`, ...extra });
  return el('section', { class: 'card dev' + (device.name === S.prompt.device ? ' at' : ''), 'aria-labelledby': id },
    el('header', null, deviceIcon(device.name), el('div', null, el('h3', { id }, capital(device.name)), el('small', null, device.program || 'no mail program', device.name === S.prompt.device && el('b', null, ' · you are here'))),
      el('span', { class: 'tag' }, !device.online ? 'offline' : synced ? `Synced ${clock(device.mail.synced_ms)}` : '')),
    count ? el('div', { class: 'inbox' }, mailRows(device)) : el('div', { class: 'none' }, el('b', null, synced ? 'No messages' : 'Not synced yet'), synced ? `${plural(device.folders.length, 'mailbox', 'mailboxes')} looked at, all empty` : 'It knows nothing of the mailbox'),
    did && el('div', { class: 'ran' }, 'Ran ', did.lines.map((line, i) => [i ? ', ' : '', el('code', null, line)]), did.text && el('pre', { tabindex: 0, role: 'group', 'aria-label': 'Answer' }, did.text)),
    el('footer', null,
      device.program && act('Sync', () => ['mail sync']),
      mail && act('Read', () => [in_box('read')]), mail && act('Delete', () => [in_box('delete')]),
      device.name !== S.prompt.device && act('Use', () => []),
      act(device.online ? 'Go offline' : 'Go online', () => [`${device.online ? 'offline' : 'online'} ${device.name}`], { class: 'btn plain' })));
}

let redraw = () => undefined;
export function devicesStart() {
  const pane = $('p-devices');
  redraw = () => {
    if (!['board', 'lesson'].includes(S.view)) return;
    const all = at('devices') || [], person = S.person || S.prompt.person, list = all.filter((device) => !person || device.person === person);
    for (const device of all) {
      const mine = chosen.get(device.name);
      if (mine && !device.folders.some((folder) => folder.name === mine.box && folder.messages.some((mail) => mail.position === mine.position && mail.message === mine.message))) chosen.delete(device.name);
    }
    put(pane, S.view === 'board' && el('div', { class: 'row' }, el('h2', { class: 'small soft' }, 'Devices of'), people()), el('h2', { class: 'hide' }, S.view === 'lesson' ? 'Devices' : ''), el('div', { class: 'devs' }, list.map(card)));
    if (S.view !== 'lesson') { const empty = pane.querySelector('h2.hide'); if (empty) empty.remove(); }
  };
  watch((what) => { if (what === 'turned') ran.clear(); if (!['busy', 'said'].includes(what) && what !== 'course') redraw(); });
}
