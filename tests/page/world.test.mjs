// Board and devices, lessons, time, comparing, keeping and sharing, safety.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { launch, open, type, view, log, text, press, idle, waitText, ready, firefox, ADDRESS } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());
const device = (name, act) => `[data-key="${name} ${act}"]`;

test('devices: sync, read, delete, and the board follows', async () => {
  const { page, faults, close } = await open(browser, { hash: '#board' });
  await press(page, device('phone', 'Sync'));
  assert.match(await text(page, '[aria-labelledby=dev-phone]'), /Ran[^]*mail sync/);
  assert.match(await text(page, '#p-board tbody tr:first-child'), /full/);
  await press(page, '[aria-labelledby=dev-phone] .inbox button');
  await press(page, device('phone', 'Read'));
  assert.match(await text(page, '[aria-labelledby=dev-phone] .ran'), /Subject/);
  await press(page, device('phone', 'Delete'));
  await press(page, device('phone', 'Sync'));
  assert.match(await text(page, '#p-board tbody tr:first-child'), /gone/);
  await press(page, device('phone', 'Go offline'));
  assert.match(await text(page, '[aria-labelledby=dev-phone] header'), /offline/);
  assert.deepEqual(faults, []);
  await close();
});

test('the database can be looked at', async () => {
  const { page, close } = await open(browser, { hash: '#board' });
  await page.waitForSelector('#p-tables .data td');
  assert.ok((await page.$$('#p-tables option')).length > 3);
  await close();
});

test('lesson 1 is solved by clicking and typing', async () => {
  const { page, faults, close } = await open(browser, { hash: '#lesson' });
  await page.waitForSelector('.course button');
  await press(page, '.course button');
  await page.waitForSelector('.goals .cur');
  await type(page, 'mail sync');
  await waitText(page, '.goals .done', 'fetched');
  if (await page.$('#guess')) { await page.type('#guess', '4'); await page.keyboard.press('Enter'); await idle(page); }
  await type(page, 'on phone', 'mail sync', 'story B', 'answer the laptop, by DELE');
  assert.equal((await page.$$('.goals .done')).length >= 4, true);
  assert.deepEqual(faults, []);
  await close();
});

test('a hint is given when asked, and no sooner', async () => {
  const { page, close } = await open(browser, { hash: '#lesson' });
  await page.waitForSelector('.course button');
  await press(page, '.course button');
  await page.waitForSelector('.goals .cur');
  assert.equal(await page.$('.hints .news'), null);
  await press(page, '#p-lesson [data-key=hint]');
  await waitText(page, '.hints .news', 'mail');
  await close();
});

test('the slider looks back, and going on from there makes a branch', async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp', 'EHLO laptop', 'MAIL FROM:<ana@campus.example>', 'RCPT TO:<bo@campus.example>');
  await page.focus('#slider');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await waitText(page, '.looking', 'step 2 of 4');
  assert.doesNotMatch(await log(page), /MAIL FROM/);
  await page.waitForFunction(() => /you are here/.test(document.querySelector('#p-machine [data-key="state READY"]').getAttribute('aria-label')));
  await page.keyboard.press('End');
  await waitText(page, '#log', 'RCPT TO');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await idle(page);
  await type(page, 'RSET');
  await view(page, 'wire');
  assert.ok((await page.$$('.branches .btn')).length >= 2);
  await close();
});

test('undo and redo', async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp', 'EHLO laptop');
  await press(page, '[data-key=undo]');
  assert.doesNotMatch(await log(page), /EHLO laptop/);
  await press(page, '[data-key=redo]');
  assert.match(await log(page), /EHLO laptop/);
  await close();
});

test('a story in two worlds: a guess, then the verdict', async () => {
  const { page, faults, close } = await open(browser, { hash: '#compare' });
  await page.waitForSelector('.stories button');
  await press(page, '.stories button');
  await page.waitForSelector('.worlds', { timeout: 20000 });
  for (let i = 0; i < 40 && !(await page.$('.verdict fieldset')); i++) await press(page, '.stepper [data-key=next]');
  assert.ok(await page.$('.verdict fieldset'), 'a step asks');
  assert.equal(await page.$('.verdict .a'), null);
  for (;;) { const left = await page.$('.verdict fieldset:not(:has([aria-pressed=true])) button'); if (!left) break; await left.evaluate((node) => node.click()); }
  await page.waitForSelector('.verdict .a');
  assert.match(await text(page, '.verdict'), /You said/);
  assert.deepEqual(faults, []);
  await close();
});

