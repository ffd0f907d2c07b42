// ui_compare.js: a story in two worlds, step by step: first a guess, then what came of it, and why.
// While a guess is open nothing gives the answer away.
import { $, el, put, button, icon, bytes, plural, capital, tell } from './ui_dom.js';
import { S, watch } from './ui_store.js';
import { cellText, cellNode } from './ui_board.js';

const C = { list: null, settings: [], pair: ['', ''], story: null, step: 0, guesses: new Map(), busy: false, fault: '' };
const keyOf = (step, asked, world) => `${step} ${asked.number} ${asked.holder} ${world}`;
const row = (frame, number) => frame.rows.find((one) => one.number === number);
const cellAt = (frame, asked) => { const one = row(frame, asked.number); return one ? one.cells[asked.holder] : { where: 'never' }; };

// A story asks behind a step what the next one will bring.
const question = (step) => step > 1 && C.story.steps[step - 2] ? C.story.steps[step - 2].ask : '';

// What is asked before a step: cells of devices that will differ between the worlds, two at most.
function askedAt(step) {
  const { story } = C, out = [];
  if (!story || !question(step) || step > story.steps.length) return out;
  const frames = story.variants.map((variant) => variant.frames[step]), numbers = [...new Set(frames.flatMap((frame) => frame.rows.map((one) => one.number)))];
  for (let holder = story.holders.length - 1; holder >= 1; holder--) for (const number of numbers) {
    const asked = { number, holder }, texts = frames.map((frame) => cellText(cellAt(frame, asked)));
    if (new Set(texts).size > 1) { const first = frames.map((frame) => row(frame, number)).find(Boolean); out.push({ ...asked, name: first.name, title: first.title }); }
  }
  return out.sort((a, b) => Math.abs(a.holder - (story.holders.length - 1)) - Math.abs(b.holder - (story.holders.length - 1)) || a.number - b.number).slice(0, 2);
}
const open = (step) => askedAt(step).some((asked) => C.story.variants.some((_, world) => !C.guesses.has(keyOf(step, asked, world))));
const OPTIONS = ['full, new', 'full, read', 'gone', 'never'];
function optionsFor(step, asked) {
  const texts = C.story.variants.map((variant) => cellText(cellAt(variant.frames[step], asked)));
  return [...new Set([...texts, ...OPTIONS])].sort().slice(0, 5);
}

async function begin(name) {
  C.busy = true; C.fault = ''; redraw();
  try { C.story = await S.post.contrast({ story: name, variants: C.pair.every(Boolean) ? C.pair : [] }); C.step = 0; C.guesses.clear(); } catch (error) { C.fault = error.message; }
  C.busy = false; redraw();
  const head = $('p-compare').querySelector('h2'); if (head) head.focus();
}

// Which two worlds: those that the story is about, or any two settings and programs.
function pairNodes() {
  const options = (i) => [el('option', { value: '' }, 'as the story has it'), [false, true].map((program) => el('optgroup', { label: program ? 'Programs' : 'Settings' }, C.settings.filter((one) => one.program === program).map((one) => el('option', { value: one.name, selected: C.pair[i] === one.name }, one.title))))];
  const does = C.pair.map((name) => C.settings.find((one) => one.name === name)).filter((one) => one && one.program);
  return el('div', { class: 'pair small' }, ['First world', 'Second world'].map((text, i) => el('label', null, text + ' ', el('select', { key: text, on: { change: (event) => { C.pair[i] = event.target.value; redraw(); } } }, options(i)))),
    C.pair.some(Boolean) && !C.pair.every(Boolean) && el('span', { class: 'soft' }, 'Choose the other one too.'), does.map((one) => el('p', { class: 'soft' }, el('b', null, one.title), ': ', one.does)));
}

function listNodes() {
  return [el('div', { class: 'ask' }, el('div', null, el('p', { class: 'eyebrow' }, 'One story, two worlds'), el('h2', { tabindex: -1 }, 'The same acts, with POP3 and with IMAP: what differs?'))),
    C.fault && el('p', { class: 'card note', role: 'alert' }, C.fault), C.settings.length > 0 && pairNodes(),
    C.busy ? el('p', { class: 'card note' }, 'The story is played in two worlds …') : el('div', { class: 'stories' }, (C.list || []).map((story) => el('button', { type: 'button', class: 'card', key: 'story ' + story.name, on: { click: () => begin(story.name) } }, el('b', null, story.title || story.name), el('span', { class: 'soft' }, story.intro || ''))))];
}

function verdict(step, asked, world, hidden) {
  const guess = C.guesses.get(keyOf(step, asked, world)), truth = cellText(cellAt(C.story.variants[world].frames[step], asked));
  const title = `Message ${asked.name} on the ${C.story.holders[asked.holder]}`;
  if (hidden) return el('div', null, el('fieldset', null, el('legend', { class: 'q' }, title), el('div', { class: 'opts' }, optionsFor(step, asked).map((option) => button(option, () => { C.guesses.set(keyOf(step, asked, world), option); if (!open(step)) settle(step); redraw(); }, { key: `${keyOf(step, asked, world)} ${option}`, 'aria-pressed': String(guess === option) })))));
  const right = guess === truth;
  return el('div', null, el('p', { class: 'q' }, title), el('p', { class: 'a' }, truth), guess && el('p', { class: 'y ' + (right ? 'right' : 'wrong') }, icon(right ? 'ok' : 'no'), `You said: ${guess}`));
}

