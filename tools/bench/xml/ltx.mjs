// ltx's parts, from where @xmpp/xml takes them.
import Element from 'ltx/src/Element.js';
import LtxParser from 'ltx/src/parsers/ltx.js';

export { Element };
export const parsers = { Ltx: LtxParser };
