import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig, readConfigFile } from '../../src/cli/config-file.ts';
import { setUp, setUpServing } from '../../src/cli/setup.ts';

const FULL = {
  domains: [
    'im.example.com',
    { name: 'example.org', mechanisms: ['PLAIN'], certificate: { cert: 'b.pem', key: 'b.key' } },
  ],
  goneDomains: ['example.net'],
  host: '::',
  ports: { starttls: 5222, directTls: false },
  certificate: { cert: 'a.pem', key: '/etc/a.key', passphrase: 'x' },
  accounts: 'people.jsonl',
  iterations: 4096,
  mechanisms: ['SCRAM-SHA-256', 'PLAIN'],
  offerChannelBinding: 'always',
  authenticationRetries: 3,
  resourceConflict: 'replace',
  legacySession: false,
  whitespaceBehindStarttls: false,
  limits: { streams: 5, connectionsPerAddress: 2, xml: { stanzaBytes: 10_000 } },
  timeouts: { negotiation: 1000, idle: 60_000, handshake: 500 },
  webSocket: { port: 5280, protection: 'proxy', origins: ['https://chat.example'] },
  log: 'json',
};

describe('a configuration file', () => {
  it('can say all that there is, its paths lead from its folder, and options go before it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'xmpp-wire-config-'));
    const file = path.join(folder, 'server.json');
    try {
      await writeFile(file, JSON.stringify(FULL));
      const config = readConfigFile(file);
      expect(config).toEqual({
        ...FULL,
        domains: [
          'im.example.com',
          {
            name: 'example.org',
            mechanisms: ['PLAIN'],
            certificate: { cert: path.join(folder, 'b.pem'), key: path.join(folder, 'b.key') },
          },
        ],
        certificate: { cert: path.join(folder, 'a.pem'), key: path.resolve('/etc/a.key'), passphrase: 'x' },
        accounts: path.join(folder, 'people.jsonl'),
      });
      expect(setUp({ config: file, accounts: 'others.jsonl' })).toMatchObject({ accounts: 'others.jsonl', json: true });
      const { domains, server } = await setUpServing({ config: file, port: 0, host: '::1', color: true });
      expect(domains).toEqual(['im.example.com', 'example.org']);
      expect(server).toMatchObject({
        host: '::1',
        ports: { starttls: 0, directTls: false },
        hosts: { 'im.example.com': {}, 'example.org': { mechanisms: ['PLAIN'] } },
        offerChannelBinding: 'always',
        limits: FULL.limits,
        webSocket: FULL.webSocket,
      });
      const one = await setUpServing({ config: file, domain: ['example.org', 'new.example'], color: true });
      expect(one.domains).toEqual(['example.org', 'new.example']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('need not be there at all', async () => {
    expect(setUp({})).toEqual({ config: {}, accounts: 'xmpp-wire-accounts.jsonl', json: false });
    expect((await setUpServing({ color: true })).domains).toEqual(['localhost']);
  });

  it.each([
    ['{', 'server.json is not JSON'],
    ['[]', 'the whole file: expected object'],
    ['{"domain": "x"}', 'the whole file: there is no member "domain"'],
    ['{"domains": []}', 'domains: expected at least one'],
    ['{"domains": ["a@b"]}', 'domains[0]: expected a domain such as "im.example.com"'],
    ['{"domains": [{"name": "x", "cert": 1}]}', 'domains[0]: there is no member "cert"'],
    ['{"ports": {"starttls": 70000}}', 'ports.starttls: expected a port from 0'],
    ['{"certificate": {"cert": "x"}}', 'certificate.key: expected string'],
    ['{"limits": {"streams": 0}}', 'limits.streams: expected more than 0'],
    ['{"limits": {"streams": 1.5}}', 'limits.streams: expected a whole number'],
    ['{"limits": {"xml": {"depth": "deep"}}}', 'limits.xml.depth: expected number'],
    ['{"authenticationRetries": 6}', 'authenticationRetries: expected at most 5'],
    ['{"iterations": 1}', 'iterations: expected at least 4096'],
    ['{"offerChannelBinding": "maybe"}', 'offerChannelBinding: expected "always" or "unless-tls-1.3" or "never"'],
  ])('%s is refused by the name of its member', (text, message) => {
    expect(() => parseConfig(text, 'server.json')).toThrow(message);
    expect(() => parseConfig(text, 'server.json')).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });

  it('that is not there, and a certificate without a key, have names', async () => {
    expect(() => readConfigFile('nowhere.json')).toThrow('nowhere.json cannot be read');
    await expect(setUpServing({ cert: 'a.pem', color: true })).rejects.toThrow('--cert and --key go together');
  });
});
