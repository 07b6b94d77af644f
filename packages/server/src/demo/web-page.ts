import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { DemoAccount } from './accounts.ts';

/** Answers the requests of a web page. */
export type WebPage = (request: IncomingMessage, response: ServerResponse) => void;

/** The built page of examples/browser-chat, as it lies beside the packages of this repository. */
const FOLDER = new URL('../../../../examples/browser-chat/dist/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'main.js': 'text/javascript; charset=utf-8',
  'main.js.map': 'application/json',
  'style.css': 'text/css; charset=utf-8',
};

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'self'; connect-src 'self' ws: wss:; img-src data:; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * The page that talks over WebSocket. It knows the accounts of the demo, so it is for this machine alone.
 *
 * @returns undefined when the page was not built.
 */
export async function webPage(accounts: readonly DemoAccount[], folder: URL = FOLDER): Promise<WebPage | undefined> {
  const files = new Map<string, { readonly type: string; readonly body: Buffer | string }>();
  try {
    for (const [name, type] of Object.entries(TYPES)) {
      files.set(`/${name}`, { type, body: await readFile(fileURLToPath(new URL(name, folder))) });
    }
  } catch {
    return undefined;
  }
  const known = accounts.map(({ jid, password }) => ({ jid: jid.toString(), password }));
  const demo = JSON.stringify({ path: '/xmpp-websocket', accounts: known });
  files.set('/demo.json', { type: 'application/json', body: demo });
  return ({ method, url = '/', headers }, response) => {
    const path = url.split('?')[0] ?? '';
    const file = files.get(path === '/' ? '/index.html' : path);
    // A name of somebody else that leads to this machine would make his page one of ours, passwords included.
    if (!isThisMachine(headers.host)) response.writeHead(403).end();
    else if (file === undefined) response.writeHead(404).end();
    else if (method !== 'GET') response.writeHead(405, { allow: 'GET' }).end();
    else response.writeHead(200, { ...HEADERS, 'content-type': file.type }).end(file.body);
  };
}

function isThisMachine(host = ''): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host);
}
