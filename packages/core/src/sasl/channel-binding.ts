import type { ChannelBindingType, ChannelBindings } from './mechanism.ts';

/** The beginning of a SCRAM exchange says what the client does about channel binding (RFC 5802 §7, `gs2-cbind-flag`). */
export type Gs2ChannelBinding =
  /** The client does none. */
  | { readonly flag: 'n' }
  /** The client could, and saw no -PLUS mechanism on offer. */
  | { readonly flag: 'y' }
  /** The client binds to the channel. */
  | { readonly flag: 'p'; readonly type: ChannelBindingType; readonly data: Uint8Array };

/**
 * Keeps of a connection's channel-binding data what is safe to use. Give the result to selection and to the conversations.
 *
 * - tls-exporter: 32 bytes; before TLS 1.3 only with the extended master secret (RFC 9266 §4.2).
 * - tls-unique: TLS 1.2 only, undefined in 1.3 (RFC 8446 §C.5), and as long as a Finished message is: 12 bytes, 36 at most.
 *   RFC 7677 §4: whoever provides it for a resumed session without extended master secret makes it worthless.
 * - tls-server-end-point: always.
 *
 * @param extendedMasterSecret - whether RFC 7627 was negotiated; without meaning in TLS 1.3
 * @example
 * ```ts
 * import { usableChannelBindings } from '@xmpp-wire/core/sasl';
 * const bindings = new Map([['tls-exporter', new Uint8Array(32)]] as const);
 * usableChannelBindings('TLSv1.2', false, bindings).size; // 0
 * ```
 */
export function usableChannelBindings(
  tlsVersion: 'TLSv1.2' | 'TLSv1.3',
  extendedMasterSecret: boolean,
  bindings: ChannelBindings,
): ChannelBindings {
  const usable = new Map<ChannelBindingType, Uint8Array>();
  for (const [type, data] of bindings) {
    if (type === 'tls-exporter' && (data.length !== 32 || (tlsVersion !== 'TLSv1.3' && !extendedMasterSecret)))
      continue;
    if (type === 'tls-unique' && (tlsVersion !== 'TLSv1.2' || (data.length !== 12 && data.length !== 36))) continue;
    if (data.length > 0) usable.set(type, data);
  }
  return usable;
}

// XEP-0440 §3: a stronger type before tls-server-end-point, which does not notice a stolen certificate.
const BY_STRENGTH: readonly ChannelBindingType[] = ['tls-exporter', 'tls-unique', 'tls-server-end-point'];

// RFC 5802 §6.1: without an announcement tls-unique is the type that every server with channel binding has. Servers that
// offer -PLUS over TLS 1.3 and announce nothing are older than tls-exporter and mean tls-unique, which does not exist there:
// to bind to anything else would only make them refuse a right password.
const BY_DEFAULT: readonly ChannelBindingType[] = ['tls-unique'];

/** Chooses a type that both sides have; `announced` is undefined when the peer announced none (XEP-0440). */
export function commonChannelBinding(
  bindings: ChannelBindings,
  announced: readonly string[] | undefined,
): Gs2ChannelBinding | undefined {
  for (const type of announced === undefined ? BY_DEFAULT : BY_STRENGTH) {
    const data = bindings.get(type);
    if (data !== undefined && (announced === undefined || announced.includes(type))) return { flag: 'p', type, data };
  }
  return undefined;
}
