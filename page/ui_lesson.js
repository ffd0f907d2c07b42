// ui_lesson.js: the course: its list, and the lesson that is under way: text, goals, hints, guesses,
// what is next. Every button runs a line of the language.
import { $, el, put, button, icon, plural } from './ui_dom.js';
import { S, watch } from './ui_store.js';
import { markdown, inline } from './ui_text.js';
import { write, command } from './ui_entry.js';

const act = (text, lines, props) => button(text, () => command(lines), { key: text, ...props });
const done = () => icon('ok', 'met');
const entries = () => (S.course || []).filter((one) => one.name && one.title).map((one) => ({ ...one, done: one.state === 'done' }));

function courseList(host) {
  const parts = new Map();
  entries().forEach((lesson, i) => { const part = lesson.part || ''; if (!parts.has(part)) parts.set(part, []); parts.get(part).push({ ...lesson, number: lesson.number || i + 1 }); });
  const next = entries().find((lesson) => !lesson.done);
  put(host, el('p', { class: 'eyebrow' }, `${plural(entries().length, 'lesson')}, ${entries().filter((lesson) => lesson.done).length} done`), el('h2', { id: 'h-lesson' }, 'Lessons'),
    el('p', null, 'A whole e-mail system runs inside this page, and nothing leaves it. A lesson begins in a world of its own; undo takes back any step.'),
    next && el('p', null, act(`${entries().some((one) => one.done) ? 'Next' : 'Begin'}: ${next.title}`, ['lesson ' + next.name], { class: 'btn first', key: 'next' })),
    [...parts].map(([part, list]) => [el('h3', { class: 'eyebrow' }, part), el('ol', { class: 'course' }, list.map((lesson) => el('li', null, el('button', { type: 'button', key: 'lesson ' + lesson.name, on: { click: () => command(['lesson ' + lesson.name]) } },
      lesson.done ? icon('ok', 'done') : el('span'), el('span', { class: 'soft' }, String(lesson.number)), el('span', null, lesson.title), el('span', { class: 'soft small' }, `${lesson.minutes} min`)))))]));
}

function goalRow(lesson, goal, i) {
  const current = i === lesson.next;
  return el('li', { class: goal.met ? 'done' : current ? 'cur' : 'soft', 'aria-current': current && 'step' }, goal.met ? done() : el('span', { class: 'mk' }),
    el('span', null, goal.words, !goal.met && el('span', { class: 'hide' }, current ? ' (to do now)' : ' (to do)'), current && goal.unmet && (goal.unmet.words || goal.unmet.found) && el('small', null, goal.unmet.words ? goal.unmet.words.replace('{found}', goal.unmet.found || 'nothing') : `Found: ${goal.unmet.found}`)));
}

function guess(lesson) {
  const field = el('input', { id: 'guess', key: 'guess', autocomplete: 'off' });
  return el('form', { class: 'md', on: { submit: (event) => { event.preventDefault(); if (field.value.trim()) command(['predict ' + field.value.trim()]); } } },
    el('label', { for: 'guess' }, el('b', null, 'First a guess. '), inline(lesson.asks.question)), el('span', { class: 'ask-field' }, field, el('button', { class: 'btn', type: 'submit' }, 'Guess'), act('Skip', ['skip'], { class: 'btn plain' })), el('p', { class: 'small soft' }, 'A guess costs nothing, and need not be right.'));
}

// What the goals before said, for whoever wants to read it again.
function toldBefore(lesson, goal) {
  const before = [lesson.intro, ...lesson.goals.slice(0, goal ? lesson.next : lesson.goals.length).map((one) => one.prose)].filter((text, i, all) => text && text.trim() && (!goal || text !== goal.prose) && all.indexOf(text) === i);
  return before.length && (lesson.next > 0 || !goal) ? el('details', { key: 'before' }, el('summary', { key: 'before' }, 'The story so far'), before.map((text) => markdown(text, write))) : null;
}

