// Every case of the probe, in the order of RFC 6120.
import { BINDING_CASES } from './cases/binding.mjs';
import { DELIVERY_CASES } from './cases/delivery.mjs';
import { SASL_CASES } from './cases/sasl.mjs';
import { STANZA_CASES } from './cases/stanzas.mjs';
import { STARTTLS_CASES } from './cases/starttls.mjs';
import { STREAM_CASES } from './cases/streams.mjs';
import { XML_CASES } from './cases/xml.mjs';

/** @type {readonly import('./case.mjs').ProbeCase[]} */
export const PROBE_CASES = [
  ...STREAM_CASES,
  ...STARTTLS_CASES,
  ...SASL_CASES,
  ...BINDING_CASES,
  ...STANZA_CASES,
  ...DELIVERY_CASES,
  ...XML_CASES,
];
