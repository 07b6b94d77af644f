import { asciiPreparation } from './ascii.ts';
import { prepareDomainpart } from './prepare/domainpart.ts';
import { prepareLocalpart } from './prepare/localpart.ts';
import { prepareResourcepart } from './prepare/resourcepart.ts';
import type { JidPreparation, PartProblem } from './preparation.ts';

export { UNICODE_VERSION } from './prepare/precis-table.ts';

/**
 * The preparation for all of Unicode (RFC 7622): PRECIS for localparts and resourceparts (RFC 8264, RFC 8265), IDNA2008
 * for domainparts (RFC 5890 to RFC 5893). Pass it wherever a `JidPreparation` is taken. It knows the version of Unicode
 * in `UNICODE_VERSION`; code points that are newer are refused.
 *
 * It is an entry of its own so that programs with ASCII addresses do not carry its table.
 *
 * @example
 * ```ts
 * import { jid } from '@xmpp-wire/core/jid';
 * import { unicodePreparation } from '@xmpp-wire/core/jid/unicode';
 *
 * jid('Fußball@xn--bcher-kva.example/♚', unicodePreparation).toString(); // 'fußball@bücher.example/♚'
 * ```
 */
export const unicodePreparation: JidPreparation = {
  localpart: (text) => inAscii(asciiPreparation.localpart(text)) ?? prepareLocalpart(text),
  domainpart: (text) => inAscii(asciiPreparation.domainpart(text)) ?? prepareDomainpart(text),
  resourcepart: (text) => inAscii(asciiPreparation.resourcepart(text)) ?? prepareResourcepart(text),
};

/** What ASCII alone could decide. */
function inAscii(result: string | PartProblem): string | PartProblem | undefined {
  return typeof result === 'string' || result.rule !== 'needs-preparation' ? result : undefined;
}
