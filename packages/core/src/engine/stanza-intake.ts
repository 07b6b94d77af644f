import { bug } from '../errors.ts';
import type { StanzaReceived, StanzaRefused } from '../events.ts';
import { parseJid, type Jid, type JidPreparation } from '../jid/index.ts';
import { CLIENT_NS, SERVER_NS } from '../namespaces.ts';
import { errorOf, readStanza, stamp, type Stanza, type StanzaProblem } from '../stanza/index.ts';
import type { ViolationFound } from '../stream/violations.ts';
import type { XmlElement } from '../xml/index.ts';

/** A stanza that arrived at a receiving entity, and what is known of its stream. */
export interface Intake {
  readonly element: XmlElement;
  /** Whom the stream acts for: the full JID of a client, the domain of a server. */
  readonly jid: Jid;
  /** The host the stream is for. */
  readonly domain: Jid;
  readonly contentNamespace: string;
  /** xml:lang of the peer's header. */
  readonly lang: string | undefined;
  readonly preparation: JidPreparation;
}

/** What became of it: a rule of streams that it breaks, a stanza, or a problem with the reply that it needs. */
export type Taken =
  | ViolationFound
  | StanzaReceived
  | { readonly type: 'problem'; readonly problem: StanzaProblem; readonly reply: StanzaRefused['reply'] };

/** From a client (RFC 6120 §8.1.2.1, rule S24): 'from' is added or overridden with who the stream is bound to, whatever it says. */
export function takeClientStanza(intake: Intake): Taken {
  const { element, jid } = intake;
  const reading = readStanza(element, {
    contentNamespace: CLIENT_NS,
    lang: intake.lang,
    preparation: intake.preparation,
    ignoreFrom: true,
  });
  if (reading === undefined) throw bug('an element that is no stanza was classified as one');
  if (!reading.ok) return refuse(reading.problem, intake.domain, jid);
  const { stanza } = reading;
  const from = isSubscription(stanza) ? jid.bare : jid;
  // RFC 6120 §8.1.5, §4.7.4: the language of the stream goes with a stanza that has none, and never replaces one.
  return { type: 'stanza', stanza: stamp(stanza, { from, lang: intake.lang }), origin: 'self' };
}

/** From a server (RFC 6120 §8.1.1.2, §8.1.2.2, rule S24): both addresses, the sender in an authenticated domain, the recipient in ours. */
export function takeServerStanza(intake: Intake): Taken {
  const { element } = intake;
  for (const name of ['to', 'from'] as const) {
    const address = element.attribute(name);
    if (address === undefined)
      return { violation: 'stanza-address-absent', detail: `<${element.name}/> has no '${name}'` };
    const parsed = parseJid(address, intake.preparation);
    if (!parsed.ok)
      return {
        violation: 'stanza-address-malformed',
        detail: `'${name}' of <${element.name}/> is no JID: ${parsed.error.message}`,
      };
    if (name === 'from' && parsed.jid.domainpart !== intake.jid.domainpart) {
      return {
        violation: 'stanza-from-wrong',
        detail: `expected a stanza from ${intake.jid.domainpart}, it is from ${parsed.jid.toString()}`,
      };
    }
    if (name === 'to' && parsed.jid.domainpart !== intake.domain.domainpart) {
      return {
        violation: 'stanza-to-foreign',
        detail: `expected a stanza to ${intake.domain.domainpart}, it is to ${parsed.jid.toString()}`,
      };
    }
  }
  const reading = readStanza(element, {
    contentNamespace: SERVER_NS,
    lang: intake.lang,
    preparation: intake.preparation,
  });
  if (reading === undefined) throw bug('an element that is no stanza was classified as one');
  if (!reading.ok) return refuse(reading.problem, intake.domain, intake.jid);
  const stanza = stamp(reading.stanza, { lang: intake.lang });
  const { from } = stanza;
  const origin = from !== undefined && from.equals(intake.jid) ? 'server' : 'other';
  return { type: 'stanza', stanza, origin };
}

function refuse(problem: StanzaProblem, domain: Jid, sender: Jid): Taken {
  const error = errorOf(problem);
  // RFC 6120 §8.3.1 rule 2: for an address that is malformed the host answers. RFC 6120 §10.3.3: what is for nobody is
  // for the sender's own account, which answers without a 'from' (§8.1.2.1 rule 3).
  const isMalformed = problem.to === undefined && problem.element.attribute('to') !== undefined;
  const from = isMalformed ? domain : problem.to;
  const reply = error === undefined ? undefined : stamp(error, { from, to: problem.from ?? sender });
  return { type: 'problem', problem, reply };
}

// RFC 6121 §3.1.2 and its kin: subscriptions are between accounts.
function isSubscription(stanza: Stanza): boolean {
  return (
    stanza.kind === 'presence' &&
    (stanza.type === 'subscribe' ||
      stanza.type === 'subscribed' ||
      stanza.type === 'unsubscribe' ||
      stanza.type === 'unsubscribed')
  );
}
