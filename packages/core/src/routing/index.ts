export type { ConnectedResource, Decision, IgnoreReason, RoutingContext } from './decision.ts';
export { route } from './route.ts';
