// ui_entry.js: the field one types into: whom it reaches, history, completion, what is legal as chips,
// pasting a whole message.
import { el, put, button, tell } from './ui_dom.js';
import { S, watch, say, sayAll, paste, goTo, at } from './ui_store.js';

const HELP = 'Enter sends. Tab completes; Escape, then Tab leaves the field. Up and down recall earlier lines.';
const histories = new Map();
let form, input, ghost, label, chips, place = -1, draft = '', leaves = false;

// Puts a line where one types; it is never sent by itself.
export function write(line) {
  if (S.prompt.protocol === 'imap' && S.prompt.mode === 'line') line = line.replace(/^a\d+ /, tagNext() + ' '); // a tag is used once
  input.value = line;
  input.focus();
  const hole = line.indexOf('<>');
  input.setSelectionRange(hole >= 0 ? hole + 1 : line.length, hole >= 0 ? hole + 1 : line.length);
  suggest();
}
// Runs lines of the language, whoever reads at the moment.
export async function command(lines) {
  if (S.past) await goTo(S.past.step);
  return sayAll(lines.map((line) => ':' + line));
}

const modes = {
  command: ['To Pennypost', 'Type a command for Pennypost'], line: ['To the server', 'Type a line for the server'], text: ['Message text', 'Type a line of the message; a line with only a dot ends it'],
  literal: ['Octets awaited', 'Type the text whose size you announced'], answer: ['Your answer', 'Type the answer to the server’s challenge'], predict: ['Your guess', 'Type your guess'],
};

const legal = () => { const states = at('states'); return states && states.connected && S.prompt.mode === 'line' ? typed(states) : []; };
// What is legal and is a command: time and the network do the rest.
export const typed = (states) => states.legal.filter((event) => event.command !== false);
const SAMPLE = ['From: Ana <ana@campus.example>', 'To: Bo <bo@campus.example>', 'Subject: Soup', '', 'Twelve is fine. I bring spoons.'];

// What can be typed now: { text, line, first?, why? }
function choices() {
  const mode = S.prompt.mode, person = (S.prompt.person || 'ana').split('@')[0];
  if (mode === 'command') {
    const others = (at('devices') || []).filter((device) => device.name !== S.prompt.device && device.person === S.prompt.person).slice(0, 2);
    return [['telnet mail smtp', true], ['telnet mail pop3', true], ['telnet mail imap', true], ['mail sync'], ['board'], ...others.map((device) => ['on ' + device.name]), ['help']].map(([line, first]) => ({ text: line, line, first: first && S.events.length < 2 && line.endsWith('smtp') }));
  }
  if (mode === 'text') return [{ text: '.', line: '.', first: S.typedText }, { text: 'a short message', lines: SAMPLE.map((line) => line.replace('Ana <ana@', `${person[0].toUpperCase()}${person.slice(1)} <${person}@`)) }];
  if (mode === 'answer') return [{ text: '*', line: '*' }];
  if (mode === 'predict' || mode === 'literal') return [];
  const list = legal(), tag = S.prompt.protocol === 'imap' ? tagNext() + ' ' : '';
  const one = (event, first) => ({ text: event.verb, line: tag + untag(event.sample || event.verb), first, why: event.meaning });
  // As the terminal orders them: the likelier first.
  const words = ((S.guide || {}).line || '').split(/\s+/), place = (event) => { const at = words.indexOf(event.verb); return at < 0 ? 99 : at; };
  const sorted = [...list].sort((a, b) => (b.next ? 1 : 0) - (a.next ? 1 : 0) || place(a) - place(b));
  return sorted.map((event, i) => one(event, i === 0 && event.next));
}
const untag = (sample) => S.prompt.protocol === 'imap' ? sample.replace(/^a?\d+ /, '') : sample;
function tagNext() {
  const used = S.events.filter((event) => event.kind === 'line' && event.from === 'client' && /^[a-z]\d+ /.test(event.text)).at(-1);
  return 'a' + (used ? Number(/\d+/.exec(used.text)[0]) + 1 : 1);
}

let extra = null; // words that Tab found
function drawChips() {
  const list = choices(), next = list.filter((one) => one.first || legal().some((event) => event.next && event.verb === one.text));
  const chip = (one) => el('button', { type: 'button', class: 'chip' + (one.first ? ' first' : next.includes(one) ? '' : ' q'), key: 'chip ' + one.text, title: one.why, on: { click: () => one.lines ? sayAll(one.lines) : write(one.line) } }, one.text);
  if (extra) return put(chips, el('span', { class: 'soft' }, 'Could be'), extra.map((word) => chip(word)));
  if (S.prompt.mode !== 'line') return put(chips, list.length ? el('span', { class: 'soft' }, S.prompt.mode === 'text' ? 'End with' : 'Try') : el('span', { class: 'soft' }, S.prompt.mode === 'predict' ? 'A guess costs nothing. A colon reaches Pennypost.' : 'These octets belong to the command.'), list.map(chip));
  const rest = list.filter((one) => !next.includes(one)), blocked = (at('states') || {}).blocked || [];
  const more = [...rest.slice(4), ...blocked];
  return put(chips, next.length ? el('span', { class: 'soft' }, 'Next') : null, next.slice(0, 5).map(chip), rest.length ? el('span', { class: 'soft' }, 'also') : null, rest.slice(0, 4).map(chip),
    more.length ? el('details', null, el('summary', { key: 'more' }, `${more.length} more`), el('div', { class: 'chips' }, rest.slice(4).map(chip), blocked.map((one) => el('span', { class: 'small soft' }, el('code', null, one.verb), ` not now: ${one.why}`)))) : null);
}

