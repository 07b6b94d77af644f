// Changes accounts until it is killed: a process of its own for the tests of the account file. It prints a line whenever a
// change has been promised to be kept.
//   node account-writer.mjs <file> <seed> [number of changes]
import process from 'node:process';
import { parseJid } from '@xmpp-wire/core';
import { FileAccounts } from '../../dist/accounts/file-accounts.js';

const [file = '', seed = '0', count = 'Infinity'] = process.argv.slice(2);
const accounts = await FileAccounts.open(file, { iterations: 4096, patience: 60_000 });
for (let at = 0; at < Number(count); at++) {
  const parsed = parseJid(`user-${seed}-${at}@im.example.com`);
  if (!parsed.ok) throw parsed.error;
  await accounts.add(parsed.jid, `password ${at}`);
  process.stdout.write(`${parsed.jid.toString()}\n`);
}
await accounts.close();
