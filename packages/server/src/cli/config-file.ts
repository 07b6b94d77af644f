import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { parseJid } from '@xmpp-wire/core';
import { unicodePreparation } from '@xmpp-wire/core/jid/unicode';
import type { ServerOptions } from '../create-server.ts';
import type { HostPolicy } from '../host-policy.ts';
import { messageOf, ServerError } from '../server-error.ts';
import type { WebSocketOptions } from '../web-socket.ts';

/** A pair of files in PEM. */
export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string;
}

/** A domain with what it has otherwise than the others. */
export interface HostConfig extends Pick<HostPolicy, 'mechanisms' | 'offerChannelBinding' | 'authenticationRetries'> {
  readonly name: string;
  readonly certificate?: CertificatePaths;
}

/** What a configuration file says; its paths lead from the folder that it is in. */
export interface ConfigFile extends Pick<
  ServerOptions,
  | 'goneDomains'
  | 'host'
  | 'ports'
  | 'mechanisms'
  | 'offerChannelBinding'
  | 'authenticationRetries'
  | 'resourceConflict'
  | 'legacySession'
  | 'whitespaceBehindStarttls'
  | 'limits'
  | 'timeouts'
> {
  readonly domains?: readonly (string | HostConfig)[];
  readonly certificate?: CertificatePaths;
  /** Ask clients for certificates; `ca` is a file with the authorities that they are checked against. */
  readonly clientCertificates?: { readonly ca?: string };
  /** The account file. */
  readonly accounts?: string;
  readonly iterations?: number;
  readonly webSocket?: Omit<WebSocketOptions, 'onRequest'>;
  readonly log?: 'readable' | 'json';
}

/**
 * Reads a configuration file.
 *
 * @throws ServerError `configuration-invalid`, which names each member that makes no sense.
 */
export function readConfigFile(file: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ServerError('configuration-invalid', `${file} cannot be read: ${messageOf(error)}`, error);
  }
  return withPaths(parseConfig(text, file), path.dirname(path.resolve(file)));
}

