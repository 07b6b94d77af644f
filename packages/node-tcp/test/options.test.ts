import { describe, expect, it } from 'vitest';
import { connect, keepConnected, listen, type ListenOptions } from '../src/index.ts';

const account = { jid: 'juliet@localhost', password: 'R0m30', host: '127.0.0.1', port: 1 };

describe('options that would be ignored', () => {
  it.each([
    [{ ...account, hostname: 'localhost' }, "connect() has no option 'hostname'; there are jid,"],
    [{ ...account, reconnect: 'interactive' }, "connect() has no option 'reconnect'"],
    [{ ...account, timeouts: { connect: 5 } }, "'timeouts' of connect() has no option 'connect'; there are dns,"],
    [{ ...account, tls: { rejectUnauthorized: false } }, "'tls' has no option 'rejectUnauthorized'; there are ca,"],
    [{ ...account, authenticateBy: 'certificate' }, "authenticateBy 'certificate' needs the certificate"],
  ])('are refused by connect(): %j', async (options, message) => {
    // What programs without types pass.
    const connecting = connect(options as never);
    await expect(connecting).rejects.toThrow(TypeError);
    await expect(connecting).rejects.toThrow(message);
  });

  it('are refused by keepConnected()', () => {
    expect(() => keepConnected({ ...account, reconect: 'interactive' } as never)).toThrow(
      "keepConnected() has no option 'reconect'; there are jid,",
    );
  });

  const serving: ListenOptions = {
    endpoints: [{ port: 0, host: '127.0.0.1', tls: 'starttls' }],
    tls: { certificates: () => undefined },
    asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
    onConnection: () => {},
  };

  it.each([
    [{ endpoints: undefined }, "listen() needs 'endpoints'"],
    [{ endpoints: [{ port: 0, tls: 'tls' }] }, "'tls' of an endpoint is 'starttls' or 'direct', not \"tls\""],
    [{ endpoints: [{ prot: 0, tls: 'direct' }] }, "an endpoint has no option 'prot'; there are port, host, tls"],
    [{ tls: undefined }, "listen() needs 'tls': { certificates }"],
    [{ tls: {} }, "'tls' needs 'certificates'"],
    [{ tls: { certificates: undefined } }, "'tls' needs 'certificates'"],
    [{ tls: { cert: '', key: '' } }, "'tls' has no option 'cert'; there are certificates,"],
    [{ tls: { certificates: {}, ca: 'ca.pem' } }, "'tls.ca' is the text of a PEM file"],
    [{ onFailed: () => {} }, "listen() has no option 'onFailed'"],
  ])('are refused by listen(): %o', async (options, message) => {
    await expect(listen({ ...serving, ...options } as never)).rejects.toThrow(message);
  });
});
