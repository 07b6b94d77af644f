import { unicodePreparation } from '@xmpp-wire/core/jid/unicode';
import { FileAccounts } from '../accounts/file-accounts.ts';
import type { ServerCertificates } from '../certificate/certificate-book.ts';
import { checkCertificate } from '../certificate/check-certificate.ts';
import { keepSelfSignedCertificate } from '../certificate/kept-certificate.ts';
import { createServer, type Server } from '../create-server.ts';
import type { ServerHooks } from '../hooks.ts';
import { explainEnd } from '../log/explain-end.ts';
import { explainFailure } from '../log/explain-failure.ts';
import type { Log } from '../log/log.ts';
import { messageOf, ServerError } from '../server-error.ts';
import { reportCertificates } from './certificate-report.ts';
import type { ServeOptions } from './program.ts';
import { ownCertificateFiles, readCertificates, setUpServing, type ServeSetup } from './setup.ts';

/** What happens to a server from outside. */
export interface Events {
  /** Ends it in order. */
  readonly stop: AbortSignal;
  /** Called with what reads certificates and accounts again; what it returns takes that back. */
  onReload(reload: () => void): () => void;
}

/** Milliseconds that clients have for their closing tags. */
const SHUTDOWN = 5000;
/** Milliseconds between looks at the account file: who was removed is logged out within that time. */
const ACCOUNTS_EVERY = 2000;
const CERTIFICATES_EVERY = 86_400_000;

/**
 * Serves until it is stopped.
 *
 * @param makeLog makes the log once it is known how it is to be written.
 * @throws ServerError for what keeps it from starting.
 */
export async function serve(
  options: ServeOptions,
  makeLog: (setup: { readonly json: boolean }) => Log,
  events: Events,
): Promise<void> {
  const setup = await setUpServing(options);
  const log = makeLog(setup);
  let server: Server | undefined;
  const accounts = await FileAccounts.open(setup.accounts, {
    forServer: true,
    jidPreparation: unicodePreparation,
    ...(setup.config.iterations === undefined ? {} : { iterations: setup.config.iterations }),
    onRevoked(revoked) {
      const sessions = server?.sessions.filter(({ jid }) => revoked.some((account) => account.equals(jid.bare)));
      for (const session of sessions ?? []) {
        session.close({ condition: 'not-authorized', text: 'the account was changed: log in again', lang: 'en' });
      }
    },
    onError: (error) => log.error('accounts', messageOf(error)),
  });
  try {
    const findCertificates = async (): Promise<ServerCertificates> =>
      (await readCertificates(setup, options)) ?? (await ownCertificate(setup, log));
    let certificates = await findCertificates();
    server = made(() =>
      createServer({
        ...setup.server,
        accounts,
        certificate: certificates,
        hooks: hooksFor(log),
        onFailure(failed) {
          const { name, message } = explainFailure(failed);
          log.info('connection-failed', message, { reason: name, remote: failed.peer.remote.address });
        },
        onError: (error) => log.error('error', error instanceof Error ? (error.stack ?? error.message) : String(error)),
      }),
    );
    reportCertificates(certificates, setup.domains, log, new Date());
    if ((await accounts.list()).length === 0) {
      log.warn('accounts', `${setup.accounts} has no accounts: make one with "xmpp-wire-server account add <address>"`);
    }
    const reload = async (): Promise<void> => {
      try {
        const renewed = await findCertificates();
        server?.useCertificate(renewed);
        certificates = renewed;
        await accounts.refresh();
        log.info('reloaded', 'certificates and accounts were read again');
      } catch (error) {
        log.error('reload-failed', `all stays as it was: ${messageOf(error)}`);
      }
      reportCertificates(certificates, setup.domains, log, new Date());
    };
    await server.start();
    await running(
      server,
      log,
      [
        events.onReload(() => void reload()),
        every(ACCOUNTS_EVERY, () => void accounts.refresh()),
        every(CERTIFICATES_EVERY, () => reportCertificates(certificates, setup.domains, log, new Date())),
      ],
      events.stop,
    );
  } finally {
    await accounts.close();
  }
}

async function running(server: Server, log: Log, undo: readonly (() => void)[], stop: AbortSignal): Promise<void> {
  for (const { address, port, tls } of server.addresses) {
    const how = tls === 'direct' ? 'direct TLS' : 'STARTTLS';
    log.info('listening', `clients are served at ${address}, port ${port} (${how})`, { address, port, tls });
  }
  const { webSocket } = server;
  if (webSocket !== undefined) {
    const { address, port, url } = webSocket;
    log.info('listening', `clients are served at ${url} (WebSocket)`, { address, port, tls: 'websocket' });
  }
  try {
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
    log.info('stopping', `${server.sessions.length} clients are told that the server shuts down`);
  } finally {
    for (const each of undo) each();
    await server.stop(SHUTDOWN);
  }
  log.info('stopped', 'the server has ended');
}

function hooksFor(log: Log): ServerHooks {
  return {
    sessionStarted: ({ jid, remote }) => log.info('login', `${jid.toString()} has come`, { remote }),
    sessionEnded({ jid, remote }, cause) {
      const { name, message } = explainEnd(cause);
      log.info('logout', `${jid.toString()} has gone: ${message}`, { reason: name, remote });
    },
    loginFailed: ({ name, domain, remote }) =>
      log.warn('login-failed', `somebody failed to log in as ${name}`, { domain, remote }),
    shutOut: (address, because) =>
      log.warn('shut-out', `${address} is not heard for a while: ${because}`, { address, because }),
  };
}

/** The certificate that the server makes for itself where none is named; the log says how clients come to trust it. */
async function ownCertificate({ domains, accounts }: ServeSetup, log: Log): Promise<ServerCertificates> {
  const files = ownCertificateFiles(accounts);
  const { madeBecause, ...certificate } = await keepSelfSignedCertificate(domains, files);
  const whence = madeBecause === undefined ? 'the one from before is used' : `one was made, since ${madeBecause}`;
  const advice = 'clients trust it by the file (tls.ca, NODE_EXTRA_CA_CERTS) or by the key (tls.trustedKeys)';
  const { trustedKey } = checkCertificate(certificate);
  log.warn('certificate', `no certificate was named: ${whence}; ${advice}`, { file: files.cert, trustedKey });
  return certificate;
}

/** What the options of a server have against each other is a matter of the configuration. */
function made(create: () => Server): Server {
  try {
    return create();
  } catch (error) {
    if (error instanceof ServerError) throw error;
    throw new ServerError('configuration-invalid', messageOf(error), error);
  }
}

function every(milliseconds: number, work: () => void): () => void {
  const timer = setInterval(work, milliseconds).unref();
  return () => clearInterval(timer);
}
