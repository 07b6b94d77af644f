import { jid, message } from '@xmpp-wire/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BY_PASSWORD, DOMAIN, makeWorld, nextStanza, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(async () => world.close());

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const WAYS = ['starttls', 'direct'] as const;

describe.each(WAYS)('[F-stream-tcp-binding] [R5.4.3.1-1] logging in by %s', (way) => {
  describe.each(VERSIONS)('over %s', (version) => {
    it.each(BY_PASSWORD)('with %s', async (mechanism) => {
      let identity: string | undefined;
      const arrived = world.nextServed();
      const connection = await world.connect(way, {
        mechanisms: [mechanism],
        tls: { minVersion: version, maxVersion: version },
        onTrace: ({ direction, xml }) => {
          if (direction === 'out' && xml.startsWith('<auth')) identity = xml;
        },
      });
      const server = await arrived;
      expect(identity).toContain(`mechanism='${mechanism}'`);
      expect(connection.jid.bare.toString()).toBe(`juliet@${DOMAIN}`);
      expect(server.jid.equals(connection.jid)).toBe(true);
      expect(connection.tls?.version).toBe(version);
      expect(server.tls?.version).toBe(version);
      await connection.send(message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo?' }));
      const stanza = await nextStanza(server);
      expect(stanza.element.childText('body')).toBe('Art thou not Romeo?');
      // Rule S24, which the engine keeps: the sender is who authenticated.
      expect(stanza.from?.toString()).toBe(connection.jid.toString());
      expect((await connection.close()).cause).toEqual({ code: 'closed-locally', reason: undefined });
      expect((await server.closed).cause.code).toBe('closed-by-peer');
    });
  });
});

describe('what a client asks for', () => {
  it('[R6.3.7-1] is the resource in its address', async () => {
    const connection = await world.connect('direct', { jid: `juliet@${DOMAIN}/balcony` });
    expect(connection.jid.toString()).toBe(`juliet@${DOMAIN}/balcony`);
    await connection.close();
  });

  it('[F-bind-gen] [R7.6-1] [R7.6-2] is, without one, a resource that nobody can guess', async () => {
    const both = await Promise.all([world.connect('direct'), world.connect('direct')]);
    const resources = both.map(({ jid: own }) => own.resourcepart ?? '');
    expect(new Set(resources).size).toBe(2);
    for (const resource of resources) expect(resource.length).toBeGreaterThanOrEqual(16);
    await Promise.all(both.map(async (connection) => connection.close()));
  });

  it('is channel binding by default, and a server that has it gives it', async () => {
    const sent: string[] = [];
    const connection = await world.connect('starttls', {
      onTrace: ({ direction, xml }) => void (direction === 'out' && sent.push(xml)),
    });
    expect(sent.find((xml) => xml.startsWith('<auth'))).toContain("mechanism='SCRAM-SHA-512-PLUS'");
    await connection.close();
  });

  it('knows its endpoints and its TLS, and describes itself without secrets', async () => {
    const connection = await world.connect('starttls');
    expect(connection.remote).toEqual({ address: '127.0.0.1', port: world.ports.starttls });
    expect(connection.local.port).toBeGreaterThan(0);
    expect(connection.tls?.peerCertificate).toEqual({ der: world.certificate.der, trusted: true });
    const description = connection.describe();
    expect(description).toMatchObject({ jid: connection.jid.toString(), queuedEvents: 0, openRequests: 0 });
    expect(description.entity.phase).toBe('established');
    expect(JSON.stringify(description)).not.toContain('R0m30');
    await connection.close();
    expect(connection.describe().entity.phase).toBe('closed');
  });
});
