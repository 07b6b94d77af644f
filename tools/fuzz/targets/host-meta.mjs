// Host-meta files of both kinds: addresses under TLS, or one kind of error.
import { discover } from '@xmpp-wire/websocket';
import { expect } from '../support.mjs';

const REL = 'urn:xmpp:alt-connections:websocket';

/** @type {import('../loop.mjs').Target} */
export const hostMeta = {
  name: 'host-meta',
  seeds: [
    `{"links":[{"rel":"${REL}","href":"wss://web.example.com/ws"}]}`,
    `<?xml version='1.0' encoding='utf-8'?><XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'><Link rel='${REL}' href='wss://web.example.com:443/ws'/></XRD>`,
  ],
  words: ['ws://', 'https:', 'null', '[]', '{}', '"links":', '__proto__', '\\ud800', '1e999', '[[[['],
  async run(input) {
    const file = input.slice();
    try {
      const urls = await discover('example.com', { fetch: async () => new Response(file) });
      expect(
        urls.length > 0 && urls.every((url) => new URL(url).protocol === 'wss:'),
        `no addresses: ${urls.join(' ')}`,
      );
    } catch (error) {
      const isFound = error instanceof Error && 'code' in error && /^discovery-(none|failed)$/.test(String(error.code));
      if (!isFound) throw error;
    }
  },
};
