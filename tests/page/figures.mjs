// figures.mjs: how long the page takes to its first answered line, beside an empty page in the same
// run; the frames while the timeline is dragged; the sizes. It passes or fails nothing.
// TOOLS=build/test-page PAGE=build/pennypost.html node tests/page/figures.mjs [LINES]
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync, constants } from 'node:zlib';
import { pathToFileURL } from 'node:url';
import { launch, ADDRESS, firefox, ready, view } from './browser.mjs';

const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const html = readFileSync(process.env.PAGE);
console.log(`size: ${html.length} as it lies, gzip ${gzipSync(html, { level: 9 }).length}, brotli ${brotliCompressSync(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } }).length}`);

const empty = process.env.TOOLS + '/empty.html';
writeFileSync(empty, '<!doctype html><html lang="en"><title>Empty</title><p>Empty</p></html>');
async function painted(browser, address, answer) {
  const context = await browser.createBrowserContext(), page = await context.newPage();
  await page.goto('about:blank');
  await page.goto(address);
  if (answer) await ready(page);
  const ms = await page.evaluate(async (wait) => {
    if (wait) { const line = document.getElementById('line'); line.value = 'telnet mail smtp'; line.form.requestSubmit(); while (!document.getElementById('log').textContent.includes('220 ')) await new Promise((done) => requestAnimationFrame(done)); }
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now();
  }, answer);
  await context.close();
  return ms;
}
for (const name of ['chrome', ...(firefox ? ['firefox'] : [])]) {
  const browser = await launch(name), floor = [], first = [];
  for (let i = 0; i < 9; i++) { floor.push(await painted(browser, pathToFileURL(empty).href, false)); first.push(await painted(browser, ADDRESS + '#talk', true)); }
  console.log(`${name}: empty page ${middle(floor).toFixed(0)} ms, first answered line ${middle(first).toFixed(0)} ms (${Math.min(...first).toFixed(0)} to ${Math.max(...first).toFixed(0)}), ${(middle(first) / middle(floor)).toFixed(1)} times`);
  await browser.close();
}

const count = Number(process.argv[2] || 1000);
const browser = await launch(), page = await (await browser.createBrowserContext()).newPage();
await page.setViewport({ width: 1280, height: 800 });
await page.goto(ADDRESS + '#talk');
await ready(page);
await page.evaluate((n) => {
  const text = ['telnet mail smtp', 'EHLO laptop', ...Array.from({ length: n - 2 }, (_, i) => ['NOOP', 'MAIL FROM:<ana@campus.example>', 'RSET', 'RCPT TO:<bo@campus.example>'][i % 4])].join('\n') + '\n', data = new DataTransfer();
  data.setData('text/plain', text);
  document.getElementById('line').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}, count);
await page.waitForFunction(() => !document.body.classList.contains('busy'), { timeout: 600000 });
// What the page's thread does for a frame is told beside the frames: those also wait for others.
const driver = await page.createCDPSession();
await driver.send('Performance.enable', { timeDomain: 'threadTicks' });
const worked = async () => (await driver.send('Performance.getMetrics')).metrics.find((one) => one.name === 'TaskDuration').value * 1000;
const at = async (name) => {
  await view(page, name);
  const from = await worked();
  const drag = await page.evaluate(async () => {
    const slider = document.getElementById('slider'), frames = [], next = () => new Promise((done) => requestAnimationFrame(done));
    await next();
    let last = await next();
    for (let i = 0; i < 240; i++) {
      slider.value = Math.round(Number(slider.max) * (1 - i / 240)); slider.dispatchEvent(new Event('input'));
      const now = await next();
      frames.push(now - last); last = now;
    }
    return { frames, max: Number(slider.max) };
  });
  const work = (await worked() - from) / 240;
  const rests = await page.evaluate(async () => {
    const slider = document.getElementById('slider'), rests = [];
    for (let i = 0; i < 20; i++) {
      const began = performance.now();
      slider.value = 1 + Math.round(Number(slider.max) * (i * 37 % 100) / 101); slider.dispatchEvent(new Event('input'));
      do await new Promise((done) => requestAnimationFrame(done)); while (document.body.classList.contains('drag'));
      rests.push(performance.now() - began);
    }
    return rests;
  });
  const frames = drag.frames.sort((a, b) => a - b);
  console.log(`timeline of ${drag.max} steps, dragged in ${name}: frame p50 ${frames[120].toFixed(1)} ms, p99 ${frames[237].toFixed(1)} ms, processor ${work.toFixed(1)} ms a frame; all of it drawn ${middle(rests).toFixed(0)} ms after the hand rests`);
};
await at('talk');
await at('wire');
await browser.close();
