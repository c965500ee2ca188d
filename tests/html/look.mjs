// SPDX-License-Identifier: MIT
//
// Opens report pages in Chromium as readers see them - narrow and wide, light and dark, on paper - and looks for what
// an eye would mind: text over text, a line that runs out of the page, a part that is missing, too little contrast, a
// request to anybody. Screenshots are kept for people.
//
// Usage: node look.mjs CHROMIUM OUTDIR PAGE.html...     (one line a failure, last "N passed, N failed")
import { createRequire } from 'node:module';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';

const [chromium, out, ...pages] = process.argv.slice(2);
// The packages lie where the test installed them, which is not beside this file.
const require = createRequire(join(resolve(out), 'node', 'package.json'));
const playwright = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const PAPER = 688; // A4 without its margins, in CSS pixels
// axe-core takes longest; what it minds does not hang on both width and colours.
const looks = [
  { name: '360-light', width: 360, colorScheme: 'light', axe: true },
  { name: '360-dark', width: 360, colorScheme: 'dark' },
  { name: '1280-light', width: 1280, colorScheme: 'light' },
  { name: '1280-dark', width: 1280, colorScheme: 'dark', axe: true },
  { name: 'print', width: PAPER, colorScheme: 'dark', media: 'print', axe: true },
];

let passed = 0;
let failed = 0;
function expect(ok, what) {
  if (ok) {
    passed++;
  } else {
    failed++;
    console.log(`FAIL html: ${what}`);
  }
}

// Everything below runs inside the page.

function tooWide() {
  const room = document.documentElement.clientWidth;
  const wide = [];
  for (const e of document.querySelectorAll('body *')) {
    const box = e.getBoundingClientRect();
    if (e.closest('svg, .unseen, thead')) continue;
    if (box.width > 0 && (box.right > room + 1 || box.left < -1))
      wide.push(`${e.tagName}.${e.className} ends at ${Math.round(box.right)} of ${room}`);
  }
  if (document.documentElement.scrollWidth > room) wide.push(`scrolls: ${document.documentElement.scrollWidth}`);
  return wide.slice(0, 3);
}

// Boxes of lines of text. A line's box is taller than its letters, so a quarter of it may be shared.
function overlaps() {
  const boxes = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode()); ) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest('script, style, title, desc')) continue;
    let hidden = false;
    for (let e = parent; e; e = e.parentElement) hidden ||= getComputedStyle(e).clipPath !== 'none';
    if (hidden) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects())
      if (r.width > 1 && r.height > 1)
        boxes.push({ l: r.left + 1, r: r.right - 1, t: r.top + r.height / 4, b: r.bottom - r.height / 4, s: node.data.trim() });
  }
  boxes.sort((x, y) => x.t - y.t);
  const found = [];
  for (let i = 0; i < boxes.length; i++)
    for (let k = i + 1; k < boxes.length && boxes[k].t < boxes[i].b; k++)
      if (boxes[k].l < boxes[i].r && boxes[i].l < boxes[k].r)
        found.push(`"${boxes[i].s.slice(0, 40)}" and "${boxes[k].s.slice(0, 40)}"`);
  return { n: boxes.length, found: found.slice(0, 3) };
}

// What the page must have, by the report inside it.
function missing() {
  const report = JSON.parse(document.getElementById('cordon-report').textContent);
  const local = report.devices.filter((d) => d.site === 'local');
  const bad = (d) => d.verdict !== 'clear';
  const parts = {
    devices: local.some(bad),
    clear: local.some((d) => !bad(d)),
    strangers: report.devices.some((d) => d.site !== 'local' && bad(d)),
    attacks: report.attacks.length > 0,
    recalls: report.recalls.length + report.undecided.length > 0,
    unseen: true,
    method: true,
  };
  const wrong = Object.keys(parts).filter((p) => !document.getElementById(p) === parts[p]);
  if (document.querySelectorAll('h1').length !== 1 || !document.querySelector('h1').textContent.trim()) wrong.push('h1');
  const cards = document.querySelectorAll('#devices .device').length;
  if (cards !== local.filter(bad).length) wrong.push(`${cards} cards`);
  if (document.querySelector('script:not([type="application/json"])')) wrong.push('a script');
  return wrong;
}

async function checkAccess(page, what) {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  await page.evaluate(axe);
  const found = await page.evaluate(
    (t) => axe.run(document, { runOnly: t, resultTypes: ['violations'] }).then((r) => r.violations),
    tags,
  );
  const violations = found.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)} (${v.nodes.length})`);
  expect(violations.length === 0, `${what}: axe-core: ${violations.join('; ')}`);
}

async function look(context, file, how) {
  const what = `${basename(file, '.html')} ${how.name}`;
  const page = await context.newPage();
  const asked = [];
  page.on('request', (r) => asked.push(r.url()));
  page.on('pageerror', (e) => asked.push(`error ${e.message}`));
  page.on('console', (m) => m.type() === 'error' && asked.push(`console ${m.text()}`));
  await page.setViewportSize({ width: how.width, height: 900 });
  await page.emulateMedia({ colorScheme: how.colorScheme, media: how.media ?? 'screen' });
  await page.goto(pathToFileURL(file).href);
  const wide = await page.evaluate(tooWide);
  expect(wide.length === 0, `${what}: runs out of the page: ${wide.join('; ')}`);
  const text = await page.evaluate(overlaps);
  expect(text.n > 10 && text.found.length === 0, `${what}: text over text (${text.n} lines): ${text.found.join('; ')}`);
  const wrong = await page.evaluate(missing);
  expect(wrong.length === 0, `${what}: missing, or too much: ${wrong.join(', ')}`);
  if (how.axe) await checkAccess(page, what);
  const shot = join(out, `${basename(file, '.html')}-${how.name}`);
  await page.screenshot({ path: `${shot}.png`, fullPage: true });
  if (how.media === 'print') await page.pdf({ path: `${shot}.pdf`, format: 'A4', preferCSSPageSize: true });
  expect(asked.length === 1, `${what}: asked for ${asked.slice(1).join(', ')}`);
  await page.close();
}

const profile = mkdtempSync(join(tmpdir(), 'cordon-pages-'));
const context = await playwright.chromium.launchPersistentContext(profile, {
  executablePath: chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  const work = pages.flatMap((file) => looks.map((how) => [file, how]));
  for (const file of pages) expect(existsSync(file), `${file} is not there`);
  const worker = async () => {
    for (let next; (next = work.shift()); ) await look(context, resolve(next[0]), next[1]);
  };
  await Promise.all([worker(), worker(), worker()]);
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
