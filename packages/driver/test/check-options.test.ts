import { describe, expect, it } from 'vitest';
import { checkOptions, oneOf, OPTION_KINDS } from '../src/check-options.ts';
import { completeClientOptions } from '../src/client-options.ts';
import { Reception } from '../src/reception.ts';
import { startSession } from '../src/reconnect/keep-connected.ts';
import type { ServeOptions } from '../src/server-options.ts';
import { checkTcpOptions, TCP_OPTIONS } from '../src/tcp-options.ts';

// What programs without types pass.
const untyped = (options: unknown): never => options as never;

describe('options', () => {
  const kinds = { host: OPTION_KINDS.text, mode: oneOf('a', 'b'), other: undefined };

  it.each([
    [undefined, 'dial() takes an object, not undefined'],
    ['localhost', 'dial() takes an object, not "localhost"'],
    [null, 'dial() takes an object, not null'],
    [{ hots: 'x' }, "dial() has no option 'hots'; there are host, mode, other"],
    [{ toString: 'x' }, "dial() has no option 'toString'; there are host, mode, other"],
    [{ host: 5 }, "'host' of dial() is a text, not 5"],
    [{ host: ['x'] }, "'host' of dial() is a text, not an array"],
    [{ host: {} }, "'host' of dial() is a text, not a value of type object"],
    [['x'], 'dial() takes an object, not an array'],
    [{ host: () => 'R0m30' }, "'host' of dial() is a text, not a value of type function"],
    [Object.assign(Object.create(null), { hots: 'x' }), "dial() has no option 'hots'; there are host, mode, other"],
    [{ mode: 'c' }, "'mode' of dial() is 'a' or 'b', not \"c\""],
    [{ mode: true }, "'mode' of dial() is 'a' or 'b', not true"],
  ])('%j are refused with what was expected, what came, and what there is', (options, message) => {
    expect(() => checkOptions('dial()', untyped(options), kinds)).toThrow(new TypeError(message));
  });

  it.each([{}, { host: 'x', mode: 'a', other: 5 }, { host: undefined, mode: undefined, other: null }])(
    '%j are taken',
    (options) => {
      expect(() => checkOptions('dial()', untyped(options), kinds)).not.toThrow();
    },
  );
});

it('a text is shown as far as it says what it is, since a key in the wrong place is still one', () => {
  const tls = `-----BEGIN PRIVATE KEY-----\n${'MIIE'.repeat(99)}`;
  expect(() => checkOptions('dial()', untyped({ tls }), { tls: OPTION_KINDS.object })).toThrow(
    new TypeError(String.raw`'tls' of dial() is an object, not "-----BEGIN PRIVATE KEY-----\nMIIEMIIEMIIE…"`),
  );
});

describe('options that are an object of a class', () => {
  class Options {
    readonly #host: unknown;
    readonly log: string[] = [];
    constructor(host: unknown) {
      this.#host = host;
    }
    get host(): unknown {
      return this.#host;
    }
  }
  const kinds = { host: OPTION_KINDS.text };

  it('may have members of its own, and are judged by their values', () => {
    expect(() => checkOptions('dial()', untyped(new Options('x')), kinds)).not.toThrow();
    expect(() => checkOptions('dial()', untyped(new Options(5)), kinds)).toThrow("'host' of dial() is a text, not 5");
  });
});

