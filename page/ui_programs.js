// ui_programs.js: recorded sessions of real mail programs: which there are; and the one that is under
// way: what comes next as a question, what was told so far, the state, the rule. Each step is a line
// of the language; while a question is open nothing gives the answer away.
import { $, el, put, button, icon, plural } from './ui_dom.js';
import { S, at, watch } from './ui_store.js';
import { command } from './ui_entry.js';
import { stateRail } from './ui_machine.js';
import { protocolIcon, whyList } from './ui_talk.js';

const NAMES = { smtp: 'SMTP', pop3: 'POP3', imap: 'IMAP' };
let list = null, fault = '';

function listNodes() {
  const by = ['smtp', 'pop3', 'imap'].map((protocol) => [protocol, (list || []).filter((one) => one.protocol === protocol)]).filter(([, some]) => some.length);
  return [el('div', { class: 'head' }, el('p', { class: 'eyebrow' }, 'Recorded sessions'), el('h2', { id: 'h-program', tabindex: -1 }, 'What does a mail program say when nobody watches?'),
    el('p', { class: 'soft' }, 'Real programs, written down once, line by line. Before a line that surprises you are asked for a guess. The lines run in a world of their own; leave it, and yours is as it was.')),
  fault && el('p', { class: 'note' }, fault),
  by.map(([protocol, some]) => [el('h3', { class: 'eyebrow row' }, protocolIcon(protocol), NAMES[protocol]),
    el('div', { class: 'stories' }, some.map((one) => button('', () => command(['replay ' + one.name]), { class: 'card', key: 'replay ' + one.name }, el('b', null, one.title), el('span', { class: 'soft small' }, `${one.program}, ${plural(one.steps, 'step')}`))))])];
}

function answers(question) {
  return el('ol', { class: 'answers' }, question.answers.map((answer, i) => el('li', null, el('button', { type: 'button', key: 'answer ' + i, on: { click: () => step('abc'[i]) } }, el('kbd', null, String(i + 1)), el('code', null, answer)))));
}
const step = (choice) => command(['replay next' + (choice ? ' ' + choice : '')]);
// A turn for each, so that each can be gone back to.
async function rest(replay) {
  for (let left = replay.steps - replay.step; left > 0 && S.replay && !S.replay.waits; left--) if (!await step('')) return;
}

// The last thing said, and, as marks only, what was guessed before.
function verdict(one) {
  const right = one.said === one.answer;
  return el('div', { class: 'told' }, one.question && el('p', { class: 'soft small' }, one.question),
    one.question && el('p', { class: 'a' }, el('code', null, one.answer)),
    one.said && el('p', { class: 'y ' + (right ? 'right' : 'wrong') }, icon(right ? 'ok' : 'no'), 'You said: ', el('code', null, one.said)),
    one.fact && el('p', null, one.fact), one.differs && el('p', { class: 'small soft' }, 'The server here answers otherwise: ', one.differs));
}
const guessed = (one) => el('li', null, icon(one.said === one.answer ? 'ok' : 'no', one.said === one.answer ? 'right' : 'wrong'), el('span', null, one.question, ' ', el('code', null, one.answer)));

