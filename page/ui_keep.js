// ui_keep.js: keeping and sharing: the session and the progress in the browser's storage, a link that
// holds a session, files in and out. What comes in from outside has limits, and is only ever text.
import { el, button, download, tell } from './ui_dom.js';
import { S, VIEWS, watch, begin, beginAgain, draw, look } from './ui_store.js';

const SESSION = 'pennypost.session', PROGRESS = 'pennypost.progress';
const LINES_MAX = 5000, TEXT_MAX = 2 << 20, LINK_MAX = 24000, FILE_MAX = 64 << 20;
let told = false, start = {};

function store(key, value) {
  try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value); return true; } catch (error) {
    if (!told) { told = true; S.notes.push({ n: Infinity, kind: 'fault', text: `This browser keeps nothing for this page (${error.name}). Export the script before you leave, or share a link.` }); }
    return false;
  }
}
const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

const b64 = (octets) => { let text = ''; for (let i = 0; i < octets.length; i += 0x8000) text += String.fromCharCode(...octets.subarray(i, i + 0x8000)); return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''); };
const unb64 = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
async function squeeze(text) { return new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer()); }
// Stops at TEXT_MAX: a small link may not become a large text.
async function unsqueeze(octets) {
  const reader = new Blob([octets]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader(), parts = [];
  for (let size = 0; ;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > TEXT_MAX) { await reader.cancel(); throw new Error('The link holds more than a session may.'); }
    parts.push(value);
  }
  return new Blob(parts).text();
}

// A session as others may hand it to us: only what it should be.
function sound(given) {
  if (!given || typeof given !== 'object' || !Array.isArray(given.lines)) throw new Error('This is no session of Pennypost.');
  if (given.lines.length > LINES_MAX) throw new Error(`A session may have ${LINES_MAX} lines; this one has ${given.lines.length}.`);
  if (!given.lines.every((line) => typeof line === 'string' && !line.includes('\n'))) throw new Error('This is no session of Pennypost: its lines are no lines.');
  const from = given.start && typeof given.start === 'object' ? given.start : {}, out = {};
  if (typeof from.seed === 'string' && /^\d{1,20}$/.test(from.seed)) out.seed = from.seed;
  if (typeof from.world === 'string') out.world = from.world;
  if (typeof from.name === 'string') out.name = from.name.slice(0, 200);
  return { start: out, lines: given.lines, at: Number.isInteger(given.at) && given.at >= 0 ? given.at : null, view: VIEWS.includes(given.view) ? given.view : 'talk' };
}
async function session() {
  const history = await S.post.history({});
  return { v: 1, start: typeof history.start === 'object' && history.start ? history.start : start, lines: history.lines, view: S.view, at: S.past ? S.past.step : null };
}

export async function shareLink() {
  const link = location.href.split('#')[0] + '#s=' + b64(await squeeze(JSON.stringify(await session())));
  if (link.length > LINK_MAX) throw new Error(`This session is too long for a link (${link.length} characters). Export it as a script instead.`);
  return link;
}

// Runs what a link or a file holds; a line that cannot be run is told, and the rest left out.
async function open(given, what) {
  const { start: from, lines, view, at } = sound(given);
  start = from;
  await begin({ ...from, history: lines, progress: stored(PROGRESS) || undefined });
  S.view = view;
  if (at !== null && at < S.where.step) await look(at);
  tell(`${what}: ${lines.length} lines were run.`);
}

// How the page begins: a link, else what was kept, else the default world. Never fails silently.
export async function wake() {
  const hash = location.hash, progress = stored(PROGRESS) || undefined;
  const fresh = async (why) => { start = {}; await begin({ progress }); if (why) S.notes.push({ n: Infinity, kind: 'fault', text: why }); };
  if (hash.startsWith('#s=')) {
    try { await open(JSON.parse(await unsqueeze(unb64(hash.slice(3)))), 'From the link'); } catch (error) { await fresh(`The link could not be opened: ${error.message} A fresh world stands here.`); }
    return;
  }
  const kept = stored(SESSION);
  if (kept) {
    try { const given = sound(JSON.parse(kept)); start = given.start; await begin({ ...start, history: given.lines, progress }); S.view = given.view; S.kept = given.lines.length; return; } catch (error) { store(SESSION, null); await fresh(`What was kept could not be run again (${error.message}). A fresh world stands here.`); return; }
  }
  await fresh('');
}

const act = (text, run, props) => button(text, () => Promise.resolve().then(run).catch((error) => { tell(error.message); S.notes.push({ n: Infinity, kind: 'fault', text: error.message }); draw('turn'); }), { key: text, ...props });
const save = async (what) => { const file = await S.post.export({ what }); download(file.name, file.bytes); tell(`${file.name} was handed to your browser.`); };

async function take(file) {
  if (file.size > FILE_MAX) throw new Error(`${file.name} is larger than ${FILE_MAX >> 20} MiB.`);
  const octets = new Uint8Array(await file.arrayBuffer()), isWorld = new TextDecoder('latin1').decode(octets.subarray(0, 15)) === 'SQLite format 3';
  start = isWorld ? {} : { world: new TextDecoder().decode(octets), name: file.name };
  await beginAgain(isWorld ? { file: octets, name: file.name } : { ...start });
  tell(`${file.name} is open.`);
}

// The pane that "Keep and share" opens.
export function keepNodes() {
  const out = el('input', { type: 'text', readonly: true, hidden: true, 'aria-label': 'Link to this moment', class: 'link', id: 'link' });
  const pick = el('input', { type: 'file', class: 'hide', id: 'pick', accept: '.post,.world,.txt,text/plain', 'aria-label': 'File to open', tabindex: -1, on: { change: () => { if (pick.files[0]) take(pick.files[0]).catch((error) => { tell(error.message); S.notes.push({ n: Infinity, kind: 'fault', text: error.message }); draw('turn'); }); pick.value = ''; } } });
  return [el('h3', null, 'Keep and share'),
    el('p', { class: 'small soft' }, 'Everything stays in this browser. A link holds all lines of this session, and what was typed in them, passwords too.'),
    el('div', { class: 'menu' },
      act('Copy a link to this moment', async () => { const link = await shareLink(); out.hidden = false; out.value = link; out.select(); try { await navigator.clipboard.writeText(link); tell('The link was copied.'); } catch { tell('Copy the link from the field.'); } }),
      act('Save the script', () => save('script')), act('Save the world', () => save('world')), S.lesson && act('Save the answer to hand in', () => save('handin')), act('Open a file', () => pick.click()),
      act('Start afresh', async () => { store(SESSION, null); start = {}; await beginAgain({ progress: stored(PROGRESS) || undefined }); })), out, pick];
}

export function keepStart() {
  let timer = 0;
  watch((what) => {
    if (!['turn', 'turned', 'course'].includes(what)) return;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      try {
        const text = JSON.stringify(await session());
        if (text.length < TEXT_MAX) store(SESSION, text);
        if (S.course.length) { const file = await S.post.export({ what: 'progress' }); store(PROGRESS, new TextDecoder().decode(file.bytes)); }
      } catch { /* nothing is lost that is not on the screen: the next turn tries again */ }
    }, 400);
  });
}