function settle(step) {
  const all = askedAt(step).flatMap((asked) => C.story.variants.map((variant, world) => ({ guess: C.guesses.get(keyOf(step, asked, world)), truth: cellText(cellAt(variant.frames[step], asked)), asked, variant })));
  tell(all.map((one) => `${one.variant.title || one.variant.name}: you said ${one.guess}. It is ${one.truth}.`).join(' '));
}

function worldNode(world, step, hidden) {
  const { story } = C, variant = story.variants[world], frame = variant.frames[step], asked = askedAt(step), shown = hidden ? variant.frames[Math.max(0, step - 1)] : frame;
  const cost = frame.cost || {};
  return el('section', { class: 'card world', 'aria-label': `World with ${variant.title || variant.name}` },
    el('header', null, el('h3', null, variant.name), el('span', { class: 'small soft' }, variant.title)),
    asked.length > 0 && el('div', { class: 'verdict' }, asked.map((one) => verdict(step, one, world, hidden))),
    !hidden && frame.so && el('p', { class: 'so' }, frame.so),
    el('div', { class: 'tb', tabindex: 0, role: 'region', 'aria-label': `Board, ${variant.name}` }, el('table', { class: 'board' }, el('caption', { class: 'hide' }, `Who has what, ${variant.name}`), el('thead', null, el('tr', null, el('th', { scope: 'col' }, 'Message'), story.holders.map((holder) => el('th', { scope: 'col' }, capital(holder))))),
      el('tbody', null, shown.rows.map((one) => el('tr', null, el('th', { scope: 'row', class: 'name' }, el('b', null, one.name), el('span', { class: 'subj' }, one.title)), story.holders.map((_, holder) => { const ask = asked.some((each) => each.number === one.number && each.holder === holder); return cellNode(one.cells[holder], { changed: !hidden && one.cells[holder] && one.cells[holder].changed && step > 0, asked: ask, hidden: hidden && ask }); })))))),
    el('p', { class: 'cost' }, hidden ? 'What was said is told after the guess.' : [frame.said && el('span', null, frame.said), cost.octets !== undefined && el('span', null, `So far ${bytes(cost.octets)}, ${plural(cost.round_trips, 'round trip')}`)]));
}

function storyNodes() {
  const { story } = C, last = story.steps.length, step = C.step, now = story.steps[step - 1], hidden = open(step), asked = askedAt(step);
  const right = asked.length && !hidden ? asked.flatMap((one) => story.variants.map((variant, world) => C.guesses.get(keyOf(step, one, world)) === cellText(cellAt(variant.frames[step], one)))) : [];
  const end = step > last;
  return [el('div', { class: 'ask' }, el('div', null, el('p', { class: 'eyebrow' }, el('span', null, end ? 'What it came to' : step ? `Step ${step} of ${last}` : 'Before the first step'), el('span', { class: 'steps', 'aria-hidden': 'true' }, story.steps.map((_, i) => el('i', { class: i + 1 < step ? 'p' : i + 1 === step ? 'h' : '' })))),
    el('h2', { tabindex: -1 }, end ? story.title : now ? (hidden ? question(step) : capital(now.title)) : story.title), now && hidden && el('p', { class: 'soft' }, capital(now.title))), right.length > 0 && el('p', { class: 'small' }, el('b', null, `${right.filter(Boolean).length} of ${right.length} right.`))),
  end ? el('pre', { class: 'card note', tabindex: 0, role: 'region', 'aria-label': 'What it came to' }, story.table) : el('div', { class: 'worlds' }, story.variants.map((_, world) => worldNode(world, step, hidden))),
  el('div', { class: 'row stepper' }, button('Back', () => move(-1), { key: 'back', disabled: step === 0 }), button(end ? 'The end' : hidden ? 'Show without a guess' : step === last ? 'What it came to' : 'Next step', () => { if (hidden) { for (const one of asked) story.variants.forEach((__, world) => { const key = keyOf(step, one, world); if (!C.guesses.has(key)) C.guesses.set(key, ''); }); redraw(); } else move(1); }, { class: hidden || end ? 'btn' : 'btn first', key: 'next', disabled: end }), el('span', { class: 'end' }, button('Other stories', () => { C.story = null; redraw(); }, { class: 'btn plain', key: 'others' })))];
}
export function move(by) {
  if (!C.story) return;
  C.step = Math.min(C.story.steps.length + 1, Math.max(0, C.step + by));
  redraw();
  const head = $('p-compare').querySelector('h2'); if (head) head.focus({ preventScroll: true });
}
// A presenter's keys, and 1 to 4 for a guess.
export function compareKey(event) {
  if (!C.story) return false;
  if (event.key === ' ' || event.key === 'PageDown') { if (open(C.step)) return false; move(1); return true; }
  if (event.key === 'PageUp') { move(-1); return true; }
  if (/^[1-5]$/.test(event.key)) {
    const field = [...document.querySelectorAll('#p-compare fieldset')].find((one) => !one.querySelector('[aria-pressed=true]')), choice = field && field.querySelectorAll('button')[Number(event.key) - 1];
    if (choice) { choice.click(); return true; }
  }
  return false;
}

let redraw = () => undefined;
export function compareStart() {
  const pane = $('p-compare');
  redraw = () => { if (S.view === 'compare') put(pane, C.story ? storyNodes() : listNodes()); };
  watch(async (what) => {
    if (what !== 'view' || S.view !== 'compare') return;
    redraw();
    if (!C.list) { try { [C.list, C.settings] = await S.post.views({ list: [{ name: 'stories' }, { name: 'settings' }] }); } catch (error) { C.fault = error.message; C.list = []; } redraw(); }
  });
}
