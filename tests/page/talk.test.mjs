// Talk: typing to a server, refusals with their reason, the diagram, chips, completion, history, paste.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open, type, log, text, press, idle, waitText } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());
const start = (options) => open(browser, { hash: '#talk', ...options });

test('a line is answered, and the state moves in log and diagram', async () => {
  const { page, faults, close } = await start();
  await type(page, 'telnet mail smtp', 'EHLO laptop');
  assert.match(await log(page), /220 mail\.campus\.example/);
  assert.match(await log(page), /CONNECTED → READY/);
  assert.match(await page.$eval('#p-machine [data-key="state READY"]', (node) => node.getAttribute('aria-label')), /you are here/);
  await type(page, 'MAIL FROM:<ana@campus.example>');
  assert.equal(await page.$$eval('#p-machine g.just[role=button]', (nodes) => nodes.map((node) => node.dataset.key).join()), 'READY MAILED');
  assert.match(await text(page, '#p-env'), /ana@campus\.example/);
  assert.deepEqual(faults, []);
  await close();
});

test('a refusal says why, cites the rule, and offers what to try', async () => {
  const { page, close } = await start();
  await type(page, 'telnet mail smtp', 'EHLO laptop', 'RCPT TO:<bo@campus.example>');
  await waitText(page, '.why', 'Cause');
  const why = await text(page, '.why');
  assert.match(why, /Means[^]*503/);
  assert.match(why, /READY \+ RCPT/);
  assert.match(why, /5321/);
  await press(page, '.why .chip');
  assert.match(await page.$eval('#line', (node) => node.value), /^MAIL FROM:</);
  await close();
});

test('chips write and never send; Tab completes; Escape then Tab leaves', async () => {
  const { page, close } = await start();
  await type(page, 'telnet mail smtp');
  await press(page, '.chip.first');
  assert.match(await page.$eval('#line', (node) => node.value), /^EHLO/);
  assert.doesNotMatch(await log(page), /EHLO/);
  await page.$eval('#line', (node) => { node.value = ''; });
  await page.focus('#line');
  await page.keyboard.type('EH');
  await page.keyboard.press('Tab');
  assert.match(await page.$eval('#line', (node) => node.value), /^EHLO \S/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement.id), 'line');
  await close();
});

test('up and down recall what was typed', async () => {
  const { page, close } = await start();
  await type(page, 'telnet mail smtp', 'NOOP', 'EHLO laptop');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.$eval('#line', (node) => node.value), 'NOOP');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.$eval('#line', (node) => node.value), 'EHLO laptop');
  await close();
});

test('a whole message can be pasted', async () => {
  const { page, close } = await start();
  await type(page, 'telnet mail smtp', 'EHLO laptop', 'MAIL FROM:<ana@campus.example>', 'RCPT TO:<bo@campus.example>', 'DATA');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'Subject: Soup\n\nTwelve is fine.\n:help\n.\n');
    document.getElementById('line').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await waitText(page, '#log', 'DATA → READY');
  await idle(page);
  assert.match(await log(page), /DATA → READY/);
  await close();
});

test('what a server says never becomes markup', async () => {
  const { page, faults, close } = await start();
  await type(page, 'telnet mail smtp', 'EHLO <img src=x onerror=alert(1)>', 'HELO <b>bold</b>');
  assert.equal(await page.$$eval('#log img, #log script, #log b', (nodes) => nodes.length), 0);
  assert.match(await log(page), /<img src=x onerror=alert\(1\)>/);
  assert.deepEqual(faults, []);
  await close();
});

test('an unreadable line is told and stays out of the world', async () => {
  const { page, close } = await start();
  await type(page, 'wat is this');
  assert.match(await log(page), /Not run/);
  assert.equal(await page.$eval('#slider', (node) => node.max), '0');
  await close();
});
