import type { CertificateLookup, ServerCertificate } from '@xmpp-wire/node-tcp';
import { checkCertificate } from './check-certificate.ts';

/** The certificate of all domains of a server, or one for each. */
export type ServerCertificates = ServerCertificate | Readonly<Record<string, ServerCertificate>>;

/** The certificates that a server presents now: by the name that a client gives by SNI, else by the stream's domain. */
export class CertificateBook {
  readonly #mainDomain: string;
  #lookup: CertificateLookup;

  /** @throws ServerError `certificate-unusable`. */
  constructor(certificates: ServerCertificates, mainDomain: string) {
    this.#mainDomain = mainDomain;
    this.#lookup = lookupOf(certificates, mainDomain);
  }

  /** The certificate of a domain. A client that names none gets that of the first domain. */
  find: CertificateLookup = (domain) => this.#lookup(domain);

  /**
   * Takes others in their place, from the next handshake on.
   *
   * @throws ServerError `certificate-unusable`; what there was stays.
   */
  replace(certificates: ServerCertificates): void {
    this.#lookup = lookupOf(certificates, this.#mainDomain);
  }
}

function lookupOf(certificates: ServerCertificates, mainDomain: string): CertificateLookup {
  if (isCertificate(certificates)) {
    checkCertificate(certificates);
    return () => certificates;
  }
  const byDomain = new Map(Object.entries(certificates).map(([domain, one]) => [domain.toLowerCase(), one]));
  for (const certificate of byDomain.values()) checkCertificate(certificate);
  const [first] = byDomain.values();
  const main = byDomain.get(mainDomain.toLowerCase()) ?? first;
  return (domain) => (domain === undefined ? main : byDomain.get(domain));
}

function isCertificate(given: ServerCertificates): given is ServerCertificate {
  return typeof given.cert === 'string' || Buffer.isBuffer(given.cert);
}
