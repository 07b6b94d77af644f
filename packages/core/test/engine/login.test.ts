import { describe, expect, it } from 'vitest';
import { join, newInitiating, newReceiving, POLICY, TLS } from './support.ts';

const names = (events: readonly { readonly type: string; readonly ask?: string }[]): string[] =>
  events.map((event) => event.ask ?? event.type);

describe('a login', () => {
  it('goes by STARTTLS, SCRAM with channel binding and a bound resource, with a restart behind each of the first two', () => {
    const initiating = newInitiating({ from: 'juliet@im.example.com' });
    const receiving = newReceiving();
    initiating.open();
    const run = join(initiating, receiving);
    expect([initiating.phase, receiving.phase]).toEqual(['established', 'established']);
    expect(names(run.initiating.events)).toEqual([
      'stream-opened',
      'features',
      'start-tls',
      'secured',
      'stream-opened',
      'features',
      'derive-salted-password',
      'authenticated',
      'stream-opened',
      'features',
      'established',
    ]);
    expect(names(run.receiving.events)).toEqual([
      'accept-stream',
      'stream-opened',
      'start-tls',
      'secured',
      'accept-stream',
      'stream-opened',
      'look-up-credentials',
      'authenticated',
      'stream-opened',
      'bind-resource',
      'established',
    ]);
    expect(run.receiving.events.at(-1)).toMatchObject({
      by: 'bound',
      jid: { localpart: 'juliet', resourcepart: 'balcony' },
    });
    expect(run.receiving.events.find((event) => event.type === 'authenticated')).toMatchObject({
      identity: { mechanism: 'SCRAM-SHA-256-PLUS', channelBinding: 'tls-exporter' },
    });
  });

  it('says who it is only behind TLS, and gets that address back', () => {
    const initiating = newInitiating({ from: 'juliet@im.example.com' });
    const receiving = newReceiving();
    initiating.open();
    const run = join(initiating, receiving);
    const headers = (wire: string): string[] => wire.match(/<stream:stream [^>]*>/g) ?? [];
    expect(headers(run.initiating.wire).map((header) => header.includes("from='juliet@im.example.com'"))).toEqual([
      false,
      true,
      true,
    ]);
    expect(headers(run.receiving.wire).map((header) => header.includes("to='juliet@im.example.com'"))).toEqual([
      false,
      true,
      true,
    ]);
    const ids = headers(run.receiving.wire).map((header) => /id='([^']+)'/.exec(header)?.[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    'PLAIN',
    'SCRAM-SHA-1',
    'SCRAM-SHA-256',
    'SCRAM-SHA-512',
    'SCRAM-SHA-1-PLUS',
    'SCRAM-SHA-256-PLUS',
    'SCRAM-SHA-512-PLUS',
  ])('works by %s over direct TLS', (mechanism) => {
    const security = { kind: 'tls', tls: TLS } as const;
    const initiating = newInitiating({ security });
    const receiving = newReceiving({ security });
    initiating.open();
    const run = join(initiating, receiving, { ...POLICY, mechanisms: [mechanism] });
    expect(run.initiating.events.find((event) => event.type === 'authenticated')).toMatchObject({
      identity: { mechanism },
    });
    expect(receiving.phase).toBe('established');
  });
});
