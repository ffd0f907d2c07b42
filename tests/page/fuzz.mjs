// fuzz.mjs: typed lines, mended and broken, in the module: none may trap. One instance, whose memory
// is set back after each script; a script that traps is told whole.
//   node fuzz.mjs [LINES] [SEED]
import fs from 'node:fs';
import path from 'node:path';
import { Core, lines } from '../../page/worker.js';
import { end, loaded, ok, root } from './native.mjs';

const wanted = Number(process.argv[2] ?? 20000);
let state = Number(process.argv[3] ?? 12345) >>> 0 || 1;
const next = (below) => {
  state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; state >>>= 0;
  return below ? state % below : 0;
};

function seedsOf(folder, largest) {
  return fs.readdirSync(folder).map((file) => path.join(folder, file))
    .filter((file) => fs.statSync(file).isFile() && fs.statSync(file).size <= largest).map((file) => fs.readFileSync(file));
}
const corpus = path.join(root, 'tests/fuzz/corpus/script');
// What only a page's lines do: lessons and recordings, begun, stepped through, left.
const own = ['lesson 1\nmail sync\nhint\nexit\n', 'replay mpop-lost\n\na\nreplay next b\n:undo\nNOOP\n:undo\nreplay all\n:rewind 3\n\nexit\n',
             'lesson 2\nreplay swaks-refused --all\n:go 3\n\nlesson 3\nskip\nexit\nexit\n'].map((text) => Buffer.from(text));
const seeds = [...own, ...own, ...(fs.existsSync(corpus) ? seedsOf(corpus, 6000) : []), ...seedsOf(path.join(root, 'tests/scenarios'), 6000)];

function changed(script) {
  let now = Buffer.from(script);
  for (let times = 1 + next(8); times--;) {
    const other = seeds[next(seeds.length)], at = next(now.length + 1), from = next(other.length), some = next(40);
    const insert = (piece) => Buffer.concat([now.subarray(0, at), piece, now.subarray(at)]);
    const kind = next(5);
    if (kind === 0) now = Buffer.concat([now.subarray(0, at), now.subarray(at + some)]);
    else if (kind === 1) now = insert(other.subarray(from, from + some));
    else if (kind === 2) now = insert(Buffer.concat([Buffer.from('\n'), lines(other)[next(lines(other).length)] ?? Buffer.alloc(0), Buffer.from('\n')]));
    else if (now.length) now[next(now.length)] ^= kind === 3 ? 1 << next(8) : next(256);
  }
  return now;
}

const views = 'states\nguide\nboard\ndevices\nconnections\nlog 1\nhosts\nusers\nbranches\nlines\nlesson\ntable placement 0 5\ncourse\nreplay\nrecordings';
function begin() {
  const core = new Core(loaded.module);
  core.call('look', 1, 0, 80, 1, 1);
  core.call('start', [null], 'default', '', 0);
  core.call('course', ['']);
  return { core, image: new Uint8Array(core.x.memory.buffer).slice() };
}

function setBack({ core, image }) {
  const memory = new Uint8Array(core.x.memory.buffer);
  memory.set(image);
  memory.fill(0, image.length);
}

let it = begin(), typed = 0, scripts = 0, traps = 0, slowest = 0;
const began = performance.now();
while (typed < wanted) {
  const script = scripts < seeds.length ? seeds[scripts] : changed(seeds[next(seeds.length)]);
  const started = performance.now();
  try {
    for (const line of lines(script).slice(0, 60)) {
      it.core.call('type', [line]);
      JSON.parse(it.core.text(2));
      it.core.call('clear');
      typed++;
      if (next(16) === 0) {
        it.core.call('complete', [line.subarray(0, next(line.length + 1))]);
        it.core.call('clear');
        if (it.core.call('views', [views])) JSON.parse(it.core.text(2));
        it.core.call('clear');
        it.core.call('at', String(next(8)), ['board\nstates']);
        it.core.call('clear');
      }
    }
  } catch (error) {
    traps++;
    const words = error instanceof WebAssembly.RuntimeError ? it.core.lastWords() : '';
    ok(false, `fuzz: script ${scripts}`, `${error.stack}\n${words}\n${Buffer.from(script).toString('latin1')}`);
    it = begin();
  }
  slowest = Math.max(slowest, performance.now() - started);
  scripts++;
  if (it.core.x.memory.buffer.byteLength > 256 << 20) it = begin(); // a module gives no memory back
  else setBack(it);
}
ok(traps === 0, `fuzz: ${scripts} scripts, ${typed} lines, ${traps} traps, slowest ${Math.round(slowest)} ms, ` +
   `${Math.round((performance.now() - began) / 1000)} s`);
end();
