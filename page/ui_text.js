// ui_text.js: the Markdown of lessons as elements: paragraphs, lists, code, emphasis. It knows no
// HTML and no links, so a lesson cannot bring any.
import { el } from './ui_dom.js';

// `use`: called with a piece of code that was clicked; it becomes what one types next.
export function inline(text, use) {
  const out = [];
  for (const part of text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/)) {
    if (part.startsWith('`') && part.length > 2) {
      const code = part.slice(1, -1);
      out.push(use && /^[a-z:]/.test(code) && code.includes(' ') && !code.includes('...') ? el('button', { type: 'button', class: 'code', title: 'Puts it where you type', on: { click: () => use(code) } }, code) : el('code', null, code));
    } else if (part.startsWith('**')) out.push(el('b', null, part.slice(2, -2)));
    else if (part.startsWith('*') && part.length > 2) out.push(el('em', null, part.slice(1, -1)));
    else out.push(part);
  }
  return out;
}

export function markdown(text, use) {
  const out = el('div', { class: 'md' }), lines = String(text || '').replace(/\r/g, '').split('\n');
  let paragraph = [], list = null;
  const flush = () => { if (paragraph.length) out.append(el('p', null, inline(paragraph.join(' '), use))); paragraph = []; };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i], item = /^\s*([-*]|\d+[.)])\s+(.*)$/.exec(line), head = /^#+\s+(.*)$/.exec(line);
    if (/^\s*```/.test(line)) {
      flush(); list = null;
      const code = [];
      while (++i < lines.length && !/^\s*```/.test(lines[i])) code.push(lines[i]);
      out.append(el('pre', { tabindex: 0 }, code.join('\n')));
    } else if (/^ {4}\S/.test(line) && !paragraph.length && !list) {
      const code = [line.slice(4)];
      while (i + 1 < lines.length && /^( {4}|$)/.test(lines[i + 1])) code.push(lines[++i].slice(4));
      out.append(el('pre', { tabindex: 0 }, code.join('\n').trimEnd()));
    } else if (head) { flush(); list = null; out.append(el('h3', null, inline(head[1], use)));
    } else if (item) {
      flush();
      const kind = /\d/.test(item[1]) ? 'ol' : 'ul';
      if (!list || list.className !== kind) out.append(list = el(kind, { class: kind }));
      const words = [item[2]];
      while (i + 1 < lines.length && /^\s{2,}\S/.test(lines[i + 1]) && !/^\s*([-*]|\d+[.)])\s/.test(lines[i + 1])) words.push(lines[++i].trim());
      list.append(el('li', null, inline(words.join(' '), use)));
    } else if (!line.trim()) { flush(); list = null; } else paragraph.push(line.trim());
  }
  flush();
  return out;
}
