import { connect, isIP, type Socket } from 'node:net';
import { messageOf, timed, timerDelay, XmppConnectError, type ConnectErrorCode, type Target } from '@xmpp-wire/driver';
import type { DnsResolver, HostAddress } from '../dns/resolver.ts';
import { systemCodeOf } from '../system-code.ts';
import { raceAddresses } from './race.ts';

/** Milliseconds that each step towards one target may take. */
export interface DialTimeouts {
  readonly dns: number;
  readonly tcp: number;
}

/**
 * Connects to one target over TCP, racing its addresses. The socket is connected, paused and may be half open.
 *
 * @throws {@link XmppConnectError} `dns-no-address`, `dns-timed-out`, `tcp-…`; the signal's reason when it is aborted.
 */
export async function dialTarget(
  target: Target,
  resolver: DnsResolver,
  timeouts: DialTimeouts,
  signal: AbortSignal,
): Promise<Socket> {
  const addresses = await addressesOf(target.host, resolver, timeouts.dns, signal);
  const where = `${target.host} port ${target.port}`;
  const deadline = AbortSignal.timeout(timerDelay(timeouts.tcp));
  try {
    return await raceAddresses(addresses, {
      dial: (address, stop) => dialAddress(address, target.port, stop),
      discard: (socket) => socket.destroy(),
      signal: AbortSignal.any([signal, deadline]),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) {
      throw new XmppConnectError(
        'tcp-timed-out',
        `${where} did not answer within ${timeouts.tcp} ms: check the host, the port and any firewall between`,
        error,
      );
    }
    throw tcpFailure(where, error);
  }
}

async function addressesOf(
  host: string,
  resolver: DnsResolver,
  timeout: number,
  signal: AbortSignal,
): Promise<readonly HostAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family: family === 6 ? 6 : 4 }];
  let addresses: readonly HostAddress[];
  try {
    addresses = await timed(
      resolver.addresses(host),
      timeout,
      signal,
      () =>
        new XmppConnectError(
          'dns-timed-out',
          `the name servers did not say within ${timeout} ms which addresses ${host} has: check the network`,
        ),
    );
  } catch (error) {
    if (signal.aborted || error instanceof XmppConnectError) throw error;
    throw noAddress(host, messageOf(error), error);
  }
  if (addresses.length === 0) throw noAddress(host, 'it has none');
  return addresses;
}

async function dialAddress({ address, family }: HostAddress, port: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // RFC 6120 §4.4: the peer may have ended its half while our closing tag is still to be written.
    const socket = connect({ host: address, port, family, allowHalfOpen: true, noDelay: true, keepAlive: true });
    socket.pause();
    const stop = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    const settled = (): void => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', (error) => {
      settled();
      reject(error);
    });
    socket.once('connect', () => {
      settled();
      socket.removeAllListeners('error');
      // Nobody listens between here and the driver or TLS; what goes wrong meanwhile shows in `destroyed`.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

const UNREACHABLE: ReadonlySet<string | undefined> = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL']);

function tcpFailure(where: string, error: unknown): XmppConnectError {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const codes = errors.map(systemCodeOf);
  const make = (code: ConnectErrorCode, advice: string): XmppConnectError =>
    new XmppConnectError(
      code,
      `${where} cannot be connected to (${errors.map(messageOf).join('; ')}): ${advice}`,
      error,
    );
  if (codes.includes('ECONNREFUSED')) return make('tcp-refused', 'nothing listens there; check the host and the port');
  if (codes.includes('ETIMEDOUT')) return make('tcp-timed-out', 'check the host, the port and any firewall between');
  if (codes.some((code) => UNREACHABLE.has(code))) return make('tcp-unreachable', 'check the network');
  return make('tcp-failed', 'check the host, the port and the network');
}

function noAddress(host: string, why: string, cause?: unknown): XmppConnectError {
  return new XmppConnectError(
    'dns-no-address',
    `no address of ${host} is known (${why}): check the domain and the network`,
    cause,
  );
}
