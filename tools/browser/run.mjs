// Tries the chat of `npm start` in headless Chromium: two tabs log in, talk, and one of them is reloaded, first at our server,
// then at Prosody. Takes pictures. Installs Chromium and Prosody from Debian's packages where it may.
// `node tools/browser/run.mjs [folder for the pictures]`
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { stopAll } from '../interop/lib/child.mjs';
import { installPackages } from '../interop/lib/install.mjs';
import { createWorld, PASSWORD } from '../interop/lib/world.mjs';
import { packages as prosodyPackages, startProsody } from '../interop/peers/prosody.mjs';
import { findChromium } from './chromium.mjs';

/** @import { Page } from 'playwright' */

const DEMO = fileURLToPath(new URL('../../packages/server/dist/demo/main.js', import.meta.url));
const missing = installPackages([...(findChromium() === undefined ? ['chromium'] : []), ...prosodyPackages], {
  allowed: true,
  onInstall: (names) => console.log(`installing ${names.join(' ')}`),
});
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
  const romeo = await open();
  await logIn(juliet, 'juliet');
  await logIn(romeo, 'romeo');
  await converse({ juliet, romeo, julietsAddress: 'juliet@localhost' });
  await juliet.locator('#log-out').click();
  await juliet.locator('.account').first().waitFor();
  await romeo.locator('#log-out').click();
  await romeo.locator('.account').first().waitFor();
  const missed = prosodyPackages.find((name) => missing.has(name));
  if (missed === undefined) await converseAtProsody(juliet, romeo);
  assert.deepEqual(complaints, []);
  const version = browser.version();
  const where = missed === undefined ? 'at our server and at Prosody' : 'at our server';
  console.log(`The chat works in Chromium ${version} ${where}: two tabs logged in, talked, and one survived a reload.`);
  console.log(`Pictures: ${folder}`);
  if (missed !== undefined) console.log(`NOT tried at Prosody: ${missed} is ${missing.get(missed)}`);
} finally {
  await browser.close();
  demo.kill('SIGTERM');
}

/** Two tabs talk, and one comes back. @param {{ juliet: Page, romeo: Page, julietsAddress: string, pictures?: string }} tabs */
async function converse({ juliet, romeo, julietsAddress, pictures = '' }) {
  await say(juliet, 'Art thou not Romeo, and a Montague?');
  await heard(romeo, 'Art thou not Romeo, and a Montague?');
  await say(romeo, 'Neither, fair saint, if either thee dislike.');
  await heard(juliet, 'Neither, fair saint, if either thee dislike.');
  await settled(juliet);
  await juliet.screenshot({ path: path.join(folder, `talking${pictures}.png`) });
  await romeo.reload();
  await romeo.locator('#talk').waitFor();
  // The resource is another one after the reload; who answers next is written to at the address that is left.
  await romeo.locator('#compose [name=to]').fill(julietsAddress);
  await say(romeo, 'With love’s light wings did I o’erperch these walls.');
  await heard(juliet, 'With love’s light wings did I o’erperch these walls.');
  await say(juliet, 'If they do see thee, they will murder thee.');
  await heard(romeo, 'If they do see thee, they will murder thee.');
  await settled(romeo);
  await romeo.screenshot({ path: path.join(folder, `after-reload${pictures}.png`) });
}

/** The same page, another server. @param {Page} juliet @param {Page} romeo */
async function converseAtProsody(juliet, romeo) {
  const world = await createWorld();
  try {
    const { webSocket } = await startProsody(world, { accounts: ['juliet', 'romeo'] });
    const addressOf = (/** @type {string} */ name) => `${name}@${webSocket.domain}`;
    for (const [page, name] of /** @type {const} */ ([
      [juliet, 'juliet'],
      [romeo, 'romeo'],
    ])) {
      await page.locator('#log-in summary').click();
      await page.locator('#log-in [name=jid]').fill(addressOf(name));
      await page.locator('#log-in [name=password]').fill(PASSWORD);
      await page.locator('#log-in [name=url]').fill(webSocket.url);
      await page.locator('#log-in [type=submit]').click();
      await page.locator('#talk').waitFor();
    }
    await juliet.locator('#compose [name=to]').fill(addressOf('romeo'));
    await converse({ juliet, romeo, julietsAddress: addressOf('juliet'), pictures: '-at-prosody' });
    await juliet.locator('#log-out').click();
    await romeo.locator('#log-out').click();
    await romeo.locator('.account').first().waitFor();
  } finally {
    await stopAll();
    world.remove();
  }
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
