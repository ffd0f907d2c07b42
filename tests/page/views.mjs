// views.mjs: what the page looks at: each view is JSON, changes nothing, and is at a step of the past
// what it was then; stories come to the program's own JSON; the client keeps what was typed through
// Stop and through an image of the memory.
import { isDeepStrictEqual } from 'node:util';
import { Pennypost } from '../../page/client.js';
import { Core, Session, answer, load } from '../../page/worker.js';
import { end, loaded, native, ok, same } from './native.mjs';

const lines = ['telnet mail smtp', 'EHLO laptop', 'MAIL FROM:<bo@campus.example>', 'RCPT TO:<ana@campus.example>', 'DATA',
  'Subject: one', '', 'text', '.', 'QUIT', 'wait 1m', 'mail sync', 'mail list', 'on phone', 'mail sync', 'telnet mail imap',
  'a LOGIN ana tulip', 'b SELECT INBOX', 'c STORE 1 +FLAGS (\\Seen)', 'd IDLE', 'DONE', 'e LOGOUT', 'on laptop', 'telnet mail pop3',
  'USER ana', 'PASS tulip', 'DELE 1', 'QUIT', 'board', 'why'];
const list = ['states', 'guide', 'board', 'devices', 'connections', 'hosts', 'users', 'tables', 'log'].map((name) =>
  (name === 'log' ? { name, arg: 1 } : { name })).concat([{ name: 'table', arg: { name: 'placement' } }]);

function begun(given = {}) {
  const session = new Session(loaded);
  const call = (name, more = {}) => answer(session, { call: name, ...more });
  call('start', given);
  return call;
}

function past() {
  const call = begun(), then = [call('views', { list })];
  let still = true, numbered = true, n = 0;
  for (const line of lines) {
    const turn = call('line', { line }), before = call('view', { name: 'digest' });
    then.push(call('views', { list }));
    still &&= before === call('view', { name: 'digest' });
    for (const event of turn.events) if (event.n !== null) numbered &&= event.n >= n, n = event.n + 1;
  }
  ok(still, 'views: looking changes nothing');
  ok(numbered, 'views: events are numbered through');
  const now = call('view', { name: 'digest' });
  // The history is append-only: of what was typed since, an image holds only its part.
  const names = list.map(({ name }) => name), wrong = [];
  const turned = (value, name) => (name === 'tables' ? value.filter((table) => table.name !== 'history') : value);
  for (let step = lines.length; step >= 0; step -= 3) {
    const { values, where } = call('at', { step, list });
    values.forEach((value, i) => isDeepStrictEqual(turned(value, names[i]), turned(then[step][i], names[i])) || wrong.push(`${names[i]} at ${step}`));
    if (where.step !== step) wrong.push(`where at ${step}`);
  }
  ok(wrong.length === 0, 'views: at a step of the past they are what they were then', wrong.join(', '));
  ok(now === call('view', { name: 'digest' }), 'views: and the present stays');
  const branched = [call('go', { step: 4 }), call('line', { line: 'RSET' })].at(-1);
  const branches = call('view', { name: 'branches' });
  ok(branched.where.step === 5 && branches.length === 2 && branches.some(({ name }) => name === 'main.1'),
     'views: going on from a step makes a branch', JSON.stringify(branches));
  const back = call('line', { line: ':go main.1' });
  ok(back.turned && call('view', { name: 'digest' }) === now, 'views: and the old future is still there');
  ok(back.events.filter(({ n: number }) => number !== null).length > 0 && back.kept > 0,
     'views: a turn gives the events that the page has not');
}

function refusals() {
  const call = begun(), kinds = [];
  for (const wrong of [['view', { name: 'nothing' }], ['view', { name: 'board', arg: 'nobody' }], ['view', { name: 'table', arg: 'user; DROP' }],
    ['at', { step: 99 }], ['export', { what: 'all' }], ['contrast', { story: 'no story\nnonsense' }], ['contrast', { story: 'train', variants: ['imap', 'imap'] }],
    ['view', { name: '../x' }], ['no', {}], ['start', { seed: 'x' }], ['start', { world: 'telnet mail smtp\n' }]])
    try {
      call(...wrong);
      kinds.push(`${JSON.stringify(wrong)} was taken`);
    } catch (error) {
      if (error.kind !== 'refused' || !error.message) kinds.push(`${JSON.stringify(wrong)}: ${error.kind} ${error.message}`);
    }
  ok(kinds.length === 0, 'views: what is no view, step, story or seed is refused in words', kinds.join('\n'));
}

// A lesson is begun by its name or by its number in the list.
function numbered() {
  const call = begun(), course = call('view', { name: 'course' });
  const open = (said) => call('line', { line: `lesson ${said}` }).lesson?.name;
  ok(open(2) === course[1].name && open(1) === course[0].name && open(course.length + 1) === course[0].name,
     'views: a lesson is begun by its number, and only by one that there is');
}

