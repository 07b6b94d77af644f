import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DenoApi } from '../src/deno-api.ts';
import { connect, type ConnectOptions } from '../src/index.ts';
import { secureClient } from '../src/tls.ts';
import { fakeConn, fakeDeno, takeOver } from './support/fake-deno.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const PURPOSE = { domain: 'im.example.com', direct: true };
const FEATURES =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='im.example.com' version='1.0'>" +
  "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>";
const PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/** A connection, the one that TLS makes of it, and Deno. */
function connections() {
  const raw = fakeConn((conn, text) => {
    if (text.includes('<stream:stream')) conn.say(FEATURES);
    if (text.includes('<starttls')) conn.say(PROCEED);
  });
  const secured = fakeConn();
  const startTls = vi.fn<DenoApi['startTls']>(takeOver(raw, secured));
  fakeDeno({ connect: async () => raw, startTls });
  return { raw, secured, startTls };
}

const outcomeOf = async (doing: Promise<unknown>): Promise<unknown> => doing.catch((error: unknown) => error);

describe('a TLS handshake that comes to nothing', () => {
  const reason = new Error('given up');

  it('is closed when it is given up', async () => {
    const { raw, secured, startTls } = connections();
    const stop = new AbortController();
    const outcome = outcomeOf(secureClient(raw, PURPOSE, {}, stop.signal));
    await vi.waitFor(() => expect(startTls).toHaveBeenCalledOnce());
    expect(secured.isOpen).toBe(true);
    stop.abort(reason);
    expect(await outcome).toBe(reason);
    expect([raw.isOpen, secured.isOpen]).toEqual([false, false]);
  });

  it('is closed when it was given up before it began, or while Deno takes the connection over', async () => {
    const before = connections();
    expect(await outcomeOf(secureClient(before.raw, PURPOSE, {}, AbortSignal.abort(reason)))).toBe(reason);
    expect(before.raw.isOpen).toBe(false);
    expect(before.startTls).not.toHaveBeenCalled();

    const during = connections();
    const stop = new AbortController();
    const outcome = outcomeOf(secureClient(during.raw, PURPOSE, {}, stop.signal));
    stop.abort(reason);
    expect(await outcome).toBe(reason);
    expect([during.raw.isOpen, during.secured.isOpen]).toEqual([false, false]);
  });

  it('is closed when it fails, by itself or because Deno does not take the connection', async () => {
    const { raw, secured } = connections();
    secured.handshake = async () => Promise.reject(new Error('invalid peer certificate: UnknownIssuer'));
    const failure = await outcomeOf(secureClient(raw, PURPOSE, {}, new AbortController().signal));
    expect(failure).toMatchObject({ code: 'tls-certificate-untrusted' });
    expect([raw.isOpen, secured.isOpen]).toEqual([false, false]);

    const other = connections();
    fakeDeno({ startTls: async () => Promise.reject(new Error('invalid PEM')) });
    const refused = await outcomeOf(secureClient(other.raw, PURPOSE, {}, new AbortController().signal));
    expect(refused).toMatchObject({ code: 'tls-handshake-failed' });
    expect(other.raw.isOpen).toBe(false);
  });

  it('that went well stays open, whatever becomes of the signal', async () => {
    const { raw, secured } = connections();
    secured.handshake = async () => Promise.resolve({ alpnProtocol: null });
    const stop = new AbortController();
    expect(await secureClient(raw, PURPOSE, {}, stop.signal)).toBe(secured);
    stop.abort(reason);
    expect(secured.isOpen).toBe(true);
  });
});

describe('a client whose server never finishes the TLS handshake', () => {
  const options: ConnectOptions = { jid: 'juliet@im.example.com', password: 'x', host: '127.0.0.1', port: 5222 };

  it.each([
    ['direct TLS, timeouts.tls', { directTls: 'only', timeouts: { tls: 400 } }],
    ['STARTTLS, timeouts.negotiation', { directTls: 'never', timeouts: { negotiation: 400 } }],
  ] as const)('closes the connection at its deadline: %s', async (_, more) => {
    vi.useFakeTimers();
    const { raw, secured, startTls } = connections();
    const outcome = outcomeOf(connect({ ...options, ...more }));
    await vi.advanceTimersByTimeAsync(300);
    expect(startTls).toHaveBeenCalledOnce();
    expect(secured.isOpen).toBe(true);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await outcome).toMatchObject({ code: 'tls-timed-out' });
    expect([raw.isOpen, secured.isOpen]).toEqual([false, false]);
  });

  it.each(['only', 'never'] as const)('closes it when the attempt is given up: directTls %s', async (directTls) => {
    const { raw, secured, startTls } = connections();
    const stop = new AbortController();
    const outcome = outcomeOf(connect({ ...options, directTls, signal: stop.signal }));
    await vi.waitFor(() => expect(startTls).toHaveBeenCalledOnce());
    const reason = new Error('given up');
    stop.abort(reason);
    expect(await outcome).toBe(reason);
    await vi.waitFor(() => expect(secured.isOpen).toBe(false));
    expect(raw.isOpen).toBe(false);
  });
});
