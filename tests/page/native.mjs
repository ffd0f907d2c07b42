// native.mjs: the program and the module side by side, for the scripts of this folder.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { load } from '../../page/worker.js';

export const root = path.resolve(new URL('../..', import.meta.url).pathname);
export const pennypost = process.env.PENNYPOST ?? path.join(root, 'pennypost');
export const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'page.'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));

const wasm = process.env.WASM ?? path.join(root, 'build/page/pennypost.wasm');
export const loaded = await load(new Uint8Array(fs.readFileSync(wasm)));

export function native(args, options = {}) {
  return spawnSync(pennypost, args, { maxBuffer: 1 << 30, timeout: 120000,
                                      env: { ...process.env, XDG_DATA_HOME: scratch }, ...options });
}

export const same = (one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)) === 0;
export const digest = (json) => /"digest":"([0-9a-f]+)"/.exec(Buffer.from(json).toString('latin1').slice(-300))?.[1];

// TAP, as tests/run reads it.
let count = 0, failed = 0;
export function ok(good, what, why = '') {
  console.log(`${good ? 'ok' : 'not ok'} ${++count} - ${what}`);
  if (!good) failed++;
  if (!good && why) console.log(`# ${String(why).replaceAll('\n', '\n# ')}`);
  return good;
}
export function end() {
  console.log(`1..${count}`);
  process.exitCode = failed ? 1 : 0;
}
