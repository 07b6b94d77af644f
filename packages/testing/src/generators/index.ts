/**
 * Generators for fast-check: addresses, XML, stanzas, chunkings, hostile bytes and commands.
 *
 * @module
 */
export { chunkings, hostileBytes } from './bytes.ts';
export { commandLists, commands, type EntityCommand } from './commands.ts';
export { Performer } from './performer.ts';
export { bareJids, domains, fullJids, jids } from './jids.ts';
export { iqRequests, iqResults, messages, presences, stanzas } from './stanzas.ts';
export { xmlElements, xmlNames, xmlTexts, type XmlElementConstraints } from './xml.ts';
