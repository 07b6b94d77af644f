import { base64Encode } from '../bytes/base64.ts';
import { utf8Encode } from '../bytes/utf8.ts';
import type { ScramHash } from './mechanism.ts';
import { digestOf } from './scram-keys.ts';

/** What the receiving entity offered on this stream, as it was sent or as it arrived. */
export interface AdvertisedMechanisms {
  readonly mechanisms: readonly string[];
  /** Channel-binding types announced by XEP-0440; undefined when there was no announcement. */
  readonly channelBindingTypes: readonly string[] | undefined;
}

/**
 * The value of SCRAM's `h=` (XEP-0474 §6.1): both sides compute it, the server of what it sent, the client of what
 * arrived. The attribute is part of what SCRAM signs, so nobody in between can make it fit a changed list.
 */
export function downgradeProtection(hash: ScramHash, advertised: AdvertisedMechanisms): string {
  const { mechanisms, channelBindingTypes } = advertised;
  const types = channelBindingTypes === undefined ? '' : `\u001f${sorted(channelBindingTypes)}`;
  return base64Encode(digestOf(hash, utf8Encode(sorted(mechanisms) + types)));
}

// The collation `i;octet` compares octets; names are ASCII, where the order of UTF-16 is the same.
function sorted(names: readonly string[]): string {
  return [...names].sort().join('\u001e');
}
