// The stock cdk CLI asks a stack every 2 to 5 seconds how it does; here a stack takes a moment, so it asks sooner.
const patient = globalThis.setTimeout;
const POLLING = new Set([2000, 5000]);
globalThis.setTimeout = (call, delay, ...given) => patient(call, POLLING.has(delay) ? 100 : delay, ...given);
Object.assign(globalThis.setTimeout, patient);
const { promisify } = require("node:util");
globalThis.setTimeout[promisify.custom] = patient[promisify.custom];
