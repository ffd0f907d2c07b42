// ui_dom.js: making elements. What comes from a server, a script or a link becomes a text node here
// and nowhere else; the page has no other way to put text on the screen.
const SVG = 'http://www.w3.org/2000/svg';

export const $ = (id) => document.getElementById(id);

function fill(node, props, kids) {
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'on') for (const [type, run] of Object.entries(value)) node.addEventListener(type, run);
    else if (key === 'key') node.dataset.key = value;
    else node.setAttribute(key, value === true ? '' : String(value));
  }
  for (const kid of kids.flat(3)) {
    if (kid === undefined || kid === null || kid === false || kid === '') continue;
    node.append(kid instanceof Node ? kid : document.createTextNode(String(kid)));
  }
  return node;
}

// el('p', { class: 'small' }, 'text', el('b', null, 'more'))
export const el = (tag, props, ...kids) => fill(document.createElement(tag), props, kids);
export const svg = (tag, props, ...kids) => fill(document.createElementNS(SVG, tag), props, kids);
export const icon = (name, label) => svg('svg', { class: 'i', role: label && 'img', 'aria-label': label, 'aria-hidden': !label && 'true' }, svg('use', { href: '#i-' + name }));
export const button = (text, run, props, ...kids) => el('button', { type: 'button', class: 'btn', on: { click: run }, ...props }, ...kids, text);

// Puts these in the place of what the node holds. Whoever had the focus in it keeps it: the new
// element of the same data-key gets it.
export function put(node, ...kids) {
  const had = document.activeElement;
  const key = had && node.contains(had) && had !== node ? had.dataset.key : undefined;
  const spot = key !== undefined && had.selectionStart !== undefined && had.tagName === 'INPUT' ? [had.value, had.selectionStart] : null;
  node.replaceChildren(...kids.flat(3).filter((kid) => kid || kid === 0).map((kid) => kid instanceof Node ? kid : document.createTextNode(String(kid))));
  if (key === undefined) return;
  const heir = [...node.querySelectorAll('[data-key]')].find((one) => one.dataset.key === key);
  if (!heir) return;
  heir.focus({ preventScroll: true });
  if (spot && heir.tagName === 'INPUT') { heir.value = spot[0]; heir.setSelectionRange(spot[1], spot[1]); }
}

// One sentence for those who hear the page; more than three a second become a count.
let waiting = [], timer = 0;
export function tell(sentence) {
  if (!sentence) return;
  waiting.push(sentence);
  clearTimeout(timer);
  timer = setTimeout(() => {
    $('told').textContent = waiting.length > 3 ? `${waiting.length} messages; the last: ${waiting.at(-1)}` : waiting.join(' ');
    waiting = [];
  }, 120);
}

export const plural = (n, one, many) => `${n} ${n === 1 ? one : many || one + 's'}`;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'], MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n) => String(n).padStart(2, '0');
// Virtual time is UTC, whatever the reader's clock says.
export const clockMs = (ms) => { const d = new Date(ms); return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}.${String(d.getUTCMilliseconds()).padStart(3, '0')}`; };
export const clock = (ms) => { const d = new Date(ms); return `${DAYS[d.getUTCDay()]} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`; };
export const day = (ms) => { const d = new Date(ms); return `${DAYS[d.getUTCDay()]} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]}`; };
export const bytes = (n) => n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;
export const capital = (text) => text ? text[0].toUpperCase() + text.slice(1) : '';
export function download(name, octets) {
  const url = URL.createObjectURL(new Blob([octets], { type: 'application/octet-stream' }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
