import { vi } from 'vitest';
import type { DenoApi, DenoConn, DenoTlsConn } from '../../src/deno-api.ts';

/** A connection that answers as it is told, and knows whether it is open. */
export interface FakeConn extends DenoTlsConn {
  isOpen: boolean;
  /** What it reads next. */
  say(text: string): void;
}

const ADDRESS = { hostname: '127.0.0.1', port: 5222 };

function failure(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** As those of Deno, and answers what is written on it: what waits on it is rejected by `close`, which throws when it is closed or taken over already. */
export function fakeConn(onHeard: (conn: FakeConn, text: string) => void = () => {}): FakeConn {
  const said: Uint8Array[] = [];
  const waiting = new Set<(error: Error) => void>();
  let told = (): void => {};
  const conn: FakeConn = {
    localAddr: ADDRESS,
    remoteAddr: ADDRESS,
    isOpen: true,
    say(text) {
      said.push(new TextEncoder().encode(text));
      told();
    },
    async read(into) {
      if (said.length === 0) {
        await new Promise<void>((resolve, reject) => {
          told = resolve;
          waiting.add(reject);
        });
      }
      const bytes = said.shift() ?? new Uint8Array();
      into.set(bytes);
      return bytes.length;
    },
    async write(bytes) {
      onHeard(conn, new TextDecoder().decode(bytes));
      return bytes.length;
    },
    async closeWrite() {},
    handshake: async () => new Promise((_, reject) => waiting.add(reject)),
    close() {
      if (!conn.isOpen) throw failure('BadResource', 'Bad resource ID');
      conn.isOpen = false;
      for (const reject of waiting) reject(failure('Interrupted', 'operation canceled'));
    },
  };
  return conn;
}

/** What a test says of Deno; the rest throws. */
export function fakeDeno(api: Partial<DenoApi>): void {
  vi.stubGlobal('Deno', api);
}

/** `Deno.startTls` that takes a connection over and gives another one for it. */
export function takeOver(raw: DenoConn, secured: FakeConn): DenoApi['startTls'] {
  return async (conn) => {
    if (conn !== raw || !(raw as FakeConn).isOpen) throw failure('BadResource', 'Bad resource ID');
    // It goes by another name now.
    (raw as FakeConn).isOpen = false;
    return secured;
  };
}
