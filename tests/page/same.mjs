// same.mjs: every scenario, story, claim and picture, every lesson's solution and many walks come to
// the same in the module as in the program: digest, JSON and text, octet by octet, and exit code.
//   node same.mjs [WALKS]
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { run } from '../../page/worker.js';
import { digest, end, loaded, native, ok, root, same, scratch } from './native.mjs';

const FOLDERS = ['tests/scenarios', 'lessons/stories', 'tests/claims', 'tests/pictures', 'tests/lessons/stories'];

function scripts() {
  const found = [];
  for (const folder of FOLDERS.map((each) => path.join(root, each)))
    for (const file of fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []) {
      const at = path.join(folder, file);
      if (file.endsWith('.post')) found.push({ folder, file, text: fs.readFileSync(at) });
      if (file.endsWith('.awk')) found.push({ folder, file, text: spawnSync('awk', ['-f', at], { maxBuffer: 1 << 28 }).stdout });
    }
  return found;
}

function said(text, key) {
  for (const line of text.toString('latin1').split('\n').slice(0, 12))
    if (line.startsWith(`# ${key}: `)) return line.slice(key.length + 4);
  return undefined;
}

// The files that a script imports lie beside it.
function filesOf(folder, text) {
  const files = {};
  for (const [, name] of text.toString('latin1').matchAll(/mail import ([^\s"]+)/g)) {
    const at = path.join(folder, name);
    if (fs.existsSync(at)) files[name] = new Uint8Array(fs.readFileSync(at));
  }
  return files;
}

function compare(what, args, options, given) {
  let here;
  const there = native([...args, '--json'], options), text = native([...args, '--plain'], options);
  try {
    here = run(loaded.module, given);
  } catch (error) {
    ok(false, what, error.stack);
    return;
  }
  const readable = there.status === 0 || there.status === 1;
  const wrong = [
    digest(there.stdout) !== digest(here.json) && `digest ${digest(there.stdout)} there, ${digest(here.json)} here`,
    there.status !== here.exit && `exit ${there.status} there, ${here.exit} here: ${there.stderr.toString().slice(0, 200)} | ${here.why}`,
    !same(there.stdout, here.json) && `JSON differs, ${there.stdout.length} octets there, ${here.json.length} here`,
    readable && !same(text.stdout, here.text) && `text differs, ${text.stdout.length} octets there, ${here.text.length} here`,
  ].filter(Boolean);
  if (wrong.length && process.env.KEEP) {
    fs.writeFileSync(`${process.env.KEEP}.there`, Buffer.concat([there.stdout, text.stdout]));
    fs.writeFileSync(`${process.env.KEEP}.here`, Buffer.concat([here.json, here.text]));
  }
  ok(wrong.length === 0, what, wrong.join('\n'));
}

function scriptSame({ folder, file, text }) {
  const world = said(text, 'world'), seed = said(text, 'seed');
  if (said(text, 'goes on from')) return; // worlds.mjs
  const at = path.join(scratch, file);
  fs.writeFileSync(at, text);
  const args = [...(seed ? ['--seed', seed] : []), 'run', ...(world ? ['--world', world] : []), at];
  compare(`same: ${path.basename(folder)}/${file}`, args, { cwd: folder },
          { script: text, seed: seed ?? '', files: filesOf(folder, text),
            ...(world ? { world: new Uint8Array(fs.readFileSync(path.join(folder, world))), name: path.basename(world) } : {}) });
}

for (const script of scripts()) scriptSame(script);

// --- walks --------------------------------------------------------------------------------------

const words = ['EHLO laptop', 'HELO a', 'MAIL FROM:<bo@campus.example>', 'RCPT TO:<ana@campus.example>', 'RCPT TO:<x@y>',
  'DATA', 'Subject: walk', '', 'text', '.', 'RSET', 'NOOP', 'QUIT', 'AUTH PLAIN', 'STARTTLS', 'USER ana', 'PASS tulip', 'STAT',
  'LIST', 'RETR 1', 'DELE 1', 'UIDL', 'a LOGIN ana tulip', 'b SELECT INBOX', 'c FETCH 1:* (FLAGS)', 'd STORE 1 +FLAGS (\\Deleted)',
  'e EXPUNGE', 'f LOGOUT', 'g IDLE', 'DONE', 'h CREATE Box', 'i APPEND INBOX {5}', 'hello', 'j SEARCH ALL', 'k LIST "" *',
  ':telnet mail smtp', ':telnet mail pop3', ':telnet mail imap', ':close', ':cut', ':on phone', ':on laptop', ':on desktop',
  ':wait 1m', ':mail sync', ':mail list', ':mail read 1', ':board ana', ':why', ':states', ':undo', ':redo', ':rewind 2', ':users',
  ':offline', ':online', ':queue', ':meter', ':log', ':fork b', ':go start', ':go 3', ':go main', ':branches', ':help', ':mail delete 1'];

function walk(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  const next = (below) => {
    state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; state >>>= 0;
    return state % below;
  };
  return Array.from({ length: 40 + next(120) }, () => words[next(words.length)]).join('\n') + '\n';
}

for (let seed = 1; seed <= Number(process.argv[2] ?? 200); seed++) {
  const at = path.join(scratch, `walk${seed}.post`), text = walk(seed);
  fs.writeFileSync(at, text);
  const there = native(['--seed', String(seed), 'run', '--json', at]);
  let here;
  try {
    here = run(loaded.module, { script: text, seed: String(seed) });
  } catch (error) {
    ok(false, `same: walk ${seed}`, error.stack);
    continue;
  }
  ok(same(there.stdout, here.json) && there.status === here.exit, `same: walk ${seed}`,
     `${digest(there.stdout)} ${there.status} there, ${digest(here.json)} ${here.exit} here ${here.why}`);
}
end();
