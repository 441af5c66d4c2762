// Sends by Segment's library for Node what a site's server does: `node send.mjs ADDRESS WRITE_KEY MAILBOX`. What it
// could not deliver, and what it was answered, is told as one line of JSON.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey, email] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, flushAt: 4, maxRetries: 0 });
const told = { errors: [], answers: [] };
analytics.on("error", ({ code, reason }) => told.errors.push(`${code}: ${reason?.message ?? reason}`));
analytics.on("http_request", ({ url, method }) => told.answers.push(`${method} ${url.replace(host, "")}`));

const userId = "u1";
analytics.identify({ userId, traits: { email, firstName: "Jana", lastName: "Knoten", company: { name: "Knoten AG" } } });
analytics.page({ userId, category: "Shop", name: "Prices", properties: { url: "https://shop.example.com/prices" } });
analytics.screen({ userId, name: "Start" });
analytics.group({ userId, groupId: "g1", traits: { name: "Knoten AG" } });
analytics.alias({ userId, previousId: "before" });
analytics.track({ userId, event: "Button Clicked", properties: { email } });
const asked = { userId, event: "Lead Submitted", properties: { email, message: "Which sensor fits oil?" },
                context: { campaign: { source: "letter", medium: "email" } }, messageId: `node-${email}` };
analytics.track(asked);
// As after a restart that forgot what had been delivered.
analytics.track(asked);
await analytics.closeAndFlush({ timeout: 20_000 });
console.log(JSON.stringify(told));
