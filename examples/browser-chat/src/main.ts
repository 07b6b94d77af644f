import { jid, message, presence, type Stanza } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { connect, type XmppConnection } from '@xmpp-wire/websocket';
import { remember, remembered, type Line, type Login } from './remembered.ts';
import { StateDiagram } from './state-diagram.ts';
import { TraceView } from './trace-view.ts';

/** The one element that a selector names. */
function $(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A field of the form below the conversation. */
function inputOf(name: 'to' | 'body'): HTMLInputElement {
  // Both are inputs.
  return $(`#compose [name=${name}]`) as HTMLInputElement;
}

const diagram = new StateDiagram($('#diagram'), $('#phase'));
const trace = new TraceView($('#trace'), $('#count'));
let memory = remembered();
let connection: XmppConnection | undefined;

/** Logs in and stays until the stream ends. */
async function talk(login: Login): Promise<void> {
  showProblem('');
  setBusy(true);
  diagram.reset();
  try {
    connection = await connect({
      jid: login.jid,
      password: login.password,
      ...(login.url === undefined ? {} : { url: login.url }),
      // The demo serves this page and its WebSocket to this machine only.
      allowPlaintext: location.protocol === 'http:',
      onTrace: trace.add,
      onPhase: (phase) => diagram.show(phase),
    });
  } catch (error) {
    forget();
    showProblem(error instanceof Error ? error.message : String(error));
    return;
  } finally {
    setBusy(false);
  }
  memory = { ...memory, login };
  remember(memory);
  enter(connection, login);
  await connection.request({ type: 'get', payload: xml('query', { xmlns: 'jabber:iq:roster' }) });
  // More available than a client that merely answers: what is written to the bare address comes here.
  await connection.send(presence({ priority: 5 }));
  for await (const stanza of connection.stanzas()) hear(stanza);
  const { cause } = await connection.closed;
  connection = undefined;
  if (cause.code === 'closed-locally') return;
  addLine({ kind: 'note', text: `The stream ended: ${cause.code}. Reload to come back.` });
}

function hear(stanza: Stanza): void {
  if (stanza.kind !== 'message') return;
  const from = stanza.from?.toString() ?? 'the server';
  if (stanza.type === 'error') {
    addLine({ kind: 'note', text: `${from} did not get your message.` });
    return;
  }
  const text = stanza.element.childText('body');
  if (text === undefined) return;
  addLine({ kind: 'theirs', text, from });
  // RFC 6121 §5.1: who answers a chat answers to the resource that it came from.
  if (stanza.from !== undefined) inputOf('to').value = from;
}

async function say(to: string, body: string): Promise<void> {
  const sent = await connection?.send(message({ to: jid(to), type: 'chat', body }));
  addLine(sent === true ? { kind: 'mine', text: body } : { kind: 'note', text: 'The stream is closed: not sent.' });
}

function enter({ jid: self }: XmppConnection, { friend }: Login): void {
  $('#who').textContent = self.toString();
  document.title = `${self.localpart ?? self.domainpart} – xmpp-wire chat`;
  $('#log-in').hidden = true;
  $('#talk').hidden = false;
  $('#log-out').hidden = false;
  const to = inputOf('to');
  if (to.value === '') to.value = friend ?? '';
  inputOf('body').focus();
}

function addLine(line: Line): void {
  memory = { ...memory, lines: [...memory.lines.slice(-99), line] };
  remember(memory);
  showLine(line);
}

function showLine({ kind, text, from }: Line): void {
  const row = document.createElement('li');
  row.className = kind;
  row.textContent = text;
  if (from !== undefined) {
    const who = document.createElement('small');
    who.textContent = from;
    row.prepend(who);
  }
  $('#messages').append(row);
  row.scrollIntoView({ block: 'end' });
}

async function leave(): Promise<void> {
  await connection?.close();
  forget();
  location.reload();
}

function forget(): void {
  memory = { lines: [] };
  remember(memory);
}

const showProblem = (text: string): void => void ($('#problem').textContent = text);

function setBusy(isBusy: boolean): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('#log-in button')) button.disabled = isBusy;
}

/** What the demo's server says about itself; a page that is served by another server has none. */
interface Demo {
  readonly path: string;
  readonly accounts: readonly { readonly jid: string; readonly password: string }[];
}

async function demo(): Promise<Demo | undefined> {
  const response = await fetch('demo.json').catch(() => undefined);
  if (response?.ok !== true) return undefined;
  // It is what the demo wrote.
  return (await response.json()) as Demo;
}

async function begin(): Promise<void> {
  for (const line of memory.lines) showLine(line);
  if (memory.login !== undefined) void talk(memory.login);
  const known = await demo();
  for (const account of known?.accounts ?? []) {
    const friend = known?.accounts.find(({ jid: other }) => other !== account.jid)?.jid;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'account';
    button.textContent = account.jid.split('@')[0] ?? account.jid;
    button.title = account.jid;
    const login = {
      ...account,
      url: `${location.protocol.replace('http', 'ws')}//${location.host}${known?.path ?? ''}`,
      ...(friend === undefined ? {} : { friend }),
    };
    button.addEventListener('click', () => void talk(login));
    $('#accounts').append(button);
  }
}

function field(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

// It is a form.
const loginForm = $('#log-in') as HTMLFormElement;
loginForm.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(loginForm);
  const url = field(form, 'url');
  void talk({ jid: field(form, 'jid'), password: field(form, 'password'), ...(url === '' ? {} : { url }) });
});
$('#compose').addEventListener('submit', (event) => {
  event.preventDefault();
  const body = inputOf('body');
  void say(inputOf('to').value.trim(), body.value);
  body.value = '';
});
$('#log-out').addEventListener('click', () => void leave());
$('#clear').addEventListener('click', () => trace.clear());
void begin();
