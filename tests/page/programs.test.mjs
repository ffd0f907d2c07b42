// Programs: recorded sessions, a guess before what surprises; links that hold branches and a moment;
// what an old browser is told; forced colours and paper.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, open, type, view, axe, shot, wide, log, text, press, idle, waitText, ready, firefox, ADDRESS } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function begun(page, name) {
  await page.waitForSelector(`[data-key="replay ${name}"]`);
  await press(page, `[data-key="replay ${name}"]`);
  await page.waitForSelector('body.replays');
}
// Steps by key until a question stands there.
async function question(page) {
  for (let i = 0; i < 40 && !(await page.$('.answers')); i++) { await press(page, '#p-program [data-key=next]'); }
  assert.ok(await page.$('.answers'));
}

for (const name of ['chrome', ...(firefox ? ['firefox'] : [])]) test(`a recording is stepped through, with a guess: ${name}`, async () => {
  const own = name === 'firefox' ? await launch(name) : browser;
  const { page, faults, close } = await open(own, { hash: '#programs' });
  await begun(page, 'fetchmail-pop3');
  assert.match(await text(page, '#p-facts'), /fetchmail 6/);
  await question(page);
  await shot(page, `question-${name}`);
  assert.equal(await page.$('.told .a'), null);
  await page.focus('#p-program .text');
  await page.keyboard.press('2');
  await page.waitForSelector('.told .a');
  await idle(page);
  await shot(page, `verdict-${name}`);
  assert.match(await text(page, '.told'), /You said/);
  assert.match(await log(page), /C/);
  await press(page, '#p-program [data-key=rest]');
  await waitText(page, '#h-program', 'ends here');
  await shot(page, `ends-${name}`);
  await press(page, '#p-program [data-key=others]');
  await page.waitForSelector('.stories');
  assert.deepEqual(faults, []);
  await close();
  if (own !== browser) await own.close();
});

for (const [width, height, theme] of [[1280, 800, 'dark'], [390, 844, 'light'], [360, 740, 'dark'], [1920, 1080, 'light'], [1024, 768, 'light'], [1366, 640, 'light']]) test(`a question at ${width} by ${height}, ${theme}`, async () => {
  const { page, close } = await open(browser, { hash: '#programs', width, height, phone: width < 500, media: [{ name: 'prefers-color-scheme', value: theme }] });
  await begun(page, 'getmail-pop3');
  await question(page);
  assert.deepEqual(await axe(page), []);
  assert.equal(await wide(page), '');
  await shot(page, `question-${width}x${height}-${theme}`);
  await page.keyboard.press('1');
  await page.waitForSelector('.told .a');
  await idle(page);
  assert.deepEqual(await axe(page), []);
  await shot(page, `verdict-${width}x${height}-${theme}`);
  await close();
});

test('a line of one\'s own is told, and taken back', async () => {
  const { page, close } = await open(browser, { hash: '#programs' });
  await begun(page, 'msmtp-refused');
  await press(page, '#p-program [data-key=next]');
  await view(page, 'talk');
  await type(page, 'NOOP');
  await view(page, 'programs');
  assert.match(await text(page, '#p-program'), /not in the recording/);
  await press(page, '[data-key="undo stray"]');
  await page.waitForSelector('#p-program [data-key=next]');
  await close();
});

test('a link holds the branches, and the moment that is looked at', async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp', 'EHLO laptop', 'MAIL FROM:<ana@campus.example>', ':rewind 1', 'RSET', 'NOOP');
  await view(page, 'wire');
  await shot(page, 'branches');
  assert.match(await page.$eval('.track svg', (node) => node.textContent), /main\.1: MAIL/);
  await page.focus('#slider');
  await page.keyboard.press('ArrowLeft');
  await waitText(page, '.looking', 'step 3 of 4');
  await press(page, '[data-key=share]');
  await press(page, '[data-key="Copy a link to this moment"]');
  await page.waitForFunction(() => document.getElementById('link') && document.getElementById('link').value);
  const link = await page.$eval('#link', (node) => node.value);
  const other = await open(browser, { hash: link.slice(link.indexOf('#')) });
  await waitText(other.page, '.looking', 'step 3 of 4');
  assert.equal((await other.page.$$('.branches .btn')).length, 2);
  await other.close(); await close();
});

test('a browser that is too old is told what it lacks', async () => {
  const context = await browser.createBrowserContext(), page = await context.newPage();
  await page.evaluateOnNewDocument(() => { delete window.WebAssembly; });
  await page.goto(ADDRESS);
  await waitText(page, '.note', 'too old for Pennypost. It lacks: WebAssembly.');
  assert.deepEqual(await axe(page), []);
  const later = path.join(process.env.TOOLS, 'later.html'); // its script is in a language of tomorrow
  writeFileSync(later, readFileSync(process.env.PAGE, 'utf8').replace('<script type="module">', '<script type="later">'));
  const other = await context.newPage();
  await other.goto(pathToFileURL(later).href);
  await waitText(other, '.note', 'the JavaScript of');
  await context.close();
});

test('forced colours, and paper', async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp', 'EHLO laptop', 'RCPT TO:<bo@campus.example>', 'MAIL FROM:<ana@campus.example>');
  const devtools = await page.createCDPSession();
  for (const scheme of ['light', 'dark']) {
    await devtools.send('Emulation.setEmulatedMedia', { features: [{ name: 'forced-colors', value: 'active' }, { name: 'prefers-color-scheme', value: scheme }] });
    for (const name of ['talk', 'board', 'wire', 'lesson']) {
      await view(page, name);
      await new Promise((done) => setTimeout(done, 150));
      assert.deepEqual(await axe(page), [], name);
      await shot(page, `forced-${scheme}-${name}`);
    }
  }
  await devtools.send('Emulation.setEmulatedMedia', { media: 'print', features: [] });
  for (const name of ['talk', 'lesson', 'wire', 'board']) {
    await view(page, name);
    assert.equal(await page.$eval('.time', (node) => getComputedStyle(node).display), 'none');
    assert.equal(await page.$eval('main', (node) => node.scrollHeight <= node.clientHeight + 1), true, `${name}: nothing is cut off`);
    if (process.env.SHOTS) await page.pdf({ path: path.join(process.env.SHOTS, `paper-${name}.pdf`), printBackground: true });
  }
  await close();
});
