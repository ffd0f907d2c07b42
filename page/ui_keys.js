// ui_keys.js: the keyboard, and the pane that explains it. Keys without Ctrl or Alt act only while
// nothing is being typed, and can be switched off.
import { $, el, button, put } from './ui_dom.js';
import { S, VIEWS } from './ui_store.js';
import { undo, redo } from './ui_time.js';
import { compareKey } from './ui_compare.js';
import { programKey } from './ui_programs.js';
import { keepNodes } from './ui_keep.js';

const KEYS = [['Alt+1 … Alt+6', 'the six views'], ['F6, Shift+F6', 'next, previous pane'], ['Enter', 'sends the line'], ['Tab in the field', 'completes; Escape, then Tab leaves'], ['↑ ↓ in the field', 'earlier lines'], ['← → on the timeline', 'one step; Page keys ten'], ['Enter on the timeline', 'goes on from there'], ['↑ ↓ on the timeline', 'another branch'], ['Ctrl+Z, Ctrl+Shift+Z', 'undo, redo'], ['arrows in the diagram', 'from state to arrow to state'], ['Space, Page keys', 'Compare, Programs: next, back'], ['1 … 5', 'Compare, Programs: a guess'], ['?', 'this help'], ['Escape', 'closes it']];
let letters = true;

export function helpToggle(open = $('p-help').hidden) {
  const pane = $('p-help');
  pane.hidden = !open;
  if (!open) { const opener = document.querySelector('[data-key=help]'); if (opener) opener.focus(); return; }
  put(pane, el('header', null, el('h2', { id: 'h-help', tabindex: -1 }, 'Help'), el('span', { class: 'end' }, button('Close', () => helpToggle(false), { class: 'btn plain', key: 'close help' }))),
    el('div', { class: 'in md' },
      el('p', null, 'Pennypost is a whole e-mail system inside this page: servers, devices and a network, for learning SMTP, POP3 and IMAP by speaking them. In Talk you type to a server; with nobody connected, Pennypost reads what you type. Type ', el('code', null, 'help'), ' there for its commands. A colon in front reaches Pennypost while you are connected.'),
      keepNodes(), el('h3', null, 'Keys'), el('div', { class: 'helps' }, KEYS.map(([key, text]) => el('div', null, el('kbd', null, key), el('span', null, text)))),
      el('label', { class: 'row small' }, el('input', { type: 'checkbox', checked: letters, on: { change: (e) => { letters = e.target.checked; } } }), 'Single keys (?, Space, digits) act')));
  pane.querySelector('h2').focus();
}

function pane(step) {
  const all = [...document.querySelectorAll('main > section, .time')].filter((one) => one.offsetParent !== null || getComputedStyle(one).position === 'fixed');
  const now = all.findIndex((one) => one.contains(document.activeElement)), heir = all[(now + step + all.length) % all.length];
  const inside = heir && heir.querySelector('input:not([type=file]):not([disabled]), button:not([disabled]), [tabindex="0"], a, select, summary');
  if (inside) inside.focus(); else if (heir) { heir.tabIndex = -1; heir.focus(); }
}

export function keysStart() {
  addEventListener('keydown', (event) => {
    const typing = event.target.closest && event.target.closest('input:not([type=range]):not([type=checkbox]), textarea, select');
    if (event.isComposing) return;
    if (event.altKey && !event.ctrlKey && /^Digit[1-6]$/.test(event.code)) { event.preventDefault(); location.hash = VIEWS[Number(event.code.slice(5)) - 1]; return; }
    if (event.key === 'F6') { event.preventDefault(); pane(event.shiftKey ? -1 : 1); return; }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'z' && !(typing && typing.value)) { event.preventDefault(); if (event.shiftKey) redo(); else undo(); return; }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'l' && typing) { event.preventDefault(); const log = $('log'); log.scrollTop = log.scrollHeight; return; }
    if (event.key === 'Escape' && !$('p-help').hidden) { helpToggle(false); return; }
    if (typing || !letters || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === '?') { event.preventDefault(); helpToggle(); return; }
    if (event.key === ' ' && event.target.closest('button, summary, a') || event.target.matches('input[type=range]')) return;
    if (S.view === 'compare' ? compareKey(event) : S.view === 'programs' && programKey(event)) event.preventDefault();
  });
}
