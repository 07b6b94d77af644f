import { describe, expect, it } from 'vitest';
import { connect, discover, type Fetch } from '../src/index.ts';
import { fakeServer } from './support/fake-server.ts';

const JSON_URL = 'https://im.example.com/.well-known/host-meta.json';
const XRD_URL = 'https://im.example.com/.well-known/host-meta';
const REL = 'urn:xmpp:alt-connections:websocket';

const jrd = (...links: object[]): string => JSON.stringify({ subject: 'x', links });
const xrd = (links: string): string =>
  `<?xml version='1.0' encoding='UTF-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>${links}</XRD>\n`;

type Reply = string | number | { readonly location: string };

/** A web of some files; what it was asked for. */
function web(files: Readonly<Record<string, Reply>>): { fetch: Fetch; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async fetch(url) {
      asked.push(url);
      const reply = files[url] ?? 404;
      if (typeof reply === 'string') return new Response(reply);
      if (typeof reply === 'number') return new Response(undefined, { status: reply });
      return new Response(undefined, { status: 301, headers: { location: reply.location } });
    },
  };
}

describe('finding the WebSocket of a domain (XEP-0156)', () => {
  it('takes the JSON file', async () => {
    const { fetch, asked } = web({
      [JSON_URL]: jrd(
        { rel: 'urn:xmpp:alt-connections:xbosh', href: 'https://im.example.com/bosh' },
        { rel: REL, href: 'wss://web.example.com:443/ws' },
        { rel: REL, href: 'wss://web.example.net/ws' },
      ),
    });
    expect(await discover('im.example.com', { fetch })).toEqual([
      'wss://web.example.com/ws',
      'wss://web.example.net/ws',
    ]);
    expect(asked).toEqual([JSON_URL]);
  });

  it('keeps no body that it does not read', async () => {
    const cancelled: string[] = [];
    const fetch: Fetch = async (url) => {
      const body = new ReadableStream({ cancel: () => void cancelled.push(url) });
      return new Response(body, { status: 404 });
    };
    await expect(discover('im.example.com', { fetch })).rejects.toMatchObject({ code: 'discovery-failed' });
    expect(cancelled).toEqual([JSON_URL, XRD_URL]);
  });

  it.each<[string, Reply]>([
    ['is missing', 404],
    ['is no JSON', '<html/>'],
    ['has no links', '{}'],
    ['is a list', '[]'],
    ['is null', 'null'],
    ['names no WebSocket', jrd({ rel: 'lrdd', href: 'https://x.example' }, { rel: REL }, { rel: REL, href: 7 })],
    ['names one that TLS does not protect', jrd({ rel: REL, href: 'ws://web.example.com/ws' })],
    ['is too large', jrd({ rel: 'x'.repeat(70_000), href: 'y' })],
    ['redirects to http', { location: 'http://im.example.com/host-meta.json' }],
    ['redirects in a circle', { location: JSON_URL }],
  ])('takes the XML file where the JSON file %s', async (_, json) => {
    const { fetch } = web({ [JSON_URL]: json, [XRD_URL]: xrd(`<Link rel='${REL}' href='wss://web.example.com/ws'/>`) });
    expect(await discover('im.example.com', { fetch })).toEqual(['wss://web.example.com/ws']);
  });

  it.each<[string, string]>([
    ['a document type', `<!DOCTYPE XRD><XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'/>`],
    ['another root', "<html xmlns='http://www.w3.org/1999/xhtml'/>"],
    ['no well-formed XML', '<XRD'],
    ['an entity of its own', xrd('&ours;')],
  ])('refuses an XML file with %s', async (_, file) => {
    const { fetch } = web({ [XRD_URL]: file });
    await expect(discover('im.example.com', { fetch })).rejects.toMatchObject({ code: 'discovery-failed' });
  });

  it('says that a domain names none', async () => {
    const { fetch } = web({ [XRD_URL]: xrd("<Link rel='lrdd' href='https://x.example'/>") });
    await expect(discover('im.example.com', { fetch })).rejects.toMatchObject({ code: 'discovery-none' });
  });

  it('follows redirections over https', async () => {
    const { fetch, asked } = web({
      [JSON_URL]: { location: '/moved' },
      'https://im.example.com/moved': { location: 'https://www.example.com/host-meta.json' },
      'https://www.example.com/host-meta.json': jrd({ rel: REL, href: 'wss://web.example.com/ws' }),
    });
    expect(await discover('im.example.com', { fetch })).toEqual(['wss://web.example.com/ws']);
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['https://www.example.com/host-meta.json', 'wss://web.example.com/ws'],
    ['http://www.example.com/host-meta.json', undefined],
  ])('looks where a browser, which does not show the steps, came to: %s', async (end, found) => {
    const fetch: Fetch = async (url, { redirect }) => {
      if (url !== JSON_URL) return new Response(undefined, { status: 404 });
      const response = new Response(jrd({ rel: REL, href: 'wss://web.example.com/ws' }));
      Object.defineProperty(response, redirect === 'manual' ? 'type' : 'url', {
        value: redirect === 'manual' ? 'opaqueredirect' : end,
      });
      return response;
    };
    const urls = await discover('im.example.com', { fetch }).catch(() => undefined);
    expect(urls?.[0]).toBe(found);
  });

  it('is what connect() does without an address; the second WebSocket is tried after the first', async () => {
    const { fetch } = web({
      [JSON_URL]: jrd({ rel: REL, href: 'wss://a.example/ws' }, { rel: REL, href: 'wss://b.example/ws' }),
    });
    const server = fakeServer({
      meet: (pair, url) => (url.includes('//a.') ? pair.client.die(1006) : server.acceptor.accept(pair.server)),
    });
    const { WebSocket } = server;
    const connection = await connect({ jid: 'juliet@im.example.com', password: 'R0m30', WebSocket, fetch });
    expect(server.urls).toEqual(['wss://a.example/ws', 'wss://b.example/ws']);
    await connection.close();
  });

  it('names all WebSockets when none can be opened', async () => {
    const { fetch } = web({
      [JSON_URL]: jrd({ rel: REL, href: 'wss://a.example/ws' }, { rel: REL, href: 'wss://b.example/ws' }),
    });
    const { WebSocket } = fakeServer({ meet: ({ client }) => client.die(1006) });
    const connecting = connect({ jid: 'juliet@im.example.com', password: 'R0m30', WebSocket, fetch });
    await expect(connecting).rejects.toMatchObject({
      code: 'websocket-failed',
      message: expect.stringMatching(/none of the 2 .*a\.example.*b\.example/),
    });
  });

  it('is given up in time', async () => {
    const fetch: Fetch = async (_, { signal }) =>
      new Promise((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const { WebSocket } = fakeServer();
    const options = { jid: 'juliet@im.example.com', password: 'R0m30', WebSocket, fetch };
    await expect(connect({ ...options, timeouts: { discovery: 5 } })).rejects.toMatchObject({
      code: 'discovery-timed-out',
    });
    await expect(connect({ ...options, signal: AbortSignal.timeout(5) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
