import { utf8Decode, utf8Encode } from '../../src/bytes/utf8.ts';
import {
  saltPassword,
  scramCredentials,
  type ClientConversation,
  type ClientStep,
  type ScramCredentials,
  type SaslQuestions,
  type ServerConversation,
  type ServerConversationOptions,
  type ServerStep,
} from '../../src/sasl/index.ts';

/** How the test plays the application. */
export interface Application {
  lookUp(request: SaslQuestions['look-up-credentials'][0]): SaslQuestions['look-up-credentials'][1];
  checkPassword?(request: SaslQuestions['check-password'][0]): SaslQuestions['check-password'][1];
  authorize?(request: SaslQuestions['authorize'][0]): SaslQuestions['authorize'][1];
}

/** Answers all questions of a client until there is another step. */
export function settleClient(first: ClientStep): Exclude<ClientStep, { type: 'question' }> {
  let step = first;
  while (step.type === 'question') step = step.resume(saltPassword(step.request));
  return step;
}

/** Answers all questions of a server until there is another step. */
export function settleServer(first: ServerStep, application: Application): Exclude<ServerStep, { type: 'question' }> {
  let step = first;
  while (step.type === 'question') {
    switch (step.name) {
      case 'derive-salted-password':
        step = step.resume(saltPassword(step.request));
        break;
      case 'look-up-credentials':
        step = step.resume(application.lookUp(step.request));
        break;
      case 'check-password':
        step = step.resume(application.checkPassword?.(step.request) ?? 'not-authorized');
        break;
      case 'authorize':
        step = step.resume(application.authorize?.(step.request) ?? 'not-authorized');
        break;
    }
  }
  return step;
}

/** An application that knows one account. */
export function oneAccount(authcid: string, password: string, salt: Uint8Array, iterations = 1): Application {
  const made = new Map<string, ScramCredentials>();
  return {
    lookUp(request) {
      if (request.authcid !== authcid) return 'unknown-account';
      const known = made.get(request.hash) ?? scramCredentials({ hash: request.hash, password, salt, iterations });
      made.set(request.hash, known);
      return known;
    },
    checkPassword: (request) =>
      request.authcid === authcid && request.password === password ? 'accepted' : 'not-authorized',
  };
}

export const serverDefaults: ServerConversationOptions = {
  offered: ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN', 'EXTERNAL', 'ANONYMOUS'],
  channelBindings: new Map(),
  domain: 'im.example.com',
  nonce: 'U2VydmVyTm9uY2U5ODc2',
  plain: { check: 'scram-keys', hash: 'SHA-256' },
  decoy: { secret: utf8Encode('a secret that tests know'), iterations: 4096 },
};

export interface Outcome {
  readonly client: Exclude<ClientStep, { type: 'question' }>;
  readonly server: Exclude<ServerStep, { type: 'question' }>;
  readonly messages: readonly string[];
}

/** What can be done to a message on its way. */
export type Tamper = (message: Uint8Array, index: number) => Uint8Array;

/** Lets both halves talk until one has nothing more to say. Additional data go with the success, or before it as a challenge. */
export function converse(
  client: ClientConversation,
  server: ServerConversation,
  application: Application,
  { tamper = (message) => message, lateData = false }: { tamper?: Tamper; lateData?: boolean } = {},
): Outcome {
  const messages: string[] = [];
  const carry = (message: Uint8Array): Uint8Array => {
    const carried = tamper(message, messages.length);
    messages.push(utf8Decode(carried) ?? '(not UTF-8)');
    return carried;
  };
  let clientStep = settleClient(client.start());
  for (;;) {
    if (clientStep.type !== 'response')
      return {
        client: clientStep,
        server: { type: 'failure', condition: 'aborted', detail: 'the client gave up' },
        messages,
      };
    const serverStep = settleServer(server.receive(carry(clientStep.data)), application);
    if (serverStep.type === 'failure') return { client: clientStep, server: serverStep, messages };
    if (serverStep.type === 'challenge') {
      clientStep = settleClient(client.receive(carry(serverStep.data)));
      continue;
    }
    const { additionalData } = serverStep;
    if (additionalData === undefined)
      return { client: settleClient(client.succeed(undefined)), server: serverStep, messages };
    const data = carry(additionalData);
    if (!lateData) return { client: settleClient(client.succeed(data)), server: serverStep, messages };
    const reply = settleClient(client.receive(data));
    if (reply.type !== 'response') return { client: reply, server: serverStep, messages };
    return { client: settleClient(client.succeed(undefined)), server: serverStep, messages };
  }
}
