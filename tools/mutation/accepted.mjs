// Why a change goes unnoticed where that is all right. The first rule that fits gives the reason.

/** @import { Numbered } from './mutants.mjs' */
/** @typedef {{ path?: RegExp, original?: RegExp, replacement?: RegExp, reason: string }} Rule */

const WORDS = 'Words for people: part of the detail of an event or of the message of an error';
const COMPILER = 'A default that the compiler asks for: what is on its left is always there';
const SHORT_CUT = 'A short cut: the longer way comes to the same';
const SAME_END = 'Whatever is done instead ends in the same refusal';
const TWICE = 'Said twice: another check on the way comes to the same, and each stands where a reader looks for it';

/** @type {readonly Rule[]} */
const RULES = [
  // engine
  { path: /^engine\/initial-header\.ts$/, original: /^' or '$/, reason: WORDS },
  {
    path: /^engine\/initiating-role\.ts$/,
    original: /childElements\(\) \.map|`<\$\{child\.name\}\/>`|^', '$|^'nothing'$/,
    reason: WORDS,
  },
  { path: /^engine\/receiving-role\.ts$/, original: /^', '$/, reason: WORDS },
  {
    path: /^engine\/engine\.ts$/,
    original: /^'closed'$/,
    reason: 'No way leads to a second end; if one did, the check would keep `closed` the last event',
  },
  {
    path: /^engine\/initiating-role\.ts$/,
    original: /^'(await|rejected)'$/,
    reason: 'These moves leave the state as it is, and so does a move of a type that nobody knows',
  },
  {
    path: /^engine\/receiving-role\.ts$/,
    original: /^'await'$/,
    reason: 'This move leaves the state as it is, and so does a move of a type that nobody knows',
  },
  {
    path: /^engine\/receiving-role\.ts$/,
    original: /^return this\.#state\.accepted\.contentNamespace;$/,
    reason: 'Asked is only whether it is that of servers, and on such a stream this side has no stanza to send',
  },
  {
    path: /^engine\/receiving-role\.ts$/,
    original: /^this\.#state = state;$/,
    reason: 'No feature of today that restarts nothing leaves another one mandatory',
  },
  {
    path: /^engine\/(initiating|receiving)-role\.ts$/,
    original: /useLimits\(this\.#settings\.limits\);$/,
    reason: 'The restart behind SASL has given the same limits; it counts where SASL restarts nothing, as in XEP-0388',
  },
  // jid
  { path: /^jid\/ascii\.ts$/, original: /^false$/, replacement: /^true$/, reason: SHORT_CUT },
  {
    path: /^jid\/ascii\.ts$/,
    original: /^(end - start( < 4)?|4)$/,
    reason:
      'A label of fewer than four characters with hyphens there begins or ends with one and is refused as such; only the words differ',
  },
  { path: /^jid\/escaping\.ts$/, original: /\.get\(\w+\) \?\? \w+$/, reason: COMPILER },
  { path: /^jid\/ip-literal\.ts$/, original: /^''$/, reason: COMPILER },
  {
    path: /^jid\/ip-literal\.ts$/,
    original: /^return Infinity;$/,
    reason: 'Nothing is as unequal to eight, and as little below it, as Infinity',
  },
  {
    path: /^jid\/jid\.ts$/,
    original: /^1$/,
    reason: 'From the place behind "not found", which is the begin, the whole text is taken',
  },
  { path: /^jid\/jid\.ts$/, original: /^(3|prepared\.length \* 3 <= MAX_PART_BYTES)$/, reason: SHORT_CUT },
  { path: /^jid\/prepare\/code-points\.ts$/, original: /^('A'|'')$/, reason: COMPILER },
  {
    path: /^jid\/prepare\/context\.ts$/,
    original: /^'-'$/,
    reason: 'No script is written so, with the mark or without it',
  },
  {
    path: /^jid\/prepare\/context\.ts$/,
    original: /^!is(Extended)?ArabicIndic\(codePoint\)$/,
    reason: SHORT_CUT,
  },
  {
    path: /^jid\/prepare\/domainpart\.ts$/,
    original: /^decoded === undefined \|\| isAscii\(decoded\)$/,
    reason: SAME_END,
  },
  {
    path: /^jid\/prepare\/punycode\.ts$/,
    original: /^index > MAX_INTEGER$/,
    reason: 'So large a number stands for no code point, and the next check says so',
  },
  { path: /^jid\/prepare\/domainpart\.ts$/, original: /^0$/, reason: COMPILER },
  // sasl
  { path: /^sasl\/saslprep\.ts$/, original: /^\/\^\[ -~\]\*\$\/$/, reason: SHORT_CUT },
  {
    path: /^sasl\/saslprep\.ts$/,
    original: /^(1|starts\.length - 1)$/,
    reason: 'The search ends at the same run, or beside the last one, whose two noncharacters are prohibited anyhow',
  },
  {
    path: /^sasl\/scram-message\.ts$/,
    original: /^''$/,
    reason: 'Stands for a field that is missing: the reader of the field refuses it, whatever it is',
  },
  {
    path: /^sasl\/scram-message\.ts$/,
    original: /^2$/,
    reason: 'One character is no base64, and of a letter only the words change',
  },
  { path: /^sasl\/(select|server-conversation)\.ts$/, original: /^(0|strengthOf\(\w+\) \?\? 0)$/, reason: COMPILER },
  {
    path: /^sasl\/(credentials|plain|scram-server)\.ts$/,
    original: /^'query'$/,
    reason: 'Of the two uses of SASLprep this is the one that is not "stored"',
  },
  {
    path: /^sasl\/server-conversation\.ts$/,
    original: /^strength < \(strengthOf\(name\) \?\? 0\)$/,
    replacement: /<=/,
    reason: 'No two mechanisms are of one strength, and the one that is asked for is not among the offered ones',
  },
  { path: /^sasl\/scram-server\.ts$/, original: /^'other-error'$/, reason: WORDS },
  {
    path: /^sasl\/questions\.ts$/,
    original: /^'string'$/,
    reason: 'A text has none of the members that are looked at, and passes the check for them as well',
  },
  {
    path: /^sasl\/server-conversation\.ts$/,
    original: /^('ask'|options\.otherAuthzid \?\? 'ask')$/,
    reason: 'Whatever is not "refuse" asks',
  },
  // negotiation
  {
    path: /^negotiation\/(bind-receiving|facts)\.ts$/,
    original: /^'answer-invalid'$/,
    reason: 'Whatever is wrong with an answer gets this code where the ask is resumed; here it stands for the reader',
  },
  {
    path: /^negotiation\/mechanism-offer\.ts$/,
    original: /^'scram-keys'$/,
    reason: 'Whatever is not "application" is checked with keys',
  },
  {
    path: /^negotiation\/authenticate-initiating\.ts$/,
    original: /^('verified'|return sendAndAwait\(\);)$/,
    reason: 'No mechanism of today is through before success comes: it answers the last message with an empty one',
  },
  { path: /^negotiation\/authenticate-receiving\.ts$/, original: /^step\.authzid \?\? step\.authcid$/, reason: WORDS },
  { path: /^negotiation\/bind-initiating\.ts$/, original: /'undefined-condition'$/, reason: COMPILER },
  { path: /^negotiation\/mechanism-offer\.ts$/, original: /^policy\.mechanisms$/, reason: TWICE },
  {
    path: /^negotiation\/mechanism-offer\.ts$/,
    original: /^domain\.domainpart$/,
    replacement: /^undefined$/,
    reason: 'Asked for by those alone who do not say themselves which accounts are the same',
  },
  {
    path: /^negotiation\/authenticate-initiating\.ts$/,
    original: /^false$/,
    reason: 'Where no mechanism is offered none can be chosen, and the same is missing',
  },
  {
    path: /^negotiation\/policy\.ts$/,
    original: /^4096$/,
    reason: 'Only whether it is a positive whole number is asked here',
  },
  {
    path: /^negotiation\/authenticate-initiating\.ts$/,
    original: /each\.text\.trim\(\)\) \?\? \[\]$/,
    reason: 'Without an advertisement of mechanisms the role does not begin with SASL at all',
  },
  {
    path: /^negotiation\/starttls-initiating\.ts$/,
    original: /^'starttls'$/,
    reason: 'The name of a feature whose lack is told; this one is tried without an advertisement too',
  },
  { path: /^negotiation\/starttls-receiving\.ts$/, original: /starttls'/, reason: WORDS },
  { path: /^negotiation\/starttls-receiving\.ts$/, original: /^'clear'$/, reason: TWICE },
  // stanza
  { path: /^stanza\/error\.ts$/, original: /^'none'$|^application\.namespace( \|\| 'none')?$/, reason: WORDS },
  // stream
  {
    path: /^stream\/framing-websocket\.ts$/,
    original: /contentNamespace/,
    reason: 'On a WebSocket it is that of clients, and what is written declares its namespace itself',
  },
  {
    path: /^stream\/language\.ts$/,
    original: /^(0|1|end > 1|end < 0)$/,
    reason: 'A language range does not begin with a hyphen: the first places of it hold none',
  },
  // What a whole run left over.
  {
    path: /^engine\/receiving-role\.ts$/,
    original: /^compareVersions\(theirs, XMPP_1_0\) > 0$/,
    replacement: />=/,
    reason: 'Of two versions that are equal either one is the lower',
  },
  {
    path: /^engine\/redact\.ts$/,
    original: /^(''|element\.attribute\('var'\) \?\? '')$/,
    reason: 'No field that holds a secret is called so',
  },
  {
    path: /^engine\/stanza-intake\.ts$/,
    original: /^'problem'$/,
    reason: 'What breaks no rule of streams and is no stanza is taken for a problem, whatever its type',
  },
  {
    path: /^engine\/timers\.ts$/,
    original: /^timer\.deadline < earliest$/,
    replacement: /<=/,
    reason: 'Of two deadlines that are equal either one is the earliest',
  },
  { path: /^jid\/prepare\/localpart\.ts$/, original: /^0$/, reason: WORDS },
  {
    path: /^jid\/unicode\.ts$/,
    original: /^'string'$/,
    reason: 'A text has no rule, so that it passes the check for refusals as well',
  },
  {
    path: /^sasl\/conversation\.ts$/,
    original: /^response \?\? new Uint8Array\(\)$/,
    reason: 'In UTF-8, which every mechanism reads, what is not there is as empty as no octets',
  },
];

/** @param {Numbered} mutant @returns {string | undefined} */
export const reasonFor = (mutant) =>
  RULES.find(
    ({ path = /./, original = /^/, replacement = /^/ }) =>
      path.test(mutant.path) && original.test(mutant.original) && replacement.test(mutant.replacement),
  )?.reason;
