export { asciiPreparation } from './ascii.ts';
export { escapeLocalpart, unescapeLocalpart } from './escaping.ts';
export { isIpv4Address, isIpv6Address } from './ip-literal.ts';
export {
  Jid,
  jid,
  jidFromParts,
  MAX_PART_BYTES,
  parseJid,
  parseJidParts,
  type JidParts,
  type JidResult,
} from './jid.ts';
export type { JidError, JidPart, JidPreparation, JidRule, PartProblem } from './preparation.ts';
