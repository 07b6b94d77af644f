import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseJid } from '@xmpp-wire/core';
import { unicodePreparation } from '@xmpp-wire/core/jid/unicode';
import { EXIT } from './exit-code.ts';

/** What is the same for all commands. */
export interface CommonOptions {
  readonly config?: string;
  readonly accounts?: string;
  readonly json?: boolean;
}

/** What `serve` is told. */
export interface ServeOptions extends CommonOptions {
  readonly domain?: readonly string[];
  readonly host?: string;
  readonly port?: number | false;
  readonly directTlsPort?: number | false;
  readonly cert?: string;
  readonly key?: string;
  /** False: never any colour. */
  readonly color: boolean;
}

/** Where the password of an account comes from. */
export interface PasswordOptions extends CommonOptions {
  readonly generate?: boolean;
}

/** What can be done with one account. */
export type AccountAction = 'add' | 'password' | 'remove' | 'disable' | 'enable' | 'expire';

/** What a command line asks for. */
export interface Actions {
  serve(options: ServeOptions): Promise<number>;
  change(action: AccountAction, address: string, options: PasswordOptions): Promise<number>;
  list(options: CommonOptions): Promise<number>;
}

/** Where the program itself writes. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Runs a command line, without the names of the program.
 *
 * @returns the exit code.
 */
export async function runProgram(args: readonly string[], actions: Actions, output: Output): Promise<number> {
  let code: number = EXIT.done;
  const program = commandsFor(actions, (done) => (code = done), output);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

function commandsFor(actions: Actions, onDone: (code: number) => void, { out, err }: Output): Command {
  const program = prepared(new Command('xmpp-wire-server'), { out, err })
    .description('A small XMPP server: your own domain, your own accounts.')
    .addHelpText('after', FIRST_STEPS);
  const serve = prepared(program.command('serve'), { out, err })
    .description('serve clients until Ctrl-C')
    .option('-d, --domain <domain...>', 'the domains of the accounts (localhost)', addDomain)
    .option(
      '--host <address>',
      'where to listen: 127.0.0.1 is this machine alone, :: and 0.0.0.0 are everybody (127.0.0.1)',
    )
    .option('-p, --port <number>', 'for STARTTLS; 0 is any free one, off is none (5222)', toPort)
    .option('--direct-tls-port <number>', 'for direct TLS (5223)', toPort)
    .option(
      '--cert <file>',
      'the certificate with its chain, in PEM; without one, one is made and kept beside the accounts, for clients that are told to trust it',
    )
    .option('--key <file>', 'its private key, in PEM')
    .option('--no-color', 'no colours, also on a terminal')
    .action(async (options: ServeOptions) => onDone(await actions.serve(options)));
  common(serve, 'write the log as lines of JSON').addHelpText('after', SIGNALS);
  const account = prepared(program.command('account'), { out, err })
    .description('add, change, remove and list accounts, also while the server runs')
    .addHelpText('after', PASSWORDS);
  for (const { name, about, takesPassword } of ACCOUNT_ACTIONS) {
    const command = prepared(account.command(name), { out, err })
      .description(about)
      .argument('<address>', 'such as juliet@im.example.com', toAccount);
    if (takesPassword) command.option('--generate', 'make the password up and print it');
    common(command).action(async (address: string, options: PasswordOptions) =>
      onDone(await actions.change(name, address, options)),
    );
  }
  common(prepared(account.command('list'), { out, err }).description('list the accounts'), 'as lines of JSON').action(
    async (options: CommonOptions) => onDone(await actions.list(options)),
  );
  return program;
}

const ACCOUNT_ACTIONS: readonly {
  readonly name: AccountAction;
  readonly about: string;
  readonly takesPassword: boolean;
}[] = [
  { name: 'add', about: 'make an account', takesPassword: true },
  { name: 'password', about: 'give an account another password; who is logged in is logged out', takesPassword: true },
  { name: 'remove', about: 'take an account away for good', takesPassword: false },
  { name: 'disable', about: 'keep an account from being used', takesPassword: false },
  { name: 'enable', about: 'let an account be used again', takesPassword: false },
  { name: 'expire', about: 'have an account need another password', takesPassword: false },
];

const FIRST_STEPS = `
First steps:
  xmpp-wire-server account add juliet@localhost     asks for a password
  xmpp-wire-server serve                            serves localhost, for this machine
  xmpp-wire-server serve --domain im.example.com --host :: --cert fullchain.pem --key privkey.pem

Exit codes: 0 done, 1 unexpected, 2 command line or configuration, 3 accounts, 4 port or address, 5 certificate.`;

const SIGNALS = `
What stands in brackets is what goes without the option; an option goes before the configuration file.
SIGHUP reads certificates and accounts again, and nobody is disconnected. SIGINT and SIGTERM end every stream in order,
a second one ends the program at once.`;

const PASSWORDS = `
A password is asked for on a terminal, and otherwise read from the first line of the standard input.`;

/** Has a command write where it should, and throw instead of ending the process. */
function prepared(command: Command, { out, err }: Output): Command {
  return command
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError('(--help says more)')
    .configureOutput({ writeOut: out, writeErr: err });
}

function common(command: Command, json?: string): Command {
  command
    .addOption(new Option('-c, --config <file>', 'a configuration file, in JSON'))
    .addOption(new Option('--accounts <file>', 'the account file (xmpp-wire-accounts.jsonl)'));
  return json === undefined ? command : command.option('--json', json);
}

function toPort(text: string): number | false {
  if (text === 'off') return false;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 (any free one) to 65535, or off.');
}

function addDomain(text: string, before: readonly string[] | undefined): readonly string[] {
  const parsed = parseJid(text, unicodePreparation);
  if (parsed.ok && parsed.jid.isDomain) return [...(before ?? []), parsed.jid.domainpart];
  throw new InvalidArgumentError('A domain is a name such as localhost or im.example.com.');
}

function toAccount(text: string): string {
  const parsed = parseJid(text, unicodePreparation);
  if (parsed.ok && parsed.jid.localpart !== undefined && parsed.jid.isBare) return parsed.jid.toString();
  throw new InvalidArgumentError('An account is a name and a domain, such as juliet@im.example.com.');
}