test('a story with two programs', async () => {
  const { page, faults, close } = await open(browser, { hash: '#compare' });
  await page.waitForSelector('.pair select');
  for (const [i, name] of ['fetchmail', 'pop3-keep'].entries()) await page.select(`.pair label:nth-of-type(${i + 1}) select`, name);
  assert.match(await text(page, '.pair'), /fetchmail/);
  await press(page, '.stories button');
  await page.waitForSelector('.worlds', { timeout: 20000 });
  assert.deepEqual(await page.$$eval('.world h3', (nodes) => nodes.map((node) => node.textContent)), ['fetchmail', 'pop3-keep']);
  assert.deepEqual(faults, []);
  await close();
});

test('the wire shows lines, octets and the rule', async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp', 'EHLO laptop', 'RCPT TO:<bo@campus.example>');
  await view(page, 'wire');
  await page.evaluate(() => [...document.querySelectorAll('#p-wire g[role=button]')].find((node) => /RCPT/.test(node.textContent)).dispatchEvent(new MouseEvent('click', { bubbles: true })));
  await waitText(page, '#p-insp', 'octets on the wire');
  assert.match(await text(page, '#p-insp'), /Refused/);
  assert.match(await text(page, '#p-insp'), /CR/);
  await close();
});

test('what was done is there after a reload', async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp', 'EHLO laptop');
  await new Promise((done) => setTimeout(done, 900));
  await page.reload();
  await ready(page);
  assert.match(await log(page), /EHLO laptop/);
  await close();
});

const share = async (page) => {
  await press(page, '[data-key=share]');
  await press(page, '[data-key="Copy a link to this moment"]');
  await page.waitForFunction(() => document.getElementById('link') && document.getElementById('link').value);
  return page.$eval('#link', (node) => node.value);
};
test('a link holds the session', async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp', 'EHLO laptop', 'NOOP');
  const link = await share(page), hash = link.slice(link.indexOf('#'));
  const other = await open(browser, { hash });
  assert.match(await log(other.page), /NOOP/);
  assert.match(await other.page.$eval('#p-machine [data-key="state READY"]', (node) => node.getAttribute('aria-label')), /you are here/);
  await other.close(); await close();
});

test('a link opens in the other browser', { skip: firefox ? false : 'Firefox is not installed' }, async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp', 'EHLO laptop', 'NOOP');
  const link = await share(page);
  const fox = await launch('firefox');
  try {
    const other = await open(fox, { hash: link.slice(link.indexOf('#')) });
    assert.match(await log(other.page), /NOOP/);
    await type(other.page, 'MAIL FROM:<ana@campus.example>');
    assert.match(await log(other.page), /MAILED/);
    assert.deepEqual(other.faults, []);
  } finally { await fox.close(); }
  await close();
});

for (const [what, hash] of [['no base64', '#s=%%%'], ['no session', '#s=q1YqSy0qzszPU7JSMlSqBQA'], ['empty', '#s=']]) test(`a link that is ${what} is told, and a fresh world stands`, async () => {
  const { page, close } = await open(browser, { hash });
  assert.match(await log(page), /could not be opened/);
  await type(page, 'telnet mail smtp');
  assert.match(await log(page), /220 /);
  await close();
});

test('a link that unpacks to very much is refused', async () => {
  const { deflateRawSync } = await import('node:zlib');
  const bomb = deflateRawSync(Buffer.alloc(40 << 20, 32), { level: 9 }).toString('base64url');
  const { page, close } = await open(browser, { hash: '#s=' + bomb });
  assert.match(await log(page), /could not be opened[^]*more than a session may/);
  await close();
});

test('Stop ends what runs too long', async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp');
  await page.evaluate(() => { const line = document.getElementById('line'); line.value = ':wait 3650d'; line.form.requestSubmit(); });
  const shown = await page.waitForFunction(() => { const stop = document.querySelector('[data-key=stop]'); return (stop && !stop.hidden) || !document.body.classList.contains('busy'); }, { timeout: 20000 });
  assert.ok(shown);
  if (await page.evaluate(() => document.body.classList.contains('busy'))) { await press(page, '[data-key=stop]'); await waitText(page, '#log', 'Stopped'); }
  await type(page, 'NOOP');
  assert.match(await log(page), /NOOP/);
  await close();
});

test('the policy allows what the page needs and no more; no request leaves it', async () => {
  const html = readFileSync(process.env.PAGE, 'utf8');
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)[1];
  assert.match(policy, /^default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:|\*/);
  assert.doesNotMatch(html.replace(/<script type="text\/plain" id="module">[^<]*/, ''), /innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
  const context = await browser.createBrowserContext(), page = await context.newPage(), asked = [];
  page.on('request', (request) => { if (!/^(blob|data):/.test(request.url())) asked.push(request.url()); });
  await page.goto(ADDRESS);
  await ready(page);
  assert.deepEqual(asked, [ADDRESS]);
  await context.close();
});
