// Every view: no axe violation, nothing sticks out, in several sizes, light and dark; the keyboard.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open, type, view, axe, shot, wide, idle, press, waitText, VIEWS } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());
const sizes = [[1280, 800], [390, 844], [1920, 1080], [360, 740], [1366, 640], [1024, 768]];

for (const [width, height] of sizes) for (const theme of ['light', 'dark']) test(`views at ${width} by ${height}, ${theme}`, async () => {
  const { page, faults, close } = await open(browser, { hash: '#talk', width, height, phone: width < 500, media: [{ name: 'prefers-color-scheme', value: theme }] });
  await type(page, 'telnet mail smtp', 'EHLO laptop', 'RCPT TO:<bo@campus.example>', 'MAIL FROM:<ana@campus.example>', ':mail sync');
  for (const name of VIEWS) {
    await view(page, name);
    if (name === 'compare') { await waitText(page, '.stories', ''); await page.waitForSelector('.stories button'); await press(page, '.stories button'); await page.waitForSelector('.worlds'); for (let i = 0; i < 40 && !(await page.$('.verdict fieldset')); i++) await press(page, '.stepper [data-key=next]'); }
    await new Promise((done) => setTimeout(done, 120));
    assert.deepEqual(await axe(page), [], name);
    assert.equal(await wide(page), '', name);
    await shot(page, `${name}-${width}x${height}-${theme}`);
  }
  assert.deepEqual(faults, []);
  await close();
});

test('forced colours, reduced motion, help: no violation', async () => {
  const { page, close } = await open(browser, { hash: '#talk', media: [{ name: 'prefers-reduced-motion', value: 'reduce' }] });
  await type(page, 'telnet mail pop3');
  await page.focus('.tabs a');
  await page.keyboard.press('?');
  assert.equal(await page.$eval('#p-help', (node) => node.hidden), false);
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('Escape');
  assert.equal(await page.$eval('#p-help', (node) => node.hidden), true);
  await close();
});

test('the keyboard alone reaches every view, and the diagram', async () => {
  const { page, close } = await open(browser, { hash: '#talk' });
  await type(page, 'telnet mail smtp');
  for (const [i, name] of VIEWS.entries()) {
    await page.keyboard.down('Alt'); await page.keyboard.press('Digit' + (i + 1)); await page.keyboard.up('Alt');
    await page.waitForFunction((to) => document.body.dataset.view === to, {}, name);
  }
  await view(page, 'talk');
  await page.$eval('#p-machine [tabindex="0"][role=button]', (node) => node.focus());
  for (let i = 0; i < 12; i++) {
    if (await page.evaluate(() => document.activeElement.classList.contains('legal'))) break;
    await page.keyboard.press('ArrowRight');
  }
  await page.keyboard.press('Enter');
  await idle(page);
  assert.notEqual(await page.$eval('#line', (node) => node.value), '');
  await close();
});
