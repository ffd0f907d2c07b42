// browser.mjs: opens the page in a browser and uses it as a person does: with keys and the mouse.
import { createRequire } from 'node:module';
import { execSync } from 'node:child_process';
import { readFileSync, mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const tools = createRequire(path.join(process.env.TOOLS, 'package.json'));
const { default: puppeteer } = await import(pathToFileURL(tools.resolve('puppeteer-core')));
const AXE = readFileSync(tools.resolve('axe-core/axe.min.js'), 'utf8');
export const ADDRESS = pathToFileURL(process.env.PAGE).href;
export const VIEWS = ['lesson', 'talk', 'board', 'compare', 'wire', 'programs'];

const where = (name) => { try { return execSync(`command -v ${name}`, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(); } catch { return ''; } };
export const firefox = where('firefox-esr') || where('firefox');

export async function launch(name = 'chrome') {
  return name === 'firefox'
    ? puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true })
    : puppeteer.launch({ browser: 'chrome', executablePath: where('chromium'), headless: true, args: ['--no-sandbox', '--disable-gpu'] });
}

// A page of its own storage. `faults` fills with what the console and the page complain of.
export async function open(browser, { hash = '', width = 1280, height = 800, phone = false, media = [] } = {}) {
  const context = await browser.createBrowserContext(), page = await context.newPage(), faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => { if (['error', 'warn', 'warning'].includes(message.type())) faults.push(message.text()); });
  await page.setViewport({ width, height, isMobile: phone, hasTouch: phone }).catch(() => page.setViewport({ width, height }));
  if (media.length) await page.emulateMediaFeatures(media);
  await page.goto(ADDRESS + hash);
  await ready(page);
  return { page, faults, close: () => context.close() };
}
export const ready = (page) => page.waitForSelector('body.ready', { timeout: 30000 });
export const idle = (page) => page.waitForFunction(() => !document.body.classList.contains('busy'), { timeout: 30000 });
export async function view(page, name) { await page.evaluate((to) => { location.hash = to; }, name); await page.waitForFunction((to) => document.body.dataset.view === to, {}, name); await idle(page); }

// Types a line and sends it, as fingers do.
export async function type(page, ...lines) {
  for (const line of lines) {
    await page.focus('#line');
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.getElementById('line').value === '' || document.activeElement.id !== 'line', { timeout: 10000 }).catch(() => undefined);
    await idle(page);
  }
}
export const text = (page, selector) => page.$eval(selector, (node) => node.innerText);
export const log = (page) => page.$eval('#log', (node) => node.textContent);
export const press = async (page, selector) => { await page.$eval(selector, (node) => node.click()); await idle(page); };
export const waitText = (page, selector, wanted) => page.waitForFunction((s, w) => [...document.querySelectorAll(s)].some((node) => node.textContent.includes(w)), { timeout: 15000 }, selector, wanted);

export async function axe(page) {
  // The driver's own evaluation is not bound by the page's policy.
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run());
  return found.violations.map((fault) => `${fault.id}: ${fault.nodes.slice(0, 2).map((node) => node.html.slice(0, 120)).join(' | ')}`);
}
export async function shot(page, name) {
  if (!process.env.SHOTS) return;
  mkdirSync(process.env.SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(process.env.SHOTS, name + '.png') });
}
// What sticks out to the right of the window.
export const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth ? `${document.documentElement.scrollWidth} > ${innerWidth}` : '');