function stories() {
  const call = begun();
  for (const { name } of call('view', { name: 'stories' })) {
    const there = native(['contrast', '--json', '--auto', name]);
    const core = new Core(loaded.module);
    core.call('look', 1, 0, 100, 0, 0);
    const good = core.call('contrast', [name], '');
    ok(good && same(there.stdout, core.output(0)), `contrast: ${name} is the program's, octet by octet`, core.text(2).slice(0, 200));
    const story = call('contrast', { story: name });
    ok(story.variants.every(({ frames, events, result }) => frames.length === story.steps.length + 1 && events.length && result),
       `contrast: ${name} has a frame for each step`);
  }
}

// A recording comes to the program's own trace, and each of its steps can be looked at.
function recordings() {
  for (const { name, steps } of begun()('view', { name: 'recordings' })) {
    const core = new Core(loaded.module);
    core.call('look', 1, 0, 80, 1, 0);
    core.call('start', [null], 'default', '', 0);
    core.call('course', ['']);
    for (const line of [`replay ${name}`, 'replay all']) core.call('type', [line]);
    const there = native(['replay', name, '--json']).stdout.toString('latin1').trimEnd().split('\n');
    ok(JSON.parse(there.pop()).played === steps && same(Buffer.from(there.join('\n') + '\n', 'latin1'), core.output(0)),
       `recordings: ${name} is the program's, octet by octet`);
  }
}

// Questions, what was said behind them, straying and coming back, leaving.
function recording() {
  const call = begun(), line = (text) => call('line', { line: text }), now = () => call('view', { name: 'replay' });
  const before = call('view', { name: 'digest' });
  ok(now() === null && line('replay fetchmail-pop3').changed.includes('world') && now().step === 0, 'recording: it begins in a world of its own');
  const asked = [], news = [];
  for (let at = now(); at.step < at.steps; at = now()) {
    if (at.question) asked.push(at.question.answers.length);
    news.push(line(at.question ? 'b' : '').news);
  }
  const end = now(), guesses = end.told.filter((one) => one.said);
  ok(asked.length > 0 && end.asked === asked.length && guesses.length === asked.length && end.right === guesses.filter((one) => one.said === one.answer).length,
     'recording: each question has its answer, and the guess beside it', JSON.stringify(end));
  ok(news.some((text) => text.includes('is right: ') || text.includes('You said b')) && news.at(-1).includes('ends here'), 'recording: what the program says is said');
  line('undo');
  ok(now().step === end.steps - 1, 'recording: undo goes back in it');
  line(':rewind 3');
  line('NOOP');
  ok(now().strayed && now().waits, 'recording: a line of one\'s own is told');
  line(':undo');
  ok(!now().strayed && now().waits === undefined, 'recording: and taken back');
  ok(line(':lesson 1').lesson && now() === null && line('replay msmtp-refused') && now().name === 'msmtp-refused' && line('exit').lesson && line('exit').lesson === null,
     'recording: a lesson takes its place, and waits below the next one');
  ok(call('view', { name: 'digest' }) === before, 'recording: the own world is as it was');
}

// A worker without a thread: messages are answered in turn.
function fake() {
  const worker = { terminate() { this.gone = true; } };
  let session = null, turn = Promise.resolve();
  worker.postMessage = ({ id, ...data }) => {
    turn = turn.then(async () => {
      let said;
      try {
        if (data.call === 'load') session = new Session(await load(data.module));
        said = { id, ok: true, value: data.call === 'load' ? {} : answer(session, data) };
      } catch (error) {
        said = { id, ok: false, kind: error.kind, message: error.message };
      }
      if (!worker.gone) worker.onmessage({ data: said });
    });
  };
  return worker;
}

async function client(module) {
  const post = new Pennypost({ worker: fake, module });
  await post.start({ seed: '5' });
  for (const line of lines.slice(0, 9)) await post.line(line);
  const digest = await post.view('digest'), image = await post.checkpoint();
  const late = post.line('NOOP').catch((error) => error.kind);
  await post.stop();
  ok(await late === 'stopped' && await post.view('digest') === digest, 'client: Stop loses the line that ran, and nothing else');
  await post.line('QUIT');
  await post.restore(image);
  ok(await post.view('digest') === digest, 'client: an image of the memory is put back');
  await post.line('NOOP');
  const { lines: typed } = await post.history();
  ok(typed.length === 10, 'client: and its history with it', JSON.stringify(typed));
  const again = new Pennypost({ worker: fake, module });
  await again.start({ seed: '5', history: typed });
  ok(await again.view('digest') === await post.view('digest'), 'client: a history leads to the same moment');
  const pasted = await again.paste({ text: 'RSET\n:x\nNOOP\n' }).catch((error) => error);
  ok(pasted.length === 3, 'client: pasted lines go to the server', String(pasted));
}

past();
numbered();
refusals();
stories();
recordings();
recording();
await client(new Uint8Array((await import('node:fs')).readFileSync(new URL('../../build/page/pennypost.wasm', import.meta.url))));
end();
