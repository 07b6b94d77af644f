// @xmpp/client has no types; the two programs that use it check nothing about it.
declare module '@xmpp/client';
