import { timerDelay, XmppConnectError } from '@xmpp-wire/driver';
import { errorOfEvent, SUBPROTOCOL, type WebSocketConstructor, type WebSocketLike } from './web-socket.ts';

/** An open WebSocket, and where it is. */
export interface OpenSocket {
  readonly socket: WebSocketLike;
  readonly url: string;
}

/**
 * Opens a WebSocket for XMPP.
 *
 * @throws XmppConnectError `websocket-failed`, `websocket-subprotocol`, `websocket-timed-out`; the signal's reason.
 */
export async function openSocket(
  url: string,
  WebSocket: WebSocketConstructor,
  timeout: number,
  signal: AbortSignal,
): Promise<OpenSocket> {
  const socket = make(url, WebSocket);
  let failure: Error | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      timer = setTimeout(
        () =>
          reject(
            new XmppConnectError(
              'websocket-timed-out',
              `${url} did not open within ${timeout} ms: check the address, or raise timeouts.websocket`,
            ),
          ),
        timerDelay(timeout),
      );
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', (event) => (failure ??= errorOfEvent(event)));
      socket.addEventListener('close', ({ code, reason }) => {
        const why = failure?.message ?? (reason === '' ? `closed with code ${code}` : reason);
        reject(
          new XmppConnectError(
            'websocket-failed',
            `${url} could not be opened (${why}): check the address, and that its server speaks XMPP over WebSocket`,
            failure,
          ),
        );
      });
    });
    if (socket.protocol !== SUBPROTOCOL) {
      throw new XmppConnectError(
        'websocket-subprotocol',
        `${url} opened without the subprotocol 'xmpp' (RFC 7395 §3.1): it is a WebSocket for something else`,
      );
    }
    return { socket, url };
  } catch (error) {
    socket.close();
    throw error;
  } finally {
    clearTimeout(timer);
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

function make(url: string, WebSocket: WebSocketConstructor): WebSocketLike {
  try {
    // RFC 7395 §3.1.
    return new WebSocket(url, [SUBPROTOCOL]);
  } catch (error) {
    // What is passed is no class of WebSockets: a mistake of the program, which another address does not mend.
    if (error instanceof TypeError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new XmppConnectError('websocket-failed', `${url} cannot be an address here (${why}): correct it`, error);
  }
}
