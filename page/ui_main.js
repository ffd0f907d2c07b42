// ui_main.js: puts the page together: tabs, theme, Stop, the worker.
import { Pennypost } from './client.js';
import { $, el, put, button, icon, tell, capital } from './ui_dom.js';
import { S, VIEWS, watch, draw } from './ui_store.js';
import { entryMake, command } from './ui_entry.js';
import { talkStart } from './ui_talk.js';
import { machineStart, envelopeStart } from './ui_machine.js';
import { boardStart, tablesStart } from './ui_board.js';
import { devicesStart } from './ui_devices.js';
import { lessonStart } from './ui_lesson.js';
import { timeStart } from './ui_time.js';
import { wireStart } from './ui_wire.js';
import { compareStart } from './ui_compare.js';
import { programsStart } from './ui_programs.js';
import { keepStart, wake } from './ui_keep.js';
import { keysStart, helpToggle } from './ui_keys.js';

async function parts() {
  const module = $('module'), worker = $('worker');
  if (module && worker) return { bytes: new TextEncoder().encode(module.textContent), make: () => { const url = URL.createObjectURL(new Blob([worker.textContent], { type: 'text/javascript' })); const made = new Worker(url); setTimeout(() => URL.revokeObjectURL(url), 10000); return made; } };
  const got = await fetch('pennypost.wasm'); // the page in pieces, for whoever works on it
  return { bytes: new Uint8Array(await got.arrayBuffer()), make: () => new Worker('worker.js', { type: 'module' }) };
}

function theme() {
  let mode = 'auto';
  try { mode = localStorage.getItem('pennypost.theme') || 'auto'; } catch { /* not kept */ }
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const set = () => { const is = mode === 'auto' ? dark.matches : mode === 'dark'; document.documentElement.dataset.theme = is ? 'dark' : 'light'; return is; };
  dark.addEventListener('change', set);
  set();
  return () => { mode = set() ? 'light' : 'dark'; try { localStorage.setItem('pennypost.theme', mode); } catch { /* not kept */ } set(); tell(`${capital(mode)} colours.`); };
}

function view() {
  const wanted = location.hash.slice(1);
  if (!VIEWS.includes(wanted) || wanted === S.view && document.body.dataset.view === wanted) return;
  S.view = wanted;
  show();
}
function show() {
  document.body.dataset.view = S.view;
  for (const tab of $('tabs').children) { if (tab.dataset.view === S.view) tab.setAttribute('aria-current', 'page'); else tab.removeAttribute('aria-current'); }
  draw('view');
  title();
  $('main').scrollTop = 0; scrollTo(0, 0);
}
function title() {
  const text = S.view === 'talk' ? `Talk: ${S.heading || ''}` : S.view === 'lesson' ? `Lesson: ${S.lesson ? S.lesson.title : 'all lessons'}` : { board: 'Board: who has what', compare: 'Compare: one story in two worlds', wire: 'Wire: who said what when', programs: S.replay ? `Programs: ${S.replay.title}` : 'Programs: recorded sessions' }[S.view];
  $('title').textContent = text;
  document.title = `${text} · Pennypost`;
}

function frame() {
  put($('tabs'), VIEWS.map((name) => el('a', { href: '#' + name, 'data-view': name }, icon(name), capital(name))));
  const turn = theme();
  const stop = button('Stop', () => { S.post.stop().catch(() => undefined); }, { class: 'btn', key: 'stop', hidden: true }, icon('stop'));
  put($('acts'), stop, button('', () => helpToggle(true), { class: 'btn plain', key: 'share', title: 'Links and files' }, icon('share'), el('span', { class: 'lbl' }, 'Keep and share')), button('', turn, { class: 'btn plain', key: 'theme', 'aria-label': 'Light or dark' }, icon('sun')), button('', () => helpToggle(), { key: 'help' }, el('b', null, '?'), el('span', { class: 'lbl' }, 'Help')));
  // Stop is offered once a line has run longer than one waits without wondering.
  let timer = 0;
  watch((what) => {
    if (what !== 'busy') { if (what !== 'said') title(); return; }
    document.body.classList.toggle('busy', S.busy > 0);
    clearTimeout(timer);
    if (S.busy) timer = setTimeout(() => { stop.hidden = false; tell('This takes long. Stop ends it.'); }, 700); else stop.hidden = true;
  });
}

async function main() {
  if (document.documentElement.dataset.lacks) return; // old.js tells
  document.documentElement.dataset.began = '';
  const { bytes, make } = await parts();
  S.post = new Pennypost({ worker: make, module: bytes }); // it gets ready while the panes are made
  frame();
  talkStart(entryMake(), command);
  machineStart(); envelopeStart(); devicesStart(); boardStart(); tablesStart(); lessonStart(); timeStart(); wireStart(); compareStart(); programsStart(); keysStart();
  const first = location.hash.slice(1);
  await wake();
  keepStart();
  if (VIEWS.includes(first)) S.view = first; else if (!S.kept && !first) S.view = 'talk';
  document.body.classList.add('ready');
  show();
  addEventListener('hashchange', view);
  if (S.view === 'talk' && matchMedia('(pointer: fine)').matches) $('line').focus();
}
main().catch((error) => { put($('main'), el('p', { class: 'card note', role: 'alert' }, `Pennypost could not begin: ${error.message}`)); });
