import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { parseJid } from '@xmpp-wire/core';

/** What the demo is told on the command line. */
export interface DemoOptions {
  readonly domain: string;
  readonly port: number;
  readonly directTlsPort: number;
  /** For the page and its WebSocket. */
  readonly webPort: number;
  /** End when the conversation is over. */
  readonly once: boolean;
  /** False: never any colour. True: where it fits. */
  readonly color: boolean;
}

/** What a command line comes to: options, or a text to show and an exit code. */
export type CommandLine =
  | { readonly run: DemoOptions }
  | { readonly exitCode: number; readonly output: string; readonly error: string };

/** Reads a command line, without the names of the program. */
export function readCommandLine(args: readonly string[]): CommandLine {
  let output = '';
  let error = '';
  const command = new Command('npm start --')
    .description(
      'Starts a small XMPP server for this machine, lets two clients talk to each other over TCP and TLS, and shows\n' +
        'every element that crosses the wire. Then it stays up for any client that you like.',
    )
    .option('--domain <domain>', 'the domain of the accounts', toDomain, 'localhost')
    .option('--port <number>', 'for STARTTLS; another is picked when it is taken', toPort, 5222)
    .option('--direct-tls-port <number>', 'for direct TLS; another is picked when it is taken', toPort, 5223)
    .option('--web-port <number>', 'for the chat in the browser; another is picked when it is taken', toPort, 5280)
    .option('--once', 'end when the conversation is over', false)
    .option('--no-color', 'no colours, also on a terminal')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (output += text), writeErr: (text) => (error += text) });
  try {
    command.parse(args, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return { exitCode: thrown.exitCode, output, error };
  }
  return { run: command.opts<DemoOptions>() };
}

function toPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 (any free one) to 65535.');
}

function toDomain(text: string): string {
  const parsed = parseJid(text);
  if (parsed.ok && parsed.jid.isDomain) return parsed.jid.domainpart;
  throw new InvalidArgumentError('A domain is a name such as localhost or im.example.com.');
}