// The rest of the one line that begins like this; shown in grey, taken with Tab.
function suggestion() {
  const typed = input.value;
  if (!typed.trim() || S.prompt.mode === 'text') return '';
  for (const one of choices()) {
    if (!one.line || one.line.length <= typed.length) continue;
    if (one.line.slice(0, typed.length).toUpperCase() === typed.toUpperCase()) return one.line.slice(typed.length);
  }
  return '';
}
function suggest() {
  const rest = suggestion();
  put(ghost, input.value, el('b', null, rest));
  form.classList.toggle('has', !!rest);
}

async function complete() {
  const rest = suggestion();
  if (rest) { input.value += rest; extra = null; suggest(); drawChips(); return; }
  const found = await S.post.complete({ line: input.value, at: input.selectionStart });
  if (!found.words.length) { tell('Nothing completes this.'); return; }
  const common = found.words.reduce((a, b) => { let i = 0; while (i < a.length && i < b.length && a[i].toLowerCase() === b[i].toLowerCase()) i++; return a.slice(0, i); });
  const before = input.value.slice(0, found.from), typed = input.value.slice(found.from);
  if (found.words.length === 1) input.value = before + found.words[0] + ' ';
  else if (common.length > typed.length) input.value = before + common;
  extra = found.words.length > 1 ? found.words.slice(0, 12).map((word) => ({ text: word, line: before + word + ' ' })) : null;
  if (extra) tell('Could be ' + found.words.slice(0, 8).join(', '));
  suggest(); drawChips();
}

function recall(step) {
  const list = histories.get(S.prompt.target) || [];
  if (!list.length) return;
  if (place < 0) { if (step < 0) return; draft = input.value; place = list.length; }
  place = Math.min(list.length, Math.max(0, place - step));
  input.value = place === list.length ? draft : list[place];
  if (place === list.length) place = -1;
  input.setSelectionRange(input.value.length, input.value.length);
  suggest();
}

async function send() {
  const line = input.value, target = S.prompt.target;
  if (!histories.has(target)) histories.set(target, []);
  if (line && !S.prompt.secret) histories.get(target).push(line);
  place = -1; extra = null; input.value = ''; suggest();
  if (S.past) await goTo(S.past.step);
  await say(line);
  if (S.rest) write(S.rest);
}

function keys(event) {
  if (event.isComposing) return; // an input method is still at work
  if (event.key === 'Escape') { leaves = true; extra = null; drawChips(); return; }
  if (event.key === 'Tab' && !event.shiftKey && !event.ctrlKey && !event.altKey) {
    if (leaves || !input.value) { leaves = false; return; }
    event.preventDefault();
    complete().catch((error) => tell(error.message));
    return;
  }
  leaves = false;
  if (event.key === 'ArrowUp') { event.preventDefault(); recall(1); }
  if (event.key === 'ArrowDown') { event.preventDefault(); recall(-1); }
}

async function pasted(event) {
  const text = event.clipboardData && event.clipboardData.getData('text/plain');
  if (!text || !/[\r\n]/.test(text)) return;
  event.preventDefault();
  const lines = (input.value + text).replace(/\r\n?/g, '\n');
  input.value = '';
  if (S.past) await goTo(S.past.step);
  const whole = lines.endsWith('\n') ? lines.slice(0, -1) : lines;
  if (S.prompt.mode === 'command') await sayAll(whole.split('\n')); else await paste(whole);
}

export function entryMake() {
  input = el('input', { id: 'line', type: 'text', autocomplete: 'off', autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false', enterkeyhint: 'send', 'aria-describedby': 'line-help', on: { keydown: keys, paste: pasted, input: () => { extra = null; suggest(); } } });
  ghost = el('span', { class: 'ghost', 'aria-hidden': 'true' });
  label = el('label', { for: 'line' });
  chips = el('div', { class: 'chips', role: 'group', 'aria-label': 'What you can type now' });
  form = el('form', { class: 'field', on: { submit: (event) => { event.preventDefault(); send(); } } }, label, el('span', { class: 'wrap' }, ghost, input), el('kbd', { 'aria-hidden': 'true' }, 'Tab'), el('button', { class: 'btn', type: 'submit' }, 'Send'));
  const help = el('p', { class: 'hide', id: 'line-help' });
  const typing = (on) => document.body.classList.toggle('typing', on && matchMedia('(pointer: coarse)').matches);
  input.addEventListener('focus', () => typing(true));
  input.addEventListener('blur', () => setTimeout(() => typing(document.activeElement === input), 150));
  if (window.visualViewport) visualViewport.addEventListener('resize', () => document.body.style.setProperty('--keys', Math.max(0, innerHeight - visualViewport.height - visualViewport.offsetTop) + 'px'));
  watch((what) => {
    if (['busy', 'said'].includes(what) || what === 'person' || what === 'course') return;
    const [name, title] = modes[S.prompt.mode] || modes.command;
    put(label, S.prompt.mode === 'literal' ? `${S.prompt.left} octets to come` : name);
    help.textContent = `${title}. ${HELP}`;
    S.typedText = S.prompt.mode === 'text' && S.events.at(-1) && S.events.at(-1).kind !== 'state';
    extra = null; suggest(); drawChips();
  });
  return el('div', { class: 'entry' }, form, help, chips);
}
