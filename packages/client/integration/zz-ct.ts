import { ConsumerWorld, numbers, pollUntil, text, upTo } from "/work/main/packages/client/integration/consumer-world.ts";
const world = await ConsumerWorld.start();
const t0 = performance.now(); const lap = (s: string) => console.log(s, (performance.now()-t0).toFixed(0));
const topic = await world.createTopic("plain", 3); lap("created");
for (const partition of [0, 1, 2]) await world.produce(topic, partition, 500, partition * 500); lap("produced");
const consumer = world.consumer();
consumer.assign([0,1,2].map((partition) => ({ topic, partition })));
let n = 0;
while (n < 1500) { const r = await consumer.poll(100); n += r.count; lap("poll " + r.count); }
await consumer.close(); lap("closed");
await world.stop(); lap("stopped");