/** Checks the text of a configuration file. */
export function parseConfig(text: string, file: string): ConfigFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ServerError('configuration-invalid', `${file} is not JSON: ${messageOf(error)}`, error);
  }
  const parsed = z.safeParse(schema, json);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${memberOf(issue.path)}: ${wordsOf(issue)}`);
  throw new ServerError('configuration-invalid', `${file} makes no sense:\n${lines.join('\n')}`, parsed.error);
}

const domain = z.string().check(
  z.refine(
    (text) => {
      const parsed = parseJid(text, unicodePreparation);
      return parsed.ok && parsed.jid.isDomain;
    },
    { error: 'expected a domain such as "im.example.com"' },
  ),
);
const count = z.int().check(z.positive());
const milliseconds = z.number().check(z.positive());
const port = z.custom<number | false>(
  (value) => value === false || (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535),
  { error: 'expected a port from 0 (any free one) to 65535, or false for none' },
);
const pair = z.strictObject({ cert: z.string(), key: z.string(), passphrase: z.exactOptional(z.string()) });
const xmlLimits = z.strictObject({
  stanzaBytes: z.exactOptional(count),
  depth: z.exactOptional(count),
  elements: z.exactOptional(count),
  attributes: z.exactOptional(count),
  namespaceDeclarations: z.exactOptional(count),
  nameBytes: z.exactOptional(count),
  attributeValueBytes: z.exactOptional(count),
});
const terms = {
  mechanisms: z.exactOptional(z.array(z.string()).check(z.minLength(1))),
  offerChannelBinding: z.exactOptional(z.enum(['always', 'unless-tls-1.3', 'never'])),
  authenticationRetries: z.exactOptional(z.int().check(z.minimum(2), z.maximum(5))),
};
const host = z.strictObject({ name: domain, certificate: z.exactOptional(pair), ...terms });

const schema: z.ZodMiniType<ConfigFile> = z.strictObject({
  domains: z.exactOptional(z.array(z.union([domain, host])).check(z.minLength(1))),
  goneDomains: z.exactOptional(z.array(domain)),
  host: z.exactOptional(z.string()),
  ports: z.exactOptional(z.strictObject({ starttls: z.exactOptional(port), directTls: z.exactOptional(port) })),
  certificate: z.exactOptional(pair),
  clientCertificates: z.exactOptional(z.strictObject({ ca: z.exactOptional(z.string()) })),
  accounts: z.exactOptional(z.string()),
  iterations: z.exactOptional(z.int().check(z.minimum(4096))),
  ...terms,
  resourceConflict: z.exactOptional(z.enum(['assign', 'refuse', 'replace'])),
  legacySession: z.exactOptional(z.boolean()),
  whitespaceBehindStarttls: z.exactOptional(z.boolean()),
  limits: z.exactOptional(
    z.strictObject({
      streams: z.exactOptional(count),
      connectionsPerAddress: z.exactOptional(count),
      connectionsPerMinute: z.exactOptional(count),
      failedLoginsPerMinute: z.exactOptional(count),
      resourcesPerAccount: z.exactOptional(count),
      recipientsPerMinute: z.exactOptional(count),
      directedPresences: z.exactOptional(count),
      bufferedOutput: z.exactOptional(count),
      xml: z.exactOptional(xmlLimits),
      unauthenticatedXml: z.exactOptional(xmlLimits),
    }),
  ),
  timeouts: z.exactOptional(
    z.strictObject({
      negotiation: z.exactOptional(milliseconds),
      closing: z.exactOptional(milliseconds),
      idle: z.exactOptional(milliseconds),
      keepalive: z.exactOptional(milliseconds),
      handshake: z.exactOptional(milliseconds),
    }),
  ),
  webSocket: z.exactOptional(
    z.strictObject({
      port: z.int().check(z.minimum(0), z.maximum(65_535)),
      host: z.exactOptional(z.string()),
      protection: z.enum(['certificate', 'proxy', 'none']),
      path: z.exactOptional(z.string()),
      origins: z.exactOptional(z.union([z.enum(['same-host', 'any']), z.array(z.string())])),
    }),
  ),
  log: z.exactOptional(z.enum(['readable', 'json'])),
});

function memberOf(steps: readonly PropertyKey[]): string {
  const text = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text === '' ? 'the whole file' : text.replace(/^\./, '');
}

function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `there is no member ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_type':
      return `expected ${issue.expected === 'int' ? 'a whole number' : issue.expected}`;
    case 'too_small':
      return `expected ${issue.origin === 'array' ? 'at least one' : `${issue.inclusive === true ? 'at least' : 'more than'} ${String(issue.minimum)}`}`;
    case 'too_big':
      return `expected at most ${String(issue.maximum)}`;
    case 'invalid_union': {
      const first = issue.errors.flat().find(({ code }) => code !== 'invalid_type');
      return first === undefined
        ? issue.message
        : `${memberOf(first.path).replace('the whole file', '')} ${wordsOf(first)}`.trim();
    }
    default:
      return issue.message;
  }
}

function withPaths(config: ConfigFile, folder: string): ConfigFile {
  const resolved = (file: string): string => path.resolve(folder, file);
  const resolvedPair = (files: CertificatePaths): CertificatePaths => ({
    ...files,
    cert: resolved(files.cert),
    key: resolved(files.key),
  });
  const { accounts, certificate, clientCertificates, domains } = config;
  return {
    ...config,
    ...(accounts === undefined ? {} : { accounts: resolved(accounts) }),
    ...(certificate === undefined ? {} : { certificate: resolvedPair(certificate) }),
    ...(clientCertificates?.ca === undefined ? {} : { clientCertificates: { ca: resolved(clientCertificates.ca) } }),
    ...(domains === undefined
      ? {}
      : {
          domains: domains.map((each) =>
            typeof each === 'string' || each.certificate === undefined
              ? each
              : { ...each, certificate: resolvedPair(each.certificate) },
          ),
        }),
  };
}
