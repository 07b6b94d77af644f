import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { unicodePreparation } from '@xmpp-wire/core/jid/unicode';
import { readCertificate } from '../certificate/check-certificate.ts';
import type { ServerCertificates } from '../certificate/certificate-book.ts';
import type { ServerOptions } from '../create-server.ts';
import { messageOf, ServerError } from '../server-error.ts';
import { readConfigFile, type ConfigFile, type HostConfig } from './config-file.ts';
import type { CommonOptions, ServeOptions } from './program.ts';

/** The account file where neither a command line nor a configuration file names one. */
export const DEFAULT_ACCOUNTS = 'xmpp-wire-accounts.jsonl';

/** What a command works with: the configuration file, with the options of the command line before it. */
export interface Setup {
  readonly config: ConfigFile;
  readonly accounts: string;
  readonly json: boolean;
}

/** Where the certificate lies that a server makes for itself: beside the accounts, which one server has at a time. */
export function ownCertificateFiles(accounts: string): { readonly cert: string; readonly key: string } {
  const { dir, base, name } = path.parse(path.resolve(accounts));
  const stem = path.join(dir, base === DEFAULT_ACCOUNTS ? 'xmpp-wire-certificate' : `${name}-certificate`);
  return { cert: `${stem}.pem`, key: `${stem}.key` };
}

/** The domains that are served where none are named. */
export const DEFAULT_DOMAINS: readonly string[] = ['localhost'];

/** @throws ServerError `configuration-invalid`. */
export function setUp(options: CommonOptions): Setup {
  const config = options.config === undefined ? {} : readConfigFile(options.config);
  return {
    config,
    accounts: options.accounts ?? config.accounts ?? DEFAULT_ACCOUNTS,
    json: options.json ?? config.log === 'json',
  };
}

/** What there is to serve. */
export interface ServeSetup extends Setup {
  readonly domains: readonly string[];
  /** All that a server is made with but its accounts and its certificate. */
  readonly server: Omit<ServerOptions, 'accounts' | 'certificate' | 'hooks'>;
}

/** @throws ServerError `configuration-invalid`, `certificate-unusable`. */
export async function setUpServing(options: ServeOptions): Promise<ServeSetup> {
  const setup = setUp(options);
  const { config } = setup;
  const hosts = hostsOf(config, options);
  const domains = hosts.map(({ name }) => name);
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new ServerError('configuration-invalid', '--cert and --key go together: name both files');
  }
  const { clientCertificates, ports } = config;
  const ca = clientCertificates?.ca === undefined ? undefined : await readAuthorities(clientCertificates.ca);
  return {
    ...setup,
    domains,
    server: {
      ...pick(config, PASSED_ON),
      domains,
      hosts: Object.fromEntries(hosts.map((each) => [each.name, pick(each, TERMS)])),
      jidPreparation: unicodePreparation,
      ports: {
        ...ports,
        ...(options.port === undefined ? {} : { starttls: options.port }),
        ...(options.directTlsPort === undefined ? {} : { directTls: options.directTlsPort }),
      },
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(clientCertificates === undefined ? {} : { clientCertificates: ca === undefined ? {} : { ca } }),
    },
  };
}

/**
 * Reads the certificates that a server is to present. Undefined: none is named.
 *
 * @throws ServerError `certificate-unusable`, which names the file.
 */
export async function readCertificates(
  { config }: ServeSetup,
  options: ServeOptions,
): Promise<ServerCertificates | undefined> {
  const files = commonFiles(config, options);
  const common = files === undefined ? undefined : await readCertificate(files);
  const own: [string, Awaited<ReturnType<typeof readCertificate>>][] = [];
  for (const { name, certificate } of hostsOf(config, options)) {
    const found = certificate === undefined ? common : await readCertificate(certificate);
    if (found !== undefined) own.push([name, found]);
  }
  return own.length === 0 ? common : Object.fromEntries(own);
}

function commonFiles(
  config: ConfigFile,
  { cert, key }: ServeOptions,
): { readonly cert: string; readonly key: string; readonly passphrase?: string } | undefined {
  return cert === undefined || key === undefined
    ? config.certificate
    : { cert: path.resolve(cert), key: path.resolve(key) };
}

function hostsOf({ domains }: ConfigFile, { domain }: ServeOptions): readonly HostConfig[] {
  const configured = (domains ?? DEFAULT_DOMAINS).map((each) => (typeof each === 'string' ? { name: each } : each));
  return domain?.map((name) => configured.find((each) => each.name === name) ?? { name }) ?? configured;
}

const TERMS = ['mechanisms', 'offerChannelBinding', 'authenticationRetries'] as const;
const PASSED_ON = [
  ...TERMS,
  'goneDomains',
  'host',
  'resourceConflict',
  'legacySession',
  'whitespaceBehindStarttls',
  'limits',
  'timeouts',
  'webSocket',
] as const;

/** Some members of an object, those that it has. */
function pick<Whole extends object, Name extends keyof Whole>(whole: Whole, names: readonly Name[]): Pick<Whole, Name> {
  // Each member that there is has its own type, and one that is not there was optional.
  return Object.fromEntries(names.filter((name) => name in whole).map((name) => [name, whole[name]])) as Pick<
    Whole,
    Name
  >;
}

async function readAuthorities(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ServerError('certificate-unusable', `${file} cannot be read: ${messageOf(error)}`, error);
  }
}
