import { describe, expect, it } from 'vitest';
import {
  completeClientOptions,
  connectOverTcp,
  XmppConnectError,
  type SrvLookup,
  type Target,
  type TcpClientOptions,
} from '../src/index.ts';

const CLIENT = '_xmpp-client._tcp.im.example.com';
const forever = async (): Promise<never> => new Promise(() => {});

/** Where it tries to connect, when name servers answer like that, and what comes of it. */
async function tried(
  lookUpSrv: SrvLookup,
  more: TcpClientOptions = {},
): Promise<{ readonly targets: readonly Target[]; readonly error: unknown }> {
  const targets: Target[] = [];
  const options = { jid: 'juliet@im.example.com', password: 'R0m30', timeouts: { dns: 5 }, ...more };
  const error: unknown = await connectOverTcp(completeClientOptions(options), options, {
    lookUpSrv,
    startTls: forever,
    async reach(target) {
      targets.push(target);
      throw new XmppConnectError('tcp-refused', 'nothing listens there');
    },
  }).catch((reason: unknown) => reason);
  return { targets, error };
}

describe('name servers that do not answer', () => {
  it('[R3.2.1-3] are the same as none: the domain itself is tried', async () => {
    const { targets, error } = await tried(forever);
    expect(targets).toEqual([{ host: 'im.example.com', port: 5222, tls: 'starttls' }]);
    expect(error).toMatchObject({ code: 'tcp-refused' });
  });

  it('one query do not take the answer of the other away', async () => {
    const record = { priority: 0, weight: 0, port: 5299, name: 'one.example.net' };
    const { targets } = await tried(async (name) => (name === CLIENT ? [record] : forever()));
    expect(targets).toEqual([{ host: 'one.example.net', port: 5299, tls: 'starttls' }]);
  });

  it('leave nothing to try where only direct TLS is wanted, which may pass', async () => {
    const { targets, error } = await tried(forever, { directTls: 'only' });
    expect(targets).toEqual([]);
    expect(error).toMatchObject({ code: 'dns-timed-out' });
  });

  it.each(['auto', 'only'] as const)('are not waited for by who is given up, with direct TLS %s', async (directTls) => {
    const given = new AbortController();
    const gone = new Error('enough');
    const trying = tried(
      async () => {
        given.abort(gone);
        return forever();
      },
      { directTls, signal: given.signal, timeouts: { dns: 10_000 } },
    );
    expect(await trying).toEqual({ targets: [], error: gone });
  });
});
