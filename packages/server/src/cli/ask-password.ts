import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { ServerError } from '../server-error.ts';

/** Where a password is typed, or comes from. */
export interface Keyboard {
  readonly input: Readable & { readonly isTTY?: boolean };
  /** For the question; the answer is not shown. */
  readonly show: (text: string) => void;
}

/**
 * Asks for a password, twice and without showing it on a terminal; from elsewhere it takes the first line.
 *
 * @throws ServerError `account-unusable` when there is none, or the second is another.
 */
export async function askPassword({ input, show }: Keyboard, account: string): Promise<string> {
  if (input.isTTY !== true) return usable(await firstLine(input));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: true });
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  const ask = async (question: string): Promise<string | undefined> => {
    show(question);
    const answer = await Promise.race([lines.question(''), ended]);
    show('\n');
    return answer;
  };
  lines.on('SIGINT', () => lines.close());
  try {
    const password = usable(await ask(`Password for ${account}: `));
    if ((await ask('Once more: ')) === password) return password;
    throw new ServerError('account-unusable', 'the two passwords differ: nothing was changed');
  } finally {
    lines.close();
  }
}

function usable(password: string | undefined): string {
  if (password) return password;
  throw new ServerError('account-unusable', 'there was no password: nothing was changed');
}

async function firstLine(input: Readable): Promise<string | undefined> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.split(/\r?\n/)[0];
}
