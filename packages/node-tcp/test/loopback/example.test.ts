import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DOMAIN, makeWorld, nextStanza, PASSWORD, type World } from '../support/world.ts';

let world: World;
let folder: string;
let argv: string[];
beforeEach(async () => {
  world = await makeWorld();
  folder = mkdtempSync(path.join(tmpdir(), 'example-'));
  const ca = path.join(folder, 'ca.pem');
  writeFileSync(ca, world.authority.cert);
  argv = process.argv;
  process.argv = ['node', 'client.ts', 'romeo@example.net', 'Art thou not Romeo?'];
  vi.stubEnv('XMPP_JID', `juliet@${DOMAIN}/balcony`);
  vi.stubEnv('XMPP_PASSWORD', PASSWORD);
  vi.stubEnv('XMPP_SERVER', `127.0.0.1:${world.ports.starttls}`);
  vi.stubEnv('XMPP_CA', ca);
  vi.resetModules();
});
afterEach(async () => {
  process.argv = argv;
  process.exitCode = undefined;
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  await world.close();
});

describe('examples/client.ts', () => {
  it('logs in and sends a message', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const arrived = world.nextServed();
    const running = import('../../examples/client.ts');
    const stanza = await nextStanza(await arrived);
    expect(stanza.element.childText('body')).toBe('Art thou not Romeo?');
    expect(stanza.to?.toString()).toBe('romeo@example.net');
    await running;
    expect(log.mock.calls).toEqual([[`sent by juliet@${DOMAIN}/balcony over TLSv1.3`]]);
    expect(process.exitCode).toBeUndefined();
  });

  it('says what is wrong', async () => {
    vi.stubEnv('XMPP_PASSWORD', 'wrong');
    const error = vi.spyOn(console, 'error').mockReturnValue();
    await import('../../examples/client.ts');
    expect(String(error.mock.calls[0])).toMatch(/^sasl-refused: .*check the name and the password/);
    expect(process.exitCode).toBe(1);
  });
});
