import { message } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { describe, expect, it, vi } from 'vitest';
import { listen, type ListenOptions } from '../../src/index.ts';
import { makeWorld, nextStanza } from '../support/world.ts';
import { rawServer } from '../support/sockets.ts';

const OPTIONS: ListenOptions = {
  endpoints: [{ port: 0, host: '127.0.0.1', tls: 'starttls' }],
  tls: { certificates: () => undefined },
  asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
  onConnection: () => {},
};

describe('listening', () => {
  it('says where', async () => {
    const listener = await listen({
      ...OPTIONS,
      endpoints: [
        { port: 0, host: '127.0.0.1', tls: 'direct' },
        { port: 0, tls: 'starttls' },
      ],
    });
    expect(listener.endpoints).toMatchObject([{ address: '127.0.0.1', tls: 'direct' }, { tls: 'starttls' }]);
    expect([listener.address, listener.port]).toEqual(['127.0.0.1', listener.endpoints[0]?.port]);
    await listener.close();
  });

  it('fails as a whole when one endpoint is taken', async () => {
    const taken = await rawServer(() => {});
    const endpoints = [
      { port: 0, host: '127.0.0.1', tls: 'starttls' as const },
      { port: taken.port, host: '127.0.0.1', tls: 'direct' as const },
    ];
    await expect(listen({ ...OPTIONS, endpoints })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await taken.close();
  });

  it('refuses options that make no sense before it listens', async () => {
    await expect(listen({ ...OPTIONS, lang: 'not a tag' })).rejects.toThrow(/language tag/);
  });

  it('warns of what goes wrong when nobody asked to be told', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const world = await makeWorld({
      onError: undefined as never,
      onConnection: async () => Promise.reject(new Error('no room')),
    });
    const connection = await world.connect('direct');
    await connection.closed;
    expect(warn.mock.calls).toEqual([[new Error('no room')]]);
    warn.mockRestore();
    await world.close();
  });
});

describe('what a connection carries beside stanzas', () => {
  it('elements of registered extensions, both ways, and of no other', async () => {
    const extensions = ['urn:example:extension'];
    const world = await makeWorld({ extensions });
    const arrived = world.nextServed();
    const client = await world.connect('direct', { extensions });
    const server = await arrived;
    const element = xml('r', { xmlns: 'urn:example:extension' });
    expect(await client.sendElement(element)).toBe(true);
    for await (const event of server) {
      expect(event).toMatchObject({ type: 'element', element: { name: 'r' } });
      break;
    }
    await server.send(message({ to: client.jid, body: 'and stanzas' }));
    expect((await nextStanza(client)).element.childText('body')).toBe('and stanzas');
    await expect(client.sendElement(xml('r', { xmlns: 'urn:example:other' }))).rejects.toMatchObject({
      code: 'element-not-allowed',
    });
    await client.close();
    expect(await client.sendElement(element)).toBe(false);
    await world.close();
  });
});
