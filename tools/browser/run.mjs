// Tries the chat of `npm start` in headless Chromium: two tabs log in, talk, and one of them is reloaded. Takes a picture.
// `node tools/browser/run.mjs [folder for the pictures]`
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { findChromium } from './chromium.mjs';

/** @import { Page } from 'playwright' */

const DEMO = fileURLToPath(new URL('../../packages/server/dist/demo/main.js', import.meta.url));
const executablePath = findChromium();
if (executablePath === undefined) {
  console.log('There is no Chromium on this machine: the chat was NOT tried in a browser. XW_CHROMIUM names one.');
  process.exit(0);
}
const folder = path.resolve(
  process.argv[2] ?? fileURLToPath(new URL('../../node_modules/.cache/browser/', import.meta.url)),
);
mkdirSync(folder, { recursive: true });

const demo = spawn(process.execPath, [DEMO, '--port', '0', '--direct-tls-port', '0', '--web-port', '0', '--no-color']);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const address = await addressOf(demo);
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 } });
  /** @type {string[]} */
  const complaints = [];
  const open = async () => {
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (said) => void (said.type() === 'error' && complaints.push(said.text())));
    await page.goto(address);
    return page;
  };
  const juliet = await open();
  await juliet.screenshot({ path: path.join(folder, 'before.png') });
  await logIn(juliet, 'juliet');
  const romeo = await open();
  await logIn(romeo, 'romeo');
  await say(juliet, 'Art thou not Romeo, and a Montague?');
  await heard(romeo, 'Art thou not Romeo, and a Montague?');
  await say(romeo, 'Neither, fair saint, if either thee dislike.');
  await heard(juliet, 'Neither, fair saint, if either thee dislike.');
  await settled(juliet);
  await juliet.screenshot({ path: path.join(folder, 'talking.png') });
  await romeo.reload();
  await romeo.locator('#talk').waitFor();
  await say(juliet, 'How camest thou hither, tell me, and wherefore?');
  // The resource is another one after the reload; who answers next is written to at the address that is left.
  await romeo.locator('#compose [name=to]').fill('juliet@localhost');
  await say(romeo, 'With love’s light wings did I o’erperch these walls.');
  await heard(juliet, 'With love’s light wings did I o’erperch these walls.');
  await say(juliet, 'If they do see thee, they will murder thee.');
  await heard(romeo, 'If they do see thee, they will murder thee.');
  await settled(romeo);
  await romeo.screenshot({ path: path.join(folder, 'after-reload.png') });
  await juliet.locator('#log-out').click();
  await juliet.locator('.account').first().waitFor();
  assert.deepEqual(complaints, []);
  const version = browser.version();
  console.log(
    `The chat works in Chromium ${version}: two tabs logged in, talked, and one survived a reload. Pictures: ${folder}`,
  );
} finally {
  await browser.close();
  demo.kill('SIGTERM');
}

/** @param {Page} page @param {string} name */
async function logIn(page, name) {
  await page.locator('.account', { hasText: name }).click();
  await page.locator('#talk').waitFor();
}

/** @param {Page} page @param {string} text */
async function say(page, text) {
  await page.locator('#compose [name=body]').fill(text);
  await page.locator('#compose button').click();
}

/** @param {Page} page @param {string} text */
async function heard(page, text) {
  await page.locator('#messages .theirs', { hasText: text }).waitFor({ timeout: 10_000 });
}

/** The diagram shows each state for a while. @param {Page} page */
async function settled(page) {
  await page.bringToFront();
  await page.locator('#phase', { hasText: 'established' }).waitFor();
  // Until the colours have changed.
  await page.waitForTimeout(500);
}

/** Where the demo serves the page. @param {ReturnType<typeof spawn>} child @returns {Promise<string>} */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    let shown = '';
    child.stdout?.on('data', (chunk) => {
      shown += String(chunk);
      const [address] = /http:\/\/localhost:\d+\//.exec(shown) ?? [];
      if (address !== undefined && shown.includes('Ctrl-C ends')) resolve(address);
    });
    child.stderr?.pipe(process.stderr);
    child.once('close', () => reject(new Error(`the demo ended without serving the page: ${shown}`)));
  });
}
