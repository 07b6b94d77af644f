export type { ConnectedResource, Decision, IgnoreReason, RoutingContext } from './decision.ts';
export { route, routeUndelivered } from './route.ts';
