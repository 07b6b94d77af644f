import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { makeAccount } from '../../src/demo/accounts.ts';
import { webPage } from '../../src/demo/web-page.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

async function serve(): Promise<
  (target: string, headers?: Record<string, string>, method?: string) => Promise<Answer>
> {
  const folder = mkdtempSync(path.join(tmpdir(), 'page-'));
  for (const name of ['index.html', 'main.js', 'main.js.map', 'style.css'])
    writeFileSync(path.join(folder, name), name);
  const page = await webPage([makeAccount('juliet', 'localhost')], pathToFileURL(`${folder}/`));
  server = createServer(page).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return async (target, headers = {}, method = 'GET') =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: target, headers, method }, (response) => {
        let body = '';
        response.on('data', (chunk) => (body += String(chunk)));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      })
        .on('error', reject)
        .end();
    });
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

describe('the page of the demo', () => {
  it('is served with its files, and nothing else is', async () => {
    const ask = await serve();
    expect(await ask('/')).toMatchObject({ status: 200, body: 'index.html' });
    expect(await ask('/main.js?x')).toMatchObject({ status: 200, body: 'main.js' });
    expect((await ask('/style.css')).headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
    });
    for (const target of ['/../package.json', '/%2e%2e/package.json', '/main.ts', '//']) {
      expect((await ask(target)).status).toBe(404);
    }
    expect((await ask('/', {}, 'POST')).status).toBe(405);
  });

  it('knows the accounts', async () => {
    const { body } = await (await serve())('/demo.json');
    expect(JSON.parse(body)).toMatchObject({ path: '/xmpp-websocket', accounts: [{ jid: 'juliet@localhost' }] });
  });

  it.each(['evil.example.net', 'localhost.evil.example.net', 'localhost:1@evil.example.net'])(
    'is not served under the name %s, which somebody else made lead here',
    async (host) => {
      expect((await (await serve())('/demo.json', { host })).status).toBe(403);
    },
  );

  it('is none when it was not built', async () => {
    expect(await webPage([], new URL('missing/', import.meta.url))).toBeUndefined();
  });
});