function under(lesson, host) {
  const index = entries().findIndex((one) => one.name === lesson.name), goal = lesson.goals[lesson.next];
  const all = lesson.goals.every((one) => one.met), next = entries()[index + 1];
  const told = S.notes.filter((note) => note.kind === 'news' && !note.begins && !/^:?(hint|goal|solution)\b/.test(note.line || '')).slice(-1);
  put(host, el('p', { class: 'eyebrow' }, `Lesson ${index + 1} of ${entries().length}, about ${lesson.minutes} minutes`), el('h2', { id: 'h-lesson' }, lesson.title),
    toldBefore(lesson, goal),
    goal ? markdown(goal.prose || lesson.intro, write) : null,
    lesson.asks && guess(lesson),
    el('ol', { class: 'goals', 'aria-label': 'Goals' }, lesson.goals.map((one, i) => goalRow(lesson, one, i))),
    (lesson.predictions || []).filter((one) => one.said && one.told).slice(-1).map((one) => el('p', { class: 'small' }, `You guessed: ${one.said}.`)),
    goal && goal.given && goal.given.length > 0 && el('div', { class: 'md hints' }, el('h3', { class: 'eyebrow' }, 'Hints so far'), goal.given.map((hint) => el('div', { class: 'news' }, markdown(hint, write)))),
    told.length > 0 && el('p', { class: 'news' }, told[0].text),
    all && lesson.after && markdown(lesson.after, write),
    el('div', { class: 'acts' },
      all ? next ? act(`Next: ${next.title}`, ['lesson ' + next.name], { class: 'btn first', key: 'next' }) : act('All lessons', ['exit'], { key: 'leave' }) : [
        act(goal && goal.hintsLeft !== undefined ? (goal.hintsLeft ? `Hint (${goal.hintsLeft} left)` : 'The hint again') : 'Hint', ['hint'], { key: 'hint' }), goal && goal.hintsLeft === 0 && act('Show me', ['solution'], { key: 'solution' })],
      act('Start over', ['restart'], { class: 'btn plain' }), !(all && !next) && act('All lessons', ['exit'], { class: 'btn plain', key: 'leave' })));
}

// The strip above the other views: the goal is always seen, and never on top of anything.
function strip() {
  const bar = $('goal'), lesson = S.lesson;
  bar.hidden = !lesson;
  if (!lesson) return;
  const index = entries().findIndex((one) => one.name === lesson.name), all = lesson.goals.every((one) => one.met), met = lesson.goals.filter((one) => one.met).length;
  put(bar, el('b', null, index >= 0 ? `Lesson ${index + 1}` : 'Lesson'), el('span', { class: 'dots', role: 'img', 'aria-label': `${met} of ${lesson.goals.length} goals met` }, lesson.goals.map((goal, i) => el('i', { class: goal.met ? 'y' : i === lesson.next ? 'n' : '' }))),
    el('span', { class: 'txt' }, all ? 'All goals are met.' : lesson.asks ? lesson.asks.question : (lesson.goals[lesson.next] || {}).words),
    el('span', { class: 'end' }, !all && act('Hint', ['hint'], { class: 'btn plain' }), el('a', { class: 'btn plain', href: '#lesson' }, all ? 'Go on' : 'All goals')));
}

export function lessonStart() {
  const pane = $('p-lesson'), host = el('div', { class: 'text', tabindex: 0, role: 'region', 'aria-label': 'Lesson text' });
  put(pane, host);
  let name = '', step = -1;
  watch((what) => {
    if (['busy', 'said'].includes(what) || what === 'person' || what === 'past') return;
    strip();
    if (S.lesson) under(S.lesson, host); else courseList(host);
    const key = S.lesson ? S.lesson.name : '';
    if (key !== name) { host.scrollTop = 0; step = -1; }
    name = key;
    const goal = S.lesson ? S.lesson.next : -1;
    if (goal !== step && step >= 0 && S.view === 'lesson') { const current = host.querySelector('.cur'); if (current && current.scrollIntoView) current.scrollIntoView({ block: 'nearest' }); }
    step = goal;
  });
}
