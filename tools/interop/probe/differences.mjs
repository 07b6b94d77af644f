// What other servers do otherwise than the probe expects. A run fails where a server does something that is not here, or
// does no longer what is here, so that this table stays true.

/**
 * @typedef {object} KnownDifference
 * @property {'prosody' | 'ejabberd'} peer
 * @property {string} case the title of the case
 * @property {string} came what the peer does, in the words of the probe
 * @property {string} clause what it is judged by
 * @property {'ours' | 'theirs' | 'both'} reading whose behaviour the clause supports
 * @property {string} why
 */

/** @type {readonly KnownDifference[]} */
export const KNOWN_DIFFERENCES = [];
