// What can be fuzzed.
import { initiating, receiving } from './targets/entity.mjs';
import { hostMeta } from './targets/host-meta.mjs';
import { jid } from './targets/jid.mjs';
import { saslClient, saslServer } from './targets/sasl.mjs';
import { xml } from './targets/xml.mjs';

/** @type {readonly import('./loop.mjs').Target[]} */
export const targets = [xml, receiving, initiating, jid, saslServer, saslClient, hostMeta];

/** @param {string} name */
export function target(name) {
  const found = targets.find((each) => each.name === name);
  if (found === undefined)
    throw new Error(`a target is one of ${targets.map((each) => each.name).join(', ')}, not ${name}`);
  return found;
}
