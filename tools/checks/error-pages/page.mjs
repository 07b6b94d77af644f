// One page for one code, in Markdown.

/**
 * What a person writes about a code.
 * @typedef {object} Text
 * @property {string} what what it means
 * @property {string} [who] who did it; the caller, where left out
 * @property {readonly string[]} todo what to do, the most likely first
 */

/** @typedef {{ rule: string, because: string, resource?: string }} Row */

/**
 * A code with all that is known of it.
 * @typedef {object} Entry
 * @property {string} code
 * @property {string} file the name of its page
 * @property {string} kind how it arrives
 * @property {Text} text
 * @property {readonly (readonly [string, Row])[]} rules what a session does, by the name of the cause
 */

const RULES = /** @type {const} */ ({
  'at-once': 'comes back **at once**',
  soon: 'comes back **soon**, after the delay of the policy',
  late: 'comes back **late**: the first steps of the policy are left out',
  'give-up': '**gives up**',
});

export const GENERATED =
  '<!-- Written by `node tools/checks/run.mjs errors --update`; the texts are in tools/checks/error-pages. -->';

/** @param {Entry} entry */
export function pageOf({ code, kind, text, rules }) {
  const lines = [GENERATED, '', `# \`${code}\``, '', kind, '', '## What it means', '', text.what];
  if (text.who !== undefined) lines.push('', '## Who did it', '', text.who);
  lines.push('', '## What to do', '', ...text.todo.map((step) => `- ${step}`));
  if (rules.length > 0) {
    lines.push('', '## What a session does', '', ...rules.map(ruleLine), '', OVERRIDE);
  }
  lines.push('', '[All codes](README.md)', '');
  return lines.join('\n');
}

const OVERRIDE =
  'The rule can be overridden by that name: see [Staying connected](../building-a-client.md#staying-connected).';

/** @param {readonly [string, Row]} rule */
function ruleLine([name, { rule, because, resource }]) {
  const drop =
    resource !== 'drop'
      ? ''
      : rule === 'give-up'
        ? ' If it is told to come back, it asks for no resource.'
        : ' It then asks for no resource.';
  return `- \`${name}\`: it ${RULES[/** @type {keyof typeof RULES} */ (rule)]}, since ${because}.${drop}`;
}
