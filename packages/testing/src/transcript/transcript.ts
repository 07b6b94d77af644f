import type {
  InitiatingAsk,
  InitiatingConfig,
  ReceivingAsk,
  ReceivingConfig,
  Stanza,
  StreamErrorFields,
  StreamPolicy,
} from '@xmpp-wire/core';
import type { XmlElement } from '@xmpp-wire/core/xml';
import type { Protection } from '../default-config.ts';
import type { RoleName } from '../faults.ts';
import type { JsonValue } from '../values.ts';
import type { Condition } from './condition.ts';

/** A conversation written down, ready to be run. */
export interface Transcript {
  /** Of the file, for messages. */
  readonly name: string;
  /** What its `=` line says, or else the name. */
  readonly title: string;
  readonly settings: TranscriptSettings;
  readonly lines: readonly TranscriptLine[];
}

export interface TranscriptSettings {
  /** The entities that are real; the other one, if there is one, is only what its lines say. */
  readonly driven: ReadonlySet<RoleName>;
  /** Output is compared byte for byte and not as XML. */
  readonly exact: boolean;
  readonly protection: Protection;
  readonly passwords: Readonly<Record<string, string>>;
  readonly initiating: Partial<InitiatingConfig>;
  readonly receiving: Partial<ReceivingConfig>;
  readonly policy: Partial<StreamPolicy>;
}

/** Where a line stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export type TranscriptLine = WireLine | CallLine | ClockLine;

/** What one entity sends. */
export interface WireLine {
  readonly kind: 'wire';
  readonly place: Place;
  readonly from: RoleName;
  readonly text: string;
  /** Bytes that are no text. */
  readonly bytes: Uint8Array;
  /** Whether its bytes are cut; those of included files are not. */
  readonly cut: boolean;
}

/** What one entity is told, or is expected to report. */
export interface CallLine {
  readonly kind: 'call';
  readonly place: Place;
  readonly role: RoleName;
  readonly action: Action;
}

export interface ClockLine {
  readonly kind: 'clock';
  readonly place: Place;
  readonly to: number | undefined;
  readonly by: number;
}

export type Action =
  | Command
  | { readonly do: 'throws'; readonly code: string; readonly command: Command }
  | { readonly do: 'event'; readonly type: string; readonly conditions: readonly Condition[] }
  | { readonly do: 'ask'; readonly ask: AskOfAnyRole; readonly conditions: readonly Condition[] }
  | { readonly do: 'is'; readonly conditions: readonly Condition[] }
  | { readonly do: 'whitespace' };

export type Command =
  | { readonly do: 'open' }
  | { readonly do: 'eof' }
  | { readonly do: 'close'; readonly reason: StreamErrorFields | undefined }
  | { readonly do: 'send'; readonly stanza: Stanza; readonly sent: boolean }
  | { readonly do: 'send-element'; readonly element: XmlElement; readonly sent: boolean }
  | { readonly do: 'answer'; readonly ask: AskOfAnyRole; readonly value: AnswerText; readonly taken: boolean };

/** An answer as it is written: a word or a JSON object; `default` is the answer a pair would give. */
export type AnswerText = { readonly word: string } | { readonly json: { readonly [key: string]: JsonValue } };

export type AskOfAnyRole = (InitiatingAsk | ReceivingAsk)['ask'];
