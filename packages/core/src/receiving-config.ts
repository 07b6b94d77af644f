import { addressOf, commonMembers, completeCommon, invalid, type CompleteConfig, type EntityConfig } from './config.ts';
import { checkShape, optional, optionalText, schemaOf } from './members.ts';
import { CLIENT_NS, SERVER_NS, type ContentNamespace } from './namespaces.ts';
import { arrayOf, oneOf } from './negotiation/shape.ts';

/** Configuration of a receiving entity; what depends on the host is the answer to its `accept-stream` ask. */
export interface ReceivingConfig extends EntityConfig {
  /** Which kinds of stream are accepted. Default `['jabber:client']`. */
  readonly contentNamespaces?: readonly (typeof CLIENT_NS | typeof SERVER_NS)[];
  /** A name of ours for headers that are sent before any host was accepted (RFC 6120 §4.9.1.3). Default: the empty string. */
  readonly domain?: string;
  /**
   * Whether white space right behind `<starttls/>` is passed over. RFC 6120 §5.3.3 forbids it and the default is to cut the
   * connection as for any other byte (rule S5); clients such as go-sendxmpp send a newline there. Anything else stays fatal,
   * and so does a space that arrives once `<proceed/>` was written.
   */
  readonly whitespaceBehindStarttls?: boolean;
}

const receivingSchema = schemaOf({
  ...commonMembers,
  contentNamespaces: optional(
    "an array of 'jabber:client' or 'jabber:server'",
    arrayOf(oneOf(CLIENT_NS, SERVER_NS), 1),
  ),
  domain: optionalText(),
  whitespaceBehindStarttls: optional('true or false', oneOf(true, false)),
});

/**
 * Checks a configuration and fills in the defaults.
 *
 * @throws a zod error for a shape that cannot be; LocalProtocolError `configuration-invalid`, `jid-invalid`, for values that cannot.
 */
export function completeReceivingConfig(config: ReceivingConfig): CompleteConfig & {
  readonly domain: string | undefined;
  readonly contentNamespaces: readonly [ContentNamespace, ...ContentNamespace[]];
} {
  checkShape(receivingSchema, config);
  const complete = completeCommon(config);
  const [first = CLIENT_NS, ...others] = config.contentNamespaces ?? [];
  const domain = config.domain === undefined ? undefined : addressOf('domain', config.domain, complete.jidPreparation);
  if (domain?.isDomain === false)
    throw invalid(`'domain' is a name of ours, such as "example.com", not ${JSON.stringify(config.domain)}`);
  return { ...complete, domain: domain?.domainpart, contentNamespaces: [first, ...others] };
}