function askNodes(replay) {
  const last = replay.told.filter((one) => one.step === replay.step), before = replay.told.filter((one) => one.said && one.step !== replay.step);
  const ends = replay.step === replay.steps, title = ends ? 'The recording ends here' : replay.waits ? 'It waits' : replay.question ? replay.question.text : replay.step ? 'What comes next?' : replay.title;
  return [el('p', { class: 'eyebrow' }, replay.step ? `After step ${replay.step} of ${replay.steps}` : `${replay.program}, recorded on ${replay.date}`),
    last.length > 0 && !S.past && last.map(verdict),
    el('h2', { id: 'h-program', tabindex: -1 }, title),
    S.past ? el('p', { class: 'soft' }, 'You look at an earlier moment. Go on from there at the timeline, and it is asked again.') : [
      replay.step === 0 && el('p', { class: 'soft' }, replay.situation), replay.waits && el('p', null, replay.waits.trim()),
      replay.question && answers(replay.question),
      replay.question && el('p', { class: 'small soft' }, `Press 1 to ${replay.question.answers.length}, or let it be shown. A guess costs nothing.`),
      el('div', { class: 'row acts' }, replay.strayed && button('Take my line back', () => command(['undo']), { class: 'btn first', key: 'undo stray' }),
        !ends && !replay.waits && button(replay.question ? 'Show me' : 'Next line', () => step(''), { class: replay.question ? 'btn' : 'btn first', key: 'next' }),
        !ends && !replay.waits && button('Play the rest', () => rest(replay), { class: 'btn plain', key: 'rest' }),
        button('Other programs', () => command(['exit']), { class: ends ? 'btn first' : 'btn plain', key: 'others' }))],
    ends && replay.asked > 0 && el('p', null, `You answered ${plural(replay.asked, 'question')}, ${replay.right} of them right.`),
    before.length > 0 && el('ul', { class: 'guessed', 'aria-label': 'Guesses before' }, before.map(guessed))];
}

function factNodes(replay) {
  // What to try next is left out: it would give the next line away.
  const states = at('states'), seen = replay.told.filter((one) => one.fact && (!S.past || one.step <= S.past.step)), why = S.past ? null : S.why;
  const row = (title, text, cls) => text && [el('dt', null, title), el('dd', { class: cls }, text)];
  return [el('header', null, el('h2', { id: 'h-facts' }, 'State'), el('span', { class: 'small soft' }, NAMES[replay.protocol])),
    el('section', null, states ? stateRail(states) : el('p', { class: 'soft small' }, 'Not connected')),
    why && el('section', null, el('h3', null, 'The last answer'), whyList({ ...why, try: [], then: '' }, 'why insp-why')),
    el('section', null, el('h3', null, `Seen of ${replay.program.split(' ')[0]} so far`), seen.length ? el('ul', { class: 'seen' }, seen.map((one) => el('li', null, one.fact))) : el('p', { class: 'soft small' }, 'Nothing that surprises yet')),
    el('section', null, el('h3', null, 'The recording'), el('dl', { class: 'about' }, row('Program', replay.program), row('Command', replay.command, 'm'), row('Server', replay.server), row('Date', replay.date)))];
}

// A presenter's keys, and 1 to 3 for a guess.
export function programKey(event) {
  const pane = $('p-program'), pick = (key) => { const one = pane.querySelector(`[data-key="${key}"]`); if (one) one.click(); return !!one; };
  if (!S.replay) return false;
  if (event.key === ' ' || event.key === 'PageDown') return !S.replay.question && pick('next');
  if (event.key === 'PageUp') { command(['undo']); return true; }
  return /^[1-3]$/.test(event.key) && pick('answer ' + (Number(event.key) - 1));
}

export function programsStart() {
  const pane = $('p-program'), facts = $('p-facts'), box = el('div', { class: 'text', tabindex: 0, role: 'region', 'aria-label': 'What comes next' });
  put(pane, box);
  let was = 0;
  const redraw = () => {
    document.body.classList.toggle('replays', !!S.replay);
    if (S.view !== 'programs') return;
    put(box, S.replay ? askNodes(S.replay) : listNodes());
    put(facts, S.replay ? factNodes(S.replay) : null);
    const now = S.replay ? S.replay.step + 1 : 0;
    if (now !== was) box.scrollTop = 0;
    was = now;
  };
  watch(async (what) => {
    if (['busy', 'said', 'person', 'course'].includes(what)) return;
    redraw();
    if (S.view !== 'programs' || S.replay || list) return;
    try { list = await S.post.view('recordings'); } catch (error) { fault = error.message; list = []; }
    redraw();
  });
}
