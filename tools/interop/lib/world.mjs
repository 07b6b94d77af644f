// What every suite of a run shares: a folder of its own, the certification authorities, domains, accounts.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAuthority } from './certificates.mjs';

// RFC 6761 §6.3: names under `localhost` never leave this machine, whatever a peer's resolver does with them.
/** The domain on which everything works. */
export const DOMAIN = 'wire.localhost';
/** A password with what XML, shells and base64 treat specially, yet typable into a terminal. */
export const PASSWORD = 'Pa55&word<=';
export const WRONG_PASSWORD = 'Pa55&word<>';

/**
 * @typedef {import('./certificates.mjs').Leaf} Leaf
 * @typedef {object} World
 * @property {string} folder
 * @property {import('./certificates.mjs').Authority} authority the one that every peer is told to trust
 * @property {(domain: string) => Promise<Leaf>} certificateFor a good certificate for that domain and nothing else
 * @property {(domain: string) => Promise<Leaf>} expired
 * @property {() => Promise<Leaf>} ofAnotherName trusted, for the host that is connected to and not for the domain
 * @property {(domain: string) => Promise<Leaf>} ofAnotherAuthority
 * @property {(name: string) => string} makeFolder a new empty folder of this run
 * @property {() => void} remove
 */

/** @returns {Promise<World>} */
export async function createWorld() {
  const folder = mkdtempSync(path.join(tmpdir(), 'xw-interop-'));
  /** @param {string} name */
  const makeFolder = (name) => {
    const made = path.join(folder, name);
    mkdirSync(made, { recursive: true });
    return made;
  };
  const authority = await createAuthority(makeFolder('trusted'), 'interop-ca');
  const stranger = await createAuthority(makeFolder('untrusted'), 'stranger-ca');
  return {
    folder,
    makeFolder,
    authority,
    certificateFor: (domain) => authority.leaf(domain, { dns: [domain] }),
    expired: (domain) => authority.leaf(domain, { dns: [domain], expired: true }),
    // The trap for whoever checks the name it connected to instead of the name the user asked for (RFC 6120 §13.7.2.1).
    ofAnotherName: () => authority.leaf('another-name', { dns: ['localhost'], ip: ['127.0.0.1'] }),
    ofAnotherAuthority: (domain) => stranger.leaf(domain, { dns: [domain] }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