describe('the options of a client', () => {
  const account = { jid: 'juliet@localhost', password: 'R0m30' };

  it.each([
    [{ password: '' }, '\'password\' of connect() is a text that is not empty, not ""'],
    [{ jid: { domainpart: 'localhost' } }, "'jid' of connect() is a text, not a value of type object"],
    [{ signal: {} }, "'signal' of connect() is an AbortSignal"],
    [{ timeouts: 5 }, "'timeouts' of connect() is an object, not 5"],
    [{ maxQueuedEvents: -1 }, "'maxQueuedEvents' of connect() is a number of 0 or more, not -1"],
  ])('%j are refused', (options, message) => {
    expect(() => completeClientOptions(untyped({ ...account, ...options }))).toThrow(TypeError);
    expect(() => completeClientOptions(untyped({ ...account, ...options }))).toThrow(message);
  });

  it('are not shown where they are a password', () => {
    expect(() => completeClientOptions(untyped({ ...account, password: 31_337 }))).toThrow(
      "'password' of connect() is a text that is not empty, not a value of type number",
    );
  });

  it('may have what an adapter adds', () => {
    expect(completeClientOptions(untyped({ ...account, isTrusted: true })).domain).toBe('localhost');
  });

  it.each([
    [{ passwort: 'x' }, "connect() has no option 'passwort'; there are jid, domain, password,"],
    [{ service: 'xmpp://localhost' }, "connect() has no option 'service'"],
    [{ port: '5222' }, '\'port\' of connect() is a number from 0 to 65535, not "5222"'],
    [{ port: 70_000 }, 'not 70000'],
    [{ directTls: true }, "'directTls' of connect() is 'auto' or 'only' or 'never', not true"],
    [{ host: 'xmpp://localhost' }, "'host' of connect() is the name or the address of a host, without scheme and port"],
    [{ host: 'localhost:5222' }, 'not "localhost:5222"'],
    [{ host: '' }, 'not ""'],
    [{ timeouts: { connect: 5 } }, "'timeouts' of connect() has no option 'connect'; there are dns, tcp, tls,"],
    [{ timeouts: { request: '5' } }, "'request' of 'timeouts' of connect() is a number of 0 or more, not \"5\""],
  ])('over TCP are none of %j', (options, message) => {
    expect(() => checkTcpOptions('connect()', untyped({ ...account, ...options }), TCP_OPTIONS)).toThrow(message);
  });

  it.each(['localhost', '192.0.2.1', '::1', '[2001:db8::1]', 'fe80::1%eth0', 'bücher.example'])(
    'over TCP may have the host %s',
    (host) => {
      expect(() => checkTcpOptions('connect()', { ...account, host }, TCP_OPTIONS)).not.toThrow();
    },
  );
});

describe('the options of a session', () => {
  it.each([
    [{ reconnect: true }, "'reconnect' takes an object, not true"],
    [{ reconnect: { delay: 5 } }, "'reconnect' has no option 'delay'; there are first, factor,"],
    [{ reconnect: { first: 5 } }, "'first' of 'reconnect' is a window from min to max, not 5"],
    [{ reconnect: { rules: { 'wrong-password': 'late' } } }, "'reconnect.rules' has no cause 'wrong-password'"],
    [{ reconnect: { rules: { 'sasl-refused': 'stop' } } }, 'at-once, soon, late, give-up, not "stop"'],
    [{ liveness: true }, "'liveness' of keepConnected() is { after, timeout } or false, not true"],
    [{ liveness: { interval: 5 } }, "'liveness' has no option 'interval'; there are after, timeout"],
    [{ advise: 'later' }, "'advise' of keepConnected() is a function"],
  ])('are none of %j', (options, message) => {
    const begin = (): unknown =>
      startSession(untyped(options), async () => Promise.reject(new Error('no attempt is made')));
    expect(begin).toThrow(TypeError);
    expect(begin).toThrow(message);
  });

  it('may have rules for causes that go by a more general row', () => {
    const rules = { 'sasl-refused/account-disabled': 'late', 'stream-error/conflict': 'late' } as const;
    const session = startSession({ reconnect: { rules } }, async () => new Promise(() => {}));
    expect(session.state.name).toBe('connecting');
    void session.stop();
  });
});

describe('the options of a server', () => {
  const serving: ServeOptions = {
    asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
    onConnection: () => {},
  };

  it.each([
    [{ asks: undefined }, "a server needs 'asks'"],
    [{ asks: {} }, "a server needs 'accept-stream' among its 'asks'"],
    [{ asks: { 'accept-stream': undefined } }, "a server needs 'accept-stream' among its 'asks'"],
    [
      { asks: { ...serving.asks, bindResource: () => {} } },
      "'asks' has no option 'bindResource'; there are accept-stream,",
    ],
    [{ asks: { 'accept-stream': 'yes' } }, "'accept-stream' of 'asks' is a function, not \"yes\""],
    [{ onConnection: undefined }, "a server needs 'onConnection'"],
    [{ maxConnections: '5' }, "'maxConnections' of the server is a number of 0 or more"],
  ])('are none of %o', (options, message) => {
    expect(() => new Reception(untyped({ ...serving, ...options }), 'bytes')).toThrow(message);
  });
});
