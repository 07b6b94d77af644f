import {
  addressOf,
  commonMembers,
  completeCommon,
  invalid,
  override,
  type CompleteConfig,
  type EntityConfig,
} from './config.ts';
import { LocalProtocolError } from './errors.ts';
import { DEFAULT_INITIATING_UNAUTHENTICATED_LIMITS } from './limits.ts';
import { checkShape, choice, needed, object, optional, optionalText, schemaOf } from './members.ts';
import { CLIENT_NS, SERVER_NS } from './namespaces.ts';
import type { InitiatingSettings, PasswordCredentials } from './negotiation/settings.ts';
import { arrayOf, isNonEmptyText, isText } from './negotiation/shape.ts';
import { checkCredentials, isSaslMechanism, SASL_MECHANISMS } from './sasl/index.ts';

/** Configuration of an initiating entity. */
export interface InitiatingConfig extends EntityConfig {
  /** The domain the user asked for. TLS is verified against it and against nothing else (rule S7). */
  readonly to: string;
  /** Our own address, sent once the connection is protected (RFC 6120 §4.7.1). */
  readonly from?: string;
  /** Default `jabber:client`. */
  readonly contentNamespace?: typeof CLIENT_NS | typeof SERVER_NS;
  /** With a password: SCRAM and PLAIN. */
  readonly credentials?: PasswordCredentials;
  /** Whom to act as where that is not the account itself: a bare JID, or a domain between servers (RFC 6120 §6.3.8). */
  readonly authzid?: string;
  /** `certificate`: the transport presented one, so EXTERNAL, and a password where that is not offered. `none`: ANONYMOUS. Default: by password. */
  readonly authenticateBy?: 'password' | 'certificate' | 'none';
  /** Mechanisms that may be used, the most wanted first. Default: every SCRAM, -PLUS before plain, stronger before weaker, then PLAIN. */
  readonly mechanisms?: readonly string[];
  /** The mechanism of the last session: nothing weaker is accepted (rule S10). */
  readonly pinnedMechanism?: string;
  /** The resource to ask for; default: the server makes one (RFC 6120 §7.6). */
  readonly resource?: string;
}

const initiatingSchema = schemaOf({
  ...commonMembers,
  to: needed('a text', isText),
  from: optionalText(),
  contentNamespace: choice(CLIENT_NS, SERVER_NS),
  credentials: object({
    authcid: needed('a text that is not empty', isNonEmptyText),
    password: needed('a text that is not empty', isNonEmptyText),
    authzid: optionalText(),
  }),
  authzid: optionalText(),
  authenticateBy: choice('password', 'certificate', 'none'),
  mechanisms: optional('an array of names, one or more', arrayOf(isText, 1)),
  pinnedMechanism: optionalText(),
  resource: optional('a text that is not empty', isNonEmptyText),
});

/**
 * Checks a configuration and fills in the defaults.
 *
 * @throws a zod error for a shape that cannot be; LocalProtocolError `configuration-invalid`, `jid-invalid`,
 * `mechanism-unusable`, for values that cannot.
 */
export function completeInitiatingConfig(
  config: InitiatingConfig,
): CompleteConfig & Omit<InitiatingSettings, 'random'> {
  checkShape(initiatingSchema, config);
  const complete = completeCommon(config);
  const domain = addressOf('to', config.to, complete.jidPreparation);
  if (!domain.isDomain)
    throw invalid(`'to' is the domain to connect to, such as "example.com", not ${JSON.stringify(config.to)}`);
  const from = config.from === undefined ? undefined : addressOf('from', config.from, complete.jidPreparation).bare;
  const authenticateBy = config.authenticateBy ?? 'password';
  const { credentials } = config;
  if (authenticateBy === 'password' && credentials === undefined) {
    throw invalid("'credentials' are needed, or authenticateBy 'certificate' or 'none'");
  }
  if (authenticateBy === 'none' && (credentials !== undefined || config.authzid !== undefined)) {
    throw invalid("who authenticates by 'none' has no credentials and no authzid; leave them out");
  }
  const unknown = config.mechanisms?.find((name) => !isSaslMechanism(name));
  if (unknown !== undefined) {
    throw new LocalProtocolError(
      'mechanism-unusable',
      `${JSON.stringify(unknown)} is no mechanism that is spoken here; there are ${SASL_MECHANISMS.join(', ')}`,
    );
  }
  checkCredentials({ password: config.credentials, authzid: config.authzid });
  const authzid =
    config.authzid === undefined ? undefined : addressOf('authzid', config.authzid, complete.jidPreparation);
  // RFC 6120 §6.3.8: a bare JID for a client, a domain for a server.
  if (authzid?.isBare === false) throw invalid(`an authzid is a bare JID, not ${JSON.stringify(config.authzid)}`);
  const contentNamespace = config.contentNamespace ?? CLIENT_NS;
  // RFC 6120 §4.7.1: a server says which of its domains it speaks for.
  if (contentNamespace === SERVER_NS && from?.isDomain !== true) {
    throw invalid(`a server that calls needs 'from', the domain it speaks for, not ${JSON.stringify(config.from)}`);
  }
  return {
    ...complete,
    unauthenticatedLimits: override(DEFAULT_INITIATING_UNAUTHENTICATED_LIMITS, config.unauthenticatedLimits),
    domain,
    from,
    contentNamespace,
    credentials: config.credentials,
    authzid,
    authenticateBy,
    mechanisms: config.mechanisms,
    pinnedMechanism: config.pinnedMechanism,
    resource: config.resource,
  };
}
