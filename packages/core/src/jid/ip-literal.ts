import type { PartProblem } from './preparation.ts';

/**
 * Checks a domainpart that begins with a square bracket: it has to be an IPv6 address in brackets (RFC 7622 §3.1,
 * RFC 3986 §3.2.2). The answer is in lower case. A zone identifier is refused: it means something on one machine only,
 * and an address is for others.
 */
export function checkIpLiteral(text: string): string | PartProblem {
  if (text.endsWith(']') && isIpv6Address(text.slice(1, -1))) return text.toLowerCase();
  return {
    rule: 'ip-literal',
    message: 'a domainpart in square brackets has to be an IPv6 address without a zone, such as [2001:db8::1]',
  };
}

/** Tells whether a text is an `IPv6address` of RFC 3986 §3.2.2. */
export function isIpv6Address(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const [head = '', tail] = halves;
  // "::" stands for at least one group; without it there are exactly eight.
  if (tail === undefined) return countGroups(head, true) === 8;
  const before = head === '' ? 0 : countGroups(head, false);
  const after = tail === '' ? 0 : countGroups(tail, true);
  return before + after <= 7;
}

/** Tells whether a text is an `IPv4address` of RFC 3986 §3.2.2: four numbers up to 255 without leading zeros. */
export function isIpv4Address(text: string): boolean {
  const numbers = text.split('.');
  return numbers.length === 4 && numbers.every((number) => /^(?:0|[1-9][0-9]{0,2})$/.test(number) && +number <= 255);
}

/** Counts groups of 16 bits; an answer above eight means that it is no list of groups. */
function countGroups(text: string, mayEndWithIpv4: boolean): number {
  const groups = text.split(':');
  let count = 0;
  for (const [index, group] of groups.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(group)) count += 1;
    else if (mayEndWithIpv4 && index === groups.length - 1 && isIpv4Address(group)) count += 2;
    else return Infinity;
  }
  return count;
}
