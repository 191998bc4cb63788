// Cases of kafkajs. usage: node kafkajs-cases.js HOST:PORT   (NODE_PATH names the folder of kafkajs)
const { Kafka, logLevel, CompressionTypes, CompressionCodecs } = require('kafkajs')
const { randomUUID } = require('crypto')

// kafkajs itself brings gzip; the others are plugged in.
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
CompressionCodecs[CompressionTypes.LZ4] = new (require('kafkajs-lz4'))().codec
const zstd = new Promise(ready => require('zstd-codec').ZstdCodec.run(codec => ready(new codec.Simple())))
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => Buffer.from((await zstd).compress(encoder.buffer)),
  decompress: async buffer => Buffer.from((await zstd).decompress(buffer)),
})

const nodes = Number(process.env.MILLRACE_CASE_NODES || 1)
// Where nodes are killed, only an idempotent producer stores each record once.
const kills = Boolean(process.env.MILLRACE_CASE_KILLS)
const patienceMs = Number(process.env.MILLRACE_CASE_PATIENCE_S || 30) * 1000
const once = kills ? { idempotent: true, maxInFlightRequests: 1 } : {}
const patient = kills ? { retry: { retries: 20, maxRetryTime: 1000 } } : {}
const kafka = new Kafka({ clientId: 'conformance', brokers: process.argv[2].split(','), logLevel: logLevel.NOTHING, ...patient })
// This client gives up at once where the node that it asks is killed, so such requests are made again for a while. One
// whose answer was lost has been carried out: how the broker says so is the answer.
const before = { deleteTopics: 'UNKNOWN_TOPIC_OR_PARTITION', createPartitions: 'INVALID_PARTITIONS' }
const isOfKill = e => /^KafkaJS(Connection|RequestTimeout)/.test(e.name)
async function persistently(ask, ofBefore) {
  for (let end = Date.now() + (kills ? patienceMs : 0), repeated = false; ; repeated = true) {
    try { return await ask() } catch (e) {
      if (repeated && ofBefore && e.type === ofBefore) return
      if (!isOfKill(e) || Date.now() > end) throw e
      await new Promise(r => setTimeout(r, 200))
    }
  }
}
const admin = new Proxy(kafka.admin(), { get: (real, name) => typeof real[name] === 'function' ? (...asked) => persistently(() => real[name](...asked), before[name]) : real[name] })
const check = (holds, what) => { if (!holds) throw new Error(what) }
const within = (promise, what, ms = 20000) => Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error(what + ' is not done in time')), ms))])

const make = (topic, numPartitions = 1) => admin.createTopics({ topics: [{ topic, numPartitions }] })
async function send(topic, count, extra = {}) {
  const producer = kafka.producer({ ...once, ...extra.producer })
  await persistently(() => producer.connect())
  const messages = Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: `v${i}`, headers: { h: 'x' } }))
  await producer.send({ topic, messages, ...extra.send })
  await producer.disconnect()
}
function member(groupId, topic, seen, extra = {}, fromBeginning = true) {
  const consumer = kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 10000, maxWaitTimeInMs: 300, ...extra })
  const start = async () => {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning })
    await consumer.run({ eachMessage: async ({ partition, message }) => { seen.push({ partition, offset: Number(message.offset), key: message.key.toString(), value: message.value.toString(), headers: message.headers }) } })
  }
  return { consumer, start }
}
async function until(condition, what) {
  for (const end = Date.now() + patienceMs; Date.now() < end; await new Promise(r => setTimeout(r, 100))) if (await condition()) return
  throw new Error(what)
}

