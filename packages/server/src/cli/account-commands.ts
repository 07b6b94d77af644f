import { randomBytes } from 'node:crypto';
import { parseJid, type Jid } from '@xmpp-wire/core';
import { unicodePreparation } from '@xmpp-wire/core/jid/unicode';
import { alreadyThere, FileAccounts } from '../accounts/file-accounts.ts';
import type { AccountAction, CommonOptions, Output, PasswordOptions } from './program.ts';
import { DEFAULT_DOMAINS, setUp, type Setup } from './setup.ts';

/** Asks for a password; undefined: there is none to be had. */
export type PasswordSource = (account: string) => Promise<string>;

/**
 * Changes one account.
 *
 * @throws ServerError.
 */
export async function changeAccount(
  action: AccountAction,
  address: string,
  options: PasswordOptions,
  { out, err }: Output,
  askPassword: PasswordSource,
): Promise<void> {
  const setup = setUp(options);
  const account = jidOf(address);
  const { iterations } = setup.config;
  const accounts = await FileAccounts.open(setup.accounts, {
    jidPreparation: unicodePreparation,
    ...(iterations === undefined ? {} : { iterations }),
  });
  const made = options.generate === true ? generatePassword() : undefined;
  await apply(accounts, action, account, async () => made ?? askPassword(address));
  await accounts.close();
  err(`${address}: ${DONE[action]}\n`);
  if (action === 'add') warnOfDomain(account, setup, err);
  if (made !== undefined) out(`${made}\n`);
}

/** An account of a domain that is not served can never be used. A command line of `serve` is not known here. */
function warnOfDomain({ domainpart }: Jid, { config }: Setup, err: Output['err']): void {
  const domains = (config.domains ?? DEFAULT_DOMAINS).map((each) => jidOf(typeof each === 'string' ? each : each.name));
  if (domains.some((domain) => domain.domainpart === domainpart)) return;
  const served = domains.join(', ');
  const where = config.domains === undefined ? 'unless it is told otherwise' : 'by this configuration';
  const advice = `serve it with "serve --domain ${domainpart}", or name it in "domains"`;
  err(`warning: ${domainpart} is not among the domains that the server serves ${where} (${served}): ${advice}\n`);
}

async function apply(
  accounts: FileAccounts,
  action: AccountAction,
  account: Jid,
  password: () => Promise<string>,
): Promise<void> {
  switch (action) {
    case 'add':
      // Nobody should have to think of a password for what is there.
      if (await accounts.exists(account)) throw alreadyThere(account);
      return accounts.add(account, await password());
    case 'password':
      return accounts.changePassword(account, await password());
    case 'remove':
      return accounts.remove(account);
    case 'disable':
      return accounts.changeStanding(account, 'account-disabled');
    case 'enable':
      return accounts.changeStanding(account, 'active');
    case 'expire':
      return accounts.changeStanding(account, 'credentials-expired');
  }
}

const DONE: Readonly<Record<AccountAction, string>> = {
  add: 'the account was made',
  password: 'the password was changed',
  remove: 'the account was removed',
  disable: 'the account cannot be used any more',
  enable: 'the account can be used',
  expire: 'the account needs another password',
};

/**
 * Lists the accounts, one on a line.
 *
 * @throws ServerError.
 */
export async function listAccounts(options: CommonOptions, { out }: Output): Promise<void> {
  const accounts = await FileAccounts.open(setUp(options).accounts, { jidPreparation: unicodePreparation });
  for (const { jid, standing } of await accounts.list()) {
    const account = jid.toString();
    if (options.json === true) out(`${JSON.stringify({ account, standing })}\n`);
    else out(standing === 'active' ? `${account}\n` : `${account}  ${standing}\n`);
  }
  await accounts.close();
}

function jidOf(address: string): Jid {
  const parsed = parseJid(address, unicodePreparation);
  if (!parsed.ok) throw parsed.error;
  return parsed.jid;
}

// Without letters and digits that look alike. 16 of 32 are 80 bits.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

function generatePassword(): string {
  const characters = Array.from(randomBytes(16), (byte) => ALPHABET[byte % ALPHABET.length] ?? '');
  return [0, 4, 8, 12].map((at) => characters.slice(at, at + 4).join('')).join('-');
}
