import type { ServerCertificate } from '@xmpp-wire/node-tcp';
import { checkCertificate } from '../certificate/check-certificate.ts';
import type { ServerCertificates } from '../certificate/certificate-book.ts';
import type { Log } from '../log/log.ts';

const DAY = 86_400_000;
/** From so many days before it ends on the log warns of it: most authorities give 90 and renew after 60. */
const WARN_DAYS = 21;

/** Says in the log what certificates there are, when they end, and for which domains they are not. */
export function reportCertificates(
  certificates: ServerCertificates,
  domains: readonly string[],
  log: Log,
  now: Date,
): void {
  for (const domain of domains) {
    const certificate = certificateOf(certificates, domain);
    if (certificate === undefined) {
      log.warn('certificate', `there is no certificate for ${domain}: its clients are shown another's`, { domain });
      continue;
    }
    const { validFrom, validTo, fingerprint, isFor } = checkCertificate(certificate);
    const days = Math.floor((validTo.getTime() - now.getTime()) / DAY);
    const fields = { domain, until: validTo.toISOString(), fingerprint };
    if (!isFor(domain)) {
      log.warn('certificate', `the certificate for ${domain} does not name it: clients will refuse it`, fields);
    } else if (validFrom > now) {
      log.warn('certificate-expires', `the certificate of ${domain} is not valid yet: clients will refuse it`, fields);
    } else if (days < 0) {
      log.error('certificate-expires', `the certificate of ${domain} has expired: clients refuse it`, fields);
    } else if (days < WARN_DAYS) {
      log.warn('certificate-expires', `the certificate of ${domain} ends in ${days} days: renew it`, fields);
    } else {
      log.info('certificate', `the certificate of ${domain} is good for ${days} days`, fields);
    }
  }
}

function certificateOf(certificates: ServerCertificates, domain: string): ServerCertificate | undefined {
  if (isCertificate(certificates)) return certificates;
  return certificates[domain];
}

function isCertificate(given: ServerCertificates): given is ServerCertificate {
  return typeof given.cert === 'string' || Buffer.isBuffer(given.cert);
}
