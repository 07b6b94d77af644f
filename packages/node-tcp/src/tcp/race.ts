import type { HostAddress } from '../dns/resolver.ts';

/** RFC 8305 §8: the Connection Attempt Delay. */
export const CONNECTION_ATTEMPT_DELAY = 250;

/** How {@link raceAddresses} makes an attempt and takes one back. */
export interface RaceOptions<Connection> {
  /** Makes one attempt; ends it, and rejects, when the signal is aborted. */
  readonly dial: (address: HostAddress, signal: AbortSignal) => Promise<Connection>;
  /** Takes back a connection that came when another had won already. */
  readonly discard: (connection: Connection) => void;
  /** Ends the race: every attempt is aborted and the race rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Milliseconds until the next address is tried beside the ones under way. */
  readonly delay?: number;
}

/**
 * Tries addresses side by side, each a little after the one before it and at once when that one fails, and takes the
 * first connection (RFC 8305 §5). An attempt that is under way is left to go on: it may still be the one that works.
 *
 * @throws AggregateError with the error of each address when none of them works.
 */
export async function raceAddresses<Connection>(
  addresses: readonly HostAddress[],
  options: RaceOptions<Connection>,
): Promise<Connection> {
  const { dial, discard, signal, delay = CONNECTION_ATTEMPT_DELAY } = options;
  signal.throwIfAborted();
  const waiting = interleaveFamilies(addresses);
  const attempts = new AbortController();
  const failures: unknown[] = [];
  return new Promise((resolve, reject) => {
    let underWay = 0;
    let timer: NodeJS.Timeout | undefined;

    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      attempts.abort();
    };
    const aborted = (): void => {
      over();
      reject(signal.reason);
    };
    const tryNext = (): void => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (address === undefined) {
        if (underWay > 0) return;
        over();
        reject(new AggregateError(failures, 'no address could be connected to'));
        return;
      }
      underWay++;
      if (waiting.length > 0) timer = setTimeout(tryNext, delay);
      void attempt(address);
    };
    const attempt = async (address: HostAddress): Promise<void> => {
      let connection: Connection;
      try {
        connection = await dial(address, attempts.signal);
      } catch (error) {
        underWay--;
        failures.push(error);
        if (!attempts.signal.aborted) tryNext();
        return;
      }
      if (attempts.signal.aborted) {
        discard(connection);
        return;
      }
      over();
      resolve(connection);
    };

    signal.addEventListener('abort', aborted, { once: true });
    tryNext();
  });
}

/** RFC 8305 §4: keeps the order that the system gave within each family, and lets the families take turns. */
export function interleaveFamilies(addresses: readonly HostAddress[]): HostAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const taken: HostAddress[] = [];
  for (let turn = 0; turn < Math.max(first.length, second.length); turn++) {
    taken.push(...first.slice(turn, turn + 1), ...second.slice(turn, turn + 1));
  }
  return taken;
}