const cases = {
  async create(name) { check(await make(name, 3) || kills, 'not created'); check(!(await make(name)), 'created twice') },
  async describe(name) {
    await make(name, 2)
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] })
    check(topics[0].partitions.length === 2 && topics[0].partitions.every(p => p.leader >= 1 && p.leader <= nodes && p.replicas.length === nodes), 'metadata')
  },
  'produce-none': name => codec(name, CompressionTypes.None),
  'produce-gzip': name => codec(name, CompressionTypes.GZIP),
  'produce-snappy': name => codec(name, CompressionTypes.Snappy),
  'produce-lz4': name => codec(name, CompressionTypes.LZ4),
  'produce-zstd': name => codec(name, CompressionTypes.ZSTD),
  async 'consume-beginning'(name) { await make(name, 3); await send(name, 60); await reads(name, 60) },
  async 'consume-end'(name) {
    await make(name); await send(name, 10)
    const seen = [], { consumer, start } = member(name, name, seen, {}, false)
    await start()
    for (let i = 0; i < 40 && seen.length === 0; i++) { await send(name, 1); await new Promise(r => setTimeout(r, 250)) }
    await consumer.disconnect()
    check(seen.length > 0 && seen[0].offset >= 10, 'the first record read is none from past the end')
  },
  async 'consume-timestamp'(name) {
    await make(name); await send(name, 5)
    await new Promise(r => setTimeout(r, 50))
    const between = Date.now()
    await new Promise(r => setTimeout(r, 50))
    await send(name, 5)
    const found = await admin.fetchTopicOffsetsByTimestamp(name, between)
    check(found[0].offset === '5', 'offset at a time: ' + found[0].offset)
    await setOffset(name, found[0].offset)
    check((await reads(name, 5))[0].offset === 5, 'first offset after a time')
  },
  async 'list-offsets'(name) { await make(name); await send(name, 5); check((await admin.fetchTopicOffsets(name))[0].high === '5', 'high') },
  async rebalance(name) {
    await make(name, 4); await send(name, 40)
    const one = [], two = []
    const first = member(name, name, one), second = member(name, name, two)
    const assigned = {}
    for (const [id, m] of [['a', first], ['b', second]]) m.consumer.on(m.consumer.events.GROUP_JOIN, e => { assigned[id] = (e.payload.memberAssignment[name] || []).length })
    await first.start(); await until(() => one.length === 40, 'not all is read')
    await second.start(); await until(() => assigned.a === 2 && assigned.b === 2, 'two members do not share the partitions')
    await first.consumer.disconnect(); await second.consumer.disconnect()
  },
  async 'commit-resume'(name) {
    await make(name); await send(name, 20)
    await setOffset(name, '12')
    const seen = await reads(name, 8, name)
    check(seen[0].offset === 12, 'first offset: ' + seen[0].offset)
  },
  async lag(name) {
    await make(name); await send(name, 20)
    await setOffset(name, '5')
    const [{ high }] = await admin.fetchTopicOffsets(name)
    const lag = high - await committed(name)
    check(lag === 15, 'lag: ' + lag)
  },
  async idempotent(name) { await make(name); await send(name, 100, { producer: { idempotent: true, maxInFlightRequests: 1 } }); await reads(name, 100) },
  async configs(name) {
    await make(name)
    await admin.alterConfigs({ resources: [{ type: 2, name, configEntries: [{ name: 'retention.ms', value: '99000' }] }] })
    const { resources } = await admin.describeConfigs({ resources: [{ type: 2, name, configNames: ['retention.ms'] }] })
    check(resources[0].configEntries[0].configValue === '99000', 'retention.ms')
  },
  async 'create-partitions'(name) { await make(name); await admin.createPartitions({ topicPartitions: [{ topic: name, count: 3 }] }); await until(async () => { try { return (await admin.fetchTopicOffsets(name)).length === 3 } catch (e) { return false } }, 'not 3 partitions') },
  async groups(name) {
    await make(name); await send(name, 3); await reads(name, 3, name)
    check((await admin.listGroups()).groups.some(g => g.groupId === name), 'not listed')
    await until(async () => (await admin.describeGroups([name])).groups[0].state === 'Empty', 'not empty')
    await admin.deleteGroups([name])
  },
  async txn(name) {
    await make(name)
    const producer = await transactional(name)
    const aborted = await producer.transaction()
    await aborted.send({ topic: name, messages: [{ key: 'k', value: 'never' }] })
    await aborted.abort()
    const kept = await producer.transaction()
    await kept.send({ topic: name, messages: [{ key: 'k', value: 'kept', headers: { h: 'x' } }] })
    await kept.commit()
    await producer.disconnect()
    const seen = await reads(name, 1)
    check(seen.length === 1 && seen[0].value === 'kept', 'not what was committed')
  },
  async 'txn-offsets'(name) {
    await make(name); await send(name, 5)
    const producer = await transactional(name)
    const transaction = await producer.transaction()
    await transaction.sendOffsets({ consumerGroupId: name, topics: [{ topic: name, partitions: [{ partition: 0, offset: '3' }] }] })
    await transaction.commit()
    await producer.disconnect()
    await until(async () => await committed(name) === '3', 'the offset is not committed')
  },
  async delete(name) { await make(name); await admin.deleteTopics({ topics: [name] }); await until(async () => !(await admin.listTopics()).includes(name), 'still listed') },
}
async function committed(group) {
  const [{ partitions }] = await admin.fetchOffsets({ groupId: group, topics: [group] })
  return partitions[0].offset
}
// Of a partition whose leader is killed, this client says that it is set without having sent a commit.
async function setOffset(group, offset) {
  const set = () => admin.setOffsets({ groupId: group, topic: group, partitions: [{ partition: 0, offset }] })
  await set()
  if (kills) await until(async () => { if (await committed(group) === offset) return true; await set() }, 'the offset is not set')
}
async function transactional(transactionalId) {
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
  await persistently(() => producer.connect())
  return producer
}
async function codec(name, compression) {
  await make(name)
  await send(name, 300, { send: { compression } })
  const seen = await reads(name, 300)
  check(seen.every((m, i) => m.offset === i && m.key === `k${i}` && m.value === `v${i}`), 'keys and values')
}
async function reads(topic, count, groupId = topic) {
  const seen = []
  const { consumer, start } = member(groupId, topic, seen)
  await start()
  await until(() => seen.length >= count, `expected ${count} records, got ${seen.length}`)
  await consumer.disconnect()
  check(seen.every(m => m.headers.h.toString() === 'x'), 'headers')
  return seen
}

;(async () => {
  await admin.connect()
  let failed = 0
  for (const [name, body] of Object.entries(cases)) {
    try { await within(body(`js-${name}-${randomUUID().slice(0, 8)}`), name, 3 * patienceMs); console.log('PASS', name) } catch (e) { failed = 1; console.log(`FAIL ${name}: ${e.message}`) }
  }
  console.log('DONE')
  process.exit(failed)
})()
