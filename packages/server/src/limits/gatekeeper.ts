import type { Nuisance } from '../hooks.ts';
import { networkOf } from './network-of.ts';
import { TokenBuckets } from './token-buckets.ts';

/** What a gatekeeper goes by. */
export interface GatekeeperOptions {
  readonly connectionsPerMinute: number;
  readonly failedLoginsPerMinute: number;
  readonly now: () => number;
  /** An address has begun to be shut out. */
  readonly onShutOut: (address: string, because: Nuisance) => void;
}

/** Knows which addresses connect too often or guess passwords (RFC 6120 §13.12, second item). */
export class Gatekeeper {
  readonly #connections: TokenBuckets;
  readonly #failures: TokenBuckets;
  readonly #now: () => number;
  readonly #onShutOut: (address: string, because: Nuisance) => void;
  /** Who was told of, by address and reason; a bucket with tokens takes it back. */
  readonly #told = new Set<string>();

  constructor({ connectionsPerMinute, failedLoginsPerMinute, now, onShutOut }: GatekeeperOptions) {
    this.#connections = new TokenBuckets({ perMinute: connectionsPerMinute });
    this.#failures = new TokenBuckets({ perMinute: failedLoginsPerMinute });
    this.#now = now;
    this.#onShutOut = onShutOut;
  }

  /** Whether one more connection may come from there; it counts. */
  admits(address: string): boolean {
    const network = networkOf(address);
    return this.#judge(network, 'connection-rate', !this.#connections.take(network, this.#now()));
  }

  /** Whether an address may try to log in. */
  hears(address: string): boolean {
    const network = networkOf(address);
    return this.#judge(network, 'failed-logins', this.#failures.isEmpty(network, this.#now()));
  }

  /** A login from there failed. */
  loginFailed(address: string): void {
    this.#failures.take(networkOf(address), this.#now());
  }

  #judge(network: string, because: Nuisance, isNuisance: boolean): boolean {
    const key = `${because} ${network}`;
    if (!isNuisance) this.#told.delete(key);
    else if (!this.#told.has(key)) {
      // Who never comes back is not remembered for ever.
      if (this.#told.size >= MAX_TOLD) this.#told.clear();
      this.#told.add(key);
      this.#onShutOut(network, because);
    }
    return !isNuisance;
  }
}

const MAX_TOLD = 1024;
