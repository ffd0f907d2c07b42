// worlds.mjs: world files go both ways: made by the program, gone on with in the page, and back, with
// the digests and the JSON of the program alone; what comes out of the page is sound for fsck. And
// what the page gives to be kept is played by the program: scripts, hand-ins.
import fs from 'node:fs';
import path from 'node:path';
import { Session, answer, run } from '../../page/worker.js';
import { digest, end, loaded, native, ok, root, same, scratch } from './native.mjs';

const scenarios = path.join(root, 'tests/scenarios');
const script = (name) => fs.readFileSync(path.join(scenarios, `${name}.post`));
const there = path.join(scratch, 'there.world'), here = path.join(scratch, 'here.world');

function goOn(file, name) {
  return native(['--json', '--world', file], { input: script(name) });
}

function sound(file) {
  const said = native(['fsck', file]);
  return said.status === 0 ? '' : `${said.stdout}${said.stderr}`;
}

// Three sittings of one world: by the program alone, and with the middle one in the page.
function backAndForth(first, middle, last) {
  const begun = goOn(there, first);
  fs.copyFileSync(there, here);
  const alone = goOn(there, middle);
  const page = run(loaded.module, { script: script(middle), file: new Uint8Array(fs.readFileSync(here)) });
  ok(begun.status === 0 && same(alone.stdout, page.json), `worlds: ${middle} goes on in the page`,
     `${digest(alone.stdout)} there, ${digest(page.json)} here ${page.why}`);
  if (!ok(page.file?.length > 0, 'worlds: the page gives it back')) return;
  fs.writeFileSync(here, page.file);
  ok(!sound(here), 'worlds: fsck calls what comes back sound', sound(here));
  const after = goOn(there, last), from = goOn(here, last);
  ok(same(after.stdout, from.stdout), `worlds: ${last} goes on from it in the program`,
     `${digest(after.stdout)} there, ${digest(from.stdout)} from the page`);
}

// A world that began in the page, in memory, taken out as a file.
function takenOut() {
  const session = new Session(loaded);
  answer(session, { call: 'start', seed: '7' });
  const lines = ['telnet mail smtp', 'EHLO laptop', 'MAIL FROM:<ana@campus.example>', 'RCPT TO:<bo@campus.example>', 'DATA',
                 'Subject: from a page', '', 'text', '.', 'QUIT', 'wait 1h'];
  answer(session, { call: 'lines', lines });
  const { bytes } = answer(session, { call: 'export', what: 'world' });
  const file = path.join(scratch, 'out.world');
  fs.writeFileSync(file, bytes);
  ok(!sound(file), 'worlds: one that began in the page is sound', sound(file));
  const users = native(['--plain', '--world', file], { input: 'users\n' });
  ok(users.status === 0 && /bo@campus\.example/.test(users.stdout), 'worlds: the program opens it', users.stderr);
  const again = new Session(loaded);
  const begun = answer(again, { call: 'start', file: new Uint8Array(bytes) });
  ok(begun.prompt.device === 'laptop', 'worlds: and the page does');
  const saved = answer(session, { call: 'export', what: 'script' });
  const post = path.join(scratch, 'saved.post');
  fs.writeFileSync(post, saved.bytes);
  const played = native(['run', '--plain', '--seed', '7', post]);
  ok(played.status === 0 && !played.stderr.length, 'worlds: the program plays what the page saved, to its digest', played.stderr);
}

function broken() {
  const session = new Session(loaded), refuses = (file) => {
    try {
      answer(session, { call: 'start', file });
    } catch (error) {
      return error.kind === 'refused' && error.message.length > 0;
    }
    return false;
  };
  ok(refuses(new Uint8Array(5000).fill(65)), 'worlds: what is no world is refused');
  const bytes = new Uint8Array(fs.readFileSync(there));
  ok(refuses(bytes.slice(0, 6000)), 'worlds: a piece of one is refused');
  bytes.fill(255, 100, 4000);
  ok(refuses(bytes), 'worlds: a damaged one is refused');
}

// The solution of each lesson as a hand-in, and the progress that it leaves.
function handIns() {
  const session = new Session(loaded);
  answer(session, { call: 'start' });
  const course = answer(session, { call: 'view', name: 'course' });
  for (const { name } of course) {
    answer(session, { call: 'line', line: `:lesson ${name}` });
    for (let i = 0; i < 400; i++) {
      const turn = answer(session, { call: 'line', line: ':solution' });
      if (turn.prompt.mode === 'predict') answer(session, { call: 'line', line: '' });
      if (turn.lesson?.met) break;
      if (turn.prefill.startsWith('telnet') && turn.prompt.mode !== 'command') // a QUIT was left: the goal was met before it
        answer(session, { call: 'line', line: ':close' });
      answer(session, { call: 'line', line: turn.prefill }); // an empty one is a line of a message
    }
    const lesson = answer(session, { call: 'view', name: 'lesson' });
    const met = lesson && lesson.goals.every((goal) => goal.met);
    const file = path.join(scratch, `${name}.answer`);
    fs.writeFileSync(file, answer(session, { call: 'export', what: 'handin' }).bytes);
    const graded = native(['--json', 'lesson', name, '--answer', file]);
    const verdict = graded.stdout.length ? JSON.parse(graded.stdout) : {};
    ok(met && verdict.met === true, `lessons: ${name} is solved in the page, and its hand-in in the program`,
       `${JSON.stringify(lesson?.goals.map((goal) => goal.met))} ${graded.stdout} ${graded.stderr}`);
    answer(session, { call: 'line', line: ':exit' });
  }
  const progress = Buffer.from(answer(session, { call: 'export', what: 'progress' }).bytes).toString();
  const done = course.filter(({ name }) => new RegExp(`${name}.*done`).test(progress)).length;
  ok(done === course.length, 'lessons: the progress says so', progress);
}

backAndForth('queue_closed', 'queue_reopened', 'queue_reopened_again');
takenOut();
broken();
handIns();
end();
