// bench.mjs: figures of the module in node: start, typed lines, memory, going back. Told, not judged.
//   node bench.mjs [LINES]
import fs from 'node:fs';
import path from 'node:path';
import { Session, answer, load, run } from '../../page/worker.js';
import { loaded, native, root, scratch } from './native.mjs';

const lines = Number(process.argv[2] ?? 3600), ms = (from) => performance.now() - from;
const middle = (all, part = 0.5) => all.sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * part))];
const say = (what, value) => console.log(`${what.padEnd(58)} ${value}`);

const octets = new Uint8Array(fs.readFileSync(process.env.WASM ?? path.join(root, 'build/page/pennypost.wasm')));
const starts = [];
for (let i = 0; i < 9; i++) {
  const from = performance.now(), session = new Session(await load(octets));
  answer(session, { call: 'start' });
  answer(session, { call: 'line', line: 'telnet mail smtp' });
  answer(session, { call: 'line', line: 'EHLO laptop' });
  starts.push(ms(from));
}
say('octets to the first answered line, median of 9 (range)', `${middle(starts).toFixed(0)} (${Math.min(...starts).toFixed(0)}-${Math.max(...starts).toFixed(0)}) ms`);

const script = `telnet mail smtp\nEHLO a\n${'NOOP\n'.repeat(20000)}`, at = path.join(scratch, 'noop.post');
fs.writeFileSync(at, script);
const quiet = { stdio: ['ignore', 'ignore', 'ignore'] };
const here = [], there = [];
for (let i = 0; i < 3; i++) {
  let from = performance.now();
  run(loaded.module, { script });
  here.push(ms(from));
  from = performance.now();
  native(['run', '--json', at], quiet);
  there.push(ms(from));
}
say('20,000 typed NOOPs with JSON and text: here, there', `${middle(here).toFixed(0)}, ${middle(there).toFixed(0)} ms (${(middle(there) / middle(here)).toFixed(2)} of native)`);

const mix = [];
for (let i = 0; mix.length < lines; i++)
  mix.push(':on laptop', ':telnet mail imap', 'a LOGIN ana tulip', 'b SELECT INBOX', 'c FETCH 1:* (FLAGS ENVELOPE)', 'd NOOP', 'e LOGOUT',
           ':on phone', ':telnet mail pop3', 'USER ana', 'PASS tulip', 'STAT', 'LIST', 'QUIT', ':on desktop', ':telnet mail smtp',
           'EHLO desktop', 'MAIL FROM:<bo@campus.example>', 'RCPT TO:<ana@campus.example>', 'DATA', `Subject: n${i}`, '', 'hello', '.', 'QUIT',
           ':wait 1m', ':board ana', ':why');
const session = new Session(loaded), call = (name, given = {}) => answer(session, { call: name, ...given });
call('start');
const each = [];
for (const line of mix.slice(0, lines)) {
  const from = performance.now();
  call('line', { line });
  each.push(ms(from));
}
say(`a typed line of ${lines}: p50, p99`, `${middle(each).toFixed(2)}, ${middle(each, 0.99).toFixed(1)} ms`);
const memory = call('memory');
say('memory of the module after them, images in it', `${(memory.bytes / 1048576).toFixed(1)} MB, ${memory.images} of ${(memory.imageBytes / 1048576).toFixed(1)} MB`);

const jumps = [], boards = [];
for (let i = 0; i < 200; i++) {
  const step = (i * 7919) % lines;
  let from = performance.now();
  call('at', { step, list: [{ name: 'board', arg: 'ana' }, { name: 'states' }] });
  jumps.push(ms(from));
  from = performance.now();
  call('view', { name: 'board', arg: 'ana' });
  boards.push(ms(from));
}
say('board and states at a step, there and back: p50, p99', `${middle(jumps).toFixed(1)}, ${middle(jumps, 0.99).toFixed(1)} ms`);
say('board of now: p50', `${middle(boards).toFixed(1)} ms`);
const from = performance.now();
const image = call('checkpoint');
say('an image of the memory', `${ms(from).toFixed(1)} ms, ${(image.bytes.length / 1048576).toFixed(1)} MB`);
